//! How far one step may go: rate limits and bounds.
//!
//! The arithmetic is horizontal.go's, in binary floating point: 100 pods and 10 % more are 111, for
//! 1.1 is a little more than it says and is rounded up.

use sim_core::Time;

use super::behavior::{Directions, Policy, Rules, Select};
use super::changes::Changes;
use super::defaults::{LEGACY_SCALE_UP_FACTOR, LEGACY_SCALE_UP_MINIMUM};
use crate::scale::{Bounds, Reason};

/// The changes of late, in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// Upwards.
    pub ups: Changes,
    /// Downwards.
    pub downs: Changes,
}

impl Recent {
    /// The replicas when the policy's period began.
    fn at_start(&self, now: Time, current: u32, policy: &Policy) -> i64 {
        let period = policy.period();
        i64::from(current) - self.ups.within(now, period) + self.downs.within(now, period)
    }

    /// The most replicas that the rules upwards allow; can be less than there are.
    pub fn up_limit(&self, now: Time, current: u32, rules: &Rules) -> i64 {
        let limits = rules.policies.iter().map(|policy| {
            let start = self.at_start(now, current, policy);
            match *policy {
                Policy::Pods { value, .. } => start + i64::from(value),
                Policy::Percent { value, .. } => (start as f64 * (1.0 + value.fraction())).ceil() as i64,
            }
        });
        match rules.select {
            Select::Max => limits.max(),
            Select::Min => limits.min(),
            Select::Disabled => None,
        }
        .unwrap_or(i64::from(current))
    }

    /// The fewest replicas that the rules downwards allow; can be more than there are, or negative.
    pub fn down_limit(&self, now: Time, current: u32, rules: &Rules) -> i64 {
        let limits = rules.policies.iter().map(|policy| {
            let start = self.at_start(now, current, policy);
            match *policy {
                Policy::Pods { value, .. } => start - i64::from(value),
                // Towards zero, so that a small set can still shrink.
                Policy::Percent { value, .. } => (start as f64 * (1.0 - value.fraction())) as i64,
            }
        });
        match rules.select {
            Select::Max => limits.min(),
            Select::Min => limits.max(),
            Select::Disabled => None,
        }
        .unwrap_or(i64::from(current))
    }

    /// What remains of a wish under `behavior`, and what cut it.
    pub fn limit(&self, now: Time, current: u32, wish: u32, bounds: Bounds, rules: &Directions) -> (u32, Reason) {
        if wish > current {
            let rate = self.up_limit(now, current, &rules.up).clamp(i64::from(current), i64::from(u32::MAX)) as u32;
            let (most, reason) =
                if bounds.max > rate { (rate, Reason::ScaleUpLimit) } else { (bounds.max, Reason::TooManyReplicas) };
            if wish > most {
                return (most, reason);
            }
        } else if wish < current {
            let rate = self.down_limit(now, current, &rules.down).clamp(0, i64::from(current)) as u32;
            let (fewest, reason) =
                if bounds.min < rate { (rate, Reason::ScaleDownLimit) } else { (bounds.min, Reason::TooFewReplicas) };
            if wish < fewest {
                return (fewest, reason);
            }
        }
        (wish, Reason::DesiredWithinRange)
    }
}

/// What remains of a wish without `behavior`: at most doubled, and any way down.
pub fn limit_plainly(current: u32, wish: u32, bounds: Bounds) -> (u32, Reason) {
    let rate = current.saturating_mul(LEGACY_SCALE_UP_FACTOR).max(LEGACY_SCALE_UP_MINIMUM);
    if wish < bounds.min {
        (bounds.min, Reason::TooFewReplicas)
    } else if wish > bounds.max.min(rate) {
        let reason = if bounds.max > rate { Reason::ScaleUpLimit } else { Reason::TooManyReplicas };
        (bounds.max.min(rate), reason)
    } else {
        (wish, Reason::DesiredWithinRange)
    }
}
