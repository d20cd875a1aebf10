//! Targets: which of all pods, nodes and places a fault may hit; each condition leaves fewer.

use sim_core::{Draw, Rng};

use crate::cluster::{Container, DeploymentId, PodId};
use crate::place::{NodeId, Place, RegionId, ZoneId};
use crate::service::{ReplicaId, ServiceId};
use crate::workload::WorkloadId;
use crate::world::World;

/// Which of all there are; without any condition, all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Only pods of this service, and the nodes that they are on.
    pub service: Option<ServiceId>,
    /// Only pods of these deployments: those that have the labels asked for.
    pub deployments: Option<Vec<DeploymentId>>,
    /// Only the pod with this number of its deployment.
    pub pod: Option<u32>,
    /// Only customers, those of this workload.
    pub workload: Option<WorkloadId>,
    /// Only in this region.
    pub region: Option<RegionId>,
    /// Only in this zone.
    pub zone: Option<ZoneId>,
    /// Only nodes of this pool, and pods on them.
    pub pool: Option<u16>,
    /// Only this node.
    pub node: Option<NodeId>,
    /// Of those, so many, drawn at random.
    pub count: Option<u32>,
    /// Of those, this share, rounded up, drawn at random.
    pub share: Option<f64>,
}

/// One end of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Customer(WorkloadId, RegionId),
    Replica(ReplicaId),
}

impl Target {
    /// Whether only a part of what fits is hit, drawn at random.
    pub(crate) fn is_drawn(&self) -> bool {
        self.count.is_some() || self.share.is_some()
    }

    /// Whether it means all that is in a place, or in the world.
    pub(super) fn is_place(&self) -> bool {
        let part = self.is_about_pods() || self.pool.is_some() || self.node.is_some() || self.is_drawn();
        !part
    }

    /// Whether it names pods by what they run.
    fn is_about_pods(&self) -> bool {
        self.service.is_some() || self.deployments.is_some() || self.pod.is_some()
    }

    /// Whether no customer can be meant.
    fn is_about_servers(&self) -> bool {
        let machines = self.zone.is_some() || self.pool.is_some() || self.node.is_some();
        self.is_about_pods() || machines || self.is_drawn()
    }

    /// Whether it is in the region and the zone.
    pub(super) fn holds(&self, region: RegionId, zone: ZoneId) -> bool {
        self.region.is_none_or(|wanted| wanted == region) && self.zone.is_none_or(|wanted| wanted == zone)
    }

    /// As many of the candidates as are wanted, in their order: those that `chance` hits, or so many.
    pub(super) fn draw<T: Copy + Ord>(&self, mut candidates: Vec<T>, chance: Option<f64>, rng: &mut Rng) -> Vec<T> {
        if let Some(chance) = chance {
            candidates.retain(|_| rng.chance(chance));
            return candidates;
        }
        let of = candidates.len();
        let share = self.share.map(|share| (share * of as f64).ceil() as usize);
        let count = self.count.map(|count| count as usize);
        let wanted = share.into_iter().chain(count).min().unwrap_or(of).min(of);
        for index in 0..wanted {
            let other = index + rng.below(of - index);
            candidates.swap(index, other);
        }
        candidates.truncate(wanted);
        candidates.sort_unstable();
        candidates
    }
}

impl World {
    /// The pods that fit: those whose container runs.
    pub(super) fn pods_in(&self, target: &Target) -> Vec<PodId> {
        let pods = self.cluster.deployments.iter().flat_map(|deployment| deployment.pods.iter().copied());
        let runs = |pod: &PodId| {
            let record = &self.cluster.pods[*pod];
            let on_node = record.node.is_some_and(|node| self.is_on(target, node) && self.is_up(node));
            record.deleting.is_none() && record.container == Container::Running && on_node
        };
        pods.filter(|pod| self.is_of(target, *pod)).filter(runs).collect()
    }

    /// The nodes that fit; those that are down among them where `down` says so.
    pub(super) fn nodes_in(&self, target: &Target, down: bool) -> Vec<NodeId> {
        let all = (0..self.cluster.nodes.len() as u32).map(NodeId);
        let runs = |id: NodeId| {
            let pods = &self.cluster.nodes[id.0 as usize].pods;
            !target.is_about_pods() || pods.iter().any(|&pod| self.is_of(target, pod))
        };
        all.filter(|&node| self.is_on(target, node) && (down || self.is_up(node)) && runs(node)).collect()
    }

    /// All places where machines of pools or of pods can be, in their order.
    pub(super) fn places_in(&self, target: &Target) -> Vec<(RegionId, ZoneId)> {
        let own = self.cluster.deployments.iter().flat_map(|deployment| deployment.template.zones.iter().flatten());
        let own = own.copied().filter(|_| self.cluster.pools.is_empty());
        let pools = self.cluster.pools.iter().flat_map(|pool| &pool.places);
        let pools = pools.map(|(Place { region, zone, .. }, _)| (*region, *zone));
        let mut places: Vec<_> = own.chain(pools).filter(|&(region, zone)| target.holds(region, zone)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn is_up(&self, node: NodeId) -> bool {
        self.cluster.nodes[node.0 as usize].alive
    }

    /// Whether a node is where the target says.
    fn is_on(&self, target: &Target, id: NodeId) -> bool {
        let node = &self.cluster.nodes[id.0 as usize];
        !node.removed
            && target.holds(node.place.region, node.place.zone)
            && target.pool.is_none_or(|pool| node.pool == Some(pool))
            && target.node.is_none_or(|wanted| wanted == id)
    }

    /// Whether a pod runs what the target says.
    fn is_of(&self, target: &Target, pod: PodId) -> bool {
        let record = &self.cluster.pods[pod];
        let service = self.cluster.deployments[usize::from(record.deployment.0)].service;
        target.service.is_none_or(|wanted| wanted == service)
            && target.deployments.as_ref().is_none_or(|of| of.contains(&record.deployment))
            && target.pod.is_none_or(|serial| serial == record.serial)
    }

    /// Whether a pod is one of the target's, wherever it is in its life.
    pub(super) fn is_target_pod(&self, target: &Target, pod: PodId) -> bool {
        let node = self.cluster.pods[pod].node;
        self.is_of(target, pod) && node.is_some_and(|node| self.is_on(target, node))
    }

    /// Whether one end of a message is the target's, or among these pods if they were drawn.
    pub(super) fn is_side(&self, target: &Target, drawn: Option<&[PodId]>, side: Side) -> bool {
        let replica = match side {
            Side::Customer(workload, region) => {
                let wanted = target.workload.is_none_or(|wanted| wanted == workload);
                return wanted && !target.is_about_servers() && target.region.is_none_or(|wanted| wanted == region);
            }
            Side::Replica(id) => &self.replicas[id.0 as usize],
        };
        match replica.pod {
            _ if target.workload.is_some() => false,
            Some(pod) => match drawn {
                Some(pods) => pods.binary_search(&pod).is_ok(),
                None => self.is_target_pod(target, pod),
            },
            None => {
                let place = replica.settings.place;
                let plain = drawn.is_none() && target.service.is_none_or(|wanted| wanted == replica.service);
                plain && target.holds(place.region, place.zone)
            }
        }
    }
}
