//! The cluster autoscaler against the table tests of kubernetes/autoscaler.

mod packing;

use std::collections::BTreeMap;

use models::cluster_autoscaler::{
    ClusterAutoscalerSettings, Expander, LeastWaste, MostPods, NodeView, Offer, PoolId, PoolSize, Unneeded, eligible,
    utilization,
};
use models::place::NodeId;
use models::pod::Resources;
use models::schedule::{ClassSpec, Cluster, DefaultSpread, NodeSpec, Owner, PodKey, Requests};
use serde::Deserialize;
use serde_json::{Map, Value};
use sim_core::{Bytes, Cores, Ratio, Span, Time};

use crate::case::Case;
use crate::json;

/// Runs the cases of the family `cluster-autoscaler`.
pub(crate) fn cluster_autoscaler(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "ca.estimate" => packing::estimated(input, expected),
        "ca.utilization" => utilized(input, expected),
        "ca.removable" => removable(input, expected),
        "ca.unneeded_since" => unneeded_since(input, expected),
        "ca.eligible" => eligibility(input, expected),
        "ca.least_waste" => least_waste(input, expected),
        "ca.most_pods" => most_pods(input, expected),
        _ => Err(format!("nobody knows the kind {kind}")),
    })
}

/// Long after the start, so that something may have begun before.
fn now() -> Time {
    Time::ZERO + Span::from_secs(100_000)
}

fn ago(seconds: f64) -> Time {
    Time::ZERO + Span::from_secs_f64(100_000.0 - seconds)
}

