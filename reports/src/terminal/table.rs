//! Tables that take the room they are given: in a narrow terminal the less telling columns go.

use super::{GAP, NAME_MAX, cut, wide};
use crate::words;

/// A column of a table: its heading and its cells.
pub(super) struct Column {
    heading: String,
    cells: Vec<String>,
    /// The least important goes first.
    importance: u8,
}

impl Column {
    pub(super) fn new(heading: &str, importance: u8, cells: Vec<String>) -> Column {
        Column { heading: heading.to_owned(), cells, importance }
    }

    /// Whether any cell says something.
    pub(super) fn tells(&self) -> bool {
        self.cells.iter().any(|cell| cell != words::NOTHING)
    }

    fn width(&self) -> usize {
        self.cells.iter().map(|cell| wide(cell)).chain([wide(&self.heading)]).max().unwrap_or(0)
    }
}

/// Named rows with the columns that fit.
pub(super) struct Table<'a> {
    heading: &'a str,
    names: &'a [&'a str],
    name_width: usize,
    columns: Vec<Column>,
}

impl<'a> Table<'a> {
    /// The first of `choices` that fits into `width`, or as much as fits of the last; `None` if that
    /// is nothing.
    pub(super) fn fit<const N: usize>(
        heading: &'a str,
        names: &'a [&'a str],
        choices: [Vec<Column>; N],
        width: usize,
    ) -> Option<Table<'a>> {
        let name_width = names.iter().map(|name| wide(name)).chain([wide(heading)]).max().unwrap_or(0).min(NAME_MAX);
        let room = width.saturating_sub(name_width);
        let fits = |columns: &[Column]| columns.iter().map(|column| column.width() + GAP).sum::<usize>() <= room;
        let mut columns = Vec::new();
        for choice in choices {
            columns = choice;
            if fits(&columns) {
                break;
            }
        }
        while !fits(&columns) {
            let Some(least) = columns.iter().map(|column| column.importance).min() else { break };
            columns.retain(|column| column.importance != least);
        }
        (!columns.is_empty()).then_some(Table { heading, names, name_width, columns })
    }

    pub(super) fn head(&self) -> String {
        self.line(self.heading, |column| &column.heading)
    }

    pub(super) fn row(&self, at: usize) -> String {
        self.line(self.names[at], |column| &column.cells[at])
    }

    fn line(&self, name: &str, cell: impl Fn(&Column) -> &str) -> String {
        let cells = self.columns.iter().map(|column| format!("{:>1$}", cell(column), column.width() + GAP));
        format!("{:<width$}{}", cut(name, self.name_width), cells.collect::<String>(), width = self.name_width)
    }
}
