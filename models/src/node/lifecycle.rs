//! The node lifecycle controller: who gives up a node that is not heard of, and when its pods leave.
//!
//! A kubelet renews a lease every 10 s. Every 5 s the controller looks: a node not heard of for
//! longer than 40 s is unreachable, its pods count as not ready and nothing is placed there. At the
//! next look it stands in its zone's line for a taint, and pods leave a tainted node after 300 s. The
//! line moves at a rate that depends on how much of the zone is ready; if no zone has a ready node,
//! all taints are taken back and nobody leaves, for then it is the controller that is cut off.
//!
//! Source: Kubernetes, pkg/controller/nodelifecycle/node_lifecycle_controller.go and
//! pkg/controller/tainteviction. Simplified: a renewal and the status that the kubelet posts are one
//! signal; the line moves when the controller looks, not every 100 ms; pods tolerate all alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::{Rate, Ratio, Span, Time};

use super::defaults::{
    EVICTION_RATE, LARGE_CLUSTER_THRESHOLD, MONITOR_GRACE_PERIOD, MONITOR_PERIOD, SECONDARY_EVICTION_RATE,
    STARTUP_GRACE_PERIOD, UNHEALTHY_ZONE_THRESHOLD,
};
use super::zone::{Census, Zone};
use crate::place::{NodeId, ZoneId};
use crate::pod::defaults::TOLERATION;

pub use super::zone::ZoneState;

/// How soon nodes are given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifecycleSettings {
    /// From one look at the nodes to the next.
    pub monitor_period: Span,
    /// A node not heard of for longer is unreachable.
    pub monitor_grace_period: Span,
    /// The same for a node that has never been heard of.
    pub startup_grace_period: Span,
    /// Nodes of a zone that may be tainted in a time.
    pub eviction_rate: Rate,
    /// The same for a large zone in partial disruption; a small one stops.
    pub secondary_eviction_rate: Rate,
    /// A zone of more nodes is large.
    pub large_cluster_threshold: u32,
    /// From this share of nodes on that are not ready, if they are more than two, a zone is in
    /// partial disruption.
    pub unhealthy_zone_threshold: Ratio,
    /// How long pods stay on a tainted node.
    pub toleration: Span,
}

impl Default for LifecycleSettings {
    fn default() -> LifecycleSettings {
        LifecycleSettings {
            monitor_period: MONITOR_PERIOD,
            monitor_grace_period: MONITOR_GRACE_PERIOD,
            startup_grace_period: STARTUP_GRACE_PERIOD,
            eviction_rate: Rate::per_second(EVICTION_RATE),
            secondary_eviction_rate: Rate::per_second(SECONDARY_EVICTION_RATE),
            large_cluster_threshold: LARGE_CLUSTER_THRESHOLD,
            unhealthy_zone_threshold: Ratio::new(UNHEALTHY_ZONE_THRESHOLD),
            toleration: TOLERATION,
        }
    }
}

impl LifecycleSettings {
    /// Tells what is wrong with the settings, if anything is.
    pub fn check(&self) -> Result<(), String> {
        if self.monitor_period == Span::ZERO {
            return Err("monitor_period: the controller needs time between its looks".to_owned());
        }
        if self.monitor_grace_period < self.monitor_period {
            return Err(format!(
                "monitor_grace_period: {} is less than monitor_period, {}",
                self.monitor_grace_period, self.monitor_period
            ));
        }
        if self.unhealthy_zone_threshold > Ratio::ONE {
            return Err("unhealthy_zone_threshold: no more than 100% of a zone can be down".to_owned());
        }
        Ok(())
    }
}

/// A node as the API server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Which one.
    pub node: NodeId,
    /// Where it is.
    pub zone: ZoneId,
    /// When it was registered.
    pub created: Time,
    /// When its kubelet last renewed its lease, and whether it then called the node ready; `None`
    /// if it never did.
    pub heartbeat: Option<(Time, bool)>,
}

/// What the controller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The node is not heard of: its pods count as not ready, nothing is placed there.
    Unreachable {
        /// Which one.
        node: NodeId,
    },
    /// The node says that it is not ready: the same.
    NotReady {
        /// Which one.
        node: NodeId,
    },
    /// The node is ready (again): its pods count as they say themselves.
    Ready {
        /// Which one.
        node: NodeId,
    },
    /// Pods will leave the node unless it comes back.
    Taint {
        /// Which one.
        node: NodeId,
    },
    /// They will not.
    Untaint {
        /// Which one.
        node: NodeId,
    },
    /// They have waited long enough: they are deleted and replaced elsewhere. On a node that is not
    /// heard of they stay, terminating, until it is.
    Evict {
        /// Which one.
        node: NodeId,
    },
    /// A zone is in another state than before.
    Zone {
        /// Which one.
        zone: ZoneId,
        /// Its state now.
        state: ZoneState,
    },
}

/// What the controller believes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Never heard of, but young.
    New,
    /// Ready.
    Ready,
    /// Not ready, as it says itself.
    NotReady,
    /// Not heard of.
    Unknown,
}

#[derive(Debug)]
struct Node {
    zone: ZoneId,
    condition: Condition,
    /// When something new was last heard.
    heard: Time,
    heartbeat: Option<Time>,
    taint: Taint,
    /// Seen in this look.
    present: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taint {
    None,
    InLine,
    Since(Time),
    Evicted,
}

/// The controller.
#[derive(Debug)]
pub struct Lifecycle {
    settings: LifecycleSettings,
    nodes: BTreeMap<NodeId, Node>,
    zones: BTreeMap<ZoneId, Zone>,
}

impl Lifecycle {
    /// A controller that has not seen any node.
    pub fn new(settings: LifecycleSettings) -> Lifecycle {
        Lifecycle { settings, nodes: BTreeMap::new(), zones: BTreeMap::new() }
    }

