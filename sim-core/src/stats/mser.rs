//! Where a run's warm-up ends: the marginal standard error rule.
//!
//! A run that starts empty tells of its start for a while. Cutting off more removes that bias, and
//! takes observations away. MSER (White 1997) cuts where the standard error of what is left is
//! smallest: while the start differs from the rest it widens the scatter, and cutting it helps; from
//! then on cutting only costs. Applied to means of a few observations each, as MSER-5 is.
//!
//! Leaves out: runs that never settle. Their best cut comes late, and a cut in the second half of
//! the run is no answer but a sign of that.

/// How many leading `values` to drop; `None` if the best cut is not in the first half, that is, the
/// run is too short for its warm-up or never becomes steady, or there are fewer than four values.
pub fn mser(values: &[f64]) -> Option<usize> {
    let n = values.len();
    if n < 4 {
        return None;
    }
    // From the end, so that each tail's mean and scatter come from the one before.
    let (mut mean, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for (index, value) in values.iter().enumerate().rev() {
        let count = (n - index) as f64;
        let before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
        let error = squares / (count * count);
        // The last few values are alike by chance, as in every published use of the rule.
        if n - index > LAST && error <= best.0 {
            best = (error, index);
        }
    }
    (best.1 <= n / 2).then_some(best.1)
}

/// Cuts that leave no more values than this are not considered.
const LAST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Draws;
    use crate::stats::Welford;
    use crate::ziggurat::normal;

    /// The rule as it is written, tail by tail.
    fn naive(values: &[f64]) -> Option<usize> {
        let n = values.len();
        let error = |cut: usize| {
            let tail: Welford = values[cut..].iter().copied().collect();
            let count = (n - cut) as f64;
            tail.variance() * (count - 1.0) / (count * count)
        };
        let best = (0..n - LAST).min_by(|a, b| error(*a).total_cmp(&error(*b)))?;
        (best <= n / 2).then_some(best)
    }

    #[test]
    fn a_decaying_start_is_cut_and_little_else() {
        for run in 0..50 {
            let mut draws = Draws::new(run);
            let values: Vec<f64> =
                (0..400).map(|i| 10.0 * libm::exp(-f64::from(i) / 20.0) + 0.5 * normal(&mut draws)).collect();
            assert_eq!(mser(&values), naive(&values));
            // After 30 values the start adds 2.2, after 80 it adds 0.2.
            let cut = mser(&values).unwrap();
            assert!((30..=130).contains(&cut), "run {run}: {cut}");
        }
    }

    #[test]
    fn a_steady_run_is_kept_and_a_growing_one_refused() {
        let kept = (0..200).filter(|run| {
            let mut draws = Draws::new(*run);
            let values: Vec<f64> = (0..200).map(|_| normal(&mut draws)).collect();
            mser(&values).is_some_and(|cut| cut <= 20)
        });
        assert!(kept.count() >= 150);
        let growing: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(mser(&growing), None);
        assert_eq!(mser(&[1.0, 2.0, 3.0]), None);
        assert_eq!(mser(&[5.0; 50]), Some(0), "what never varies needs no cut");
    }
}
