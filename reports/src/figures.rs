//! The figures of each subject, gathered from the flat list of metrics into rows of a table.
//!
//! [`Results`] is tidy: a metric a line, named by convention. Tables, headlines and the choice of
//! the busiest subjects all need the same few of them; they are looked up here and nowhere else.

use sim_core::results::{Metric, Results};

/// The percentiles that tables show, with their headings.
pub(crate) const PERCENTILES: [(&str, &str); 4] =
    [("latency.p50", "p50"), ("latency.p95", "p95"), ("latency.p99", "p99"), ("latency.p999", "p99.9")];

/// How much of what a service has was in use, with their headings. A worker that waits for an answer is
/// busy and needs no processor, so the two differ; what pods request and are scaled by is the latter.
pub(crate) const LOADS: [(&str, &str); 2] = [("cpu", "CPU"), ("utilisation", "workers busy")];

/// What a table says of one subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row<'a> {
    pub(crate) subject: &'a str,
    pub(crate) requests: Option<&'a Metric>,
    /// How many ended, well or not.
    pub(crate) ended: Option<f64>,
    /// Of those that ended, how many ended well, in percent.
    pub(crate) ok: Option<f64>,
    /// Reasons with how many failed for them, most frequent first; none that is zero.
    pub(crate) failed: Vec<(&'a str, f64)>,
    /// As [`PERCENTILES`] orders them.
    pub(crate) percentiles: [Option<&'a Metric>; 4],
    /// As [`LOADS`] orders them.
    pub(crate) loads: [Option<&'a Metric>; 2],
}

/// The kinds of subjects that have figures, but for the run itself, in the order of the results.
pub(crate) fn kinds(results: &Results) -> Vec<&str> {
    let mut kinds: Vec<&str> = Vec::new();
    for metric in &results.metrics {
        if metric.kind != "run" && !kinds.contains(&metric.kind.as_str()) {
            kinds.push(&metric.kind);
        }
    }
    kinds
}

/// A row a subject of `kind`, in the order of the results.
pub(crate) fn rows<'a>(results: &'a Results, kind: &str) -> Vec<Row<'a>> {
    let mut rows: Vec<(Row<'a>, [Option<f64>; 2])> = Vec::new();
    for metric in results.metrics.iter().filter(|metric| metric.kind == kind) {
        // Metrics come grouped by subject, so the last row is nearly always the one.
        let at = rows.iter().rposition(|(row, _)| row.subject == metric.subject).unwrap_or_else(|| {
            rows.push((Row { subject: &metric.subject, ..Row::default() }, [None; 2]));
            rows.len() - 1
        });
        let (row, [ok, failed]) = &mut rows[at];
        match metric.name.as_str() {
            "requests" => row.requests = Some(metric),
            "calls" => row.requests = row.requests.or(Some(metric)),
            "ok" => *ok = Some(metric.value),
            "ok_share" => row.ok = Some(metric.value),
            "failed" => *failed = Some(metric.value),
            name => match name.strip_prefix("failed.") {
                Some(reason) if metric.value > 0.0 => row.failed.push((reason, metric.value)),
                _ => {
                    let of = |names: &[(&str, &str)]| names.iter().position(|(known, _)| *known == name);
                    if let Some(at) = of(&PERCENTILES) {
                        row.percentiles[at] = Some(metric);
                    } else if let Some(at) = of(&LOADS) {
                        row.loads[at] = Some(metric);
                    }
                }
            },
        }
    }
    rows.into_iter().map(|(row, ended)| finished(row, ended)).collect()
}

fn finished<'a>(mut row: Row<'a>, [ok, failed]: [Option<f64>; 2]) -> Row<'a> {
    row.failed.sort_by(|a, b| b.1.total_cmp(&a.1));
    if let (Some(ok), Some(failed)) = (ok, failed) {
        row.ended = Some(ok + failed);
        if row.ok.is_none() && ok + failed > 0.0 {
            row.ok = Some(100.0 * ok / (ok + failed));
        }
    }
    row
}

/// The row of the run as a whole; of its only workload if there is none.
pub(crate) fn run(results: &Results) -> Option<Row<'_>> {
    let total = rows(results, "run").into_iter().next();
    total.filter(|row| row.requests.is_some() || row.ok.is_some()).or_else(|| {
        let mut workloads = rows(results, "workload");
        if workloads.len() == 1 { workloads.pop() } else { None }
    })
}

/// Both ends of a metric's interval, where it has them.
pub(crate) fn interval(metric: &Metric) -> Option<(f64, f64)> {
    metric.low.zip(metric.high).filter(|(low, high)| low.is_finite() && high.is_finite())
}

/// How much a subject was used, to tell the busiest; zero if it was not counted.
pub(crate) fn traffic(results: &Results, kind: &str, subject: &str) -> f64 {
    let counted = ["requests", "calls"].into_iter().find_map(|name| results.metric(kind, subject, name));
    counted.map_or(0.0, |metric| metric.value).max(0.0)
}
