//! Confidence intervals over replications, and over paired differences of two strategies.
//!
//! The mean of n independent replications, give or take Student's quantile times s / sqrt(n).
//! Strategies that faced the very same customers are compared by the differences within each
//! replication: what both shared cancels, and the interval is far narrower than either's own.
//! Ratios are jackknifed (Quenouille 1956), since a mean of ratios is not the ratio of means;
//! medians take their interval from order statistics, which needs no normality. A chance, seen as
//! so many of n, takes Wilson's score interval (1927): where all of n agree, Student's has no width,
//! as if the next could not differ.

use super::student::{binomial_below, normal_quantile};
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

    /// The ratio of the mean of `a` to the mean of `b`, jackknifed over pairs; `None` for fewer than two
    /// pairs, or where a mean of `b` is zero.
    ///
    /// # Panics
    ///
    /// If the two are not equally long, or `level` is not strictly between 0 and 1.
    pub fn ratio(a: &[f64], b: &[f64], level: f64) -> Option<Interval> {
        assert_eq!(a.len(), b.len(), "every sample needs its partner");
        let (sum_a, sum_b) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
        let n = a.len() as f64;
        let pseudo = |(a, b): (&f64, &f64)| n * sum_a / sum_b - (n - 1.0) * (sum_a - a) / (sum_b - b);
        let values: Vec<f64> = a.iter().zip(b).map(pseudo).collect();
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        Interval::of(&values, level)
    }

    /// The median with an interval between order statistics that covers with `level` at least; `None`
    /// if the samples are too few for any two of them to do so.
    pub fn median(samples: &[f64], level: f64) -> Option<Interval> {
        let n = samples.len() as u64;
        let miss = (1.0 - level) / 2.0;
        let rank = (1..=n / 2).take_while(|&rank| binomial_below(rank, n, 0.5) <= miss).last()? as usize;
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
        Some(Interval { value: middle, low: sorted[rank - 1], high: sorted[sorted.len() - rank] })
    }

    /// The chance of what came true `times` of `n`, with Wilson's score interval at `level`; `None` if
    /// `n` is zero.
    ///
    /// # Panics
    ///
    /// If `level` is not strictly between 0 and 1, or `times` is above `n`.
    pub fn share(times: u64, n: u64, level: f64) -> Option<Interval> {
        assert!(times <= n, "no more than all can come true");
        if n == 0 {
            return None;
        }
        let (all, share) = (n as f64, times as f64 / n as f64);
        let z = normal_quantile(0.5 + level / 2.0);
        let shrunk = 1.0 + z * z / all;
        let middle = (share + z * z / (2.0 * all)) / shrunk;
        let half = z / shrunk * (share * (1.0 - share) / all + z * z / (4.0 * all * all)).sqrt();
        // Exact at the ends, where rounding would leave a trace.
        let low = if times == 0 { 0.0 } else { middle - half };
        let high = if times == n { 1.0 } else { middle + half };
        Some(Interval { value: share, low, high })
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
    use crate::rng::Draws;
    use crate::ziggurat::normal;

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

    #[test]
    fn paired_intervals_cover_as_often_as_they_say() {
        // 1,000 experiments: two strategies that differ by 0.3 on ten common days, each day with its own
        // luck, and scatter that is not the same for both.
        let mut draws = Draws::new(1);
        let mut covered = 0;
        for _ in 0..1_000 {
            let days: Vec<f64> = (0..10).map(|_| 5.0 * normal(&mut draws)).collect();
            let a: Vec<f64> = days.iter().map(|day| day + 1.3 + 0.5 * normal(&mut draws)).collect();
            let b: Vec<f64> = days.iter().map(|day| day + 1.0 + 0.2 * normal(&mut draws)).collect();
            covered += u32::from(Interval::paired(&a, &b, 0.95).unwrap().contains(0.3));
        }
        assert!((930..=970).contains(&covered), "{covered}");
    }

    #[test]
    fn ratios_and_medians_cover_as_often_as_they_say() {
        let mut draws = Draws::new(2);
        let (mut ratios, mut medians) = (0, 0);
        for _ in 0..1_000 {
            let days: Vec<f64> = (0..20).map(|_| 10.0 + normal(&mut draws)).collect();
            let a: Vec<f64> = days.iter().map(|day| 1.2 * day + 0.3 * normal(&mut draws)).collect();
            ratios += u32::from(Interval::ratio(&a, &days, 0.95).unwrap().contains(1.2));
            // A skewed sample, whose median is e^0.
            let skewed: Vec<f64> = (0..20).map(|_| libm::exp(normal(&mut draws))).collect();
            medians += u32::from(Interval::median(&skewed, 0.95).unwrap().contains(1.0));
        }
        assert!((930..=970).contains(&ratios), "{ratios}");
        // Order statistics 6 and 15 of 20 cover with 95.9 %.
        assert!((935..=980).contains(&medians), "{medians}");
    }

    #[test]
    fn chances_take_wilsons_interval() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        let published =
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)];
        for (times, n, low, high) in published {
            let chance = Interval::share(times, n, 0.95).unwrap();
            assert!((chance.low - low).abs() < 5e-5 && (chance.high - high).abs() < 5e-5, "{chance:?}");
            let other = Interval::share(n - times, n, 0.95).unwrap();
            assert!((other.low + chance.high - 1.0).abs() < 1e-12, "what fails is the rest of what does not");
        }
        let all = Interval::share(30, 30, 0.95).unwrap();
        assert!((all.low - 0.8865).abs() < 5e-5 && all.high == 1.0 && all.value == 1.0, "{all:?}");
        assert_eq!(Interval::share(0, 0, 0.95), None);
    }

    #[test]
    fn medians_take_the_tabulated_order_statistics() {
        // Conover, Practical Nonparametric Statistics: 95 % for n = 10 is the 2nd and 9th, for 20 the
        // 6th and 15th; five values are too few.
        let upto = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
        let ends = |n: u32| Interval::median(&upto(n), 0.95).map(|interval| (interval.low, interval.high));
        assert_eq!(ends(10), Some((2.0, 9.0)));
        assert_eq!(ends(20), Some((6.0, 15.0)));
        assert_eq!(ends(5), None);
        assert_eq!(Interval::ratio(&[1.0, 2.0], &[0.0, 0.0], 0.95), None);
    }
}
