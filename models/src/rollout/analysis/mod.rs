//! Analysis: is the new version as good as the old one?
//!
//! Each interval the checks take a measurement of what requests to the two versions met; each measurement
//! succeeds, fails or is inconclusive because there were too few requests, and the limits of Argo
//! Rollouts turn counts of these into a verdict. A check by threshold looks at the interval that has just
//! passed, the statistical test at everything since the analysis began.
//!
//! Sources: Argo Rollouts' analysis runs (argoproj/argo-rollouts, analysis/analysis.go); the test is
//! Kayenta's (see `mann_whitney`).

mod check;
mod limits;
pub mod mann_whitney;

pub use check::{Check, ErrorRate, LatencyCheck, MannWhitney, Measured};
pub use limits::{CONSECUTIVE_ERROR_LIMIT, Counters, HISTORY_LIMIT, Limits, Status, verdict};

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::{Observed, Reason, View};

/// What is looked at, how often, and what decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Analysis {
    /// What must hold.
    pub checks: Vec<Check>,
    /// From one measurement to the next, and before the first. Default 60s.
    pub interval: Span,
    /// Measurements that are taken; `None` for as long as the release lasts. Default 1.
    pub count: Option<u32>,
    /// Failed measurements of a check that are put up with; -1 for any number. Default 0.
    pub failure_limit: i32,
    /// Inconclusive measurements of a check that are put up with. Default 0.
    pub inconclusive_limit: u32,
    /// So many good measurements in a row are enough. Default never.
    pub consecutive_success_limit: Option<u32>,
    /// With fewer requests to the new version a measurement is inconclusive. Default 20.
    pub min_requests: u64,
}

impl Default for Analysis {
    fn default() -> Analysis {
        Analysis {
            checks: Vec::new(),
            interval: Span::from_secs(60),
            count: Some(1),
            failure_limit: 0,
            inconclusive_limit: 0,
            consecutive_success_limit: None,
            min_requests: 20,
        }
    }
}

impl Analysis {
    /// Whether an analysis makes sense, if there is one; it is found at this place of the settings.
    pub(super) fn check_in(place: &str, analysis: Option<&Analysis>) -> Result<(), String> {
        analysis.map_or(Ok(()), Analysis::check).map_err(|complaint| format!("{place}: {complaint}"))
    }

    fn check(&self) -> Result<(), String> {
        if self.checks.is_empty() {
            return Err("checks: an analysis needs something to look at".to_owned());
        }
        if self.interval == Span::ZERO {
            return Err("interval: measurements need time between them".to_owned());
        }
        if self.count == Some(0) || self.consecutive_success_limit == Some(0) {
            return Err("count: without a measurement there is no verdict".to_owned());
        }
        if self.failure_limit < -1 {
            return Err(format!("failure_limit: {} is no number of failures; -1 is any number", self.failure_limit));
        }
        // As Argo Rollouts has it. There is no limit to what can fail where there is no count.
        let limits =
            [("failure_limit", self.failure_limit.into()), ("inconclusive_limit", self.inconclusive_limit.into())];
        if let Some(count) = self.count
            && let Some((name, limit)) = limits.into_iter().find(|(_, limit): &(_, i64)| *limit > i64::from(count))
        {
            return Err(format!("{name}: {limit} is more than the measurements that are taken, {count}"));
        }
        Check::check_all(&self.checks)
    }

    fn limits(&self) -> Limits {
        Limits {
            failure: Some(self.failure_limit),
            inconclusive: Some(self.inconclusive_limit),
            consecutive_error: None,
            consecutive_success: self.consecutive_success_limit,
            count: self.count,
            repeated: true,
        }
    }
}

/// What an analysis has found so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Running,
    /// All is well.
    Successful,
    /// The new version is worse, and in what.
    Failed(Reason),
    /// There were too few requests to say.
    Inconclusive,
}

/// An analysis at work.
#[derive(Clone, Debug)]
pub struct Run {
    settings: Analysis,
    next: Time,
    /// Of stable and canary, since the last measurement.
    window: [Observed; 2],
    /// Of stable and canary, since it began.
    all: [Observed; 2],
    /// By check: its measurements, and the reason of its last failure.
    checks: Vec<(Counters, Option<Reason>)>,
    verdict: Verdict,
}

impl Run {
    /// An analysis that begins now.
    pub fn new(settings: &Analysis, now: Time) -> Run {
        Run {
            next: now + settings.interval,
            window: Default::default(),
            all: Default::default(),
            checks: vec![Default::default(); settings.checks.len()],
            verdict: Verdict::Running,
            settings: settings.clone(),
        }
    }

    /// Takes in what was seen, takes a measurement if it is time for one, and says what follows.
    pub fn look(&mut self, now: Time, view: &View<'_>) -> Verdict {
        if self.verdict != Verdict::Running {
            return self.verdict;
        }
        for (index, seen) in [view.stable_seen, view.canary_seen].into_iter().enumerate() {
            self.window[index].merge(seen);
        }
        if now >= self.next {
            self.measure();
            self.next = now + self.settings.interval;
        }
        self.verdict
    }

    /// When it has to be asked for the next measurement, unless it is over.
    pub fn next(&self) -> Option<Time> {
        (self.verdict == Verdict::Running).then_some(self.next)
    }

    /// Requests to the canary that it has looked at.
    pub fn requests(&self) -> u64 {
        self.all[1].requests
    }

    fn measure(&mut self) {
        for (all, window) in self.all.iter_mut().zip(&self.window) {
            all.merge(window);
        }
        for (check, (counters, reason)) in self.settings.checks.iter().zip(&mut self.checks) {
            let measured = check.measure(&self.window, &self.all, self.settings.min_requests);
            counters.add(measured);
            if let Measured::Failed(why) = measured {
                *reason = Some(why);
            }
        }
        self.window.iter_mut().for_each(Observed::clear);
        let limits = self.settings.limits();
        let statuses: Vec<Status> = self.checks.iter().map(|(counters, _)| limits.assess(counters, false)).collect();
        // One check that failed ends the whole run.
        let terminating = statuses.iter().any(|status| status.is_bad());
        let statuses = self.checks.iter().map(|(counters, _)| limits.assess(counters, terminating));
        let statuses: Vec<Status> = statuses.collect();
        self.verdict = match verdict(&statuses) {
            Status::Pending | Status::Running => Verdict::Running,
            Status::Successful => Verdict::Successful,
            Status::Inconclusive => Verdict::Inconclusive,
            Status::Failed | Status::Error => {
                let failed = statuses.iter().position(|status| matches!(status, Status::Failed | Status::Error));
                let reason = failed.and_then(|index| self.checks[index].1);
                Verdict::Failed(reason.unwrap_or(Reason::Inconclusive))
            }
        };
    }
}
