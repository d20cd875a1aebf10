//! Canary: traffic in steps, with pauses and analyses in between, as Argo Rollouts does it.
//!
//! Weight, pods, traffic: a step that sets a weight first brings the canary to the size that it needs, and
//! only when those pods are available moves the traffic. An analysis that fails aborts: all traffic goes
//! back at once, or step by step where the stable set has shrunk meanwhile.
//!
//! Source: argoproj/argo-rollouts, rollout/{canary,trafficrouting}.go. Left out: pauses without end,
//! experiments, header routes; an inconclusive analysis waits for a person who never comes.

pub mod counts;
mod stepping;

use serde::{Deserialize, Serialize};
use sim_core::Span;

use super::analysis::Analysis;
use super::sync;
use crate::amount::Amount;

/// Pods above the wanted number without a router, by default.
pub const MAX_SURGE: Amount = Amount::Percent(25);
/// Pods missing below the wanted number without a router, by default.
pub const MAX_UNAVAILABLE: Amount = Amount::Percent(25);
/// Without progress for longer than this it has failed, by default.
pub const PROGRESS_DEADLINE: Span = Span::from_secs(600);
/// How long the old set stays after a promotion, by default.
pub const SCALE_DOWN_DELAY: Span = Span::from_secs(30);
/// How long the new set stays after an abort, by default.
pub const ABORT_SCALE_DOWN_DELAY: Span = Span::from_secs(30);
/// All of the traffic.
pub const WEIGHT_MAX: u32 = 100;

/// A release in steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Canary {
    /// What is done, one after the other; at the end the new version gets everything. Default nothing.
    pub steps: Vec<Step>,
    /// Whether a router divides the traffic; if not, the numbers of pods do. Default true.
    pub router: bool,
    /// Without a router, pods above the wanted number; percentages round up. Default 25%.
    pub max_surge: Amount,
    /// Without a router, pods missing below it; percentages round down. Default 25%.
    pub max_unavailable: Amount,
    /// With a router, whether the stable set shrinks as the canary gets its traffic. Default false.
    pub dynamic_stable_scale: bool,
    /// With a router, the fewest pods of a set that is not empty. Default 1.
    pub min_pods: u32,
    /// How long a pod must be ready to count. Default 0s.
    pub min_ready: Span,
    /// What is looked at all the time. Default nothing.
    pub analysis: Option<Analysis>,
    /// With a router, how long the old set stays after the promotion. Default 30s.
    pub scale_down_delay: Span,
    /// With a router, how long the new set stays after an abort; 0s for ever. Default 30s.
    pub abort_scale_down_delay: Span,
    /// Without progress for longer than this it has failed. Default 10min.
    pub progress_deadline: Span,
    /// Whether it is aborted then, rather than left as it is. Default false.
    pub progress_deadline_abort: bool,
}

impl Default for Canary {
    fn default() -> Canary {
        Canary {
            steps: Vec::new(),
            router: true,
            max_surge: MAX_SURGE,
            max_unavailable: MAX_UNAVAILABLE,
            dynamic_stable_scale: false,
            min_pods: 1,
            min_ready: sync::MIN_READY,
            analysis: None,
            scale_down_delay: SCALE_DOWN_DELAY,
            abort_scale_down_delay: ABORT_SCALE_DOWN_DELAY,
            progress_deadline: PROGRESS_DEADLINE,
            progress_deadline_abort: false,
        }
    }
}

/// A step of a canary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Step {
    /// The new version gets so many percent of the traffic.
    SetWeight(u32),
    /// Nothing changes for so long.
    Pause(Span),
    /// An analysis has to succeed.
    Analysis(Analysis),
    /// The new version gets so many pods, whatever its traffic; only with a router.
    SetCanaryScale(CanaryScale),
}

/// How large the canary is, apart from its traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum CanaryScale {
    /// So many pods.
    Replicas(u32),
    /// As many as so many percent of the traffic would need.
    Weight(u32),
    /// As many as its traffic needs, again.
    MatchTraffic,
}

impl Canary {
    pub(super) fn check(&self) -> Result<(), String> {
        for (index, step) in self.steps.iter().enumerate() {
            let wrong = |text: String| Err(format!("steps: step {}: {text}", index + 1));
            match step {
                Step::SetWeight(weight) | Step::SetCanaryScale(CanaryScale::Weight(weight)) if *weight > WEIGHT_MAX => {
                    return wrong(format!("{weight} is more than all of the traffic, {WEIGHT_MAX}"));
                }
                Step::SetCanaryScale(_) if !self.router => {
                    return wrong("without a router the number of pods is the traffic".to_owned());
                }
                Step::Analysis(Analysis { count: None, consecutive_success_limit: None, .. }) => {
                    return wrong("an analysis without `count` never ends".to_owned());
                }
                Step::Analysis(analysis) => Analysis::check_in(&format!("steps[{index}]"), Some(analysis))?,
                _ => {}
            }
        }
        if self.dynamic_stable_scale && !self.router {
            return Err("dynamic_stable_scale: it needs a router".to_owned());
        }
        match self.router {
            false => sync::check_bounds(self.max_surge, self.max_unavailable)?,
            true => self.check_unbounded()?,
        }
        sync::check_deadline(self.progress_deadline, self.min_ready)?;
        Analysis::check_in("analysis", self.analysis.as_ref())
    }

    /// With a router there are as many pods as the traffic needs, whatever the bounds.
    fn check_unbounded(&self) -> Result<(), String> {
        let bounds =
            [("max_surge", self.max_surge, MAX_SURGE), ("max_unavailable", self.max_unavailable, MAX_UNAVAILABLE)];
        match bounds.iter().find(|(_, amount, default)| amount != default) {
            Some((name, ..)) => {
                Err(format!("{name}: with a router it bounds nothing; remove it, or add `router: false`"))
            }
            None => Ok(()),
        }
    }

    fn weights(&self) -> Vec<u32> {
        let weight = |step: &Step| if let Step::SetWeight(weight) = step { Some(*weight) } else { None };
        self.steps.iter().filter_map(weight).collect()
    }
}
