//! Taints keep pods off a node, tolerations let them on.
//!
//! The rules of `k8s.io/component-helpers/scheduling/corev1` and of the plug-in TaintToleration.
//! Nodes share few different lists of taints: each list is kept once, and each class of pods knows
//! for each list whether it is kept off and how many of its soft taints it does not tolerate.

use serde::{Deserialize, Serialize};

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// None is placed there.
    NoSchedule,
    /// None is placed there if there is a better node.
    PreferNoSchedule,
    /// None is placed there, and those that run there leave.
    NoExecute,
}

/// A mark on a node that keeps pods off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// What it is about.
    pub key: String,
    /// More of it; may be empty.
    #[serde(default)]
    pub value: String,
    /// What it does.
    pub effect: Effect,
}

impl Taint {
    /// A taint with a key and an effect alone.
    pub fn new(key: &str, effect: Effect) -> Taint {
        Taint { key: key.to_owned(), value: String::new(), effect }
    }
}

/// Which taints a pod puts up with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Toleration {
    /// The taint's key; every key if empty.
    pub key: String,
    /// The taint's value; every value if there is none here.
    pub value: Option<String>,
    /// The taint's effect; every effect if there is none here.
    pub effect: Option<Effect>,
}

impl Toleration {
    /// Whether `taint` is one of those.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        self.effect.is_none_or(|effect| effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && self.value.as_ref().is_none_or(|value| *value == taint.value)
    }
}

/// The index of a list of taints; 0 is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TaintsId(u32);

impl TaintsId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Every list of taints that any node has had.
#[derive(Clone, Debug)]
pub(super) struct TaintLists(Vec<Vec<Taint>>);

impl Default for TaintLists {
    fn default() -> TaintLists {
        TaintLists(vec![Vec::new()])
    }
}

impl TaintLists {
    /// The id of a list, and whether it is new.
    pub(super) fn intern(&mut self, taints: Vec<Taint>) -> (TaintsId, bool) {
        let known = self.0.iter().position(|list| *list == taints);
        let index = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(taints);
        }
        (TaintsId(u32::try_from(index).expect("fewer than 2^32 lists")), known.is_none())
    }

    pub(super) fn get(&self, id: TaintsId) -> &[Taint] {
        &self.0[id.index()]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[Taint]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Whether every node has always been free of taints.
    pub(super) fn none(&self) -> bool {
        self.0.len() == 1
    }
}

/// What one list of taints is to one class of pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tolerance {
    /// The first of the taints that keeps the class off.
    pub(super) refused_by: Option<u32>,
    /// The soft taints that it does not tolerate.
    pub(super) disliked: u32,
}

impl Tolerance {
    pub(super) fn new(tolerations: &[Toleration], taints: &[Taint]) -> Tolerance {
        let untolerated = |taint: &Taint| !tolerations.iter().any(|toleration| toleration.tolerates(taint));
        let hard = |taint: &Taint| taint.effect != Effect::PreferNoSchedule && untolerated(taint);
        let soft = |taint: &&Taint| taint.effect == Effect::PreferNoSchedule && untolerated(taint);
        Tolerance {
            refused_by: taints.iter().position(hard).map(|index| index as u32),
            disliked: taints.iter().filter(soft).count() as u32,
        }
    }
}
