//! A run as Markdown, as GitHub shows it on the page of a workflow's run.

use std::fmt::Write as _;

use sim_core::results::{Check, Metric, Results, Verdict};

use crate::figures::{self, PERCENTILES, Row};
use crate::story::story;
use crate::{checks, words};

/// Subjects of a kind that the table of figures shows, the first in the scenario's order.
const SUBJECTS_MAX: usize = 20;

/// What `results` say: the headline, the checks, and the figures folded away; `command` repeats the run.
pub fn summary(results: &Results, command: &str) -> String {
    let story = story(results);
    let mut text = format!("## {}\n\n**{}**\n", plain(&results.scenario), plain(&story.headline));
    for detail in &story.details {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{}", if text.ends_with("**\n") { "\n- " } else { "- " }, plain(detail) + "\n");
    }
    if !results.checks.is_empty() {
        text.push_str("\n| | check | expected | during | found |\n|---|---|---|---|---|\n");
        results.checks.iter().for_each(|check| text.push_str(&row(check)));
    }
    text.push_str("\n<details><summary>Figures</summary>\n\n");
    for kind in std::iter::once("run").chain(figures::kinds(results)) {
        text.push_str(&table(kind, &figures::rows(results, kind)));
    }
    let _ = write!(
        text,
        "</details>\n\n`{}` · seed {} · digest {:016x}\n",
        command.replace('`', "'"),
        results.seed,
        results.digest
    );
    text
}

fn row(check: &Check) -> String {
    let sign = match check.verdict {
        Verdict::Pass => "✅",
        Verdict::Fail => "❌",
        Verdict::Inconclusive => "❔",
    };
    let because = if check.reason.is_empty() { String::new() } else { format!(" ({})", check.reason) };
    let cells = [&check.figure, &check.demand, &check.during].map(|cell| plain(cell));
    format!(
        "| {sign} {} | {} | {} |\n",
        check.verdict.label(),
        cells.join(" | "),
        plain(&(checks::found(check, true) + &because))
    )
}

/// Requests, answers and latencies of each subject; nothing if none of them has any.
fn table(kind: &str, rows: &[Row<'_>]) -> String {
    let rows: Vec<&Row<'_>> = rows.iter().filter(|row| row.requests.is_some()).take(SUBJECTS_MAX).collect();
    if rows.is_empty() {
        return String::new();
    }
    let shown = |metric: Option<&Metric>| {
        metric.map_or(words::NOTHING.to_owned(), |metric| {
            words::with_margin(metric.value, figures::interval(metric), &metric.unit)
        })
    };
    let headings: Vec<&str> = PERCENTILES.iter().map(|(_, heading)| *heading).collect();
    let mut text = format!("| {kind} | requests | ok | {} |\n|---|--:|--:|--:|--:|--:|--:|\n", headings.join(" | "));
    for row in rows {
        let requests = row.requests.map_or(words::NOTHING.to_owned(), |metric| words::count(metric.value));
        let ok = row.ok.map_or(words::NOTHING.to_owned(), |ok| format!("{} %", words::percentage(ok)));
        let percentiles = row.percentiles.map(shown).join(" | ");
        let _ = writeln!(text, "| {} | {requests} | {ok} | {percentiles} |", plain(row.subject));
    }
    text + "\n"
}

/// `text` on one line, with nothing that Markdown or HTML would take for its own.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in words::printable(text).chars() {
        match letter {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' => plain.extend(['\\', letter]),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn checks_come_first_and_figures_are_folded() {
        insta::assert_snapshot!(summary(&sample::checked(), "gameday run x.ron"), @"");
    }
}
