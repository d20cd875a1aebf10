//! Chaos in a few lines: each fault with what it did and how soon that was over; each check.

use sim_core::results::{Metric, Results};

use super::Pen;
use super::cluster::lines;
use super::table::{Column, Table};
use crate::words;

/// A paragraph each for faults and checks, of which there may be none.
pub(super) fn paragraphs(results: &Results, width: usize, pen: Pen) -> [Vec<String>; 2] {
    let faults = [
        Figure("strikes", "strikes", 7, count),
        Figure("victims", "victims", 4, count),
        Figure("detected", "detected", 3, count),
        Figure("detect.mean", "after", 5, lasting),
        Figure("recover.mean", "recovered after", 6, lasting),
        Figure("good.before", "good before, %", 1, share),
        Figure("good.during", "during, %", 2, share),
        Figure("good.after", "after, %", 1, share),
    ];
    let checks = [Figure("breaks", "broken, times", 2, count), Figure("broken", "in all", 1, lasting)];
    [table(results, "fault", &faults, width, pen), table(results, "check", &checks, width, pen)]
}

/// A figure: its name, its heading, how telling it is, and how it is written.
struct Figure(&'static str, &'static str, u8, fn(&Metric) -> String);

fn table(results: &Results, kind: &str, figures: &[Figure], width: usize, pen: Pen) -> Vec<String> {
    let mut subjects: Vec<&str> = Vec::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind) {
        if !subjects.contains(&metric.subject.as_str()) {
            subjects.push(&metric.subject);
        }
    }
    let column = |Figure(name, heading, importance, write): &Figure| {
        let cell = |subject: &&str| results.metric(kind, subject, name).map_or(words::NOTHING.to_owned(), write);
        Column::new(heading, *importance, subjects.iter().map(cell).collect())
    };
    let columns: Vec<Column> = figures.iter().map(column).filter(Column::tells).collect();
    lines(Table::fit(kind, &subjects, [columns], width), subjects.len(), &format!("{kind}s"), pen)
}

fn count(metric: &Metric) -> String {
    words::count(metric.value)
}

fn lasting(metric: &Metric) -> String {
    words::lasting(metric.value)
}

fn share(metric: &Metric) -> String {
    words::percentage(metric.value)
}
