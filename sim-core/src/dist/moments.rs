//! Exact first and second moments, where they exist: what theory needs (utilisation, Pollaczek-Khinchine).

use super::{CV_MIN, Distribution, Recordings};
use crate::time::Span;

/// The mean and the mean of the squares, in seconds; infinite where the integral diverges.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    mean_square: f64,
}

impl Distribution {
    /// The exact mean in seconds; `None` if it is infinite (Pareto without `high`, `alpha` up to 1).
    ///
    /// Of what is drawn: for `Normal`, of the curve after its part below zero has been cut off.
    ///
    /// # Panics
    ///
    /// If a recording that the distribution names is not among `recordings`.
    pub fn mean(&self, recordings: &Recordings) -> Option<f64> {
        Some(self.moments(recordings).mean).filter(|mean| mean.is_finite())
    }

    /// The exact mean of the square in seconds²; `None` if it is infinite.
    ///
    /// # Panics
    ///
    /// As [`Distribution::mean`].
    pub fn mean_square(&self, recordings: &Recordings) -> Option<f64> {
        Some(self.moments(recordings).mean_square).filter(|square| square.is_finite())
    }

    fn moments(&self, recordings: &Recordings) -> Moments {
        match self {
            Distribution::Constant(span) => spread(span.as_secs_f64(), 0.0),
            Distribution::Uniform { low, high } => {
                let (low, high) = (low.as_secs_f64(), high.as_secs_f64());
                Moments { mean: (low + high) / 2.0, mean_square: (low * low + low * high + high * high) / 3.0 }
            }
            Distribution::Exponential { mean } => spread(mean.as_secs_f64(), 1.0),
            Distribution::Normal { mean, sd } => truncated_normal(mean.as_secs_f64(), sd.as_secs_f64()),
            Distribution::LogNormal { mean, cv } | Distribution::Gamma { mean, cv } => spread(mean.as_secs_f64(), *cv),
            Distribution::Weibull { mean, shape } => {
                let mean = mean.as_secs_f64();
                let scale = mean / libm::tgamma(1.0 + 1.0 / shape);
                Moments { mean, mean_square: scale * scale * libm::tgamma(1.0 + 2.0 / shape) }
            }
            Distribution::Pareto { low, alpha, high } => {
                let low = low.as_secs_f64();
                let reach = high.map(|high| libm::log(high.as_secs_f64() / low));
                let moment = |order| pareto_moment(*alpha, reach, order);
                Moments { mean: low * moment(1.0), mean_square: low * low * moment(2.0) }
            }
            Distribution::Empirical { file, column } => {
                let values = recordings.shared(file, column.as_deref());
                average(values.iter().map(|value| (1.0, spread(value.as_secs_f64(), 0.0))))
            }
            Distribution::Mixture(parts) => {
                let present = parts.iter().filter(|(weight, _)| *weight > 0.0);
                average(present.map(|(weight, part)| (*weight, part.moments(recordings))))
            }
        }
    }

    /// The length of a `Constant`, or of what is constant in all but name.
    pub(super) fn as_constant(&self) -> Option<Span> {
        match self {
            Distribution::Constant(span) => Some(*span),
            Distribution::Normal { mean, sd: Span::ZERO } => Some(*mean),
            Distribution::LogNormal { mean, cv } | Distribution::Gamma { mean, cv } if *cv < CV_MIN => Some(*mean),
            _ => None,
        }
    }
}

/// The moments of a mean with a coefficient of variation.
fn spread(mean: f64, cv: f64) -> Moments {
    Moments { mean, mean_square: mean * mean * (1.0 + cv * cv) }
}

/// The weighted mean of moments.
fn average(parts: impl Iterator<Item = (f64, Moments)>) -> Moments {
    let mut sum = Moments { mean: 0.0, mean_square: 0.0 };
    let mut total = 0.0;
    for (weight, part) in parts {
        sum.mean += weight * part.mean;
        sum.mean_square += weight * part.mean_square;
        total += weight;
    }
    Moments { mean: sum.mean / total, mean_square: sum.mean_square / total }
}

/// The normal distribution above zero: its inverse Mills ratio moves the mean up.
fn truncated_normal(mean: f64, sd: f64) -> Moments {
    if sd == 0.0 {
        return spread(mean, 0.0);
    }
    let cut = -mean / sd;
    let density = libm::exp(-0.5 * cut * cut) / (2.0 * std::f64::consts::PI).sqrt();
    let kept = 0.5 * libm::erfc(cut * std::f64::consts::FRAC_1_SQRT_2);
    let shift = sd * density / kept;
    Moments { mean: mean + shift, mean_square: mean * mean + sd * sd + mean * shift }
}

/// The moment of an order of the Pareto distribution with `low` 1, cut at exp(`reach`).
///
/// The integral of alpha x^(order - alpha - 1), as differences of exponentials, which stay exact
/// where alpha is close to the order.
fn pareto_moment(alpha: f64, reach: Option<f64>, order: f64) -> f64 {
    let Some(reach) = reach else {
        return if alpha > order { alpha / (alpha - order) } else { f64::INFINITY };
    };
    let rise = order - alpha;
    let integral = if rise == 0.0 { reach } else { libm::expm1(rise * reach) / rise };
    alpha * integral / -libm::expm1(-alpha * reach)
}
