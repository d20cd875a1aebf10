//! How replications differ over time: at each step the median of all of them, and where the middle half and
//! all but one in twenty lie.

use sim_core::results::{Group, Series};

use super::{Replication, column};
use crate::measure::StepFigures;

/// With fewer replications a spread would be that of a few lines.
const REPLICATIONS_MIN: usize = 5;

/// The shares of replications below each line, and what the lines are called.
const LINES: [(f64, &str); 5] = [(0.025, "p2.5"), (0.25, "p25"), (0.5, "p50"), (0.75, "p75"), (0.975, "p97.5")];

/// Failures a second and the 99th percentile of latency, of all requests, over all replications.
pub(crate) fn series(replications: &[Replication]) -> Option<Series> {
    if replications.len() < REPLICATIONS_MIN {
        return None;
    }
    let steps: Vec<&[StepFigures]> = replications.iter().map(|one| one.measure.run.steps.as_slice()).collect();
    let length = steps.iter().map(|steps| steps.len()).min()?;
    let failed = |step: &StepFigures| step.failed as f64 / step.length.as_secs_f64();
    let slow = |step: &StepFigures| step.quantiles.map_or(f64::NAN, |[_, _, p99]| p99 as f64 / 1e6);
    let mut values = Vec::new();
    for of in [&failed as &dyn Fn(&StepFigures) -> f64, &slow] {
        let mut at_each = (0..length).map(|at| steps.iter().map(|steps| of(&steps[at])).collect::<Vec<f64>>());
        let sorted: Vec<Vec<f64>> = at_each.by_ref().map(sorted).collect();
        values
            .extend(LINES.map(|(share, _)| sorted.iter().map(|values| quantile(values, share)).collect::<Vec<f64>>()));
    }
    let columns = |name: &str, unit: &str| LINES.map(|(_, line)| column(&format!("{name}.{line}"), unit));
    let t_s = steps[0][..length].iter().map(|step| step.end.as_secs_f64()).collect();
    Some(Series {
        name: "spread".to_owned(),
        kind: "run".to_owned(),
        columns: [columns("failed", "1/s"), columns("latency.p99", "ms")].concat(),
        groups: vec![Group { subject: String::new(), t_s, values }],
    })
}

/// The numbers among `values`, from small to large.
fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.retain(|value| !value.is_nan());
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which a share of the `sorted` lies, between two of them by weight (Hyndman and Fan's
/// type 7); NaN if there is none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = sorted(vec![3.0, 1.0, f64::NAN, 2.0, 5.0, 4.0]);
        assert_eq!([0.0, 0.025, 0.25, 0.5, 1.0].map(|share| quantile(&values, share)), [1.0, 1.1, 2.0, 3.0, 5.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
