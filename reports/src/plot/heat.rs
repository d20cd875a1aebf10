//! Heat maps: a field of cells, the darker the larger.
//!
//! One hue from pale to dark, in nine steps: its order survives colour blindness, grey print and both colour
//! schemes of a page. Numbers stand in the cells where there is room, dark on pale and pale on dark.

use super::axis::{Axis, Tick, clock_unit};
use super::chart::{HeatChart, HeatColumns};
use super::frame::{Header, small};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, Canvas, FRAME, HEAT, INK, ON_DARK, ON_PALE, Type};
use crate::words;

/// Heights in pixels: of a row with numbers, and without.
const ROW: f64 = 34.0;
const LOW_ROW: f64 = 20.0;
/// From here on a step of the colours is dark.
const DARK_FROM: usize = 6;
/// Columns of time that are told apart, on wide and on narrow sheets.
const MOMENTS: (usize, usize) = (180, 60);
/// The smallest size of type that can be read, in pixels.
const LEAST_SIZE: f64 = 9.0;
/// The widest that names of rows may be, as a share of the sheet.
const NAMES: f64 = 0.26;

/// `chart` as an SVG.
pub(crate) fn svg(chart: &HeatChart, canvas: &Canvas) -> String {
    let header = Header::lay(&chart.caption, canvas);
    let face = Type { color: INK, ..small(canvas) };
    let names = chart.rows.iter().map(|name| face.width(name)).fold(0.0, f64::max).min(canvas.width * NAMES);
    let row = if matches!(chart.columns, HeatColumns::Time(_)) { LOW_ROW } else { ROW };
    let top = header.height() + 0.9 * face.size;
    let area = Area {
        left: canvas.margin + names + 10.0,
        right: canvas.width - canvas.margin,
        top,
        bottom: top + row * chart.rows.len() as f64,
    };
    let scale = Scale::of(chart);
    let legend = area.bottom + 6.0 + 3.4 * face.size;
    let height = (legend + 3.0 * face.size + canvas.margin * 0.7).ceil();
    sheet(canvas.width, height, |sheet| {
        header.paint(sheet);
        for (at, name) in chart.rows.iter().enumerate() {
            let baseline = top + row * (at as f64 + 0.5) + 0.36 * face.size;
            sheet.text(&face.fitted(name, names), face, Anchor::End, area.left - 10.0, baseline);
        }
        match &chart.columns {
            HeatColumns::Settings(labels, label) => {
                paint_cells(sheet, chart, &scale, area, face);
                paint_names(sheet, &Axis::named(labels), label, area, canvas);
            }
            HeatColumns::Time(ends) => {
                paint_moments(sheet, chart, ends, &scale, area, canvas);
                let from = ends.first().map_or(0.0, |first| first - ends.get(1).map_or(*first, |next| next - first));
                let axis =
                    Axis::time(from.max(0.0), ends.last().copied().unwrap_or(1.0), (canvas.width / 100.0) as usize);
                paint_times(sheet, &axis, area, canvas);
            }
        }
        paint_legend(sheet, &scale, chart, (area.left.min(canvas.width * 0.5), legend), canvas);
    })
}

/// Which colour a value has.
struct Scale {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    fn of(chart: &HeatChart) -> Scale {
        let values = || chart.values.iter().flatten().copied().filter(|value| value.is_finite());
        let (from, to) =
            values().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| (a.min(value), b.max(value)));
        Scale { from, to, logarithmic: chart.logarithmic && from > 0.0 }
    }

    /// A step of [`HEAT`].
    fn step(&self, value: f64) -> usize {
        let share = match self.logarithmic {
            _ if self.to <= self.from => 0.0,
            true => libm::log10(value / self.from) / libm::log10(self.to / self.from),
            false => (value - self.from) / (self.to - self.from),
        };
        ((share * HEAT.len() as f64) as usize).min(HEAT.len() - 1)
    }
}

fn paint_cells(sheet: &Sheet<'_>, chart: &HeatChart, scale: &Scale, area: Area, face: Type) {
    let columns = chart.values.first().map_or(1, Vec::len).max(1);
    let (width, height) = ((area.right - area.left) / columns as f64, ROW);
    let cell = |row: usize, column: usize| {
        let (left, top) = (area.left + width * column as f64, area.top + height * row as f64);
        Area { left, top, right: left + width, bottom: top + height }
    };
    let texts: Vec<String> = chart.values.iter().flatten().map(|value| words::quantity(*value, &chart.unit)).collect();
    let face = shrunk(face, texts.iter().map(String::as_str), width - 5.0);
    for (row, values) in chart.values.iter().enumerate() {
        for (column, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let step = scale.step(*value);
            let place = cell(row, column);
            sheet.rectangle(Area { right: place.right - 2.0, bottom: place.bottom - 2.0, ..place }, HEAT[step]);
            let face = Type { color: if step >= DARK_FROM { ON_DARK } else { ON_PALE }, ..face };
            let text = words::quantity(*value, &chart.unit);
            // Half a number would be another number.
            if face.width(&text) <= width - 4.0 {
                let (middle, baseline) =
                    (place.left + width / 2.0 - 1.0, place.top + height / 2.0 + 0.36 * face.size - 1.0);
                sheet.text(&text, face, Anchor::Middle, middle, baseline);
            }
        }
    }
    for &(row, column) in &chart.framed {
        let Area { left, top, right, bottom } = cell(row, column);
        sheet.frame(Area { left: left + 2.0, top: top + 2.0, right: right - 4.0, bottom: bottom - 4.0 }, FRAME, 2.0);
    }
}

