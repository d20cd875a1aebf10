//! A log-linear histogram of durations: constant memory, and every value within 1 % of its bucket.
//!
//! Below 256 every whole number has its bucket; above, each doubling is cut into 128 buckets of
//! equal width, so that a bucket is at most 1/128 (0.79 %) as wide as its lower end and its middle
//! is at most 0.4 % from any value in it. Counts, sum, least and greatest are exact, and so is
//! merging: the histogram of two runs is the merge of their histograms, to the bit.
//!
//! Source: the layout of Tene's HdrHistogram. Left out: values above u64, removal, and correction
//! for coordinated omission, which open arrivals in virtual time do not suffer from.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::student::binomial_below;

/// log2 of the buckets a doubling.
const PRECISION: u32 = 7;
const BUCKETS_PER_DOUBLING: usize = 1 << PRECISION;

/// Counts of values by magnitude, at most 1 % relative error. Empty by default.
///
/// Values are whole numbers, by convention nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sparse", into = "Sparse")]
pub struct Histogram {
    /// From the doubling of the least value to that of the greatest, whole doublings.
    counts: Vec<u64>,
    /// The index of the first of `counts`; a multiple of [`BUCKETS_PER_DOUBLING`].
    first: usize,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

/// A bucket that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The least value that falls in this bucket.
    pub lower: u64,
    /// The greatest value that falls in this bucket.
    pub upper: u64,
    /// How many values fell in it; never zero.
    pub count: u64,
}

impl Histogram {
    /// Counts `value` once.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_n(value, 1);
    }

    /// Counts `value` as often as `n` says.
    #[inline]
    pub fn record_n(&mut self, value: u64, n: u64) {
        if n == 0 {
            return;
        }
        let index = index_of(value);
        let slot = index.wrapping_sub(self.first);
        if let Some(count) = self.counts.get_mut(slot) {
            *count += n;
        } else {
            self.cover(index, index);
            self.counts[index - self.first] += n;
        }
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.count += n;
        self.sum += u128::from(value) * u128::from(n);
    }

    /// Adds everything that `other` has counted.
    pub fn merge(&mut self, other: &Histogram) {
        if other.count == 0 {
            return;
        }
        self.cover(other.first, other.first + other.counts.len() - 1);
        let from = other.first - self.first;
        for (count, add) in self.counts[from..].iter_mut().zip(&other.counts) {
            *count += add;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// Forgets everything but keeps the memory, to start anew after a warm-up or an interval.
    pub fn clear(&mut self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.clear();
        *self = Histogram { counts, ..Histogram::default() };
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The exact sum.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact mean; 0 if nothing was counted.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// The exact least value; 0 if nothing was counted.
    pub fn min(&self) -> u64 {
        self.min
    }

    /// The exact greatest value; 0 if nothing was counted.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value that the share `q` of the values does not exceed, by nearest rank: the middle of the
    /// bucket that holds value number ceil(q n), kept between least and greatest. At most 1 % off;
    /// exact below 256. 0 if nothing was counted.
    ///
    /// # Panics
    ///
    /// If `q` is not between 0 and 1.
    pub fn quantile(&self, q: f64) -> u64 {
        assert!((0.0..=1.0).contains(&q), "a quantile is between 0 and 1: {q}");
        // 0.07 * 100 is 7.000000000000001, and value number 8 would be wrong.
        let rank = (q * self.count as f64 * (1.0 - 4.0 * f64::EPSILON)).ceil() as u64;
        self.ranked(rank)
    }

    /// A confidence interval for the quantile `q`, from the order statistics: the ranks between which
    /// the quantile lies with probability `level` or more, whatever the distribution.
    ///
    /// Valid for independent values. Within one run successive latencies resemble each other, and the
    /// true interval is wider: take [`Interval::of`] the quantiles of replications instead. `None`
    /// if there are too few values to bound the quantile on both sides.
    ///
    /// # Panics
    ///
    /// If `q` or `level` is not strictly between 0 and 1.
    pub fn quantile_interval(&self, q: f64, level: f64) -> Option<Interval> {
        assert!(q > 0.0 && q < 1.0, "a quantile to bound is between 0 and 1: {q}");
        assert!(level > 0.0 && level < 1.0, "a level is between 0 and 1: {level}");
        let miss = (1.0 - level) / 2.0;
        // The quantile is below value number r if fewer than r values are: a binomial number.
        let low = last_where(self.count, |rank| binomial_below(rank, self.count, q) <= miss)?;
        let high = 1 + last_where(self.count, |rank| binomial_below(rank, self.count, q) < 1.0 - miss).unwrap_or(0);
        if high > self.count {
            return None;
        }
        let value = |rank| self.ranked(rank) as f64;
        Some(Interval { value: self.quantile(q) as f64, low: value(low), high: value(high) })
    }

    /// The share of the values above `value`, interpolated within its bucket; 0 if nothing was counted.
    pub fn fraction_above(&self, value: u64) -> f64 {
        if value >= self.max {
            return 0.0;
        }
        if value < self.min {
            return 1.0;
        }
        let mut above = 0.0;
        for bucket in self.buckets() {
            if bucket.lower > value {
                above += bucket.count as f64;
            } else if bucket.upper > value {
                let share = (bucket.upper - value) as f64 / ((bucket.upper - bucket.lower) as f64 + 1.0);
                above += share * bucket.count as f64;
            }
        }
        above / self.count as f64
    }

    /// The buckets that hold something, from small to large.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let held = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        held.map(|(slot, &count)| {
            let (lower, upper) = bounds_of(self.first + slot);
            Bucket { lower, upper, count }
        })
    }

    /// The value of a rank from 1 to the count (others are taken as the nearest of these).
    fn ranked(&self, rank: u64) -> u64 {
        let mut below = 0;
        for bucket in self.buckets() {
            below += bucket.count;
            if below >= rank {
                let middle = bucket.lower + (bucket.upper - bucket.lower) / 2;
                return middle.clamp(self.min, self.max);
            }
        }
        self.max
    }

    /// Makes room for the buckets from `low` to `high`, in whole doublings.
    #[cold]
    fn cover(&mut self, low: usize, high: usize) {
        let low = low & !(BUCKETS_PER_DOUBLING - 1);
        let high = (high | (BUCKETS_PER_DOUBLING - 1)) + 1;
        if self.counts.is_empty() {
            self.first = low;
        }
        if low < self.first {
            self.counts.splice(..0, std::iter::repeat_n(0, self.first - low));
            self.first = low;
        }
        if high > self.first + self.counts.len() {
            self.counts.resize(high - self.first, 0);
        }
    }
}

