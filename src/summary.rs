//! The figures of a run as one JSON object, for programs.
//!
//! Counts are sums over the replications, so that they are whole numbers that add up; all else is
//! the replications' mean. Durations end in `_ms`; shares are fractions from 0 to 1.

use scenarios::run::Run;
use serde_json::{Map, Value, json};
use sim_core::results::{Metric, Results};

/// The run as one JSON object; figures that were not measured are null.
pub(crate) fn object(run: &Run) -> Value {
    let results = &run.results;
    let of_kind = |kind: &str| -> Value {
        let subject = |name: &str| (name.to_owned(), subject_object(results, kind, name));
        subjects(results, kind).into_iter().map(subject).collect::<Map<_, _>>().into()
    };
    let mut object = json!({
        "scenario": results.scenario,
        "seed": results.seed,
        "replications": results.replications,
        "interrupted": run.interrupted,
        "digest": format!("{:016x}", results.digest),
        "events": results.events,
        "requests": results.requests,
        "simulated_seconds": results.simulated_seconds,
        "services": of_kind("service"),
        "workloads": of_kind("workload"),
    });
    if !results.checks.is_empty() {
        object["checks"] = json!(results.checks);
    }
    if results.metrics.iter().any(|metric| metric.kind == "cluster") {
        object["cluster"] = cluster_object(results);
    }
    object
}

/// The figures of the cluster: healings by action and cause in a group of their own.
fn cluster_object(results: &Results) -> Value {
    let mut object = Map::new();
    let mut healing = Map::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == "cluster") {
        let value = value(metric, results.replications);
        match metric.name.strip_prefix("healing.").and_then(|kind| kind.rsplit_once('.')) {
            Some((kind, what)) => {
                let unit = if metric.unit == "s" { "_s" } else { "" };
                healing.entry(kind.replace('.', "_")).or_insert_with(|| json!({}))[format!("{what}{unit}")] = value;
            }
            None => drop(object.insert(metric.name.replace('.', "_"), value)),
        }
    }
    object.insert("healing".to_owned(), healing.into());
    object.into()
}

/// The figures of one service or workload: failures by reason and quantiles in groups of their own.
fn subject_object(results: &Results, kind: &str, subject: &str) -> Value {
    let mut object = Map::new();
    let mut failed = Map::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind && metric.subject == subject) {
        let value = value(metric, results.replications);
        match metric.name.split_once('.') {
            Some(("failed", reason)) => drop(failed.insert(reason.to_owned(), value)),
            _ if metric.name == "failed" => drop(failed.insert("total".to_owned(), value)),
            // "latency.p99" is "p99_ms", "wait.mean" is "wait_mean_ms".
            _ => {
                let unit = if metric.unit == "ms" { "_ms" } else { "" };
                let name = metric.name.strip_prefix("latency.").unwrap_or(&metric.name).replace('.', "_");
                object.insert(format!("{name}{unit}"), value);
            }
        }
    }
    object.insert("failed".to_owned(), failed.into());
    object.into()
}

/// A figure as programs expect it; one that was not measured is null.
fn value(metric: &Metric, replications: u32) -> Value {
    match metric.unit.as_str() {
        "requests" if COUNTS.iter().any(|count| metric.name.starts_with(count)) => {
            json!((metric.value * f64::from(replications)).round() as u64)
        }
        "%" => json!(metric.value / 100.0),
        _ => json!(metric.value),
    }
}

/// What is counted, in contrast to means such as the requests waiting.
const COUNTS: [&str; 4] = ["requests", "ok", "failed", "attempts"];

fn subjects<'a>(results: &'a Results, kind: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind) {
        if names.last() != Some(&metric.subject.as_str()) {
            names.push(&metric.subject);
        }
    }
    names
}
