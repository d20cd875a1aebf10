//! What was expected and what became of it, right below the headline.

use sim_core::results::{Check, Results};

use super::table::{Column, table};
use crate::checks;
use crate::words;

pub(super) fn section(page: &mut String, results: &Results) {
    if results.checks.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"checks\">\n<h2 id=\"checks\">Checks</h2>\n");
    let cells = |of: &dyn Fn(&Check) -> String| results.checks.iter().map(of).collect::<Vec<_>>();
    let mut columns = vec![
        Column::names("expectation", cells(&|check| check.figure.clone())),
        Column::text("expected", cells(&|check| check.demand.clone())),
        Column::text("during", cells(&|check| check.during.clone())),
        Column::numbers("found", cells(&|check| checks::found(check, true))),
        Column::text("verdict", cells(&|check| check.verdict.label().to_owned())),
        Column::words(
            "because",
            cells(&|check| match check.reason.is_empty() {
                true => words::NOTHING.to_owned(),
                false => check.reason.clone(),
            }),
        ),
    ];
    columns.retain(Column::tells);
    table(page, "What was expected, and what was found", &columns);
    page.push_str("</section>\n");
}