/// A smaller face in which the widest of `texts` fits into `room`, if there is one that can be read.
fn shrunk<'t>(face: Type, texts: impl Iterator<Item = &'t str>, room: f64) -> Type {
    let widest = texts.map(|text| face.width(text)).fold(1.0, f64::max);
    Type { size: (face.size * room / widest).clamp(LEAST_SIZE.min(face.size), face.size), ..face }
}

/// Cells over time: those of one colour that follow each other are one.
fn paint_moments(sheet: &Sheet<'_>, chart: &HeatChart, ends: &[f64], scale: &Scale, area: Area, canvas: &Canvas) {
    let most = if canvas.width > 600.0 { MOMENTS.0 } else { MOMENTS.1 };
    let together = ends.len().div_ceil(most).max(1);
    let width = (area.right - area.left) / ends.len().max(1) as f64;
    for (row, values) in chart.values.iter().enumerate() {
        let top = area.top + LOW_ROW * row as f64;
        // The worst of what is shown together: a peak must not drown.
        let steps: Vec<Option<usize>> = values
            .chunks(together)
            .map(|few| few.iter().copied().filter(|value| value.is_finite()).reduce(f64::max))
            .map(|worst| worst.map(|value| scale.step(value)))
            .collect();
        let mut from = 0;
        for run in steps.chunk_by(|a, b| a == b) {
            let to = (from + run.len() * together).min(ends.len());
            if let Some(step) = run[0] {
                let (left, right) = (area.left + width * from as f64, area.left + width * to as f64);
                sheet.rectangle(Area { left, right, top, bottom: top + LOW_ROW - 1.0 }, HEAT[step]);
            }
            from = to;
        }
    }
}

fn paint_names(sheet: &Sheet<'_>, axis: &Axis, label: &str, area: Area, canvas: &Canvas) {
    let face = small(canvas);
    let slot = (area.right - area.left) / axis.ticks.len().max(1) as f64 - 4.0;
    let face = shrunk(face, axis.ticks.iter().map(|tick| tick.label.as_str()), slot);
    for Tick { at, label } in &axis.ticks {
        let x = area.left + axis.place(*at) * (area.right - area.left);
        sheet.text(&face.fitted(label, slot), face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
    }
    let label = face.fitted(label, canvas.width - 2.0 * canvas.margin);
    sheet.text(&label, face, Anchor::End, area.right, area.bottom + 6.0 + 2.5 * face.size);
}

fn paint_times(sheet: &Sheet<'_>, axis: &Axis, area: Area, canvas: &Canvas) {
    let face = small(canvas);
    let mut free_from = f64::NEG_INFINITY;
    for Tick { at, label } in &axis.ticks {
        let x = area.left + axis.place(*at) * (area.right - area.left);
        let half = face.width(label) / 2.0;
        sheet.line(&[(x, area.bottom), (x, area.bottom + 5.0)], AXIS, 1.0);
        if x - half >= free_from && x + half <= canvas.width {
            sheet.text(label, face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
            free_from = x + half + 8.0;
        }
    }
    sheet.text(clock_unit(axis), face, Anchor::End, area.right, area.bottom + 6.0 + 2.5 * face.size);
}

/// All colours, from the least value to the largest.
fn paint_legend(sheet: &Sheet<'_>, scale: &Scale, chart: &HeatChart, place: (f64, f64), canvas: &Canvas) {
    let face = small(canvas);
    let (from, to) = (words::quantity(scale.from, &chart.unit), words::quantity(scale.to, &chart.unit));
    let (left, baseline) = (canvas.margin.max(place.0), place.1 + 1.2 * face.size);
    sheet.text(&from, face, Anchor::Start, left, baseline);
    let (mut x, top) = (left + face.width(&from) + 8.0, place.1 + 0.3 * face.size);
    for color in HEAT {
        sheet.rectangle(Area { left: x, right: x + 14.0, top, bottom: top + face.size }, color);
        x += 14.0;
    }
    sheet.text(&to, face, Anchor::Start, x + 8.0, baseline);
}
