//! Draws from a distribution: constants computed once, then one match and a few operations a draw.
//!
//! Normal and exponential numbers come from the ziggurat. Gamma is by Marsaglia and Tsang, "A simple
//! method for generating gamma variables" (2000); Weibull and Pareto are powers of exponential and
//! uniform numbers, by way of logarithms, which is faster than libm's pow and exact enough. A
//! recording is resampled as it is: no value is drawn that was not recorded, so mean and variance
//! are those of the recording. Every draw is rounded to the nearest nanosecond.

use std::f64::consts::{LN_2, LOG2_E};
use std::sync::Arc;

use super::{Distribution, Recordings};
use crate::rng::Draw;
use crate::time::Span;
use crate::ziggurat::{exponential, normal};

/// A distribution made ready to draw from.
#[derive(Clone, Debug)]
pub struct Sampler(Kind);

/// Lengths are nanoseconds.
#[derive(Clone, Debug)]
enum Kind {
    Constant(Span),
    Uniform {
        low: f64,
        width: f64,
    },
    Exponential {
        mean: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    /// Of the logarithm to base 2.
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        stage: Gamma,
        scale: f64,
    },
    /// Gamma with a shape below 1.
    GammaSmall {
        stage: Gamma,
        scale: f64,
        inverse_shape: f64,
    },
    Weibull {
        scale: f64,
        inverse_shape: f64,
    },
    Pareto {
        low: f64,
        inverse_alpha: f64,
    },
    ParetoBounded {
        low: f64,
        inverse_alpha: f64,
        kept: f64,
    },
    Empirical(Arc<[Span]>),
    /// The running sum of the weights, scaled to end at 1, and the parts.
    Mixture(Arc<[(f64, Sampler)]>),
}

impl Distribution {
    /// Makes ready to draw from this distribution, which has passed [`Distribution::check`].
    ///
    /// # Panics
    ///
    /// If a recording that [`Distribution::recordings`] names is not among `recordings`.
    pub fn sampler(&self, recordings: &Recordings) -> Sampler {
        if let Some(span) = self.as_constant() {
            return Sampler(Kind::Constant(span));
        }
        Sampler(match self {
            Distribution::Constant(span) => Kind::Constant(*span),
            Distribution::Uniform { low, high } => Kind::Uniform { low: nanos(*low), width: nanos(*high - *low) },
            Distribution::Exponential { mean } => Kind::Exponential { mean: nanos(*mean) },
            Distribution::Normal { mean, sd } => Kind::Normal { mean: nanos(*mean), sd: nanos(*sd) },
            Distribution::LogNormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                Kind::LogNormal {
                    mu: (libm::log(nanos(*mean)) - variance / 2.0) * LOG2_E,
                    sigma: variance.sqrt() * LOG2_E,
                }
            }
            Distribution::Gamma { mean, cv } => gamma(nanos(*mean), *cv),
            Distribution::Weibull { mean, shape } => {
                let inverse_shape = 1.0 / shape;
                Kind::Weibull { scale: nanos(*mean) / libm::tgamma(1.0 + inverse_shape), inverse_shape }
            }
            Distribution::Pareto { low, alpha, high: None } => {
                Kind::Pareto { low: nanos(*low), inverse_alpha: 1.0 / alpha }
            }
            Distribution::Pareto { low, alpha, high: Some(high) } => {
                let kept = -libm::expm1(alpha * libm::log(nanos(*low) / nanos(*high)));
                Kind::ParetoBounded { low: nanos(*low), inverse_alpha: 1.0 / alpha, kept }
            }
            Distribution::Empirical { file, column } => Kind::Empirical(recordings.shared(file, column.as_deref())),
            Distribution::Mixture(parts) => Kind::Mixture(mixture(parts, recordings)),
        })
    }
}

impl Sampler {
    /// The next duration.
    #[inline]
    pub fn draw(&self, draws: &mut impl Draw) -> Span {
        let nanos = match &self.0 {
            Kind::Constant(span) => return *span,
            Kind::Uniform { low, width } => low + width * draws.unit(),
            Kind::Exponential { mean } => mean * exponential(draws),
            Kind::Normal { mean, sd } => loop {
                // The mean is not negative, so at least every second draw is kept.
                let nanos = mean + sd * normal(draws);
                if nanos >= 0.0 {
                    break nanos;
                }
            },
            Kind::LogNormal { mu, sigma } => exp2(mu + sigma * normal(draws)),
            Kind::Gamma { stage, scale } => scale * stage.draw(draws),
            Kind::GammaSmall { stage, scale, inverse_shape } => {
                // Gamma(k) is Gamma(k + 1) times U^(1/k), and -ln U is exponential.
                scale * stage.draw(draws) * libm::exp(-exponential(draws) * inverse_shape)
            }
            Kind::Weibull { scale, inverse_shape } => scale * libm::exp(libm::log(exponential(draws)) * inverse_shape),
            Kind::Pareto { low, inverse_alpha } => low * libm::exp(exponential(draws) * inverse_alpha),
            Kind::ParetoBounded { low, inverse_alpha, kept } => {
                low * libm::exp(-libm::log1p(-kept * draws.unit()) * inverse_alpha)
            }
            Kind::Empirical(values) => return values[draws.below(values.len())],
            Kind::Mixture(parts) => return pick(parts, draws.unit()).draw(draws),
        };
        Span::from_nanos_f64(nanos)
    }
}

