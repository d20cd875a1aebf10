//! Smooth weighted round robin, in nginx's order.
//!
//! Each pick gives every candidate its weight in credit, takes the one with the most, and charges
//! it all that was given out: {5,1,1} becomes AABACAA rather than AAAAABC. A failure lowers a
//! backend's effective weight by weight / max_fails, and each pick restores 1, so a backend that
//! recovers is eased back in (nginx, ngx_http_upstream_round_robin.c).

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::{BackendId, Backends, Balance, Choice, PassiveHealth, Picked, Settled, Surroundings};

/// Each in turn in proportion to its weight, evenly interleaved, in nginx's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmoothWeightedRoundRobin {}

impl Build<dyn Balance, Surroundings> for SmoothWeightedRoundRobin {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Balance> {
        Box::new(SmoothTurns { credits: Credits::new(surroundings.health.clone()) })
    }
}

struct SmoothTurns {
    credits: Credits,
}

impl Balance for SmoothTurns {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        self.credits.pick(backends, backends.candidates(choice.tried))
    }

    fn settled(&mut self, _: Time, picked: Picked, settled: &Settled, backends: &Backends) {
        self.credits.settled(picked.backend, settled, backends);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.credits.changed(backends);
    }
}

/// The state of smooth weighted round robin; least connections breaks its ties with it.
pub(crate) struct Credits {
    health: Option<PassiveHealth>,
    weights: Vec<u32>,
    effective: Vec<i64>,
    current: Vec<i64>,
}

impl Credits {
    pub(crate) fn new(health: Option<PassiveHealth>) -> Credits {
        Credits { health, weights: Vec::new(), effective: Vec::new(), current: Vec::new() }
    }

    /// The one of `candidates`, which come in ascending order, whose turn it is.
    pub(crate) fn pick(
        &mut self,
        backends: &Backends,
        candidates: impl Iterator<Item = BackendId>,
    ) -> Option<BackendId> {
        let mut best: Option<(i64, BackendId)> = None;
        let mut total = 0;
        for id in candidates {
            let (effective, current) = (&mut self.effective[id.index()], &mut self.current[id.index()]);
            *current += *effective;
            total += *effective;
            if *effective < i64::from(backends.weights[id.index()]) {
                *effective += 1;
            }
            if best.is_none_or(|(most, _)| *current > most) {
                best = Some((*current, id));
            }
        }
        let (_, id) = best?;
        self.current[id.index()] -= total;
        Some(id)
    }

    pub(crate) fn settled(&mut self, id: BackendId, settled: &Settled, backends: &Backends) {
        if let Some(health) = &self.health
            && health.max_fails > 0
            && health.is_failure(settled.outcome)
        {
            let effective = &mut self.effective[id.index()];
            *effective = (*effective - i64::from(backends.weights[id.index()] / health.max_fails)).max(0);
        }
    }

    /// A backend whose weight changed starts at its new weight.
    pub(crate) fn changed(&mut self, backends: &Backends) {
        self.weights.resize(backends.len(), 0);
        self.effective.resize(backends.len(), 0);
        self.current.resize(backends.len(), 0);
        for (index, &weight) in backends.weights.iter().enumerate() {
            if self.weights[index] != weight {
                self.weights[index] = weight;
                self.effective[index] = i64::from(weight);
            }
        }
    }
}
