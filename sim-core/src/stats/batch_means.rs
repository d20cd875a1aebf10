//! The confidence interval of one long run: successive values are dependent, means of long batches hardly.
//!
//! The run is cut into 20 to 39 batches of equal length; when 40 are full, neighbours are joined and
//! the length doubles, so memory is constant and no length need be guessed. Once a batch is much
//! longer than the memory of the process, batch means behave as independent normal numbers.
//!
//! Sources: Law and Carson, "A sequential procedure" (1979); Schmeiser, "Batch size effects" (1982),
//! on why 10 to 30 batches are enough. Left out: a test of independence. A run that is short against
//! the memory of its process (a queue close to saturation) gets too narrow an interval.

use super::{Interval, Welford};

const BATCHES_MAX: usize = 40;
/// Fewer batches than this make no interval.
const BATCHES_MIN: u64 = 20;

/// Successive values of a steady process, in batches.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchMeans {
    /// Sums of the full batches.
    sums: Vec<f64>,
    /// Values in a full batch.
    length: u64,
    open_sum: f64,
    open_count: u64,
}

impl Default for BatchMeans {
    fn default() -> BatchMeans {
        BatchMeans { sums: Vec::with_capacity(BATCHES_MAX), length: 1, open_sum: 0.0, open_count: 0 }
    }
}

impl BatchMeans {
    /// Takes in the next value.
    pub fn record(&mut self, value: f64) {
        self.open_sum += value;
        self.open_count += 1;
        if self.open_count < self.length {
            return;
        }
        self.sums.push(self.open_sum);
        (self.open_sum, self.open_count) = (0.0, 0);
        if self.sums.len() == BATCHES_MAX {
            for pair in 0..BATCHES_MAX / 2 {
                self.sums[pair] = self.sums[2 * pair] + self.sums[2 * pair + 1];
            }
            self.sums.truncate(BATCHES_MAX / 2);
            self.length *= 2;
        }
    }

    /// The means of the full batches; the values of the last, open batch are left out.
    fn means(&self) -> Welford {
        self.sums.iter().map(|sum| sum / self.length as f64).collect()
    }

    /// Values recorded, those of the open batch included.
    pub fn count(&self) -> u64 {
        self.sums.len() as u64 * self.length + self.open_count
    }

    /// Values in a batch.
    pub fn batch_length(&self) -> u64 {
        self.length
    }

    /// The mean of the full batches; 0 if there is none.
    pub fn mean(&self) -> f64 {
        self.means().mean()
    }

    /// The standard error of the mean; `None` before 20 batches are full.
    pub fn standard_error(&self) -> Option<f64> {
        let means = self.means();
        if means.count() < BATCHES_MIN { None } else { means.standard_error() }
    }

    /// The mean with its confidence interval at `level`; `None` before 20 batches are full.
    ///
    /// # Panics
    ///
    /// If `level` is not strictly between 0 and 1.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let means = self.means();
        if means.count() < BATCHES_MIN { None } else { means.interval(level) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Draws;
    use crate::ziggurat::normal;

    #[test]
    fn batches_double_and_lose_no_value() {
        let mut batches = BatchMeans::default();
        for i in 0..1_000_u64 {
            assert_eq!(batches.interval(0.95).is_some(), i >= 20, "after {i}");
            batches.record(i as f64);
            assert_eq!(batches.count(), i + 1);
        }
        // 40 * 2^k passes 1,000 at k = 5: the length is 32 and 31 batches are full.
        assert_eq!(batches.batch_length(), 32);
        assert_eq!(batches.mean(), (31.0 * 32.0 - 1.0) / 2.0);
    }

    #[test]
    fn intervals_of_a_dependent_process_cover_its_mean() {
        // AR(1) with coefficient 0.8: an interval that takes the values for independent is three
        // times too narrow and covers in half of the runs only.
        let (mut covered, mut naive_covered) = (0, 0);
        for run in 0..400 {
            let mut draws = Draws::new(run);
            let mut batches = BatchMeans::default();
            let mut naive = Welford::default();
            let mut x = normal(&mut draws) / 0.6;
            for _ in 0..2_000 {
                x = 0.8 * x + normal(&mut draws);
                batches.record(x);
                naive.record(x);
            }
            covered += u32::from(batches.interval(0.95).unwrap().contains(0.0));
            naive_covered += u32::from(naive.interval(0.95).unwrap().contains(0.0));
        }
        // 95 % of 400 is 380, give or take 4 standard errors of 4.4.
        assert!((362..=398).contains(&covered), "{covered}");
        assert!(naive_covered < 300, "{naive_covered}");
    }
}
