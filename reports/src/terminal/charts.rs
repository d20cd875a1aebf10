//! Small charts: traffic, failures, the slowest hundredth and replicas over time, a block a stretch.
//!
//! Each has its peak as its height. Below them, when faults were active and releases under way.

use sim_core::results::{Group, Results, Series};

use super::{DIM, GAP, NAME_MAX, Pen, RED, cut, wide};
use crate::figures;
use crate::plot::windows::{self, What, Window};
use crate::story::total_traffic;
use crate::words;

/// The widest that a chart may be.
const WIDTH_MAX: usize = 72;
/// What the peak takes behind a chart.
const PEAK_WIDTH: usize = 14;
/// Services whose replicas are shown, the first whose number changed.
const FLEETS_MAX: usize = 3;

/// A figure over time.
struct Curve<'a> {
    name: String,
    unit: &'a str,
    values: &'a [f64],
    t_s: &'a [f64],
    /// Whether high is bad.
    alarming: bool,
}

impl<'a> Curve<'a> {
    fn of(series: &'a Series, group: &'a Group, column: &str, name: String) -> Option<Curve<'a>> {
        let at = series.columns.iter().position(|known| known.name == column)?;
        let (unit, values) = (series.columns[at].unit.as_str(), group.values.get(at)?.as_slice());
        Some(Curve { name, unit, values, t_s: &group.t_s, alarming: column == "failed" })
    }

    fn peak(&self) -> f64 {
        self.values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max)
    }
}

/// The charts that `results` support, in at most `width` columns.
pub(super) fn paragraph(results: &Results, width: usize, pen: Pen) -> Vec<String> {
    let mut curves: Vec<Curve<'_>> = Vec::new();
    if let Some((series, group)) = total_traffic(results).and_then(|series| Some((series, series.groups.first()?))) {
        curves
            .extend(["offered", "failed"].iter().filter_map(|name| Curve::of(series, group, name, (*name).to_owned())));
    }
    curves.extend(slowest(results));
    curves.extend(fleets(results));
    curves.retain(|curve| curve.peak() > 0.0);
    let Some(first) = curves.first() else { return Vec::new() };
    let (first, end) = (first.values.len(), first.t_s.last().copied());
    let windows = windows::windows(results);
    let marked = [(What::Fault, "faults"), (What::Release, "releases")];
    let marked: Vec<_> = marked.into_iter().filter(|(what, _)| windows.iter().any(|one| one.what == *what)).collect();
    let names = curves.iter().map(|curve| wide(&curve.name)).chain(marked.iter().map(|(_, name)| wide(name)));
    let names = names.max().unwrap_or(0).min(NAME_MAX / 2);
    let room = width.saturating_sub(names + 2 * GAP + PEAK_WIDTH).min(WIDTH_MAX);
    let mut lines: Vec<String> = curves.iter().map(|curve| line(curve, names, room, pen)).collect();
    if let Some(end) = end {
        let blocks = room.min(first);
        lines.extend(
            marked
                .into_iter()
                .map(|(what, name)| format!("{:<names$}  {}", cut(name, names), marks(&windows, what, end, blocks))),
        );
        let (from, to) = ("0:00:00", words::clock(end));
        let between = blocks.saturating_sub(wide(from) + wide(&to));
        lines.push(pen.paint(DIM, &format!("{:names$}  {from}{:between$}{to}", "", "")));
    }
    lines
}

/// The slowest hundredth of the busiest workload.
fn slowest(results: &Results) -> Option<Curve<'_>> {
    let series = results.series.iter().find(|series| series.name == "latency" && series.kind == "workload")?;
    let traffic = |group: &Group| figures::traffic(results, &series.kind, &group.subject);
    // The earlier of equals.
    let busiest = series.groups.iter().reduce(|best, next| if traffic(next) > traffic(best) { next } else { best })?;
    let name = if series.groups.len() > 1 { format!("p99 {}", busiest.subject) } else { "p99".to_owned() };
    Curve::of(series, busiest, "p99", name)
}

/// Ready replicas of services whose number changed.
fn fleets(results: &Results) -> Vec<Curve<'_>> {
    let Some(series) = results.series("replicas") else { return Vec::new() };
    let curves =
        series.groups.iter().filter_map(|group| Curve::of(series, group, "ready", format!("pods {}", group.subject)));
    let changes = |curve: &Curve<'_>| curve.values.windows(2).any(|pair| pair[0] != pair[1]);
    curves.filter(changes).take(FLEETS_MAX).collect()
}

fn line(curve: &Curve<'_>, names: usize, room: usize, pen: Pen) -> String {
    let peak = curve.peak();
    let blocks = blocks(curve.values, room, peak);
    let blocks = if curve.alarming { pen.paint(RED, &blocks) } else { blocks };
    // What a replica is called is said above; the room is for the number.
    let unit = if curve.unit == "replicas" { "" } else { curve.unit };
    let peak = words::quantity(if peak >= 100.0 && unit != "ms" { peak.round() } else { peak }, unit);
    format!("{:<names$}  {blocks}  max {peak}", cut(&curve.name, names))
}

/// `values` in at most `width` blocks, each as high as the greatest of its share; a blank where
/// nothing was observed.
fn blocks(values: &[f64], width: usize, peak: f64) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let width = width.min(values.len());
    let share = |at: usize| &values[at * values.len() / width..(at + 1) * values.len() / width];
    let block = |at: usize| match share(at).iter().copied().filter(|value| value.is_finite()).reduce(f64::max) {
        Some(value) if peak > 0.0 => BLOCKS[((value / peak * 8.0).floor().max(0.0) as usize).min(7)],
        Some(_) => BLOCKS[0],
        None => ' ',
    };
    (0..width).map(block).collect()
}

/// In which of `width` stretches until `end` a fault was active, or a release under way.
fn marks(windows: &[Window], what: What, end: f64, width: usize) -> String {
    let touched = |at: usize| {
        let (from, to) = (end * at as f64 / width as f64, end * (at + 1) as f64 / width as f64);
        let touches = |one: &Window| one.from_s < to && (one.to_s > from || one.from_s >= from);
        windows.iter().any(|window| window.what == what && touches(window))
    };
    (0..width).map(|at| if touched(at) { '▒' } else { '·' }).collect()
}
