//! The figures of a run on standard output: one JSON object, or a table.

use std::fmt::Write as _;

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
    json!({
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
    })
}

/// The figures of one service or workload: failures by reason and quantiles in groups of their own.
fn subject_object(results: &Results, kind: &str, subject: &str) -> Value {
    let mut object = Map::new();
    let mut failed = Map::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind && metric.subject == subject) {
        let value = json!(metric.value);
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

fn subjects<'a>(results: &'a Results, kind: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind) {
        if names.last() != Some(&metric.subject.as_str()) {
            names.push(&metric.subject);
        }
    }
    names
}

/// The figures as a person reads them at a glance.
pub(crate) fn table(run: &Run) -> String {
    let results = &run.results;
    let mut text = format!("{}\n", results.scenario);
    let replications = match results.replications {
        1 => String::new(),
        several => format!(" in {several} replications"),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} requests, {} events, {:.0} s of virtual time{replications}; seed {}, digest {:016x}\n",
        results.requests, results.events, results.simulated_seconds, results.seed, results.digest
    );
    for kind in ["workload", "service"] {
        let names = subjects(results, kind);
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(kind.len());
        let _ = write!(text, "{kind:width$}");
        for (heading, _) in COLUMNS {
            let _ = write!(text, "  {heading:>12}");
        }
        text.push('\n');
        for name in names {
            let _ = write!(text, "{name:width$}");
            for (_, metric) in COLUMNS {
                let _ = write!(text, "  {:>12}", results.metric(kind, name, metric).map_or_else(String::new, figure));
            }
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

const COLUMNS: &[(&str, &str)] = &[
    ("requests", "requests"),
    ("ok", "ok_share"),
    ("p50", "latency.p50"),
    ("p95", "latency.p95"),
    ("p99", "latency.p99"),
    ("p99.9", "latency.p999"),
    ("utilisation", "utilisation"),
];

fn figure(metric: &Metric) -> String {
    match metric.unit.as_str() {
        "requests" => format!("{:.0}", metric.value),
        "%" => format!("{:.2} %", metric.value),
        unit => format!("{:.1} {unit}", metric.value),
    }
}
