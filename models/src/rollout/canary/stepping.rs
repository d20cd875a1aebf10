//! A canary at work: it goes up its steps, and back if an analysis fails.

use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::counts::{self, Basic, Counts, Routed, Scale};
use super::{Canary, CanaryScale, Step, WEIGHT_MAX};
use crate::rollout::analysis::{Run, Verdict};
use crate::rollout::progress::{Progress, forward};
use crate::rollout::{Phase, Plan, Reason, RollOut, SetView, Traffic, View, earlier, sync};

impl Build<dyn RollOut, ()> for Canary {
    fn build(&self, (): &()) -> Box<dyn RollOut> {
        Box::new(Stepping {
            weights: self.weights(),
            settings: self.clone(),
            step: 0,
            since: None,
            weight: 0,
            routed: 0,
            scale: None,
            run: None,
            background: None,
            progress: Progress::default(),
            end: None,
            judged: 0,
        })
    }
}

/// A canary at work.
struct Stepping {
    settings: Canary,
    weights: Vec<u32>,
    step: usize,
    /// When the present pause began.
    since: Option<Time>,
    /// The weight of the last step that set one, and the one that the router was last given.
    weight: u32,
    routed: u32,
    scale: Option<Scale>,
    run: Option<Run>,
    background: Option<Run>,
    progress: Progress,
    /// Since when it is over, and why it was aborted, if it was.
    end: Option<(Time, Option<Reason>)>,
    judged: u64,
}

impl RollOut for Stepping {
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan {
        let (mut phase, mut again, mut reason) = (Phase::Progressing, None, None);
        let stalls = self.end.is_none() && self.watch(now, view);
        if stalls {
            (phase, reason) = (Phase::Stalled, Some(Reason::Inconclusive));
        } else if self.end.is_none() {
            (phase, again, reason) = self.advance(now, view);
        }
        if let Some((_, Some(aborted))) = self.end {
            return self.back(now, view, aborted);
        }
        let counts = self.counts(view);
        self.route(view, counts);
        let mut plan = Plan {
            stable: counts.stable,
            canary: counts.canary,
            older: vec![0; view.older.len()],
            traffic: self.traffic().map(|traffic| match (self.end, view.canary.available) {
                // Argo: "when newRS is not available … never weight to canary".
                (None, 0) => Traffic::default(),
                _ => traffic,
            }),
            phase,
            reason,
            judged: self.judged,
            again: earlier(again, self.background.as_ref().and_then(Run::next)),
            done: false,
        };
        if let Some((since, None)) = self.end {
            self.finish(now, view, since, &mut plan);
        } else {
            plan.again = earlier(plan.again, self.progress.expires(now, self.settings.progress_deadline));
        }
        plan
    }
}

impl Stepping {
    /// The analysis in the background, and the clock; true if the analysis could not decide, so that nothing
    /// moves any more.
    fn watch(&mut self, now: Time, view: &View<'_>) -> bool {
        // It begins with the traffic (Argo's startingStep): before, there is nothing to measure.
        let is_seen = if self.settings.router { view.weight > 0 } else { view.canary.available > 0 };
        if let Some(analysis) = self.settings.analysis.as_ref().filter(|_| is_seen || self.background.is_some()) {
            let run = self.background.get_or_insert_with(|| Run::new(analysis, now));
            match run.look(now, view) {
                Verdict::Failed(reason) => {
                    self.judged = run.requests();
                    self.abort(now, reason);
                    return false;
                }
                Verdict::Inconclusive => return true,
                Verdict::Running | Verdict::Successful => {}
            }
        }
        let waits = matches!(self.settings.steps.get(self.step), Some(Step::Pause(_) | Step::Analysis(_)));
        if waits {
            self.progress.restart();
        } else if self.progress.is_late(now, forward(view), self.settings.progress_deadline, false)
            && self.settings.progress_deadline_abort
        {
            self.abort(now, Reason::ProgressDeadline);
        }
        false
    }

    fn abort(&mut self, now: Time, reason: Reason) {
        self.end = Some((now, Some(reason)));
    }

    /// Goes through as many steps as can be done now.
    fn advance(&mut self, now: Time, view: &View<'_>) -> (Phase, Option<Time>, Option<Reason>) {
        loop {
            let Some(step) = self.settings.steps.get(self.step).cloned() else { return self.promote(now, view) };
            let is_done = match step {
                Step::SetWeight(weight) => {
                    self.weight = weight;
                    self.is_reached(view)
                }
                Step::SetCanaryScale(scale) => {
                    self.scale = match scale {
                        CanaryScale::Replicas(replicas) => Some(Scale::Replicas(replicas)),
                        CanaryScale::Weight(weight) => Some(Scale::Weight(weight)),
                        CanaryScale::MatchTraffic => None,
                    };
                    view.canary.available >= self.counts(view).canary
                }
                Step::Pause(span) => {
                    let until = *self.since.get_or_insert(now) + span;
                    if now < until {
                        return (Phase::Paused, Some(until), None);
                    }
                    true
                }
                Step::Analysis(analysis) => {
                    let run = self.run.get_or_insert_with(|| Run::new(&analysis, now));
                    let verdict = run.look(now, view);
                    self.judged = run.requests();
                    match verdict {
                        Verdict::Running => return (Phase::Analysing, run.next(), None),
                        Verdict::Inconclusive => return (Phase::Stalled, None, Some(Reason::Inconclusive)),
                        Verdict::Failed(reason) => {
                            self.abort(now, reason);
                            return (Phase::Aborting, None, Some(reason));
                        }
                        Verdict::Successful => true,
                    }
                }
            };
            if !is_done {
                let late = self.progress.is_late(now, forward(view), self.settings.progress_deadline, false);
                let phase = if late { Phase::Stalled } else { Phase::Progressing };
                return (phase, None, late.then_some(Reason::ProgressDeadline));
            }
            (self.step, self.since, self.run) = (self.step + 1, None, None);
        }
    }

