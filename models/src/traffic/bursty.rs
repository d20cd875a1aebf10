//! Bursty arrivals: a Markov-modulated Poisson process (Heffes and Lucantoni 1986).
//!
//! The workload passes through phases in turn, and around again; each lasts an exponential time and
//! multiplies the rate by its factor. The factors are scaled so that their mean over time is 1: the
//! profile still gives the mean rate, and burstiness can be changed without changing the load. The
//! run begins in a random phase, as a process that has always been going on would be found.
//!
//! Left out: phases that follow each other at random; two or three in turn fit the measured
//! variance and correlation of most traffic.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::units::Ratio;
use sim_core::ziggurat::exponential;
use sim_core::{Draw, Rng, Span, Time};

use super::curve::Clock;
use super::{Arrive, Surroundings, clock};

/// Settings of bursty arrivals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursty {
    /// The phases, in the order in which they follow each other.
    pub phases: Vec<Phase>,
}

/// A phase of bursty arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// The rate of this phase, relative to the others: only their proportions matter.
    pub factor: Ratio,
    /// How long it lasts, on average.
    pub mean: Span,
}

impl Bursty {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.phases.is_empty() {
            return Err("phases: at least one is needed".to_owned());
        }
        if let Some(index) = self.phases.iter().position(|phase| phase.mean == Span::ZERO) {
            return Err(format!("phases[{index}].mean: must be longer than 0s"));
        }
        if self.phases.iter().all(|phase| phase.factor == Ratio::ZERO) {
            return Err("phases: one of them must have a factor above 0%".to_owned());
        }
        Ok(())
    }
}

/// A phase with its factor scaled.
#[derive(Clone, Copy)]
struct Level {
    factor: f64,
    /// Nanoseconds.
    mean: f64,
}

struct Running {
    clock: Clock,
    levels: Vec<Level>,
    /// The present phase; none before the first arrival.
    phase: Option<usize>,
}

impl Running {
    /// The first phase: each is found with the share of time that it takes.
    fn begin(&self, rng: &mut Rng) -> usize {
        let total: f64 = self.levels.iter().map(|level| level.mean).sum();
        let mut rest = rng.unit() * total;
        let found = self.levels.iter().position(|level| {
            rest -= level.mean;
            rest < 0.0
        });
        found.unwrap_or(self.levels.len() - 1)
    }

    fn enter(&mut self, phase: usize, begin: u64, rng: &mut Rng) {
        self.phase = Some(phase);
        let sojourn = Span::from_nanos_f64(self.levels[phase].mean * exponential(rng));
        self.clock.halt_at(begin.saturating_add(sojourn.as_nanos()));
    }
}

impl Arrive for Running {
    fn next(&mut self, rng: &mut Rng) -> Option<Time> {
        if self.phase.is_none() {
            let phase = self.begin(rng);
            self.enter(phase, 0, rng);
        }
        loop {
            let phase = self.phase?;
            // A factor of zero asks for an infinite area: no arrival before the phase ends.
            let arrival = self.clock.advance(exponential(rng) / self.levels[phase].factor);
            if arrival.is_some() || self.clock.is_spent() {
                return arrival;
            }
            // What was left of the draw may be forgotten: the exponential has no memory.
            self.enter((phase + 1) % self.levels.len(), self.clock.halt(), rng);
        }
    }
}

impl Build<dyn Arrive, Surroundings> for Bursty {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Arrive> {
        let nanos = |phase: &Phase| phase.mean.as_nanos() as f64;
        let total: f64 = self.phases.iter().map(nanos).sum();
        let weighted: f64 = self.phases.iter().map(|phase| phase.factor.fraction() * nanos(phase)).sum();
        let scale = total / weighted;
        let level = |phase: &Phase| Level { factor: phase.factor.fraction() * scale, mean: nanos(phase) };
        let levels = self.phases.iter().map(level).collect();
        Box::new(Running { clock: clock(surroundings), levels, phase: None })
    }
}
