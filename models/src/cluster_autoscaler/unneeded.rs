//! Since when each node has been unneeded, and which have been for long enough.
//!
//! Source: `core/scaledown/unneeded/nodes.go`.

use std::collections::BTreeMap;

use sim_core::Time;

use super::settings::ClusterAutoscalerSettings;
use super::view::{NodeView, PoolId};
use crate::place::NodeId;

/// How far a pool may shrink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Its nodes, those on their way and those being removed included.
    pub size: u32,
    /// Those being removed.
    pub deletions: u32,
    /// The fewest it may have.
    pub min: u32,
}

/// Nodes that may be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removable {
    /// Those without pods that would have to move.
    pub empty: Vec<NodeId>,
    /// Those with such pods.
    pub drain: Vec<NodeId>,
}

/// The nodes that nobody needs, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unneeded {
    nodes: BTreeMap<NodeId, (Time, bool)>,
}

impl Unneeded {
    /// These nodes are unneeded, and no others; each with whether pods would have to move. Those that
    /// were before stay so since then.
    pub fn update(&mut self, now: Time, nodes: impl IntoIterator<Item = (NodeId, bool)>) {
        let before = std::mem::take(&mut self.nodes);
        let since = |node| before.get(&node).map_or(now, |&(since, _)| since);
        self.nodes = nodes.into_iter().map(|(node, drains)| (node, (since(node), drains))).collect();
    }

    /// Since when a node has been unneeded, if it is.
    pub fn since(&self, node: NodeId) -> Option<Time> {
        self.nodes.get(&node).map(|&(since, _)| since)
    }

    /// All of them.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes.keys().copied()
    }

    /// The nodes that have been unneeded for long enough and whose pools may shrink, those without
    /// pods first. `nodes` are in the order of their ids; `pools` are counted down.
    pub fn removable_at(
        &self,
        now: Time,
        settings: &ClusterAutoscalerSettings,
        nodes: &[NodeView],
        pools: &mut BTreeMap<PoolId, PoolSize>,
    ) -> Removable {
        let mut removable = Removable::default();
        for drained in [false, true] {
            for (&node, &(since, _)) in self.nodes.iter().filter(|(_, (_, drains))| *drains == drained) {
                let Some(view) = nodes.iter().find(|view| view.node == node) else { continue };
                if may_go(now, since, settings, view, pools) {
                    if drained { &mut removable.drain } else { &mut removable.empty }.push(node);
                }
            }
        }
        removable
    }
}

fn may_go(
    now: Time,
    since: Time,
    settings: &ClusterAutoscalerSettings,
    node: &NodeView,
    pools: &mut BTreeMap<PoolId, PoolSize>,
) -> bool {
    let wait = if node.ready { settings.scale_down_unneeded_time } else { settings.scale_down_unready_time };
    let Some(pool) = pools.get_mut(&node.pool) else { return false };
    let may = !node.scale_down_disabled && since + wait < now && pool.size.saturating_sub(pool.deletions) > pool.min;
    if may {
        pool.size -= 1;
    }
    may
}
