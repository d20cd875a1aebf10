//! Releases, looked up once for pages, terminals and sentences: how they ended and whom they harmed.

use sim_core::results::{Metric, Results};

use crate::{cluster, words};

/// What became of a release.
#[derive(Clone, Debug)]
pub(crate) struct Release<'a> {
    /// "shop v2".
    pub(crate) name: &'a str,
    /// The figures, as [`FIGURES`] orders them.
    pub(crate) figures: [Option<&'a Metric>; FIGURES.len()],
    promoted: f64,
    rolled_back: f64,
    /// Why it went back or no further in the first replication, if it is known.
    pub(crate) reason: Option<String>,
}

/// The figures of releases that tables show, with their headings.
pub(crate) const FIGURES: [(&str, &str); 6] = [
    ("harmed", "requests harmed"),
    ("users_harmed", "users harmed"),
    ("detect", "detected after"),
    ("recover", "over after"),
    ("judged", "requests judged"),
    ("took", "took"),
];

/// The releases of the results, in their order.
pub(crate) fn releases(results: &Results) -> Vec<Release<'_>> {
    let known = results.metrics.iter().filter(|metric| metric.kind == "release" && metric.name == "promoted");
    known
        .map(|metric| {
            let (name, promoted) = (metric.subject.as_str(), metric.value);
            Release {
                name,
                figures: FIGURES.map(|(figure, _)| results.metric("release", name, figure)),
                promoted,
                rolled_back: results.metric("release", name, "rolled_back").map_or(0.0, |metric| metric.value),
                reason: reason(results, name),
            }
        })
        .collect()
}

/// The last reason that the log of releases gives for one.
fn reason(results: &Results, name: &str) -> Option<String> {
    let log = cluster::log(results, "releases")?;
    let [service, release, reason] =
        ["service", "release", "reason"].map(|name| log.columns.iter().position(|column| column == name));
    let (service, release, reason) = (service?, release?, reason?);
    let of = |row: &&Vec<String>| format!("{} {}", row[service], row[release]) == name && !row[reason].is_empty();
    log.rows.iter().rfind(of).map(|row| cluster::spaced(&row[reason]))
}

impl Release<'_> {
    /// How it ended: "promoted", "rolled back", "rolled back in 93 %", "not through".
    pub(crate) fn outcome(&self) -> String {
        let share = |share: f64, what: &str| match share {
            1.0 => what.to_owned(),
            share => format!("{what} in {} %", words::percentage(100.0 * share)),
        };
        match (self.promoted, self.rolled_back) {
            (0.0, 0.0) => "not through".to_owned(),
            (promoted, 0.0) => share(promoted, "promoted"),
            (_, rolled_back) => share(rolled_back, "rolled back"),
        }
    }

    /// A figure in words.
    pub(crate) fn figure(&self, at: usize) -> String {
        let Some(metric) = self.figures[at] else { return words::NOTHING.to_owned() };
        if metric.unit == "s" { words::lasting(metric.value) } else { cluster::count(metric) }
    }
}
