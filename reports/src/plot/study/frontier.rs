//! The Pareto frontier: what one has to choose between, and what nobody need choose.

use super::{Chooser, TICKS, fitting, with_unit};
use crate::plot::chart::{Chart, Mark, Measure, ScatterChart};

impl Chooser<'_> {
    /// The first of the frontier's figures, which is the cost where there is one, against each other.
    pub(super) fn frontiers(&self) -> Vec<Chart> {
        let over = &self.results.frontier_metrics;
        let Some((&x, others)) = over.split_first() else { return Vec::new() };
        if self.results.points.len() < 3 || self.results.frontier.is_empty() {
            return Vec::new();
        }
        others.iter().filter_map(|&y| self.frontier(x, y)).collect()
    }

    fn frontier(&self, x: usize, y: usize) -> Option<Chart> {
        let results = self.results;
        let over = &results.frontier_metrics;
        let mark = |(at, point): (usize, &sim_core::study::Point)| {
            let figure = |metric: usize| {
                let estimate = &point.estimates[metric];
                (estimate.mean, estimate.half_width.unwrap_or(0.0))
            };
            Mark { label: point.label.clone(), x: figure(x), y: figure(y), stands_out: results.frontier.contains(&at) }
        };
        let marks = results.points.iter().enumerate().map(mark);
        let marks: Vec<Mark> = marks.filter(|mark| mark.x.0.is_finite() && mark.y.0.is_finite()).collect();
        let measure = |metric: usize, figure: fn(&Mark) -> (f64, f64)| {
            let of = &results.metrics[metric];
            let ends = marks.iter().map(figure).flat_map(|(value, half)| [value, value + half]);
            let axis = fitting(ends, TICKS)?;
            let label = with_unit(&of.name, &of.unit);
            let label = if axis.logarithmic { format!("{label}, logarithmic") } else { label };
            Some(Measure { label, unit: of.unit.clone(), axis })
        };
        let (across, up) = (measure(x, |mark| mark.x)?, measure(y, |mark| mark.y)?);
        let names: Vec<&str> = over.iter().map(|metric| results.metrics[*metric].name.as_str()).collect();
        let blue =
            format!("blue: no other point is as good in {} at once and better in one; grey: beaten", names.join(", "));
        let (x, y) = (&results.metrics[x].name, &results.metrics[y].name);
        Some(Chart::Scatter(ScatterChart {
            caption: self.caption(
                &format!("frontier-{x}-{y}"),
                format!("{y} against {x}: what to choose between"),
                &[&blue],
            ),
            x: across,
            y: up,
            joined: over.len() == 2,
            marks,
        }))
    }
}
