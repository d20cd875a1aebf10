//! A run as text that a person understands at a glance.
//!
//! First what happened in a sentence, then who was served how well, then when. Tables take the room
//! they are given: in a narrow terminal first the margins go, then the less telling columns.

mod chaos;
mod charts;
mod checks;
mod cluster;
mod release;
mod study;
mod table;

use sim_core::results::{Metric, Results};

use crate::figures::{self, LOADS, PERCENTILES, Row};
use crate::story::story;
use crate::words;

pub use study::study;
use table::{Column, Table};

/// Narrower than this no table is legible.
const WIDTH_MIN: usize = 40;
/// The widest that a subject's name may be.
const NAME_MAX: usize = 28;
/// Between columns.
const GAP: usize = 2;
/// More subjects of a kind than this would push the headline off the screen.
const ROWS_MAX: usize = 24;

/// What `results` say, in at most `width` columns (40 at least), with ANSI colours if `color`.
///
/// Ends with a line break. Names are stripped of control characters.
pub fn summary(results: &Results, width: usize, color: bool) -> String {
    let width = width.max(WIDTH_MIN);
    let pen = Pen { color };
    let story = story(results);
    let mut text = String::new();
    let mut paragraph = |lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&lines.join("\n"));
            text.push_str("\n\n");
        }
    };
    let bold = |line: String| pen.paint(BOLD, &line);
    let mut opening = vec![pen.paint(DIM, &cut(&results.scenario, width))];
    opening.extend(wrapped(&story.headline, width).into_iter().map(bold));
    opening.extend(story.details.iter().flat_map(|detail| wrapped(detail, width)));
    paragraph(opening);
    paragraph(checks::paragraph(results, width, pen));
    for kind in figures::kinds(results) {
        paragraph(table(results, kind, width, pen));
    }
    paragraph(release::paragraph(results, width, pen));
    cluster::paragraphs(results, width, pen).into_iter().for_each(&mut paragraph);
    chaos::paragraphs(results, width, pen).into_iter().for_each(&mut paragraph);
    paragraph(charts::paragraph(results, width, pen));
    let runs = words::plural(f64::from(results.replications), "replication");
    let events = words::plural(results.events as f64, "event");
    let closing = format!("seed {} · {runs} · {events} · digest {:016x}", results.seed, results.digest);
    paragraph(wrapped(&closing, width).into_iter().map(|line| pen.paint(DIM, &line)).collect());
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

/// Writes with or without colour.
#[derive(Clone, Copy)]
struct Pen {
    color: bool,
}

