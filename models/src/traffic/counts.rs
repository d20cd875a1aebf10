//! Requests per interval, as access logs are published, turned back into arrivals.
//!
//! Within an interval the rate is two straight lines, from edge to middle to edge, that hold exactly
//! the interval's count. At an edge both neighbours agree on a rate (their mean, but at most twice
//! the smaller, so that the middle never falls below zero): no steps, unlike spreading each count
//! evenly, which would make every minute a small shock.
//!
//! Given its count, the arrivals of a Poisson process within an interval are that many independent
//! draws from the interval's density. They are drawn in order, without storing or sorting: of n
//! uniform numbers the smallest leaves a share V^(1/n) of the interval beyond it, the next of the
//! n - 1 in that share, and so on (Bentley and Saxe 1980); each is put through the inverse of the
//! density's integral. Every interval gets exactly its count.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::units::Ratio;
use sim_core::ziggurat::exponential;
use sim_core::{Rng, Span, Time};

use super::curve::Slope;
use super::traces::{CountTrace, Traces};
use super::{Arrive, Surroundings};

/// Settings of recorded counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// The CSV file: a header, a time column (`t_s`, `t_ms`, `t_us` or `t_ns`) with the beginning of
    /// each interval, and the counts.
    pub file: String,
    /// The column with the counts.
    #[serde(default = "column_default")]
    pub column: String,
    /// How much of the recorded traffic. The total is scaled and rounded; what an interval rounds
    /// off is carried to the next.
    #[serde(default = "scale_default")]
    pub scale: Ratio,
    /// How far into the recording the run begins. In the middle of an interval, that interval's
    /// arrivals are drawn and those before `from` are left out.
    #[serde(default)]
    pub from: Span,
}

fn column_default() -> String {
    "requests".to_owned()
}

fn scale_default() -> Ratio {
    Ratio::ONE
}

impl Counts {
    pub(super) fn check(&self, traces: &Traces) -> Result<(), String> {
        let trace = traces.counts(&self.file, &self.column);
        let trace = trace.ok_or_else(|| format!("file: {:?} has not been read", self.file))?;
        let length = trace.interval * trace.counts.len() as u64;
        if self.from >= length {
            return Err(format!("from: {:?} is only {length} long", self.file));
        }
        Ok(())
    }
}

/// An interval's density, in two halves that together hold an area of 1.
#[derive(Clone, Copy, Debug, Default)]
struct Density {
    halves: [Slope; 2],
    half_length: f64,
}

impl Density {
    /// The density of an interval of `length` with counts that are not all zero.
    fn new(length: f64, before: u64, count: u64, after: u64) -> Density {
        // Rates relative to the interval's mean rate.
        let edge = |neighbour: u64| {
            let share = neighbour as f64 / count as f64;
            ((1.0 + share) * 0.5).min(2.0 * share).min(2.0)
        };
        let (left, right) = (edge(before), edge(after));
        let middle = 2.0 - (left + right) * 0.5;
        let half = length * 0.5;
        let slope = |begin: f64, end: f64| Slope::new(half, begin / length, end / length);
        Density { halves: [slope(left, middle), slope(middle, right)], half_length: half }
    }

    /// The position in the interval that a share of its arrivals precedes.
    fn position(&self, share: f64) -> f64 {
        let [first, second] = &self.halves;
        if share < first.area { first.position(share) } else { self.half_length + second.position(share - first.area) }
    }
}

struct Running {
    trace: Arc<CountTrace>,
    scale: f64,
    /// The run's beginning in the recording, in ns.
    from: u64,
    /// The interval after the present one.
    next: usize,
    /// The recorded total of all intervals before `next`.
    total: u64,
    /// The present interval's beginning in the recording, in ns.
    begin: u64,
    density: Density,
    /// Arrivals still to come in the present interval.
    remaining: u64,
    /// The share of the present interval's arrivals that is expected beyond the last one.
    beyond: f64,
    last: u64,
}

impl Running {
    fn new(trace: Arc<CountTrace>, scale: f64, from: u64) -> Running {
        let next = (from / trace.interval.as_nanos()) as usize;
        let total = trace.counts.iter().take(next).sum();
        let density = Density::default();
        Running { trace, scale, from, next, total, begin: 0, density, remaining: 0, beyond: 1.0, last: 0 }
    }

    /// The number of arrivals that the recorded total comes to.
    fn scaled(&self, total: u64) -> u64 {
        (total as f64 * self.scale + 0.5) as u64
    }

    /// Moves on to the next interval that has arrivals; `None` at the end of the recording.
    fn enter_interval(&mut self) -> Option<()> {
        let counts = &self.trace.counts;
        while self.remaining == 0 {
            let count = *counts.get(self.next)?;
            let total = self.total + count;
            self.remaining = self.scaled(total) - self.scaled(self.total);
            self.total = total;
            self.next += 1;
            if self.remaining == 0 {
                continue;
            }
            let present = self.next - 1;
            // At its ends the recording is taken to go on level.
            let before = present.checked_sub(1).map_or(count, |index| counts[index]);
            let after = counts.get(self.next).copied().unwrap_or(count);
            let length = self.trace.interval.as_nanos();
            self.begin = present as u64 * length;
            self.density = Density::new(length as f64, before, count, after);
            self.beyond = 1.0;
        }
        Some(())
    }

    /// The next arrival in the recording, in ns.
    #[inline]
    fn next_recorded(&mut self, rng: &mut Rng) -> Option<u64> {
        if self.remaining == 0 {
            self.enter_interval()?;
        }
        self.beyond *= exp_minus(exponential(rng) / self.remaining as f64);
        self.remaining -= 1;
        let offset = (self.density.position(1.0 - self.beyond) + 0.5) as u64;
        // Rounding must not carry an arrival over the interval's end, nor before the last one.
        let offset = offset.min(self.trace.interval.as_nanos() - 1);
        self.last = self.last.max(self.begin + offset);
        Some(self.last)
    }
}

impl Arrive for Running {
    #[inline]
    fn next(&mut self, rng: &mut Rng) -> Option<Time> {
        loop {
            let recorded = self.next_recorded(rng)?;
            if recorded >= self.from {
                return Some(Time::from_nanos(recorded - self.from));
            }
        }
    }
}

/// `exp(-x)`; the series is exact to 4e-14 where it is used, which is nearly always.
#[inline]
fn exp_minus(x: f64) -> f64 {
    if x < 1.0 / 1024.0 { 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0))) } else { libm::exp(-x) }
}

impl Build<dyn Arrive, Surroundings> for Counts {
    /// Panics if the file has not been read, see [`Arrivals::check`](super::Arrivals::check).
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Arrive> {
        let trace = surroundings.traces.counts(&self.file, &self.column);
        let trace = Arc::clone(trace.expect("a recording of counts has not been read"));
        Box::new(Running::new(trace, self.scale.fraction(), self.from.as_nanos()))
    }
}

#[cfg(test)]
mod tests;
