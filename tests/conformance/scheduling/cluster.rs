//! Clusters as the cases describe them.

use std::collections::BTreeMap;

use models::place::NodeId;
use models::pod::Resources;
use models::schedule::{ClassId, ClassSpec, Cluster, DefaultSpread, Labels, NodeSpec, PodKey, Requests};
use serde::Deserialize;
use sim_core::{Bytes, Cores, Time};

/// Amounts by the names of their resources; "pods" is none of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Amounts(BTreeMap<String, u64>);

impl Amounts {
    pub(super) fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    fn extended(&self) -> Vec<(String, u64)> {
        let others = self.0.iter().filter(|(name, _)| !["cpu", "memory", "pods"].contains(&name.as_str()));
        others.map(|(name, amount)| (name.clone(), *amount)).collect()
    }

    /// All amounts as stated: what is missing is zero, not unsaid.
    pub(super) fn requests(&self) -> Requests {
        Requests {
            cpu: Some(Cores::milli(self.get("cpu").unwrap_or(0))),
            memory: Some(Bytes::new(self.get("memory").unwrap_or(0))),
            extended: self.extended(),
        }
    }

    pub(super) fn node(&self) -> NodeSpec {
        let allocatable = Resources {
            cpu: Cores::milli(self.get("cpu").unwrap_or(0)),
            memory: Bytes::new(self.get("memory").unwrap_or(0)),
        };
        let pods = self.get("pods").map_or(110, |pods| u32::try_from(pods).expect("few pods"));
        NodeSpec { allocatable, extended: self.extended(), pods, ..NodeSpec::default() }
    }
}

/// A cluster, and keys for its pods.
pub(super) struct Setting {
    pub(super) cluster: Cluster,
    pods: u64,
}

impl Setting {
    pub(super) fn new() -> Setting {
        Setting { cluster: Cluster::new(DefaultSpread::System), pods: 0 }
    }

    /// Puts `count` pods of a class on a node.
    pub(super) fn place(&mut self, class: ClassId, node: NodeId, count: u64) -> Vec<PodKey> {
        let keys = (self.pods..self.pods + count).map(PodKey);
        self.pods += count;
        keys.clone().for_each(|pod| self.cluster.bind(pod, class, node, Time::ZERO));
        keys.collect()
    }

    /// Puts a pod that asks for `requests` on a node.
    pub(super) fn occupy(&mut self, requests: Requests, node: NodeId) {
        let class = self.cluster.add_class(ClassSpec { requests, ..ClassSpec::default() });
        self.place(class, node, 1);
    }

    pub(super) fn add_node(&mut self, labels: Labels) -> NodeId {
        self.cluster.add_node(&NodeSpec { labels, ..NodeSpec::default() })
    }
}
