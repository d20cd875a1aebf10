//! Rolling: a few new pods, a few old ones less, until all are new.
//!
//! What it promises is about numbers of pods only: never more than `max_surge` above, never fewer than
//! `max_unavailable` below what is wanted. Traffic goes to whoever is ready, so a bad version that
//! starts well gets all of it. As in Kubernetes, a missed deadline is reported and nothing else; with
//! `undo` the pipeline that started the release runs `kubectl rollout undo` then, and when a check fails.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::analysis::{Analysis, Run, Verdict};
use super::progress::{Progress, status};
use super::{Phase, Plan, Reason, RollOut, SetView, View, earlier, sync};
use crate::amount::Amount;

/// A rolling update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rolling {
    /// Pods above the wanted number; percentages round up. Default 25%.
    pub max_surge: Amount,
    /// Pods missing below the wanted number; percentages round down. Default 25%.
    pub max_unavailable: Amount,
    /// How long a pod must be ready to count. Default 0s.
    pub min_ready: Span,
    /// Without progress for longer than this it has failed. Default 10min.
    pub progress_deadline: Span,
    /// Old versions that are kept once they have no pods; without any, nothing can be undone then. Default 10.
    pub revision_history_limit: u32,
    /// Whether ending pods make room for others at once. Default TerminationStarted.
    pub pod_replacement: sync::PodReplacement,
    /// Whether it is undone when the deadline is missed, or the analysis fails. Default false.
    pub undo: bool,
    /// What is looked at meanwhile; it matters only with `undo`. Default nothing.
    pub analysis: Option<Analysis>,
}

impl Default for Rolling {
    fn default() -> Rolling {
        Rolling {
            max_surge: sync::MAX_SURGE,
            max_unavailable: sync::MAX_UNAVAILABLE,
            min_ready: sync::MIN_READY,
            progress_deadline: sync::PROGRESS_DEADLINE,
            revision_history_limit: sync::REVISION_HISTORY_LIMIT,
            pod_replacement: sync::PodReplacement::TerminationStarted,
            undo: false,
            analysis: None,
        }
    }
}

impl Rolling {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.analysis.is_some() && !self.undo {
            return Err("analysis: nobody acts on it; add `undo: true`, or leave it out".to_owned());
        }
        sync::check_bounds(self.max_surge, self.max_unavailable)?;
        sync::check_deadline(self.progress_deadline, self.min_ready)?;
        Analysis::check_in("analysis", self.analysis.as_ref())
    }

    /// One sync of the deployment controller towards `new`: its size, and those of the old sets, newest first.
    pub fn sync(&self, replicas: u32, new: &SetView, old: &[SetView]) -> (u32, Vec<u32>) {
        let (surge, _) = sync::fenceposts(self.max_surge, self.max_unavailable, replicas);
        let occupied = |set: &SetView| sync::occupied(set, self.pod_replacement);
        let all = occupied(new) + old.iter().map(occupied).sum::<u32>();
        let grown = sync::grown(replicas, surge, new.spec, all);
        if grown != new.spec {
            return (grown, old.iter().map(|set| set.spec).collect());
        }
        let unavailable = sync::unavailable_max(self.max_surge, self.max_unavailable, replicas);
        (new.spec, sync::shrunk(replicas, unavailable, new, old))
    }

    /// The sizes when the deployment is scaled in the middle of the update.
    fn scaled(&self, view: &View<'_>, new: &SetView, old: &[SetView]) -> (u32, Vec<u32>) {
        let (before, _) = sync::fenceposts(self.max_surge, self.max_unavailable, view.replicas_before);
        let (surge, _) = sync::fenceposts(self.max_surge, self.max_unavailable, view.replicas);
        let max_before = Some(view.replicas_before + before);
        let sets: Vec<sync::Scaled> =
            std::iter::once(new).chain(old).map(|set| sync::Scaled { size: set.spec, max_before }).collect();
        let pods = new.pods + old.iter().map(|set| set.pods).sum::<u32>();
        let mut sizes = sync::proportional(&sets, true, new.available, view.replicas, surge, pods);
        (sizes.remove(0), sizes)
    }
}