    /// All steps are done: everything to the new version.
    fn promote(&mut self, now: Time, view: &View<'_>) -> (Phase, Option<Time>, Option<Reason>) {
        (self.weight, self.scale) = (WEIGHT_MAX, None);
        if self.is_reached(view) {
            self.end = Some((now, None));
        }
        let late = self.progress.is_late(now, forward(view), self.settings.progress_deadline, self.end.is_some());
        match (self.end, late) {
            (Some(_), _) => (Phase::Promoted, None, None),
            (None, true) => (Phase::Stalled, None, Some(Reason::ProgressDeadline)),
            (None, false) => (Phase::Promoting, None, None),
        }
    }

    /// Whether pods and traffic are what the last weight asks for.
    fn is_reached(&mut self, view: &View<'_>) -> bool {
        let counts = self.counts(view);
        if self.settings.router {
            self.route(view, counts);
            return self.routed == self.weight && view.weight == self.weight;
        }
        let wish = counts::approximate(view.replicas, self.weight, WEIGHT_MAX, self.surge(view).0 > 0);
        let there = |set: &SetView, wish: u32| set.spec == wish && set.available >= wish;
        there(&view.canary, wish.canary)
            && there(&view.stable, wish.stable)
            && view.older.iter().all(|set| set.spec == 0)
    }

    fn surge(&self, view: &View<'_>) -> (u32, u32) {
        sync::fenceposts(self.settings.max_surge, self.settings.max_unavailable, view.replicas)
    }

    fn counts(&self, view: &View<'_>) -> Counts {
        let aborted = matches!(self.end, Some((_, Some(_))));
        if self.settings.router {
            let routed = Routed {
                replicas: view.replicas,
                weight: self.weight,
                weight_max: WEIGHT_MAX,
                scale: self.scale,
                pods_min: self.settings.min_pods,
                dynamic: self.settings.dynamic_stable_scale.then_some(&self.weights),
                aborted,
            };
            return routed.counts(Some(view.weight));
        }
        let (surge, unavailable) = self.surge(view);
        let unavailable = unavailable.min(view.replicas);
        let basic = Basic { replicas: view.replicas, weight: self.weight, weight_max: WEIGHT_MAX, surge, unavailable };
        basic.step(&view.stable, &view.canary, view.older.iter().map(|set| set.spec).sum())
    }

    /// The traffic moves when the pods for it are there.
    fn route(&mut self, view: &View<'_>, counts: Counts) {
        let ready =
            view.canary.available >= counts.canary && view.stable.available >= counts.stable.min(view.stable.spec);
        if ready || self.weight < self.routed {
            self.routed = self.weight;
        }
    }

    fn traffic(&self) -> Option<Traffic> {
        self.settings.router.then_some(Traffic { canary: self.routed, ..Traffic::default() })
    }

    /// The new version has it all: the old set goes, after a while.
    fn finish(&mut self, now: Time, view: &View<'_>, since: Time, plan: &mut Plan) {
        plan.phase = Phase::Promoted;
        let gone = since + self.settings.scale_down_delay;
        if self.settings.router && !self.settings.dynamic_stable_scale && now < gone {
            plan.again = Some(gone);
        } else {
            plan.stable = 0;
            plan.again = None;
            plan.done = view.stable.pods == 0 && view.older.iter().all(|set| set.pods == 0);
        }
    }

    /// Everything goes back to the old version.
    fn back(&mut self, now: Time, view: &View<'_>, reason: Reason) -> Plan {
        (self.weight, self.scale) = (0, None);
        let mut counts = self.counts(view);
        let since = self.end.expect("only what has ended goes back").0;
        let dynamic = self.settings.dynamic_stable_scale;
        // Where the stable set has shrunk it takes back as much as it can carry.
        let carried = WEIGHT_MAX * view.stable.available.min(view.replicas) / view.replicas.max(1);
        self.routed = if dynamic { self.routed.min(WEIGHT_MAX - carried) } else { 0 };
        let mut again = None;
        if self.settings.router && (self.routed > 0 || view.weight > 0) {
            if !dynamic {
                counts.canary = counts.canary.max(view.canary.spec);
            }
        } else if self.settings.router && !dynamic {
            let gone = since + self.settings.abort_scale_down_delay;
            let for_ever = self.settings.abort_scale_down_delay == Span::ZERO;
            if for_ever || now < gone {
                counts.canary = view.canary.spec;
                again = (!for_ever).then_some(gone);
            }
        }
        let back = view.stable.available >= view.replicas && self.routed == 0 && view.weight == 0;
        let back = back && (self.settings.router || view.canary.spec == 0);
        Plan {
            stable: counts.stable,
            canary: counts.canary,
            older: vec![0; view.older.len()],
            traffic: self.traffic(),
            phase: if back { Phase::RolledBack } else { Phase::Aborting },
            reason: Some(reason),
            judged: self.judged,
            again,
            done: back && view.canary.spec + view.canary.pods == 0 && view.stable.spec == view.replicas,
        }
    }
}
