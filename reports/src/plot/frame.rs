//! What surrounds every chart: its title and subtitle.

use super::chart::Caption;
use super::paint::Sheet;
use super::style::{Anchor, Canvas, INK, MUTED, Type};

/// A title and a subtitle, wrapped to the width of a canvas.
pub(crate) struct Header {
    title: (Type, Vec<String>),
    subtitle: (Type, Vec<String>),
    margin: f64,
}

/// From one baseline to the next, in font sizes.
const LEADING: f64 = 1.35;

impl Header {
    pub(crate) fn lay(caption: &Caption, canvas: &Canvas) -> Header {
        let width = canvas.width - 2.0 * canvas.margin;
        let title = Type { size: canvas.title, bold: true, color: INK };
        let subtitle = Type { size: canvas.text, bold: false, color: MUTED };
        Header {
            title: (title, title.wrapped(&caption.title, width)),
            subtitle: (subtitle, subtitle.wrapped(&caption.subtitle, width)),
            margin: canvas.margin,
        }
    }

    /// From the top of the sheet to the lowest descender.
    pub(crate) fn height(&self) -> f64 {
        let lines = |(face, lines): &(Type, Vec<String>)| face.size * LEADING * lines.len() as f64;
        self.margin + lines(&self.title) + lines(&self.subtitle)
    }

    pub(crate) fn paint(&self, sheet: &Sheet<'_>) {
        let mut top = self.margin;
        for (face, lines) in [&self.title, &self.subtitle] {
            for line in lines {
                sheet.text(line, *face, Anchor::Start, self.margin, top + face.size);
                top += face.size * LEADING;
            }
        }
    }
}

/// The type of axis labels and names.
pub(crate) fn small(canvas: &Canvas) -> Type {
    Type { size: canvas.text - 1.0, bold: false, color: MUTED }
}
