//! Dots with their intervals, one a row: what differs, and whether it surely does.
//!
//! A forest plot, as reviews of clinical trials draw it: a line through all rows says where there is no
//! difference, and an interval that does not reach it is a difference. On narrow pages a row's words stand
//! above its dot, so that the intervals have the whole width.

use super::axis::Axis;
use super::chart::{Dot, DotChart, DotGroup};
use super::frame::{Header, small};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, Canvas, GRID, INK, Type};

/// Heights in pixels.
const ROW: f64 = 25.0;
const CAP: f64 = 8.0;
/// The radius of a dot in pixels.
const DOT: f64 = 4.5;
/// Below this width words stand above their dots.
const STACKED: f64 = 600.0;
/// The widest that the names of rows and their notes may be, as a share of the sheet.
const NAMES: f64 = 0.26;
const NOTES: f64 = 0.3;

/// `chart` as an SVG.
pub(crate) fn svg(chart: &DotChart, canvas: &Canvas) -> String {
    let layout = Layout::of(chart, canvas);
    let below = layout.area.bottom + 6.0 + 2.7 * layout.face.size;
    let height = (below + canvas.margin * 0.7).ceil();
    sheet(canvas.width, height, |sheet| {
        layout.header.paint(sheet);
        layout.paint_labels(sheet, chart);
        let mut top = layout.area.top;
        for group in &chart.groups {
            if !group.name.is_empty() {
                let face = Type { bold: true, ..layout.face };
                let name = face.fitted(&group.name, canvas.width - 2.0 * canvas.margin);
                sheet.text(&name, face, Anchor::Start, canvas.margin, top + 0.72 * ROW);
                top += ROW;
            }
            for dot in &group.rows {
                layout.paint_grid(sheet, chart, top);
                layout.paint_row(sheet, dot, &chart.axis, top);
                top += layout.row;
            }
        }
    })
}

/// A chart, measured.
struct Layout<'a> {
    canvas: &'a Canvas,
    header: Header,
    face: Type,
    area: Area,
    /// The height of a row.
    row: f64,
    names: f64,
    notes: f64,
}

impl<'a> Layout<'a> {
    fn of(chart: &DotChart, canvas: &'a Canvas) -> Layout<'a> {
        let header = Header::lay(&chart.caption, canvas);
        let face = Type { color: INK, ..small(canvas) };
        let stacked = canvas.width < STACKED;
        let rows = || chart.groups.iter().flat_map(|group| &group.rows);
        let widest = |text: fn(&Dot) -> &String| rows().map(|dot| face.width(text(dot))).fold(0.0, f64::max);
        let room = canvas.width - 2.0 * canvas.margin;
        let (names, notes) = match stacked {
            true => (room * 0.5 - 4.0, room * 0.5 - 4.0),
            false => {
                (widest(|dot| &dot.label).min(canvas.width * NAMES), widest(|dot| &dot.note).min(canvas.width * NOTES))
            }
        };
        let row = if stacked { ROW * 1.6 } else { ROW };
        let height = |group: &DotGroup| row * group.rows.len() as f64 + if group.name.is_empty() { 0.0 } else { ROW };
        let top = header.height() + 0.9 * face.size;
        let bottom = top + chart.groups.iter().map(height).sum::<f64>();
        // At both ends of the axis is half a label.
        let (left, right) = match stacked {
            true => (canvas.margin + 2.0 * face.size, canvas.width - canvas.margin - 2.0 * face.size),
            false => (canvas.margin + names + 26.0, canvas.width - canvas.margin - notes - 26.0),
        };
        Layout { canvas, header, face, area: Area { left, right, top, bottom }, row, names, notes }
    }

    fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.area.left + axis.place(value) * (self.area.right - self.area.left)
    }

    /// Behind the dot of the row at `top` only: no line runs through words.
    fn paint_grid(&self, sheet: &Sheet<'_>, chart: &DotChart, top: f64) {
        let bottom = top + self.row;
        let top = if self.row > ROW { top + 0.85 * ROW } else { top };
        for tick in &chart.axis.ticks {
            let x = self.x(&chart.axis, tick.at);
            sheet.line(&[(x, top), (x, bottom)], GRID, 1.0);
        }
        let reference = self.x(&chart.axis, chart.reference);
        sheet.line(&[(reference, top), (reference, bottom)], AXIS, 1.5);
    }

    fn paint_labels(&self, sheet: &Sheet<'_>, chart: &DotChart) {
        let (face, area) = (small(self.canvas), self.area);
        let mut free_from = f64::NEG_INFINITY;
        for tick in &chart.axis.ticks {
            let x = self.x(&chart.axis, tick.at);
            let half = face.width(&tick.label) / 2.0;
            if x - half >= free_from && x - half >= 0.0 && x + half <= self.canvas.width {
                sheet.text(&tick.label, face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
                free_from = x + half + 8.0;
            }
        }
        let label = face.fitted(&chart.label, self.canvas.width - 2.0 * self.canvas.margin);
        // In the middle below the axis, unless it would leave the sheet.
        let half = face.width(&label) / 2.0;
        let middle = (area.left + area.right) / 2.0;
        let middle = middle.min(self.canvas.width - self.canvas.margin - half).max(self.canvas.margin + half);
        sheet.text(&label, face, Anchor::Middle, middle, area.bottom + 6.0 + 2.5 * face.size);
    }

    fn paint_row(&self, sheet: &Sheet<'_>, dot: &Dot, axis: &Axis, top: f64) {
        let (face, canvas) = (self.face, self.canvas);
        let stacked = self.row > ROW;
        let middle = if stacked { top + 1.15 * ROW } else { top + 0.5 * ROW };
        let baseline = if stacked { top + 0.6 * ROW } else { middle + 0.36 * face.size };
        // Where words share a line with each other, the note comes first.
        let note = face.fitted(&dot.note, if stacked { self.notes * 1.3 } else { self.notes });
        let room = if stacked { self.names + self.notes - face.width(&note) } else { self.names };
        let label = face.fitted(&dot.label, room);
        match stacked {
            true => {
                sheet.text(&label, face, Anchor::Start, canvas.margin, baseline);
                sheet.text(&note, face, Anchor::End, canvas.width - canvas.margin, baseline);
            }
            false => {
                sheet.text(&label, face, Anchor::End, self.area.left - 22.0, baseline);
                sheet.text(&note, face, Anchor::Start, self.area.right + 22.0, baseline);
            }
        }
        if let Some((low, high)) = dot.interval {
            let (low, high) = (self.x(axis, low), self.x(axis, high));
            sheet.line(&[(low, middle), (high, middle)], dot.color, 2.0);
            for cap in [low, high] {
                sheet.line(&[(cap, middle - CAP / 2.0), (cap, middle + CAP / 2.0)], dot.color, 2.0);
            }
        }
        sheet.disc(self.x(axis, dot.value), middle, DOT, dot.color);
    }
}
