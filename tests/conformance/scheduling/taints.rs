//! TaintToleration.

use models::schedule::{ClassId, ClassSpec, Effect, NodeSpec, Taint, TaintToleration, Toleration};
use serde::Deserialize;
use serde_json::Value;

use super::cluster::Setting;
use super::{Named, expect_scores, expect_status};
use crate::json;

#[derive(Deserialize)]
struct Tolerated {
    key: Option<String>,
    operator: Option<String>,
    value: Option<String>,
    effect: Option<Effect>,
}

#[derive(Deserialize)]
struct Mark {
    key: String,
    value: Option<String>,
    effect: Effect,
}

#[derive(Deserialize)]
struct Tolerations {
    tolerations: Vec<Tolerated>,
    #[serde(default)]
    taints: Vec<Mark>,
    #[serde(default)]
    nodes: Vec<Vec<Mark>>,
}

pub(super) fn score(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Tolerations = json::read(input)?;
    let (setting, class, nodes) = case.set(&case.nodes);
    expect_scores(&mut TaintToleration::default(), &setting.cluster, class, &nodes, expected)
}

pub(super) fn filter(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Tolerations = json::read(input)?;
    let (setting, class, nodes) = case.set(std::slice::from_ref(&case.taints));
    expect_status(&mut TaintToleration::default(), &setting.cluster, class, &nodes, expected)
}

impl Tolerations {
    fn set(&self, nodes: &[Vec<Mark>]) -> (Setting, ClassId, Vec<Named>) {
        let mut setting = Setting::new();
        let mut named = Vec::new();
        for marks in nodes {
            let taints = marks.iter().map(Mark::taint).collect();
            named.push((String::new(), setting.cluster.add_node(&NodeSpec { taints, ..NodeSpec::default() })));
        }
        let tolerations = self.tolerations.iter().map(Tolerated::toleration).collect();
        let class = setting.cluster.add_class(ClassSpec { tolerations, ..ClassSpec::default() });
        (setting, class, named)
    }
}

impl Mark {
    fn taint(&self) -> Taint {
        Taint { key: self.key.clone(), value: self.value.clone().unwrap_or_default(), effect: self.effect }
    }
}

impl Tolerated {
    fn toleration(&self) -> Toleration {
        let exists = self.operator.as_deref() == Some("Exists");
        Toleration {
            key: self.key.clone().unwrap_or_default(),
            value: (!exists).then(|| self.value.clone().unwrap_or_default()),
            effect: self.effect,
        }
    }
}
