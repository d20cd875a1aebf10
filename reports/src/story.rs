//! The first thing a reader should know, in a sentence, and the few that follow from it.
//!
//! How many requests, how many of them failed and why, how slow the slowest hundredth was, and when
//! it was worst. Sentences state what was measured; what could not be measured is left out, never
//! guessed.

mod cluster;

use sim_core::results::{Group, Results, Series, Verdict};

use crate::checks;
use crate::figures::{self, Row};
use crate::words;

/// A headline with the sentences below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Story {
    pub(crate) headline: String,
    pub(crate) details: Vec<String>,
}

/// What `results` say, in words.
pub(crate) fn story(results: &Results) -> Story {
    let of_requests =
        [checked(results), unfinished(results), reasons(results), worst_failures(results), slowest(results)];
    let mut details: Vec<String> = of_requests.into_iter().flatten().collect();
    details.extend(cluster::sentences(results));
    details.extend(sources(results));
    Story { headline: headline(results), details }
}

/// "1,000 requests in 30 min: 2.70 % failed, p99 212 ms."
fn headline(results: &Results) -> String {
    let time = words::length(results.simulated_seconds);
    if results.requests == 0 {
        return format!("No requests in {time}.");
    }
    let time = match results.replications {
        0 | 1 => time,
        n => format!("{n} runs of {time}"),
    };
    let mut clauses = Vec::new();
    if let Some(ok) = total_ok(results) {
        clauses.push(match 100.0 - ok {
            failed if failed > 0.0 => format!("{} % failed", words::percentage(failed)),
            _ => "none failed".to_owned(),
        });
    }
    clauses.extend(tail(results));
    let requests = words::plural(results.requests as f64, "request");
    let colon = if clauses.is_empty() { "" } else { ": " };
    format!("{requests} in {time}{colon}{}.", clauses.join(", "))
}

/// The share of all requests that ended well.
fn total_ok(results: &Results) -> Option<f64> {
    if let Some(ok) = figures::run(results).and_then(|row| row.ok) {
        return Some(ok);
    }
    let sum = |name: &str| {
        let of_name = results.metrics.iter().filter(|metric| metric.kind == "workload" && metric.name == name);
        of_name.map(|metric| metric.value).sum::<f64>()
    };
    let (ok, failed) = (sum("ok"), sum("failed"));
    (ok + failed > 0.0).then(|| 100.0 * ok / (ok + failed))
}

/// "p99 212 ms", of the run or else of the busiest workload.
fn tail(results: &Results) -> Option<String> {
    let of_run = results.metric("run", "", "latency.p99").map(|metric| (metric, String::new()));
    let (metric, of_whom) = of_run.or_else(|| {
        let rows = figures::rows(results, "workload");
        let busiest = rows.iter().filter(|row| row.percentiles[2].is_some()).max_by(|a, b| {
            // The earlier of equals, as everywhere.
            requests(a).total_cmp(&requests(b)).then(std::cmp::Ordering::Greater)
        })?;
        let of_whom = if rows.len() > 1 { format!(" ({})", busiest.subject) } else { String::new() };
        Some((busiest.percentiles[2]?, of_whom))
    })?;
    let shown = words::with_margin(metric.value, figures::interval(metric), &metric.unit);
    metric.value.is_finite().then(|| format!("p99 {shown}{of_whom}"))
}

fn requests(row: &Row<'_>) -> f64 {
    row.requests.map_or(0.0, |metric| metric.value)
}

/// "2 of 3 checks passed, 1 failed. Failed: crowd.latency.p99." Names what failed, a few at most.
fn checked(results: &Results) -> Option<String> {
    let failed = results.checks.iter().filter(|check| check.verdict == Verdict::Fail);
    let names: Vec<&str> = failed.map(|check| check.figure.as_str()).take(3).collect();
    let named = if names.is_empty() { String::new() } else { format!(" Failed: {}.", names.join(", ")) };
    let sum = checks::sum(results);
    (!results.checks.is_empty()).then(|| format!("{}{}.{named}", sum[..1].to_uppercase(), &sum[1..]))
}

/// "Shares are of requests that ended: 42.2 % had not when the run was over." Said where it matters.
fn unfinished(results: &Results) -> Option<String> {
    let row = figures::run(results)?;
    let (requests, ended) = (row.requests?.value, row.ended?);
    let share = 100.0 * (requests - ended) / requests;
    (share >= 1.0).then(|| {
        format!("Shares are of requests that ended: {} % had not when the run was over.", words::percentage(share))
    })
}

/// "Failures: 81.0 % timeout, 19.0 % queue-full."
fn reasons(results: &Results) -> Option<String> {
    let row = figures::run(results)?;
    let total: f64 = row.failed.iter().map(|(_, count)| count).sum();
    let share = |(reason, count): &(&str, f64)| format!("{} % {reason}", words::percentage(100.0 * count / total));
    let shares: Vec<String> = row.failed.iter().take(4).map(share).collect();
    (!shares.is_empty()).then(|| format!("Failures: {}.", shares.join(", ")))
}

