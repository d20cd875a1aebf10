//! Blue-green: a whole second set beside the first, then all traffic switches at once.
//!
//! Before the switch the new set is waited for, and may be tried with copies of the requests; after it the
//! old set stays for a while, whole, so that the way back is as quick as the way there. It costs twice
//! the pods, and a fault that only shows under traffic meets all of it.
//!
//! Source: argoproj/argo-rollouts, rollout/bluegreen.go. Left out: promotion by hand.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::analysis::{Analysis, Run, Verdict};
use super::canary::{ABORT_SCALE_DOWN_DELAY, PROGRESS_DEADLINE, SCALE_DOWN_DELAY, WEIGHT_MAX};
use super::progress::{Progress, forward};
use super::{Phase, Plan, Reason, RollOut, Traffic, View, sync};

/// A switch between two sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlueGreen {
    /// Pods of the new version before it is checked. Default as many as are wanted.
    pub preview_replicas: Option<u32>,
    /// How long a pod must be ready to count. Default 0s.
    pub min_ready: Span,
    /// Whether the new set is tried with a copy of each request before the switch. Default false.
    pub mirror: bool,
    /// What must hold before the switch; without `mirror` it sees no requests. Default nothing.
    pub before: Option<Analysis>,
    /// From when the new set is there, and checked, to the switch. Default 0s.
    pub auto_promotion: Span,
    /// What must hold after the switch; meanwhile the old set stays. Default nothing.
    pub after: Option<Analysis>,
    /// How long the old set stays once the new one is taken to be good. Default 30s.
    pub scale_down_delay: Span,
    /// How long the new set stays after it was given up. Default 30s.
    pub abort_scale_down_delay: Span,
    /// Without progress for longer than this it has failed. Default 10min.
    pub progress_deadline: Span,
    /// Whether it is given up then, rather than left as it is. Default false.
    pub progress_deadline_abort: bool,
}

impl Default for BlueGreen {
    fn default() -> BlueGreen {
        BlueGreen {
            preview_replicas: None,
            min_ready: sync::MIN_READY,
            mirror: false,
            before: None,
            auto_promotion: Span::ZERO,
            after: None,
            scale_down_delay: SCALE_DOWN_DELAY,
            abort_scale_down_delay: ABORT_SCALE_DOWN_DELAY,
            progress_deadline: PROGRESS_DEADLINE,
            progress_deadline_abort: false,
        }
    }
}

impl BlueGreen {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.preview_replicas == Some(0) {
            return Err("preview_replicas: nothing can be checked without a pod".to_owned());
        }
        if self.before.is_some() && !self.mirror {
            return Err("before: the new set gets no requests before the switch; add `mirror: true`".to_owned());
        }
        sync::check_deadline(self.progress_deadline, self.min_ready)?;
        for (place, analysis) in [("before", &self.before), ("after", &self.after)] {
            if matches!(analysis, Some(Analysis { count: None, consecutive_success_limit: None, .. })) {
                return Err(format!("{place}: an analysis without `count` never ends"));
            }
            Analysis::check_in(place, analysis.as_ref())?;
        }
        Ok(())
    }
}

impl Build<dyn RollOut, ()> for BlueGreen {
    fn build(&self, (): &()) -> Box<dyn RollOut> {
        Box::new(Switching { settings: self.clone(), stage: Stage::Preview, progress: Progress::default(), judged: 0 })
    }
}

/// How far a switch is.
enum Stage {
    /// The new set starts.
    Preview,
    /// It is tried with copies.
    Before(Run),
    /// It grows to its full size; since when it has been there.
    Ready(Option<Time>),
    /// It has the traffic.
    After(Run),
    /// It is good, since then.
    Promoted(Time),
    /// It was given up, then, and why.
    Aborted(Time, Reason),
    /// Nobody could tell whether it is good; whether it has the traffic.
    Stalled(bool),
}

/// A switch at work.
struct Switching {
    settings: BlueGreen,
    stage: Stage,
    progress: Progress,
    judged: u64,
}

