//! Faults: what breaks, where, when, and for how long.
//!
//! A fault picks its victims when it begins, with chance of its own, and when it is over heals
//! exactly those. It acts on machines and processes, never on what controllers decide: what follows
//! is left to them.

use sim_core::sim::Cx;
use sim_core::{Draw, Rng, Span, Time};

use crate::cluster::PodId;
use crate::heal::Cause;
use crate::place::{NodeId, RegionId, ZoneId};
use crate::service::ServiceId;
use crate::world::{Event, Fact, World};

/// A fault's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u16);

/// Something that breaks.
#[derive(Debug)]
pub struct Fault {
    /// What.
    pub what: What,
    /// Where.
    pub target: Target,
    /// When.
    pub at: Time,
    /// After how long it is healed; `None` is never.
    pub lasts: Option<Span>,
    /// What its victims are drawn with.
    pub rng: Rng,
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Processes end: their containers are started again where they were.
    Crash,
    /// Pods are deleted, with all grace: others take their place.
    DeletePods,
    /// Machines lose power or network: silence. Healed, they boot again.
    LoseNodes,
    /// Nodes are cordoned and emptied, as budgets allow. Healed, they take pods again.
    Drain,
    /// The provider takes nodes back: after this notice they are gone for good.
    Reclaim(Span),
}

/// Which of all there are; without any condition, all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Only pods of this service, and the nodes that they are on.
    pub service: Option<ServiceId>,
    /// Only in this region.
    pub region: Option<RegionId>,
    /// Only in this zone.
    pub zone: Option<ZoneId>,
    /// Only nodes of this pool, and pods on them.
    pub pool: Option<u16>,
    /// Of those, so many, drawn at random.
    pub count: Option<u32>,
    /// Of those, this share, rounded up, drawn at random.
    pub share: Option<f64>,
}

/// A fault at run time.
pub(crate) struct Running {
    fault: Fault,
    /// The nodes it broke, and the zones it took out.
    nodes: Vec<NodeId>,
    zones: Vec<ZoneId>,
}

impl World {
    /// Adds a fault.
    ///
    /// To be called before the world starts.
    pub fn add_fault(&mut self, fault: Fault) -> FaultId {
        self.faults.push(Running { fault, nodes: Vec::new(), zones: Vec::new() });
        FaultId(u16::try_from(self.faults.len() - 1).expect("more than 65,536 faults"))
    }

    pub(crate) fn start_faults(&mut self, cx: &mut Cx<'_, World>) {
        for (index, Running { fault, .. }) in self.faults.iter().enumerate() {
            cx.at(fault.at, Event::Fault { fault: FaultId(index as u16), ends: false });
        }
    }

    /// A fault begins.
    pub(crate) fn strike(&mut self, cx: &mut Cx<'_, World>, id: FaultId) {
        let Running { fault, .. } = &self.faults[usize::from(id.0)];
        let (what, lasts) = (fault.what, fault.lasts);
        let hit = match what {
            What::Crash | What::DeletePods => {
                let pods = self.pods_in(id);
                for &pod in &pods {
                    match what {
                        What::Crash => self.crash(cx, pod, Cause::Killed),
                        _ => self.doom(cx, pod, Some(Cause::Killed)),
                    }
                }
                pods.len()
            }
            What::LoseNodes | What::Drain | What::Reclaim(_) => {
                let nodes = self.nodes_in(id);
                if what == What::LoseNodes {
                    self.lose_zones(id);
                }
                let hit = nodes.len();
                for &node in &nodes {
                    match what {
                        What::LoseNodes => _ = self.lose_node(cx, node),
                        What::Reclaim(notice) => self.reclaim(cx, node, notice),
                        _ => self.drain(cx, node, Cause::Drained),
                    }
                }
                self.faults[usize::from(id.0)].nodes = nodes;
                hit
            }
        };
        cx.tell(Fact::Struck { fault: id, victims: hit as u32 });
        if let Some(lasts) = lasts {
            cx.after(lasts, Event::Fault { fault: id, ends: true });
        }
    }

