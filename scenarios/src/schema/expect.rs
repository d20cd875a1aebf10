//! What a scenario file may expect of its own run: thresholds on figures, service level objectives.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sim_core::{Ratio, Span};

/// Something that should hold: either a figure within bounds, or a service level objective.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// The figure, as subject and name: "crowd.latency.p99", "run.ok_share", "cluster.cost".
    pub metric: Option<String>,
    /// What the figure stays below, in a unit that fits it. Default anything.
    pub below: Option<Limit>,
    /// What the figure stays above, in a unit that fits it. Default anything.
    pub above: Option<Limit>,
    /// Instead of `metric`: the workload whose requests are to be answered well.
    pub slo: Option<String>,
    /// The share of them that has to be good.
    pub good: Option<Ratio>,
    /// How soon a good answer comes. Default any time.
    pub within: Option<Span>,
    /// Which part of the run is looked at. Default Whole.
    pub during: During,
}

/// A part of the run, in steps of its series. The warm-up belongs to none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum During {
    /// All of it.
    #[default]
    Whole,
    /// Until the first fault strikes.
    BeforeFaults,
    /// While any fault is active; one that strikes and is over counts with the step in which it struck.
    Faults,
    /// Since the last fault was over.
    AfterFaults,
    /// From one time to another.
    Between(Span, Span),
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            During::Whole => f.pad("whole run"),
            During::BeforeFaults => f.pad("before faults"),
            During::Faults => f.pad("during faults"),
            During::AfterFaults => f.pad("after faults"),
            During::Between(from, until) => f.pad(&format!("{from} to {until}")),
        }
    }
}

/// A threshold as the file writes it: what it means depends on the unit of its figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit(pub String);

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        struct Any;
        impl serde::de::Visitor<'_> for Any {
            type Value = Limit;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a quantity with its unit such as \"250ms\" or \"99.9%\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Limit, E> {
                Ok(Limit(text.to_owned()))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Limit, E> {
                Ok(Limit(number.to_string()))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Limit, E> {
                Ok(Limit(number.to_string()))
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Limit, E> {
                Ok(Limit(number.to_string()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Limit {
    /// The threshold in `unit`, that of its figure: durations may be in any unit of time.
    ///
    /// # Errors
    ///
    /// What would have been right.
    pub fn in_unit(&self, unit: &str) -> Result<f64, String> {
        let text = self.0.trim();
        let wrong = |example: &str| format!("{text:?} does not fit a figure in {unit}: write {example}");
        let seconds = || text.parse::<Span>().map(Span::as_secs_f64);
        match unit {
            "ms" => seconds().map(|seconds| seconds * 1e3).map_err(|_| wrong("a duration such as \"250ms\"")),
            "s" => seconds().map_err(|_| wrong("a duration such as \"30s\"")),
            "h" => seconds()
                .map(|seconds| seconds / 3_600.0)
                .or_else(|_| number(text, unit))
                .map_err(|()| wrong("a number, or a duration such as \"2h\"")),
            "%" => text
                .parse::<Ratio>()
                .map(|share| share.fraction() * 100.0)
                .map_err(|_| wrong("a share such as \"99.9%\"")),
            "1/s" => text
                .parse::<sim_core::Rate>()
                .map(|rate| rate.as_per_second())
                .map_err(|_| wrong("a rate such as \"100/s\"")),
            "$" => number(text.trim_start_matches('$'), unit).map_err(|()| wrong("an amount such as \"$12.50\"")),
            _ => number(text, unit).map_err(|()| wrong("a number such as 100")),
        }
    }
}

/// A finite number, its unit behind it or not.
fn number(text: &str, unit: &str) -> Result<f64, ()> {
    let digits = text.strip_suffix(unit).unwrap_or(text).trim_end();
    digits.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unit: &str) -> Result<f64, String> {
        Limit(text.to_owned()).in_unit(unit)
    }

    #[test]
    fn limits_mean_what_their_figures_unit_says() {
        assert_eq!(read("0.25s", "ms"), Ok(250.0));
        assert_eq!(read("2min", "s"), Ok(120.0));
        assert_eq!((read("90min", "h"), read("1.5", "h"), read("1.5h", "h")), (Ok(1.5), Ok(1.5), Ok(1.5)));
        assert_eq!((read("40%", "%"), read("120/s", "1/s"), read("$7.5", "$")), (Ok(40.0), Ok(120.0), Ok(7.5)));
        assert_eq!((read("12", "replicas"), read("12 replicas", "replicas")), (Ok(12.0), Ok(12.0)));
        for (text, unit) in [("250", "ms"), ("99.9", "%"), ("5ms", "%"), ("5ms", "replicas"), ("inf", "nodes")] {
            assert!(read(text, unit).is_err_and(|said| said.contains(text) && said.contains(unit)), "{text} {unit}");
        }
    }
}
