//! Zipf's law: the key of rank k is asked for in proportion to k^-exponent.
//!
//! Exact and without a table, whatever the number of keys: a point under the continuous curve x^-s
//! is drawn by inverting its integral and rounded to the nearest rank; it is kept if it also lies
//! under the histogram of k^-s, as all but a few do.
//!
//! Source: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
//! distributions", ACM TOMACS 6 (1996). Near s = 1, where the integral turns into a logarithm, it is
//! written with expm1 and log1p, which stay exact.

use crate::rng::Draw;

/// A sampler of ranks 1 to n, where rank k has probability proportional to k^-exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zipf {
    keys: f64,
    exponent: f64,
    /// The integral's values between which points are drawn.
    integral_low: f64,
    integral_high: f64,
    /// A point at most this far below its rank is under the histogram for sure.
    margin: f64,
}

impl Zipf {
    /// Ranks 1 to `keys`; an `exponent` of 0 makes them equally likely.
    ///
    /// # Panics
    ///
    /// If `keys` is 0 or above 2^53, or `exponent` is negative or not finite.
    pub fn new(keys: u64, exponent: f64) -> Zipf {
        assert!(keys > 0 && keys <= 1 << 53, "a rank is between 1 and 2^53: {keys}");
        assert!(exponent >= 0.0 && exponent.is_finite(), "an exponent is finite and not negative: {exponent}");
        let mut zipf = Zipf { keys: keys as f64, exponent, integral_low: 0.0, integral_high: 0.0, margin: 0.0 };
        // The first rank's bar has height 1 and is drawn from a strip of that area.
        zipf.integral_low = zipf.integral(1.5) - 1.0;
        zipf.integral_high = zipf.integral(zipf.keys + 0.5);
        zipf.margin = 2.0 - zipf.inverse(zipf.integral(2.5) - zipf.weight(2.0));
        zipf
    }

    /// The next rank: 1 is the most popular.
    pub fn draw(&self, draws: &mut impl Draw) -> u64 {
        loop {
            let area = self.integral_high + draws.unit() * (self.integral_low - self.integral_high);
            let point = self.inverse(area);
            let rank = point.round().clamp(1.0, self.keys);
            if rank - point <= self.margin || area >= self.integral(rank + 0.5) - self.weight(rank) {
                return rank as u64;
            }
        }
    }

    /// x^-s.
    fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// The integral of x^-s from 1: (x^(1-s) - 1) / (1 - s), or ln x.
    fn integral(&self, x: f64) -> f64 {
        let rise = 1.0 - self.exponent;
        let log = libm::log(x);
        if rise == 0.0 { log } else { libm::expm1(rise * log) / rise }
    }

    /// The x that has this integral; infinite beyond its limit, which rounding may reach.
    fn inverse(&self, integral: f64) -> f64 {
        let rise = 1.0 - self.exponent;
        let log = if rise == 0.0 { integral } else { libm::log1p((integral * rise).max(-1.0)) / rise };
        libm::exp(log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Draws;

    /// How far Pearson's statistic is from its mean, in standard deviations of the chi-square law.
    ///
    /// `edges` end the bands of ranks that are counted together.
    fn deviation(keys: u64, exponent: f64, edges: &[u64], seed: u64) -> f64 {
        const DRAWS: usize = 100_000;
        let zipf = Zipf::new(keys, exponent);
        let mut draws = Draws::new(seed);
        let mut counts = vec![0.0; edges.len()];
        for _ in 0..DRAWS {
            let rank = zipf.draw(&mut draws);
            assert!((1..=keys).contains(&rank));
            counts[edges.partition_point(|edge| *edge < rank)] += 1.0;
        }
        let mut weights = vec![0.0; edges.len()];
        (1..=keys).for_each(|k| weights[edges.partition_point(|edge| *edge < k)] += libm::pow(k as f64, -exponent));
        let total: f64 = weights.iter().sum();
        let terms = counts.iter().zip(&weights).map(|(count, weight)| {
            let expected = DRAWS as f64 * weight / total;
            assert!(expected > 5.0, "the band is too rare to test: {expected}");
            (count - expected) * (count - expected) / expected
        });
        let freedom = edges.len() as f64 - 1.0;
        (terms.sum::<f64>() - freedom) / (2.0 * freedom).sqrt()
    }

    #[test]
    fn ranks_have_their_exact_probabilities() {
        let every: Vec<u64> = (1..=10).collect();
        for (seed, exponent) in [0.0, 0.5, 0.99, 1.0, 1.000_001, 1.5, 3.0].into_iter().enumerate() {
            let off = deviation(10, exponent, &every, seed as u64);
            assert!(off < 4.0, "exponent {exponent}: {off}");
        }
        let bands = [1, 2, 3, 4, 6, 10, 30, 100, 1_000, 10_000, 200_000];
        for (seed, exponent) in [0.6, 1.0, 1.2].into_iter().enumerate() {
            let off = deviation(200_000, exponent, &bands[if exponent < 1.0 { 5 } else { 0 }..], 10 + seed as u64);
            assert!(off < 4.0, "exponent {exponent}: {off}");
        }
    }

    #[test]
    fn extremes_stay_in_range() {
        let mut draws = Draws::new(1);
        for (keys, exponent) in
            [(1, 0.0), (1, 1.0), (1, 2.0), (2, 300.0), (1 << 53, 0.0), (1 << 53, 1.0), (1 << 53, 9.0)]
        {
            let zipf = Zipf::new(keys, exponent);
            for _ in 0..2_000 {
                let rank = zipf.draw(&mut draws);
                assert!((1..=keys).contains(&rank), "{rank} of {keys}, exponent {exponent}");
                assert!(exponent < 300.0 || rank == 1);
            }
        }
    }
}
