//! A backend at random, in proportion to its weight.
//!
//! Needs no knowledge and no state, so a thousand balancers that know nothing of each other do as
//! well as one. The price is chance itself: some backend always has a streak of bad luck, and n
//! queues fed at random behave like n separate M/M/1.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// Any backend, in proportion to its weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Random {}

impl Build<dyn Balance, Surroundings> for Random {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(self.clone())
    }
}

impl Balance for Random {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        backends.draw_weighted(choice)
    }
}
