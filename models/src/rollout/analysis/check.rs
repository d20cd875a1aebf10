//! What a measurement looks at: error rate and latency by thresholds, or a test of whether the new version
//! is slower.

use serde::{Deserialize, Serialize};
use sim_core::{Ratio, Span};

use super::super::{Observed, Reason};
use super::mann_whitney;

/// Something that must hold of the new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Check {
    /// Not too many of its requests fail.
    ErrorRate(ErrorRate),
    /// Its requests do not take too long.
    Latency(LatencyCheck),
    /// Its requests do not take longer than those of the old one, by Kayenta's Mann-Whitney test.
    MannWhitney(MannWhitney),
}

/// A bound on the share of requests that fail; at least one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorRate {
    /// The most that may fail.
    pub max: Option<Ratio>,
    /// By how many points the new version may be above the old one.
    pub above_stable: Option<Ratio>,
}

/// A bound on a percentile of the latency; at least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LatencyCheck {
    /// Which percentile. Default 99%.
    pub percentile: Ratio,
    /// The most it may be.
    pub max: Option<Span>,
    /// How many times as long as the old version's it may be.
    pub times_stable: Option<f64>,
}

impl Default for LatencyCheck {
    fn default() -> LatencyCheck {
        LatencyCheck { percentile: Ratio::new(0.99), max: None, times_stable: None }
    }
}

/// Kayenta's judge of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MannWhitney {
    /// How sure it must be. Default 98%.
    pub confidence: Ratio,
    /// The part of the estimated shift that the interval must stay away from zero by. Default 25%.
    pub tolerance: Ratio,
}

impl Default for MannWhitney {
    fn default() -> MannWhitney {
        MannWhitney { confidence: Ratio::new(mann_whitney::CONFIDENCE), tolerance: Ratio::new(mann_whitney::TOLERANCE) }
    }
}

/// What a measurement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// It holds.
    Successful,
    /// It does not.
    Failed(Reason),
    /// There was not enough to look at.
    Inconclusive,
}

impl Check {
    /// What is wrong with the first of the checks that cannot be.
    pub(in crate::rollout) fn check_all(checks: &[Check]) -> Result<(), String> {
        let located = |(index, check): (usize, &Check)| {
            check.check().map_err(|complaint| format!("checks[{index}]: {complaint}"))
        };
        checks.iter().enumerate().try_for_each(located)
    }

    fn check(&self) -> Result<(), String> {
        let wrong = |text: &str| Err(text.to_owned());
        match self {
            Check::ErrorRate(ErrorRate { max: None, above_stable: None }) => {
                wrong("an error rate needs `max` or `above_stable`")
            }
            Check::ErrorRate(ErrorRate { max, above_stable }) => {
                let bounds = [("max", max), ("above_stable", above_stable)];
                let beyond = bounds
                    .into_iter()
                    .find_map(|(name, share)| Some((name, (*share)?)).filter(|(_, share)| *share > Ratio::ONE));
                beyond.map_or(Ok(()), |(name, share)| wrong(&format!("{name}: {share} is more than all of them")))
            }
            Check::Latency(LatencyCheck { max: None, times_stable: None, .. }) => {
                wrong("a latency needs `max` or `times_stable`")
            }
            Check::Latency(settings) if !(0.0..1.0).contains(&settings.percentile.fraction()) => {
                wrong("percentile: more than 0%, less than 100%")
            }
            Check::Latency(LatencyCheck { times_stable: Some(times), .. }) if !(times.is_finite() && *times > 0.0) => {
                wrong("times_stable: more than 0")
            }
            Check::MannWhitney(settings) if !(0.5..1.0).contains(&settings.confidence.fraction()) => {
                wrong("confidence: from 50% to less than 100%")
            }
            _ => Ok(()),
        }
    }

    /// Looks at stable and canary: what came since the last measurement, and everything.
    pub(in crate::rollout) fn measure(&self, window: &[Observed; 2], all: &[Observed; 2], least: u64) -> Measured {
        let [stable, canary] = if let Check::MannWhitney(_) = self { all } else { window };
        if canary.requests < least.max(1) {
            return Measured::Inconclusive;
        }
        let verdict = match self {
            Check::ErrorRate(settings) => settings.fails(stable, canary),
            Check::Latency(settings) => settings.fails(stable, canary),
            Check::MannWhitney(settings) => settings.fails(stable, canary, least),
        };
        match verdict {
            None => Measured::Inconclusive,
            Some(false) => Measured::Successful,
            Some(true) => Measured::Failed(self.reason()),
        }
    }

    fn reason(&self) -> Reason {
        match self {
            Check::ErrorRate(_) => Reason::ErrorRate,
            Check::Latency(_) => Reason::Latency,
            Check::MannWhitney(_) => Reason::Slower,
        }
    }
}

impl ErrorRate {
    fn fails(&self, stable: &Observed, canary: &Observed) -> Option<bool> {
        let rate = canary.error_rate()?;
        let too_many = self.max.is_some_and(|max| rate > max.fraction());
        let margin = self.above_stable.map(|margin| margin.fraction());
        let worse = match margin {
            Some(margin) => rate > stable.error_rate()? + margin,
            None => false,
        };
        Some(too_many || worse)
    }
}

impl LatencyCheck {
    fn fails(&self, stable: &Observed, canary: &Observed) -> Option<bool> {
        let percentile = |seen: &Observed| {
            let found = (!seen.latency.is_empty()).then(|| seen.latency.quantile(self.percentile.fraction()));
            found.map(|nanos| nanos as f64)
        };
        let found = percentile(canary)?;
        let too_long = self.max.is_some_and(|max| found > max.as_nanos() as f64);
        let longer = match self.times_stable {
            Some(times) => found > percentile(stable)? * times,
            None => false,
        };
        Some(too_long || longer)
    }
}

impl MannWhitney {
    fn fails(&self, stable: &Observed, canary: &Observed, least: u64) -> Option<bool> {
        if stable.latency.count().min(canary.latency.count()) < least.max(2) {
            return None;
        }
        let shift = mann_whitney::shift(&canary.latency, &stable.latency, self.confidence.fraction());
        Some(shift.is_high(self.tolerance.fraction()))
    }
}
