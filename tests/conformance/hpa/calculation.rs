//! One metric's replicas, and the steps on the way there.

use std::collections::BTreeMap;

use models::scale::hpa::calculator::{Calculator, Tolerances};
use models::scale::hpa::groups::Startup;
use models::scale::hpa::measure::{Measure, PodMetric, Resource, Shared, SharedKind, total};
use models::scale::hpa::requests::{Container, PodContainers};
use models::scale::hpa::usage::{average, utilization};
use models::scale::{PodReading, PodSample, Reading};
use serde::Deserialize;
use serde_json::Value;
use sim_core::{Bytes, Cores, Span};

use super::{at, now, phase};
use crate::case::Case;
use crate::json::{self, expect, read};

pub(crate) fn replica_calc(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "hpa.resource" | "hpa.custom" => replicas(read(input)?, expected),
        "hpa.group_pods" => group_pods(read(input)?, expected),
        "hpa.requests" => requests(read(input)?, expected),
        "hpa.utilization_ratio" => utilization_ratio(read(input)?, expected),
        "hpa.usage_ratio" => usage_ratio(read(input)?, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

/// What happened to a case that expects an error, if it does.
fn expect_error<T>(expected: &Value, found: Result<T, String>) -> Result<Option<T>, String> {
    let wanted = expected.get("error").filter(|wanted| !matches!(wanted, Value::Null | Value::Bool(false)));
    match (wanted, found) {
        (None, found) => found.map(Some),
        (Some(wanted), Ok(_)) => Err(format!("no error instead of {wanted}")),
        // The real texts go on with names that the models do not know.
        (Some(Value::String(wanted)), Err(found)) if !found.contains(wanted) && !wanted.contains(&found) => {
            Err(format!("the error {found:?} instead of {wanted:?}"))
        }
        (Some(_), Err(_)) => Ok(None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplicasCase {
    current_replicas: u32,
    status_replicas: Option<u32>,
    metric: MetricCase,
    #[serde(default)]
    tolerance: Option<TolerancesCase>,
    #[serde(flatten)]
    startup: StartupCase,
    #[serde(default)]
    metric_values: Option<Vec<i64>>,
    #[serde(default)]
    pods: Vec<PodCase>,
    #[serde(default)]
    stray_metrics: Vec<PodCase>,
}

#[derive(Deserialize)]
struct TolerancesCase {
    down: f64,
    up: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartupCase {
    cpu_initialization_period: Option<f64>,
    initial_readiness_delay: Option<f64>,
}

impl StartupCase {
    /// As given, or as in Kubernetes' tests.
    fn startup(&self) -> Startup {
        Startup {
            cpu_initialization: Span::from_secs_f64(self.cpu_initialization_period.unwrap_or(120.0)),
            initial_readiness_delay: Span::from_secs_f64(self.initial_readiness_delay.unwrap_or(10.0)),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricCase {
    r#type: String,
    resource: Option<String>,
    container: Option<String>,
    target_utilization: Option<i32>,
    target_average_value: Option<i64>,
    target_value: Option<i64>,
}

impl MetricCase {
    fn measure(&self) -> Result<Measure, String> {
        let kind = match self.r#type.as_str() {
            "Object" => Some(SharedKind::Object),
            "External" => Some(SharedKind::External),
            _ => None,
        };
        let shared = kind.map(|kind| Shared { kind, signal: 0 });
        let metric = if self.r#type == "Pods" { PodMetric::Requests } else { PodMetric::Usage(self.resource()) };
        match (shared, self.target_utilization, self.target_average_value, self.target_value) {
            (None, Some(percent), None, None) => Ok(Measure::Utilization(self.resource(), percent)),
            (None, None, Some(target), None) => Ok(Measure::PerPod(metric, target)),
            (Some(shared), None, Some(target), None) => Ok(Measure::PerReplica(shared, target)),
            (Some(shared), None, None, Some(target)) => Ok(Measure::Value(shared, target)),
            _ => Err(format!("no metric of type {} has such a target", self.r#type)),
        }
    }

    fn resource(&self) -> Resource {
        if self.resource.as_deref() == Some("memory") { Resource::Memory } else { Resource::Cpu }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodCase {
    name: String,
    #[serde(default = "running")]
    phase: String,
    #[serde(default)]
    deleted: bool,
    ready: Option<bool>,
    start: Option<f64>,
    ready_last_transition: Option<f64>,
    /// By container.
    #[serde(default)]
    requests: Option<BTreeMap<String, Option<i64>>>,
    /// By container, or all under `value`.
    #[serde(default)]
    metrics: Option<BTreeMap<String, i64>>,
    metric_timestamp: Option<f64>,
    metric_window: Option<f64>,
}

fn running() -> String {
    "Running".to_owned()
}

impl PodCase {
    fn reading(&self, container: Option<&str>) -> Result<PodReading, String> {
        let requests = self.containers().request(container).ok().map(|request| resources(request as u64));
        Ok(PodReading {
            phase: phase(&self.phase)?,
            deleting: self.deleted,
            ready: self.ready,
            started: self.start.map(at),
            ready_changed: self.ready_last_transition.map(at),
            requests,
            sample: self.sample(container),
        })
    }

    /// The containers that either map names, and at least one.
    fn containers(&self) -> PodContainers {
        let requests = self.requests.clone().unwrap_or_default();
        let measured = self.metrics.iter().flatten().map(|(name, _)| name.clone()).filter(|name| name != "value");
        let mut names: Vec<String> = requests.keys().cloned().chain(measured).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            names.push("container1".to_owned());
        }
        let request = |name: &String| requests.get(name).copied().flatten();
        let containers = names.iter().map(|name| Container { name: name.clone(), request: request(name) });
        PodContainers { containers: containers.collect(), pod_level: None }
    }

    fn sample(&self, container: Option<&str>) -> Option<PodSample> {
        let metrics = self.metrics.as_ref().filter(|metrics| !metrics.is_empty())?;
        let value = match container {
            Some(name) => *metrics.get(name)?,
            None => metrics.values().sum(),
        };
        Some(PodSample {
            at: at(self.metric_timestamp.unwrap_or(-2e9)),
            window: Span::from_secs_f64(self.metric_window.unwrap_or(60.0)),
            ..sample(value)
        })
    }
}

/// So much of everything.
pub(super) fn resources(request: u64) -> models::pod::Resources {
    models::pod::Resources { cpu: Cores::milli(request), memory: Bytes::new(request) }
}

/// A sample in which everything is this much.
pub(super) fn sample(value: i64) -> PodSample {
    let amount = value.max(0) as u64;
    PodSample {
        at: at(-2e9),
        window: Span::from_secs(60),
        cpu: Cores::milli(amount),
        memory: Bytes::new(amount),
        requests: value,
        in_flight: value,
    }
}

fn replicas(case: ReplicasCase, expected: &Value) -> Result<(), String> {
    let container = case.metric.container.as_deref();
    let pods = case.pods.iter().map(|pod| pod.reading(container)).collect::<Result<Vec<_>, _>>()?;
    let strays: Vec<_> = case.stray_metrics.iter().filter_map(|stray| stray.sample(container)).collect();
    let values = case.metric_values.filter(|values| !values.is_empty());
    let current = case.status_replicas.unwrap_or(case.current_replicas);
    let signals = [values.as_deref().map(total)];
    let reading = Reading { desired: case.current_replicas, current, pods: &pods, signals: &signals };
    let tolerances =
        case.tolerance.map_or(Tolerances { down: 0.1, up: 0.1 }, |TolerancesCase { down, up }| Tolerances { down, up });
    let calculator = Calculator { startup: case.startup.startup(), tolerances };
    let measure = case.metric.measure()?;
    let found = calculator.propose(now(), &measure, &reading, &strays).map_err(|failure| failure.to_string());
    let Some(proposal) = expect_error(expected, found)? else { return Ok(()) };
    expect(expected, "replicas", proposal.replicas)?;
    if let Some(utilization) = proposal.utilization {
        expect(expected, "utilization", utilization)?;
    }
    // The files give memory in bytes, the controller counts thousandths.
    let unit = if case.metric.resource.as_deref() == Some("memory") { 1_000 } else { 1 };
    expect(expected, "raw", proposal.usage / unit)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupPods {
    #[serde(default)]
    resource: Option<String>,
    #[serde(flatten)]
    startup: StartupCase,
    pods: Vec<PodCase>,
}

fn group_pods(case: GroupPods, expected: &Value) -> Result<(), String> {
    let pods = case.pods.iter().map(|pod| pod.reading(None)).collect::<Result<Vec<_>, _>>()?;
    let heed_readiness = case.resource.as_deref() == Some("cpu");
    let groups = case.startup.startup().group(now(), &pods, heed_readiness);
    expect(expected, "readyCount", groups.ready.len())?;
    for (key, group) in [("unready", &groups.unready), ("missing", &groups.missing), ("ignored", &groups.ignored)] {
        let mut names: Vec<_> = group.iter().map(|&index| case.pods[index].name.clone()).collect();
        names.sort();
        let mut wanted = expected.clone();
        if let Some(Value::Array(list)) = wanted.get_mut(key) {
            list.sort_by_key(Value::to_string);
        }
        expect(&wanted, key, names)?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestsCase {
    containers: Vec<ContainerCase>,
    #[serde(default)]
    init_containers: Vec<ContainerCase>,
    pod_level_request: Option<i64>,
    #[serde(default)]
    pod_level_resources_enabled: bool,
    target_container: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerCase {
    name: String,
    request: Option<i64>,
    #[serde(default)]
    restart_policy: Option<String>,
    #[serde(default, alias = "restartPolicyAlways", alias = "sidecar")]
    restartable: Option<bool>,
}

fn requests(case: RequestsCase, expected: &Value) -> Result<(), String> {
    let keeps_running = |container: &&ContainerCase| {
        container.restartable == Some(true) || container.restart_policy.as_deref() == Some("Always")
    };
    let counted = case.containers.iter().chain(case.init_containers.iter().filter(keeps_running));
    let containers = counted.map(|case| Container { name: case.name.clone(), request: case.request });
    let pod_level = case.pod_level_request.filter(|_| case.pod_level_resources_enabled);
    let pod = PodContainers { containers: containers.collect(), pod_level };
    let found = expect_error(expected, pod.request(case.target_container.as_deref()))?;
    found.map_or(Ok(()), |request| expect(expected, "request", request))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UtilizationRatio {
    usage: BTreeMap<String, i64>,
    requests: BTreeMap<String, i64>,
    target_utilization: i32,
}

fn utilization_ratio(case: UtilizationRatio, expected: &Value) -> Result<(), String> {
    let pods: Vec<_> = case.usage.iter().map(|(pod, &used)| (used, case.requests.get(pod).copied())).collect();
    let found = utilization(&pods, case.target_utilization).map_err(|failure| failure.to_string());
    let Some(usage) = expect_error(expected, found)? else { return Ok(()) };
    expect(expected, "ratio", usage.ratio)?;
    expect(expected, "utilization", usage.utilization)?;
    expect(expected, "raw", usage.average)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageRatio {
    usage: BTreeMap<String, i64>,
    target_usage: i64,
}

fn usage_ratio(case: UsageRatio, expected: &Value) -> Result<(), String> {
    let pods: Vec<_> = case.usage.values().map(|&used| (used, None)).collect();
    let usage = average(&pods, case.target_usage);
    expect(expected, "ratio", usage.ratio)?;
    expect(expected, "usage", usage.average)
}
