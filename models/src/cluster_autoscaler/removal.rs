//! Whether a node could go: its pods must fit elsewhere, and their budgets allow it.
//!
//! One node after the other is taken away in a fork of the cluster; what could move has moved there
//! when the next is tried, so that all the nodes that are found may go together. Source:
//! `simulator/cluster.go`, `core/scaledown/planner`, `simulator/drainability/rules`.

use sim_core::Time;

use super::utilization::is_long_terminating;
use crate::place::NodeId;
use crate::schedule::{BudgetsLeft, ClassId, Cluster, FilterChain, Owner, Placed};

/// A fork of the cluster in which nodes go.
pub(super) struct Removal<'a> {
    fork: Cluster,
    filters: &'a mut FilterChain,
    budgets: BudgetsLeft,
    /// Where the last pod found a place; the next is tried from there.
    cursor: usize,
    now: Time,
}

impl Removal<'_> {
    pub(super) fn new<'a>(cluster: &Cluster, filters: &'a mut FilterChain, now: Time) -> Removal<'a> {
        Removal { fork: cluster.clone(), filters, budgets: cluster.budgets_left(), cursor: 0, now }
    }

    /// The pods that would have to move; `None` if one of them holds the node.
    pub(super) fn pods_to_move(cluster: &Cluster, node: NodeId, now: Time) -> Option<Vec<Placed>> {
        let mut moving = Vec::new();
        for placed in cluster.pods(node) {
            match cluster.class(placed.class).owner {
                Owner::DaemonSet | Owner::Node => {}
                _ if is_long_terminating(cluster, placed, now) => {}
                Owner::Nobody => return None,
                Owner::Replicated => moving.push(*placed),
            }
        }
        Some(moving)
    }

    /// Takes a node away if all of its pods fit elsewhere; answers whether it did.
    pub(super) fn take(&mut self, node: NodeId) -> bool {
        let Some(moving) = Removal::pods_to_move(&self.fork, node, self.now) else { return false };
        let mut budgets = self.budgets.clone();
        if !moving.iter().all(|placed| budgets.take(&self.fork, placed.class)) {
            return false;
        }
        let before = self.fork.pods(node).to_vec();
        for placed in &before {
            self.fork.unbind(placed.pod, node);
        }
        self.fork.set_aside(node);
        let mut moved = Vec::new();
        for placed in &moving {
            let Some(to) = self.find(placed.class) else { break };
            self.fork.bind(placed.pod, placed.class, to, self.now);
            moved.push((placed.pod, to));
        }
        if moved.len() == moving.len() {
            self.budgets = budgets;
            return true;
        }
        for (pod, to) in moved {
            self.fork.unbind(pod, to);
        }
        self.fork.put_back(node);
        for placed in before {
            self.fork.place(placed, node);
        }
        false
    }

    /// Any node with room for a pod of a class.
    fn find(&mut self, class: ClassId) -> Option<NodeId> {
        self.filters.prepare(&self.fork, class);
        let order = self.fork.nodes();
        let fits = |offset: &usize| {
            let node = order[(self.cursor + offset) % order.len()];
            self.filters.check(&self.fork, class, node).is_ok()
        };
        let offset = (0..order.len()).find(fits)?;
        self.cursor = (self.cursor + offset) % order.len();
        Some(order[self.cursor])
    }
}
