//! Main effects: the mean of a figure at each setting of each factor, over all settings of the others.
//!
//! The further the dots of a factor lie apart, the more it matters. Where one factor was changed at a time,
//! each dot is that one point. Where points are scattered over the whole space, settings hardly occur twice:
//! then every point is shown by each quantity.

use super::{Chooser, TICKS, fitting, is_numeric, with_unit};
use crate::plot::axis::Axis;
use crate::plot::chart::{Chart, Dot, DotChart, DotGroup, Mark, Measure, ScatterChart};
use crate::plot::style::BLUE;
use crate::study;
use crate::words;

/// Settings of all factors together that a chart can show.
const ROWS_MAX: usize = 40;
/// Factors that have a chart of their own.
const FACTORS_MAX: usize = 6;

impl Chooser<'_> {
    /// What each factor does on average.
    pub(super) fn effects(&self, metric: usize) -> Option<Chart> {
        let (results, of) = (self.results, &self.results.metrics[metric]);
        let varied = results.factors.iter().filter(|factor| factor.levels.len() > 1);
        let settings: usize = varied.clone().map(|factor| factor.levels.len()).sum();
        // One quantity alone is drawn as a line.
        let known = varied.clone().count() == 1 && varied.clone().all(is_numeric);
        if settings == 0 || settings > ROWS_MAX || known || !(self.is_grid() || self.is_one_at_a_time()) {
            return None;
        }
        let mut groups = Vec::new();
        for (number, factor) in results.factors.iter().enumerate().filter(|(_, factor)| factor.levels.len() > 1) {
            let dot = |(level, setting): (usize, &sim_core::study::Level)| {
                let (mean, half) = study::together(results, metric, &self.points_of(number, level))?;
                let interval = half.map(|half| (mean - half, mean + half));
                let note = words::with_margin(mean, interval, &of.unit);
                Some(Dot { label: setting.label.clone(), value: mean, interval, color: BLUE, note })
            };
            let rows: Vec<Dot> = factor.levels.iter().enumerate().filter_map(dot).collect();
            let spread = rows.iter().map(|dot| dot.value);
            let (min, max) = spread.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            groups.push((max - min, DotGroup { name: factor.name.clone(), rows }));
        }
        groups.retain(|(_, group)| !group.rows.is_empty());
        groups.sort_by(|a, b| b.0.total_cmp(&a.0));
        let groups: Vec<DotGroup> = groups.into_iter().map(|(_, group)| group).collect();
        let all: Vec<usize> = (0..results.points.len()).collect();
        let (reference, _) = study::together(results, metric, &all)?;
        let dots = groups.iter().flat_map(|group| &group.rows);
        let ends = dots.flat_map(|dot| dot.interval.map_or([dot.value; 2], |(low, high)| [low, high]));
        let axis = fitting(ends.chain([reference]), TICKS)?;
        let averaged = results.factors.len() > 1 && !self.is_one_at_a_time();
        let what = if averaged { "each setting is the mean over all others" } else { "one setting changed at a time" };
        let what = if results.factors.len() == 1 { "" } else { what };
        let title = match results.factors.len() {
            1 => format!("{} by {}", of.name, results.factors[0].name),
            _ => format!("What each factor does to {}, the strongest first", of.name),
        };
        let notes = [what, "whiskers: 95 % confidence interval", "line: the mean of all points"];
        Some(Chart::Dots(DotChart {
            caption: self.caption(&format!("effects-{}", of.name), title, &notes),
            label: with_unit(&of.name, &of.unit),
            axis,
            reference,
            groups,
        }))
    }

    /// The points that tell of a setting.
    fn points_of(&self, factor: usize, level: usize) -> Vec<usize> {
        let mut points = self.points_at(&[(factor, level)]);
        if !self.is_grid() {
            let base = &self.results.points[0].levels;
            let alone = |levels: &[usize]| levels.iter().enumerate().all(|(at, own)| at == factor || *own == base[at]);
            points.retain(|point| alone(&self.results.points[*point].levels));
        }
        points
    }

    /// Every point by each quantity that was varied, where points are scattered.
    pub(super) fn by_factor(&self, metric: usize) -> Vec<Chart> {
        if self.is_grid() || self.is_one_at_a_time() {
            return Vec::new();
        }
        let numeric = |at: &usize| {
            let factor = &self.results.factors[*at];
            is_numeric(factor) && factor.levels.len() > 2
        };
        (0..self.results.factors.len())
            .filter(numeric)
            .take(FACTORS_MAX)
            .filter_map(|at| self.scattered(metric, at))
            .collect()
    }

    fn scattered(&self, metric: usize, factor: usize) -> Option<Chart> {
        let (results, of, by) = (self.results, &self.results.metrics[metric], &self.results.factors[factor]);
        let best = results.winners.first().map(|winner| winner.best);
        let mark = |(at, point): (usize, &sim_core::study::Point)| {
            let estimate = &point.estimates[metric];
            Mark {
                label: by.levels[point.levels[factor]].label.clone(),
                x: (by.levels[point.levels[factor]].magnitude.unwrap_or(f64::NAN), 0.0),
                y: (estimate.mean, estimate.half_width.unwrap_or(0.0)),
                stands_out: Some(at) == best,
            }
        };
        let marks: Vec<Mark> =
            results.points.iter().enumerate().map(mark).filter(|mark| mark.y.0.is_finite()).collect();
        let y = fitting(marks.iter().map(|mark| mark.y.0), TICKS)?;
        let (from, to) = (by.levels.first()?.magnitude?, by.levels.last()?.magnitude?);
        let x = match from > 0.0 && to > super::WIDE_SPAN * from {
            true => Axis::logarithmic(from, to, TICKS, words::plain),
            false => Axis::around(from, to, TICKS),
        };
        let found = if best.is_some() { "blue: the best" } else { "" };
        let title = format!("{} of every candidate, by {}", of.name, by.name);
        Some(Chart::Scatter(ScatterChart {
            caption: self.caption(&format!("{}-scatter-{}", of.name, by.name), title, &[found]),
            x: Measure { label: by.name.clone(), unit: String::new(), axis: x },
            y: Measure { label: with_unit(&of.name, &of.unit), unit: of.unit.clone(), axis: y },
            marks,
            joined: false,
        }))
    }
}
