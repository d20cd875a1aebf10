//! Chaos Monkey by the server: each interval, each candidate is hit with the same chance.
//!
//! At a level of 1 % a minute and 1,000 servers that is ten a minute, give or take three; a server
//! lives for an hour and 40 minutes on average.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings, before, check_window};

/// How likely each candidate is hit, and how often that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monkey {
    /// The chance of each candidate, from 0 to 1.
    pub level: f64,
    /// From one draw to the next.
    pub every: Span,
    /// The first draw. Default after one interval.
    #[serde(default)]
    pub from: Option<Span>,
    /// There is none at this time or later. Default to the end.
    #[serde(default)]
    pub until: Option<Span>,
}

impl Monkey {
    pub(super) fn first(&self) -> Span {
        self.from.unwrap_or(self.every)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(self.level > 0.0 && self.level <= 1.0) {
            return Err(format!("level: a chance is above 0 and at most 1, not {}", self.level));
        }
        check_window("every", self.every, self.first(), self.until)
    }
}

impl Build<dyn Recur, Surroundings> for Monkey {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(*self)
    }
}

impl Recur for Monkey {
    fn next(&mut self, last: Option<Time>, _: &mut Rng) -> Option<Time> {
        before(last.map_or(Time::ZERO + self.first(), |last| last + self.every), self.until)
    }

    fn chance(&self) -> Option<f64> {
        Some(self.level)
    }
}
