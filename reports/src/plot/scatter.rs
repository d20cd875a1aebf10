//! Points by two quantities: those that nothing beats, and behind them the others.

use super::axis::Axis;
use super::chart::{Mark, ScatterChart};
use super::frame::{Header, small};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, BLUE, Canvas, GRID, INK, PAPER, SKY, Type};

/// The radius of a point in pixels: of one that stands out, and of another.
const DOT: f64 = 5.0;
const LESSER: f64 = 3.5;

/// `chart` as an SVG.
pub(crate) fn svg(chart: &ScatterChart, canvas: &Canvas) -> String {
    let header = Header::lay(&chart.caption, canvas);
    let face = small(canvas);
    let ticks = chart.y.axis.ticks.iter().map(|tick| face.width(&tick.label)).fold(0.0, f64::max);
    let top = header.height() + 2.4 * face.size + 6.0;
    let area = Area {
        left: canvas.margin + ticks + 8.0,
        right: canvas.width - canvas.margin - 14.0,
        top,
        bottom: top + 1.15 * canvas.panel_height,
    };
    let height = (area.bottom + 3.4 * face.size + canvas.margin * 0.7).ceil();
    sheet(canvas.width, height, |sheet| {
        header.paint(sheet);
        paint_axes(sheet, chart, area, canvas);
        let spot = |mark: &Mark| area.spot(&chart.x.axis, &chart.y.axis, (mark.x.0, mark.y.0));
        let (first, others): (Vec<&Mark>, Vec<&Mark>) = chart.marks.iter().partition(|mark| mark.stands_out);
        for mark in &others {
            let (x, y) = spot(mark);
            sheet.disc(x, y, LESSER, AXIS);
        }
        if chart.joined {
            paint_front(sheet, &first, &spot);
        }
        first.iter().for_each(|mark| paint_whiskers(sheet, mark, chart, area));
        for mark in &first {
            let (x, y) = spot(mark);
            sheet.disc(x, y, DOT, BLUE);
        }
        paint_labels(sheet, &first, &others, &spot, area, canvas);
    })
}

fn paint_axes(sheet: &Sheet<'_>, chart: &ScatterChart, area: Area, canvas: &Canvas) {
    let face = small(canvas);
    for tick in &chart.y.axis.ticks {
        let y = area.bottom - chart.y.axis.place(tick.at) * (area.bottom - area.top);
        sheet.line(&[(area.left, y), (area.right, y)], GRID, 1.0);
        sheet.text(&tick.label, face, Anchor::End, area.left - 8.0, y + 0.36 * face.size);
    }
    sheet.line(&[(area.left, area.bottom), (area.right, area.bottom)], AXIS, 1.0);
    let mut free_from = f64::NEG_INFINITY;
    for tick in &chart.x.axis.ticks {
        let x = area.left + chart.x.axis.place(tick.at) * (area.right - area.left);
        let half = face.width(&tick.label) / 2.0;
        sheet.line(&[(x, area.bottom), (x, area.bottom + 5.0)], AXIS, 1.0);
        if x - half >= free_from && x + half <= canvas.width {
            sheet.text(&tick.label, face, Anchor::Middle, x, area.bottom + 6.0 + 1.05 * face.size);
            free_from = x + half + 8.0;
        }
    }
    let room = canvas.width - 2.0 * canvas.margin;
    sheet.text(&face.fitted(&chart.y.label, room), face, Anchor::Start, canvas.margin, area.top - 1.4 * face.size);
    let label = face.fitted(&chart.x.label, area.right - area.left);
    sheet.text(&label, face, Anchor::End, area.right, area.bottom + 6.0 + 2.5 * face.size);
}

/// From each of the first to the next, as by stairs: what lies between is no choice.
fn paint_front(sheet: &Sheet<'_>, first: &[&Mark], spot: &dyn Fn(&Mark) -> (f64, f64)) {
    let mut spots: Vec<(f64, f64)> = first.iter().map(|mark| spot(mark)).collect();
    spots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut stairs: Vec<(f64, f64)> = Vec::new();
    for (x, y) in spots {
        if let Some((_, before)) = stairs.last().copied() {
            stairs.push((x, before));
        }
        stairs.push((x, y));
    }
    if stairs.len() > 1 {
        sheet.line(&stairs, BLUE, 1.5);
    }
}

fn paint_whiskers(sheet: &Sheet<'_>, mark: &Mark, chart: &ScatterChart, area: Area) {
    let spot = |x: f64, y: f64| area.spot(&chart.x.axis, &chart.y.axis, (x, y));
    let ((x, dx), (y, dy)) = (mark.x, mark.y);
    let inside = |axis: &Axis, value: f64| value.clamp(axis.from, axis.to);
    let (left, right) = (inside(&chart.x.axis, x - dx), inside(&chart.x.axis, x + dx));
    let (low, high) = (inside(&chart.y.axis, y - dy), inside(&chart.y.axis, y + dy));
    sheet.line(&[spot(left, y), spot(right, y)], SKY, 1.5);
    sheet.line(&[spot(x, low), spot(x, high)], SKY, 1.5);
}

/// Names of the first where there is room: right of the point, left of it, above or below. One that finds
/// none is left to the table.
fn paint_labels(
    sheet: &Sheet<'_>,
    first: &[&Mark],
    others: &[&Mark],
    spot: &dyn Fn(&Mark) -> (f64, f64),
    area: Area,
    canvas: &Canvas,
) {
    let face = Type { color: INK, ..small(canvas) };
    let dot = |(x, y): (f64, f64)| Area { left: x - DOT, right: x + DOT, top: y - DOT, bottom: y + DOT };
    let mut taken: Vec<Area> = first.iter().chain(others).map(|mark| dot(spot(mark))).collect();
    let meets = |a: &Area, b: &Area| a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    for mark in first {
        let (x, y) = spot(mark);
        let label = face.fitted(&mark.label, canvas.width * 0.45);
        let width = face.width(&label);
        let (gap, half) = (DOT + 4.0, 0.62 * face.size);
        let corners = [
            (x + gap, y - half - 9.0),
            (x + gap, y - half + 9.0),
            (x + gap, y - half),
            (x - gap - width, y - half - 9.0),
            (x - gap - width, y - half + 9.0),
            (x - width / 2.0, y - gap - 2.0 * half),
            (x - width / 2.0, y + gap),
        ];
        let places = corners.map(|(left, top)| Area { left, top, right: left + width, bottom: top + 2.0 * half });
        let free = |place: &&Area| {
            place.left >= area.left
                && place.right <= canvas.width - canvas.margin
                && place.top >= area.top - 1.2 * face.size
                && place.bottom <= area.bottom
                && !taken.iter().any(|other| meets(place, other))
        };
        if let Some(place) = places.iter().find(free).copied() {
            // Whiskers may run there.
            sheet.tint(place, PAPER, 0.8);
            sheet.text(&label, face, Anchor::Start, place.left, place.bottom - 0.3 * face.size);
            taken.push(place);
        }
    }
}
