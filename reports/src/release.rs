//! Releases, looked up once for pages, terminals and sentences: how they ended and whom they harmed.

use sim_core::results::{Metric, Results};

use crate::{cluster, figures, words};

/// What became of a release.
#[derive(Clone, Debug)]
pub(crate) struct Release<'a> {
    /// "shop v2".
    pub(crate) name: &'a str,
    /// The figures, as [`FIGURES`] orders them.
    pub(crate) figures: [Option<&'a Metric>; FIGURES.len()],
    promoted: Option<&'a Metric>,
    rolled_back: Option<&'a Metric>,
    replications: u32,
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
            let name = metric.subject.as_str();
            Release {
                name,
                figures: FIGURES.map(|(figure, _)| results.metric("release", name, figure)),
                promoted: Some(metric),
                rolled_back: results.metric("release", name, "rolled_back"),
                replications: results.replications,
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
    /// How it ended: "promoted", "rolled back", "not through"; of several replications how often, and what
    /// that says of the chance: "rolled back 28 of 30, 78.7 to 98.2 %".
    pub(crate) fn outcome(&self) -> String {
        let happened = |metric: &&Metric| metric.value > 0.0;
        // Bad news first, where replications differ.
        match (self.rolled_back.filter(happened), self.promoted.filter(happened)) {
            (Some(rolled_back), _) => self.so_often("rolled back", rolled_back),
            (None, Some(promoted)) => self.so_often("promoted", promoted),
            (None, None) => "not through".to_owned(),
        }
    }

    fn so_often(&self, what: &str, chance: &Metric) -> String {
        let n = f64::from(self.replications);
        let counted = match self.replications {
            0 | 1 => what.to_owned(),
            _ => format!("{what} {} of {}", words::count((chance.value * n).round()), words::count(n)),
        };
        let percent = |share: f64| words::grouped(100.0 * share, 1);
        match figures::interval(chance) {
            None => counted,
            Some((low, high)) if high >= 1.0 => format!("{counted}, {} % or more", percent(low)),
            Some((low, high)) => format!("{counted}, {} to {} %", percent(low), percent(high)),
        }
    }

    /// A figure in words.
    pub(crate) fn figure(&self, at: usize) -> String {
        let Some(metric) = self.figures[at] else { return words::NOTHING.to_owned() };
        if metric.unit == "s" { words::lasting(metric.value) } else { cluster::count(metric) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(replications: u32, promoted: f64, rolled_back: f64, interval: Option<(f64, f64)>) -> String {
        let metric = |name: &str, value| Metric {
            kind: "release".to_owned(),
            subject: "shop v2".to_owned(),
            name: name.to_owned(),
            value,
            low: interval.map(|ends| ends.0),
            high: interval.map(|ends| ends.1),
            unit: "of 1".to_owned(),
        };
        let metrics = vec![metric("promoted", promoted), metric("rolled_back", rolled_back)];
        let results = Results { replications, metrics, ..sample::quiet() };
        releases(&results)[0].outcome()
    }

    #[test]
    fn how_often_is_said_with_what_it_says_of_the_chance() {
        assert_eq!(told(1, 0.0, 1.0, None), "rolled back");
        assert_eq!(told(1, 0.0, 0.0, None), "not through");
        assert_eq!(told(30, 0.0, 1.0, Some((0.886_484, 1.0))), "rolled back 30 of 30, 88.6 % or more");
        assert_eq!(told(30, 1.0, 0.0, Some((0.886_484, 1.0))), "promoted 30 of 30, 88.6 % or more");
        assert_eq!(told(30, 2.0 / 30.0, 28.0 / 30.0, Some((0.787, 0.982))), "rolled back 28 of 30, 78.7 to 98.2 %");
    }
}
