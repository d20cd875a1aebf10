//! Metrics as people name them: `latency.p99`, `p99`, `web.utilisation`, `cost`; goals and limits.

use serde::{Deserialize, Serialize};
use sim_core::study::Better;
use sim_core::{Rate, Ratio, Span};

use super::cell::Figure;
use crate::file::did_you_mean;

/// A figure that a study looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// "run", "service", "workload", "cluster" …
    pub kind: String,
    /// Whose; empty for the run and the cluster.
    pub subject: String,
    /// "latency.p99".
    pub name: String,
    /// "ms".
    pub unit: String,
}

/// In this order a name is looked for among the figures of the run, the cluster, services …
const KINDS: [&str; 5] = ["run", "cluster", "service", "workload", "region"];

/// What is looked at where nothing is asked for; those that a scenario has.
pub(super) const USUAL: [&str; 6] = ["ok_share", "latency.mean", "latency.p50", "latency.p99", "node_hours", "cost"];

impl Metric {
    /// The figure that `text` means, among those that a run of the scenario yields.
    pub(super) fn find(text: &str, known: &[Figure]) -> Result<Metric, String> {
        let of_kind = |kind: &'static str| known.iter().filter(move |figure| figure.kind == kind);
        let matches = |figure: &&Figure| {
            let short = figure.name.strip_prefix("latency.").unwrap_or(&figure.name);
            let named = |name: &str| match figure.subject.as_str() {
                "" => text == name || text == format!("{}.{name}", figure.kind),
                subject => text == format!("{subject}.{name}") || text == format!("{}.{subject}.{name}", figure.kind),
            };
            named(&figure.name) || named(short)
        };
        let found = KINDS.into_iter().find_map(|kind| of_kind(kind).find(matches));
        found.map(Metric::of).ok_or_else(|| {
            let short = of_kind("run").filter_map(|figure| figure.name.strip_prefix("latency.")).map(str::to_owned);
            let full = KINDS.into_iter().flat_map(of_kind).map(|figure| Metric::of(figure).label());
            let names: Vec<String> = short.chain(full).collect();
            format!("no figure is called `{text}`: {}", did_you_mean(text, names.iter().map(String::as_str)))
        })
    }

    fn of(figure: &Figure) -> Metric {
        Metric {
            kind: figure.kind.clone(),
            subject: figure.subject.clone(),
            name: figure.name.clone(),
            unit: figure.unit.clone(),
        }
    }

    /// What tables call it.
    pub fn label(&self) -> String {
        if self.subject.is_empty() { self.name.clone() } else { format!("{}.{}", self.subject, self.name) }
    }

    /// Which way is better.
    pub fn better(&self) -> Better {
        const LOWER: [&str; 10] = [
            "latency",
            "failed",
            "wait",
            "waiting",
            "cost",
            "node_hours",
            "replica_hours",
            "pods.pending",
            "unschedulable",
            "healing",
        ];
        const HIGHER: [&str; 2] = ["ok", "ok_share"];
        let is = |start: &str| self.name == start || self.name.strip_prefix(start).is_some_and(|r| r.starts_with('.'));
        if HIGHER.contains(&self.name.as_str()) || self.name.ends_with(".succeeded") {
            Better::Higher
        } else if LOWER.into_iter().any(is) {
            Better::Lower
        } else {
            Better::Neither
        }
    }
}

/// What is best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// The figure.
    pub metric: Metric,
    /// Whether the least is best, rather than the most.
    pub least: bool,
}

impl Goal {
    /// Reads `min cost` or `max ok_share`.
    pub(super) fn parse(text: &str, known: &[Figure]) -> Result<Goal, String> {
        let (way, metric) = text.trim().split_once(' ').unwrap_or(("", ""));
        let least = match way {
            "min" => true,
            "max" => false,
            _ => return Err(format!("`{text}` is no goal: write for example `min latency.p99` or `max ok_share`")),
        };
        Ok(Goal { metric: Metric::find(metric.trim(), known)?, least })
    }

    /// The figure as the goal sees it: more is better.
    pub(super) fn worth(&self, value: f64) -> f64 {
        if self.least { -value } else { value }
    }
}

