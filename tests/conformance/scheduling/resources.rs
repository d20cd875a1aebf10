//! NodeResourcesFit and NodeResourcesBalancedAllocation.

use models::schedule::{
    ClassSpec, FilterChain, FilterPlugin, FitStrategy, Insufficient, NodeResourcesBalancedAllocation, NodeResourcesFit,
    Score, WeightedResource,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cluster::{Amounts, Setting};
use super::expect_scores;
use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fit {
    allocatable: Amounts,
    used: Amounts,
    pod_requests: Amounts,
    #[serde(default)]
    init_containers: Vec<Amounts>,
}

/// What is short on one node for one pod; the fit filter must say the same.
pub(super) fn fit(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Fit = json::read(input)?;
    let mut setting = Setting::new();
    let node = setting.cluster.add_node(&case.allocatable.node());
    setting.occupy(case.used.requests(), node);
    for _ in 1..case.used.get("pods").unwrap_or(1) {
        setting.occupy(Amounts::default().requests(), node);
    }
    let class = setting.cluster.add_class(ClassSpec {
        requests: case.pod_requests.requests(),
        init_requests: case.init_containers.iter().map(Amounts::requests).collect(),
        ..ClassSpec::default()
    });
    let short = NodeResourcesFit::insufficient(&setting.cluster, class, node);
    let mut filter = FilterChain::new(&[FilterPlugin::NodeResourcesFit(NodeResourcesFit::default())]);
    let fits = filter.fits(&setting.cluster, class, node).is_ok();
    if fits != short.is_empty() {
        return Err(format!("the filter says {fits}, but {short:?} is short"));
    }
    let entry = |Insufficient { resource, requested, used, capacity }: Insufficient| json!({"resource": resource, "requested": requested, "used": used, "capacity": capacity});
    json::expect(expected, "insufficient", short.into_iter().map(entry).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Node {
    allocatable: Amounts,
    requested: Amounts,
}

#[derive(Deserialize)]
struct Point {
    utilization: i64,
    score: i64,
}

#[derive(Deserialize)]
struct Allocation {
    #[serde(default)]
    resources: Vec<WeightedResource>,
    pod: Option<Amounts>,
    nodes: Vec<Node>,
    #[serde(default)]
    shape: Vec<Point>,
}

/// LeastAllocated and its like.
pub(super) fn allocated(kind: &str, input: &Value, expected: &Value) -> Result<(), String> {
    let case: Allocation = json::read(input)?;
    let strategy = match kind {
        "sched.least_allocated" => FitStrategy::LeastAllocated,
        "sched.most_allocated" => FitStrategy::MostAllocated,
        _ => FitStrategy::RequestedToCapacityRatio(
            case.shape.iter().map(|point| (point.utilization, point.score)).collect(),
        ),
    };
    let fit = NodeResourcesFit { strategy, resources: case.resources.clone() };
    fit.check()?;
    scores(&case, fit, expected)
}

pub(super) fn balanced(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Allocation = json::read(input)?;
    let resources = case.resources.clone();
    scores(&case, NodeResourcesBalancedAllocation { resources }, expected)
}

fn scores(case: &Allocation, mut plugin: impl Score, expected: &Value) -> Result<(), String> {
    let mut setting = Setting::new();
    let mut nodes = Vec::new();
    for node in &case.nodes {
        let id = setting.cluster.add_node(&node.allocatable.node());
        setting.occupy(node.requested.requests(), id);
        nodes.push((String::new(), id));
    }
    let requests = case.pod.clone().unwrap_or_default().requests();
    let class = setting.cluster.add_class(ClassSpec { requests, ..ClassSpec::default() });
    expect_scores(&mut plugin, &setting.cluster, class, &nodes, expected)
}

/// Whether the settings are accepted.
pub(super) fn config(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Allocation = json::read(input)?;
    let fit = NodeResourcesFit { resources: case.resources, ..NodeResourcesFit::default() };
    json::expect(expected, "valid", fit.check().is_ok())
}