/// `2^x`, to 14 digits: the power series of the fraction, which is at most half, times a power of two.
/// libm's would wait for a table.
#[inline]
fn exp2(x: f64) -> f64 {
    /// Adding this rounds to a whole number, which is then in the low bits.
    const ROUND: f64 = 3.0 * (1u64 << 51) as f64;
    /// ln(2)^n / n!
    const C: [f64; 12] = {
        let mut c = [1.0; 12];
        let mut n = 1;
        while n < 12 {
            c[n] = c[n - 1] * LN_2 / n as f64;
            n += 1;
        }
        c
    };
    if x.abs() >= 1_000.0 {
        return libm::exp2(x);
    }
    let rounded = x + ROUND;
    let power = f64::from_bits(rounded.to_bits().wrapping_add(1_023) << 52);
    let f = x - (rounded - ROUND);
    // In pairs, which do not wait for one another.
    let f2 = f * f;
    let f4 = f2 * f2;
    let low = (C[0] + C[1] * f) + (C[2] + C[3] * f) * f2;
    let middle = (C[4] + C[5] * f) + (C[6] + C[7] * f) * f2;
    let high = (C[8] + C[9] * f) + (C[10] + C[11] * f) * f2;
    (low + (middle + high * f4) * f4) * power
}

fn nanos(span: Span) -> f64 {
    span.as_nanos() as f64
}

/// The parts that can be drawn, each with the share of draws that go to it or to one before it.
fn mixture(parts: &[(f64, Distribution)], recordings: &Recordings) -> Arc<[(f64, Sampler)]> {
    let present = || parts.iter().filter(|(weight, _)| *weight > 0.0);
    let total: f64 = present().map(|(weight, _)| weight).sum();
    let mut sum = 0.0;
    let cumulative = present().map(|(weight, part)| {
        sum += weight;
        (sum / total, part.sampler(recordings))
    });
    cumulative.collect()
}

/// The part at `point` in [0, 1). The sums are added in one order, so the last share is exactly 1.
fn pick(parts: &[(f64, Sampler)], point: f64) -> &Sampler {
    let index = parts.iter().position(|(share, _)| point < *share);
    &parts[index.expect("the last share is 1")].1
}

fn gamma(mean: f64, cv: f64) -> Kind {
    let shape = 1.0 / (cv * cv);
    let scale = mean / shape;
    if shape >= 1.0 {
        Kind::Gamma { stage: Gamma::new(shape), scale }
    } else {
        Kind::GammaSmall { stage: Gamma::new(shape + 1.0), scale, inverse_shape: 1.0 / shape }
    }
}

/// The gamma distribution of scale 1: the cube of a normal number, corrected by rejection.
#[derive(Clone, Copy, Debug)]
struct Gamma {
    d: f64,
    c: f64,
}

impl Gamma {
    /// For a shape of at least 1.
    fn new(shape: f64) -> Gamma {
        let d = shape - 1.0 / 3.0;
        Gamma { d, c: 1.0 / (9.0 * d).sqrt() }
    }

    fn draw(self, draws: &mut impl Draw) -> f64 {
        loop {
            let z = normal(draws);
            let root = 1.0 + self.c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = draws.unit_open();
            let square = z * z;
            // The squeeze spares both logarithms for most draws.
            if u < 1.0 - 0.0331 * square * square || libm::log(u) < 0.5 * square + self.d * (1.0 - v + libm::log(v)) {
                return self.d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::exp2;

    #[test]
    fn powers_of_two_agree_with_libm() {
        for step in -4_080..=4_080 {
            let x = f64::from(step) * 0.249_937;
            let (ours, theirs) = (exp2(x), libm::exp2(x));
            assert!((ours - theirs).abs() <= 1e-14 * theirs, "{x}: {ours} is not {theirs}");
        }
        assert_eq!([exp2(0.0), exp2(10.0), exp2(-3.0)], [1.0, 1024.0, 0.125]);
    }
}
