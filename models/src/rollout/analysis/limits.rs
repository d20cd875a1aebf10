//! What counts of measurements mean: the limits of Argo Rollouts.
//!
//! Source: argoproj/argo-rollouts, analysis/analysis.go (assessMetricStatus, assessRunStatus).

use super::Measured;

/// Errors in a row that are put up with, by default.
pub const CONSECUTIVE_ERROR_LIMIT: u32 = 4;
/// Analysis runs that are kept, of either outcome, by default.
pub const HISTORY_LIMIT: u32 = 5;

/// Measurements of one metric so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Those that failed.
    pub failed: u32,
    /// Those that were good.
    pub successful: u32,
    /// Those that said nothing.
    pub inconclusive: u32,
    /// The last ones in a row that could not be taken at all.
    pub consecutive_error: u32,
    /// The last ones in a row that were good.
    pub consecutive_success: u32,
    /// All of them, without those that could not be taken.
    pub count: u32,
    /// Whether any was taken; if so, whether the last has come in.
    pub last_is_complete: Option<bool>,
}

impl Counters {
    pub(super) fn add(&mut self, measured: Measured) {
        self.count += 1;
        self.last_is_complete = Some(true);
        self.consecutive_error = 0;
        self.consecutive_success = if measured == Measured::Successful { self.consecutive_success + 1 } else { 0 };
        match measured {
            Measured::Successful => self.successful += 1,
            Measured::Failed(_) => self.failed += 1,
            Measured::Inconclusive => self.inconclusive += 1,
        }
    }
}

/// When measurements of one metric are enough to decide; `None` is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Failures beyond which it has failed; below zero there is no such limit. Default 0.
    pub failure: Option<i32>,
    /// Inconclusive ones beyond which it is inconclusive. Default 0.
    pub inconclusive: Option<u32>,
    /// Errors in a row beyond which it is an error. Default 4.
    pub consecutive_error: Option<u32>,
    /// Successes in a row that are enough. Default there is no such limit.
    pub consecutive_success: Option<u32>,
    /// Measurements to take. Default one, or without end if they are repeated.
    pub count: Option<u32>,
    /// Whether there is an interval after which a measurement is repeated.
    pub repeated: bool,
}

/// Where a metric, or a run of several, stands; the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing was measured yet.
    Pending,
    /// More is to come.
    Running,
    /// Good.
    Successful,
    /// Nobody knows.
    Inconclusive,
    /// It could not be measured.
    Error,
    /// Bad.
    Failed,
}

impl Status {
    /// The name as Argo writes it: "Successful".
    pub fn label(self) -> &'static str {
        match self {
            Status::Pending => "Pending",
            Status::Running => "Running",
            Status::Successful => "Successful",
            Status::Inconclusive => "Inconclusive",
            Status::Error => "Error",
            Status::Failed => "Failed",
        }
    }

    pub(super) fn is_bad(self) -> bool {
        self > Status::Successful
    }
}

impl Limits {
    /// Where a metric stands with these measurements; `terminating` is whether the run is being stopped.
    pub fn assess(&self, counters: &Counters, terminating: bool) -> Status {
        match counters.last_is_complete {
            None if terminating => return Status::Successful,
            None => return Status::Pending,
            Some(false) => return Status::Running,
            Some(true) => {}
        }
        if let Some(bad) = self.exceeded(counters) {
            return bad;
        }
        let success = self.consecutive_success.filter(|limit| *limit > 0);
        if success.is_some_and(|limit| counters.consecutive_success >= limit) {
            return Status::Successful;
        }
        let once = if self.repeated { None } else { Some(1) };
        let count = self.count.filter(|count| *count > 0).or(once);
        if count.is_some_and(|count| counters.count >= count) {
            let failure = self.failure.is_none_or(|limit| limit >= 0);
            return match (failure, success.is_some()) {
                (true, true) => Status::Inconclusive,
                (false, true) => Status::Failed,
                (_, false) => Status::Successful,
            };
        }
        if terminating { Status::Successful } else { Status::Running }
    }

    /// The last limit in this order that is exceeded decides.
    fn exceeded(&self, counters: &Counters) -> Option<Status> {
        let failure = u32::try_from(self.failure.unwrap_or(0)).ok();
        let limits = [
            (failure.is_some_and(|limit| counters.failed > limit), Status::Failed),
            (counters.inconclusive > self.inconclusive.unwrap_or(0), Status::Inconclusive),
            (counters.consecutive_error > self.consecutive_error.unwrap_or(CONSECUTIVE_ERROR_LIMIT), Status::Error),
        ];
        limits.into_iter().rev().find_map(|(exceeded, status)| exceeded.then_some(status))
    }
}

/// Where a run stands: running while any of its metrics is, then as bad as the worst.
pub fn verdict(metrics: &[Status]) -> Status {
    let is_open = |status: &Status| matches!(status, Status::Pending | Status::Running);
    let worst = metrics.iter().copied().max().unwrap_or(Status::Successful);
    if metrics.iter().any(is_open) { Status::Running } else { worst }
}
