//! A study as text: who wins where and how sure that is, then the figures, then what differs.

use sim_core::study::{Comparison, StudyResults, Verdict};

use super::table::{Column, Table};
use super::{BOLD, DIM, Pen, RED, WIDTH_MIN, cut, wrapped};
use crate::study::{closing, estimate, p_value, sentence};
use crate::words;

/// More rows than this are for the CSV files.
const ROWS_MAX: usize = 40;
const GREEN: &str = "32";

/// What `results` say, in at most `width` columns (40 at least), with ANSI colours if `color`.
pub fn study(results: &StudyResults, width: usize, color: bool) -> String {
    let width = width.max(WIDTH_MIN);
    let pen = Pen { color };
    let mut paragraphs = vec![opening(results, width, pen)];
    paragraphs.push(results.winners.iter().flat_map(|winner| wrapped(&sentence(results, winner), width)).collect());
    paragraphs.push(points(results, width, pen));
    paragraphs.push(differences(results, width, pen));
    paragraphs.push(frontier(results, width, pen));
    paragraphs.push(wrapped(&closing(results), width).iter().map(|line| pen.paint(DIM, line)).collect());
    let paragraphs = paragraphs.into_iter().filter(|lines| !lines.is_empty());
    format!("{}\n", paragraphs.map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n"))
}

fn opening(results: &StudyResults, width: usize, pen: Pen) -> Vec<String> {
    let mut lines = vec![pen.paint(BOLD, &cut(&results.study, width))];
    lines.extend(wrapped(&results.description, width));
    lines
}

/// The figures at every point.
fn points(results: &StudyResults, width: usize, pen: Pen) -> Vec<String> {
    let shown = &results.points[..results.points.len().min(ROWS_MAX)];
    let names: Vec<&str> = shown.iter().map(|point| point.label.as_str()).collect();
    let column = |(index, metric): (usize, &sim_core::study::Metric)| {
        let cells = shown.iter().map(|point| estimate(&point.estimates[index], &metric.unit)).collect();
        Column::new(&metric.name, (results.metrics.len() - index).min(255) as u8, cells)
    };
    let mut columns: Vec<Column> = results.metrics.iter().enumerate().map(column).collect();
    let uneven = results.points.iter().any(|point| point.replications != results.points[0].replications);
    if uneven {
        let cells = shown.iter().map(|point| point.replications.to_string()).collect();
        columns.push(Column::new("runs", 1, cells));
    }
    let Some(table) = Table::fit("point", &names, [columns], width) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    lines.extend((0..shown.len()).map(|at| table.row(at)));
    if results.points.len() > shown.len() {
        lines.push(pen.paint(DIM, &format!("… and {} more", results.points.len() - shown.len())));
    }
    lines
}

/// What differs, metric by metric, where only one group of points is compared.
fn differences(results: &StudyResults, width: usize, pen: Pen) -> Vec<String> {
    let baselines: std::collections::BTreeSet<usize> = results.comparisons.iter().map(|one| one.baseline).collect();
    if baselines.is_empty()
        || (baselines.len() > 1 && !results.factors.is_empty())
        || results.comparisons.len() > ROWS_MAX
    {
        return Vec::new();
    }
    let baseline = &results.points[results.comparisons[0].baseline].label;
    let metric = |one: &Comparison| results.metrics[one.metric].name.clone();
    let several = results.points.len() > 2;
    let name = |one: &Comparison| if several { results.points[one.other].label.clone() } else { metric(one) };
    let names: Vec<String> = results.comparisons.iter().map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let cells = |cell: &dyn Fn(&Comparison) -> String| results.comparisons.iter().map(cell).collect();
    let unit = |one: &Comparison| results.metrics[one.metric].unit.as_str();
    let percent = |share: f64| format!("{:+.1} %", 100.0 * share);
    let mut columns = vec![
        Column::new("difference", 3, cells(&|one| words::with_margin(one.difference, one.interval, unit(one)))),
        Column::new(
            "relative",
            4,
            cells(&|one| one.relative.map_or(words::NOTHING.into(), |(value, ..)| percent(value))),
        ),
        Column::new(
            "95 % interval",
            2,
            cells(&|one| {
                one.relative
                    .map_or(words::NOTHING.into(), |(_, low, high)| format!("{} … {}", percent(low), percent(high)))
            }),
        ),
        Column::new("p (Holm)", 1, cells(&|one| one.p.map_or(words::NOTHING.into(), p_value))),
        Column::new("verdict", 5, cells(&|one| one.verdict.words().to_owned())),
    ];
    if several {
        columns.insert(0, Column::new("metric", 6, cells(&metric)));
    }
    let heading = if baselines.len() == 1 { format!("compared with {baseline}") } else { "differences".to_owned() };
    let Some(table) = Table::fit(&heading, &names, [columns], width) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    lines.extend(results.comparisons.iter().enumerate().map(|(at, one)| match one.verdict {
        Verdict::Worse => pen.paint(RED, &table.row(at)),
        Verdict::Better => pen.paint(GREEN, &table.row(at)),
        _ => table.row(at),
    }));
    lines
}

/// Who is beaten by nobody in everything.
fn frontier(results: &StudyResults, width: usize, pen: Pen) -> Vec<String> {
    if results.frontier.is_empty() || results.points.len() < 3 {
        return Vec::new();
    }
    let shown: Vec<usize> = results.frontier.iter().copied().take(ROWS_MAX).collect();
    let names: Vec<&str> = shown.iter().map(|point| results.points[*point].label.as_str()).collect();
    let column = |&metric: &usize| {
        let of = &results.metrics[metric];
        let cells = shown.iter().map(|point| estimate(&results.points[*point].estimates[metric], &of.unit)).collect();
        Column::new(&of.name, 1, cells)
    };
    let columns = results.frontier_metrics.iter().map(column).collect();
    let Some(table) = Table::fit("Pareto frontier", &names, [columns], width) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    lines.extend((0..shown.len()).map(|at| table.row(at)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_study::balancers;

    #[test]
    fn winners_come_first_with_how_sure_they_are() {
        insta::assert_snapshot!(study(&balancers(), 100, false), @r"
        Two balancers
        Does it matter?

        rate 100/s: LeastConnections wins with latency.p99 50.0 ± 1.0 ms, but cannot be told from Random
        rate 180/s: LeastConnections wins with latency.p99 90.0 ± 1.8 ms, clearly: the next, Random, is 60.0
        ± 1.0 ms behind

        point                       latency.p99
        100/s, Random             51.0 ± 1.0 ms
        100/s, LeastConnections   50.0 ± 1.0 ms
        180/s, Random            150.0 ± 3.0 ms
        180/s, LeastConnections   90.0 ± 1.8 ms

        seed 1 · 4 points · 8 runs · warm-up 10 s (found) · the same customers everywhere: worth 12.0 times
        as many runs, at best 12.0 · ± is half of the 95 % confidence interval
        ");
    }

    #[test]
    fn no_line_is_wider_than_asked_and_colour_changes_nothing_else() {
        for width in [40, 60, 100] {
            let text = study(&balancers(), width, false);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
        }
        let mut results = balancers();
        results.comparisons.remove(0);
        let plain = study(&results, 100, false);
        assert!(plain.contains("compared with 180/s, Random"), "{plain}");
        let mut colored = study(&results, 100, true);
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m"] {
            colored = colored.replace(code, "");
        }
        assert_eq!(colored, plain);
    }
}