/// What must hold of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// The figure.
    pub metric: Metric,
    /// Whether the figure must be below, rather than above.
    pub below: bool,
    /// The limit in the figure's unit.
    pub value: f64,
    /// As it was written.
    pub text: String,
}

impl Limit {
    /// Reads `p99 < 250ms`.
    pub(super) fn parse(text: &str, known: &[Figure]) -> Result<Limit, String> {
        let at =
            text.find(['<', '>']).ok_or_else(|| format!("`{text}` is no limit: write for example `p99 < 250ms`"))?;
        let metric = Metric::find(text[..at].trim(), known)?;
        let amount = text[at + 1..].trim_start_matches('=').trim();
        let value = in_unit(amount, &metric.unit)
            .ok_or_else(|| format!("`{amount}` does not fit {}, which is in {}", metric.label(), metric.unit))?;
        Ok(Limit { metric, below: text[at..].starts_with('<'), value, text: text.trim().to_owned() })
    }

    /// How far `value` is beyond the limit, as a share of it; not positive where it is kept.
    pub(super) fn excess(&self, value: f64) -> f64 {
        let beyond = if self.below { value - self.value } else { self.value - value };
        beyond / self.value.abs().max(f64::MIN_POSITIVE)
    }
}

/// The amount that `text` says, in `unit`; a bare number is in that unit already.
fn in_unit(text: &str, unit: &str) -> Option<f64> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.or_else(|| match unit {
        "ms" => text.parse::<Span>().ok().map(Span::as_millis_f64),
        "s" => text.parse::<Span>().ok().map(Span::as_secs_f64),
        "h" => text.parse::<Span>().ok().map(|span| span.as_secs_f64() / 3_600.0),
        "%" => text.parse::<Ratio>().ok().map(|share| 100.0 * share.fraction()),
        "1/s" => text.parse::<Rate>().ok().map(Rate::as_per_second),
        "$" => text.strip_prefix('$')?.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Figure> {
        let figure = |kind: &str, subject: &str, name: &str, unit: &str| Figure {
            kind: kind.into(),
            subject: subject.into(),
            name: name.into(),
            unit: unit.into(),
            value: f64::NAN,
        };
        vec![
            figure("run", "", "latency.p99", "ms"),
            figure("run", "", "ok_share", "%"),
            figure("service", "web", "latency.p99", "ms"),
            figure("workload", "web", "latency.p99", "ms"),
            figure("cluster", "", "cost", "$"),
        ]
    }

    #[test]
    fn names_may_be_short() {
        let find =
            |text: &str| Metric::find(text, &known()).map(|metric| format!("{}:{}", metric.kind, metric.label()));
        assert_eq!(find("p99").unwrap(), "run:latency.p99");
        assert_eq!(find("run.latency.p99").unwrap(), "run:latency.p99");
        assert_eq!(find("web.p99").unwrap(), "service:web.latency.p99");
        assert_eq!(find("workload.web.latency.p99").unwrap(), "workload:web.latency.p99");
        assert_eq!(find("cost").unwrap(), "cluster:cost");
        assert!(find("latency.p9").unwrap_err().contains("did you mean `latency.p99`"));
    }

    #[test]
    fn goals_and_limits_speak_the_figures_unit() {
        let goal = Goal::parse("min cost", &known()).unwrap();
        assert_eq!((goal.metric.better(), goal.worth(3.0)), (Better::Lower, -3.0));
        let limit = Limit::parse("p99 < 0.25s", &known()).unwrap();
        assert_eq!((limit.value, limit.excess(500.0), limit.excess(200.0) < 0.0), (250.0, 1.0, true));
        let limit = Limit::parse("ok_share >= 99%", &known()).unwrap();
        assert_eq!((limit.value, limit.below), (99.0, false));
        for (text, why) in [("p99", "no limit"), ("p99 < 5/s", "does not fit"), ("p98 < 5ms", "no figure")] {
            assert!(Limit::parse(text, &known()).unwrap_err().contains(why), "{text}");
        }
        assert!(Goal::parse("cost", &known()).unwrap_err().contains("no goal"));
    }
}
