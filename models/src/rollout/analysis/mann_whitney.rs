//! Is one sample larger than another? The Mann-Whitney test, by the interval of the shift between them.
//!
//! The Hodges-Lehmann estimate of a shift is the median of all differences between a value of one sample
//! and one of the other; its confidence interval is cut out of the same sorted differences, at the ranks
//! where the Mann-Whitney statistic becomes significant (normal approximation, corrected for ties). Kayenta
//! calls the new version high if that interval lies wholly above a quarter of the estimate: a shift that
//! is sure, and known well enough.
//!
//! The samples are histograms, whose buckets are within 0.4 % of their values: values of a bucket are ties.
//!
//! Sources: spinnaker/kayenta, kayenta-judge MannWhitneyClassifier.scala (which judges means of
//! minutes; here every request counts); Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 4.

use sim_core::stats::{Histogram, normal_quantile};

/// How sure it must be, by default.
pub const CONFIDENCE: f64 = 0.98;
/// The part of the estimate that the interval must stay away from zero by, by default.
pub const TOLERANCE: f64 = 0.25;

/// By how much one sample is above another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The Hodges-Lehmann estimate.
    pub estimate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Shift {
    /// Whether the first sample is larger for sure.
    pub fn is_high(&self, tolerance: f64) -> bool {
        self.low > tolerance * self.estimate.abs()
    }

    /// Whether the first sample is smaller for sure.
    pub fn is_low(&self, tolerance: f64) -> bool {
        self.high < -tolerance * self.estimate.abs()
    }
}

/// By how much `one` is above `other`; panics if one of them is empty.
pub fn shift(one: &Histogram, other: &Histogram, confidence: f64) -> Shift {
    assert!(!one.is_empty() && !other.is_empty(), "nothing can be compared with nothing");
    let middles = |sample: &Histogram| -> Vec<(f64, u64)> {
        sample.buckets().map(|bucket| ((bucket.lower as f64 + bucket.upper as f64) / 2.0, bucket.count)).collect()
    };
    let (ones, others) = (middles(one), middles(other));
    let mut differences: Vec<(f64, f64)> = Vec::with_capacity(ones.len() * others.len());
    for &(value, count) in &ones {
        differences.extend(others.iter().map(|&(base, of)| (value - base, count as f64 * of as f64)));
    }
    differences.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (m, n) = (one.count() as f64, other.count() as f64);
    let z = normal_quantile(0.5 + confidence / 2.0);
    let reach = z * (m * n / 12.0 * (m + n + 1.0 - ties(one, other) / ((m + n) * (m + n - 1.0)))).max(0.0).sqrt();
    let half = m * n / 2.0;
    let at = |rank: f64| {
        let mut below = 0.0;
        let found = differences.iter().find(|(_, weight)| {
            below += weight;
            below >= rank
        });
        found.or(differences.last()).expect("there are differences").0
    };
    Shift { estimate: at(half), low: at((half - reach).max(1.0)), high: at((half + reach).min(m * n)) }
}

/// The sum over all values of the cubed number of their occurrences, less that number.
fn ties(one: &Histogram, other: &Histogram) -> f64 {
    let mut both = one.clone();
    both.merge(other);
    both.buckets().map(|bucket| bucket.count as f64).map(|count| count * count * count - count).sum()
}
