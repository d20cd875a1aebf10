//! How stories read results.

use sim_core::results::{Metric, Results};

/// Whether this build can simulate tens of millions of requests in a minute.
pub(crate) const OPTIMISED: bool = !cfg!(debug_assertions);

pub(crate) fn metric<'a>(results: &'a Results, subject: &str, name: &str) -> &'a Metric {
    let found = results.metrics.iter().find(|metric| metric.subject == subject && metric.name == name);
    found.unwrap_or_else(|| panic!("{}: no {name} of {subject:?}", results.scenario))
}

pub(crate) fn value(results: &Results, subject: &str, name: &str) -> f64 {
    metric(results, subject, name).value
}

/// Where `subject` is in a column of a series, by the seconds since the start at which each step ends.
pub(crate) fn points(results: &Results, series: &str, subject: &str, column: &str) -> Vec<(f64, f64)> {
    let series = results.series.iter().find(|found| found.name == series).expect("a series of that name");
    let column = series.columns.iter().position(|found| found.name == column).expect("a column of that name");
    let group = series.groups.iter().find(|found| found.subject == subject).expect("a group of that name");
    group.t_s.iter().copied().zip(group.values[column].iter().copied()).collect()
}

pub(crate) fn mean_between(points: &[(f64, f64)], from: f64, to: f64) -> f64 {
    let within: Vec<f64> = points.iter().filter(|(t, _)| *t > from && *t <= to).map(|(_, value)| *value).collect();
    within.iter().sum::<f64>() / within.len() as f64
}

#[track_caller]
pub(crate) fn assert_between(value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{value} is not between {low} and {high}");
}

#[track_caller]
pub(crate) fn assert_in_interval(metric: &Metric, exact: f64) {
    assert_between(exact, metric.low.expect("an interval"), metric.high.expect("an interval"));
}

/// The reading at `t` seconds, or the last one before.
pub(crate) fn at(points: &[(f64, f64)], t: f64) -> f64 {
    points.iter().rev().find(|(time, _)| *time <= t).expect("a reading so early").1
}

/// The most there ever was.
pub(crate) fn most(points: &[(f64, f64)]) -> f64 {
    points.iter().fold(f64::MIN, |most, (_, value)| most.max(*value))
}

/// The entries of a log.
pub(crate) fn rows<'a>(results: &'a Results, table: &str) -> &'a [Vec<String>] {
    &results.tables.iter().find(|found| found.name == table).expect("a log of that name").rows
}

/// What share of a workload's requests was answered, of those between two instants in seconds.
pub(crate) fn share_ok(results: &Results, workload: &str, from: f64, to: f64) -> f64 {
    let [offered, ok] = ["offered", "ok"].map(|column| points(results, "traffic", workload, column));
    mean_between(&ok, from, to) / mean_between(&offered, from, to)
}