/// "Worst at 0:12:10: 340 failures a second, of 1,200 requests offered in one sample of 10 s."
fn worst_failures(results: &Results) -> Option<String> {
    let series = total_traffic(results)?;
    let group = series.groups.first()?;
    let column = |name: &str| series.columns.iter().position(|column| column.name == name).map(|at| &group.values[at]);
    let (offered, failed) = (column("offered")?, column("failed")?);
    let at = position_of_max(failed)?;
    let rate = |value: f64| words::count(if value >= 100.0 { value.round() } else { value });
    let when = words::clock(*group.t_s.get(at)?);
    (failed[at] > 0.0).then(|| {
        format!(
            "Worst at {when}{}: {} failures a second, of {} requests offered{}.",
            of_first(results),
            rate(failed[at]),
            rate(offered[at]),
            in_one_sample(group, at)
        )
    })
}

/// The traffic of the run as a whole; that of the only workload if it has no series of its own.
pub(crate) fn total_traffic(results: &Results) -> Option<&Series> {
    let of_kind = |kind: &str| results.series.iter().find(|series| series.name == "traffic" && series.kind == kind);
    of_kind("run").or_else(|| of_kind("workload").filter(|series| series.groups.len() == 1))
}

/// "Slowest at 0:12:20: p99 of crowd reached 1.90 s in one sample of 10 s."
fn slowest(results: &Results) -> Option<String> {
    let series = results.series.iter().find(|series| series.name == "latency" && series.kind == "workload")?;
    let column = series.columns.iter().position(|column| column.name == "p99")?;
    let peaks = series.groups.iter().filter_map(|group| {
        let at = position_of_max(group.values.get(column)?)?;
        Some((group.values[column][at], *group.t_s.get(at)?, group, at))
    });
    let (value, when, group, at) = peaks.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    let value = words::quantity(value, &series.columns[column].unit);
    let (when, subject, sample) = (words::clock(when), &group.subject, in_one_sample(group, at));
    Some(format!("Slowest at {when}{}: p99 of {subject} reached {value}{sample}.", of_first(results)))
}

/// " in one sample of 5 s": over what stretch the value at `at` was counted, where that can be told.
fn in_one_sample(group: &Group, at: usize) -> String {
    let known = group.t_s.get(at).zip(group.t_s.get(at.wrapping_sub(1)).or(group.t_s.get(at + 1)));
    known.map_or(String::new(), |(this, next)| format!(" in one sample of {}", words::length((this - next).abs())))
}

/// Whose moments the series know, where there is more than one run.
fn of_first(results: &Results) -> &'static str {
    if results.replications > 1 { " of the first run" } else { "" }
}

/// What the intervals rest on.
fn sources(results: &Results) -> Option<String> {
    let known = results.metrics.iter().any(|metric| figures::interval(metric).is_some());
    let warm_up = match results.warm_up_seconds {
        seconds if seconds > 0.0 => format!("Figures leave out a warm-up of {}.", words::length(seconds)),
        _ => String::new(),
    };
    let margins = if known { "± is half of the 95 % confidence interval." } else { "" };
    let text = [margins, &warm_up].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Where the greatest number is, the first of equals.
fn position_of_max(values: &[f64]) -> Option<usize> {
    let known = values.iter().enumerate().filter(|(_, value)| value.is_finite());
    known.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn told(results: &Results) -> String {
        let story = story(results);
        std::iter::once(story.headline).chain(story.details).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_outage_in_words() {
        insta::assert_snapshot!(told(&sample::outage()), @r"
        10,267,055 requests in 5 runs of 30 min: 2.70 % failed, p99 212.0 ± 6.4 ms.
        Failures: 81.0 % timeout, 19.0 % queue-full.
        Worst at 0:11:50 of the first run: 323 failures a second, of 1,042 requests offered in one sample of 10 s.
        Slowest at 0:14:50 of the first run: p99 of crowd reached 8.45 s in one sample of 10 s.
        ± is half of the 95 % confidence interval. Figures leave out a warm-up of 1 min.
        ");
    }

    #[test]
    fn a_cluster_in_words() {
        insta::assert_snapshot!(told(&sample::cluster()), @r"
        2,053,411 requests in 30 min: 2.70 % failed, p99 212.0 ± 6.4 ms.
        Failures: 81.0 % timeout, 19.0 % queue-full.
        Worst at 0:11:50: 323 failures a second, of 1,042 requests offered in one sample of 10 s.
        Slowest at 0:14:50: p99 of crowd reached 8.45 s in one sample of 10 s.
        shop: 40 to 70 replicas, 30.7 replica-hours, 16 times out, 1 time in.
        Healing: 58 of 60 pods replaced (node lost), 1 under way, 5 min 43 s on average; 4 of 4 pods restarted (out of memory), 12.3 s on average.
        Cost: $12.30 for 5.20 node-hours.
        ± is half of the 95 % confidence interval. Figures leave out a warm-up of 1 min.
        ");
    }

    #[test]
    fn a_quiet_run_in_words() {
        insta::assert_snapshot!(told(&sample::quiet()), @r"
        75,600 requests in 30 min: none failed, p99 4.24 ms.
        Slowest at 0:23:40: p99 of visitors reached 4.40 ms in one sample of 10 s.
        ");
    }

    #[test]
    fn a_run_that_measured_nothing() {
        let mut results = sample::quiet();
        results.requests = 0;
        results.metrics.clear();
        results.series.clear();
        insta::assert_snapshot!(told(&results), @"No requests in 30 min.");
    }
}