impl Pen {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// The figures of every subject of `kind`, with its failures by reason below it.
fn table(results: &Results, kind: &str, width: usize, pen: Pen) -> Vec<String> {
    let mut rows = figures::rows(results, kind);
    let all = rows.len();
    if all > ROWS_MAX {
        // Stable: of equals the earlier stay, and the scenario's order is kept among those shown.
        let mut by_traffic: Vec<f64> = rows.iter().map(|row| figures::traffic(results, kind, row.subject)).collect();
        by_traffic.sort_by(|a, b| b.total_cmp(a));
        let least = by_traffic[ROWS_MAX - 1];
        rows.retain(|row| figures::traffic(results, kind, row.subject) >= least);
        rows.truncate(ROWS_MAX);
    }
    let names: Vec<&str> = rows.iter().map(|row| row.subject).collect();
    // Margins tell more than a second view of the load.
    let choices = [columns(&rows, true, 2), columns(&rows, true, 1), columns(&rows, false, 2)];
    let Some(table) = Table::fit(kind, &names, choices, width) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    for (at, row) in rows.iter().enumerate() {
        lines.push(table.row(at));
        if !row.failed.is_empty() {
            let reason = |(reason, count): &(&str, f64)| format!("{reason} {}", words::count(*count));
            let reasons = format!("failed: {}", row.failed.iter().map(reason).collect::<Vec<_>>().join(" · "));
            lines.extend(wrapped(&reasons, width - 2).iter().map(|line| format!("  {}", pen.paint(RED, line))));
        }
    }
    if all > rows.len() {
        lines.push(pen.paint(DIM, &format!("… and {} more, less busy", all - rows.len())));
    }
    lines
}

/// The columns that any of `rows` can fill, with so many of the [`LOADS`].
fn columns(rows: &[Row<'_>], margins: bool, loads: usize) -> Vec<Column> {
    let figure = |metric: Option<&Metric>| {
        metric.map_or(words::NOTHING.to_owned(), |metric| {
            let interval = figures::interval(metric).filter(|_| margins);
            words::with_margin(metric.value, interval, &metric.unit)
        })
    };
    let requests = |row: &Row<'_>| row.requests.map_or(words::NOTHING.to_owned(), |metric| words::count(metric.value));
    let ok = |row: &Row<'_>| row.ok.map_or(words::NOTHING.to_owned(), |ok| format!("{} %", words::percentage(ok)));
    let column = |heading: &str, importance, cell: &dyn Fn(&Row<'_>) -> String| {
        Column::new(heading, importance, rows.iter().map(cell).collect())
    };
    let mut columns = vec![column("requests", 7, &requests), column("ok", 8, &ok)];
    for (at, importance) in [5, 1, 6, 2].into_iter().enumerate() {
        columns.push(column(PERCENTILES[at].1, importance, &|row: &Row<'_>| figure(row.percentiles[at])));
    }
    for (at, importance) in [4, 3].into_iter().take(loads).enumerate() {
        columns.push(column(LOADS[at].1, importance, &|row: &Row<'_>| figure(row.loads[at])));
    }
    columns.retain(Column::tells);
    columns
}

/// How many columns of a terminal `text` takes, wide scripts aside.
fn wide(text: &str) -> usize {
    text.chars().count()
}

/// `text` without control characters, in at most `width` columns.
fn cut(text: &str, width: usize) -> String {
    let text = words::printable(text);
    if wide(&text) <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// `text` in lines of at most `width` columns, broken at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words::printable(text).split_whitespace() {
        match lines.last_mut().filter(|line| wide(line) + 1 + wide(word) <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(cut(word, width)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn an_outage_at_full_width() {
        insta::assert_snapshot!(summary(&sample::outage(), 120, false), @r"
        Black Friday <rehearsal>
        10,267,055 requests in 5 runs of 30 min: 2.70 % failed, p99 212.0 ± 6.4 ms.
        Failures: 81.0 % timeout, 19.0 % queue-full.
        Worst at 0:11:50 of the first run: 323 failures a second, of 1,042 requests offered in one sample of 10 s.
        Slowest at 0:14:50 of the first run: p99 of crowd reached 8.45 s in one sample of 10 s.
        ± is half of the 95 % confidence interval. Figures leave out a warm-up of 1 min.

        workload             requests       ok              p50             p95             p99        p99.9
        crowd               1,853,411  97.03 %    41.0 ± 1.2 ms  127.1 ± 3.8 ms  217.3 ± 6.5 ms  861 ± 26 ms
          failed: timeout 44,550 · queue-full 10,450
        partners & friends    200,000  99.77 %  22.00 ± 0.66 ms   68.2 ± 2.0 ms  116.6 ± 3.5 ms  462 ± 14 ms
          failed: timeout 372 · queue-full 88

        service     requests       ok              p50              p95              p99           p99.9             CPU
        shop       2,053,411  98.48 %    39.0 ± 1.2 ms   120.9 ± 3.6 ms   206.7 ± 6.2 ms     819 ± 25 ms  30.60 ± 0.70 %
          failed: timeout 25,272 · queue-full 5,928
        stock     15,702,555  99.97 %   5.10 ± 0.15 ms  15.81 ± 0.47 ms  27.03 ± 0.81 ms  107.1 ± 3.2 ms  39.45 ± 0.70 %
          failed: timeout 3,304 · queue-full 776
        payments   6,673,586  99.86 %  12.00 ± 0.36 ms    37.2 ± 1.1 ms    63.6 ± 1.9 ms  252.0 ± 7.6 ms  11.00 ± 0.70 %
          failed: timeout 7,776 · queue-full 1,824

        offered    ████████████▇▇▇▇▇▇▇▇▇▇▇▇▆▇▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▇▆▇▇▇▇▇▇▇▇▇▇▇▇█████████████  max 1,449/s
        failed     ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁██▇███▇▇██▇█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  max 323/s
        p99 crowd  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇███████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  max 8.45 s
        pods shop  ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇▇▇▇██████████████████████████████████  max 70
                   0:00:00                                                          0:30:00

        seed 42 · 5 replications · 41,000,321 events · digest 123456789abcdef0
        ");
    }

    #[test]
    fn a_cluster_adds_its_replicas_and_healings() {
        let text = summary(&sample::cluster(), 100, false);
        let (from, to) = (text.find("replicas ").unwrap_or(0), text.find("offered  ").unwrap_or(0));
        insta::assert_snapshot!(text[from..to].trim_end(), @r"
        replicas  on average  most wanted  wanted at the end  replica-hours  scaled out  scaled in
        shop            61.4           72                 70           30.7          16          1

        healing                 succeeded  failed  under way  on average in
        node lost: replace             58       1          1     5 min 43 s
        out of memory: restart          4       –          –         12.3 s

        nodes: 10.4 on average · 9.90 ready
        pods: 71 running · 2.50 pending · 0.310 ending
        CPU: 88.0 % requested · 41.2 % used
        node-hours: 5.20 · cost: $12.30 · commands: 1,832
        ");
    }

    #[test]
    fn a_quiet_run_in_a_narrow_terminal() {
        insta::assert_snapshot!(summary(&sample::quiet(), 60, false), @r"
        hello
        75,600 requests in 30 min: none failed, p99 4.24 ms.
        Slowest at 0:23:40: p99 of visitors reached 4.40 ms in one
        sample of 10 s.

        workload  requests     ok     p50      p95      p99    p99.9
        visitors    75,600  100 %  800 µs  2.48 ms  4.24 ms  16.8 ms

        offered  ███████████████████████████████████  max 43.9/s
        p99      ███████████████████████████████████  max 4.40 ms
                 0:00:00                     0:30:00

        seed 1 · 1 replication · 302,400 events · digest
        0000000000000007
        ");
    }

    #[test]
    fn checks_come_before_the_figures_and_their_verdicts_stay_in_a_narrow_terminal() {
        let checks = |width| {
            let text = summary(&sample::checked(), width, false);
            let (from, to) = (text.find("\nchecks ").unwrap_or(0), text.find("\nworkload ").unwrap_or(0));
            text[from..to].trim().to_owned()
        };
        insta::assert_snapshot!(checks(100), @r"
        checks                          expected         during            found       verdict
        crowd.latency.p99            below 250ms      whole run   217.3 ± 6.5 ms          pass
        crowd: good within 250ms  at least 99.9%  during faults     68.2 ± 2.1 %          fail
        shop.cpu                       below 60%      whole run     59.1 ± 1.3 %  inconclusive
          the interval crosses the limit; more replications narrow it
        run.failed                   below 60000      whole run  55,460 requests          pass
        ");
        insta::assert_snapshot!(checks(60), @r"
        checks                          expected       verdict
        crowd.latency.p99            below 250ms          pass
        crowd: good within 250ms  at least 99.9%          fail
        shop.cpu                       below 60%  inconclusive
          the interval crosses the limit; more replications narrow
          it
        run.failed                   below 60000          pass
        ");
    }

    #[test]
    fn charts_show_the_fleet_and_when_faults_were_active() {
        let text = summary(&sample::cluster(), 80, false);
        let from = text.find("\noffered ").unwrap_or(0);
        insta::assert_snapshot!(text[from..].trim(), @r"
        offered    █████████▇▇▇▇▇▇▇▇▇▇▆▆▆▆▆▆▆▆▆▆▆▆▆▆▇▆▇▇▇▇▇▇▇▇▇█████████  max 1,449/s
        failed     ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁██▇██████▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  max 323/s
        p99 crowd  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇█████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  max 8.45 s
        pods shop  ▅▅▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇█████████████████████████  max 70
        faults     ········▒········▒▒▒▒▒▒▒▒▒▒··························
                   0:00:00                                       0:30:00

        seed 42 · 1 replication · 41,000,321 events · digest 123456789abcdef0
        ");
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for results in [sample::outage(), sample::quiet(), sample::cluster(), sample::checked()] {
            for width in 0..130 {
                let text = summary(&results, width, false);
                let widest = text.lines().map(wide).max().unwrap_or(0);
                assert!(widest <= width.max(WIDTH_MIN), "{widest} > {width}:\n{text}");
            }
        }
    }

    #[test]
    fn colour_changes_nothing_but_colour_and_names_cannot_smuggle_any() {
        let mut results = sample::checked();
        results.metrics.iter_mut().for_each(|metric| metric.subject = metric.subject.replace("crowd", "\u{1b}[31mred"));
        let plain = summary(&results, 100, false);
        assert!(!plain.contains('\u{1b}'));
        let mut stripped = summary(&results, 100, true);
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"] {
            stripped = stripped.replace(code, "");
        }
        assert_eq!(stripped, plain);
    }
}
