//! Plans: a study with everything decided; what is run and reported follows from it alone.
//!
//! A plan knows no scenarios, only their fingerprints: it is kept beside the cells, so that results
//! can be put together where the scenario's files are not at hand.

use serde::{Deserialize, Serialize};
use sim_core::Span;

use super::cell::Fingerprint;
use super::factor::Level;
use super::metric::{Goal, Limit, Metric};
use super::schema::Precision;

/// What a study runs and reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The study's name.
    pub name: String,
    /// What it asks.
    pub description: String,
    /// The name of the scenario at its base.
    pub scenario: String,
    /// The seed of all points.
    pub seed: u64,
    /// What is varied: name and path.
    pub factors: Vec<(String, String)>,
    /// What is run, in order.
    pub points: Vec<PlannedPoint>,
    /// The figures to report.
    pub metrics: Vec<Metric>,
    /// How often each point is run.
    pub repeat: Repeat,
    /// What is best.
    pub goal: Option<Goal>,
    /// What must hold of the best.
    pub limits: Vec<Limit>,
    /// Which points are held against each other: each with the first of its group.
    pub groups: Vec<Vec<usize>>,
    /// Whether the points of a group are compared, or the best of it looked for only.
    pub compares: bool,
    /// The virtual time at the start of each run that no figure includes.
    pub warm_up: Span,
    /// Whether that was found by the study.
    pub warm_up_found: bool,
    /// Points that do not settle, so that their warm-up could not be found.
    pub unsettled: Vec<usize>,
    /// A relative difference below this does not matter.
    pub margin: f64,
    /// The study file's text, for reports; empty if there is none.
    pub text: String,
    /// The shell command that repeats the study, for reports; empty if nobody said.
    pub command: String,
}

impl Plan {
    /// Whether `other` asks for the same runs and figures, however that was written.
    pub fn is_same_study(&self, other: &Plan) -> bool {
        let words = |plan: &Plan| Plan { text: String::new(), command: String::new(), ..plan.clone() };
        words(self) == words(other)
    }

    /// The number of a metric that the plan looks at.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub(super) fn index_of(&self, metric: &Metric) -> usize {
        self.metrics.iter().position(|known| known == metric).expect("a plan looks at what it aims for")
    }
}

/// A combination of settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPoint {
    /// What tables call it.
    pub label: String,
    /// Its setting of each factor.
    pub levels: Vec<Level>,
    /// The scenario that it is.
    pub fingerprint: Fingerprint,
}

/// How often each point is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Repeat {
    /// So often.
    Times(u32),
    /// Until the intervals of the metrics with these numbers are narrow enough.
    Until(Precision, Vec<usize>),
}

impl Repeat {
    /// Replications of every point to begin with.
    pub(super) fn first(&self) -> u32 {
        match self {
            Repeat::Times(times) => *times,
            Repeat::Until(precision, _) => precision.least,
        }
    }

    /// The most replications that a point may get.
    pub fn most(&self) -> u32 {
        match self {
            Repeat::Times(times) => *times,
            Repeat::Until(precision, _) => precision.cap,
        }
    }
}
