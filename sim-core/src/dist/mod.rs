//! Distributions of durations, as a scenario file writes them: `LogNormal(mean: "20ms", cv: 0.8)`.
//!
//! Every distribution is given by what an engineer measures (mean, spread, tail) and not by the
//! parameters of its formula; `cv`, the coefficient of variation, is the standard deviation as a
//! multiple of the mean. [`Distribution::check`] says what is wrong with one, [`Sampler`] draws
//! from it, `mean` and `mean_square` are exact.
//!
//! Left out: distributions of anything but time, and correlated draws; a traffic model makes those.

mod moments;
mod recordings;
mod sampler;

use serde::{Deserialize, Serialize};

pub use recordings::{Recording, Recordings};
pub use sampler::Sampler;

use crate::time::Span;

/// How long something takes, as a distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Distribution {
    /// Always the same: `Constant("5ms")`.
    Constant(Span),
    /// Every length between `low` and `high` equally likely.
    Uniform {
        /// The shortest.
        low: Span,
        /// The longest.
        high: Span,
    },
    /// The memoryless distribution, of times between independent events.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// The bell curve, with negative draws drawn again.
    Normal {
        /// The mean of the whole bell curve, before its part below zero is cut off; what is drawn
        /// has a larger mean, see [`Distribution::mean`].
        mean: Span,
        /// The standard deviation of the whole bell curve.
        sd: Span,
    },
    /// The product of many small factors: the usual shape of service times.
    LogNormal {
        /// The mean.
        mean: Span,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// The sum of exponential stages; `cv` below 1 is steadier than exponential, above 1 burstier.
    Gamma {
        /// The mean.
        mean: Span,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Times to failure: `shape` below 1 for infant mortality, 1 for exponential, above for wear.
    Weibull {
        /// The mean.
        mean: Span,
        /// The exponent k of exp(-(x / scale)^k).
        shape: f64,
    },
    /// The heavy tail: a share (low / x)^alpha takes longer than x.
    Pareto {
        /// The shortest.
        low: Span,
        /// The tail's exponent; the mean is infinite up to 1, the variance up to 2.
        alpha: f64,
        /// The longest, if the tail ends: the distribution is cut there and scaled up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<Span>,
    },
    /// Values of a recording, each equally likely.
    Empirical {
        /// The CSV file that holds them.
        file: String,
        /// The column's header; the first column if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
    },
    /// One of several distributions, chosen for each draw: `Mixture([(9, Constant("1ms")), (1, …)])`.
    Mixture(
        /// Weights, in any unit, and distributions.
        Vec<(f64, Distribution)>,
    ),
}

/// The coarsest coefficient of variation: beyond it, every draw that a run sees is zero.
const CV_MAX: f64 = 1e3;
/// The finest: below it, a draw differs from the mean by less than a nanosecond in a quarter of an hour.
const CV_MIN: f64 = 1e-12;
/// The heaviest Pareto: below it, the draws of an unbounded one are longer than any run.
const PARETO_ALPHA_MIN: f64 = 0.01;
/// The heaviest Weibull: below it, the mean comes from one draw in 10^9.
const WEIBULL_SHAPE_MIN: f64 = 0.1;

impl Distribution {
    /// The name that a scenario file uses.
    pub fn name(&self) -> &'static str {
        match self {
            Distribution::Constant(_) => "Constant",
            Distribution::Uniform { .. } => "Uniform",
            Distribution::Exponential { .. } => "Exponential",
            Distribution::Normal { .. } => "Normal",
            Distribution::LogNormal { .. } => "LogNormal",
            Distribution::Gamma { .. } => "Gamma",
            Distribution::Weibull { .. } => "Weibull",
            Distribution::Pareto { .. } => "Pareto",
            Distribution::Empirical { .. } => "Empirical",
            Distribution::Mixture(_) => "Mixture",
        }
    }

    /// Whether the parameters make sense.
    ///
    /// # Errors
    ///
    /// One sentence that names the distribution, the parameter, what was found and what would do.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Distribution::Constant(_) | Distribution::Normal { .. } => Ok(()),
            Distribution::Uniform { low, high } => self.check_order(*low, *high),
            Distribution::Exponential { mean } => self.check_positive("mean", *mean),
            Distribution::LogNormal { mean, cv } | Distribution::Gamma { mean, cv } => {
                self.check_positive("mean", *mean)?;
                self.check_number("cv", *cv, (0.0..=CV_MAX).contains(cv), "between 0 and 1000")
            }
            Distribution::Weibull { mean, shape } => {
                self.check_positive("mean", *mean)?;
                let fits = shape.is_finite() && *shape >= WEIBULL_SHAPE_MIN;
                self.check_number("shape", *shape, fits, "at least 0.1")
            }
            Distribution::Pareto { low, alpha, high } => {
                self.check_positive("low", *low)?;
                let fits = alpha.is_finite() && *alpha >= PARETO_ALPHA_MIN;
                self.check_number("alpha", *alpha, fits, "at least 0.01")?;
                high.map_or(Ok(()), |high| self.check_order(*low, high))
            }
            Distribution::Empirical { file, .. } if file.is_empty() => {
                Err("Empirical: `file` is empty; name the CSV file that holds the values".to_owned())
            }
            Distribution::Empirical { .. } => Ok(()),
            Distribution::Mixture(parts) => check_mixture(parts),
        }
    }

    /// The recordings that this distribution draws from; who builds a [`Sampler`] loads them first.
    pub fn recordings(&self) -> Vec<Recording<'_>> {
        match self {
            Distribution::Empirical { file, column } => vec![Recording { file, column: column.as_deref() }],
            Distribution::Mixture(parts) => parts.iter().flat_map(|(_, part)| part.recordings()).collect(),
            _ => Vec::new(),
        }
    }

    fn check_positive(&self, parameter: &str, span: Span) -> Result<(), String> {
        if span > Span::ZERO {
            return Ok(());
        }
        let name = self.name();
        Err(format!("{name}: `{parameter}` must be longer than zero; for no time at all write Constant(\"0s\")"))
    }

    fn check_order(&self, low: Span, high: Span) -> Result<(), String> {
        if low < high {
            return Ok(());
        }
        Err(format!("{}: `high` must be longer than `low`, found low {low} and high {high}", self.name()))
    }

    fn check_number(&self, parameter: &str, found: f64, fits: bool, expected: &str) -> Result<(), String> {
        if fits {
            return Ok(());
        }
        Err(format!("{}: `{parameter}` must be {expected}, found {found}", self.name()))
    }
}

fn check_mixture(parts: &[(f64, Distribution)]) -> Result<(), String> {
    if parts.is_empty() {
        return Err("Mixture: no parts; write at least one (weight, distribution)".to_owned());
    }
    for (weight, part) in parts {
        if !weight.is_finite() || *weight < 0.0 {
            return Err(format!("Mixture: a weight must be 0 or more, found {weight}"));
        }
        part.check().map_err(|error| format!("Mixture: {error}"))?;
    }
    let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
    if total > 0.0 && total.is_finite() {
        Ok(())
    } else {
        Err(format!("Mixture: the weights must add up to more than 0, found {total}"))
    }
}

#[cfg(test)]
mod tests;
