//! PodTopologySpread.
//!
//! A case gives the number of matching pods by node and constraint; each constraint gets a label of
//! its own, by which its pods are selected.

use models::place::NodeId;
use models::schedule::{
    ClassId, ClassSpec, Effect, Labels, NodeAffinity, NodePolicy, PodTopologySpread, Selector, SpreadConstraint, Taint,
    WhenUnsatisfiable,
};
use serde::Deserialize;
use serde_json::Value;
use sim_core::Time;

use super::cluster::Setting;
use super::{Named, expect_scores, expect_status};
use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constraint {
    topology_key: String,
    max_skew: u32,
    min_domains: Option<u32>,
    node_affinity_policy: Option<NodePolicy>,
    node_taints_policy: Option<NodePolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name: String,
    labels: Labels,
    matching: Vec<u64>,
    #[serde(default = "yes")]
    candidate: bool,
    #[serde(default)]
    terminating_pods: u64,
    #[serde(default)]
    other_namespace_pods: u64,
    #[serde(default)]
    excluded_by_affinity_policy: bool,
    #[serde(default)]
    excluded_by_taint_policy: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spread {
    constraints: Vec<Constraint>,
    nodes: Vec<Node>,
    #[serde(default = "yes")]
    pod_matches_own_selector: bool,
}

pub(super) fn score(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Spread = json::read(input)?;
    let (setting, class, nodes) = case.set(WhenUnsatisfiable::ScheduleAnyway);
    let candidates: Vec<Named> =
        case.nodes.iter().zip(nodes).filter(|(node, _)| node.candidate).map(|(_, n)| n).collect();
    expect_scores(&mut PodTopologySpread::default(), &setting.cluster, class, &candidates, expected)
}

pub(super) fn filter(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Spread = json::read(input)?;
    let (setting, class, nodes) = case.set(WhenUnsatisfiable::DoNotSchedule);
    expect_status(&mut PodTopologySpread::default(), &setting.cluster, class, &nodes, expected)
}

/// The label of the pods that constraint number `index` counts.
fn label(index: usize) -> String {
    format!("counted-{index}")
}

impl Spread {
    fn set(&self, when_unsatisfiable: WhenUnsatisfiable) -> (Setting, ClassId, Vec<Named>) {
        let mut setting = Setting::new();
        let counted: Vec<ClassId> = (0..self.constraints.len())
            .map(|index| {
                let labels = Labels::from([(label(index), String::new())]);
                setting.cluster.add_class(ClassSpec { labels, ..ClassSpec::default() })
            })
            .collect();
        let labels: Labels = (0..self.constraints.len()).map(|index| (label(index), String::new())).collect();
        let namespace = "elsewhere".to_owned();
        let elsewhere =
            setting.cluster.add_class(ClassSpec { namespace, labels: labels.clone(), ..ClassSpec::default() });
        let ending = setting.cluster.add_class(ClassSpec { labels: labels.clone(), ..ClassSpec::default() });
        let mut nodes = Vec::new();
        for node in &self.nodes {
            let id = self.add(&mut setting, node);
            for (&class, &pods) in counted.iter().zip(&node.matching) {
                setting.place(class, id, pods);
            }
            setting.place(elsewhere, id, node.other_namespace_pods);
            for pod in setting.place(ending, id, node.terminating_pods) {
                setting.cluster.set_terminating(pod, id, Time::ZERO);
            }
            nodes.push((node.name.clone(), id));
        }
        let class = setting.cluster.add_class(ClassSpec {
            labels: if self.pod_matches_own_selector { labels } else { Labels::new() },
            node_affinity: self.affinity(),
            spread: self.constraints(when_unsatisfiable),
            ..ClassSpec::default()
        });
        (setting, class, nodes)
    }

    fn add(&self, setting: &mut Setting, node: &Node) -> NodeId {
        let mut labels = node.labels.clone();
        if !node.excluded_by_affinity_policy {
            labels.insert("included".to_owned(), String::new());
        }
        let id = setting.add_node(labels);
        if node.excluded_by_taint_policy {
            setting.cluster.set_taints(id, vec![Taint::new("excluded", Effect::NoSchedule)]);
        }
        id
    }

    fn affinity(&self) -> NodeAffinity {
        let excludes = self.nodes.iter().any(|node| node.excluded_by_affinity_policy);
        let selector = excludes.then(|| ("included".to_owned(), String::new()));
        NodeAffinity { selector: selector.into_iter().collect(), ..NodeAffinity::default() }
    }

    fn constraints(&self, when_unsatisfiable: WhenUnsatisfiable) -> Vec<SpreadConstraint> {
        let constraint = |(index, constraint): (usize, &Constraint)| SpreadConstraint {
            topology_key: constraint.topology_key.clone(),
            max_skew: constraint.max_skew,
            when_unsatisfiable,
            selector: Selector::labels([(label(index).as_str(), "")]),
            min_domains: constraint.min_domains.unwrap_or(1),
            node_affinity_policy: constraint.node_affinity_policy.unwrap_or(NodePolicy::Honor),
            node_taints_policy: constraint.node_taints_policy.unwrap_or(NodePolicy::Ignore),
        };
        self.constraints.iter().enumerate().map(constraint).collect()
    }
}
