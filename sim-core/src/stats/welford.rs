//! Mean and variance in one pass, without the cancellation of summed squares.
//!
//! Sources: Welford (1962); Chan, Golub and LeVeque (1979) for merging.

/// The count, mean and variance of the values recorded so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Welford {
    count: u64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Welford {
    /// Takes in one value.
    pub fn record(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// Takes in all the values of `other`; equal to recording them but for rounding.
    pub fn merge(&mut self, other: &Welford) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let apart = other.mean - self.mean;
        let share = other.count as f64 / count as f64;
        self.squares += other.squares + apart * apart * share * self.count as f64;
        self.mean += apart * share;
        self.count = count;
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; 0 if nothing was recorded.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The sample variance (divided by n - 1); 0 for fewer than two values.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }
    }

    /// The standard error of the mean if the values are independent; `None` for fewer than two.
    pub fn standard_error(&self) -> Option<f64> {
        (self.count >= 2).then(|| (self.variance() / self.count as f64).sqrt())
    }
}

impl FromIterator<f64> for Welford {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Welford {
        let mut welford = Welford::default();
        values.into_iter().for_each(|value| welford.record(value));
        welford
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_two_passes_however_it_is_split(
            values in prop::collection::vec(-1e3..1e3, 2..100), offset in prop_oneof![Just(0.0), Just(1e9)], cut in 0usize..100
        ) {
            let values: Vec<f64> = values.iter().map(|value: &f64| value + offset).collect();
            let n = values.len() as f64;
            let mean = values.iter().map(|value| value - offset).sum::<f64>() / n + offset;
            let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut got: Welford = left.iter().copied().collect();
            got.merge(&right.iter().copied().collect());
            prop_assert_eq!(got.count(), values.len() as u64);
            prop_assert!((got.mean() - mean).abs() < 1e-6);
            prop_assert!((got.variance() - variance).abs() <= 1e-6 * variance.max(1.0), "{} {}", got.variance(), variance);
        }
    }
}