    /// What is believed of a node; `None` if it has not been seen.
    pub fn condition(&self, node: NodeId) -> Option<Condition> {
        self.nodes.get(&node).map(|node| node.condition)
    }

    /// The state of a zone; `None` if it has no nodes.
    pub fn zone_state(&self, zone: ZoneId) -> Option<ZoneState> {
        self.zones.get(&zone).map(|zone| zone.state)
    }

    /// A look at all nodes there are; what follows from it is added to `effects`.
    pub fn monitor(&mut self, now: Time, nodes: &[NodeView], effects: &mut Vec<Effect>) {
        for zone in self.zones.values_mut() {
            zone.census = Census::default();
        }
        for view in nodes {
            self.look_at(now, view, effects);
        }
        self.forget_absent();
        self.handle_disruption(now, effects);
        self.move_lines(now, effects);
    }

    fn look_at(&mut self, now: Time, view: &NodeView, effects: &mut Vec<Effect>) {
        let node = self.nodes.entry(view.node).or_insert_with(|| Node {
            zone: view.zone,
            condition: Condition::New,
            heard: view.created,
            heartbeat: None,
            taint: Taint::None,
            present: true,
        });
        node.present = true;
        let zone = self.zones.entry(node.zone).or_insert_with(|| Zone::new(self.settings.eviction_rate));
        let observed = node.hear(now, view, effects);
        let grace = match node.condition {
            Condition::New => self.settings.startup_grace_period,
            _ => self.settings.monitor_grace_period,
        };
        if now > node.heard + grace && node.condition != Condition::Unknown {
            node.condition = Condition::Unknown;
            effects.push(Effect::Unreachable { node: view.node });
        }
        zone.census.count(node.condition == Condition::Ready);
        match observed {
            Condition::Ready => node.keep(view.node, zone, effects),
            Condition::New if node.condition == Condition::New => {}
            _ if node.taint == Taint::None => {
                node.taint = Taint::InLine;
                zone.enqueue(view.node);
            }
            _ => {}
        }
    }

    fn forget_absent(&mut self) {
        let zones = &mut self.zones;
        self.nodes.retain(|&id, node| {
            if !node.present
                && let Some(zone) = zones.get_mut(&node.zone)
            {
                zone.dequeue(id);
            }
            std::mem::take(&mut node.present)
        });
        zones.retain(|_, zone| zone.census.size() > 0);
    }

    fn handle_disruption(&mut self, now: Time, effects: &mut Vec<Effect>) {
        let all_are = self.zones.values().all(|zone| zone.census.state(&self.settings) == ZoneState::FullDisruption);
        let all_were = self.zones.values().all(|zone| zone.state == ZoneState::FullDisruption);
        if all_are && all_were {
            return;
        }
        if all_are {
            for (&id, node) in &mut self.nodes {
                let zone = self.zones.get_mut(&node.zone).expect("a node's zone is known");
                node.keep(id, zone, effects);
            }
        } else if all_were {
            // Nobody could be heard, so silence until now proves nothing.
            self.nodes.values_mut().for_each(|node| node.heard = now);
        }
        for (&id, zone) in &mut self.zones {
            let state = zone.census.state(&self.settings);
            let rate = if all_are { Rate::default() } else { zone.census.eviction_rate(state, &self.settings) };
            if all_are || all_were || zone.state != state {
                zone.set_rate(now, rate);
            }
            if zone.state != state {
                zone.state = state;
                effects.push(Effect::Zone { zone: id, state });
            }
        }
    }

    fn move_lines(&mut self, now: Time, effects: &mut Vec<Effect>) {
        for zone in self.zones.values_mut() {
            while let Some(id) = zone.next(now) {
                let node = self.nodes.get_mut(&id).expect("nodes that are gone have left the line");
                node.taint = Taint::Since(now);
                effects.push(Effect::Taint { node: id });
            }
        }
        for (&id, node) in &mut self.nodes {
            if let Taint::Since(since) = node.taint
                && now >= since + self.settings.toleration
            {
                node.taint = Taint::Evicted;
                effects.push(Effect::Evict { node: id });
            }
        }
    }
}

impl Node {
    /// Takes in what is new, and returns the condition before silence is judged.
    fn hear(&mut self, now: Time, view: &NodeView, effects: &mut Vec<Effect>) -> Condition {
        let Some((at, ready)) = view.heartbeat else { return self.condition };
        if self.heartbeat.is_none_or(|last| last < at) {
            self.heartbeat = Some(at);
            self.heard = now;
            let node = view.node;
            let (condition, effect) = match ready {
                true => (Condition::Ready, Effect::Ready { node }),
                false => (Condition::NotReady, Effect::NotReady { node }),
            };
            if self.condition != condition {
                self.condition = condition;
                effects.push(effect);
            }
        }
        self.condition
    }

    /// No pods leave the node after all.
    fn keep(&mut self, id: NodeId, zone: &mut Zone, effects: &mut Vec<Effect>) {
        match std::mem::replace(&mut self.taint, Taint::None) {
            Taint::None => {}
            Taint::InLine => zone.dequeue(id),
            Taint::Since(_) | Taint::Evicted => effects.push(Effect::Untaint { node: id }),
        }
    }
}
