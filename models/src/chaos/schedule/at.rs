//! Once.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings};

/// Once, so long after the beginning; written `At("5min")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub Span);

impl Build<dyn Recur, Surroundings> for At {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(*self)
    }
}

impl Recur for At {
    fn next(&mut self, last: Option<Time>, _: &mut Rng) -> Option<Time> {
        last.is_none().then_some(Time::ZERO + self.0)
    }
}
