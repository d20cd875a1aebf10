//! Fewer points, same picture.
//!
//! A day in seconds is 86,400 points, a chart 1,000 pixels wide. Per column of pixels only the
//! first, the least, the greatest and the last point can be seen (the M4 aggregation of Jugel et
//! al., VLDB 2014); keeping just those loses no peak, unlike averages.

/// The points of a line cut at its gaps (values that are not numbers), thinned so that at most
/// about `columns` columns of pixels hold points, four each.
pub(crate) fn strokes(points: &[(f64, f64)], columns: usize) -> Vec<Vec<(f64, f64)>> {
    let (from, to) = match (points.first(), points.last()) {
        (Some(first), Some(last)) => (first.0, last.0),
        _ => return Vec::new(),
    };
    let column = |x: f64| if to > from { ((x - from) / (to - from) * columns as f64).floor() } else { 0.0 };
    let crowded = points.len() > 4 * columns;
    let mut strokes = Vec::new();
    for stroke in points.split(|point| !point.1.is_finite()).filter(|stroke| !stroke.is_empty()) {
        strokes.push(match crowded {
            true => stroke.chunk_by(|a, b| column(a.0) == column(b.0)).flat_map(extremes).collect(),
            false => stroke.to_vec(),
        });
    }
    strokes
}

/// First, least, greatest and last of a column, in order of time, each once.
fn extremes(column: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let indices = 0..column.len();
    let least = indices.clone().min_by(|a, b| column[*a].1.total_cmp(&column[*b].1));
    let greatest = indices.max_by(|a, b| column[*a].1.total_cmp(&column[*b].1));
    let mut kept = [Some(0), least, greatest, column.len().checked_sub(1)];
    kept.sort_unstable();
    let mut kept: Vec<usize> = kept.into_iter().flatten().collect();
    kept.dedup();
    kept.into_iter().map(|at| column[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_part_strokes_and_short_lines_are_kept() {
        let points = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)];
        assert_eq!(strokes(&points, 10), [vec![(0.0, 1.0)], vec![(2.0, 3.0), (3.0, 4.0)]]);
        assert!(strokes(&[], 10).is_empty());
    }

    proptest! {
        #[test]
        fn no_peak_is_lost(values in prop::collection::vec(0.0..1e3_f64, 1..3000), columns in 1_usize..60) {
            let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(at, y)| (at as f64, *y)).collect();
            let kept: Vec<(f64, f64)> = strokes(&points, columns).concat();
            prop_assert!(kept.len() <= 4 * (columns + 1));
            prop_assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let bounds = |points: &[(f64, f64)]| points.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.1), b.max(p.1)));
            prop_assert_eq!(bounds(&kept), bounds(&points));
            prop_assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
        }
    }
}
