//! Releases in a few lines: how each ended, and whom it harmed.

use sim_core::results::Results;

use super::table::{Column, Table};
use super::{DIM, Pen, ROWS_MAX};
use crate::release::{self, FIGURES, Release};

/// How telling each of the figures is, as [`FIGURES`] orders them.
const IMPORTANCE: [u8; FIGURES.len()] = [7, 4, 6, 5, 3, 2];

/// A table of releases; nothing if there are none.
pub(super) fn paragraph(results: &Results, width: usize, pen: Pen) -> Vec<String> {
    let releases = release::releases(results);
    let names: Vec<&str> = releases.iter().map(|release| release.name).collect();
    let mut columns = vec![Column::new("outcome", 8, releases.iter().map(Release::outcome).collect())];
    for (at, (_, heading)) in FIGURES.iter().enumerate() {
        columns.push(Column::new(heading, IMPORTANCE[at], releases.iter().map(|one| one.figure(at)).collect()));
    }
    columns.retain(Column::tells);
    let Some(table) = Table::fit("releases", &names, [columns], width).filter(|_| !names.is_empty()) else {
        return Vec::new();
    };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    lines.extend((0..names.len().min(ROWS_MAX)).map(|at| table.row(at)));
    if names.len() > ROWS_MAX {
        lines.push(pen.paint(DIM, &format!("… and {} more releases", names.len() - ROWS_MAX)));
    }
    lines
}
