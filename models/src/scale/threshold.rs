//! Two CPU thresholds, a fixed step and cooldowns: the plain scaler of VM groups and dashboards.
//!
//! One threshold to go out, a lower one to come in (half of the first unless given), so that the
//! step out does not at once ask for the step back. How long the cooldowns hold is read as follows:
//! no step out within `cooldown_out` of the last step out; no step in within `cooldown_in` of the last
//! step in either direction. A step in never delays a step out: too few replicas hurt more than too
//! many. The first steps of a run wait for nothing.
//!
//! CPU is what the ready pods use of what they request, all together. Samples are taken as they come,
//! start-up and all; the HPA is warier.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Ratio, Span, Time};

use super::bounds::min_default;
use super::hpa::sync_period_default;
use super::{Bounds, Decision, Reading, Reason, Scale, ScaleSurroundings};

/// Settings of the threshold scaler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The least replicas.
    #[serde(default = "min_default")]
    pub min: u32,
    /// The most replicas.
    pub max: u32,
    /// Above this mean CPU utilisation a step out.
    #[serde(default = "above_default")]
    pub above: Ratio,
    /// Below this a step in; half of `above` if not given.
    #[serde(default)]
    pub below: Option<Ratio>,
    /// How much a step adds or takes away.
    #[serde(default = "step_default")]
    pub step: Step,
    /// The least time from one step out to the next.
    #[serde(default = "cooldown_out_default")]
    pub cooldown_out: Span,
    /// The least time from any step to a step in.
    #[serde(default = "cooldown_in_default")]
    pub cooldown_in: Span,
    /// How often it looks.
    #[serde(default = "sync_period_default")]
    pub period: Span,
}

/// How much a step changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Step {
    /// So many replicas.
    Pods(u32),
    /// This share of the present replicas, at least one.
    Percent(Ratio),
}

fn above_default() -> Ratio {
    Ratio::new(0.7)
}

fn step_default() -> Step {
    Step::Percent(Ratio::new(0.2))
}

fn cooldown_out_default() -> Span {
    Span::from_secs(60)
}

fn cooldown_in_default() -> Span {
    Span::from_secs(300)
}

impl Threshold {
    pub(super) fn check(&self) -> Result<(), String> {
        Bounds { min: self.min, max: self.max }.check()?;
        if self.below() >= self.above {
            return Err(format!("below: {} is not less than above, {}", self.below(), self.above));
        }
        if matches!(self.step, Step::Pods(0)) || matches!(self.step, Step::Percent(share) if share == Ratio::ZERO) {
            return Err("step: a step of nothing leads nowhere".to_owned());
        }
        if self.period == Span::ZERO {
            return Err("period: it must be longer than zero".to_owned());
        }
        Ok(())
    }

    fn below(&self) -> Ratio {
        self.below.unwrap_or(Ratio::new(self.above.fraction() / 2.0))
    }
}

impl Step {
    fn of(self, replicas: u32) -> u32 {
        match self {
            Step::Pods(pods) => pods,
            Step::Percent(share) => ((f64::from(replicas) * share.fraction()).round() as u32).max(1),
        }
    }
}

impl Build<dyn Scale, ScaleSurroundings> for Threshold {
    fn build(&self, _: &ScaleSurroundings) -> Box<dyn Scale> {
        Box::new(Stepping { settings: self.clone(), last_out: None, last_in: None })
    }
}

struct Stepping {
    settings: Threshold,
    last_out: Option<Time>,
    last_in: Option<Time>,
}

/// The share of their requests that the ready pods use.
fn utilization(reading: &Reading<'_>) -> Option<f64> {
    let ready = reading.pods.iter().filter(|pod| pod.is_ready() && !pod.deleting);
    let samples = ready.filter_map(|pod| Some((pod.sample?.cpu.as_milli(), pod.requests?.cpu.as_milli())));
    let (used, requested) = samples.fold((0, 0), |(used, requested), (u, r)| (used + u, requested + r));
    (requested > 0).then(|| used as f64 / requested as f64)
}

fn is_within(now: Time, last: Option<Time>, cooldown: Span) -> bool {
    last.is_some_and(|last| now.since(last) < cooldown)
}

impl Stepping {
    fn wish(&self, now: Time, reading: &Reading<'_>) -> (u32, Reason) {
        let Threshold { above, step, cooldown_out, cooldown_in, .. } = self.settings;
        let desired = reading.desired;
        let Some(utilization) = utilization(reading) else { return (desired, Reason::FailedGetResourceMetric) };
        if utilization > above.fraction() {
            if is_within(now, self.last_out, cooldown_out) {
                return (desired, Reason::Cooldown);
            }
            (desired.saturating_add(step.of(desired)), Reason::AboveThreshold)
        } else if utilization < self.settings.below().fraction() {
            if is_within(now, self.last_out.max(self.last_in), cooldown_in) {
                return (desired, Reason::Cooldown);
            }
            (desired.saturating_sub(step.of(desired)), Reason::BelowThreshold)
        } else {
            (desired, Reason::BetweenThresholds)
        }
    }
}

impl Scale for Stepping {
    fn decide(&mut self, now: Time, reading: &Reading<'_>) -> Decision {
        let Threshold { min, max, .. } = self.settings;
        let (wish, reason) = self.wish(now, reading);
        let replicas = Bounds { min, max }.hold(wish);
        if replicas > reading.desired {
            self.last_out = Some(now);
        } else if replicas < reading.desired {
            self.last_in = Some(now);
        }
        let reason = match replicas {
            held if held < wish => Reason::TooManyReplicas,
            held if held > wish => Reason::TooFewReplicas,
            _ => reason,
        };
        Decision::new(replicas, reason)
    }

    fn period(&self) -> Span {
        self.settings.period
    }
}
