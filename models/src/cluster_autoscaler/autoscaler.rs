//! The loop: look, add nodes for pods that wait, else remove nodes that nobody needs.
//!
//! Source: `core/static_autoscaler.go`, `core/scaleup/orchestrator`. One pool grows at a look; no
//! node is removed at a look that added some. Left out: similar pools that are balanced, nodes made
//! ready for future pods, limits on cores and memory of the whole cluster.

use std::collections::{BTreeMap, BTreeSet};

use sim_core::{Bytes, Cores, Draw, Rng, Span, Time};

use super::defaults::{
    INITIAL_POOL_BACKOFF, MAX_NODES_PER_SCALE_UP, MAX_POOL_BACKOFF, POOL_BACKOFF_RESET, UNREMOVABLE_RECHECK_TIME,
};
use super::eligibility::{eligible, is_being_deleted};
use super::estimate::{Estimate, PodGroup, estimate};
use super::expander::{Expand, Offer};
use super::pending::Groups;
use super::removal::Removal;
use super::settings::ClusterAutoscalerSettings;
use super::unneeded::{PoolSize, Unneeded};
use super::view::{Action, NodeView, Pool, PoolId, View};
use crate::place::NodeId;
use crate::pod::Resources;
use crate::schedule::{ClassId, Cluster, FilterChain, FilterPlugin, PodKey};

/// What a pool waits after it has failed to grow.
#[derive(Clone, Copy, Debug)]
struct Backoff {
    wait: Span,
    until: Time,
    failed_at: Time,
}

/// Adds nodes for pods that wait, and removes nodes that nobody needs.
pub struct ClusterAutoscaler {
    settings: ClusterAutoscalerSettings,
    pools: Vec<Pool>,
    expander: Box<dyn Expand>,
    filters: FilterChain,
    ties: Rng,
    unneeded: Unneeded,
    /// Nodes that could not go, and until when they are not looked at again.
    unremovable: BTreeMap<NodeId, Time>,
    backoffs: BTreeMap<PoolId, Backoff>,
    added_at: Option<Time>,
    removed_at: Option<Time>,
    failed_at: Option<Time>,
}

impl ClusterAutoscaler {
    /// An autoscaler of these pools. `filters` are those of the scheduler; `ties` decides between
    /// equal pools. The settings have been checked.
    pub fn new(
        settings: &ClusterAutoscalerSettings,
        pools: Vec<Pool>,
        filters: &[FilterPlugin],
        ties: Rng,
    ) -> ClusterAutoscaler {
        ClusterAutoscaler {
            settings: settings.clone(),
            pools,
            expander: settings.expander.build(&()),
            filters: FilterChain::new(filters),
            ties,
            unneeded: Unneeded::default(),
            unremovable: BTreeMap::new(),
            backoffs: BTreeMap::new(),
            added_at: None,
            removed_at: None,
            failed_at: None,
        }
    }

    /// Since when nodes have been unneeded.
    pub fn unneeded(&self) -> &Unneeded {
        &self.unneeded
    }

    /// A pool could not grow: it rests for a while, and no node is removed for a shorter one.
    pub fn failed(&mut self, now: Time, pool: PoolId) {
        self.failed_at = Some(now);
        let before = self.backoffs.get(&pool).filter(|before| now <= before.failed_at + POOL_BACKOFF_RESET);
        let wait = match before {
            None => INITIAL_POOL_BACKOFF,
            Some(before) if now < before.until => before.wait,
            Some(before) => before.wait.scale(2.0).min(MAX_POOL_BACKOFF),
        };
        self.backoffs.insert(pool, Backoff { wait, until: now + wait, failed_at: now });
    }

    /// Looks at the cluster; to be called every `scan_interval`.
    pub fn step(&mut self, now: Time, view: &View<'_>) -> Vec<Action> {
        let mut actions = self.give_up(now, view);
        if !self.is_healthy(now, view) {
            self.unneeded.update(now, []);
            return actions;
        }
        if let Some(add) = self.scale_up(now, view) {
            self.added_at = Some(now);
            actions.push(add);
        } else if self.settings.scale_down {
            self.find_unneeded(now, view);
            actions.extend(self.scale_down(now, view));
        }
        actions
    }

    /// Nodes that have not come in time will not.
    fn give_up(&mut self, now: Time, view: &View<'_>) -> Vec<Action> {
        let mut late: BTreeMap<PoolId, u32> = BTreeMap::new();
        for starting in view.starting.iter().filter(|starting| self.is_late(now, starting.since)) {
            *late.entry(starting.pool).or_default() += 1;
        }
        late.keys().for_each(|&pool| self.failed(now, pool));
        late.into_iter().map(|(pool, count)| Action::GiveUp { pool, count }).collect()
    }

    fn is_late(&self, now: Time, since: Time) -> bool {
        since + self.settings.max_node_provision_time < now
    }

    /// With too many nodes not ready, what is seen is not to be trusted.
    fn is_healthy(&self, now: Time, view: &View<'_>) -> bool {
        let late = view.starting.iter().filter(|starting| self.is_late(now, starting.since)).count();
        let unready = view.nodes.iter().filter(|node| !node.ready).count() + late;
        let share = self.settings.max_total_unready.fraction() * (view.nodes.len() + late) as f64;
        unready <= self.settings.ok_total_unready_count as usize || unready as f64 <= share
    }

