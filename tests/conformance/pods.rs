//! Back-off, endpoints, disruption budgets and the order of deletion against Kubernetes' own tests.

use std::cmp::Ordering;

use models::amount::Amount;
use models::pod::Phase;
use models::pod::backoff::{Backoff, CrashLoop, CrashLoopSettings};
use models::pod::budget::{DisruptionBudget, Guarded};
use models::pod::delete_rank::{Deletable, DeleteRank};
use models::pod::endpoints::EndpointPod;
use serde::Deserialize;
use serde_json::{Map, Value};
use sim_core::{Span, Time};

use crate::case::Case;
use crate::json::{self, expect, read};

/// Far enough from the beginning that all ages fit in between.
const NOW: Time = Time::from_nanos(1_000_000_000_000_000_000);

fn secs(span: Span) -> Value {
    span.as_secs_f64().into()
}

fn flag(input: &Value, key: &str) -> bool {
    input[key].as_bool().unwrap_or(false)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackoffInput {
    initial: f64,
    max: f64,
    #[serde(default = "one", alias = "stepBetweenCalls")]
    step: f64,
    #[serde(default)]
    calls: usize,
    #[serde(default)]
    order: String,
    #[serde(default)]
    ops: Vec<String>,
    #[serde(default)]
    nexts: usize,
    #[serde(default, alias = "queryAfter")]
    idle: f64,
    #[serde(default)]
    then_next: bool,
    #[serde(default)]
    ticks: Vec<f64>,
    #[serde(default)]
    run_seconds: Vec<f64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

fn one() -> f64 {
    1.0
}

/// A back-off and its clock.
struct Bench {
    backoff: Backoff,
    now: Time,
    updated: Time,
}

impl Bench {
    fn new(input: &BackoffInput) -> Bench {
        let mut backoff = Backoff::new(Span::from_secs_f64(input.initial), Span::from_secs_f64(input.max));
        // One test replaces the rule of expiry by its opposite: what is younger than `max` expires.
        let replaced = |key: &String| ["expir", "custom", "gc"].iter().any(|word| key.to_lowercase().contains(word));
        if input.others.keys().any(replaced) {
            backoff = backoff.expiring(if input.idle < input.max { Span::ZERO } else { Span::MAX });
        }
        Bench { backoff, now: Time::ZERO, updated: Time::ZERO }
    }

    fn pass(&mut self, secs: f64) {
        self.now = self.now + Span::from_secs_f64(secs);
    }

    fn next(&mut self) {
        self.backoff.next(self.now, self.now);
        self.updated = self.now;
    }

    fn nexts(&mut self, input: &BackoffInput) {
        for _ in 0..input.nexts {
            self.pass(input.step);
            self.next();
        }
    }
}

pub(crate) fn backoff(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        let input: BackoffInput = read(input)?;
        let mut bench = Bench::new(&input);
        match kind {
            "backoff.series" => {
                let next_first = input.order.starts_with("next");
                let mut got = Vec::new();
                for _ in 0..input.calls {
                    bench.pass(input.step);
                    if next_first {
                        bench.next();
                    }
                    got.push(secs(bench.backoff.get()));
                    if !next_first {
                        bench.next();
                    }
                }
                expect(expected, "get", got)
            }
            "backoff.since_update" => {
                let ask = |&tick: &f64| {
                    bench.now = Time::ZERO + Span::from_secs_f64(tick);
                    let waiting = bench.backoff.is_waiting_since_update(bench.now);
                    if !waiting {
                        bench.next();
                    }
                    waiting
                };
                expect(expected, "inBackOff", input.ticks.iter().map(ask).collect::<Vec<_>>())
            }
            "backoff.crash_loop" => expect(expected, "delays", crash_loop(&input)),
            "backoff.reset" | "backoff.expiry" | "backoff.high_water" | "backoff.gc" => {
                after_idling(&mut bench, &input, expected)
            }
            _ => Err(format!("nobody knows the kind {kind}")),
        }
    })
}

/// Steps, then a time without, then a look.
fn after_idling(bench: &mut Bench, input: &BackoffInput, expected: &Value) -> Result<(), String> {
    for op in &input.ops {
        match op.as_str() {
            "next" => bench.next(),
            "reset" => bench.backoff.reset(),
            _ => return Err(format!("nobody knows the operation {op}")),
        }
    }
    bench.nexts(input);
    bench.pass(input.idle);
    expect(expected, "inBackOff", bench.backoff.is_waiting_since(bench.now, bench.updated))?;
    if input.then_next {
        bench.next();
    }
    expect(expected, "get", secs(bench.backoff.get()))?;
    expect(expected, "kept", bench.backoff.collect(bench.now))
}

