//! Replicas, nodes and healing, looked up once for pages, terminals and sentences.
//!
//! What cannot change says nothing: a service is listed if it is scaled or if its replicas changed,
//! and results without a cluster yield nothing here.

use sim_core::results::{Metric, Results, Table};

use crate::figures;
use crate::words;

/// What became of the replicas of a service.
#[derive(Clone, Debug)]
pub(crate) struct Fleet<'a> {
    pub(crate) service: &'a str,
    /// How many were wanted over time in the first replication; empty if that was not seen.
    pub(crate) desired: &'a [f64],
    /// The figures, as [`FLEET`] orders them.
    pub(crate) figures: [Option<&'a Metric>; FLEET.len()],
}

/// The figures of replicas that tables show, with their headings.
pub(crate) const FLEET: [(&str, &str); 7] = [
    ("replicas.mean", "on average"),
    ("replicas.desired.max", "most wanted"),
    ("replicas.ready.max", "most ready"),
    ("replicas.desired.end", "wanted at the end"),
    ("replica_hours", "replica-hours"),
    ("scaled.out", "scaled out"),
    ("scaled.in", "scaled in"),
];

impl<'a> Fleet<'a> {
    /// The figure called `name`, where it was measured.
    pub(crate) fn figure(&self, name: &str) -> Option<&'a Metric> {
        let at = FLEET.iter().position(|(known, _)| *known == name)?;
        self.figures[at]
    }
}

/// The services whose replicas can change, in the order of the results.
pub(crate) fn fleets(results: &Results) -> Vec<Fleet<'_>> {
    let known = results.metrics.iter().filter(|metric| metric.kind == "service" && metric.name == FLEET[0].0);
    let can_change = |fleet: &Fleet<'_>| fleet.figure("scaled.out").is_some() || changed(results, fleet.service);
    known
        .map(|metric| metric.subject.as_str())
        .map(|service| Fleet {
            service,
            desired: replicas(results, service).and_then(|columns| columns.first()).map_or(&[], Vec::as_slice),
            figures: FLEET.map(|(name, _)| results.metric("service", service, name)),
        })
        .filter(can_change)
        .collect()
}

/// Desired and ready replicas of a service over time.
fn replicas<'a>(results: &'a Results, service: &str) -> Option<&'a [Vec<f64>]> {
    let series = results.series.iter().find(|series| series.name == "replicas" && series.kind == "service")?;
    let group = series.groups.iter().find(|group| group.subject == service)?;
    Some(&group.values)
}

fn changed(results: &Results, service: &str) -> bool {
    replicas(results, service).is_some_and(|columns| columns.iter().any(|column| changes(column)))
}

/// Whether what was observed is not the same all the time.
pub(crate) fn changes(values: &[f64]) -> bool {
    let mut known = values.iter().filter(|value| value.is_finite());
    let first = known.next();
    known.any(|value| Some(value) != first)
}

/// How often one remedy for one cause was tried, and how it went.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Healed {
    /// What was wrong, in words: "node lost".
    pub(crate) cause: String,
    /// What was done: "replace".
    pub(crate) action: String,
    pub(crate) succeeded: f64,
    pub(crate) failed: f64,
    /// How many were under way when the run was over.
    pub(crate) unfinished: f64,
    /// Seconds that a success took on average; not a number if there was none.
    pub(crate) took_s: f64,
}

impl Healed {
    pub(crate) fn tried(&self) -> f64 {
        self.succeeded + self.failed + self.unfinished
    }

    /// ", 10 under way", where the run was over before they were.
    pub(crate) fn under_way(&self) -> String {
        match self.unfinished {
            some if some > 0.0 => format!(", {} under way", words::count(some)),
            _ => String::new(),
        }
    }
}

/// Healings by cause and action, the most frequent first.
pub(crate) fn healed(results: &Results) -> Vec<Healed> {
    let mut all: Vec<Healed> = Vec::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == "cluster") {
        let parts: Vec<&str> = metric.name.split('.').collect();
        let ["healing", action, cause, what] = parts[..] else { continue };
        let cause = spaced(cause);
        let at = all.iter().position(|one| one.cause == cause && one.action == action).unwrap_or_else(|| {
            let action = action.to_owned();
            all.push(Healed { cause, action, succeeded: 0.0, failed: 0.0, unfinished: 0.0, took_s: f64::NAN });
            all.len() - 1
        });
        match what {
            "succeeded" => all[at].succeeded = metric.value,
            "failed" => all[at].failed = metric.value,
            "unfinished" => all[at].unfinished = metric.value,
            "mean" => all[at].took_s = metric.value,
            _ => {}
        }
    }
    all.retain(|one| one.tried() > 0.0);
    all.sort_by(|a, b| b.tried().total_cmp(&a.tried()));
    all
}

/// What the cluster was on average, as names with what is to be said of them.
pub(crate) fn facts(results: &Results) -> Vec<(&'static str, String)> {
    let metric = |name: &str| results.metric("cluster", "", name).filter(|metric| metric.value.is_finite());
    let number = |name: &str| metric(name).map(count);
    let all_of = |parts: &[(&str, &str)]| {
        let part = |(name, what): &(&str, &str)| Some(format!("{} {what}", number(name)?));
        let parts: Vec<String> = parts.iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    };
    let facts = [
        ("nodes", all_of(&[("nodes", "on average"), ("nodes.ready", "ready")])),
        ("pods", all_of(&[("pods.running", "running"), ("pods.pending", "pending"), ("pods.ending", "ending")])),
        ("CPU", all_of(&[("cpu.requested", "requested"), ("cpu.used", "used")])),
        ("memory", all_of(&[("memory.requested", "requested"), ("memory.used", "used")])),
        ("node-hours", number("node_hours")),
        ("cost", number("cost")),
        ("commands", number("commands")),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// A figure with its margin where it has one worth telling; what is counted goes without its unit.
pub(crate) fn count(metric: &Metric) -> String {
    let unit = if matches!(metric.unit.as_str(), "%" | "$") { metric.unit.as_str() } else { "" };
    words::with_margin(metric.value, figures::interval(metric).filter(|(low, high)| high > low), unit)
}

/// The log called `name`, if it has entries.
pub(crate) fn log<'a>(results: &'a Results, name: &str) -> Option<&'a Table> {
    results.tables.iter().find(|table| table.name == name && !table.rows.is_empty())
}

/// A label of the results as words.
pub(crate) fn spaced(label: &str) -> String {
    label.replace('_', " ")
}
