//! Paired differences with their intervals: what is surely better, what surely worse, and by how much.

use plotters::style::RGBColor;
use sim_core::study::{Comparison, Verdict};

use super::{Chooser, TICKS};
use crate::plot::axis::Axis;
use crate::plot::chart::{Chart, Dot, DotChart, DotGroup};
use crate::plot::style::{AXIS, BLUE, GREEN, VERMILION};
use crate::study;
use crate::words;

/// Rows that a chart can have.
const ROWS_MAX: usize = 40;
/// Where intervals end that reach to nothing or below, as a share of what is compared with.
const LEAST: f64 = 0.05;
/// Ratios that span more than this are drawn by magnitude.
const WIDE: f64 = 4.0;

impl Chooser<'_> {
    /// Everything that a figure was compared in.
    pub(super) fn differences(&self, metric: usize) -> Option<Chart> {
        let results = self.results;
        let of = &results.metrics[metric];
        let mut all: Vec<&Comparison> = results.comparisons.iter().filter(|one| one.metric == metric).collect();
        if all.is_empty() {
            all = results
                .winners
                .iter()
                .flat_map(|winner| &winner.comparisons)
                .filter(|one| one.metric == metric)
                .collect();
        }
        all.retain(|one| one.difference.is_finite());
        let rows = all.len();
        all.truncate(ROWS_MAX);
        if all.is_empty() || all.iter().all(|one| one.difference == 0.0) {
            return None;
        }
        // As a share where all can be told so, and nothing vanished; else in the figure's own unit.
        let relative = all.iter().all(|one| one.relative.is_some_and(|(share, ..)| share > LEAST - 1.0));
        let scale = if relative { Scale::of_shares(&all) } else { Scale::of_differences(&all, &of.unit) };
        let mut groups: Vec<DotGroup> = Vec::new();
        for one in &all {
            let name = self.heading(one);
            let dot = scale.dot(one, self.other(one), &of.unit);
            match groups.last_mut().filter(|group| group.name == name) {
                Some(group) => group.rows.push(dot),
                None => groups.push(DotGroup { name, rows: vec![dot] }),
            }
        }
        let cut = if rows > ROWS_MAX { format!("the first {ROWS_MAX} of {rows}") } else { String::new() };
        let notes = ["paired, with 95 % intervals; verdicts corrected by Holm", &cut];
        let title = format!("{}: what differs, and how sure that is", of.name);
        Some(Chart::Dots(DotChart {
            caption: self.caption(&format!("differences-{}", of.name), title, &notes),
            axis: scale.axis,
            label: scale.label,
            reference: scale.reference,
            groups,
        }))
    }

    /// What is the same on both sides, and what is compared with: "rate 100/s, against Random".
    fn heading(&self, one: &Comparison) -> String {
        let (base, other) = (&self.results.points[one.baseline], &self.results.points[one.other]);
        let factors = self.results.factors.iter().zip(base.levels.iter().zip(&other.levels));
        let (mut same, mut own) = (Vec::new(), Vec::new());
        for (factor, (level, theirs)) in factors {
            let label = &factor.levels[*level].label;
            if level == theirs { same.push(format!("{} {label}", factor.name)) } else { own.push(label.clone()) }
        }
        let against = if own.is_empty() { base.label.clone() } else { own.join(", ") };
        same.push(format!("against {against}"));
        same.join(", ")
    }

    /// What the compared point has of its own.
    fn other(&self, one: &Comparison) -> String {
        let (base, other) = (&self.results.points[one.baseline], &self.results.points[one.other]);
        let factors = self.results.factors.iter().zip(base.levels.iter().zip(&other.levels));
        let own = factors.filter(|(_, (level, theirs))| level != theirs);
        let own: Vec<&str> = own.map(|(factor, (_, level))| factor.levels[*level].label.as_str()).collect();
        if own.is_empty() { other.label.clone() } else { own.join(", ") }
    }
}

/// How differences are placed.
struct Scale {
    axis: Axis,
    label: String,
    reference: f64,
    relative: bool,
}

impl Scale {
    /// By what factor the figure is larger or smaller.
    fn of_shares(all: &[&Comparison]) -> Scale {
        let ends = all.iter().filter_map(|one| one.relative).flat_map(|(value, low, high)| [value, low, high]);
        let ratios = ends.map(|share| (1.0 + share).max(LEAST));
        let (min, max) = ratios.fold((1.0_f64, 1.0_f64), |(a, b), ratio| (a.min(ratio), b.max(ratio)));
        let label = "difference in percent".to_owned();
        if max > WIDE * min {
            let axis = Axis::logarithmic(min, max, TICKS, |ratio| signed(100.0 * (ratio - 1.0)));
            return Scale { axis, label: format!("{label}, by magnitude"), reference: 1.0, relative: true };
        }
        let mut axis = Axis::around(100.0 * (min - 1.0), 100.0 * (max - 1.0), TICKS);
        for tick in &mut axis.ticks {
            if tick.at > 0.0 {
                tick.label.insert(0, '+');
            }
            tick.at = 1.0 + tick.at / 100.0;
        }
        let axis = Axis { from: 1.0 + axis.from / 100.0, to: 1.0 + axis.to / 100.0, ..axis };
        Scale { axis, label, reference: 1.0, relative: true }
    }

    fn of_differences(all: &[&Comparison], unit: &str) -> Scale {
        let ends = all.iter().flat_map(|one| {
            let (low, high) = one.interval.unwrap_or((one.difference, one.difference));
            [low, high]
        });
        let (min, max) = ends.fold((0.0_f64, 0.0_f64), |(a, b), end| (a.min(end), b.max(end)));
        let label = if unit.is_empty() { "difference".to_owned() } else { format!("difference in {unit}") };
        Scale { axis: Axis::around(min, max, TICKS), label, reference: 0.0, relative: false }
    }

    fn dot(&self, one: &Comparison, label: String, unit: &str) -> Dot {
        let (value, interval, shown) = match one.relative.filter(|_| self.relative) {
            Some((share, low, high)) => (1.0 + share, Some((1.0 + low, 1.0 + high)), study::percent(share)),
            None => (one.difference, one.interval, words::quantity(one.difference, unit)),
        };
        let interval = interval.map(|(low, high)| (low.max(self.axis.from), high.min(self.axis.to)));
        Dot { label, value, interval, color: color(one.verdict), note: format!("{shown} · {}", one.verdict.words()) }
    }
}

/// "+20", "0", "−50".
fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, words::plain(value.round()))
}

fn color(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Better => GREEN,
        Verdict::Worse => VERMILION,
        Verdict::Different => BLUE,
        Verdict::NoDifference | Verdict::Inconclusive => AXIS,
    }
}
