//! `behavior`: how fast, how steadily and how readily to scale, for each direction.
//!
//! Whoever gives a part of it gets the API server's defaults for the rest; whoever gives none gets
//! the controller's older, simpler limits.

use serde::{Deserialize, Serialize};
use sim_core::{Ratio, Span};

use super::defaults;
use super::history::Windows;

/// Rules for both directions, as a file gives them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behavior {
    /// Upwards.
    pub scale_up: Option<ScalingRules>,
    /// Downwards.
    pub scale_down: Option<ScalingRules>,
}

/// Rules for one direction, as a file gives them; what is left out takes the defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScalingRules {
    /// How far back recommendations against this direction count; at most an hour.
    pub window: Option<Span>,
    /// What may change how fast.
    pub policies: Option<Vec<Policy>>,
    /// Which of the policies holds.
    pub select: Option<Select>,
    /// How far usage may be from its target on this side.
    pub tolerance: Option<Ratio>,
}

/// A limit to the change within a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Policy {
    /// So many pods.
    Pods {
        /// How many.
        value: u32,
        /// In this span, from a second to half an hour.
        period: Span,
    },
    /// Such a share of the pods that there were when the period began.
    Percent {
        /// What share; upwards it may be more than all.
        value: Ratio,
        /// In this span, from a second to half an hour.
        period: Span,
    },
}

/// Which of several policies holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Select {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: no change in this direction.
    Disabled,
}

/// Rules for one direction with nothing left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// How far back recommendations against this direction count.
    pub window: Span,
    /// What may change how fast.
    pub policies: Vec<Policy>,
    /// Which of the policies holds.
    pub select: Select,
}

/// Rules for both directions with nothing left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Directions {
    /// Upwards.
    pub up: Rules,
    /// Downwards.
    pub down: Rules,
}

impl Policy {
    /// The period it limits.
    pub const fn period(&self) -> Span {
        match *self {
            Policy::Pods { period, .. } | Policy::Percent { period, .. } => period,
        }
    }

    fn check(&self) -> Result<(), String> {
        let (low, high) = (defaults::POLICY_PERIOD_MIN, defaults::POLICY_PERIOD_MAX);
        let nothing = match *self {
            Policy::Pods { value, .. } => value == 0,
            Policy::Percent { value, .. } => value == Ratio::ZERO,
        };
        if nothing {
            return Err("a policy that allows nothing; say select: Disabled".to_owned());
        }
        if self.period() < low || self.period() > high {
            return Err(format!("a period of {} is not between {low} and {high}", self.period()));
        }
        Ok(())
    }
}

impl ScalingRules {
    fn check(&self) -> Result<(), String> {
        let max = defaults::STABILIZATION_WINDOW_MAX;
        if let Some(window) = self.window.filter(|&window| window > max) {
            return Err(format!("window: {window} is more than {max}"));
        }
        let policies = self.policies.as_deref();
        if policies.is_some_and(<[Policy]>::is_empty) {
            return Err("policies: at least one, or leave them out".to_owned());
        }
        let mut policies = policies.unwrap_or_default().iter().enumerate();
        policies.try_for_each(|(index, policy)| {
            policy.check().map_err(|complaint| format!("policies[{index}]: {complaint}"))
        })
    }

    fn filled(rules: Option<&ScalingRules>, defaults: Rules) -> Rules {
        let Some(rules) = rules else { return defaults };
        Rules {
            window: rules.window.unwrap_or(defaults.window),
            policies: rules.policies.clone().unwrap_or(defaults.policies),
            select: rules.select.unwrap_or(defaults.select),
        }
    }
}

impl Behavior {
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, rules) in [("scale_up", &self.scale_up), ("scale_down", &self.scale_down)] {
            let checked = rules.as_ref().map_or(Ok(()), ScalingRules::check);
            checked.map_err(|complaint| format!("behavior.{name}.{complaint}"))?;
        }
        Ok(())
    }

    /// With the defaults in place; `downscale_stabilization` is the controller's own.
    pub fn filled(&self, downscale_stabilization: Span) -> Directions {
        Directions {
            up: ScalingRules::filled(self.scale_up.as_ref(), Rules::up_default()),
            down: ScalingRules::filled(self.scale_down.as_ref(), Rules::down_default(downscale_stabilization)),
        }
    }
}

impl Rules {
    fn up_default() -> Rules {
        let period = defaults::POLICY_PERIOD;
        let pods = Policy::Pods { value: defaults::SCALE_UP_PODS, period };
        let percent = Policy::Percent { value: percent(defaults::SCALE_UP_PERCENT), period };
        Rules { window: defaults::SCALE_UP_STABILIZATION, policies: vec![pods, percent], select: Select::Max }
    }

    fn down_default(window: Span) -> Rules {
        let percent = Policy::Percent { value: percent(defaults::SCALE_DOWN_PERCENT), period: defaults::POLICY_PERIOD };
        Rules { window, policies: vec![percent], select: Select::Max }
    }
}

impl Directions {
    pub(super) fn windows(&self) -> Windows {
        Windows { up: self.up.window, down: self.down.window }
    }
}

fn percent(value: u32) -> Ratio {
    Ratio::new(f64::from(value) / 100.0)
}
