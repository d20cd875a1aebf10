//! Verdicts from counters.

use models::rollout::analysis::{Counters, Limits, Status, verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::json::{self, expect, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    metric: Metric,
    result: Counts,
    last_measurement: Option<String>,
    terminating: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    failure_limit: Option<i32>,
    inconclusive_limit: Option<u32>,
    consecutive_error_limit: Option<u32>,
    consecutive_success_limit: Option<u32>,
    count: Option<u32>,
    interval: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    failed: u32,
    successful: u32,
    inconclusive: u32,
    consecutive_error: u32,
    consecutive_success: u32,
    count: u32,
}

fn metric_status(input: Input) -> Result<Status, String> {
    let Metric { failure_limit, inconclusive_limit, consecutive_error_limit, .. } = input.metric;
    let limits = Limits {
        failure: failure_limit,
        inconclusive: inconclusive_limit,
        consecutive_error: consecutive_error_limit,
        consecutive_success: input.metric.consecutive_success_limit,
        count: input.metric.count,
        repeated: input.metric.interval.is_some_and(|interval| !interval.is_empty()),
    };
    let last_is_complete = match input.last_measurement.as_deref() {
        None => None,
        Some("completed") => Some(true),
        Some("inFlight") => Some(false),
        Some(other) => return Err(format!("no measurement is {other}")),
    };
    let Counts { failed, successful, inconclusive, consecutive_error, consecutive_success, count } = input.result;
    let counters =
        Counters { failed, successful, inconclusive, consecutive_error, consecutive_success, count, last_is_complete };
    Ok(limits.assess(&counters, input.terminating))
}

/// A run of several metrics: the phase of each, and whether it only tries.
fn run_status(input: &Value) -> Result<Status, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Part {
        #[serde(alias = "status")]
        phase: String,
        #[serde(default)]
        dry_run: bool,
    }
    let parts: Vec<Part> = read(&input["metrics"])?;
    let all =
        [Status::Pending, Status::Running, Status::Successful, Status::Inconclusive, Status::Error, Status::Failed];
    let named = |part: &Part| {
        let found = all.into_iter().find(|status| status.label() == part.phase);
        found.ok_or_else(|| format!("no phase is {}", part.phase))
    };
    let counted = parts.iter().filter(|part| !part.dry_run).map(named).collect::<Result<Vec<_>, _>>()?;
    Ok(verdict(&counted))
}

pub(crate) fn argo_analysis(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        let status = match kind {
            "analysis.metric_status" => metric_status(read(input)?)?,
            "analysis.run_status" => run_status(input)?,
            _ => return Err(format!("nobody knows the kind {kind}")),
        };
        expect(expected, "phase", status.label())
    })
}
