//! A log-linear histogram of durations.

use serde::{Deserialize, Serialize};

/// Counts of values by magnitude, at most 1 % relative error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: Vec<u64>,
}
