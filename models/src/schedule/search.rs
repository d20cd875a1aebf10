//! One pod's search for a node: enough that will do, the best of them, or why none does.
//!
//! Source: `schedule_one.go`, findNodesThatPassFilters, prioritizeNodes and selectHost. Among equals
//! one draw decides, which gives each the same chance as the original's draw for each.

use sim_core::{Draw, Time};

use super::chain::bit;
use super::class::{ClassId, PodKey};
use super::reasons::{Rejection, Unfit};
use super::scheduler::Scheduler;
use super::settings::Ties;
use crate::place::NodeId;

/// At least so many nodes are filtered together.
const CHUNK: usize = 32;

/// Why a pod fits nowhere, and what could be done.
pub(super) struct Misfit {
    pub(super) unfit: Unfit,
    pub(super) refused_by: u32,
    /// Nodes that would do if enough pods left.
    pub(super) potential: Vec<NodeId>,
}

impl Scheduler {
    /// Fills `feasible` with enough nodes on which the pod may run.
    pub(super) fn find(&mut self, pod: PodKey, class: ClassId) {
        self.feasible.clear();
        self.filters.prepare(&self.cluster, class);
        if let Some(node) = self.nominated_node(pod)
            && self.fits_beside_nominated(pod, class, node).is_ok()
        {
            self.feasible.push(node);
            return;
        }
        let count = self.cluster.nodes().len();
        let wanted = self.settings.nodes_to_find(count);
        let mut looked = 0;
        while self.feasible.len() < wanted && looked < count {
            let missing = wanted - self.feasible.len();
            looked += self.find_some(pod, class, looked, missing);
        }
        if count > 0 {
            self.next_start = (self.next_start + looked) % count;
        }
    }

    /// Filters the next few nodes for at most `missing` more; answers with how many were looked at.
    fn find_some(&mut self, pod: PodKey, class: ClassId, looked: usize, missing: usize) -> usize {
        let order = self.cluster.nodes();
        let size = missing.max(CHUNK).min(order.len() - looked);
        let from = (self.next_start + looked) % order.len();
        let first = size.min(order.len() - from);
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.clear();
        chunk.extend_from_slice(&order[from..from + first]);
        chunk.extend_from_slice(&order[..size - first]);
        self.filters.retain(&self.cluster, class, &mut chunk);
        if !self.nominations.is_empty() {
            chunk.retain(|&node| !self.is_nominated(node) || self.fits_beside_nominated(pod, class, node).is_ok());
            self.filters.prepare(&self.cluster, class);
        }
        let mut seen = size;
        if chunk.len() > missing {
            chunk.truncate(missing);
            let order = self.cluster.nodes();
            let last = chunk[missing - 1];
            let ends = |offset: &usize| order[(from + offset) % order.len()] == last;
            seen = (0..size).find(ends).expect("the last node was one of those") + 1;
        }
        self.feasible.extend_from_slice(&chunk);
        self.chunk = chunk;
        seen
    }

    /// Whether a place is kept there for any pod.
    fn is_nominated(&self, node: NodeId) -> bool {
        self.nominations.values().any(|&(_, nominated)| nominated == node)
    }

    /// Whether a pod fits even if all pods no weaker than it that wait for a place there get it, and
    /// also if they do not.
    pub(super) fn fits_beside_nominated(
        &mut self,
        pod: PodKey,
        class: ClassId,
        node: NodeId,
    ) -> Result<(), (usize, Rejection)> {
        let priority = self.cluster.class(class).priority;
        let stronger = |(&other, &(rival, at)): (&PodKey, &(ClassId, NodeId))| {
            let counts = other != pod && at == node && self.cluster.class(rival).priority >= priority;
            counts.then_some((other, rival))
        };
        let nominated: Vec<(PodKey, ClassId)> = self.nominations.iter().filter_map(stronger).collect();
        if !nominated.is_empty() {
            for &(other, rival) in &nominated {
                self.cluster.bind(other, rival, node, Time::ZERO);
            }
            let fits = self.filters.fits(&self.cluster, class, node);
            for &(other, _) in &nominated {
                self.cluster.unbind(other, node);
            }
            fits?;
        }
        self.filters.fits(&self.cluster, class, node)
    }

    /// The best of the feasible nodes.
    pub(super) fn select(&mut self, class: ClassId) -> Option<NodeId> {
        if self.feasible.len() < 2 {
            return self.feasible.first().copied();
        }
        let totals = self.ranking.rank(&self.cluster, class, &self.feasible);
        let most = *totals.iter().max().expect("there are two nodes");
        let best = || self.feasible.iter().zip(totals).filter(|(_, total)| **total == most).map(|(node, _)| *node);
        match self.settings.ties {
            Ties::Name => best().min(),
            Ties::Random => {
                let equals = best().count();
                let at = if equals > 1 { self.ties.below(equals) } else { 0 };
                best().nth(at)
            }
        }
    }

    /// Asks all nodes why they refuse.
    pub(super) fn explain(&mut self, pod: PodKey, class: ClassId) -> Misfit {
        let order = self.cluster.nodes().to_vec();
        let unfit = Unfit::new(order.len(), self.cluster.resource_names.clone());
        let mut misfit = Misfit { unfit, refused_by: 0, potential: Vec::new() };
        self.filters.prepare(&self.cluster, class);
        for node in order {
            let mut fits = self.filters.check(&self.cluster, class, node);
            if fits.is_ok() {
                fits = self.fits_beside_nominated(pod, class, node);
                self.filters.prepare(&self.cluster, class);
            }
            let (filter, rejection) = fits.expect_err("no node would do");
            misfit.unfit.count(rejection.reason);
            misfit.refused_by |= bit(filter);
            if !rejection.unresolvable {
                misfit.potential.push(node);
            }
        }
        misfit
    }
}