impl Build<dyn RollOut, ()> for Rolling {
    fn build(&self, (): &()) -> Box<dyn RollOut> {
        Box::new(RollingUpdate {
            settings: self.clone(),
            replicas: None,
            progress: Progress::default(),
            undone: None,
            judged: 0,
            run: None,
        })
    }
}

/// A rolling update at work.
struct RollingUpdate {
    settings: Rolling,
    /// The number wanted at the last look.
    replicas: Option<u32>,
    progress: Progress,
    /// Why it goes back, if it does.
    undone: Option<Reason>,
    judged: u64,
    run: Option<Run>,
}

impl RollOut for RollingUpdate {
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan {
        self.judge(now, view);
        if self.is_late(now, view) && self.settings.undo && self.undone.is_none() {
            self.undo(view, Reason::ProgressDeadline);
        }
        let late = self.is_late(now, view);
        let (new, old) = self.sides(view);
        let rescaled = self.replicas.replace(view.replicas).is_some_and(|before| before != view.replicas);
        let settings = &self.settings;
        let (grown, mut older) =
            if rescaled { settings.scaled(view, &new, &old) } else { settings.sync(view.replicas, &new, &old) };
        let other = older.remove(self.other(older.len() - 1));
        let (stable, canary) = if self.undone.is_some() { (grown, other) } else { (other, grown) };
        let complete = status(&new, &old).is_complete(view.replicas);
        // A watch goes on for as long as it has been told to, and there is something to go back from.
        let watched = self.run.as_ref().and_then(Run::next);
        let stalls = self.progress.expires(now, self.settings.progress_deadline).filter(|_| !complete);
        Plan {
            stable,
            canary,
            older,
            traffic: None,
            phase: match (self.undone, complete) {
                (None, true) => Phase::Promoted,
                (Some(_), true) => Phase::RolledBack,
                _ if late => Phase::Stalled,
                (None, false) => Phase::Progressing,
                (Some(_), false) => Phase::Aborting,
            },
            reason: self.undone.or(late.then_some(Reason::ProgressDeadline)),
            judged: self.judged,
            again: earlier(watched, stalls),
            done: complete && watched.is_none(),
        }
    }
}

impl RollingUpdate {
    /// The set that shall grow, and those that shall go, newest first: an undone version is newer than
    /// what came before it.
    fn sides(&self, view: &View<'_>) -> (SetView, Vec<SetView>) {
        let back = self.undone.is_some();
        let (new, other) = if back { (view.stable, view.canary) } else { (view.canary, view.stable) };
        let mut old: Vec<SetView> = view.older.to_vec();
        old.insert(self.other(old.len()), other);
        (new, old)
    }

    /// Where the other one of stable and canary stands among the old sets, the last of which is `last`.
    fn other(&self, last: usize) -> usize {
        if self.undone.is_some() { 0 } else { last }
    }

    fn judge(&mut self, now: Time, view: &View<'_>) {
        let Some(analysis) = self.settings.analysis.as_ref().filter(|_| self.undone.is_none()) else { return };
        if self.run.is_none() && view.canary.available == 0 {
            return;
        }
        let run = self.run.get_or_insert_with(|| Run::new(analysis, now));
        match run.look(now, view) {
            Verdict::Failed(reason) => self.undo(view, reason),
            _ => self.judged = self.run.as_ref().map_or(0, Run::requests),
        }
    }

    /// Goes back, if there is anything to go back to.
    fn undo(&mut self, view: &View<'_>, reason: Reason) {
        if self.settings.revision_history_limit > 0 || view.stable.spec + view.stable.pods > 0 {
            self.judged = self.run.as_ref().map_or(0, Run::requests);
            self.undone = Some(reason);
            self.run = None;
            self.progress.restart();
        }
    }

    /// Whether nothing has got better for too long.
    fn is_late(&mut self, now: Time, view: &View<'_>) -> bool {
        let (new, old) = self.sides(view);
        let status = status(&new, &old);
        self.progress.is_late(now, status, self.settings.progress_deadline, status.is_complete(view.replicas))
    }
}
