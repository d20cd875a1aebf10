//! InterPodAffinity.

use models::schedule::{
    ClassId, ClassSpec, InterPodAffinity, Labels, Namespaces, PodAffinity, PodTerm, Requirement, Selector,
};
use serde::Deserialize;
use serde_json::Value;

use super::cluster::Setting;
use super::{Named, expect_scores, expect_status};
use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    /// A selector that is missing selects nothing, one without requirements everything.
    selector: Option<Vec<Requirement>>,
    topology_key: String,
    namespaces: Option<Vec<String>>,
    /// Only the empty one, which means all namespaces.
    namespace_selector: Option<Value>,
    weight: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Affinity {
    pod_affinity_required: Vec<Term>,
    pod_affinity_preferred: Vec<Term>,
    pod_anti_affinity_required: Vec<Term>,
    pod_anti_affinity_preferred: Vec<Term>,
}

#[derive(Deserialize)]
struct Pod {
    node: Option<String>,
    namespace: Option<String>,
    labels: Option<Labels>,
    affinity: Option<Affinity>,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    labels: Option<Labels>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pods {
    pod: Pod,
    node: Option<Node>,
    #[serde(default)]
    nodes: Vec<Node>,
    #[serde(default, alias = "existing")]
    pods: Vec<Pod>,
    hard_pod_affinity_weight: Option<i64>,
    #[serde(default)]
    ignore_preferred_terms_of_existing_pods: bool,
}

pub(super) fn score(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Pods = json::read(input)?;
    let (setting, class, nodes) = case.set()?;
    expect_scores(&mut case.plugin(), &setting.cluster, class, &nodes, expected)
}

pub(super) fn filter(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Pods = json::read(input)?;
    let (setting, class, nodes) = case.set()?;
    expect_status(&mut case.plugin(), &setting.cluster, class, &nodes, expected)
}

impl Pods {
    fn plugin(&self) -> InterPodAffinity {
        let mut plugin = InterPodAffinity::default();
        plugin.hard_pod_affinity_weight = self.hard_pod_affinity_weight.unwrap_or(plugin.hard_pod_affinity_weight);
        plugin.ignore_preferred_terms_of_existing_pods = self.ignore_preferred_terms_of_existing_pods;
        plugin
    }

    fn set(&self) -> Result<(Setting, ClassId, Vec<Named>), String> {
        let mut setting = Setting::new();
        let nodes: Vec<Named> = self
            .node
            .iter()
            .chain(&self.nodes)
            .map(|node| (node.name.clone(), setting.add_node(node.labels.clone().unwrap_or_default())))
            .collect();
        for pod in &self.pods {
            let class = setting.cluster.add_class(pod.class());
            let name = pod.node.as_deref().unwrap_or_default();
            let (_, id) = nodes.iter().find(|(known, _)| known == name).ok_or_else(|| format!("no node {name}"))?;
            setting.place(class, *id, 1);
        }
        let class = setting.cluster.add_class(self.pod.class());
        Ok((setting, class, nodes))
    }
}

impl Pod {
    fn class(&self) -> ClassSpec {
        let none = Affinity::default();
        let affinity = self.affinity.as_ref().unwrap_or(&none);
        ClassSpec {
            namespace: self.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            labels: self.labels.clone().unwrap_or_default(),
            pod_affinity: wishes(&affinity.pod_affinity_required, &affinity.pod_affinity_preferred),
            pod_anti_affinity: wishes(&affinity.pod_anti_affinity_required, &affinity.pod_anti_affinity_preferred),
            ..ClassSpec::default()
        }
    }
}

fn wishes(required: &[Term], preferred: &[Term]) -> PodAffinity {
    PodAffinity {
        required: required.iter().map(Term::term).collect(),
        preferred: preferred.iter().map(|term| (term.weight.unwrap_or(1), term.term())).collect(),
    }
}

impl Term {
    fn term(&self) -> PodTerm {
        let namespaces = match &self.namespaces {
            _ if self.namespace_selector.is_some() => Namespaces::All,
            Some(names) if !names.is_empty() => Namespaces::Named(names.clone()),
            _ => Namespaces::Own,
        };
        let selector = self.selector.clone().map_or(Selector::Nothing, Selector::Where);
        PodTerm { selector, namespaces, topology_key: self.topology_key.clone() }
    }
}
