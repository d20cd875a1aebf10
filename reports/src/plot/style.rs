//! The house style: colours, sizes and the embedded font.
//!
//! Okabe and Ito's colours stay apart for colour-blind readers and in grey print; their yellow is
//! left out, too light on white. Text is always ink, never coloured: a swatch beside a label says
//! which line it names, and the contrast stays high. The font travels with the program, so that
//! texts are measured, drawn and rasterised alike on every machine.

use std::sync::Once;

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};

/// What plotters draws, per pixel that is shown: its coordinates are integers, and lines drawn on
/// whole pixels climb like stairs.
pub(crate) const SCALE: f64 = 8.0;

pub(crate) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
pub(crate) const INK: RGBColor = RGBColor(0x1B, 0x1F, 0x24);
pub(crate) const MUTED: RGBColor = RGBColor(0x57, 0x60, 0x6A);
pub(crate) const GRID: RGBColor = RGBColor(0xE3, 0xE6, 0xEA);
pub(crate) const AXIS: RGBColor = RGBColor(0x8C, 0x95, 0x9F);
/// Behind the time in which a fault was active, and how much of it: where faults overlap, more.
pub(crate) const FAULT_LANE: RGBColor = RGBColor(0xFF, 0xD4, 0x54);
pub(crate) const FAULT_TINT: f64 = 0.28;
/// Where a fault began and ended.
pub(crate) const FAULT_EDGE: RGBColor = RGBColor(0xE3, 0xC1, 0x66);
/// Behind the warm-up.
pub(crate) const QUIET_LANE: RGBColor = RGBColor(0xF1, 0xF3, 0xF5);

pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
pub(crate) const VERMILION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
pub(crate) const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
pub(crate) const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
pub(crate) const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);

/// Nine steps of one hue, from little to much; the same in both schemes of a page.
pub(crate) const HEAT: [RGBColor; 9] = [
    RGBColor(0xF7, 0xFB, 0xFF),
    RGBColor(0xDE, 0xEB, 0xF7),
    RGBColor(0xC6, 0xDB, 0xEF),
    RGBColor(0x9E, 0xCA, 0xE1),
    RGBColor(0x6B, 0xAE, 0xD6),
    RGBColor(0x42, 0x92, 0xC6),
    RGBColor(0x21, 0x71, 0xB5),
    RGBColor(0x08, 0x51, 0x9C),
    RGBColor(0x08, 0x30, 0x6B),
];
/// Text on pale and on dark steps of [`HEAT`], whatever the scheme of the page.
pub(crate) const ON_PALE: RGBColor = RGBColor(0x10, 0x15, 0x1A);
pub(crate) const ON_DARK: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);

/// Around the best cells: it stands out from pale and dark steps alike.
pub(crate) const FRAME: RGBColor = RGBColor(0xD4, 0x5D, 0x01);

/// One colour a line, the most important first.
pub(crate) const LINES: [RGBColor; 8] = [BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE, INK, AXIS];

/// Every colour that a chart may use with its counterpart on a dark page.
pub(crate) const DARK: [(RGBColor, &str); 14] = [
    (PAPER, "#12171D"),
    (INK, "#E6EBF0"),
    (MUTED, "#A3ADB8"),
    (GRID, "#2B333C"),
    (AXIS, "#6B7682"),
    (FAULT_LANE, "#9A7E2E"),
    (FAULT_EDGE, "#8A7129"),
    (QUIET_LANE, "#1C232B"),
    (BLUE, "#4BA3E3"),
    (VERMILION, "#FF8B45"),
    (GREEN, "#2FC79A"),
    (SKY, "#8FD0F7"),
    (ORANGE, "#F2BC42"),
    (PURPLE, "#E3A0C5"),
];

/// The font's name in an SVG, with what a browser that lacks it takes instead.
pub(crate) const FAMILY: &str = "Inter, system-ui, sans-serif";
pub(crate) const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
pub(crate) const SEMI_BOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// plotters divides font sizes by this before it writes them.
const PLOTTERS_EM: f64 = 1.24;
/// Ascender plus descender of Inter in em: what the font counts as its size when plotters measures.
const INTER_HEIGHT: f64 = 1.21;
/// How much wider than Inter a browser's substitute may be.
const SUBSTITUTE: f64 = 1.12;

/// How large a chart is drawn; everything in pixels as shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canvas {
    pub(crate) width: f64,
    pub(crate) panel_height: f64,
    pub(crate) margin: f64,
    pub(crate) title: f64,
    pub(crate) text: f64,
    /// The widest that a label beside the plot may be.
    pub(crate) label_width: f64,
    /// At most this many points a chart, over all its lines.
    pub(crate) points: usize,
}

/// For files, desktop pages and paper.
pub(crate) const WIDE: Canvas = Canvas {
    width: 1040.0,
    panel_height: 340.0,
    margin: 28.0,
    title: 21.0,
    text: 14.0,
    label_width: 170.0,
    points: 3_200,
};

/// For phones.
pub(crate) const PHONE: Canvas = Canvas {
    width: 360.0,
    panel_height: 230.0,
    margin: 10.0,
    title: 16.0,
    text: 12.0,
    label_width: 84.0,
    points: 1_000,
};

/// A face of the font at a size in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) color: RGBColor,
}

/// Which point of a text its position names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Type {
    /// The room that `text` needs in pixels, even in a browser that lacks the font.
    pub(crate) fn width(self, text: &str) -> f64 {
        let font = self.font(Anchor::Start).font;
        let box_ = font.layout_box(text).expect("the embedded font measures everything");
        f64::from(box_.1.0) / SCALE * (INTER_HEIGHT / PLOTTERS_EM) * SUBSTITUTE
    }

    /// This type as plotters wants it, with texts positioned by the top of their em box.
    pub(crate) fn font(self, anchor: Anchor) -> TextStyle<'static> {
        register();
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let font = (FAMILY, self.size * SCALE * PLOTTERS_EM).into_font().style(style);
        TextStyle { font, color: self.color.to_backend_color(), pos: Pos::new(horizontal, VPos::Top) }
    }

    /// `text`, cut with an ellipsis if it is wider than `width`.
    pub(crate) fn fitted(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
            if self.width(&shorter) <= width {
                return shorter;
            }
        }
        String::new()
    }

    /// `text` in lines no wider than `width`, broken at spaces; a longer word is cut.
    pub(crate) fn wrapped(self, text: &str, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let joined = lines.last().map(|line| format!("{line} {word}"));
            match joined.filter(|joined| self.width(joined) <= width) {
                Some(joined) => *lines.last_mut().expect("it was joined to a line") = joined,
                None => lines.push(self.fitted(word, width)),
            }
        }
        lines
    }
}

/// Makes the embedded font known to plotters, once a process.
fn register() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, SEMI_BOLD)] {
            assert!(register_font(FAMILY, style, bytes).is_ok(), "the embedded font is a font");
        }
    });
}
