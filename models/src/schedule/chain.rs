//! All filters one after the other.

use super::class::ClassId;
use super::cluster::Cluster;
use super::plugin::{Filter, FilterPlugin};
use super::reasons::Rejection;
use crate::place::NodeId;

/// The filters of a profile, prepared for one class at a time.
pub struct FilterChain {
    filters: Vec<Box<dyn Filter>>,
    /// Those that may refuse a node for the class at hand.
    active: Vec<usize>,
}

impl FilterChain {
    /// The filters that the settings name.
    pub fn new(plugins: &[FilterPlugin]) -> FilterChain {
        let filters = plugins.iter().map(|plugin| plugin.build(&())).collect();
        FilterChain { filters, active: Vec::new() }
    }

    /// Looks at a class and the cluster as a whole; must come again after a change of the cluster.
    pub fn prepare(&mut self, cluster: &Cluster, class: ClassId) {
        self.active.clear();
        for (index, filter) in self.filters.iter_mut().enumerate() {
            if filter.prepare(cluster, class) {
                self.active.push(index);
            }
        }
    }

    /// Whether a pod of the class that was prepared may run on a node, or which filter says no.
    pub fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), (usize, Rejection)> {
        for &index in &self.active {
            self.filters[index].check(cluster, class, node).map_err(|rejection| (index, rejection))?;
        }
        Ok(())
    }

    /// Both at once, where the cluster has changed.
    pub fn fits(&mut self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), (usize, Rejection)> {
        self.prepare(cluster, class);
        self.check(cluster, class, node)
    }

    /// Drops the nodes on which a pod of the class that was prepared may not run.
    pub(super) fn retain(&self, cluster: &Cluster, class: ClassId, nodes: &mut Vec<NodeId>) {
        for &index in &self.active {
            self.filters[index].retain(cluster, class, nodes);
        }
    }

    /// Whether any of the filters whose bits are set looks beyond the node itself.
    pub(super) fn any_looks_beyond(&self, filters: u32) -> bool {
        self.filters.iter().enumerate().any(|(index, filter)| filters & bit(index) != 0 && !filter.is_local())
    }
}

/// The bit of a filter in a set of filters.
pub(super) fn bit(index: usize) -> u32 {
    1 << index
}
