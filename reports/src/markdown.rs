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
        insta::assert_snapshot!(summary(&sample::checked(), "gameday run x.ron"), @r"
        ## Black Friday &lt;rehearsal>

        **10,267,055 requests in 5 runs of 30 min: 2.70 % failed, p99 212.0 ± 6.4 ms.**

        - 2 of 4 checks passed, 1 failed, 1 inconclusive. Failed: crowd: good within 250ms.
        - Failures: 81.0 % timeout, 19.0 % queue-full.
        - Worst at 0:11:50 of the first run: 323 failures a second, of 1,042 requests offered in one sample of 10 s.
        - Slowest at 0:14:50 of the first run: p99 of crowd reached 8.45 s in one sample of 10 s.
        - ± is half of the 95 % confidence interval. Figures leave out a warm-up of 1 min.

        | | check | expected | during | found |
        |---|---|---|---|---|
        | ✅ pass | crowd.latency.p99 | below 250ms | whole run | 217.3 ± 6.5 ms |
        | ❌ fail | crowd: good within 250ms | at least 99.9% | during faults | 68.2 ± 2.1 % |
        | ❔ inconclusive | shop.cpu | below 60% | whole run | 59.1 ± 1.3 % (the interval crosses the limit; more replications narrow it) |
        | ✅ pass | run.failed | below 60000 | whole run | 55,460 requests |

        <details><summary>Figures</summary>

        | run | requests | ok | p50 | p95 | p99 | p99.9 |
        |---|--:|--:|--:|--:|--:|--:|
        |  | 2,053,411 | 97.30 % | 40.0 ± 1.2 ms | 124.0 ± 3.7 ms | 212.0 ± 6.4 ms | 840 ± 25 ms |

        | workload | requests | ok | p50 | p95 | p99 | p99.9 |
        |---|--:|--:|--:|--:|--:|--:|
        | crowd | 1,853,411 | 97.03 % | 41.0 ± 1.2 ms | 127.1 ± 3.8 ms | 217.3 ± 6.5 ms | 861 ± 26 ms |
        | partners &amp; friends | 200,000 | 99.77 % | 22.00 ± 0.66 ms | 68.2 ± 2.0 ms | 116.6 ± 3.5 ms | 462 ± 14 ms |

        | service | requests | ok | p50 | p95 | p99 | p99.9 |
        |---|--:|--:|--:|--:|--:|--:|
        | shop | 2,053,411 | 98.48 % | 39.0 ± 1.2 ms | 120.9 ± 3.6 ms | 206.7 ± 6.2 ms | 819 ± 25 ms |
        | stock | 15,702,555 | 99.97 % | 5.10 ± 0.15 ms | 15.81 ± 0.47 ms | 27.03 ± 0.81 ms | 107.1 ± 3.2 ms |
        | payments | 6,673,586 | 99.86 % | 12.00 ± 0.36 ms | 37.2 ± 1.1 ms | 63.6 ± 1.9 ms | 252.0 ± 7.6 ms |

        </details>

        `gameday run x.ron` · seed 42 · digest 123456789abcdef0
        ");
    }
}
