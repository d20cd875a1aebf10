//! Nodes: machines that pods run on, what becomes of them, and what the control plane believes.
//!
//! A scenario that declares no nodes has them all the same: each pod gets a machine of its own.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::{Command, DeploymentId, PodId};
use crate::chaos::StrikeId;
use crate::heal::{Action, Ailment, Cause, Healing, Patient};
use crate::node::defaults::LEASE_RENEW_INTERVAL;
use crate::node::lifecycle::{Effect, NodeView};
use crate::place::{NodeId, Place};
use crate::pod::Resources;
use crate::world::{Event, Fact, World};

/// A machine.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    /// What it has for pods.
    pub(crate) allocatable: Resources,
    /// Of which pool it is, if it was declared.
    pub(crate) pool: Option<u16>,
    pub(crate) created: Time,
    /// Whether the machine works and can be reached; since when.
    pub(crate) alive: bool,
    pub(crate) changed: Time,
    /// Whether the control plane takes it for ready.
    pub(crate) ready: bool,
    /// Whether pods may be sent there.
    pub(crate) cordoned: bool,
    /// The deployments whose image it has, or is fetching.
    pub(crate) images: Vec<DeploymentId>,
    /// Those on it, the ones that are ending among them.
    pub(crate) pods: Vec<PodId>,
    /// That it was lost, until it is found to be back.
    pub(crate) ailment: Option<Ailment>,
    /// That it is being emptied, until it is.
    pub(crate) drain: Option<Ailment>,
    /// When its memory was last seen to run short.
    pub(crate) pressed: Option<Time>,
    /// Since when it is to be given back.
    pub(crate) leaving: Option<Time>,
    /// The strikes that took it, and those that keep pods off it.
    pub(crate) outages: Vec<StrikeId>,
    pub(crate) cordons: Vec<StrikeId>,
    /// Whether it was ever lost, drained or called back.
    pub(crate) is_struck: bool,
    /// Whether it has left the cluster.
    pub(crate) removed: bool,
}

impl Node {
    pub(crate) fn new(now: Time, place: Place) -> Node {
        Node {
            place,
            allocatable: Resources::default(),
            pool: None,
            created: now,
            alive: true,
            changed: now,
            ready: true,
            cordoned: false,
            images: Vec::new(),
            pods: Vec::new(),
            ailment: None,
            drain: None,
            pressed: None,
            leaving: None,
            outages: Vec::new(),
            cordons: Vec::new(),
            is_struck: false,
            removed: false,
        }
    }

    /// When its kubelet last renewed its lease.
    fn heartbeat(&self, now: Time) -> Time {
        // From its start on, or from its return.
        let from = if self.alive { self.changed } else { self.created };
        let until = if self.alive { now } else { self.changed };
        let passed = until.since(from).as_nanos();
        from + Span::from_nanos(passed - passed % LEASE_RENEW_INTERVAL.as_nanos())
    }
}

impl World {
    /// A machine for a pod that is to have its own.
    pub(crate) fn own_node(&mut self, now: Time, place: Place) -> NodeId {
        let nodes = &mut self.cluster.nodes;
        // The node lifecycle controller knows it by its number, and its zone with it.
        let is_there = |id: &NodeId| nodes[id.0 as usize].place.zone == place.zone;
        let free = self.cluster.free_nodes.iter().position(is_there);
        let free = free.map(|index| self.cluster.free_nodes.swap_remove(index));
        let id = free.unwrap_or(NodeId(nodes.len() as u32));
        let node = Node::new(now, Place { node: id, ..place });
        match nodes.get_mut(id.0 as usize) {
            Some(slot) => *slot = node,
            None => nodes.push(node),
        }
        id
    }

    /// A pod has left its machine; one of its own leaves the cluster with it.
    pub(crate) fn vacate(&mut self, cx: &mut Cx<'_, World>, id: NodeId, pod: PodId) {
        let node = self.node(id);
        node.pods.retain(|&other| other != pod);
        self.drain_done(cx, id);
        let node = self.node(id);
        if node.pool.is_none() {
            let (is_struck, alive) = (node.is_struck, node.alive);
            self.node_healed(cx, id, alive);
            self.retire(cx.now, id);
            // What struck a node may still follow it; only one that nothing struck is used again.
            if !is_struck {
                self.cluster.free_nodes.push(id);
            }
        }
    }

