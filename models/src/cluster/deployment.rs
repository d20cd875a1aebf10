//! Deployments: so many pods of one template. The replica set controller adds and removes pods until
//! there are as many as desired.

use std::collections::VecDeque;

use sim_core::dist::Sampler;
use sim_core::sim::Cx;
use sim_core::{Draw, Draws, Time};

use super::pod::Container;
use super::probing::Probing;
use super::{BehaviourId, Cluster, Command, LineageId, Pod, PodId, ProbeTemplate, Scaling};
use crate::chaos::Cue;
use crate::heal::Ailment;
use crate::place::{Place, RegionId, ZoneId};
use crate::pod::backoff::CrashLoop;
use crate::pod::budget::DisruptionBudget;
use crate::pod::termination::Termination;
use crate::pod::{Phase, Resources};
use crate::schedule::{BudgetId, ClassId};
use crate::service::ServiceId;
use crate::world::World;

/// A deployment's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentId(pub u16);

/// What all pods of a deployment have in common.
#[derive(Clone, Debug)]
pub struct Template {
    /// Share of the traffic of each, relative to others.
    pub weight: u32,
    /// How much work each does in a unit of time; 1 is normal.
    pub speed: f64,
    /// How much of its processors each gets, where a limit leaves it less than all.
    pub cpu_share: f64,
    /// The share of its answers that are errors.
    pub error_rate: f64,
    /// Whether it refuses connections.
    pub down: bool,
    /// The zones it may run in, region by region; one nameless zone if there are none.
    pub zones: Vec<Vec<(RegionId, ZoneId)>>,
    /// What each asks of its node, in all; the base of utilisation.
    pub requests: Option<Resources>,
    /// Who makes room first when memory runs short; lower goes first.
    pub priority: i32,
    /// From being sent to a node until its image is there.
    pub pull: Option<Sampler>,
    /// From its container's start until the program listens.
    pub startup: Option<Sampler>,
    /// Whether that keeps its processors busy.
    pub startup_busy: bool,
    /// How it ends.
    pub termination: Termination,
    /// How many of them may be missing on purpose.
    pub budget: Option<DisruptionBudget>,
    /// What it is asked while it runs.
    pub probes: Vec<ProbeTemplate>,
    /// What is peculiar about this version, if anything is.
    pub behaviour: Option<BehaviourId>,
}

/// A deployment at run time.
pub(crate) struct Deployment {
    pub(crate) service: ServiceId,
    pub(crate) template: Template,
    /// What the scheduler knows its pods and its budget by.
    pub(crate) class: Option<ClassId>,
    pub(crate) budget: Option<BudgetId>,
    pub(crate) desired: u32,
    /// All its pods, those that are ending among them, in the order of their creation.
    pub(crate) pods: Vec<PodId>,
    /// How many of them count.
    pub(crate) active: u32,
    /// How many are ready and not ending.
    pub(crate) ready: u32,
    /// Commanded, and not yet there.
    pub(crate) creating: u32,
    /// Commanded to end, and still counted.
    pub(crate) dooming: u32,
    serial: u32,
    /// How many of its pods each zone of the template has.
    pub(crate) spread: Vec<Vec<u32>>,
    /// Where the chance of its pods comes from.
    draws: Draws,
    pub(crate) scaling: Option<Scaling>,
    /// Requests that reached pods which are gone.
    pub(crate) reached_before: u64,
    /// What befell pods for which others shall come.
    pub(crate) bereft: VecDeque<Ailment>,
    /// The versions of a service that this is one of, where there are releases, and which.
    pub(crate) lineage: Option<LineageId>,
    pub(crate) version: u8,
    /// The pool that its pods are in, and whether they are to have traffic there.
    pub(crate) subset: u8,
    pub(crate) selected: bool,
    /// When that last changed.
    pub(crate) selected_changed: Time,
}

impl World {
    /// Adds a deployment of `service` with so many pods, all of which run and are ready when the run
    /// begins.
    ///
    /// To be called before the world starts.
    pub fn add_deployment(&mut self, service: ServiceId, replicas: u32, template: Template) -> DeploymentId {
        let id = DeploymentId(u16::try_from(self.cluster.deployments.len()).expect("more than 65,536 deployments"));
        let draws = Draws::new(self.cluster.seed.stream(&format!("deployment/{}", id.0)).next_u64());
        let spread = template.zones.iter().map(|zones| vec![0; zones.len()]).collect();
        self.cluster.deployments.push(Deployment {
            service,
            spread,
            template,
            class: None,
            budget: None,
            desired: replicas,
            pods: Vec::new(),
            active: 0,
            ready: 0,
            creating: 0,
            dooming: 0,
            serial: 0,
            draws,
            scaling: None,
            reached_before: 0,
            bereft: VecDeque::new(),
            lineage: None,
            version: 0,
            subset: 0,
            selected: true,
            selected_changed: Time::ZERO,
        });
        id
    }

    /// The pods that are there when the run begins.
    pub(crate) fn start_deployments(&mut self, cx: &mut Cx<'_, World>) {
        for index in 0..self.cluster.deployments.len() {
            for _ in 0..self.cluster.deployments[index].desired {
                let pod = self.new_pod(cx.now, DeploymentId(index as u16));
                if !self.await_node(cx.now, pod) {
                    self.place_by_itself(cx, pod);
                    self.begin_running(cx, pod);
                }
            }
        }
        self.place_first_pods(cx);
    }

