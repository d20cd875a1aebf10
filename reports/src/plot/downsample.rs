//! Fewer points, same picture.
//!
//! A day in seconds is 86,400 points, a chart 1,000 pixels wide. Per column of pixels only the
//! first, the least, the greatest and the last point can be seen (the M4 aggregation of Jugel et
//! al., VLDB 2014); keeping just those loses no peak, unlike averages.

/// No line is thinned to fewer columns of pixels than this.
const COLUMNS_MIN: usize = 32;

/// The points of a line cut at its gaps (values that are not numbers), thinned to about `budget`: four a
/// column of pixels.
pub(crate) fn strokes(points: &[(f64, f64)], budget: usize) -> Vec<Vec<(f64, f64)>> {
    let thinner = Thinner::of(points, points.len(), budget);
    let strokes = points.split(|point| !point.1.is_finite()).filter(|stroke| !stroke.is_empty());
    strokes.map(|stroke| thinner.thinned(stroke)).collect()
}

/// The same of a line that holds each value until the next: what is counted at an instant says nothing of the
/// time before, and no drop may seem to come before the fault that caused it.
///
/// Values that stay cost nothing, and corners are put in after thinning, so that steps stay upright.
pub(crate) fn steps(points: &[(f64, f64)], budget: usize) -> Vec<Vec<(f64, f64)>> {
    // A step is two points: where it begins and where it ends.
    let thinner = Thinner::of(points, changes(points), budget / 2);
    let mut strokes = Vec::new();
    for (from, to) in runs(points) {
        let run = &points[from..to];
        let level = run.chunk_by(|a, b| a.1 == b.1).map(|level| level[0]).collect::<Vec<_>>();
        // The last value holds up to the gap after it.
        let until = points.get(to).unwrap_or(&points[to - 1]).0;
        strokes.push(upright(&thinner.thinned(&level), until));
    }
    strokes
}

/// How many points a line needs that is not thinned.
pub(crate) fn need(points: &[(f64, f64)], stepped: bool) -> usize {
    if stepped { 2 * changes(points) } else { points.len() }
}

/// How many points each line gets of `budget`: none more than it needs, and what one leaves goes to the others.
pub(crate) fn allotted(needs: &[usize], budget: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|line| needs[*line]);
    let (mut left, mut allotted) = (budget, vec![0; needs.len()]);
    for (done, line) in order.into_iter().enumerate() {
        allotted[line] = needs[line].min(left / (needs.len() - done));
        left -= allotted[line];
    }
    allotted
}

/// Where `points` begin and end between gaps.
fn runs(points: &[(f64, f64)]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in points.chunk_by(|a, b| a.1.is_finite() == b.1.is_finite()) {
        if run[0].1.is_finite() {
            runs.push((at, at + run.len()));
        }
        at += run.len();
    }
    runs
}

/// How many levels a stepped line has.
fn changes(points: &[(f64, f64)]) -> usize {
    points.chunk_by(|a, b| a.1 == b.1).count()
}

/// Each value held until the next, the last `until` then.
fn upright(levels: &[(f64, f64)], until: f64) -> Vec<(f64, f64)> {
    let mut held: Vec<(f64, f64)> = Vec::with_capacity(2 * levels.len());
    for level in levels {
        held.extend(held.last().map(|before| (level.0, before.1)));
        held.push(*level);
    }
    held.extend(levels.last().filter(|last| last.0 < until).map(|last| (until, last.1)));
    held
}

/// Thins the strokes of a line alike.
struct Thinner {
    from: f64,
    width: f64,
    columns: usize,
    crowded: bool,
}

impl Thinner {
    /// For a line that has so many points worth drawing.
    fn of(points: &[(f64, f64)], worth: usize, budget: usize) -> Thinner {
        let columns = (budget / 4).max(COLUMNS_MIN);
        let ends = points.first().zip(points.last()).map_or((0.0, 0.0), |(first, last)| (first.0, last.0));
        Thinner { from: ends.0, width: ends.1 - ends.0, columns, crowded: worth > budget.max(4 * COLUMNS_MIN) }
    }

    fn thinned(&self, stroke: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let column = |x: f64| match self.width > 0.0 {
            true => ((x - self.from) / self.width * self.columns as f64).floor(),
            false => 0.0,
        };
        match self.crowded {
            true => stroke.chunk_by(|a, b| column(a.0) == column(b.0)).flat_map(extremes).collect(),
            false => stroke.to_vec(),
        }
    }
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
        assert_eq!(strokes(&points, 40), [vec![(0.0, 1.0)], vec![(2.0, 3.0), (3.0, 4.0)]]);
        let held = [vec![(0.0, 1.0), (1.0, 1.0)], vec![(2.0, 3.0), (3.0, 3.0), (3.0, 4.0)]];
        assert_eq!(steps(&points, 40), held);
        assert!(strokes(&[], 40).is_empty() && steps(&[], 40).is_empty());
    }

    #[test]
    fn what_rarely_changes_keeps_its_steps_however_long_it_is() {
        // All or nothing, for a day in seconds.
        let share = |second: u32| if (30_000..30_002).contains(&second) { 100.0 } else { 0.0 };
        let points: Vec<(f64, f64)> = (0..86_400).map(|second| (f64::from(second), share(second))).collect();
        let up = [(0.0, 0.0), (30_000.0, 0.0), (30_000.0, 100.0), (30_002.0, 100.0), (30_002.0, 0.0), (86_399.0, 0.0)];
        assert_eq!(steps(&points, 100), [up]);
    }

    #[test]
    fn what_one_line_leaves_goes_to_the_others() {
        assert_eq!(allotted(&[1_000, 10, 400, 10], 900), [480, 10, 400, 10]);
        assert_eq!(allotted(&[1_000, 1_000], 900), [450, 450]);
        assert_eq!(allotted(&[5, 6], 900), [5, 6]);
        assert!(allotted(&[], 900).is_empty());
    }

    proptest! {
        #[test]
        fn no_peak_is_lost(values in prop::collection::vec(0.0..1e3_f64, 1..3000), columns in 1_usize..60) {
            let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(at, y)| (at as f64, *y)).collect();
            let kept: Vec<(f64, f64)> = strokes(&points, 4 * columns).concat();
            prop_assert!(kept.len() <= 4 * (columns.max(COLUMNS_MIN) + 1));
            prop_assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let bounds = |points: &[(f64, f64)]| points.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.1), b.max(p.1)));
            prop_assert_eq!(bounds(&kept), bounds(&points));
            prop_assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
            let held: Vec<(f64, f64)> = steps(&points, 8 * columns).concat();
            prop_assert!(held.len() <= 8 * (columns.max(COLUMNS_MIN) + 1));
            prop_assert!(held.windows(2).all(|pair| pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1), "upright");
            prop_assert_eq!(bounds(&held), bounds(&points));
        }
    }
}