impl RollOut for Switching {
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan {
        let late = self.is_late(now, view);
        if late && self.settings.progress_deadline_abort {
            self.stage = Stage::Aborted(now, Reason::ProgressDeadline);
        }
        while self.advance(now, view) {}
        let all = view.replicas;
        let preview = self.settings.preview_replicas.unwrap_or(all).min(all);
        let mut plan =
            Plan { stable: all, canary: all, older: vec![0; view.older.len()], judged: self.judged, ..Plan::default() };
        let mut traffic = Traffic::default();
        match &self.stage {
            Stage::Preview => {
                plan.canary = preview;
                plan.phase = if late { Phase::Stalled } else { Phase::Progressing };
            }
            Stage::Before(run) => {
                (plan.canary, traffic.mirror) = (preview, self.settings.mirror);
                (plan.phase, plan.again) = (Phase::Analysing, run.next());
            }
            Stage::Ready(since) => {
                plan.again = since.map(|since| since + self.settings.auto_promotion);
                plan.phase = match since {
                    Some(_) => Phase::Paused,
                    None if late => Phase::Stalled,
                    None => Phase::Progressing,
                };
            }
            Stage::After(run) => {
                traffic.canary = WEIGHT_MAX;
                (plan.phase, plan.again) = (Phase::Promoting, run.next());
            }
            Stage::Promoted(since) => {
                traffic.canary = WEIGHT_MAX;
                self.leave(now, *since + self.settings.scale_down_delay, view, &mut plan);
            }
            Stage::Aborted(since, reason) => {
                plan.reason = Some(*reason);
                self.give_up(now, *since + self.settings.abort_scale_down_delay, view, &mut plan);
            }
            Stage::Stalled(switched) => {
                traffic.canary = if *switched { WEIGHT_MAX } else { 0 };
                (plan.phase, plan.reason) = (Phase::Stalled, Some(Reason::Inconclusive));
            }
        }
        if late && plan.phase == Phase::Stalled {
            plan.reason = plan.reason.or(Some(Reason::ProgressDeadline));
        } else if let Stage::Preview | Stage::Ready(None) = self.stage {
            plan.again = self.progress.expires(now, self.settings.progress_deadline);
        }
        plan.traffic = Some(traffic);
        plan
    }
}

impl Switching {
    /// Whether the new set does not come up.
    fn is_late(&mut self, now: Time, view: &View<'_>) -> bool {
        match self.stage {
            Stage::Preview | Stage::Ready(None) => {
                self.progress.is_late(now, forward(view), self.settings.progress_deadline, false)
            }
            _ => {
                self.progress.restart();
                false
            }
        }
    }

    /// One stage on, if it is time; false if not.
    fn advance(&mut self, now: Time, view: &View<'_>) -> bool {
        let settings = &self.settings;
        let preview = settings.preview_replicas.unwrap_or(view.replicas).min(view.replicas);
        let next = match &mut self.stage {
            Stage::Preview if view.canary.available >= preview => match &settings.before {
                Some(analysis) => Stage::Before(Run::new(analysis, now)),
                None => Stage::Ready(None),
            },
            Stage::Before(run) => {
                let verdict = run.look(now, view);
                self.judged = run.requests();
                match verdict {
                    Verdict::Running => return false,
                    Verdict::Successful => Stage::Ready(None),
                    Verdict::Failed(reason) => Stage::Aborted(now, reason),
                    Verdict::Inconclusive => Stage::Stalled(false),
                }
            }
            Stage::Ready(None) if view.canary.available >= view.replicas => Stage::Ready(Some(now)),
            Stage::Ready(Some(since)) if now >= *since + settings.auto_promotion => match &settings.after {
                Some(analysis) => Stage::After(Run::new(analysis, now)),
                None => Stage::Promoted(now),
            },
            Stage::After(run) => {
                let verdict = run.look(now, view);
                self.judged = run.requests();
                match verdict {
                    Verdict::Running => return false,
                    Verdict::Successful => Stage::Promoted(now),
                    Verdict::Failed(reason) => Stage::Aborted(now, reason),
                    Verdict::Inconclusive => Stage::Stalled(true),
                }
            }
            _ => return false,
        };
        self.stage = next;
        true
    }

    /// The old set goes, after a while.
    fn leave(&self, now: Time, gone: Time, view: &View<'_>, plan: &mut Plan) {
        let switched = view.weight == WEIGHT_MAX;
        plan.phase = if switched { Phase::Promoted } else { Phase::Promoting };
        if now < gone || !switched {
            plan.again = Some(gone).filter(|gone| now < *gone);
        } else {
            plan.stable = 0;
            plan.done = view.stable.pods == 0 && view.older.iter().all(|set| set.pods == 0);
        }
    }

    /// The new set goes, after a while.
    fn give_up(&self, now: Time, gone: Time, view: &View<'_>, plan: &mut Plan) {
        let back = view.weight == 0;
        plan.phase = if back { Phase::RolledBack } else { Phase::Aborting };
        if now < gone || !back {
            plan.canary = view.canary.spec;
            plan.again = Some(gone).filter(|gone| now < *gone);
        } else {
            plan.canary = 0;
            plan.done = view.canary.pods == 0;
        }
    }
}