    /// A node has left the cluster.
    pub(crate) fn retire(&mut self, now: Time, id: NodeId) {
        let node = &mut self.cluster.nodes[id.0 as usize];
        if !std::mem::replace(&mut node.removed, true) {
            let index = node.pool.map_or(self.cluster.hours.len() - 1, usize::from);
            self.cluster.hours[index] += now.since(node.created).as_secs_f64() / 3_600.0;
        }
    }

    pub(crate) fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.cluster.nodes[id.0 as usize]
    }

    /// A machine loses its power, or its network: what runs there is gone, and nobody is told.
    pub(crate) fn lose_node(&mut self, cx: &mut Cx<'_, World>, id: NodeId) -> bool {
        let node = self.node(id);
        if !node.alive || node.removed {
            return false;
        }
        (node.alive, node.changed, node.is_struck) = (false, cx.now, true);
        let ailment =
            Ailment { patient: Patient::Node(id), cause: Cause::NodeLost, action: Action::Rejoin, since: cx.now };
        node.ailment = Some(ailment);
        for index in 0..self.node(id).pods.len() {
            let pod = self.node(id).pods[index];
            self.end_container(cx, pod, None);
        }
        true
    }

    /// A machine is back: its kubelet ends what was to end, and starts the rest again.
    pub(crate) fn revive_node(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let node = self.node(id);
        if node.alive || node.removed {
            return;
        }
        (node.alive, node.changed) = (true, cx.now);
        if node.ready {
            self.node_healed(cx, id, true);
        }
        for pod in self.node(id).pods.clone() {
            self.replica_of(pod).door = crate::service::Door::Shut;
            self.after_container(cx, pod);
        }
    }

    /// The node lifecycle controller looks at the leases.
    pub(crate) fn monitor_nodes(&mut self, cx: &mut Cx<'_, World>) {
        let nodes = self.cluster.nodes.iter().enumerate().filter(|(_, node)| !node.removed);
        let views: Vec<NodeView> = nodes
            .map(|(index, node)| NodeView {
                node: NodeId(index as u32),
                zone: node.place.zone,
                created: node.created,
                heartbeat: Some((node.heartbeat(cx.now), true)),
            })
            .collect();
        let mut effects = Vec::new();
        self.cluster.lifecycle.monitor(cx.now, &views, &mut effects);
        for effect in effects {
            match effect {
                Effect::Unreachable { node } | Effect::NotReady { node } => self.set_node_ready(cx, node, false),
                Effect::Ready { node } => self.set_node_ready(cx, node, true),
                Effect::Evict { node } => self.evict_all(cx, node),
                Effect::Taint { .. } | Effect::Untaint { .. } | Effect::Zone { .. } => {}
            }
        }
        cx.after(self.cluster.settings.lifecycle.monitor_period, Event::MonitorNodes);
    }

    /// A lost node is back, or will never be.
    pub(crate) fn node_healed(&mut self, cx: &mut Cx<'_, World>, id: NodeId, success: bool) {
        if let Some(ailment) = self.node(id).ailment.take() {
            cx.tell(Fact::Healed(Healing { ailment, success, took: cx.now.since(ailment.since) }));
        }
    }

    /// What the control plane believes of a node; its pods are ready only if it is.
    fn set_node_ready(&mut self, cx: &mut Cx<'_, World>, id: NodeId, ready: bool) {
        let node = self.node(id);
        if std::mem::replace(&mut node.ready, ready) == ready {
            return;
        }
        if let Some(scheduler) = &mut self.cluster.scheduler {
            scheduler.set_ready(cx.now, id, ready);
        }
        if ready {
            self.node_healed(cx, id, true);
        }
        for pod in self.node(id).pods.clone() {
            self.judge(cx, pod);
        }
        self.schedule(cx);
    }

    /// All pods of a lost node are to be replaced elsewhere.
    fn evict_all(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        for pod in self.node(id).pods.clone() {
            self.doom(cx, pod, Some(Cause::NodeLost));
        }
    }

    /// Commands that a pod end, unless that is under way.
    pub(crate) fn doom(&mut self, cx: &mut Cx<'_, World>, pod: PodId, cause: Option<Cause>) {
        let record = &mut self.cluster.pods[pod];
        if record.deleting.is_some() || std::mem::replace(&mut record.doomed, true) {
            return;
        }
        self.cluster.deployments[usize::from(record.deployment.0)].dooming += 1;
        self.command(cx, Command::Delete { pod, cause });
    }
}