fn resources(cpu: u64, memory: u64) -> Resources {
    Resources { cpu: Cores::milli(cpu), memory: Bytes::new(memory) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Init {
    #[serde(default)]
    cpu: u64,
    #[serde(default)]
    memory: u64,
    /// A sidecar: it starts before the containers and stays beside them.
    #[serde(default, alias = "sidecar")]
    restart_always: bool,
    restart_policy: Option<String>,
}

impl Init {
    fn stays(&self) -> bool {
        self.restart_always || self.restart_policy.as_deref() == Some("Always")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pod {
    #[serde(default)]
    cpu: u64,
    #[serde(default)]
    memory: u64,
    #[serde(default)]
    daemon_set: bool,
    #[serde(default)]
    mirror: bool,
    deleted_seconds_ago: Option<f64>,
    #[serde(default)]
    init_containers: Vec<Init>,
}

impl Pod {
    fn class(&self) -> ClassSpec {
        let (mut cpu, mut memory) = (0, 0);
        let mut init_requests = Vec::new();
        for init in &self.init_containers {
            let request = resources(cpu + init.cpu, memory + init.memory);
            init_requests.push(Requests::from(request));
            if init.stays() {
                (cpu, memory) = (cpu + init.cpu, memory + init.memory);
            }
        }
        ClassSpec {
            requests: Requests::from(resources(self.cpu + cpu, self.memory + memory)),
            init_requests,
            owner: match (self.daemon_set, self.mirror) {
                (true, _) => Owner::DaemonSet,
                (_, true) => Owner::Node,
                _ => Owner::Replicated,
            },
            ..ClassSpec::default()
        }
    }
}

/// A cluster of one node with these pods.
fn one_node(allocatable: Resources, pods: &[Pod]) -> (Cluster, NodeId) {
    let mut cluster = Cluster::new(DefaultSpread::System);
    let node = cluster.add_node(&NodeSpec { allocatable, ..NodeSpec::default() });
    for (index, pod) in pods.iter().enumerate() {
        let class = cluster.add_class(pod.class());
        let key = PodKey(index as u64);
        cluster.bind(key, class, node, Time::ZERO);
        if let Some(seconds) = pod.deleted_seconds_ago {
            cluster.set_terminating(key, node, ago(seconds));
        }
    }
    (cluster, node)
}

#[derive(Deserialize)]
struct Size {
    #[serde(default)]
    cpu: u64,
    #[serde(default)]
    memory: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Use {
    node: Size,
    pods: Vec<Pod>,
    #[serde(default)]
    skip_daemon_set_pods: bool,
    #[serde(default)]
    skip_mirror_pods: bool,
}

fn utilized(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Use = json::read(input)?;
    let settings = ClusterAutoscalerSettings {
        ignore_daemon_sets_utilization: case.skip_daemon_set_pods,
        ignore_mirror_pods_utilization: case.skip_mirror_pods,
        ..ClusterAutoscalerSettings::default()
    };
    let (cluster, node) = one_node(resources(case.node.cpu, case.node.memory), &case.pods);
    let found = utilization(&settings, &cluster, node, now());
    json::expect(expected, "error", found.is_none())?;
    let Some(found) = found else {
        return expected.get("utilization").map_or(Ok(()), |_| Err("utilization: none".to_owned()));
    };
    json::expect(expected, "cpu", found.cpu)?;
    json::expect(expected, "memory", found.memory)?;
    let tolerance = expected.get("tolerance").and_then(Value::as_f64).unwrap_or(0.0);
    match expected.get("utilization").and_then(Value::as_f64) {
        Some(wanted) if (found.most() - wanted).abs() > tolerance * wanted.abs() => {
            Err(format!("utilization: {} instead of {wanted}", found.most()))
        }
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shrinking {
    empty_nodes: u32,
    drain_nodes: u32,
    min_size: u32,
    target_size: u32,
    ongoing_deletions: u32,
}

fn node_view(node: u32) -> NodeView {
    NodeView { node: NodeId(node), pool: PoolId(0), ready: true, scale_down_disabled: false, deleting: None }
}

fn removable(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Shrinking = json::read(input)?;
    let all = case.empty_nodes + case.drain_nodes;
    let mut unneeded = Unneeded::default();
    unneeded.update(Time::ZERO, (0..all).map(|node| (NodeId(node), node >= case.empty_nodes)));
    let views: Vec<NodeView> = (0..all).map(node_view).collect();
    let size = PoolSize { size: case.target_size, deletions: case.ongoing_deletions, min: case.min_size };
    let mut pools = BTreeMap::from([(PoolId(0), size)]);
    let found = unneeded.removable_at(now(), &ClusterAutoscalerSettings::default(), &views, &mut pools);
    json::expect(expected, "removeEmpty", found.empty.len())?;
    json::expect(expected, "removeDrain", found.drain.len())
}

#[derive(Deserialize)]
struct Look {
    t: f64,
    nodes: Vec<String>,
}

#[derive(Deserialize)]
struct Looks {
    first: Look,
    second: Look,
}

fn unneeded_since(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Looks = json::read(input)?;
    let mut names: Vec<&String> = case.first.nodes.iter().chain(&case.second.nodes).collect();
    names.sort();
    names.dedup();
    let id = |name: &String| NodeId(names.iter().position(|known| *known == name).expect("all names are known") as u32);
    let mut unneeded = Unneeded::default();
    for look in [&case.first, &case.second] {
        let now = Time::ZERO + Span::from_secs_f64(look.t);
        unneeded.update(now, look.nodes.iter().map(|name| (id(name), false)));
    }
    let since = |name: &&String| {
        let since = unneeded.since(id(name))?;
        Some(((*name).clone(), Value::from(since.since(Time::ZERO).as_secs_f64())))
    };
    let found: BTreeMap<String, Value> = names.iter().filter_map(since).collect();
    let wanted: BTreeMap<String, f64> = expected.get("since").map_or(Ok(BTreeMap::new()), json::read)?;
    let same = found.len() == wanted.len()
        && wanted.iter().all(|(name, since)| found.get(name).and_then(Value::as_f64) == Some(*since));
    if same { Ok(()) } else { Err(format!("since: {found:?} instead of {wanted:?}")) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Up {
    node: Map<String, Value>,
    #[serde(default)]
    pod_cpu: Vec<u64>,
    #[serde(default)]
    daemon_set_cpu: Vec<u64>,
    #[serde(default = "yes")]
    scale_down_unready: bool,
    utilization_threshold: Option<f64>,
    #[serde(default)]
    ignore_daemon_sets: bool,
}

fn yes() -> bool {
    true
}

impl Up {
    fn flag(&self, name: &str, default: bool) -> bool {
        self.node.get(name).and_then(Value::as_bool).unwrap_or(default)
    }

    /// When its removal began: at once if the case only says that it did.
    fn deleting(&self) -> Option<Time> {
        let (_, marked) = self.node.iter().find(|(name, _)| name.to_lowercase().contains("delet"))?;
        match marked {
            Value::Bool(false) | Value::Null => None,
            marked => Some(ago(marked.as_f64().unwrap_or(0.0))),
        }
    }
}

fn eligibility(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Up = json::read(input)?;
    let mut settings = ClusterAutoscalerSettings {
        scale_down_unready: case.scale_down_unready,
        ignore_daemon_sets_utilization: case.ignore_daemon_sets,
        ..ClusterAutoscalerSettings::default()
    };
    if let Some(threshold) = case.utilization_threshold {
        settings.scale_down_utilization_threshold = Ratio::new(threshold);
    }
    let pod = |daemon_set| {
        move |&cpu: &u64| Pod {
            cpu,
            memory: 0,
            daemon_set,
            mirror: false,
            deleted_seconds_ago: None,
            init_containers: Vec::new(),
        }
    };
    let pods: Vec<Pod> = case.pod_cpu.iter().map(pod(false)).chain(case.daemon_set_cpu.iter().map(pod(true))).collect();
    let amount = |name: &str, default| case.node.get(name).and_then(Value::as_u64).unwrap_or(default);
    // The upstream test's nodes have memory that no pod asks for.
    let (cluster, node) = one_node(resources(amount("cpu", 1_000), amount("memory", 10)), &pods);
    let view = NodeView {
        node,
        ready: case.flag("ready", true),
        scale_down_disabled: case.flag("scaleDownDisabled", false),
        deleting: case.deleting(),
        ..node_view(0)
    };
    json::expect(expected, "eligible", eligible(&settings, &cluster, &view, now()).is_ok())
}

#[derive(Deserialize)]
struct NodeGroup {
    name: String,
    cpu: u64,
    memory: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Waste {
    node_groups: Vec<NodeGroup>,
    node_count: u32,
    #[serde(default)]
    pods: Vec<Size>,
}

fn least_waste(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Waste = json::read(input)?;
    let sum = |of: fn(&Size) -> u64| case.pods.iter().map(of).sum();
    let requested = resources(sum(|pod| pod.cpu), sum(|pod| pod.memory));
    let offer = |(index, group): (usize, &NodeGroup)| Offer {
        pool: PoolId(index as u32),
        nodes: case.node_count,
        pods: case.pods.len() as u32,
        requested,
        offered: resources(group.cpu, group.memory),
        price: 0.0,
    };
    let offers: Vec<Offer> = case.node_groups.iter().enumerate().map(offer).collect();
    let best = Expander::LeastWaste(LeastWaste::default()).build(&()).best(&offers);
    let names: Vec<&str> = best.iter().map(|&index| case.node_groups[index].name.as_str()).collect();
    match expected.get("best") {
        Some(Value::String(wanted)) if names == [wanted.as_str()] => Ok(()),
        Some(wanted @ Value::Array(_)) if *wanted == Value::from(names.clone()) => Ok(()),
        None => Ok(()),
        Some(wanted) => Err(format!("best: {names:?} instead of {wanted}")),
    }
}

fn most_pods(input: &Value, expected: &Value) -> Result<(), String> {
    let options: Map<String, Value> = json::read(&input["options"])?;
    let offer = |(index, pods): (usize, &Value)| Offer {
        pool: PoolId(index as u32),
        nodes: 1,
        pods: pods.as_u64().expect("a number of pods") as u32,
        requested: Resources::default(),
        offered: Resources::default(),
        price: 0.0,
    };
    let offers: Vec<Offer> = options.values().enumerate().map(offer).collect();
    let best = Expander::MostPods(MostPods::default()).build(&()).best(&offers);
    let names: Vec<&String> = options.keys().collect();
    json::expect(expected, "best", best.into_iter().map(|index| names[index].clone()).collect::<Vec<String>>())
}
