//! At random: a Poisson process of accidents.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings, before, check_window, exponential};

/// After times drawn from an exponential distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// The mean time from one strike to the next.
    pub mean: Span,
    /// There is none before. Default from the beginning.
    #[serde(default)]
    pub from: Span,
    /// There is none at this time or later. Default to the end.
    #[serde(default)]
    pub until: Option<Span>,
}

impl Random {
    pub(super) fn check(&self) -> Result<(), String> {
        check_window("mean", self.mean, self.from, self.until)
    }
}

impl Build<dyn Recur, Surroundings> for Random {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(*self)
    }
}

impl Recur for Random {
    fn next(&mut self, last: Option<Time>, rng: &mut Rng) -> Option<Time> {
        let from = last.unwrap_or(Time::ZERO + self.from);
        before(from + exponential(self.mean, rng), self.until)
    }
}
