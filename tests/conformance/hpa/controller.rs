//! One look of the controller at everything.

use models::pod::Phase;
use models::scale::hpa::behavior::Behavior;
use models::scale::hpa::calculator::{Calculator, Tolerances};
use models::scale::hpa::controller::{Controller, Spec};
use models::scale::hpa::defaults::{DOWNSCALE_STABILIZATION, SYNC_PERIOD, TOLERANCE};
use models::scale::hpa::groups::Startup;
use models::scale::hpa::measure::{Measure, PodMetric, Resource, Shared, SharedKind, total};
use models::scale::hpa::rates::Recent;
use models::scale::{Bounds, PodReading, Reading, Reason, Scale};
use serde::Deserialize;
use serde_json::Value;
use sim_core::Span;

use super::calculation::{resources, sample};
use super::{BehaviorCase, EventCase, RecommendationCase, at, behavior_settings, changes, now, phase, recommendations};
use crate::case::Case;
use crate::json::{self, expect, read};

pub(crate) fn controller(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "hpa.reconcile" => reconcile(&read(input)?, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reconcile {
    min_replicas: Option<u32>,
    max_replicas: u32,
    spec_replicas: u32,
    status_replicas: Option<u32>,
    #[serde(default)]
    metrics: Vec<MetricCase>,
    pods: Option<Vec<PodCase>>,
    recommendations: Option<Vec<RecommendationCase>>,
    #[serde(default)]
    scale_up_events: Option<Vec<EventCase>>,
    #[serde(default)]
    scale_down_events: Option<Vec<EventCase>>,
    behavior: Option<BehaviorCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricCase {
    r#type: String,
    resource: Option<String>,
    target_utilization: Option<i32>,
    target_average_value: Option<i64>,
    target_value: Option<i64>,
    value: Option<i64>,
    values: Option<Vec<i64>>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodCase {
    #[serde(default = "running")]
    phase: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default = "ready")]
    ready: Option<bool>,
    #[serde(default = "long_ago")]
    start: Option<f64>,
    #[serde(default = "zero")]
    ready_last_transition: Option<f64>,
    #[serde(default = "zero")]
    metric_timestamp: Option<f64>,
    #[serde(default)]
    metric_window: Option<f64>,
    #[serde(default = "request_default")]
    request: Option<u64>,
    #[serde(default)]
    usage: Option<i64>,
}

fn running() -> String {
    "Running".to_owned()
}

fn ready() -> Option<bool> {
    Some(true)
}

fn long_ago() -> Option<f64> {
    Some(-1e9)
}

fn zero() -> Option<f64> {
    Some(-2e9)
}

fn request_default() -> Option<u64> {
    Some(1_000)
}

impl PodCase {
    fn reading(&self) -> Result<PodReading, String> {
        let mut sample = self.usage.map(sample);
        if let Some(sample) = &mut sample {
            sample.at = at(self.metric_timestamp.unwrap_or(-2e9));
            sample.window = Span::from_secs_f64(self.metric_window.unwrap_or(60.0));
        }
        Ok(PodReading {
            phase: phase(&self.phase)?,
            deleting: self.deleted,
            ready: self.ready,
            started: self.start.map(at),
            ready_changed: self.ready_last_transition.map(at),
            requests: self.request.map(resources),
            sample,
        })
    }
}

impl MetricCase {
    /// The measure, whose signal is that of index `signal` if it has one.
    fn measure(&self, signal: usize, pod_metric: PodMetric) -> Measure {
        let resource = match self.resource.as_deref() {
            Some("memory") => Resource::Memory,
            _ => Resource::Cpu,
        };
        let kind = if self.r#type == "External" { SharedKind::External } else { SharedKind::Object };
        let shared = Shared { kind, signal };
        // No such kind of metric, or no such target: it fails whatever is measured.
        let never = Measure::Value(Shared { kind, signal: usize::MAX }, 1);
        let usage = PodMetric::Usage(resource);
        let (utilization, average, value) = (self.target_utilization, self.target_average_value, self.target_value);
        match self.r#type.as_str() {
            "Resource" | "ContainerResource" => utilization
                .map(|percent| Measure::Utilization(resource, percent))
                .or(average.map(|target| Measure::PerPod(usage, target))),
            "Pods" => average.map(|target| Measure::PerPod(pod_metric, target)),
            "Object" | "External" => average
                .map(|target| Measure::PerReplica(shared, target))
                .or(value.map(|target| Measure::Value(shared, target))),
            _ => None,
        }
        .unwrap_or(never)
    }

    /// What is measured, unless that failed.
    fn signal(&self) -> Option<i64> {
        if self.error.as_ref().is_some_and(|error| !matches!(error, Value::Null | Value::Bool(false))) {
            return None;
        }
        self.value.or_else(|| self.values.as_deref().filter(|values| !values.is_empty()).map(total))
    }
}

impl Reconcile {
    /// The pods with what resource metrics and, in this order, two metrics of the pods say of them.
    fn pods(&self) -> Result<Vec<PodReading>, String> {
        let status = self.status_replicas.unwrap_or(self.spec_replicas) as usize;
        let mut pods = match &self.pods {
            Some(pods) => pods.iter().map(PodCase::reading).collect::<Result<Vec<_>, _>>()?,
            None => vec![old_pod(); status],
        };
        let custom = self.metrics.iter().filter(|metric| metric.r#type == "Pods");
        for (number, metric) in custom.enumerate() {
            for (pod, &value) in pods.iter_mut().zip(metric.values.iter().flatten()) {
                let sample = pod.sample.get_or_insert_with(|| sample(value));
                match number {
                    0 => sample.requests = value,
                    1 => sample.in_flight = value,
                    _ => return Err("more than two metrics of the pods".to_owned()),
                }
            }
        }
        Ok(pods)
    }

    fn spec(&self) -> Result<Spec, String> {
        let mut pod_metrics = [PodMetric::Requests, PodMetric::InFlight].into_iter();
        let mut measures = Vec::new();
        for (signal, metric) in self.metrics.iter().enumerate() {
            let pod_metric = if metric.r#type == "Pods" { pod_metrics.next() } else { None };
            measures.push(metric.measure(signal, pod_metric.unwrap_or(PodMetric::Requests)));
        }
        let behavior = self.behavior.as_ref().map(behavior_settings).transpose()?;
        let startup =
            Startup { cpu_initialization: Span::from_secs(120), initial_readiness_delay: Span::from_secs(10) };
        Ok(Spec {
            bounds: Bounds { min: self.min_replicas.unwrap_or(1), max: self.max_replicas },
            measures,
            calculator: Calculator { startup, tolerances: tolerances(behavior.as_ref()) },
            rules: behavior.map(|behavior| behavior.filled(DOWNSCALE_STABILIZATION)),
            downscale_stabilization: DOWNSCALE_STABILIZATION,
            sync_period: SYNC_PERIOD,
        })
    }

    fn controller(&self) -> Result<Controller, String> {
        let of = |events: &Option<Vec<EventCase>>| changes(events.as_deref().unwrap_or_default());
        let recent = Recent { ups: of(&self.scale_up_events), downs: of(&self.scale_down_events) };
        Ok(match &self.recommendations {
            Some(kept) => Controller::with_past(self.spec()?, recommendations(kept), recent),
            None if recent == Recent::default() => Controller::new(self.spec()?),
            None => {
                let first = RecommendationCase { replicas: self.spec_replicas, age: 0.0 };
                Controller::with_past(self.spec()?, recommendations(&[first]), recent)
            }
        })
    }

    /// The reason as the real controller writes it, which tells more kinds of metrics apart.
    fn label(&self, reason: Reason) -> &'static str {
        let has = |kind: &str| self.metrics.iter().any(|metric| metric.r#type == kind);
        match reason {
            Reason::FailedGetResourceMetric if has("ContainerResource") && !has("Resource") => {
                "FailedGetContainerResourceMetric"
            }
            Reason::FailedGetObjectMetric if !has("Object") => "InvalidMetricSourceType",
            _ => reason.label(),
        }
    }
}

fn tolerances(behavior: Option<&Behavior>) -> Tolerances {
    let up = behavior.and_then(|behavior| behavior.scale_up.as_ref()?.tolerance);
    let down = behavior.and_then(|behavior| behavior.scale_down.as_ref()?.tolerance);
    let or_default = |own: Option<sim_core::Ratio>| own.map_or(TOLERANCE, sim_core::Ratio::fraction);
    Tolerances { down: or_default(down), up: or_default(up) }
}

/// Running and ready and old, as pods are unless the case says otherwise.
fn old_pod() -> PodReading {
    PodReading {
        phase: Phase::Running,
        deleting: false,
        ready: Some(true),
        started: Some(at(-1e9)),
        ready_changed: Some(at(-2e9)),
        requests: Some(resources(1_000)),
        sample: None,
    }
}

fn reconcile(case: &Reconcile, expected: &Value) -> Result<(), String> {
    let pods = case.pods()?;
    let signals: Vec<_> = case.metrics.iter().map(MetricCase::signal).collect();
    let current = case.status_replicas.unwrap_or(case.spec_replicas);
    let reading = Reading { desired: case.spec_replicas, current, pods: &pods, signals: &signals };
    let mut controller = case.controller()?;
    let decision = controller.decide(now(), &reading);
    expect(expected, "desiredReplicas", decision.replicas)?;
    let conditions = controller.conditions();
    let said = [Some(decision.reason), Some(conditions.able), conditions.active, conditions.limited];
    let said: Vec<_> = said.into_iter().flatten().map(|reason| case.label(reason)).collect();
    match expected.get("reason").and_then(Value::as_str) {
        Some(reason) if !said.contains(&reason) => Err(format!("reason: none of {said:?} is {reason}")),
        _ => Ok(()),
    }
}
