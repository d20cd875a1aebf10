//! Bars side by side: one subject a row, longest first, with its confidence interval.

use super::axis::Axis;
use super::chart::{Bar, BarChart};
use super::frame::{Header, small};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, BLUE, Canvas, GRID, INK, Type};
use crate::words;

/// Heights in pixels.
const ROW: f64 = 27.0;
const BAR: f64 = 15.0;
const CAP: f64 = 8.0;

/// `chart` as an SVG.
pub(crate) fn svg(chart: &BarChart, canvas: &Canvas) -> String {
    let header = Header::lay(&chart.caption, canvas);
    let face = Type { color: INK, ..small(canvas) };
    let shown = |bar: &Bar| words::with_margin(bar.value, bar.interval, &chart.unit);
    let values: Vec<String> = chart.bars.iter().map(shown).collect();
    let value_width = values.iter().map(|text| face.width(text)).fold(0.0, f64::max);
    let name_width = chart.bars.iter().map(|bar| face.width(&bar.label)).fold(0.0, f64::max);
    let name_width = name_width.min(canvas.width * 0.3);
    let top = header.height() + 0.9 * face.size;
    let area = Area {
        left: canvas.margin + name_width + 10.0,
        right: canvas.width - canvas.margin - value_width - 12.0,
        top,
        bottom: top + ROW * chart.bars.len() as f64,
    };
    let longest = chart.bars.iter().map(|bar| bar.interval.map_or(bar.value, |(_, high)| high.max(bar.value)));
    let axis = Axis::linear(longest.fold(0.0, f64::max), if canvas.width > 600.0 { 6 } else { 3 });
    let height = (area.bottom + 6.0 + 1.6 * face.size + canvas.margin * 0.7).ceil();
    sheet(canvas.width, height, |sheet| {
        header.paint(sheet);
        paint_axis(sheet, &axis, area, canvas, &chart.unit);
        for (row, (bar, value)) in chart.bars.iter().zip(&values).enumerate() {
            let middle = area.top + ROW * (row as f64 + 0.5);
            let end = paint_bar(sheet, bar, &axis, area, middle);
            let name = face.fitted(&bar.label, name_width);
            sheet.text(&name, face, Anchor::End, area.left - 10.0, middle + 0.36 * face.size);
            sheet.text(value, face, Anchor::Start, end + 10.0, middle + 0.36 * face.size);
        }
        sheet.line(&[(area.left, area.top), (area.left, area.bottom)], AXIS, 1.0);
    })
}

fn paint_axis(sheet: &Sheet<'_>, axis: &Axis, area: Area, canvas: &Canvas, unit: &str) {
    let face = small(canvas);
    for tick in &axis.ticks {
        let x = area.left + axis.place(tick.at) * (area.right - area.left);
        sheet.line(&[(x, area.top), (x, area.bottom)], GRID, 1.0);
        // The last label says of what.
        let label = if tick.at == axis.to { format!("{} {unit}", tick.label) } else { tick.label.clone() };
        sheet.text(&label, face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
    }
}

/// Paints a bar with its whisker; answers where the further of the two ends.
fn paint_bar(sheet: &Sheet<'_>, bar: &Bar, axis: &Axis, area: Area, middle: f64) -> f64 {
    let x = |value: f64| area.left + axis.place(value) * (area.right - area.left);
    let end = x(bar.value);
    sheet.rectangle(Area { left: area.left, right: end, top: middle - BAR / 2.0, bottom: middle + BAR / 2.0 }, BLUE);
    let Some((low, high)) = bar.interval else { return end };
    let (low, high) = (x(low), x(high));
    sheet.line(&[(low, middle), (high, middle)], INK, 1.5);
    for cap in [low, high] {
        sheet.line(&[(cap, middle - CAP / 2.0), (cap, middle + CAP / 2.0)], INK, 1.5);
    }
    end.max(high)
}
