//! The prober against the kubelet's own tests: one worker, tick by tick, each with its outcome at once.

use models::pod::probe::{
    ContainerState, ContainerView, ProbeKind, ProbeOutcome, ProbeSettings, ProbedPod, Prober, Tick, Verdict,
};
use models::pod::{ContainerId, Phase, RestartPolicy};
use serde_json::Value;
use sim_core::{Span, Time};

use crate::case::Case;
use crate::json;

/// The clock stands still; what runs began before.
const NOW: Time = Time::from_nanos(1_000_000_000_000_000);

/// What the worker shows after each tick.
#[derive(Default)]
struct Shown {
    results: Vec<Value>,
    continues: Vec<Value>,
    set: Vec<Value>,
    on_hold: Vec<Value>,
    streaks: Vec<Value>,
}

pub(crate) fn probes(file: &str) -> Vec<Case> {
    json::cases(file, |_, input, expected| {
        let mut prober = Prober::new(kind(input)?, settings(input));
        let mut shown = Shown::default();
        for step in steps(input) {
            let continues = tick(&mut prober, input, &step)?;
            shown.push(&prober, continues);
        }
        if shown.results.is_empty() {
            shown.push(&prober, true);
        }
        expect(expected, "result", &shown.results)?;
        expect(expected, "results", &shown.results)?;
        expect(expected, "continues", &shown.continues)?;
        expect(expected, "resultSet", &shown.set)?;
        expect(expected, "onHold", &shown.on_hold)?;
        expect(expected, "runCount", &shown.streaks)
    })
}

impl Shown {
    fn push(&mut self, prober: &Prober, continues: bool) {
        let verdict = match prober.verdict() {
            Verdict::Unknown => "Unknown",
            Verdict::Success => "Success",
            Verdict::Failure => "Failure",
        };
        self.results.push(verdict.into());
        self.continues.push(continues.into());
        self.set.push(prober.has_result().into());
        self.on_hold.push(prober.is_on_hold().into());
        self.streaks.push(prober.streak().into());
    }
}

/// A list is expected step by step, anything else at the end; "unset" is any result to begin with.
fn expect(expected: &Value, key: &str, shown: &[Value]) -> Result<(), String> {
    match expected.get(key) {
        Some(Value::Array(_)) => json::expect(expected, key, shown),
        Some(Value::String(unset)) if unset == "unset" => Ok(()),
        _ => json::expect(expected, key, shown.last().cloned()),
    }
}

fn kind(input: &Value) -> Result<ProbeKind, String> {
    match input["type"].as_str() {
        Some("startup") => Ok(ProbeKind::Startup),
        Some("liveness") => Ok(ProbeKind::Liveness),
        Some("readiness") => Ok(ProbeKind::Readiness),
        other => Err(format!("no type of probe: {other:?}")),
    }
}

/// Where a case says nothing, the kubelet's tests take thresholds of 1.
fn settings(input: &Value) -> ProbeSettings {
    let count = |key: &str| input[key].as_u64().map_or(1, |count| count as u32);
    ProbeSettings {
        // No time is negative here; less than none is none.
        initial_delay: Span::from_secs_f64(input["initialDelaySeconds"].as_f64().unwrap_or(0.0)),
        success_threshold: count("successThreshold"),
        failure_threshold: count("failureThreshold"),
        ..ProbeSettings::default()
    }
}

/// The ticks of a case: full steps, or outcomes alone, or a single one.
fn steps(input: &Value) -> Vec<Value> {
    let outcome = |probe: &Value| serde_json::json!({ "probe": probe });
    match (&input["steps"], &input["probes"], input.get("probe")) {
        (Value::Array(steps), ..) => steps.clone(),
        (_, Value::Array(probes), _) => probes.iter().map(outcome).collect(),
        (.., Some(probe)) => vec![outcome(probe)],
        _ => Vec::new(),
    }
}

/// One tick; tells whether the worker goes on.
fn tick(prober: &mut Prober, input: &Value, step: &Value) -> Result<bool, String> {
    let pod = pod(prober.kind(), input, step)?;
    match prober.tick(NOW, &pod) {
        Tick::Stop => Ok(false),
        Tick::Skip(_) => Ok(true),
        Tick::Probe => {
            let outcome = match &step["probe"] {
                Value::String(text) if text == "Success" || text == "Warning" => ProbeOutcome::Success,
                Value::String(text) if text == "Failure" => ProbeOutcome::Failure,
                Value::String(_) => ProbeOutcome::Error,
                _ => return Err("a probe runs that should not".to_owned()),
            };
            prober.outcome(outcome);
            Ok(true)
        }
    }
}

/// The pod at a step, which may say more than the case does for all steps.
fn pod(kind: ProbeKind, input: &Value, step: &Value) -> Result<ProbedPod, String> {
    let said = |key: &str| step.get(key).or_else(|| input.get(key));
    let phase = match said("phase") {
        None => Some(Phase::Running),
        Some(Value::Null) => None,
        Some(phase) => Some(json::phase(phase)?),
    };
    let age = Span::from_secs_f64(said("secondsSinceStart").and_then(Value::as_f64).unwrap_or(0.0));
    let state = match said("container").map(Value::as_str) {
        None | Some(Some("running")) => {
            Some(ContainerState::Running(Time::from_nanos(NOW.as_nanos() - age.as_nanos())))
        }
        Some(Some("waiting")) => Some(ContainerState::Waiting),
        Some(Some("terminated")) => Some(ContainerState::Terminated),
        Some(None) => None,
        Some(Some(other)) => return Err(format!("no state of a container: {other}")),
    };
    let restart_policy = match said("restartPolicy").and_then(Value::as_str) {
        None | Some("Always") => RestartPolicy::Always,
        Some("OnFailure") => RestartPolicy::OnFailure,
        Some("Never") => RestartPolicy::Never,
        Some(other) => return Err(format!("no restart policy: {other}")),
    };
    let started = said("started").and_then(Value::as_bool).unwrap_or(kind != ProbeKind::Startup);
    let id = ContainerId(said("containerID").and_then(Value::as_str).map_or(0, number));
    let container = state.map(|state| ContainerView { id, state, started });
    let terminating = said("deleted").and_then(Value::as_bool).unwrap_or(false);
    Ok(ProbedPod { phase, terminating, restart_policy, container })
}

/// A number for a name, another for another.
fn number(name: &str) -> u32 {
    name.bytes().fold(1, |number: u32, byte| number.wrapping_mul(257).wrapping_add(u32::from(byte)))
}