/// The bucket of a value: its doubling above the bits that a bucket ignores, and the 7 bits after its first.
fn index_of(value: u64) -> usize {
    let shift = 63 - PRECISION - (value | BUCKETS_PER_DOUBLING as u64).leading_zeros();
    ((shift as usize) << PRECISION) + (value >> shift) as usize
}

/// The least and the greatest value of a bucket.
fn bounds_of(index: usize) -> (u64, u64) {
    let shift = (index >> PRECISION).saturating_sub(1);
    let lower = ((index - (shift << PRECISION)) as u64) << shift;
    (lower, lower + ((1 << shift) - 1))
}

/// The greatest of `1..=count` for which `holds`, which holds up to some point and not after.
fn last_where(count: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut yes, mut no) = (0, count + 1);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle) { yes = middle } else { no = middle }
    }
    (yes > 0).then_some(yes)
}

/// A histogram as it is written: the buckets that hold something.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sparse {
    min: u64,
    max: u64,
    /// As text: it can exceed what a JSON reader takes for a whole number.
    sum: String,
    /// The lower end and the count of each bucket.
    buckets: Vec<(u64, u64)>,
}

impl From<Histogram> for Sparse {
    fn from(histogram: Histogram) -> Sparse {
        Sparse {
            min: histogram.min,
            max: histogram.max,
            sum: histogram.sum.to_string(),
            buckets: histogram.buckets().map(|bucket| (bucket.lower, bucket.count)).collect(),
        }
    }
}

impl TryFrom<Sparse> for Histogram {
    type Error = String;

