//! A sheet to paint on, in pixels as shown, over plotters' SVG backend.
//!
//! plotters draws [`SCALE`] times as large, in whole numbers; the finished SVG keeps that as its
//! `viewBox` and takes the true size as width and height, which makes lines smooth.

use plotters::coord::Shift;
use plotters::prelude::{
    Cartesian2d, Circle, DrawingArea, IntoDrawingArea, PathElement, Polygon, Rectangle, SVGBackend,
};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::axis::Axis;
use super::style::{Anchor, PAPER, SCALE, Type};
use crate::words;

/// A box in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// An SVG in the making.
pub(crate) struct Sheet<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// An SVG `width` by `height` pixels that `paint` paints, on white.
pub(crate) fn svg(width: f64, height: f64, paint: impl FnOnce(&Sheet<'_>)) -> String {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (whole(width) as u32, whole(height) as u32)).into_drawing_area();
        let sheet = Sheet { area };
        sheet.rectangle(Area { left: 0.0, top: 0.0, right: width, bottom: height }, PAPER);
        paint(&sheet);
        sheet.area.present().expect("a string takes everything");
    }
    let drawn = format!("<svg width=\"{}\" height=\"{}\" ", whole(width), whole(height));
    let shown = format!(
        "<svg width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\" stroke-linecap=\"round\" \
         font-variant-numeric=\"tabular-nums\" "
    );
    text.replacen(&drawn, &shown, 1).replace(" opacity=\"1\"", "")
}

impl<'a> Sheet<'a> {
    /// `area` as a plane of values along `x` and `y`.
    pub(crate) fn plane(&self, area: Area, x: &Axis, y: &Axis) -> Plane<'a> {
        let pixels = (whole(area.left)..whole(area.right), whole(area.bottom)..whole(area.top));
        Plane { area: self.area.apply_coord_spec(Cartesian2d::new(x.clone(), y.clone(), pixels)), floor: y.from }
    }

    pub(crate) fn rectangle(&self, area: Area, color: RGBColor) {
        self.tint(area, color, 1.0);
    }

    /// A rectangle through which is seen what is behind it.
    pub(crate) fn tint(&self, area: Area, color: RGBColor, opacity: f64) {
        let corners = [(whole(area.left), whole(area.top)), (whole(area.right), whole(area.bottom))];
        self.area.draw(&Rectangle::new(corners, color.mix(opacity).filled())).expect("a string takes everything");
    }

    pub(crate) fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (whole(*x), whole(*y))).collect();
        self.area.draw(&PathElement::new(points, pen(color, 1.0, width))).expect("a string takes everything");
    }

    /// A disc around `(x, y)`.
    pub(crate) fn disc(&self, x: f64, y: f64, radius: f64, color: RGBColor) {
        let disc = Circle::new((whole(x), whole(y)), whole(radius), color.filled());
        self.area.draw(&disc).expect("a string takes everything");
    }

    /// A rectangle's outline.
    pub(crate) fn frame(&self, area: Area, color: RGBColor, width: f64) {
        let Area { left, top, right, bottom } = area;
        self.line(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], color, width);
    }

    /// A filled outline through which is seen what is behind it.
    pub(crate) fn shape(&self, outline: &[(f64, f64)], color: RGBColor, opacity: f64) {
        let outline: Vec<(i32, i32)> = outline.iter().map(|(x, y)| (whole(*x), whole(*y))).collect();
        self.area.draw(&Polygon::new(outline, color.mix(opacity))).expect("a string takes everything");
    }

    /// Writes `text` with its baseline at `y`.
    pub(crate) fn text(&self, text: &str, face: Type, anchor: Anchor, x: f64, y: f64) {
        // What plotters calls the top of a text is 0.76 em above its baseline.
        let top = y - 0.76 * face.size;
        let position = (whole(x), whole(top));
        self.area.draw_text(&words::printable(text), &face.font(anchor), position).expect("a string takes everything");
    }
}

/// A part of the sheet on which positions are values of two axes.
pub(crate) struct Plane<'a> {
    area: DrawingArea<SVGBackend<'a>, Cartesian2d<Axis, Axis>>,
    /// Where the vertical axis begins.
    floor: f64,
}

impl Plane<'_> {
    pub(crate) fn curve(&self, points: &[(f64, f64)], color: RGBColor, opacity: f64, width: f64) {
        let path = PathElement::new(points, pen(color, opacity, width));
        self.area.draw(&path).expect("a string takes everything");
    }

    /// Tints the space between the lower and the upper ends of `band`.
    pub(crate) fn band(&self, band: &[(f64, f64, f64)], color: RGBColor, opacity: f64) {
        for known in band.split(|point| !(point.1.is_finite() && point.2.is_finite())).filter(|part| part.len() > 1) {
            let upper = known.iter().map(|point| (point.0, point.2));
            let lower = known.iter().rev().map(|point| (point.0, point.1));
            let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
            self.area.draw(&Polygon::new(outline, color.mix(opacity))).expect("a string takes everything");
        }
    }

    /// Tints the space between a curve and the floor.
    pub(crate) fn tint(&self, points: &[(f64, f64)], color: RGBColor, opacity: f64) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let mut outline = vec![(first.0, self.floor)];
        outline.extend_from_slice(points);
        outline.push((last.0, self.floor));
        self.area.draw(&Polygon::new(outline, color.mix(opacity))).expect("a string takes everything");
    }
}

impl Area {
    /// Where the values of two axes are on this part of the sheet.
    pub(crate) fn spot(&self, x: &Axis, y: &Axis, at: (f64, f64)) -> (f64, f64) {
        let across = self.left + x.place(at.0) * (self.right - self.left);
        (across, self.bottom - y.place(at.1) * (self.bottom - self.top))
    }
}

/// The pen that draws a line `width` pixels wide.
fn pen(color: RGBColor, opacity: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: color.mix(opacity), filled: false, stroke_width: whole(width) as u32 }
}

/// Pixels as shown in the units that plotters draws in.
fn whole(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}
