//! Confidence intervals over replications, and over paired differences of two strategies.
//!
//! The mean of n independent replications, give or take Student's quantile times s / sqrt(n).
//! Strategies that faced the very same customers are compared by the differences within each
//! replication: what both shared cancels, and the interval is far narrower than either's own.

use super::{Welford, student};

/// A figure and the ends of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The figure itself.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The mean of independent samples with its Student interval at `level` (0.95 for 95 %); `None`
    /// for fewer than two samples, which say nothing of their spread.
    ///
    /// # Panics
    ///
    /// If `level` is not strictly between 0 and 1.
    pub fn of(samples: &[f64], level: f64) -> Option<Interval> {
        samples.iter().copied().collect::<Welford>().interval(level)
    }

    /// The mean of `a[i] - b[i]` with its Student interval; `None` for fewer than two pairs.
    ///
    /// # Panics
    ///
    /// If the two are not equally long, or `level` is not strictly between 0 and 1.
    pub fn paired(a: &[f64], b: &[f64], level: f64) -> Option<Interval> {
        assert_eq!(a.len(), b.len(), "every sample needs its partner");
        a.iter().zip(b).map(|(a, b)| a - b).collect::<Welford>().interval(level)
    }

    /// How far the ends are from each other, halved.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether `value` is within the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

impl Welford {
    /// The mean with its Student interval at `level`, if the values are independent; `None` for
    /// fewer than two.
    ///
    /// # Panics
    ///
    /// If `level` is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let half = student((self.count() as f64 - 1.0).max(1.0), level) * self.standard_error()?;
        Some(Interval { value: self.mean(), low: self.mean() - half, high: self.mean() + half })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_textbook_sample() {
        // Law, Simulation Modeling and Analysis, example 4.26: ten observations of the mean 1.34
        // have the 90 % interval 1.34 +- 0.24.
        let samples = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let interval = Interval::of(&samples, 0.90).unwrap();
        assert!((interval.value - 1.343).abs() < 1e-12);
        assert!((interval.half_width() - 0.241).abs() < 5e-3, "{}", interval.half_width());
        assert!(interval.contains(1.2) && !interval.contains(1.6));
        assert_eq!(Interval::of(&samples[..1], 0.9), None);
        assert_eq!(Interval::of(&[], 0.9), None);
    }

    #[test]
    fn what_a_pair_shares_cancels() {
        let shared = [10.0, 90.0, 40.0, 70.0];
        let gains = [1.0, 1.1, 0.9, 1.0];
        let better: Vec<f64> = shared.iter().zip(gains).map(|(shared, gain)| shared + gain).collect();
        let interval = Interval::paired(&better, &shared, 0.95).unwrap();
        assert!((interval.value - 1.0).abs() < 1e-12);
        // t(3, 95 %) = 3.18245, s = 0.0816497, n = 4.
        assert!((interval.half_width() - 3.182_446 * 0.081_649_658 / 2.0).abs() < 1e-6);
    }
}
