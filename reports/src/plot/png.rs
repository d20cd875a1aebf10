//! SVG to PNG, at twice the size, with the embedded font and no other.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::Plot;
use super::style::{REGULAR, SEMI_BOLD};

/// Pixels of the PNG a pixel of the SVG: sharp on dense screens and on paper.
const ZOOM: f32 = 2.0;

/// `plot` as a PNG file.
///
/// # Panics
///
/// If the SVG of `plot` is not one that [`plots`](super::plots) made and cannot be read.
pub fn png(plot: &Plot) -> Vec<u8> {
    let tree = tree(&plot.svg);
    let (width, height) = ((tree.size().width() * ZOOM).round() as u32, (tree.size().height() * ZOOM).round() as u32);
    let mut pixmap = Pixmap::new(width, height).expect("a chart has a size");
    resvg::render(&tree, Transform::from_scale(ZOOM, ZOOM), &mut pixmap.as_mut());
    pixmap.encode_png().expect("memory takes everything")
}

/// The SVG as resvg understands it, its texts laid out in the embedded font.
pub(crate) fn tree(svg: &str) -> Tree {
    let mut options = Options::default();
    options.fontdb_mut().load_font_data(REGULAR.to_vec());
    options.fontdb_mut().load_font_data(SEMI_BOLD.to_vec());
    Tree::from_str(svg, &options).expect("the charts are well-formed SVG")
}
