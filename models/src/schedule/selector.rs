//! Labels and what selects by them: `app In (web, api)`, `gpu Exists`, `generation Gt 4`.
//!
//! The rules of `apimachinery/pkg/labels`: the requirements of a selector are joined by AND, a key
//! that is missing satisfies `NotIn` and `DoesNotExist` only. Strings are compared when something is
//! registered, never while a pod is placed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a pod or a node is called by: keys and values.
pub type Labels = BTreeMap<String, String>;

/// How a requirement relates a label to its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// The label's value is one of the values.
    In,
    /// The label is missing or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is missing.
    DoesNotExist,
    /// The label is a whole number above the one value (nodes only).
    Gt,
    /// The label is a whole number below the one value (nodes only).
    Lt,
}

/// What one label has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How its value is judged.
    pub operator: Operator,
    /// The values to judge by; none for `Exists` and `DoesNotExist`.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Requirement {
    /// The requirement that `key` has the value `value`.
    pub fn equal(key: &str, value: &str) -> Requirement {
        Requirement { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] }
    }

    /// Whether `labels` satisfy it.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => !value.is_some_and(|value| self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Gt => self.compares(value, |label, bound| label > bound),
            Operator::Lt => self.compares(value, |label, bound| label < bound),
        }
    }

    fn compares(&self, value: Option<&String>, holds: fn(i64, i64) -> bool) -> bool {
        let [bound] = self.values.as_slice() else { return false };
        let numbers = value.and_then(|value| value.parse().ok()).zip(bound.parse().ok());
        numbers.is_some_and(|(label, bound)| holds(label, bound))
    }
}

/// Which pods are meant, by their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selector {
    /// None at all: a selector that is missing.
    #[default]
    Nothing,
    /// Those that satisfy all of the requirements; with no requirement, every pod.
    Where(Vec<Requirement>),
}

impl Selector {
    /// The pods that carry all of `labels`.
    pub fn labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Selector {
        Selector::Where(labels.into_iter().map(|(key, value)| Requirement::equal(key, value)).collect())
    }

    /// Whether a pod with these labels is meant.
    pub fn matches(&self, labels: &Labels) -> bool {
        match self {
            Selector::Nothing => false,
            Selector::Where(requirements) => requirements.iter().all(|requirement| requirement.matches(labels)),
        }
    }
}

/// Where a pod may or would rather run, by the labels of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeAffinity {
    /// Labels that the node must carry, all of them.
    pub selector: Labels,
    /// Terms of which one must hold, if there are any.
    pub required: Vec<NodeTerm>,
    /// Terms that raise a node's score by their weights.
    pub preferred: Vec<(i64, NodeTerm)>,
}

/// Requirements on a node's labels, all of which must hold; an empty term matches no node.
pub type NodeTerm = Vec<Requirement>;

impl NodeAffinity {
    /// Whether any node could be refused.
    pub(super) fn is_strict(&self) -> bool {
        !self.selector.is_empty() || !self.required.is_empty()
    }

    /// Whether a pod may run on a node with these labels.
    pub(super) fn allows(&self, labels: &Labels) -> bool {
        self.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            && (self.required.is_empty() || self.required.iter().any(|term| holds(term, labels)))
    }

    /// The sum of the weights of the preferred terms that hold.
    pub(super) fn preference(&self, labels: &Labels) -> i64 {
        self.preferred.iter().filter(|(_, term)| holds(term, labels)).map(|(weight, _)| weight).sum()
    }
}

fn holds(term: &NodeTerm, labels: &Labels) -> bool {
    !term.is_empty() && term.iter().all(|requirement| requirement.matches(labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(operator: Operator, values: &[&str]) -> Requirement {
        Requirement { key: "size".to_owned(), operator, values: values.iter().map(|&value| value.to_owned()).collect() }
    }

    #[test]
    fn a_missing_label_satisfies_the_negative_requirements_only() {
        let none = Labels::new();
        let four = Labels::from([("size".to_owned(), "4".to_owned())]);
        let cases = [
            (Operator::In, vec!["4"], true, false),
            (Operator::NotIn, vec!["4"], false, true),
            (Operator::Exists, vec![], true, false),
            (Operator::DoesNotExist, vec![], false, true),
            (Operator::Gt, vec!["3"], true, false),
            (Operator::Lt, vec!["3"], false, false),
        ];
        for (operator, values, with, without) in cases {
            let requirement = requirement(operator, &values);
            assert_eq!((requirement.matches(&four), requirement.matches(&none)), (with, without), "{operator:?}");
        }
    }

    #[test]
    fn no_requirement_selects_all_pods_but_no_node() {
        assert!(Selector::Where(Vec::new()).matches(&Labels::new()));
        assert!(!Selector::Nothing.matches(&Labels::new()));
        let affinity = NodeAffinity { required: vec![NodeTerm::new()], ..NodeAffinity::default() };
        assert!(!affinity.allows(&Labels::new()));
    }
}