    /// A fault is over.
    pub(crate) fn heal(&mut self, cx: &mut Cx<'_, World>, id: FaultId) {
        let what = self.faults[usize::from(id.0)].fault.what;
        for node in std::mem::take(&mut self.faults[usize::from(id.0)].nodes) {
            match what {
                What::LoseNodes => self.revive_node(cx, node),
                What::Drain => self.uncordon(cx, node),
                What::Crash | What::DeletePods | What::Reclaim(_) => {}
            }
        }
        for zone in std::mem::take(&mut self.faults[usize::from(id.0)].zones) {
            let lost = &mut self.cluster.lost_zones;
            lost.remove(lost.iter().position(|other| *other == zone).expect("a lost zone is lost until it is healed"));
        }
        self.house_all(cx);
        cx.tell(Fact::Mended { fault: id });
    }

    /// Where a fault takes all machines, none can be had until it is over.
    fn lose_zones(&mut self, id: FaultId) {
        let Running { fault, zones, .. } = &mut self.faults[usize::from(id.0)];
        let Target { service, region, zone, pool, count, share } = &fault.target;
        let whole = service.is_none() && pool.is_none() && count.is_none() && share.is_none();
        if !whole {
            return;
        }
        let places = self.cluster.deployments.iter().flat_map(|deployment| deployment.template.zones.iter().flatten());
        let hit = |(at, in_zone): &&(RegionId, ZoneId)| {
            region.is_none_or(|region| region == *at) && zone.is_none_or(|zone| zone == *in_zone)
        };
        zones.extend(places.filter(hit).map(|(_, zone)| *zone));
        zones.sort_unstable();
        zones.dedup();
        self.cluster.lost_zones.extend(zones.iter().copied());
    }

    /// The nodes that a fault hits.
    fn nodes_in(&mut self, id: FaultId) -> Vec<NodeId> {
        let target = self.faults[usize::from(id.0)].fault.target.clone();
        let all = (0..self.cluster.nodes.len() as u32).map(NodeId);
        let hit: Vec<NodeId> = all.filter(|&node| self.is_target_node(&target, node)).collect();
        self.draw(id, hit)
    }

    /// The pods that a fault hits: those whose container runs.
    fn pods_in(&mut self, id: FaultId) -> Vec<PodId> {
        let target = self.faults[usize::from(id.0)].fault.target.clone();
        let deployments = self.cluster.deployments.iter();
        let deployments = deployments.filter(|one| target.service.is_none_or(|service| one.service == service));
        let pods = deployments.flat_map(|deployment| deployment.pods.iter().copied());
        let elsewhere = Target { service: None, ..target.clone() };
        let is_hit = |pod: &PodId| {
            let record = &self.cluster.pods[*pod];
            record.deleting.is_none()
                && record.container == crate::cluster::Container::Running
                && record.node.is_some_and(|node| self.is_target_node(&elsewhere, node))
        };
        let hit = pods.filter(is_hit).collect();
        self.draw(id, hit)
    }

    fn is_target_node(&self, target: &Target, id: NodeId) -> bool {
        let node = &self.cluster.nodes[id.0 as usize];
        let runs = |service: ServiceId| {
            let of = |pod: &PodId| self.cluster.deployments[usize::from(self.cluster.pods[*pod].deployment.0)].service;
            node.pods.iter().any(|pod| of(pod) == service)
        };
        !node.removed
            && node.alive
            && target.region.is_none_or(|region| node.place.region == region)
            && target.zone.is_none_or(|zone| node.place.zone == zone)
            && target.pool.is_none_or(|pool| node.pool == Some(pool))
            && target.service.is_none_or(runs)
    }

    /// As many of the candidates as the fault wants, in their order.
    fn draw<T: Copy + Ord>(&mut self, id: FaultId, mut candidates: Vec<T>) -> Vec<T> {
        let Fault { target, rng, .. } = &mut self.faults[usize::from(id.0)].fault;
        let of = candidates.len();
        let share = target.share.map(|share| (share * of as f64).ceil() as usize);
        let count = target.count.map(|count| count as usize);
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