fn crash_loop(input: &BackoffInput) -> Vec<Value> {
    let [initial, max] = [input.initial, input.max].map(Span::from_secs_f64);
    let mut crash_loop = CrashLoop::new(&CrashLoopSettings { initial, max, stable: max * 2 });
    let mut started = Time::ZERO;
    let delay = |&run: &f64| {
        let ended = started + Span::from_secs_f64(run);
        started = crash_loop.ended(ended);
        secs(started.since(ended))
    };
    input.run_seconds.iter().map(delay).collect()
}

pub(crate) fn endpoints(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        let addresses = input["podIPs"].as_array().is_some_and(|ips| !ips.is_empty());
        let pod = EndpointPod {
            phase: input.get("phase").map_or(Ok(Phase::Running), json::phase)?,
            has_address: addresses || input["podIP"].as_str().is_some_and(|ip| !ip.is_empty()),
            ready: flag(input, "podReady"),
            terminating: flag(input, "terminating"),
        };
        match kind {
            "endpoints.include" => expect(expected, "included", pod.is_endpoint(flag(input, "includeTerminating"))),
            "endpoints.conditions" => {
                let conditions = pod.conditions(flag(input, "publishNotReadyAddresses"));
                expect(expected, "ready", conditions.ready)?;
                expect(expected, "serving", conditions.serving)?;
                expect(expected, "terminating", conditions.terminating)
            }
            _ => Err(format!("nobody knows the kind {kind}")),
        }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BudgetInput {
    min_available: Option<Amount>,
    max_unavailable: Option<Amount>,
    controller_scale: Option<u32>,
    #[serde(default)]
    controller_scales: Vec<u32>,
    healthy: u32,
    pods: Option<u32>,
}

pub(crate) fn pdb(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        if kind != "pdb.status" {
            return Err(format!("nobody knows the kind {kind}"));
        }
        let input: BudgetInput = read(input)?;
        let budget = match (input.min_available, input.max_unavailable) {
            (Some(amount), None) => DisruptionBudget::MinAvailable(amount),
            (None, Some(amount)) => DisruptionBudget::MaxUnavailable(amount),
            _ => return Err("a budget has one of minAvailable and maxUnavailable".to_owned()),
        };
        let pods = input.pods.unwrap_or(input.healthy);
        // Controllers are found by the pods that they own.
        let mut scales: Vec<u32> = input.controller_scale.into_iter().chain(input.controller_scales).collect();
        if input.pods == Some(0) {
            scales.clear();
        }
        let status = budget.status(&Guarded { pods, healthy: input.healthy, scales: &scales });
        expect(expected, "disruptionsAllowed", status.allowed)?;
        expect(expected, "currentHealthy", status.healthy)?;
        expect(expected, "desiredHealthy", status.desired)?;
        expect(expected, "expectedPods", status.expected)
    })
}

pub(crate) fn pod_delete_rank(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        if kind != "pods.delete_order" {
            return Err(format!("nobody knows the kind {kind}"));
        }
        let usual = DeleteRank::default();
        let rank = DeleteRank {
            deletion_cost: gate(input, "podDeletionCost").unwrap_or(usual.deletion_cost),
            logarithmic: gate(input, "logarithmicScaleDown").unwrap_or(usual.logarithmic),
        };
        let [one, other] = [deletable(&input["a"])?, deletable(&input["b"])?];
        let first = match rank.compare(NOW, &one, &other) {
            Ordering::Less => "a",
            Ordering::Greater => "b",
            Ordering::Equal => "equal",
        };
        expect(expected, "first", first)
    })
}

/// Whether a gate is on, if the case says so: `<name>Enabled`, or `<name>` alone.
fn gate(input: &Value, name: &str) -> Option<bool> {
    input.get(format!("{name}Enabled")).or_else(|| input.get(name)).and_then(Value::as_bool)
}

fn deletable(pod: &Value) -> Result<Deletable, String> {
    let since = |key: &str| {
        let age = pod[key].as_f64().map(Span::from_secs_f64);
        age.map(|age| Time::from_nanos(NOW.as_nanos() - age.as_nanos()))
    };
    let count = |key: &str| pod[key].as_u64().unwrap_or(0);
    Ok(Deletable {
        assigned: flag(pod, "node"),
        phase: json::phase(&pod["phase"])?,
        ready: flag(pod, "ready"),
        cost: pod["deletionCost"].as_i64().unwrap_or(0) as i32,
        colocated: count("rank") as u32,
        ready_since: since("readyAge"),
        restarts: count("restarts") as u32,
        created: since("createdAge"),
        id: count("uid"),
    })
}
