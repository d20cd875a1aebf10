//! Each backend in turn.
//!
//! Counts stay equal to within one, so each backend sees more regular arrivals than at random; but
//! it is blind to what the calls cost and to how fast each backend is. Weights are ignored:
//! [`SmoothWeightedRoundRobin`](super::SmoothWeightedRoundRobin) heeds them.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// Each backend in turn; weights are ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoundRobin {}

impl Build<dyn Balance, Surroundings> for RoundRobin {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(Turns { next: BackendId(0), position: 0 })
    }
}

struct Turns {
    /// The backend from which the next turn is looked for.
    next: BackendId,
    /// Its position in the list of open backends.
    position: usize,
}

impl Balance for Turns {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let open = backends.open_ids();
        for _ in 0..open.len() {
            let position = if self.position < open.len() { self.position } else { 0 };
            let id = open[position];
            self.position = position + 1;
            self.next = BackendId(id.0 + 1);
            if !choice.tried.contains(&id) {
                return Some(id);
            }
        }
        None
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.position = backends.open_ids().partition_point(|&id| id < self.next);
    }
}
