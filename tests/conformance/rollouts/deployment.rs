//! The deployment controller's rules.

use models::amount::Amount;
use models::rollout::sync::{self, PodReplacement, Scaled, Status};
use models::rollout::{Rolling, SetView};
use serde::Deserialize;
use serde_json::{Value, json};
use sim_core::Span;

use crate::case::Case;
use crate::json::{self, expect, read};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    strategy: Option<String>,
    #[serde(alias = "desired", alias = "deploymentReplicas")]
    replicas: u32,
    max_surge: Value,
    max_unavailable: Value,
    new_replicas: u32,
    old_replicas: u32,
    old_replica_sets: Vec<u32>,
    ready_from_old: u32,
    ready_from_new: u32,
    ready_pods: u32,
    max_cleanup: u32,
    pod_replacement_policy: Option<String>,
    old_terminating: Option<u32>,
    new_terminating: Option<u32>,
    old_status_replicas: u32,
    new_status_replicas: u32,
    #[serde(rename = "newRSUnsynced")]
    new_unsynced: bool,
    #[serde(rename = "oldRSUnsynced")]
    old_unsynced: bool,
}

/// An amount; what is not set is zero.
fn amount(value: &Value) -> Result<Amount, String> {
    if value.is_null() { Ok(Amount::Count(0)) } else { read(value) }
}

impl Input {
    fn is_rolling(&self) -> bool {
        self.strategy.as_deref() != Some("Recreate")
    }

    fn settings(&self) -> Result<Rolling, String> {
        let (max_surge, max_unavailable) = (amount(&self.max_surge)?, amount(&self.max_unavailable)?);
        let pod_replacement = match self.pod_replacement_policy.as_deref() {
            Some("TerminationComplete") => PodReplacement::TerminationComplete,
            Some("TerminationStarted" | "") | None => PodReplacement::TerminationStarted,
            Some(other) => return Err(format!("no policy of replacement: {other}")),
        };
        Ok(Rolling { max_surge, max_unavailable, pod_replacement, ..Rolling::default() })
    }

    fn surge(&self) -> Result<u32, String> {
        Ok(amount(&self.max_surge)?.of_rounded_up(self.replicas))
    }

    fn unavailable(&self) -> Result<u32, String> {
        let Rolling { max_surge, max_unavailable, .. } = self.settings()?;
        Ok(if self.is_rolling() { sync::unavailable_max(max_surge, max_unavailable, self.replicas) } else { 0 })
    }

    /// New and old set; ready is available.
    fn sets(&self) -> (SetView, SetView) {
        let set = |spec, ready, pods, ending: Option<u32>| SetView {
            spec,
            pods,
            ready,
            available: ready,
            ending: ending.unwrap_or(0),
        };
        let old_ready = self.ready_from_old + self.ready_pods;
        (
            set(self.new_replicas, self.ready_from_new, self.new_status_replicas, self.new_terminating),
            set(self.old_replicas, old_ready, self.old_status_replicas, self.old_terminating),
        )
    }
}

pub(crate) fn rolling_update(file: &str) -> Vec<Case> {
    json::cases(file, |kind, value, expected| {
        let rule = kind.strip_prefix("deploy.").ok_or_else(|| format!("nobody knows the kind {kind}"))?;
        match rule {
            "complete" | "progressing" | "timed_out" => progress(rule, value, expected),
            "rs_fraction" | "proportional_scale" => proportional(rule, value, expected),
            "cleanup_history" => history(value, expected),
            "resolve_fenceposts" => fenceposts(value, expected),
            "reconcile_new_rs" => reconcile_new(&read(value)?, expected),
            "new_rs_replicas" | "max_unavailable" | "min_available" | "reconcile_old_rs" | "cleanup_unhealthy"
            | "scale_down_old" => sizes(rule, &read(value)?, expected),
            _ => Err(format!("nobody knows the kind {kind}")),
        }
    })
}

fn fenceposts(value: &Value, expected: &Value) -> Result<(), String> {
    let input: Input = read(value)?;
    let (surge, unavailable) = match (amount(&input.max_surge), amount(&input.max_unavailable)) {
        (Ok(surge), Ok(unavailable)) => sync::fenceposts(surge, unavailable, input.replicas),
        _ => return expect(expected, "error", true),
    };
    expect(expected, "error", false)?;
    expect(expected, "surge", surge)?;
    expect(expected, "unavailable", unavailable)
}

fn sizes(rule: &str, input: &Input, expected: &Value) -> Result<(), String> {
    let (new, old) = input.sets();
    // A size that stays as it is is written as no decision.
    let changed = |size: u32| if size == old.spec { Value::Null } else { json!(size) };
    match rule {
        "new_rs_replicas" => {
            let all = input.new_replicas + input.old_replica_sets.iter().sum::<u32>();
            let room = (input.replicas + input.surge()?).saturating_sub(all);
            // Above the limit the rule leaves the size to its caller, which cuts it; Recreate knows no limit.
            let size = match input.is_rolling() {
                true if room == 0 => input.new_replicas,
                true => sync::grown(input.replicas, input.surge()?, input.new_replicas, all),
                false => input.replicas,
            };
            expect(expected, "newReplicas", size)
        }
        "max_unavailable" => expect(expected, "maxUnavailable", input.unavailable()?),
        "min_available" => {
            let least = if input.is_rolling() { input.replicas - input.unavailable()? } else { 0 };
            expect(expected, "minAvailable", least)
        }
        "reconcile_old_rs" => {
            let sizes = sync::shrunk(input.replicas, input.unavailable()?, &new, &[old]);
            expect(expected, "oldReplicas", changed(sizes[0]))
        }
        "cleanup_unhealthy" => {
            let cleaned = sync::clean_up(&[old], &mut [old.spec], input.max_cleanup);
            expect(expected, "cleaned", cleaned)
        }
        _ => {
            let mut sizes = [old.spec];
            let least = i64::from(input.replicas) - i64::from(input.unavailable()?);
            sync::spare(&mut sizes, i64::from(old.available) - least);
            expect(expected, "oldReplicas", changed(sizes[0]))
        }
    }
}

