//! The HorizontalPodAutoscaler against Kubernetes' own table tests.
//!
//! Times in the files are seconds relative to now, down to "a zero timestamp" of two billion; now is
//! taken to be late enough for them.

mod calculation;
mod controller;
mod limits;

pub(crate) use calculation::replica_calc;
pub(crate) use controller::controller;
pub(crate) use limits::{behavior, stabilization};

use models::pod::Phase;
use models::scale::hpa::behavior::{Behavior, Policy, ScalingRules, Select};
use models::scale::hpa::changes::{Change, Changes};
use models::scale::hpa::history::{Recommendation, Recommendations};
use serde::Deserialize;
use sim_core::{Ratio, Span, Time};

/// In nanoseconds.
const NOW: i128 = 4_000_000_000_000_000_000;

fn now() -> Time {
    at(0.0)
}

/// The time `secs` seconds after now.
fn at(secs: f64) -> Time {
    let nanos = NOW + (secs * 1e9).round() as i128;
    Time::from_nanos(u64::try_from(nanos).expect("times are not that far away"))
}

fn phase(name: &str) -> Result<Phase, String> {
    Ok(match name {
        "Pending" => Phase::Pending,
        "Running" => Phase::Running,
        "Succeeded" => Phase::Succeeded,
        "Failed" => Phase::Failed,
        "Unknown" => Phase::Unknown,
        _ => return Err(format!("no phase is named {name}")),
    })
}

#[derive(Deserialize)]
struct EventCase {
    change: u32,
    age: f64,
}

fn changes(events: &[EventCase]) -> Changes {
    Changes::new(events.iter().map(|event| Change { at: at(-event.age), replicas: event.change }).collect())
}

#[derive(Deserialize)]
struct RecommendationCase {
    replicas: u32,
    age: f64,
}

fn recommendations(cases: &[RecommendationCase]) -> Recommendations {
    let kept = cases.iter().map(|case| Recommendation { at: at(-case.age), replicas: case.replicas });
    Recommendations::new(kept.collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyCase {
    r#type: String,
    value: u32,
    period_seconds: u64,
}

fn policy(case: &PolicyCase) -> Result<Policy, String> {
    let period = Span::from_secs(case.period_seconds);
    match case.r#type.as_str() {
        "Pods" => Ok(Policy::Pods { value: case.value, period }),
        "Percent" => Ok(Policy::Percent { value: Ratio::new(f64::from(case.value) / 100.0), period }),
        other => Err(format!("no policy is named {other}")),
    }
}

fn select(name: &str) -> Result<Select, String> {
    match name {
        "Max" => Ok(Select::Max),
        "Min" => Ok(Select::Min),
        "Disabled" => Ok(Select::Disabled),
        _ => Err(format!("nothing selects {name}")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BehaviorCase {
    scale_up: Option<RulesCase>,
    scale_down: Option<RulesCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RulesCase {
    policies: Option<Vec<PolicyCase>>,
    stabilization_window_seconds: Option<u64>,
    select_policy: Option<String>,
    tolerance: Option<f64>,
}

fn rules(case: &RulesCase) -> Result<ScalingRules, String> {
    let policies = case.policies.as_ref().map(|policies| policies.iter().map(policy).collect::<Result<_, _>>());
    Ok(ScalingRules {
        window: case.stabilization_window_seconds.map(Span::from_secs),
        policies: policies.transpose()?,
        select: case.select_policy.as_deref().map(select).transpose()?,
        tolerance: case.tolerance.map(Ratio::new),
    })
}

fn behavior_settings(case: &BehaviorCase) -> Result<Behavior, String> {
    let given = |rules_case: &Option<RulesCase>| rules_case.as_ref().map(rules).transpose();
    Ok(Behavior { scale_up: given(&case.scale_up)?, scale_down: given(&case.scale_down)? })
}
