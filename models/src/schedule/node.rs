//! Nodes: what a node offers and how it is marked, and the columns in which all nodes are kept.

use sim_core::{Bytes, Time};

use super::class::{ClassId, PodKey};
use super::defaults::{HOSTNAME_KEY, NOT_READY_TAINT, REGION_KEY, ZONE_KEY};
use super::selector::Labels;
use super::taints::{Effect, Taint, TaintsId};
use crate::place::NodeId;
use crate::pod::Resources;

/// A node as it joins.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeSpec {
    /// What pods may ask for in all.
    pub allocatable: Resources,
    /// The same of any other resource, by its name.
    pub extended: Vec<(String, u64)>,
    /// How many pods it may hold.
    pub pods: u32,
    /// Its labels: kubernetes.io/hostname, topology.kubernetes.io/zone and .../region among them.
    pub labels: Labels,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// The images that it has, with their sizes.
    pub images: Vec<(String, Bytes)>,
    /// Whether it is cordoned.
    pub cordoned: bool,
    /// Whether it says that it is well.
    pub ready: bool,
}

impl Default for NodeSpec {
    fn default() -> NodeSpec {
        NodeSpec {
            allocatable: Resources::default(),
            extended: Vec::new(),
            pods: 110,
            labels: Labels::new(),
            taints: Vec::new(),
            images: Vec::new(),
            cordoned: false,
            ready: true,
        }
    }
}

impl NodeSpec {
    /// A node called `name` in `zone` of `region`, with room for 110 pods.
    pub fn new(name: &str, region: &str, zone: &str, allocatable: Resources) -> NodeSpec {
        let labels = [(HOSTNAME_KEY, name), (REGION_KEY, region), (ZONE_KEY, zone)];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        NodeSpec { allocatable, labels, ..NodeSpec::default() }
    }

    /// The same node under another name.
    pub(crate) fn named(&self, name: &str) -> NodeSpec {
        let mut node = self.clone();
        node.labels.insert(HOSTNAME_KEY.to_owned(), name.to_owned());
        node
    }
}

/// A pod on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The pod.
    pub pod: PodKey,
    /// Its class.
    pub class: ClassId,
    /// When it was placed.
    pub start: Time,
    /// Since when it has been ending, if it is.
    pub ending: Option<Time>,
}

/// All nodes by number, those that have left included: a number is never given twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    pub(super) here: Vec<bool>,
    pub(super) cordoned: Vec<bool>,
    pub(super) ready: Vec<bool>,
    pub(super) labels: Vec<Labels>,
    pub(super) marks: Vec<Vec<Taint>>,
    pub(super) taints: Vec<TaintsId>,
    pub(super) slots: Vec<u32>,
    pub(super) pods: Vec<Vec<Placed>>,
    /// How often pods have come or gone.
    pub(super) changes: Vec<u32>,
    pub(super) ports: Vec<Vec<u16>>,
    pub(super) zone: Vec<usize>,
    order: Vec<NodeId>,
    zones: Vec<(String, Vec<NodeId>)>,
}

impl Nodes {
    /// Appends a node without taints and pods.
    pub(super) fn push(&mut self, spec: &NodeSpec) -> NodeId {
        let id = NodeId(u32::try_from(self.here.len()).expect("fewer than 2^32 nodes"));
        self.here.push(true);
        self.cordoned.push(spec.cordoned);
        self.ready.push(spec.ready);
        self.labels.push(spec.labels.clone());
        self.marks.push(spec.taints.clone());
        self.taints.push(TaintsId::default());
        self.slots.push(spec.pods);
        self.pods.push(Vec::new());
        self.changes.push(0);
        self.ports.push(Vec::new());
        let zone = self.zone_named(&spec.labels);
        self.zone.push(zone);
        self.zones[zone].1.push(id);
        self.interleave();
        id
    }

    pub(super) fn remove(&mut self, id: NodeId) {
        let node = id.0 as usize;
        self.here[node] = false;
        self.zones[self.zone[node]].1.retain(|other| *other != id);
        self.interleave();
    }

    /// Undoes `remove`.
    pub(super) fn restore(&mut self, id: NodeId) {
        let node = id.0 as usize;
        self.here[node] = true;
        let zone = &mut self.zones[self.zone[node]].1;
        let at = zone.partition_point(|other| *other < id);
        zone.insert(at, id);
        self.interleave();
    }

    /// All nodes that are here, zone after zone in turn, as kube-scheduler lists them.
    pub(super) fn order(&self) -> &[NodeId] {
        &self.order
    }

    /// The taints of a node, with that of one that is not ready.
    pub(super) fn effective_taints(&self, node: usize) -> Vec<Taint> {
        let not_ready = (!self.ready[node]).then(|| Taint::new(NOT_READY_TAINT, Effect::NoSchedule));
        self.marks[node].iter().cloned().chain(not_ready).collect()
    }

    fn zone_named(&mut self, labels: &Labels) -> usize {
        let part = |key| labels.get(key).map_or("", String::as_str);
        let name = format!("{}:{}", part(REGION_KEY), part(ZONE_KEY));
        self.zones.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.zones.push((name, Vec::new()));
            self.zones.len() - 1
        })
    }

    /// One of each zone, and again: whoever looks at the first few sees all zones.
    fn interleave(&mut self) {
        self.order.clear();
        let longest = self.zones.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
        for turn in 0..longest {
            self.order.extend(self.zones.iter().filter_map(|(_, nodes)| nodes.get(turn)));
        }
    }
}
