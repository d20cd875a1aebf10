//! Recorded traffic in memory. Models read no files: whoever assembles a run reads them and puts
//! them here, by the names that the scenario uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use sim_core::{Span, Time};

/// Requests counted per interval; the intervals are of one length and follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountTrace {
    /// The length of an interval, longer than zero.
    pub interval: Span,
    /// Requests in each interval; at most 2^53 in all.
    pub counts: Vec<u64>,
}

/// Recorded arrival times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeTrace {
    /// In order; several may be the same.
    pub times: Vec<Time>,
}

/// Recordings by file and column. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    counts: BTreeMap<(String, String), Arc<CountTrace>>,
    times: BTreeMap<(String, String), Arc<TimeTrace>>,
}

impl Traces {
    /// Keeps the counts of `column` in `file`.
    pub fn insert_counts(&mut self, file: &str, column: &str, trace: CountTrace) {
        self.counts.insert((file.to_owned(), column.to_owned()), Arc::new(trace));
    }

    /// Keeps the arrival times of `column` in `file`.
    pub fn insert_times(&mut self, file: &str, column: &str, trace: TimeTrace) {
        self.times.insert((file.to_owned(), column.to_owned()), Arc::new(trace));
    }

    /// The counts of `column` in `file`, if they have been kept.
    pub fn counts(&self, file: &str, column: &str) -> Option<&Arc<CountTrace>> {
        self.counts.get(&(file.to_owned(), column.to_owned()))
    }

    /// The arrival times of `column` in `file`, if they have been kept.
    pub fn times(&self, file: &str, column: &str) -> Option<&Arc<TimeTrace>> {
        self.times.get(&(file.to_owned(), column.to_owned()))
    }
}
