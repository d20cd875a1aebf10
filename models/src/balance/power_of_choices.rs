//! The less loaded of a few backends drawn at random.
//!
//! Two choices instead of one shorten the longest queue from about log n to log log n (Mitzenmacher
//! 2001; Vvedenskaya, Dobrushin, Karpelevich 1996), at the cost of looking at two backends, and
//! many balancers with stale views do not herd as they do on "the least of all". With unequal
//! weights this does as Envoy's least request: an earliest-deadline-first schedule in which a
//! backend's weight is weight / (calls in flight + 1), with no draws.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Draw, Time};

use super::deadlines::Deadlines;
use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// The less loaded of a few backends drawn at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerOfChoices {
    /// How many are drawn, 1 to 16. Default 2 (Envoy, Finagle, gRPC).
    pub choices: u32,
    /// Whether one may be drawn twice. Default `Distinct` (Finagle); Envoy and gRPC repeat.
    pub sampling: Sampling,
}

impl Default for PowerOfChoices {
    fn default() -> PowerOfChoices {
        PowerOfChoices { choices: 2, sampling: Sampling::Distinct }
    }
}

/// Whether a backend may be drawn twice for one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampling {
    /// All drawn are different.
    #[default]
    Distinct,
    /// Each draw is from all; the same may come again.
    Repetition,
}

/// Whether a number of random choices makes sense.
pub(crate) fn check_choices(choices: u32) -> Result<(), String> {
    if (1..=16).contains(&choices) { Ok(()) } else { Err(format!("choices must be from 1 to 16, found {choices}")) }
}

impl PowerOfChoices {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_choices(self.choices)
    }
}

impl Build<dyn Balance, Surroundings> for PowerOfChoices {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(Chooser { sample: Sample::new(self.choices, self.sampling), schedule: Deadlines::default() })
    }
}

struct Chooser {
    sample: Sample,
    schedule: Deadlines,
}

impl Balance for Chooser {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        if backends.weights_are_equal() {
            self.sample.least(choice, backends, |id| backends.connections[id.index()])
        } else {
            self.schedule.pick(choice.tried, |id| weight_per_call(backends, id))
        }
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        if !backends.weights_are_equal() {
            self.schedule.changed(backends, |id| weight_per_call(backends, id));
        }
    }
}

fn weight_per_call(backends: &Backends, id: BackendId) -> f64 {
    f64::from(backends.weights[id.index()]) / f64::from(backends.connections[id.index()] + 1)
}

/// Draws a few backends and keeps the cheapest.
pub(crate) struct Sample {
    choices: u32,
    sampling: Sampling,
    /// Those drawn for the present call; here only so that no call allocates.
    drawn: Vec<BackendId>,
}

impl Sample {
    pub(crate) fn new(choices: u32, sampling: Sampling) -> Sample {
        Sample { choices, sampling, drawn: Vec::with_capacity(choices as usize) }
    }

    /// The candidate of least cost among those drawn; of equals, the one drawn first.
    pub(crate) fn least<K: PartialOrd>(
        &mut self,
        choice: &mut Choice<'_>,
        backends: &Backends,
        mut cost: impl FnMut(BackendId) -> K,
    ) -> Option<BackendId> {
        let open = backends.open_ids();
        if self.choices == 2 && choice.tried.is_empty() && open.len() > 1 {
            // The common case, with nothing to repeat.
            let first = choice.draws.below(open.len());
            let second = match self.sampling {
                Sampling::Distinct => {
                    let other = choice.draws.below(open.len() - 1);
                    other + usize::from(other >= first)
                }
                Sampling::Repetition => choice.draws.below(open.len()),
            };
            let (first, second) = (open[first], open[second]);
            return Some(if cost(second) < cost(first) { second } else { first });
        }
        let first = backends.draw(choice, &[])?;
        let mut best = (cost(first), first);
        self.drawn.clear();
        self.drawn.push(first);
        for _ in 1..self.choices {
            let taken = if self.sampling == Sampling::Distinct { self.drawn.as_slice() } else { &[] };
            let Some(id) = backends.draw(choice, taken) else { break };
            let next = cost(id);
            if next < best.0 {
                best = (next, id);
            }
            self.drawn.push(id);
        }
        Some(best.1)
    }
}
