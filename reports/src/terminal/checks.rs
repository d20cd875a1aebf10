//! Checks as a table: what was expected, what came out, the verdict.

use sim_core::results::{Results, Verdict};

use super::table::{Column, Table};
use super::{DIM, GREEN, Pen, RED, ROWS_MAX, YELLOW, wrapped};
use crate::checks;

/// What a check looks at unless it says otherwise.
const WHOLE: &str = "whole run";

/// A line a check, those that did not pass first where there are many.
pub(super) fn paragraph(results: &Results, width: usize, pen: Pen) -> Vec<String> {
    if results.checks.is_empty() {
        return Vec::new();
    }
    let mut shown: Vec<_> = results.checks.iter().collect();
    if shown.len() > ROWS_MAX {
        // Stable: those alike keep the scenario's order.
        shown.sort_by_key(|check| check.verdict == Verdict::Pass);
        shown.truncate(ROWS_MAX);
    }
    let names: Vec<&str> = shown.iter().map(|check| check.figure.as_str()).collect();
    let column = |heading, importance, of: &dyn Fn(&sim_core::results::Check) -> String| {
        Column::new(heading, importance, shown.iter().map(|check| of(check)).collect())
    };
    let partial = shown.iter().any(|check| check.during != WHOLE);
    let columns = |margins| {
        let during = partial.then(|| column("during", 1, &|check| check.during.clone()));
        let mut columns = vec![column("expected", 3, &|check| check.demand.clone())];
        columns.extend(during);
        columns.push(column("found", 2, &|check| checks::found(check, margins)));
        columns.push(column("verdict", 4, &|check| check.verdict.label().to_owned()));
        columns
    };
    let Some(table) = Table::fit("checks", &names, [columns(true), columns(false)], width) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    for (at, check) in shown.iter().enumerate() {
        let line = table.row(at);
        let code = match check.verdict {
            Verdict::Pass => GREEN,
            Verdict::Fail => RED,
            Verdict::Inconclusive => YELLOW,
        };
        let verdict = check.verdict.label();
        // The verdict is the last word of its line, unless the terminal is too narrow for any.
        lines.push(match line.strip_suffix(verdict) {
            Some(before) => format!("{before}{}", pen.paint(code, verdict)),
            None => line,
        });
        if !check.reason.is_empty() {
            lines.extend(wrapped(&check.reason, width - 2).iter().map(|line| format!("  {}", pen.paint(DIM, line))));
        }
    }
    let rest = results.checks.len() - shown.len();
    if rest > 0 {
        lines.push(pen.paint(DIM, &format!("… and {rest} more, less telling")));
    }
    lines
}
