//! Whether there are nodes that pods can run on, and wishes that some node can fulfil.

use models::schedule::Labels;
use sim_core::Cores;

use super::Check;
use crate::file::{Code, Problem, key};
use crate::schema::{Group, Neighbour, NodePool, Pod, PoolScale, Service, Spread};

// Backstops against typing errors.
const NODES_MAX: u32 = 100_000;
const POOLS_MAX: usize = 1_000;
/// The most that one wish can matter against others, as in Kubernetes.
const WEIGHT_MAX: i64 = 100;

impl Check<'_> {
    pub(super) fn nodes(&mut self) {
        let pools = &self.scenario.nodes;
        self.at_most("nodes", "pools", pools.len(), POOLS_MAX);
        for (name, pool) in pools {
            self.pool(&format!("nodes.{}", key(name)), pool);
        }
        let most = |pool: &NodePool| pool.scale.map_or(pool.count, |scale| scale.max.max(pool.count));
        let count = pools.values().fold(0, |sum: u32, pool| sum.saturating_add(most(pool)));
        if !pools.is_empty() && count == 0 {
            self.invalid("nodes", "there is no node in any pool");
        }
        if count > NODES_MAX {
            self.invalid("nodes", format!("{count} nodes are more than the {NODES_MAX} of a scenario"));
        }
    }

    fn pool(&mut self, path: &str, pool: &NodePool) {
        if pool.cpu == Cores::default() {
            self.invalid(&format!("{path}.cpu"), "a node without a processor runs nothing");
        }
        if pool.memory.count() == 0 {
            self.invalid(&format!("{path}.memory"), "a node without memory runs nothing");
        }
        if pool.pods == 0 {
            self.invalid(&format!("{path}.pods"), "a node that takes no pods is no use");
        }
        for (index, region) in pool.regions.iter().enumerate() {
            self.region(&format!("{path}.regions[{index}]"), region);
        }
        self.own_label(&format!("{path}.labels"), &pool.labels, "pool", "the name of the pool");
        for (index, _) in pool.taints.iter().enumerate().filter(|(_, taint)| taint.key.is_empty()) {
            self.invalid(&format!("{path}.taints[{index}].key"), "a taint has a key that says what it is about");
        }
        if !(pool.price.is_finite() && pool.price >= 0.0) {
            self.invalid(&format!("{path}.price"), format!("a price is zero or more, not {}", pool.price));
        }
        if let Some(PoolScale { min, max }) = pool.scale {
            if min > max {
                self.invalid(&format!("{path}.scale.max"), format!("{max} is less than min, {min}"));
            } else if !(min..=max).contains(&pool.count) {
                let message = format!("{} is outside of the pool's own bounds, {min} to {max}", pool.count);
                self.invalid(&format!("{path}.count"), message);
            }
        }
        self.distribution(&format!("{path}.provision"), &pool.provision);
        if let Some(spot) = &pool.spot {
            self.distribution(&format!("{path}.spot.lifetime"), &spot.lifetime);
        }
    }

    /// What pods want of their nodes, and of the pods around them.
    pub(super) fn placement(&mut self, path: &str, service: &Service) {
        let Pod { labels, nodes, spread, near, apart, tolerations, .. } = &service.pod;
        let path = format!("{path}.pod");
        let wishes = !(spread.is_empty() && near.is_empty() && apart.is_empty() && tolerations.is_empty())
            || *nodes != Default::default();
        if wishes && self.scenario.nodes.is_empty() {
            self.invalid(&path, "wishes about nodes need `nodes`: without, each pod has a machine of its own");
        }
        self.own_label(&format!("{path}.labels"), labels, "app", "the name of the service");
        self.own_label(&format!("{path}.labels"), labels, "group", "the number of the group");
        for (index, (weight, _)) in nodes.preferred.iter().enumerate() {
            self.wish(&format!("{path}.nodes.preferred[{index}][0]"), *weight);
        }
        for (index, Spread { max_skew, .. }) in spread.iter().enumerate() {
            if *max_skew == 0 {
                self.invalid(
                    &format!("{path}.spread[{index}].max_skew"),
                    "no number of pods is as even as that; at least 1",
                );
            }
        }
        for (field, neighbours) in [("near", near), ("apart", apart)] {
            for (index, Neighbour { labels, weight, .. }) in neighbours.iter().enumerate() {
                let at = format!("{path}.{field}[{index}]");
                if labels.is_empty() {
                    self.invalid(&format!("{at}.labels"), "which pods? Such as { \"app\": \"shop\" }");
                }
                if let Some(weight) = weight {
                    self.wish(&format!("{at}.weight"), *weight);
                }
            }
        }
        self.fits_some_node(&path, service);
    }

    fn wish(&mut self, path: &str, weight: i64) {
        if !(1..=WEIGHT_MAX).contains(&weight) {
            self.invalid(path, format!("a weight is from 1 to {WEIGHT_MAX}, not {weight}"));
        }
    }

    /// A label that is given by itself.
    fn own_label(&mut self, path: &str, labels: &Labels, name: &str, what: &str) {
        if labels.contains_key(name) {
            self.invalid(&format!("{path}.{}", key(name)), format!("`{name}` is {what}; choose another label"));
        }
    }

    /// A pod that is larger than every node, or is to run where none is, would be pending for ever.
    fn fits_some_node(&mut self, path: &str, service: &Service) {
        let nodes = &self.scenario.nodes;
        if nodes.is_empty() {
            return;
        }
        let filled = service.filled_pod();
        let (cpu, memory) = (filled.cpu.unwrap_or_default(), filled.memory.unwrap_or_default());
        let has_room = |pool: &&NodePool| cpu <= pool.cpu && memory <= pool.memory;
        if !nodes.values().any(|pool| has_room(&pool)) {
            let pools = nodes.iter().map(|(name, pool)| format!("{name:?} has {} and {}", pool.cpu, pool.memory));
            let message = format!("no node has room for a pod with {cpu} cores and {memory}");
            let help = pools.collect::<Vec<_>>().join(", ");
            return self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
        }
        for group in service.all_groups() {
            let regions = self.regions_wanted(service, &group);
            let is_in =
                |pool: &&NodePool| pool.regions.is_empty() || pool.regions.iter().any(|at| regions.contains(at));
            if !regions.is_empty() && !nodes.values().filter(has_room).any(|pool| is_in(&pool)) {
                let message = format!("no node in {} has room for its pods", regions.join(" or "));
                return self.invalid(path.trim_end_matches(".pod"), message);
            }
        }
    }

    /// The regions that a group is bound to, if it is.
    fn regions_wanted(&self, service: &Service, group: &Group) -> Vec<String> {
        group.region.clone().map_or_else(|| service.regions.clone(), |region| vec![region])
    }
}
