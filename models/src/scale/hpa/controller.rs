//! One look at a deployment after the other: `reconcileAutoscaler` in horizontal.go.

use sim_core::{Span, Time};

use super::behavior::Directions;
use super::calculator::Calculator;
use super::history::{Recommendation, Recommendations};
use super::measure::Measure;
use super::rates::{self, Recent};
use crate::scale::{Bounds, Decision, Reading, Reason, Scale};

/// What an HPA is told, in the controller's own units.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The least and the most replicas.
    pub bounds: Bounds,
    /// The metrics; without any nothing is ever proposed.
    pub measures: Vec<Measure>,
    /// How metrics become replicas.
    pub calculator: Calculator,
    /// `behavior`, if it is given.
    pub rules: Option<Directions>,
    /// Without `behavior`: how far back a higher recommendation counts.
    pub downscale_stabilization: Span,
    /// How often it is looked at.
    pub sync_period: Span,
}

/// What it says of itself, as the object's status does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// AbleToScale.
    pub able: Reason,
    /// ScalingActive; `None` while no metric was asked for.
    pub active: Option<Reason>,
    /// ScalingLimited; `None` while nothing was proposed.
    pub limited: Option<Reason>,
}

/// An HPA at work.
#[derive(Clone, Debug)]
pub struct Controller {
    spec: Spec,
    /// `None` until the first look.
    recommendations: Option<Recommendations>,
    recent: Recent,
    conditions: Conditions,
}

impl Controller {
    /// One that has seen nothing yet.
    pub fn new(spec: Spec) -> Controller {
        let conditions = Conditions { able: Reason::SucceededGetScale, active: None, limited: None };
        Controller { spec, recommendations: None, recent: Recent::default(), conditions }
    }

    /// One with a past.
    pub fn with_past(spec: Spec, recommendations: Recommendations, recent: Recent) -> Controller {
        Controller { recommendations: Some(recommendations), recent, ..Controller::new(spec) }
    }

    /// What the last look came to.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// The largest of what the metrics propose; the first failure if that is not enough to go by.
    fn propose(&self, now: Time, reading: &Reading<'_>) -> Result<u32, Reason> {
        let mut largest = None;
        let mut failure = None;
        for measure in &self.spec.measures {
            match self.spec.calculator.propose(now, measure, reading, &[]) {
                Ok(proposal) => largest = largest.max(Some(proposal.replicas)),
                Err(_) => failure = failure.or(Some(measure.failure())),
            }
        }
        match (largest, failure) {
            // Who cannot see everything may still add, but must not take away.
            (Some(replicas), Some(reason)) if replicas < reading.desired => Err(reason),
            (Some(replicas), _) => Ok(replicas),
            (None, reason) => Err(reason.unwrap_or(Reason::FailedGetResourceMetric)),
        }
    }

    /// What stabilisation, rate limits and bounds leave of a proposal.
    fn normalize(&mut self, now: Time, current: u32, proposed: u32) -> (u32, Reason) {
        let Spec { bounds, rules, downscale_stabilization, .. } = &self.spec;
        let recommendations = self.recommendations.get_or_insert_default();
        let (stable, limited) = match rules {
            None => {
                let stable = recommendations.stabilize(now, *downscale_stabilization, proposed);
                (stable, rates::limit_plainly(current, stable, *bounds))
            }
            Some(rules) => {
                let stable = recommendations.stabilize_between(now, rules.windows(), current, proposed);
                (stable, self.recent.limit(now, current, stable, *bounds, rules))
            }
        };
        let upwards = rules.is_some() && proposed >= current;
        self.conditions.able = match stable == proposed {
            true => Reason::ReadyForNewScale,
            false if upwards => Reason::ScaleUpStabilized,
            false => Reason::ScaleDownStabilized,
        };
        self.conditions.limited = Some(limited.1);
        let reason = if limited.0 != stable || stable == proposed { limited.1 } else { self.conditions.able };
        (limited.0, reason)
    }

    /// Remembers a change that is now made.
    fn rescale(&mut self, now: Time, from: u32, to: u32) {
        self.conditions.able = Reason::SucceededRescale;
        let rules = self.spec.rules.as_ref();
        if to > from {
            self.recent.ups.record(now, to - from, rules.map(|rules| &rules.up));
        } else {
            self.recent.downs.record(now, from - to, rules.map(|rules| &rules.down));
        }
    }
}

impl Scale for Controller {
    fn decide(&mut self, now: Time, reading: &Reading<'_>) -> Decision {
        let (current, bounds) = (reading.desired, self.spec.bounds);
        self.conditions = Conditions { able: Reason::SucceededGetScale, active: None, limited: None };
        // A restart must not scale down before it has watched for a whole window.
        let first = || Recommendations::new(vec![Recommendation { at: now, replicas: current }]);
        self.recommendations.get_or_insert_with(first);
        let (replicas, reason) = if current == 0 && bounds.min != 0 {
            self.conditions.active = Some(Reason::ScalingDisabled);
            (0, Reason::ScalingDisabled)
        } else if current > bounds.max {
            (bounds.max, Reason::TooManyReplicas)
        } else if current < bounds.min {
            (bounds.min, Reason::TooFewReplicas)
        } else {
            match self.propose(now, reading) {
                Ok(proposed) => {
                    self.conditions.active = Some(Reason::ValidMetricFound);
                    self.normalize(now, current, proposed)
                }
                Err(failure) => {
                    self.conditions.active = Some(failure);
                    (current, failure)
                }
            }
        };
        if replicas != current {
            self.rescale(now, current, replicas);
        }
        Decision::new(replicas, reason)
    }

    fn period(&self) -> Span {
        self.spec.sync_period
    }
}
