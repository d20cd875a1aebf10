//! How many nodes pending pods need.

use models::cluster_autoscaler::{PodGroup, estimate};
use models::schedule::{
    ClassSpec, Cluster, DefaultSpread, FilterChain, NodeSpec, PodKey, Requests, SchedulerSettings, Selector,
    SpreadConstraint,
};
use serde::Deserialize;
use serde_json::Value;

use super::resources;
use crate::json;

#[derive(Deserialize)]
struct Node {
    cpu: u64,
    memory: u64,
    pods: u32,
    zone: String,
}

impl Node {
    fn spec(&self, name: &str) -> NodeSpec {
        let pods = self.pods;
        NodeSpec { pods, ..NodeSpec::new(name, "", &self.zone, resources(self.cpu, self.memory << 20)) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    cpu: u64,
    memory: u64,
    count: u64,
    host_port: Option<u16>,
    max_skew: Option<u32>,
    topology_key: Option<String>,
    min_domains: Option<u32>,
}

impl Group {
    /// All pods of a test carry one label and spread among each other.
    fn class(&self) -> ClassSpec {
        let all = || Selector::labels([("app", "estimatee")]);
        let constraint = |(skew, key): (u32, &String)| SpreadConstraint {
            min_domains: self.min_domains.unwrap_or(1),
            ..SpreadConstraint::new(key, skew, all())
        };
        ClassSpec {
            labels: [("app".to_owned(), "estimatee".to_owned())].into(),
            requests: Requests::from(resources(self.cpu, self.memory << 20)),
            host_ports: self.host_port.into_iter().collect(),
            spread: self.max_skew.zip(self.topology_key.as_ref()).map(constraint).into_iter().collect(),
            ..ClassSpec::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packing {
    template: Node,
    #[serde(default)]
    existing: Vec<Node>,
    pod_groups: Vec<Group>,
    #[serde(default)]
    max_nodes: u32,
}

pub(super) fn estimated(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Packing = json::read(input)?;
    let mut cluster = Cluster::new(DefaultSpread::System);
    for (index, node) in case.existing.iter().enumerate() {
        cluster.add_node(&node.spec(&format!("old-{index}")));
    }
    let mut key = 0;
    let mut group = |group: &Group| {
        let class = cluster.add_class(group.class());
        let pods = (key..key + group.count).map(PodKey).collect();
        key += group.count;
        PodGroup { class, pods }
    };
    let groups: Vec<PodGroup> = case.pod_groups.iter().map(&mut group).collect();
    let mut filters = FilterChain::new(&SchedulerSettings::default().filters);
    let max_nodes = (case.max_nodes > 0).then_some(case.max_nodes);
    let found = estimate(&cluster, &mut filters, &case.template.spec("template"), &groups, max_nodes);
    json::expect(expected, "nodes", found.nodes)?;
    json::expect(expected, "scheduledPods", found.pods.len())?;
    let class = found.pods.first().map(|(_, class)| *class);
    let one_class = found.pods.iter().all(|(_, other)| Some(*other) == class);
    let group = groups.iter().position(|group| Some(group.class) == class).filter(|_| one_class);
    json::expect(expected, "scheduledGroup", group.map_or(Value::Null, Value::from))
}