    fn scale_up(&mut self, now: Time, view: &View<'_>) -> Option<Action> {
        let groups = Groups::find(&self.settings, &self.pools, &mut self.filters, now, view)?;
        let offers: Vec<Offer> =
            (0..self.pools.len()).filter_map(|index| self.offer(now, view, PoolId(index as u32), &groups)).collect();
        let best = self.expander.best(&offers);
        let index = if best.len() > 1 { best[self.ties.below(best.len())] } else { *best.first()? };
        Some(Action::Add { pool: offers[index].pool, count: offers[index].nodes })
    }

    /// What growing a pool would do, if it may grow and would help.
    fn offer(&mut self, now: Time, view: &View<'_>, id: PoolId, groups: &Groups) -> Option<Offer> {
        let pool = &self.pools[id.index()];
        let total = view.nodes.len() + view.starting.len();
        let room = match self.settings.max_nodes_total {
            0 => u32::MAX,
            max => max.saturating_sub(total as u32),
        };
        let max = pool.max.saturating_sub(view.size(id)).min(room).min(MAX_NODES_PER_SCALE_UP);
        if max == 0 || self.backoffs.get(&id).is_some_and(|backoff| now < backoff.until) {
            return None;
        }
        let helped: Vec<PodGroup> = groups.fitting(&pool.template, &mut self.filters);
        let Estimate { nodes, pods } =
            estimate(groups.cluster(), &mut self.filters, &pool.template, &helped, Some(max));
        (nodes > 0).then(|| Offer {
            pool: id,
            nodes,
            pods: pods.len() as u32,
            requested: sum(groups.cluster(), &pods),
            offered: pool.template.allocatable,
            price: pool.price,
        })
    }

    /// Finds the nodes that could go, all together.
    fn find_unneeded(&mut self, now: Time, view: &View<'_>) {
        self.unremovable.retain(|_, until| now < *until);
        let candidates: Vec<&NodeView> = view
            .nodes
            .iter()
            .filter(|node| !self.unremovable.contains_key(&node.node))
            .filter(|node| eligible(&self.settings, view.cluster, node, now).is_ok())
            .collect();
        let drains =
            |node: NodeId| Removal::pods_to_move(view.cluster, node, now).is_none_or(|moving| !moving.is_empty());
        let mut candidates: Vec<(bool, bool, NodeId)> = candidates
            .into_iter()
            .map(|view| (drains(view.node), self.unneeded.since(view.node).is_none(), view.node))
            .collect();
        // Empty ones first, then those that were unneeded before: who waits shall not wait anew.
        candidates.sort_unstable();
        let mut removal = Removal::new(view.cluster, &mut self.filters, now);
        let mut unneeded = Vec::new();
        for (drains, _, node) in candidates {
            if removal.take(node) {
                unneeded.push((node, drains));
            } else {
                self.unremovable.insert(node, now + UNREMOVABLE_RECHECK_TIME);
            }
        }
        self.unneeded.update(now, unneeded);
    }

    /// Removes what has been unneeded for long enough, a few nodes at a time.
    fn scale_down(&mut self, now: Time, view: &View<'_>) -> Vec<Action> {
        if self.is_cooling_down(now) {
            return Vec::new();
        }
        let mut sizes = self.sizes(now, view);
        let removable = self.unneeded.removable_at(now, &self.settings, view.nodes, &mut sizes);
        let deleting: BTreeSet<NodeId> =
            view.nodes.iter().filter(|node| is_being_deleted(node, now)).map(|node| node.node).collect();
        let has_pods =
            |node: &&NodeId| Removal::pods_to_move(view.cluster, **node, now).is_none_or(|moving| !moving.is_empty());
        let draining = deleting.iter().filter(has_pods).count();
        let mut room = (self.settings.max_scale_down_parallelism as usize).saturating_sub(deleting.len());
        let mut chosen: Vec<NodeId> = removable.empty.into_iter().take(room).collect();
        room -= chosen.len();
        let drains = (self.settings.max_drain_parallelism as usize).saturating_sub(draining).min(room);
        chosen.extend(removable.drain.into_iter().take(drains));
        if !chosen.is_empty() {
            self.removed_at = Some(now);
        }
        chosen.into_iter().map(|node| Action::Remove { node }).collect()
    }

    fn sizes(&self, now: Time, view: &View<'_>) -> BTreeMap<PoolId, PoolSize> {
        let size = |(index, pool): (usize, &Pool)| {
            let id = PoolId(index as u32);
            let deletions = view.nodes.iter().filter(|node| node.pool == id && is_being_deleted(node, now)).count();
            (id, PoolSize { size: view.size(id), deletions: deletions as u32, min: pool.min })
        };
        self.pools.iter().enumerate().map(size).collect()
    }

    fn is_cooling_down(&self, now: Time) -> bool {
        let settings = &self.settings;
        let within = |at: Option<Time>, delay: Span| at.is_some_and(|at| now < at + delay);
        within(self.added_at, settings.scale_down_delay_after_add)
            || within(self.removed_at, settings.scale_down_delay_after_delete)
            || within(self.failed_at, settings.scale_down_delay_after_failure)
    }
}

/// What pods ask for in all.
fn sum(cluster: &Cluster, pods: &[(PodKey, ClassId)]) -> Resources {
    let requests = |of: fn(Resources) -> u64| pods.iter().map(|&(_, class)| of(cluster.requests(class))).sum();
    Resources {
        cpu: Cores::milli(requests(|resources| resources.cpu.as_milli())),
        memory: Bytes::new(requests(|resources| resources.memory.count())),
    }
}
