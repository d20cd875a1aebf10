//! The lowest of a score over several signals: CPU, memory, latency, errors, connections.
//!
//! Each signal becomes a number from 0 (good) to 1, the score is their weighted sum:
//!
//! - CPU and memory: the share in use, as last scraped (so they lag);
//! - latency: l / (l + L), where l is the backend's recent mean and L that of all; 0.5 is average;
//! - errors: the recent share of failed calls;
//! - connections: c / (c + C), where c is (calls in flight + 1) / weight and C the mean of all.
//!
//! "Recent" fades with `tau`. A backend counts as if it had one more sample, average in latency and
//! without error; as its own samples fade it drifts back to that, and is tried again. Only answers
//! and timeouts enter latency: a fast refusal is no merit. The scheme is this project's own, in the
//! spirit of the multi-signal balancers of Netflix (2018) and Prequal (2024); there is no reference
//! to match.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Draw, Span, Time};

use super::decay::left_after;
use super::peak_ewma::check_tau;
use super::power_of_choices::{Sample, check_choices};
use super::{BackendId, Backends, Balance, Choice, Picked, Sampling, Settled, Surroundings};
use crate::outcome::Outcome;

/// The lowest of a weighted score over CPU, memory, latency, errors and connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adaptive {
    /// Weight of the share of cores in use, 0 or more. Default 1.
    pub cpu: f64,
    /// Weight of the share of memory in use, 0 or more. Default 0.25.
    pub memory: f64,
    /// Weight of recent latency relative to all, 0 or more. Default 1.
    pub latency: f64,
    /// Weight of the recent share of failures, 0 or more. Default 2.
    pub errors: f64,
    /// Weight of calls in flight relative to all, 0 or more. Default 1.
    pub connections: f64,
    /// How many different backends are drawn and compared, 1 to 16; `None` compares all, which
    /// herds on whoever looked best at the last scrape. Default Some(2).
    pub choices: Option<u32>,
    /// Time in which latencies and errors fade to 1/e. Default 10s.
    pub tau: Span,
}

impl Default for Adaptive {
    fn default() -> Adaptive {
        Adaptive {
            cpu: 1.0,
            memory: 0.25,
            latency: 1.0,
            errors: 2.0,
            connections: 1.0,
            choices: Some(2),
            tau: Span::from_secs(10),
        }
    }
}

impl Adaptive {
    pub(crate) fn check(&self) -> Result<(), String> {
        let weights = [
            ("cpu", self.cpu),
            ("memory", self.memory),
            ("latency", self.latency),
            ("errors", self.errors),
            ("connections", self.connections),
        ];
        if let Some((name, weight)) = weights.iter().find(|(_, weight)| !weight.is_finite() || *weight < 0.0) {
            return Err(format!("the weight of {name} must be 0 or more, found {weight}"));
        }
        if weights.iter().all(|(_, weight)| *weight == 0.0) {
            return Err("all weights are 0: there is nothing to go by".to_owned());
        }
        check_tau(self.tau)?;
        self.choices.map_or(Ok(()), check_choices)
    }
}

impl Build<dyn Balance, Surroundings> for Adaptive {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        let sample = self.choices.map(|choices| Sample::new(choices, Sampling::Distinct));
        Box::new(Scoring { settings: self.clone(), sample, own: Vec::new(), all: Recent::default() })
    }
}

struct Scoring {
    settings: Adaptive,
    sample: Option<Sample>,
    own: Vec<Recent>,
    all: Recent,
}

/// Sums over recent calls, each faded by its age, as of `at`.
#[derive(Clone, Copy, Default)]
struct Recent {
    calls: f64,
    failures: f64,
    /// Those that enter latency, and their sum in nanoseconds.
    timed: f64,
    nanos: f64,
    at: Time,
}

impl Recent {
    fn faded(self, now: Time, tau: Span) -> Recent {
        let left = left_after(now.since(self.at), tau);
        Recent {
            calls: self.calls * left,
            failures: self.failures * left,
            timed: self.timed * left,
            nanos: self.nanos * left,
            at: now,
        }
    }

    fn observe(&mut self, now: Time, settled: &Settled, tau: Span) {
        *self = self.faded(now, tau);
        self.calls += 1.0;
        self.failures += f64::from(u8::from(settled.outcome.is_failure()));
        if matches!(settled.outcome, Outcome::Ok | Outcome::Timeout) {
            self.timed += 1.0;
            self.nanos += settled.latency.as_nanos() as f64;
        }
    }
}

/// `value` against a typical one: 0 for none, 0.5 for the same, towards 1 for far more.
fn relative(value: f64, typical: f64) -> f64 {
    if value + typical > 0.0 { value / (value + typical) } else { 0.5 }
}

/// The score of each backend at one moment.
struct Scores<'a> {
    settings: &'a Adaptive,
    own: &'a [Recent],
    now: Time,
    latency_of_all: f64,
    connections_of_all: f64,
}

impl Scores<'_> {
    fn of(&self, id: BackendId, backends: &Backends) -> f64 {
        let (settings, index) = (self.settings, id.index());
        let own = self.own[index].faded(self.now, settings.tau);
        let latency = (own.nanos + self.latency_of_all) / (own.timed + 1.0);
        let connections = f64::from(backends.connections[index] + 1) / f64::from(backends.weights[index]);
        settings.cpu * backends.cpu[index]
            + settings.memory * backends.memory[index]
            + settings.latency * relative(latency, self.latency_of_all)
            + settings.errors * (own.failures / (own.calls + 1.0))
            + settings.connections * relative(connections, self.connections_of_all)
    }
}

impl Balance for Scoring {
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let open = backends.open_ids();
        if open.is_empty() {
            return None;
        }
        let scores = Scores {
            settings: &self.settings,
            own: &self.own,
            now,
            latency_of_all: if self.all.timed > 0.0 { self.all.nanos / self.all.timed } else { 0.0 },
            connections_of_all: (backends.in_flight() + open.len() as u64) as f64 / backends.open_weight() as f64,
        };
        if let Some(sample) = &mut self.sample {
            return sample.least(choice, backends, |id| scores.of(id, backends));
        }
        // Starting anywhere, so that equals share.
        let (before, after) = open.split_at(choice.draws.below(open.len()));
        let candidates = after.iter().chain(before).filter(|id| !choice.tried.contains(id));
        let scored = candidates.map(|&id| (scores.of(id, backends), id));
        scored.reduce(|best, next| if next.0 < best.0 { next } else { best }).map(|(_, id)| id)
    }

    fn settled(&mut self, now: Time, picked: Picked, settled: &Settled, _: &Backends) {
        if settled.outcome != Outcome::Cancelled {
            self.own[picked.backend.index()].observe(now, settled, self.settings.tau);
            self.all.observe(now, settled, self.settings.tau);
        }
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.own.resize(backends.len(), Recent::default());
    }

    fn renewed(&mut self, backend: BackendId) {
        if let Some(own) = self.own.get_mut(backend.index()) {
            *own = Recent::default();
        }
    }
}