    /// A deployment shall have so many replicas.
    pub(crate) fn set_replicas(&mut self, cx: &mut Cx<'_, World>, id: DeploymentId, replicas: u32) -> bool {
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        let changed = deployment.desired != replicas;
        deployment.desired = replicas;
        if changed {
            let service = deployment.service;
            self.cue(cx, Cue::Scaled(service));
        }
        self.reconcile(cx, id);
        changed
    }

    /// The replica set controller compares what is with what shall be.
    pub(crate) fn reconcile(&mut self, cx: &mut Cx<'_, World>, id: DeploymentId) {
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        // What is still to be created can be left undone; see `create_pod`.
        let (have, coming, desired) = (deployment.staying(), deployment.creating, deployment.desired);
        if have + coming < desired {
            deployment.creating = desired - have;
            (have + coming..desired).for_each(|_| self.command(cx, Command::Create { deployment: id }));
            return;
        }
        if coming == 0 {
            // Nobody will come for those that are left.
            deployment.bereft.clear();
        }
        if have > desired {
            for pod in self.surplus(cx.now, id, (have - desired) as usize) {
                self.cluster.pods[pod].doomed = true;
                self.cluster.deployments[usize::from(id.0)].dooming += 1;
                self.command(cx, Command::Delete { pod, cause: None });
            }
        }
    }

    /// One pod more; it still has to find its place. False if it is needed no longer.
    pub(crate) fn create_pod(&mut self, cx: &mut Cx<'_, World>, id: DeploymentId) -> bool {
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        deployment.creating -= 1;
        if deployment.staying() >= deployment.desired {
            deployment.bereft.clear();
            return false;
        }
        let pod = self.new_pod(cx.now, id);
        self.cluster.pods[pod].ailment = self.cluster.deployments[usize::from(id.0)].bereft.pop_front();
        if self.await_node(cx.now, pod) {
            self.schedule(cx);
        } else {
            self.house(cx, pod);
        }
        true
    }

    fn new_pod(&mut self, now: Time, id: DeploymentId) -> PodId {
        let Cluster { deployments, pods, settings, .. } = &mut self.cluster;
        let deployment = &mut deployments[usize::from(id.0)];
        let serial = deployment.serial;
        deployment.serial += 1;
        deployment.active += 1;
        let draws = deployment.draws.branch(u64::from(serial));
        let pod = pods.insert_with(|| Pod {
            deployment: id,
            serial,
            phase: Phase::Pending,
            created: now,
            assigned: None,
            node: None,
            replica: None,
            container: Container::Waiting,
            started: None,
            container_started: now,
            ending: None,
            fate: None,
            served_before: 0,
            crash_loop: CrashLoop::new(&settings.crash_loop),
            probes: deployment.template.probes.iter().map(Probing::new).collect(),
            scrape: None,
            samples: Vec::new(),
            restarts: 0,
            ready: false,
            ready_changed: now,
            deleting: None,
            doomed: false,
            ailment: None,
            timer: None,
            draws,
        });
        deployment.pods.push(pod);
        self.touch(id);
        pod
    }

    /// A pod starts on a machine of its own, or waits until there is one to be had.
    fn house(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        match self.place_by_itself(cx, pod) {
            true => self.fetch(cx, pod),
            false => self.cluster.homeless.push(pod),
        }
    }

    /// There may be machines again for pods that have none.
    pub(crate) fn house_all(&mut self, cx: &mut Cx<'_, World>) {
        for pod in std::mem::take(&mut self.cluster.homeless) {
            if self.cluster.pods.get(pod).is_some_and(Pod::is_active) {
                self.house(cx, pod);
            }
        }
    }

    /// Without nodes a pod is a server of its own, in the zone that has the fewest of its deployment.
    /// False if all its zones are lost.
    fn place_by_itself(&mut self, cx: &mut Cx<'_, World>, pod: PodId) -> bool {
        let deployment = &self.cluster.deployments[usize::from(self.cluster.pods[pod].deployment.0)];
        let (region, zone) = deployment.emptiest(&self.cluster.lost_zones);
        if self.cluster.lost_zones.contains(&zone) {
            return false;
        }
        let node = self.own_node(cx.now, Place { region, zone, ..Place::default() });
        self.node(node).allocatable = self.cluster.deployments[usize::from(self.cluster.pods[pod].deployment.0)]
            .template
            .requests
            .unwrap_or_default();
        self.occupy(cx, pod, node);
        true
    }
}

impl Deployment {
    /// How many pods it has that nobody has told to end.
    fn staying(&self) -> u32 {
        self.active - self.dooming
    }

    /// The zone with the fewest pods in the region with the fewest, as far as they are not `lost`.
    fn emptiest(&self, lost: &[ZoneId]) -> (RegionId, ZoneId) {
        let zones = &self.template.zones;
        let is_lost = |region: usize, zone: usize| lost.contains(&zones[region][zone].1);
        let all_lost = |region: usize| (0..zones[region].len()).all(|zone| is_lost(region, zone));
        let pods = |&region: &usize| (all_lost(region), self.spread[region].iter().sum::<u32>());
        let Some(region) = (0..self.spread.len()).min_by_key(pods) else { return Default::default() };
        let zone =
            (0..self.spread[region].len()).min_by_key(|&zone| (is_lost(region, zone), self.spread[region][zone]));
        zones[region][zone.expect("a region has a zone")]
    }

    /// How many of its pods are in the zone.
    pub(crate) fn in_zone(&mut self, zone: ZoneId) -> Option<&mut u32> {
        let zones = self.template.zones.iter().flatten();
        zones.zip(self.spread.iter_mut().flatten()).find(|((_, other), _)| *other == zone).map(|(_, count)| count)
    }
}
