//! Rate limits, scale events and stabilisation.

use models::scale::Bounds;
use models::scale::hpa::behavior::Rules;
use models::scale::hpa::defaults::DOWNSCALE_STABILIZATION;
use models::scale::hpa::history::Windows;
use models::scale::hpa::rates::{Recent, limit_plainly};
use serde::Deserialize;
use serde_json::Value;
use sim_core::Span;

use super::{
    BehaviorCase, EventCase, PolicyCase, RecommendationCase, behavior_settings, changes, now, policy, recommendations,
    select,
};
use crate::case::Case;
use crate::json::{self, expect, read};

pub(crate) fn behavior(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "hpa.rate_limit" => rate_limit(read(input)?, expected),
        "hpa.policy_limit" => policy_limit(read(input)?, expected),
        "hpa.legacy_limit" => legacy_limit(read(input)?, expected),
        "hpa.store_event" => store_event(read(input)?, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

pub(crate) fn stabilization(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "hpa.stabilize_legacy" => stabilize_legacy(read(input)?, expected),
        "hpa.stabilize_behavior" => stabilize_behavior(read(input)?, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    min_replicas: Option<u32>,
    max_replicas: u32,
    current_replicas: u32,
    prenormalized_desired: u32,
    #[serde(default)]
    scale_up_events: Option<Vec<EventCase>>,
    #[serde(default)]
    scale_down_events: Option<Vec<EventCase>>,
    behavior: Option<BehaviorCase>,
}

fn recent(ups: &Option<Vec<EventCase>>, downs: &Option<Vec<EventCase>>) -> Recent {
    let of = |events: &Option<Vec<EventCase>>| changes(events.as_deref().unwrap_or_default());
    Recent { ups: of(ups), downs: of(downs) }
}

fn rate_limit(case: RateLimit, expected: &Value) -> Result<(), String> {
    let bounds = Bounds { min: case.min_replicas.unwrap_or(1), max: case.max_replicas };
    let (current, wish) = (case.current_replicas, case.prenormalized_desired);
    let (desired, reason) = match &case.behavior {
        Some(behavior) => {
            let rules = behavior_settings(behavior)?.filled(DOWNSCALE_STABILIZATION);
            recent(&case.scale_up_events, &case.scale_down_events).limit(now(), current, wish, bounds, &rules)
        }
        None => limit_plainly(current, wish, bounds),
    };
    expect(expected, "desired", desired)?;
    expect(expected, "reason", reason.label())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyLimit {
    direction: String,
    current_replicas: u32,
    #[serde(default)]
    policies: Option<Vec<PolicyCase>>,
    #[serde(default)]
    select_policy: Option<String>,
    #[serde(default)]
    scale_up_events: Option<Vec<EventCase>>,
    #[serde(default)]
    scale_down_events: Option<Vec<EventCase>>,
}

/// Rules of these policies, for either direction.
fn of_policies(policies: &[PolicyCase], selected: Option<&str>) -> Result<Rules, String> {
    let policies = policies.iter().map(policy).collect::<Result<_, _>>()?;
    Ok(Rules { window: Span::ZERO, policies, select: select(selected.unwrap_or("Max"))? })
}

fn policy_limit(case: PolicyLimit, expected: &Value) -> Result<(), String> {
    let rules = of_policies(case.policies.as_deref().unwrap_or_default(), case.select_policy.as_deref())?;
    let recent = recent(&case.scale_up_events, &case.scale_down_events);
    let limit = match case.direction.as_str() {
        "up" => recent.up_limit(now(), case.current_replicas, &rules),
        "down" => recent.down_limit(now(), case.current_replicas, &rules),
        other => return Err(format!("no direction is named {other}")),
    };
    expect(expected, "limit", limit)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LegacyLimit {
    current_replicas: u32,
    desired: u32,
    min_replicas: Option<u32>,
    max_replicas: u32,
}

fn legacy_limit(case: LegacyLimit, expected: &Value) -> Result<(), String> {
    let bounds = Bounds { min: case.min_replicas.unwrap_or(1), max: case.max_replicas };
    let (desired, reason) = limit_plainly(case.current_replicas, case.desired, bounds);
    expect(expected, "desired", desired)?;
    expect(expected, "reason", reason.label())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoreEvent {
    events: Vec<EventCase>,
    policies: Option<Vec<PolicyCase>>,
    new_change: u32,
    lookback_seconds: u64,
}

fn store_event(case: StoreEvent, expected: &Value) -> Result<(), String> {
    let mut changes = changes(&case.events);
    let rules = case.policies.as_ref().map(|policies| of_policies(policies, None)).transpose()?;
    expect(expected, "changeInLookback", changes.within(now(), Span::from_secs(case.lookback_seconds)))?;
    changes.record(now(), case.new_change, rules.as_ref());
    expect(expected, "storedAfter", changes.slots().iter().map(|change| change.replicas).collect::<Vec<_>>())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StabilizeLegacy {
    window_seconds: u64,
    recommendations: Vec<RecommendationCase>,
    prenormalized_desired: u32,
}

fn stabilize_legacy(case: StabilizeLegacy, expected: &Value) -> Result<(), String> {
    let mut kept = recommendations(&case.recommendations);
    let desired = kept.stabilize(now(), Span::from_secs(case.window_seconds), case.prenormalized_desired);
    expect(expected, "desired", desired)?;
    expect(expected, "storedCount", kept.slots().len())?;
    expect(expected, "storedAfter", kept.slots().iter().map(|slot| slot.replicas).collect::<Vec<_>>())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StabilizeBehavior {
    up_window_seconds: Option<u64>,
    down_window_seconds: Option<u64>,
    recommendations: Vec<RecommendationCase>,
    current_replicas: u32,
    prenormalized_desired: u32,
}

fn stabilize_behavior(case: StabilizeBehavior, expected: &Value) -> Result<(), String> {
    let mut kept = recommendations(&case.recommendations);
    let windows = Windows {
        up: case.up_window_seconds.map_or(Span::ZERO, Span::from_secs),
        down: case.down_window_seconds.map_or(DOWNSCALE_STABILIZATION, Span::from_secs),
    };
    let desired = kept.stabilize_between(now(), windows, case.current_replicas, case.prenormalized_desired);
    expect(expected, "desired", desired)?;
    expect(expected, "storedCount", kept.slots().len())?;
    expect(expected, "storedAfter", kept.slots().iter().map(|slot| slot.replicas).collect::<Vec<_>>())
}
