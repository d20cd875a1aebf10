//! Which charts a study can support, and what each shows.
//!
//! The figure that decides comes first: how it answers to a quantity that was varied, which setting is best
//! where, what differs and by how much, what each factor does on average. Then the frontier, then the other
//! figures. A chart that would say nothing, of one setting or of nothing but gaps, is left out.

mod differences;
mod effects;
mod frontier;
mod grid;

use sim_core::study::{Factor, StudyResults};

use super::axis::Axis;
use super::chart::{Caption, Chart};
use crate::study;
use crate::words;

/// How many charts a reader can be asked to look at, and a page may weigh.
const CHARTS: usize = 20;
/// Figures that have charts of their own.
const METRICS: usize = 4;
/// How many ticks a vertical axis has, about.
const TICKS: usize = 5;
/// Values that span more than this are drawn by magnitude.
const WIDE_SPAN: f64 = 8.0;
/// From this share of the largest value on, the least stands high enough for an axis that begins near it.
const HIGH: f64 = 0.7;

/// The charts of `results`, the most important first.
pub(crate) fn charts(results: &StudyResults) -> Vec<Chart> {
    let chooser = Chooser { results };
    let metrics = chooser.metrics();
    let Some(&deciding) = metrics.first() else { return Vec::new() };
    let mut charts: Vec<Chart> = chooser.responses(deciding);
    charts.extend(chooser.heat(deciding));
    charts.extend(chooser.differences(deciding));
    charts.extend(chooser.frontiers());
    charts.extend(chooser.effects(deciding));
    charts.extend(chooser.by_factor(deciding));
    for &metric in &metrics[1..] {
        charts.extend(chooser.responses(metric).into_iter().take(1));
        charts.extend(chooser.differences(metric));
        charts.extend(chooser.effects(metric));
    }
    charts.truncate(CHARTS);
    charts
}

struct Chooser<'a> {
    results: &'a StudyResults,
}

impl Chooser<'_> {
    /// The figures to draw, that which decides first; those that never change are left out.
    fn metrics(&self) -> Vec<usize> {
        let deciding = self.results.winners.first().map_or(0, |winner| winner.metric);
        let mut metrics: Vec<usize> = (0..self.results.metrics.len()).collect();
        metrics.sort_by_key(|metric| *metric != deciding);
        metrics.retain(|metric| {
            let mut means = self.results.points.iter().map(|point| point.estimates[*metric].mean);
            let first = means.find(|mean| mean.is_finite());
            first.is_some_and(|first| means.any(|mean| mean.is_finite() && mean != first))
        });
        metrics.truncate(METRICS);
        metrics
    }

    fn caption(&self, name: &str, title: String, notes: &[&str]) -> Caption {
        let results = self.results;
        let runs = words::plural(study::runs(results) as f64, "run");
        let mut parts = vec![format!("n = {runs} at {}", words::plural(results.points.len() as f64, "point"))];
        parts.push(format!("seed {}", results.seed));
        parts.extend(notes.iter().filter(|note| !note.is_empty()).map(|note| (*note).to_owned()));
        Caption { name: words::slug(name), title, subtitle: parts.join(" · ") }
    }

    /// Whether most combinations of settings were run, so that averages over the others are fair.
    fn is_grid(&self) -> bool {
        let all: f64 = self.results.factors.iter().map(|factor| factor.levels.len() as f64).product();
        let few = |factor: &Factor| factor.levels.len() < self.results.points.len().max(3);
        let alone = self.results.factors.len() == 1;
        !self.results.factors.is_empty()
            && self.results.points.len() as f64 >= 0.6 * all
            && (alone || self.results.factors.iter().all(few))
    }

    /// Whether each point differs from the first in one factor at most.
    fn is_one_at_a_time(&self) -> bool {
        let points = &self.results.points;
        let differ = |levels: &[usize]| points[0].levels.iter().zip(levels).filter(|(a, b)| a != b).count();
        self.results.factors.len() > 1 && points.len() > 2 && points.iter().all(|point| differ(&point.levels) <= 1)
    }

    /// The points with these settings, of factors by number.
    fn points_at(&self, settings: &[(usize, usize)]) -> Vec<usize> {
        let has = |levels: &[usize]| settings.iter().all(|&(factor, level)| levels[factor] == level);
        let points = self.results.points.iter().enumerate();
        points.filter(|(_, point)| has(&point.levels)).map(|(at, _)| at).collect()
    }
}

/// Whether a factor's settings are quantities.
fn is_numeric(factor: &Factor) -> bool {
    factor.levels.iter().all(|level| level.magnitude.is_some())
}

/// A vertical axis for points rather than bars: by magnitude if the values span much, near the values if they
/// are close to each other, else from zero.
fn fitting(values: impl Iterator<Item = f64>, count: usize) -> Option<Axis> {
    let known = values.filter(|value| value.is_finite());
    let (min, max) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
    if !min.is_finite() {
        return None;
    }
    Some(match min {
        min if min < 0.0 => Axis::around(min, max, count),
        min if min > 0.0 && max > min * WIDE_SPAN => Axis::logarithmic(min, max, count, words::plain),
        min if min > HIGH * max => Axis::around(min, max, count),
        _ => Axis::linear(max, count),
    })
}

/// A figure's name as a title begins, and its unit for an axis.
fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}
