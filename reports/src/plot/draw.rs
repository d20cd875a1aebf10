//! The layout of charts with lines: panels, axes, lanes, lines and their names.
//!
//! Everything is measured before anything is drawn, so that nothing is cut off or written over:
//! margins follow from the labels, the height from the lines of the header and the rows of lanes.

use super::axis::{Axis, Tick, clock_unit};
use super::chart::{Across, Chart, Line, LineChart, Look, Panel};
use super::downsample::{allotted, need, steps, strokes};
use super::frame::{Header, small};
use super::labels::spread;
use super::lanes::{LANE_MIN, Lane, lanes, name_start};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, Canvas, FAULT_EDGE, FAULT_LANE, FAULT_TINT, GRID, INK, PAPER, QUIET_LANE, Type};
use super::{bars, dots, graph, heat, scatter};

/// Widths of lines in pixels.
const LINE: f64 = 2.0;
const BACKDROP: f64 = 5.0;
const HAIRLINE: f64 = 1.0;
/// The radius of a dot in pixels.
const DOT: f64 = 4.0;
/// How much of what is behind a band it hides.
const BAND: f64 = 0.16;
/// From the end of the plot to the swatch of a name, the swatch itself, and the space after it.
const LEADER: f64 = 10.0;
const SWATCH: f64 = 12.0;
const SPACE: f64 = 5.0;
/// How far from the end of the plot a line may end to be joined to its name.
const REACH: f64 = 6.0;

/// `chart` as an SVG of the size that `canvas` says.
pub(crate) fn svg(chart: &Chart, canvas: &Canvas) -> String {
    match chart {
        Chart::Lines(chart) => lines(chart, canvas),
        Chart::Bars(chart) => bars::svg(chart, canvas),
        Chart::Dots(chart) => dots::svg(chart, canvas),
        Chart::Heat(chart) => heat::svg(chart, canvas),
        Chart::Scatter(chart) => scatter::svg(chart, canvas),
        Chart::Graph(chart) => graph::svg(chart, canvas),
    }
}

fn lines(chart: &LineChart, canvas: &Canvas) -> String {
    let layout = Layout::of(chart, canvas);
    sheet(canvas.width, layout.height, |sheet| {
        layout.header.paint(sheet);
        for (lane, row) in &layout.lanes {
            layout.paint_lane(sheet, lane, *row);
        }
        // Names after all lanes: a name may reach into the next lane.
        for (lane, row) in &layout.lanes {
            layout.paint_lane_name(sheet, lane, *row);
        }
        for (panel, area) in chart.panels.iter().zip(&layout.panels) {
            layout.paint_axis(sheet, panel, *area);
            layout.paint_lines(sheet, panel, *area);
            layout.paint_names(sheet, panel, *area);
        }
        layout.paint_across(sheet);
    })
}

/// A chart, measured.
struct Layout<'a> {
    canvas: &'a Canvas,
    header: Header,
    across: Axis,
    /// Whether that axis has names rather than numbers.
    named: bool,
    across_label: String,
    /// Where each panel's lines are drawn.
    panels: Vec<Area>,
    /// Lanes with the row that their name is in, if there is room for it.
    lanes: Vec<(Lane, Option<usize>)>,
    /// Where the names of the lanes begin.
    lanes_top: f64,
    height: f64,
}

