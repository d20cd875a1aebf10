//! Recorded arrival times, replayed to the nanosecond, or faster, or from the middle.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::units::Ratio;
use sim_core::{Rng, Span, Time};

use super::traces::{TimeTrace, Traces};
use super::{Arrive, Surroundings};

/// Settings of recorded arrival times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// The CSV file, with a header.
    pub file: String,
    /// The column with the times; its name ends in their unit (`_s`, `_ms`, `_us`, `_ns`).
    #[serde(default = "column_default")]
    pub column: String,
    /// The time in the recording at which the run begins; earlier arrivals are left out.
    #[serde(default)]
    pub from: Span,
    /// How much faster than recorded; 200% halves every gap.
    #[serde(default = "speed_default")]
    pub speed: Ratio,
}

fn column_default() -> String {
    "t_s".to_owned()
}

fn speed_default() -> Ratio {
    Ratio::ONE
}

impl Times {
    pub(super) fn check(&self, traces: &Traces) -> Result<(), String> {
        if self.speed == Ratio::ZERO {
            return Err("speed: must be above 0%".to_owned());
        }
        let trace = traces.times(&self.file, &self.column);
        let trace = trace.ok_or_else(|| format!("file: {:?} has not been read", self.file))?;
        let last = trace.times.last().map_or(Span::ZERO, |last| last.since(Time::ZERO));
        if self.from > last {
            return Err(format!("from: {} is after the last arrival of {:?}, at {last}", self.from, self.file));
        }
        Ok(())
    }
}

struct Running {
    trace: Arc<TimeTrace>,
    next: usize,
    from: Time,
    speed: f64,
}

impl Arrive for Running {
    fn next(&mut self, _rng: &mut Rng) -> Option<Time> {
        let recorded = *self.trace.times.get(self.next)?;
        self.next += 1;
        let offset = recorded.since(self.from);
        // Division by 1 would round times beyond 2^53 ns, about 104 days.
        let offset = if self.speed == 1.0 { offset } else { offset.scale(1.0 / self.speed) };
        Some(Time::ZERO + offset)
    }
}

impl Build<dyn Arrive, Surroundings> for Times {
    /// Panics if the file has not been read, see [`Arrivals::check`](super::Arrivals::check).
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Arrive> {
        let trace = surroundings.traces.times(&self.file, &self.column);
        let trace = Arc::clone(trace.expect("a recording of arrivals has not been read"));
        let from = Time::ZERO + self.from;
        let next = trace.times.partition_point(|&time| time < from);
        Box::new(Running { trace, next, from, speed: self.speed.fraction() })
    }
}
