//! Tables of a page: columns with headings, the first of them perhaps the rows' names.

use std::fmt::Write as _;

use super::escape;
use crate::words;

/// A column of a table, all of its cells.
pub(super) struct Column {
    heading: String,
    look: Look,
    cells: Vec<String>,
}

/// What is in a column's cells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The name of the row.
    Name,
    /// A few words.
    Text,
    /// Words that may be many.
    Words,
    Number,
}

impl Column {
    pub(super) fn names(heading: &str, cells: Vec<String>) -> Column {
        Column { heading: heading.to_owned(), look: Look::Name, cells }
    }

    pub(super) fn text(heading: &str, cells: Vec<String>) -> Column {
        Column { heading: heading.to_owned(), look: Look::Text, cells }
    }

    pub(super) fn words(heading: &str, cells: Vec<String>) -> Column {
        Column { heading: heading.to_owned(), look: Look::Words, cells }
    }

    pub(super) fn numbers(heading: &str, cells: Vec<String>) -> Column {
        Column { heading: heading.to_owned(), look: Look::Number, cells }
    }

    /// Whether any cell says something.
    pub(super) fn tells(&self) -> bool {
        self.cells.iter().any(|cell| cell != words::NOTHING)
    }

    fn class(&self) -> &'static str {
        match self.look {
            Look::Name | Look::Text => " class=\"name\"",
            Look::Words => " class=\"words\"",
            Look::Number => "",
        }
    }
}

/// Writes a table under `caption`, which also names the region that scrolls.
pub(super) fn table(page: &mut String, caption: &str, columns: &[Column]) {
    region(page, caption, &format!("<caption>{}</caption>\n", escape(caption)), columns);
}

/// Writes a table below a text that says the same as `title`.
pub(super) fn titled(page: &mut String, title: &str, columns: &[Column]) {
    region(page, title, "", columns);
}

fn region(page: &mut String, label: &str, caption: &str, columns: &[Column]) {
    let _ = write!(
        page,
        "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n<table>\n{caption}<thead><tr>",
        escape(label)
    );
    for column in columns {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", column.class(), escape(&column.heading));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    for row in 0..rows {
        page.push_str("<tr>");
        for column in columns {
            let cell = escape(column.cells.get(row).map_or(words::NOTHING, String::as_str));
            let _ = match column.look {
                Look::Name => write!(page, "<th scope=\"row\"{}>{cell}</th>", column.class()),
                _ => write!(page, "<td{}>{cell}</td>", column.class()),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
}