impl<'a> Layout<'a> {
    fn of(chart: &LineChart, canvas: &'a Canvas) -> Layout<'a> {
        let face = small(canvas);
        let header = Header::lay(&chart.caption, canvas);
        let (across, across_label) = across(&chart.across, canvas);
        let ticks = chart.panels.iter().flat_map(|panel| &panel.axis.ticks);
        let tick_width = ticks.map(|tick| face.width(&tick.label)).fold(0.0, f64::max);
        let names = chart.panels.iter().flat_map(|panel| &panel.lines);
        let name_width = names.map(|line| face.width(&line.label).min(canvas.label_width)).fold(0.0, f64::max);
        let left = canvas.margin + tick_width + 8.0;
        let right = canvas.width - canvas.margin - LEADER - SWATCH - SPACE - name_width;

        let lanes = lanes(chart, &across, (left, right), face);
        let rows = lanes.iter().filter_map(|(_, row)| row.map(|row| row + 1)).max().unwrap_or(0);
        let lanes_top = header.height() + 2.4 * face.size;
        let mut top = lanes_top + rows as f64 * 1.35 * face.size + 6.0;
        let mut panels = Vec::new();
        for _ in &chart.panels {
            let bottom = top + canvas.panel_height * share(chart.panels.len());
            panels.push(Area { left, top, right, bottom });
            top = bottom + 3.6 * face.size;
        }
        let bottom = panels.last().map_or(top, |area| area.bottom);
        let height = (bottom + 3.4 * face.size + canvas.margin * 0.7).ceil();
        let named = matches!(chart.across, Across::Settings(..));
        Layout { canvas, header, across, named, across_label, panels, lanes, lanes_top, height }
    }

    /// A lane is seen in every panel, for they share their time, and up to its name; between the panels
    /// stand their titles.
    fn paint_lane(&self, sheet: &Sheet<'_>, lane: &Lane, row: Option<usize>) {
        let named_from = |row: usize| self.lanes_top + row as f64 * 1.35 * small(self.canvas).size;
        for (index, panel) in self.panels.iter().enumerate() {
            let top = row.filter(|_| index == 0).map_or(panel.top, named_from);
            let bottom = panel.bottom;
            if lane.right - lane.left < LANE_MIN {
                sheet.line(&[(lane.left, top), (lane.left, bottom)], FAULT_EDGE, LINE);
                continue;
            }
            let (color, opacity) = if lane.tinted { (FAULT_LANE, FAULT_TINT) } else { (QUIET_LANE, 1.0) };
            sheet.tint(Area { left: lane.left, right: lane.right, top, bottom }, color, opacity);
            for edge in [lane.left, lane.right].into_iter().filter(|_| lane.tinted) {
                sheet.line(&[(edge, top), (edge, bottom)], FAULT_EDGE, HAIRLINE);
            }
        }
    }

    /// A name, on paper of its own where the edge of a lane would run through it.
    fn paint_lane_name(&self, sheet: &Sheet<'_>, lane: &Lane, row: Option<usize>) {
        if let (Some(row), Some(area)) = (row, self.panels.first()) {
            let face = Type { color: INK, ..small(self.canvas) };
            let x = name_start(lane, area.right, face);
            let (left, right) = (x - 2.0, x + face.width(&lane.name) + 2.0);
            let top = self.lanes_top + row as f64 * 1.35 * face.size;
            let crosses = |edge: f64| (left..=right).contains(&edge);
            let edges = self.lanes.iter().filter(|(other, _)| other.tinted);
            if edges.into_iter().any(|(other, _)| crosses(other.left) || crosses(other.right)) {
                sheet.rectangle(Area { left, right, top, bottom: top + 1.3 * face.size }, PAPER);
            }
            sheet.text(&lane.name, face, Anchor::Start, x, top + face.size);
        }
    }

    fn paint_axis(&self, sheet: &Sheet<'_>, panel: &Panel, area: Area) {
        let face = small(self.canvas);
        for tick in &panel.axis.ticks {
            let y = area.bottom - panel.axis.place(tick.at) * (area.bottom - area.top);
            let color = if tick.at == panel.axis.from { AXIS } else { GRID };
            sheet.line(&[(area.left, y), (area.right, y)], color, HAIRLINE);
            sheet.text(&tick.label, face, Anchor::End, area.left - 8.0, y + 0.36 * face.size);
        }
        let first = self.panels.first().is_some_and(|first| *first == area);
        let baseline = if first { self.lanes_top - 0.6 * face.size } else { area.top - 1.2 * face.size };
        let label = face.fitted(&panel.label, self.canvas.width - 2.0 * self.canvas.margin);
        sheet.text(&label, face, Anchor::Start, self.canvas.margin, baseline);
    }

    fn paint_lines(&self, sheet: &Sheet<'_>, panel: &Panel, area: Area) {
        let plane = sheet.plane(area, &self.across, &panel.axis);
        // A stack of many panels may weigh a little more than others, or its lines would be coarse.
        let points = self.canvas.points / self.panels.len().min(3);
        let stepped = |line: &Line| matches!(line.look, Look::Steps | Look::FilledSteps);
        let needs: Vec<usize> = panel.lines.iter().map(|line| need(&line.points, stepped(line))).collect();
        // The most important line comes first and is drawn last, on top.
        for (line, points) in panel.lines.iter().zip(allotted(&needs, points)).rev() {
            let shown = if stepped(line) { steps(&line.points, points) } else { strokes(&line.points, points) };
            for band in &line.bands {
                plane.band(&band.points, line.color, BAND);
            }
            if line.look == Look::Dotted {
                let known = line.points.iter().filter(|point| point.1.is_finite());
                known.map(|point| area.spot(&self.across, &panel.axis, *point)).for_each(|(x, y)| {
                    sheet.disc(x, y, DOT, line.color);
                });
            }
            for stroke in shown {
                if matches!(line.look, Look::Filled | Look::FilledSteps) {
                    plane.tint(&stroke, line.color, 0.12);
                }
                let (opacity, width) = if line.look == Look::Backdrop { (0.55, BACKDROP) } else { (1.0, LINE) };
                plane.curve(&dot_as_dash(stroke, &self.across), line.color, opacity, width);
            }
        }
    }

    /// Names at the height at which their lines end, apart from each other, joined by a thin line to those
    /// that end where the chart does.
    fn paint_names(&self, sheet: &Sheet<'_>, panel: &Panel, area: Area) {
        let face = Type { color: INK, ..small(self.canvas) };
        let mut ends: Vec<(f64, f64, &Line)> = Vec::new();
        for line in &panel.lines {
            let Some(last) = line.points.iter().rev().find(|point| point.1.is_finite()) else { continue };
            let x = area.left + self.across.place(last.0) * (area.right - area.left);
            ends.push((area.bottom - panel.axis.place(last.1) * (area.bottom - area.top), x, line));
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wishes: Vec<f64> = ends.iter().map(|end| end.0).collect();
        let places = spread(&wishes, 1.45 * face.size, area.top + 0.5 * face.size, area.bottom - 0.3 * face.size);
        let swatch = area.right + LEADER;
        for ((y, x, line), place) in ends.into_iter().zip(places) {
            // Where a line that ended early has no data, nothing may look like a value that it holds.
            if area.right - x <= REACH {
                sheet.line(&[(x, y), (area.right, y), (swatch, place)], line.color, HAIRLINE);
            }
            sheet.line(&[(swatch, place), (swatch + SWATCH, place)], line.color, 2.0 * LINE);
            let label = face.fitted(&line.label, self.canvas.label_width);
            sheet.text(&label, face, Anchor::Start, swatch + SWATCH + SPACE, place + 0.36 * face.size);
        }
    }

    /// The horizontal axis under the last panel. Labels that would touch give way to later ones.
    fn paint_across(&self, sheet: &Sheet<'_>) {
        let Some(area) = self.panels.last() else { return };
        let face = small(self.canvas);
        let mut free_until = self.canvas.width - self.canvas.margin;
        // Names of settings are all wanted: they are cut to the room that each has.
        let slot = self.named.then(|| (area.right - area.left) / self.across.ticks.len().max(1) as f64 - 6.0);
        for Tick { at, label } in self.across.ticks.iter().rev() {
            let label = slot.map_or_else(|| label.clone(), |slot| face.fitted(label, slot));
            let x = area.left + self.across.place(*at) * (area.right - area.left);
            let half = face.width(&label) / 2.0;
            sheet.line(&[(x, area.bottom), (x, area.bottom + 5.0)], AXIS, HAIRLINE);
            if x + half <= free_until {
                sheet.text(&label, face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
                free_until = x - half - 8.0;
            }
        }
        let baseline = area.bottom + 6.0 + 2.5 * face.size;
        let label = face.fitted(&self.across_label, self.canvas.width - 2.0 * self.canvas.margin);
        let right = area.right.max(self.canvas.margin + face.width(&label));
        sheet.text(&label, face, Anchor::End, right, baseline);
    }
}

/// The height of each of so many panels, as a share of what a panel alone has.
fn share(panels: usize) -> f64 {
    match panels {
        0 | 1 => 1.0,
        2 => 0.6,
        3 => 0.5,
        _ => 0.42,
    }
}

fn across(across: &Across, canvas: &Canvas) -> (Axis, String) {
    match across {
        Across::Time(from, to) => {
            let axis = Axis::time(*from, *to, (canvas.width / 100.0) as usize);
            let label = clock_unit(&axis);
            (axis, label.to_owned())
        }
        Across::Percentiles(n) => (Axis::percentiles(*n), "percentile (share that was at least as fast)".to_owned()),
        Across::Measured(axis, label) => (axis.clone(), label.clone()),
        Across::Settings(names, label) => (Axis::named(names), label.clone()),
    }
}

/// A lone point would be invisible: it becomes a short dash.
fn dot_as_dash(mut stroke: Vec<(f64, f64)>, across: &Axis) -> Vec<(f64, f64)> {
    if let [(x, y)] = stroke[..] {
        stroke.push((x + (across.to - across.from) * 0.002, y));
    }
    stroke
}
