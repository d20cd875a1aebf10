//! What a study found, as plain data: points, figures at each, differences, winners.
//!
//! As with [`results`](crate::results), scenarios and reports meet here. A point is a combination of
//! settings; an estimate is one figure at one point over its replications. All points meet the same
//! chance, replication by replication, so comparisons are of pairs.

use serde::{Deserialize, Serialize};

/// Everything that a study yielded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyResults {
    /// The study's name.
    pub study: String,
    /// What it asks; may be empty.
    pub description: String,
    /// The name of the scenario at its base.
    pub scenario: String,
    /// The seed of all points.
    pub seed: u64,
    /// Virtual seconds at the start of each run that no figure includes.
    pub warm_up_seconds: f64,
    /// Whether that warm-up was found by the study rather than given.
    pub warm_up_found: bool,
    /// What was varied; none where whole files were compared.
    pub factors: Vec<Factor>,
    /// What was looked at.
    pub metrics: Vec<Metric>,
    /// What was run.
    pub points: Vec<Point>,
    /// Pairs of points, metric by metric; the first of a pair is what the second is compared with.
    pub comparisons: Vec<Comparison>,
    /// The best of each group of points, where the study has a goal.
    pub winners: Vec<Winner>,
    /// The limits, as written, if nobody wins because no point keeps them all; empty otherwise.
    #[serde(default)]
    pub unmet: Vec<String>,
    /// Points that no other beats in all of `frontier_metrics` at once; empty unless asked for.
    pub frontier: Vec<usize>,
    /// Which metrics the frontier is over.
    pub frontier_metrics: Vec<usize>,
}

/// Something that was varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its short name: "balancer".
    pub name: String,
    /// The path of the value in the scenario.
    pub path: String,
    /// The settings that occur, in the study's order.
    pub levels: Vec<Level>,
}

/// A setting of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// As it is written: "2000/s", "RoundRobin".
    pub label: String,
    /// How large it is (in seconds, per second, bytes, cores, as a fraction or as it is); `None` for what
    /// is no quantity.
    pub magnitude: Option<f64>,
}

/// A figure that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// "latency.p99", "web.utilisation".
    pub name: String,
    /// "ms".
    pub unit: String,
    /// Which way is better.
    pub better: Better,
}

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Better {
    /// Less is better: latency, cost.
    Lower,
    /// More is better: answers.
    Higher,
    /// Neither: utilisation.
    Neither,
}

/// A combination of settings, and what was measured there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// What tables call it: its settings, or a file's name.
    pub label: String,
    /// Its setting of each factor, as an index of [`Factor::levels`].
    pub levels: Vec<usize>,
    /// How often it was run.
    pub replications: u32,
    /// The fingerprint of all its runs.
    pub digest: u64,
    /// An estimate a metric.
    pub estimates: Vec<Estimate>,
}

/// One figure at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean of the replications in which the figure makes sense; NaN if there is none.
    #[serde(with = "gaps")]
    pub mean: f64,
    /// Half of the 95 % interval of the mean, from two replications on.
    pub half_width: Option<f64>,
    /// The median and the ends of its interval by order statistics, from six replications on.
    pub median: Option<[f64; 3]>,
    /// What each replication gave; NaN where the figure makes no sense.
    #[serde(with = "gaps_in_list")]
    pub samples: Vec<f64>,
}

/// Two points, one metric: the second less the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Which metric.
    pub metric: usize,
    /// The point compared with.
    pub baseline: usize,
    /// The point compared.
    pub other: usize,
    /// Pairs of replications.
    pub pairs: u32,
    /// The mean of the differences, in the metric's unit.
    #[serde(with = "gaps")]
    pub difference: f64,
    /// The ends of its 95 % Student interval.
    pub interval: Option<(f64, f64)>,
    /// The difference as a share of the baseline, with the ends of its 95 % interval (jackknifed).
    pub relative: Option<(f64, f64, f64)>,
    /// The p-value, corrected by Holm for all comparisons of the same family.
    pub p: Option<f64>,
    /// By what factor pairing has cut the variance of the difference: how many times as many
    /// replications independent seeds would have taken.
    pub gain: Option<f64>,
    /// What it amounts to.
    pub verdict: Verdict,
}

/// What a comparison amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is better, with 95 % confidence over the family.
    Better,
    /// It is worse, with the same confidence.
    Worse,
    /// It differs, with the same confidence, in a figure of which neither way is better.
    Different,
    /// If it differs, then by less than matters.
    NoDifference,
    /// That cannot be told from so few replications.
    Inconclusive,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Different => "different",
            Verdict::NoDifference => "no difference",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// The best point of a group: of all points that share their settings but for one factor, or of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Winner {
    /// The metric that decides.
    pub metric: usize,
    /// What the points of the group share: settings by factor; `None` where they differ.
    pub shared: Vec<Option<usize>>,
    /// The point with the best mean.
    pub best: usize,
    /// Points of the group that cannot be told from it, so that any of them may be the best.
    pub rivals: Vec<usize>,
    /// The best compared with each other point of the group.
    pub comparisons: Vec<Comparison>,
}

/// JSON has no NaN: null stands for it.
mod gaps {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Some(*value).filter(|value| value.is_finite()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}

/// The same for lists.
mod gaps_in_list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        let values: Vec<Option<f64>> = values.iter().map(|value| Some(*value).filter(|v| v.is_finite())).collect();
        values.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let values: Vec<Option<f64>> = Vec::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
}
