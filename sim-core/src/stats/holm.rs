//! Holm's correction: many comparisons, one promise.
//!
//! Of twenty comparisons in which nothing differs, one looks significant at 5 %. Holm (1979) keeps the
//! chance of any false claim below the level, whatever the dependence between the comparisons, and
//! gives up less than Bonferroni: the smallest p-value is multiplied by their number, the next by
//! one less, and so on, and none may fall below the one before it.

/// The p-values adjusted for there being so many of them, in the order given; claim a difference
/// where the adjusted value is below the level.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        let factor = (p_values.len() - rank) as f64;
        least = least.max((factor * p_values[index]).min(1.0));
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Draw, Draws};

    #[test]
    fn it_adjusts_as_published() {
        // The worked example of R's p.adjust and of textbooks: 0.01, 0.04, 0.03, 0.005.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (got, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn among_many_true_nulls_hardly_any_family_has_a_false_claim() {
        let mut draws = Draws::new(7);
        let mut family = |adjust: bool| {
            let p_values: Vec<f64> = (0..20).map(|_| draws.unit()).collect();
            let judged = if adjust { holm(&p_values) } else { p_values };
            judged.iter().any(|p| *p < 0.05)
        };
        let corrected = (0..2_000).filter(|_| family(true)).count();
        let naive = (0..2_000).filter(|_| family(false)).count();
        // 5 % of 2,000 is 100, give or take 4 standard errors of 10; without it 64 %.
        assert!((60..=140).contains(&corrected), "{corrected}");
        assert!(naive > 1_150, "{naive}");
    }
}
