//! A recording of the load before the run.

use serde::{Deserialize, Serialize};
use sim_core::{Ratio, Span};

use crate::traffic::{CountTrace, Traces};

/// Which recording tells of the time before the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The CSV file with requests per interval, as for recorded traffic.
    pub file: String,
    /// The column with the counts.
    #[serde(default = "column_default")]
    pub column: String,
    /// How much of what was recorded; the same as the traffic's, where that is recorded too.
    #[serde(default = "scale_default")]
    pub scale: Ratio,
    /// The time in the recording at which the run begins; its end if not given. What comes after is
    /// not looked at.
    #[serde(default)]
    pub until: Option<Span>,
}

fn column_default() -> String {
    "requests".to_owned()
}

fn scale_default() -> Ratio {
    Ratio::ONE
}

impl History {
    /// Whether the recording has been read and reaches so far.
    pub fn check(&self, traces: &Traces) -> Result<(), String> {
        let trace = traces.counts(&self.file, &self.column);
        let trace = trace.ok_or_else(|| format!("file: {:?} has not been read", self.file))?;
        let length = length(trace);
        match self.until {
            Some(until) if until > length => Err(format!("until: {:?} is only {length} long", self.file)),
            _ => Ok(()),
        }
    }

    /// The load in requests a second, in steps of which the last one ends as the run begins; oldest
    /// first. Panics if the recording has not been read.
    pub(super) fn steps(&self, traces: &Traces, step: Span) -> Vec<f64> {
        let trace = traces.counts(&self.file, &self.column).expect("a recording of counts has not been read");
        let until = self.until.unwrap_or(length(trace)).min(length(trace));
        let count = until.as_nanos() / step.as_nanos();
        let ends = (0..count).rev().map(|back| until.saturating_sub(step * back));
        let load = |end: Span| (before(trace, end) - before(trace, end - step)) / step.as_secs_f64();
        ends.map(|end| load(end) * self.scale.fraction()).collect()
    }
}

fn length(trace: &CountTrace) -> Span {
    trace.interval * trace.counts.len() as u64
}

/// The requests recorded before `at`, those of an interval spread evenly.
fn before(trace: &CountTrace, at: Span) -> f64 {
    let interval = trace.interval.as_nanos();
    let whole = (at.as_nanos() / interval) as usize;
    let part = (at.as_nanos() % interval) as f64 / interval as f64;
    let counted: u64 = trace.counts.iter().take(whole).sum();
    counted as f64 + part * trace.counts.get(whole).map_or(0.0, |&count| count as f64)
}
