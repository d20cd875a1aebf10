//! What the cluster autoscaler sees, and what it answers with.

use sim_core::Time;

use crate::place::NodeId;
use crate::schedule::{Cluster, NodeSpec, Unplaced};

/// A pool's index, in the order in which the pools were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolId(pub u32);

impl PoolId {
    /// The index into vectors kept beside the pools.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Nodes of one kind that can be had and given back.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// What a new one looks like; its hostname label is replaced.
    pub template: NodeSpec,
    /// The fewest nodes.
    pub min: u32,
    /// The most nodes.
    pub max: u32,
    /// What a node costs an hour, in any money.
    pub price: f64,
}

/// A node of a pool that has joined the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// The node.
    pub node: NodeId,
    /// Its pool.
    pub pool: PoolId,
    /// Whether it says that it is well.
    pub ready: bool,
    /// Whether it is marked as not to be removed.
    pub scale_down_disabled: bool,
    /// Since when it is being removed, if it is.
    pub deleting: Option<Time>,
}

/// A node that was asked for and has not joined yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starting {
    /// Its pool.
    pub pool: PoolId,
    /// When it was asked for.
    pub since: Time,
}

/// The cluster as the autoscaler finds it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Nodes and pods, as the scheduler knows them.
    pub cluster: &'a Cluster,
    /// The nodes of all pools that have joined.
    pub nodes: &'a [NodeView],
    /// Those that have not.
    pub starting: &'a [Starting],
    /// Pods for which the scheduler found no node.
    pub pending: &'a [Unplaced],
}

impl View<'_> {
    /// The nodes of a pool, those on their way included.
    pub(super) fn size(&self, pool: PoolId) -> u32 {
        let here = self.nodes.iter().filter(|node| node.pool == pool).count();
        let starting = self.starting.iter().filter(|starting| starting.pool == pool).count();
        (here + starting) as u32
    }
}

/// What the autoscaler wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask for more nodes.
    Add {
        /// The pool.
        pool: PoolId,
        /// How many.
        count: u32,
    },
    /// Evict what is left on a node, then give it back.
    Remove {
        /// The node.
        node: NodeId,
    },
    /// Stop waiting for the oldest nodes on their way: they have not come in time.
    GiveUp {
        /// The pool.
        pool: PoolId,
        /// How many.
        count: u32,
    },
}