    fn try_from(sparse: Sparse) -> Result<Histogram, String> {
        let mut histogram = Histogram::default();
        for &(lower, count) in &sparse.buckets {
            if bounds_of(index_of(lower)).0 != lower || count == 0 {
                return Err(format!("a histogram has no bucket that begins at {lower} and holds {count}"));
            }
            if histogram.count.checked_add(count).is_none() {
                return Err("a histogram's counts add up to more than 2^64".to_owned());
            }
            histogram.record_n(lower, count);
        }
        let fits = |given, recorded| index_of(given) == index_of(recorded);
        if !fits(sparse.min, histogram.min) || !fits(sparse.max, histogram.max) {
            return Err("a histogram's least and greatest value lie outside its buckets".to_owned());
        }
        (histogram.min, histogram.max) = (sparse.min, sparse.max);
        histogram.sum = sparse.sum.parse().map_err(|_| format!("a histogram's sum is {:?}", sparse.sum))?;
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values of every magnitude, many of them alike.
    fn values() -> impl Strategy<Value = Vec<u64>> {
        let value = (0u32..64, any::<u64>()).prop_map(|(shift, word)| word >> shift);
        prop::collection::vec(prop_oneof![value, 0u64..300, Just(u64::MAX)], 1..200)
    }

    fn histogram_of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_sorted_list_within_a_percent(mut values in values(), q in 0.0..=1.0_f64) {
            let histogram = histogram_of(&values);
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            let (exact, got) = (values[rank - 1], histogram.quantile(q));
            prop_assert!(exact.abs_diff(got) as f64 <= 0.004 * exact as f64, "{exact} {got}");
            prop_assert!(exact >= 256 || exact == got);
            let sum: u128 = values.iter().map(|&value| u128::from(value)).sum();
            prop_assert_eq!(histogram.sum(), sum);
            prop_assert_eq!((histogram.min(), histogram.max()), (values[0], values[values.len() - 1]));
            prop_assert_eq!(histogram.count(), values.len() as u64);
        }

        #[test]
        fn every_value_lies_in_a_narrow_bucket_of_its_own(values in values()) {
            let histogram = histogram_of(&values);
            let buckets: Vec<Bucket> = histogram.buckets().collect();
            prop_assert!(buckets.windows(2).all(|pair| pair[0].upper < pair[1].lower));
            for bucket in &buckets {
                prop_assert!((bucket.upper - bucket.lower) as f64 <= 0.01 * bucket.lower as f64);
                let inside = values.iter().filter(|value| (bucket.lower..=bucket.upper).contains(value));
                prop_assert_eq!(inside.count() as u64, bucket.count);
            }
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), histogram.count());
        }

        #[test]
        fn merging_is_recording_together_in_any_order(a in values(), b in values()) {
            let mut merged = histogram_of(&a);
            merged.merge(&histogram_of(&b));
            merged.merge(&Histogram::default());
            let mut together = [b.clone(), a.clone()].concat();
            prop_assert_eq!(&merged, &histogram_of(&together));
            together.reverse();
            prop_assert_eq!(&merged, &histogram_of(&together));
            merged.clear();
            prop_assert_eq!(&merged, &Histogram::default());
            merged.merge(&histogram_of(&b));
            prop_assert_eq!(merged, histogram_of(&b));
        }

        #[test]
        fn it_reads_what_it_writes(values in values()) {
            let histogram = histogram_of(&values);
            let text = ron::to_string(&histogram).unwrap();
            prop_assert_eq!(ron::from_str::<Histogram>(&text).unwrap(), histogram);
        }

        #[test]
        fn the_fraction_above_is_off_by_no_more_than_a_bucket(values in values(), threshold in any::<u64>(), shift in 0u32..64) {
            let threshold = threshold >> shift;
            let histogram = histogram_of(&values);
            let above = values.iter().filter(|value| **value > threshold).count() as f64;
            let (lower, upper) = bounds_of(index_of(threshold));
            let near = values.iter().filter(|value| (lower..=upper).contains(value)).count() as f64;
            let got = histogram.fraction_above(threshold) * values.len() as f64;
            prop_assert!((got - above).abs() <= near + 1e-9, "{got} {above} {near}");
        }
    }

    #[test]
    fn broken_files_are_refused() {
        let empty = Histogram::default();
        assert_eq!(ron::from_str::<Histogram>(&ron::to_string(&empty).unwrap()).unwrap(), empty);
        for text in [
            "(min:5,max:5,sum:\"5\",buckets:[(5,0)])",
            "(min:257,max:257,sum:\"257\",buckets:[(257,1)])",
            "(min:5,max:9,sum:\"5\",buckets:[(5,1)])",
            "(min:5,max:5,sum:\"five\",buckets:[(5,1)])",
            "(min:5,max:6,sum:\"5\",buckets:[(5,18446744073709551615),(6,1)])",
        ] {
            assert!(ron::from_str::<Histogram>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantile_of_nearest_rank_does_not_slip_on_rounding() {
        let hundred = histogram_of(&(1..=100).collect::<Vec<u64>>());
        for percent in 1..=100 {
            assert_eq!(hundred.quantile(percent as f64 / 100.0), percent);
        }
        assert_eq!(hundred.quantile(0.0), 1);
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }

    #[test]
    fn a_quantile_is_bounded_by_its_order_statistics() {
        // Conover, Practical Nonparametric Statistics: the median of 16 lies between values 4 and 13
        // with probability 0.979, between values 5 and 12 with only 0.923.
        let sixteen = histogram_of(&(1..=16).collect::<Vec<u64>>());
        assert_eq!(sixteen.quantile_interval(0.5, 0.95), Some(Interval { value: 8.0, low: 4.0, high: 13.0 }));
        assert_eq!(sixteen.quantile_interval(0.5, 0.92), Some(Interval { value: 8.0, low: 5.0, high: 12.0 }));
        // A hundred values cannot bound their 99.9th percentile from above.
        assert_eq!(histogram_of(&(1..=100).collect::<Vec<u64>>()).quantile_interval(0.999, 0.95), None);
        assert_eq!(Histogram::default().quantile_interval(0.5, 0.95), None);
    }
}
