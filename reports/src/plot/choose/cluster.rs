//! Charts of a cluster: what each service that changed size had to follow and how it did, and the
//! nodes and pods of all.
//!
//! These are read together: load, replicas, processor, latency and failures over one time axis say
//! whether the replicas came in time, and what it cost those who asked before.

use sim_core::results::{Group, Series};

use super::{AXIS, BLUE, Chooser, GREEN, Line, Look, OWN_CHARTS, Panel, SKY, Scale, VERMILION, line};
use crate::cluster::changes;
use crate::plot::chart::Chart;
use crate::plot::style::{ORANGE, PURPLE};
use crate::words;

/// The series that these charts show.
pub(super) const SERIES: [&str; 2] = ["replicas", "cluster"];

/// How many ticks the vertical axis of a low panel has, about.
const TICKS: usize = 3;

/// A column to show: of which series, as what.
type Shown<'a> = (&'a str, &'a str, plotters::style::RGBColor, Look);

impl Chooser<'_> {
    /// One chart a service whose replicas changed, the busiest first.
    pub(super) fn replicas(&self) -> Vec<Chart> {
        let Some(series) = self.series("replicas", "service") else { return Vec::new() };
        let mut changed = self.busiest(series);
        changed.retain(|group| group.values.iter().any(|column| changes(column)));
        // Those that somebody scaled before those that only lost some.
        let desired = series.columns.iter().position(|column| column.name == "desired");
        changed.sort_by_key(|group| !desired.is_some_and(|at| changes(&group.values[at])));
        let notes = super::busiest_of(changed.len(), OWN_CHARTS, "service");
        changed.iter().take(OWN_CHARTS).filter_map(|group| self.followed(&group.subject, &notes)).collect()
    }

    /// The load of a service and all that follows from it.
    fn followed(&self, service: &str, notes: &str) -> Option<Chart> {
        let of = |series: &str, columns: &[Shown<'_>]| {
            let series = self.series(series, "service");
            let mut lines = series.map_or(Vec::new(), |series| lines(series, service, columns));
            // The count at the very beginning is known whatever the warm-up; nothing else is.
            let known = |point: &(f64, f64)| point.0 >= self.results.warm_up_seconds;
            lines.iter_mut().for_each(|line| line.points.retain(known));
            lines
        };
        let calls = of("calls", &[("ok", "answered", GREEN, Look::Plain), ("calls", "offered", AXIS, Look::Backdrop)]);
        let replicas =
            of("replicas", &[("desired", "desired", ORANGE, Look::Steps), ("ready", "ready", BLUE, Look::FilledSteps)]);
        let cpu = of("utilisation", &[("cpu", "CPU", BLUE, Look::Filled)]);
        let busy = of("utilisation", &[("busy", "workers", BLUE, Look::Filled)]);
        let latency = of(
            "service_latency",
            &[
                ("p99", "p99", VERMILION, Look::Plain),
                ("p95", "p95", BLUE, Look::Plain),
                ("p50", "p50", SKY, Look::Plain),
            ],
        );
        let failed = of("calls", &[("failed", "failed", VERMILION, Look::Filled)]);
        let used = panel("CPU in use (%)", "%", cpu, Scale::Linear).map(|panel| ("CPU", panel));
        let used = used.or_else(|| Some(("utilisation", panel("busy workers (%)", "%", busy, Scale::Linear)?)));
        let calm = if failed.is_empty() || failed.iter().any(happens) { "" } else { "no call failed" };
        let named = |name, panel: Option<Panel>| panel.map(|panel| (name, panel));
        let panels = [
            named("load", panel("calls per second", "1/s", calls, Scale::Linear)),
            named("replicas", panel("replicas", "replicas", replicas, Scale::Linear)),
            used,
            named("latency", panel("latency (ms, logarithmic)", "ms", latency, Scale::Logarithmic)),
            named("failures", panel("failed calls per second", "1/s", failed, Scale::Linear)),
        ];
        let (names, panels): (Vec<&str>, Vec<Panel>) = panels.into_iter().flatten().unzip();
        let title = format!("{service}: {}", listed(&names));
        let notes = [calm, notes].into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(" · ");
        let asked = self.asked("service", service, "call");
        self.over_time_of(asked, &format!("replicas-{}", words::slug(service)), &title, panels, &notes)
    }

    /// Nodes, pods and how full the nodes are, where nodes come and go or pods wait for one.
    pub(super) fn cluster(&self) -> Option<Chart> {
        let series = self.series("cluster", "run")?;
        let values = |name: &str| {
            let at = series.columns.iter().position(|column| column.name == name)?;
            series.groups.first()?.values.get(at)
        };
        let moving = ["nodes", "ready_nodes"].into_iter().filter_map(values).any(|nodes| changes(nodes));
        let waiting = values("pending_pods").is_some_and(|pods| pods.iter().any(|count| *count > 0.0));
        if !moving && !waiting {
            return None;
        }
        let of = |columns: &[Shown<'_>]| lines(series, "", columns);
        let nodes = of(&[("ready_nodes", "ready", BLUE, Look::FilledSteps), ("nodes", "all", AXIS, Look::Steps)]);
        let pods = of(&[
            ("pending_pods", "pending", VERMILION, Look::Steps),
            ("ending_pods", "ending", PURPLE, Look::Steps),
            ("running_pods", "running", GREEN, Look::FilledSteps),
        ]);
        let full =
            |used, requested| of(&[(used, "used", BLUE, Look::Filled), (requested, "requested", ORANGE, Look::Plain)]);
        let (cpu, memory) = (full("cpu_used", "cpu_requested"), full("memory_used", "memory_requested"));
        let panels = [
            panel("nodes", "nodes", nodes, Scale::Linear),
            panel("pods", "pods", pods, Scale::Linear),
            panel("CPU of the nodes (%)", "%", cpu, Scale::Linear),
            panel("memory of the nodes (%)", "%", memory, Scale::Linear),
        ];
        let panels = panels.into_iter().flatten().collect();
        self.over_time("cluster", "The cluster: its nodes, their pods, and how full they are", panels, "")
    }
}

/// The columns of a subject that a series has and that were ever observed.
fn lines(series: &Series, subject: &str, columns: &[Shown<'_>]) -> Vec<Line> {
    let Some(group) = series.groups.iter().find(|group: &&Group| group.subject == subject) else { return Vec::new() };
    let shown =
        columns.iter().filter_map(|(column, label, color, look)| line(series, group, column, label, *color, *look));
    shown.filter(|line| line.points.iter().any(|point| point.1.is_finite())).collect()
}

fn panel(label: &str, unit: &str, lines: Vec<Line>, scale: Scale) -> Option<Panel> {
    let axis = scale.axis(&lines, TICKS)?;
    Some(Panel { label: label.to_owned(), unit: unit.to_owned(), axis, lines })
}

fn happens(line: &Line) -> bool {
    line.points.iter().any(|point| point.1 > 0.0)
}

/// "load, replicas and latency".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