fn reconcile_new(input: &Input, expected: &Value) -> Result<(), String> {
    let settings = input.settings()?;
    let (new, old) = input.sets();
    let unknown = |ending: Option<u32>, unsynced: bool| ending.is_none() && !unsynced;
    let counts_ending = settings.pod_replacement == PodReplacement::TerminationComplete;
    let unsure =
        unknown(input.new_terminating, input.new_unsynced) || unknown(input.old_terminating, input.old_unsynced);
    if counts_ending && unsure && new.spec < input.replicas {
        return expect(expected, "error", true);
    }
    expect(expected, "error", false)?;
    let all = [new, old].iter().map(|set| sync::occupied(set, settings.pod_replacement)).sum();
    let size = sync::grown(input.replicas, input.surge()?, new.spec, all);
    expect(expected, "newReplicas", if size == new.spec { Value::Null } else { json!(size) })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    replicas: u32,
    updated: u32,
    ready: u32,
    available: u32,
}

impl From<Counts> for Status {
    fn from(Counts { replicas, updated, ready, available }: Counts) -> Status {
        Status { replicas, updated, ready, available }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProgressInput {
    desired: u32,
    current: u32,
    updated: u32,
    available: u32,
    before: Counts,
    after: Counts,
    progress_deadline_seconds: Option<f64>,
    seconds_since_last_update: Option<f64>,
    progressing_reason: Option<String>,
}

fn progress(rule: &str, value: &Value, expected: &Value) -> Result<(), String> {
    let input: ProgressInput = read(value)?;
    match rule {
        "complete" => {
            let ready = input.available;
            let status = Status { replicas: input.current, updated: input.updated, ready, available: input.available };
            expect(expected, "complete", status.is_complete(input.desired))
        }
        "progressing" => {
            let (before, after): (Status, Status) = (input.before.into(), input.after.into());
            expect(expected, "progressing", after.is_progress(&before))
        }
        _ => {
            let deadline = input.progress_deadline_seconds.map(Span::from_secs_f64);
            let since = Span::from_secs_f64(input.seconds_since_last_update.unwrap_or(0.0));
            // Nothing is known of a progress, or it was late already.
            let late = match input.progressing_reason.as_deref() {
                None => false,
                Some("ProgressDeadlineExceeded") => true,
                Some(reason) => sync::is_late(deadline, since, reason == "NewReplicaSetAvailable"),
            };
            expect(expected, "timedOut", late)
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScaleInput {
    deployment_replicas: u32,
    old_deployment_replicas: u32,
    status_replicas: u32,
    max_surge: Value,
    rs_replicas: u32,
    rs_max_replicas_annotation: Option<u32>,
    #[serde(rename = "newRS")]
    new: Option<u32>,
    #[serde(rename = "oldRSs")]
    old: Vec<u32>,
}

fn proportional(rule: &str, value: &Value, expected: &Value) -> Result<(), String> {
    let input: ScaleInput = read(value)?;
    let max_surge = amount(&input.max_surge)?;
    let surge = max_surge.of_rounded_up(input.deployment_replicas);
    if rule == "rs_fraction" {
        let set = Scaled { size: input.rs_replicas, max_before: input.rs_max_replicas_annotation };
        let delta = sync::fraction(set, input.deployment_replicas, surge, input.status_replicas);
        return expect(expected, "delta", delta);
    }
    let before = input.old_deployment_replicas;
    let max_before = Some(before + max_surge.of_rounded_up(before));
    let sets: Vec<Scaled> = input.new.iter().chain(&input.old).map(|&size| Scaled { size, max_before }).collect();
    let sizes = sync::proportional(&sets, input.new.is_some(), 0, input.deployment_replicas, surge, 0);
    let (new, old) = sizes.split_at(usize::from(input.new.is_some()));
    expect(expected, "newRS", new.first().map_or(Value::Null, |size| json!(size)))?;
    expect(expected, "oldRSs", old.to_vec())
}

fn history(value: &Value, expected: &Value) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Old {
        spec: u32,
        status: u32,
    }
    #[derive(Deserialize)]
    struct History {
        #[serde(rename = "revisionHistoryLimit")]
        limit: Option<usize>,
        #[serde(rename = "oldRSs")]
        old: Vec<Old>,
    }
    let History { limit, old } = read(value)?;
    let old: Vec<(u32, u32)> = old.iter().map(|set| (set.spec, set.status)).collect();
    expect(expected, "deleted", sync::forgotten(&old, limit.unwrap_or(usize::MAX)).len())
}
