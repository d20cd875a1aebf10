//! What a study file says.

use indexmap::IndexMap;
use ron::value::RawValue;
use serde::Deserialize;
use sim_core::{Ratio, Span};

/// A question to many runs: a scenario, what is varied in it, and what is looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// What reports call it.
    pub name: String,
    /// What it asks, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The scenario file, relative to this file's folder.
    pub scenario: String,
    /// Overrides of the scenario at every point, as `--set` takes them.
    #[serde(default)]
    pub set: Vec<String>,
    /// What is varied: by the path of a value its settings, as a list or as a range such as
    /// `"1000/s..5000/s:5"`; or by a name several settings at once, as a map of lists of overrides.
    #[serde(default)]
    pub factors: IndexMap<String, Box<RawValue>>,
    /// Which combinations are run.
    #[serde(default)]
    pub design: Design,
    /// What must hold between the factors of a point, such as `"replicas <= 3 * workers"`; points of
    /// which it does not hold are left out.
    #[serde(default)]
    pub constraints: Vec<String>,
    /// How often each point is run, each time with other chance, the same at all points.
    #[serde(default)]
    pub replications: Replications,
    /// How much of each run's start no figure includes, instead of what the scenario says.
    #[serde(default)]
    pub warm_up: Option<WarmUp>,
    /// The figures to report, such as `"latency.p99"` or `"web.utilisation"`.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// What is best, such as `"min latency.p99"`: then the study names the winners.
    #[serde(default)]
    pub goal: Option<String>,
    /// What must hold of the best, such as `"ok_share > 99%"`.
    #[serde(default)]
    pub subject_to: Vec<String>,
    /// The factor whose settings are compared with each other at all settings of the others; if not
    /// given, the first whose settings are not numbers.
    #[serde(default)]
    pub compare: Option<String>,
}

/// Which of all combinations are run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Design {
    /// All of them.
    #[default]
    Full,
    /// The first setting of every factor, and from there each other setting alone.
    OneAtATime,
    /// So many, each factor drawn for itself.
    Random {
        /// How many.
        points: u32,
    },
    /// So many; each factor's range is cut into as many slices and each slice met once (McKay et al. 1979).
    LatinHypercube {
        /// How many.
        points: u32,
    },
    /// The first so many of Sobol's sequence, which fills the space evenly; best a power of two.
    Sobol {
        /// How many.
        points: u32,
    },
}

/// How often each point is run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Replications {
    /// So often; a number alone means this.
    Constant(u32),
    /// Until the 95 % intervals are narrow enough.
    Auto(Precision),
}

impl Default for Replications {
    fn default() -> Replications {
        Replications::Constant(10)
    }
}

/// When a point has been run often enough.
#[derive(Clone, Debug, PartialEq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// How wide half of the interval may be, as a share of the figure.
    #[serde(default = "ci_width")]
    pub ci_width: Ratio,
    /// The figures whose intervals count; none means all that are reported.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// The fewest replications.
    #[serde(default = "least")]
    pub least: u32,
    /// The most replications, whatever the intervals.
    #[serde(default = "cap")]
    pub cap: u32,
}

impl Default for Precision {
    fn default() -> Precision {
        Precision { ci_width: ci_width(), metrics: Vec::new(), least: least(), cap: cap() }
    }
}

fn ci_width() -> Ratio {
    Ratio::new(0.02)
}

fn least() -> u32 {
    5
}

fn cap() -> u32 {
    200
}

/// How much of each run's start no figure includes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub enum WarmUp {
    /// So much; a duration alone means this.
    Constant(Span),
    /// Found from how the number of requests in the system settles, by MSER; the longest of all points.
    Auto,
}
