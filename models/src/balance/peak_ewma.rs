//! The backend that should answer soonest, by remembered latency and calls in flight.
//!
//! Each backend has a cost that jumps to any higher latency at once and falls back slowly; the load
//! is cost * (calls in flight + 1), and the lower of a few random backends gets the call. A backend
//! that turns slow is left within one answer; since cost also fades with no traffic, it is tried
//! again later. One without any history that has a call in flight is avoided until it answers.
//! Source: Finagle, PeakEwma.scala and P2C. Failures count with the time they took, so a backend
//! that fails fast looks good: passive health must take it out. Weights are ignored.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::decay::left_after;
use super::power_of_choices::{Sample, check_choices};
use super::{BackendId, Backends, Balance, Choice, Picked, Sampling, Settled, Surroundings};

/// What a backend without history costs while its first call is in flight (Finagle: 2^63 / 2^16).
const PENALTY: f64 = (1u64 << 47) as f64;

/// The backend that should answer soonest, by remembered latency and calls in flight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeakEwma {
    /// Time in which a memory fades to 1/e. Default 10s (Finagle).
    pub tau: Span,
    /// How many different backends are drawn and compared, 1 to 16. Default 2 (Finagle).
    pub choices: u32,
}

impl Default for PeakEwma {
    fn default() -> PeakEwma {
        PeakEwma { tau: Span::from_secs(10), choices: 2 }
    }
}

impl PeakEwma {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_tau(self.tau)?;
        check_choices(self.choices)
    }
}

/// Whether a time to forget in makes sense.
pub(crate) fn check_tau(tau: Span) -> Result<(), String> {
    if tau > Span::ZERO { Ok(()) } else { Err("tau must be longer than 0s".to_owned()) }
}

impl Build<dyn Balance, Surroundings> for PeakEwma {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        let sample = Sample::new(self.choices, Sampling::Distinct);
        Box::new(Soonest { tau: self.tau, costs: Vec::new(), sample })
    }
}

struct Soonest {
    tau: Span,
    costs: Vec<Cost>,
    sample: Sample,
}

#[derive(Clone, Copy, Default)]
struct Cost {
    /// Nanoseconds, as of `at`.
    nanos: f64,
    at: Time,
}

impl Cost {
    fn at(self, now: Time, tau: Span) -> f64 {
        if self.nanos == 0.0 { 0.0 } else { self.nanos * left_after(now.since(self.at), tau) }
    }

    fn observe(&mut self, now: Time, latency: Span, tau: Span) {
        let latency = latency.as_nanos() as f64;
        let left = left_after(now.since(self.at), tau);
        let faded = self.nanos * left;
        self.nanos = if latency > faded { latency } else { faded + latency * (1.0 - left) };
        self.at = now;
    }
}

impl Balance for Soonest {
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let (costs, tau) = (&self.costs, self.tau);
        self.sample.least(choice, backends, |id| {
            let (cost, calls) = (costs[id.index()].at(now, tau), f64::from(backends.connections[id.index()]));
            if cost == 0.0 && calls > 0.0 { PENALTY + calls } else { cost * (calls + 1.0) }
        })
    }

    fn settled(&mut self, now: Time, picked: Picked, settled: &Settled, _: &Backends) {
        self.costs[picked.backend.index()].observe(now, settled.latency, self.tau);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.costs.resize(backends.len(), Cost::default());
    }

    fn renewed(&mut self, backend: BackendId) {
        if let Some(cost) = self.costs.get_mut(backend.index()) {
            *cost = Cost::default();
        }
    }
}
