//! Recreate: all old pods end, and when the last is gone the new ones start.
//!
//! For programs of which two versions must never run at once. The gap is as long as the slowest end of an
//! old pod and the start of the first new one. As in Kubernetes, a missed deadline is reported, no more.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::progress::{Progress, forward};
use super::{Phase, Plan, Reason, RollOut, View, sync};

/// An update that leaves a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recreate {
    /// How long a pod must be ready to count. Default 0s.
    pub min_ready: Span,
    /// Without progress for longer than this it has failed. Default 10min.
    pub progress_deadline: Span,
}

impl Default for Recreate {
    fn default() -> Recreate {
        Recreate { min_ready: sync::MIN_READY, progress_deadline: sync::PROGRESS_DEADLINE }
    }
}

impl Recreate {
    pub(super) fn check(&self) -> Result<(), String> {
        sync::check_deadline(self.progress_deadline, self.min_ready)
    }
}

impl Build<dyn RollOut, ()> for Recreate {
    fn build(&self, (): &()) -> Box<dyn RollOut> {
        Box::new(Recreating { settings: *self, progress: Progress::default() })
    }
}

/// An update by Recreate at work.
struct Recreating {
    settings: Recreate,
    progress: Progress,
}

impl RollOut for Recreating {
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan {
        let olds = || view.older.iter().chain([&view.stable]);
        let gone = olds().all(|set| set.pods + set.ending == 0);
        let canary = if gone { view.replicas } else { view.canary.spec };
        let status = forward(view);
        let complete = gone && status.is_complete(view.replicas);
        let deadline = self.settings.progress_deadline;
        let late = self.progress.is_late(now, status, deadline, complete);
        Plan {
            stable: 0,
            canary,
            older: vec![0; view.older.len()],
            phase: match (complete, late) {
                (true, _) => Phase::Promoted,
                (false, true) => Phase::Stalled,
                (false, false) => Phase::Progressing,
            },
            reason: late.then_some(Reason::ProgressDeadline),
            again: self.progress.expires(now, deadline).filter(|_| !complete),
            done: complete,
            ..Plan::default()
        }
    }
}
