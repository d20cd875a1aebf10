//! Again and again, after a fixed interval.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings, before, check_window};

/// Once every interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Every {
    /// From one strike to the next.
    pub interval: Span,
    /// The first. Default after one interval.
    #[serde(default)]
    pub from: Option<Span>,
    /// There is none at this time or later. Default to the end.
    #[serde(default)]
    pub until: Option<Span>,
}

impl Every {
    pub(super) fn first(&self) -> Span {
        self.from.unwrap_or(self.interval)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        check_window("interval", self.interval, self.first(), self.until)
    }
}

impl Build<dyn Recur, Surroundings> for Every {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(*self)
    }
}

impl Recur for Every {
    fn next(&mut self, last: Option<Time>, _: &mut Rng) -> Option<Time> {
        before(last.map_or(Time::ZERO + self.first(), |last| last + self.interval), self.until)
    }
}
