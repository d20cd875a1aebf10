//! Charts of two factors at once: lines with their confidence bands, and a field of cells.
//!
//! Lines that are not parallel say that the answer for one factor depends on the other: an interaction.
//! Where there are more factors, each point of a line is the mean over all settings of the others.

use plotters::style::RGBColor;
use sim_core::study::{Better, Factor};

use super::{Chooser, TICKS, fitting, is_numeric, with_unit};
use crate::plot::axis::{Axis, Tick};
use crate::plot::chart::{Across, Band, Chart, HeatChart, HeatColumns, Line, LineChart, Look, Panel};
use crate::plot::style::LINES;
use crate::study;
use crate::words;

/// Settings that are written below an axis, each at its place.
const SETTINGS_MAX: usize = 12;
/// The largest field of cells.
const ROWS_MAX: usize = 16;
/// Pairs of factors that have a chart.
const PAIRS_MAX: usize = 3;

impl Chooser<'_> {
    /// How a figure answers to each factor that is a quantity, with a line a setting of another; if no factor
    /// is one, the lines of two factors.
    pub(super) fn responses(&self, metric: usize) -> Vec<Chart> {
        if !self.is_grid() {
            return Vec::new();
        }
        let factors = &self.results.factors;
        let varied: Vec<usize> = (0..factors.len()).filter(|at| factors[*at].levels.len() > 1).collect();
        // Whoever is compared has the lines; what is a quantity goes below.
        let compared = self.compared();
        let mut pairs = Vec::new();
        for &across in &varied {
            if varied.len() == 1 && is_numeric(&factors[across]) {
                pairs.push((across, None));
            }
            let others = varied.iter().filter(|other| **other != across);
            pairs.extend(others.map(|other| (across, Some(*other))));
        }
        pairs.retain(|(across, lines)| {
            lines.is_none_or(|lines| {
                let natural = is_numeric(&factors[*across]) && !is_numeric(&factors[lines]);
                let alike = is_numeric(&factors[*across]) == is_numeric(&factors[lines]);
                natural || (alike && *across < lines)
            })
        });
        let rank = |pair: &(usize, Option<usize>)| (pair.1 != compared, !is_numeric(&factors[pair.0]));
        pairs.sort_by_key(rank);
        pairs.into_iter().take(PAIRS_MAX).filter_map(|(across, lines)| self.response(metric, across, lines)).collect()
    }

    /// The factor whose settings are held against each other.
    fn compared(&self) -> Option<usize> {
        let of_winners = self.results.winners.first().and_then(|winner| winner.shared.iter().position(Option::is_none));
        of_winners.or_else(|| self.results.factors.iter().position(|factor| !is_numeric(factor)))
    }

    fn response(&self, metric: usize, across: usize, lines: Option<usize>) -> Option<Chart> {
        let results = self.results;
        let (factor, of) = (&results.factors[across], &results.metrics[metric]);
        let settings: Vec<Option<usize>> = match lines {
            Some(lines) => (0..results.factors[lines].levels.len()).map(Some).collect(),
            None => vec![None],
        };
        let shown = settings.iter().take(LINES.len()).zip(LINES);
        let drawn: Vec<Line> =
            shown.map(|(level, color)| self.line(metric, across, lines.zip(*level), color)).collect();
        let ends = drawn.iter().flat_map(|line| &line.bands).flat_map(|band| &band.points);
        let ends = ends.flat_map(|point| [point.1, point.2]);
        let values = drawn.iter().flat_map(|line| &line.points).map(|point| point.1);
        // Where an interval reaches below zero, the axis of what cannot be negative need not.
        let axis = fitting(values.chain(ends.filter(|end| *end > 0.0)), TICKS)?;
        let label = with_unit(&of.name, &of.unit);
        let label = if axis.logarithmic { format!("{label}, logarithmic") } else { label };
        let (mut name, mut title) =
            (format!("{}-by-{}", of.name, factor.name), format!("{} by {}", of.name, factor.name));
        if let Some(lines) = lines {
            name.push_str(&format!("-and-{}", results.factors[lines].name));
            title.push_str(&format!(", a line a setting of {}", results.factors[lines].name));
        }
        let others = results.factors.len() > 1 + usize::from(lines.is_some());
        let cut = if settings.len() > LINES.len() {
            format!("the first {} of {} settings", LINES.len(), settings.len())
        } else {
            String::new()
        };
        let notes =
            ["bands: 95 % confidence interval", if others { "means over all other settings" } else { "" }, &cut];
        Some(Chart::Lines(LineChart {
            caption: self.caption(&name, title, &notes),
            across: across_of(factor),
            panels: vec![Panel { label, unit: of.unit.clone(), axis, lines: drawn }],
            windows: Vec::new(),
            warm_up_s: 0.0,
        }))
    }

    /// The figure along a factor, at one setting of another if one is given.
    fn line(&self, metric: usize, across: usize, at: Option<(usize, usize)>, color: RGBColor) -> Line {
        let factor = &self.results.factors[across];
        let (mut points, mut band) = (Vec::new(), Vec::new());
        for (level, setting) in factor.levels.iter().enumerate() {
            let x = if is_numeric(factor) { setting.magnitude.unwrap_or(f64::NAN) } else { level as f64 };
            let settings: Vec<(usize, usize)> = at.into_iter().chain([(across, level)]).collect();
            let (mean, half) = match study::together(self.results, metric, &self.points_at(&settings)) {
                Some((mean, half)) => (mean, half.unwrap_or(f64::NAN)),
                None => (f64::NAN, f64::NAN),
            };
            points.push((x, mean));
            band.push((x, mean - half, mean + half));
        }
        let of = |(factor, level): (usize, usize)| self.results.factors[factor].levels[level].label.clone();
        let label = at.map_or_else(|| "mean".to_owned(), of);
        Line { label, color, look: Look::Dotted, points, bands: vec![Band { points: band }] }
    }

    /// A figure at all settings of two factors, the best of each column framed.
    pub(super) fn heat(&self, metric: usize) -> Option<Chart> {
        let (results, of) = (self.results, &self.results.metrics[metric]);
        let factors = &results.factors;
        let mut varied: Vec<usize> = (0..factors.len()).filter(|at| factors[*at].levels.len() > 1).collect();
        // Who is compared has the rows; of the others that with the most settings has the columns.
        let compared = self.compared();
        varied.sort_by_key(|at| (Some(*at) != compared, std::cmp::Reverse(factors[*at].levels.len())));
        let (&rows, &columns) = (varied.first()?, varied.get(1)?);
        if !self.is_grid() || factors[rows].levels.len() > ROWS_MAX || factors[columns].levels.len() > SETTINGS_MAX {
            return None;
        }
        let cell = |row: usize, column: usize| {
            let points = self.points_at(&[(rows, row), (columns, column)]);
            study::together(results, metric, &points).map_or(f64::NAN, |(mean, _)| mean)
        };
        let (height, width) = (factors[rows].levels.len(), factors[columns].levels.len());
        let values: Vec<Vec<f64>> =
            (0..height).map(|row| (0..width).map(|column| cell(row, column)).collect()).collect();
        let best = |column: usize| {
            let known = (0..height).filter(|row| values[*row][column].is_finite());
            let ordered = |a: &usize, b: &usize| values[*a][column].total_cmp(&values[*b][column]);
            match of.better {
                Better::Lower => known.min_by(ordered).map(|row| (row, column)),
                Better::Higher => known.max_by(ordered).map(|row| (row, column)),
                Better::Neither => None,
            }
        };
        let framed: Vec<(usize, usize)> = (0..width).filter_map(best).collect();
        let (least, most) = (lowest(&values), values.iter().flatten().copied().fold(f64::NAN, f64::max));
        let labels = |factor: &Factor| factor.levels.iter().map(|level| level.label.clone()).collect::<Vec<_>>();
        let title = format!("{} by {} and {}", of.name, factors[rows].name, factors[columns].name);
        let others = if factors.len() > 2 { "means over all other settings" } else { "" };
        let logarithmic = least > 0.0 && most > 5.0 * least;
        let colors = if logarithmic { "colours by magnitude" } else { "" };
        let frames = if framed.is_empty() { "" } else { "framed: the best of each column" };
        Some(Chart::Heat(HeatChart {
            caption: self.caption(&format!("{}-heat", of.name), title, &[frames, colors, others]),
            unit: of.unit.clone(),
            rows: labels(&factors[rows]),
            columns: HeatColumns::Settings(labels(&factors[columns]), factors[columns].name.clone()),
            values,
            framed,
            logarithmic,
        }))
    }
}

fn lowest(values: &[Vec<f64>]) -> f64 {
    values.iter().flatten().copied().fold(f64::NAN, f64::min)
}

/// The horizontal axis of a factor: its settings, at scale if they are quantities.
fn across_of(factor: &Factor) -> Across {
    let name = factor.name.clone();
    let known: Vec<(f64, &str)> =
        factor.levels.iter().filter_map(|level| Some((level.magnitude?, level.label.as_str()))).collect();
    let (Some(first), Some(last)) = (known.first(), known.last().filter(|_| is_numeric(factor))) else {
        return Across::Settings(factor.levels.iter().map(|level| level.label.clone()).collect(), name);
    };
    let (from, to) = (first.0, last.0);
    let tick = |(at, label): &(f64, &str)| Tick { at: *at, label: (*label).to_owned() };
    let mut axis = match from > 0.0 && to > super::WIDE_SPAN * from {
        true => Axis::logarithmic(from, to, TICKS, words::plain),
        false => Axis::around(from, to, TICKS),
    };
    if known.len() <= SETTINGS_MAX {
        axis = Axis { from, to, ticks: known.iter().map(tick).collect(), ..axis };
    }
    Across::Measured(axis, name)
}
