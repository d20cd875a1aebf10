//! Invariants: what must hold of every world, whatever happens in it.
//!
//! Two kinds. [`World::check`] counts again what the world keeps count of, and looks for what cannot
//! be: work on dead servers, pods on nodes that are gone, pods that nobody will ever start. It may be
//! asked between any two events. [`Ledger`] is an observer that adds up what the world tells, and
//! compares: requests, decisions of autoscalers, healings.
//!
//! Neither is for production runs: each check takes as long as there is world.

use sim_core::{Observer, Span, Time};

use crate::call::Origin;
use crate::chaos::StrikeId;
use crate::cluster::{Command, Container, DeploymentId, Issued, PodId};
use crate::heal::{Ailment, Patient};
use crate::outcome::Outcome;
use crate::place::NodeId;
use crate::schedule::PodKey;
use crate::service::{Door, Processor, ReplicaId, Service, ServiceId, SplitDraws};
use crate::world::{Fact, World};

impl World {
    /// Panics unless the world is consistent with itself; to be called between two events.
    pub fn check(&self) {
        assert!(self.agenda.is_empty(), "what follows at once has been done");
        (0..self.services.len()).for_each(|index| self.check_service(ServiceId(index as u16)));
        (0..self.replicas.len()).for_each(|index| self.check_replica(ReplicaId(index as u32)));
        (0..self.cluster.deployments.len()).for_each(|index| self.check_deployment(DeploymentId(index as u16)));
        (0..self.cluster.nodes.len()).for_each(|index| self.check_node(NodeId(index as u32)));
        self.check_tasks();
        self.check_releases();
        self.check_connections();
        self.check_chaos();
    }

    /// What is broken is broken by a strike that is not over; all else is as it was.
    fn check_chaos(&self) {
        let active: Vec<StrikeId> = self.active_strikes().collect();
        let lasts = |strike: &StrikeId| active.contains(strike);
        assert!(self.links.strikes().all(|strike| lasts(&strike)), "links are disturbed by nobody");
        for replica in &self.replicas {
            let own = replica.condition.as_ref().map_or(&replica.settings, |condition| condition.base());
            if let Some(pod) = replica.pod {
                let deployment = self.cluster.pods[pod].deployment;
                let template = &self.cluster.deployments[usize::from(deployment.0)].template;
                let wanted = (template.speed * template.cpu_share, template.error_rate);
                assert_eq!((own.speed, own.error_rate), wanted, "a healed replica is as it was");
            }
            if let Some(condition) = &replica.condition {
                assert!(replica.pod.is_some(), "nobody runs here, and suffers");
                assert!(condition.strikes().all(|strike| lasts(&strike)), "a strike is over, not what it did");
            }
        }
        for node in self.cluster.nodes.iter().filter(|node| !node.removed) {
            assert_eq!(node.alive, node.outages.is_empty(), "a machine is dead as long as a strike holds it");
            assert!(node.outages.iter().chain(&node.cordons).all(lasts), "a machine is held by nobody");
        }
        let closed = !(self.cluster.lost_zones.is_empty() && self.cluster.lost_pools.is_empty());
        assert!(!(closed && active.is_empty()), "places are closed by nobody");
    }

    /// What a service's replicas do together is the sum of what each does.
    fn check_service(&self, id: ServiceId) {
        let service = &self.services[usize::from(id.0)];
        let (mut busy, mut waiting, mut working) = (0, 0, 0);
        for replica in service.all_replicas().map(|id| &self.replicas[id.0 as usize]) {
            assert_eq!(replica.service, id, "a replica belongs to its service");
            busy += u64::from(replica.busy);
            waiting += replica.line.len() as u64;
            working += replica.working.value();
        }
        let levels = &service.levels;
        let kept = (levels.busy.value(), levels.waiting.value(), levels.working.value());
        assert_eq!(kept, (busy, waiting, working), "busy, waiting and working of service {}", id.0);
        let deployments = self.cluster.deployments.iter().filter(|deployment| deployment.service == id);
        let pods = deployments.flat_map(|deployment| &deployment.pods);
        let runs = |container| matches!(container, Container::Running | Container::Stopping);
        let running = pods.filter(|&&pod| runs(self.cluster.pods[pod].container)).count() as u64;
        assert_eq!(levels.running.value(), running, "running replicas of service {}", id.0);
    }

    /// A replica holds no more than it can, and nothing at all where nothing runs.
    fn check_replica(&self, id: ReplicaId) {
        let replica = &self.replicas[id.0 as usize];
        let service = &self.services[usize::from(replica.service.0)];
        let settings = &service.settings;
        assert!(settings.workers.is_none_or(|workers| replica.busy <= workers), "{id:?} has more at work than workers");
        let room = if replica.is_paused() { service.room_when_paused(replica.busy) } else { settings.queue as usize };
        assert!(replica.line.len() <= room, "the line of {id:?} is too long");
        assert!(replica.held() <= replica.held_max, "{id:?} holds more than fits into its memory");
        let served = replica.busy > 0 || replica.is_paused();
        assert!(served || replica.line.len() == 0, "somebody waits at {id:?} for nobody");
        if let Some(cores) = replica.cores(settings) {
            assert!(replica.working.value() <= u64::from(cores), "{id:?} works on more cores than it has");
        }
        if let Processor::PerWorker = replica.processor {
            assert!(replica.working.value() <= u64::from(replica.busy), "{id:?} works for nobody");
        }
        let runs = match replica.pod {
            Some(pod) => {
                let record = self.cluster.pods.get(pod).unwrap_or_else(|| panic!("the pod of {id:?} is gone"));
                assert_eq!(record.replica, Some(id), "a pod knows its replica");
                matches!(record.container, Container::Running | Container::Stopping)
            }
            // Without a pod, only those run that no deployment ever had.
            None => !self.cluster.deployments.iter().any(|one| one.service == replica.service),
        };
        if !runs {
            assert_ne!(replica.door, Door::Open, "nobody listens at {id:?}");
            assert_eq!((replica.held(), replica.working.value()), (0, 0), "a dead {id:?} holds nothing");
        }
        if replica.door == Door::Gone {
            assert_eq!(replica.held(), 0, "a lost {id:?} holds nothing");
        }
    }

    /// A deployment's counts are those of its pods, and each of them goes on some day.
    fn check_deployment(&self, id: DeploymentId) {
        let deployment = &self.cluster.deployments[usize::from(id.0)];
        let (mut active, mut ready, mut doomed) = (0, 0, 0);
        for &pod in &deployment.pods {
            let record = self.cluster.pods.get(pod).unwrap_or_else(|| panic!("{pod:?} of {id:?} is gone"));
            assert_eq!(record.deployment, id, "a pod belongs to its deployment");
            active += u32::from(record.is_active());
            ready += u32::from(record.ready && record.deleting.is_none());
            doomed += u32::from(record.doomed);
            assert!(!(record.doomed && record.deleting.is_some()), "{pod:?} is ending, and to end");
            if record.node.is_none() {
                self.check_waiting(pod);
            }
            if let Some(node) = record.node {
                let node = &self.cluster.nodes[node.0 as usize];
                assert!(!node.removed, "{pod:?} is on a node that is gone");
                assert_eq!(node.pods.iter().filter(|&&other| other == pod).count(), 1, "{pod:?} is on its node once");
                let rests = matches!(record.container, Container::Waiting | Container::Terminated);
                assert!(node.alive || rests, "{pod:?} runs on a dead node");
                match record.container {
                    Container::Waiting => assert!(!node.alive || record.timer.is_some(), "nobody starts {pod:?}"),
                    Container::Stopping => assert!(record.timer.is_some(), "nobody ends {pod:?}"),
                    Container::Terminated => assert!(!node.alive, "nobody takes care of {pod:?}"),
                    Container::Running => assert!(record.deleting.is_none(), "nobody stops {pod:?}"),
                }
            }
        }
        let kept = (deployment.active, deployment.ready, deployment.dooming);
        assert_eq!(kept, (active, ready, doomed), "active, ready and doomed pods of {id:?}");
        let placed = deployment.pods.iter().filter(|&&pod| self.cluster.pods[pod].node.is_some()).count();
        let spread: u32 = deployment.spread.iter().flatten().sum();
        assert!(deployment.spread.is_empty() || spread as usize == placed, "{id:?} knows where its pods are");
        self.check_commands(id);
    }

    /// A pod without a node waits for one, or is on its way there.
    fn check_waiting(&self, pod: PodId) {
        let record = &self.cluster.pods[pod];
        assert!(record.deleting.is_none(), "{pod:?} ends, and is nowhere");
        let is_bound = |issued: &Issued| matches!(issued.command, Command::Bind { pod: of, .. } if of == pod);
        let waits = match &self.cluster.scheduler {
            None => self.cluster.homeless.contains(&pod),
            Some(scheduler) => scheduler.is_pending(PodKey(pod.word())),
        };
        let comes = self.cluster.commands.iter().any(is_bound);
        assert!(waits || comes, "nobody finds a node for {pod:?}");
        assert!(!(waits && comes), "{pod:?} has a node, and waits for one");
    }

    /// What is commanded is on its way, and makes the deployment what it shall be.
    fn check_commands(&self, id: DeploymentId) {
        let deployment = &self.cluster.deployments[usize::from(id.0)];
        let commands: Vec<Command> = self.cluster.commands.iter().map(|issued| issued.command).collect();
        let creates = commands.iter().filter(|command| **command == Command::Create { deployment: id }).count();
        assert_eq!(deployment.creating as usize, creates, "pods of {id:?} that are commanded");
        let is_coming =
            |pod| commands.iter().any(|command| matches!(command, Command::Delete { pod: of, .. } if *of == pod));
        for &pod in deployment.pods.iter().filter(|&&pod| self.cluster.pods[pod].doomed) {
            assert!(is_coming(pod), "nobody deletes {pod:?}, which is doomed");
        }
        if deployment.creating + deployment.dooming == 0 {
            assert_eq!(deployment.active, deployment.desired, "{id:?} at rest has what it shall have");
        }
    }

    fn check_node(&self, id: NodeId) {
        let node = &self.cluster.nodes[id.0 as usize];
        assert!(!node.removed || node.pods.is_empty(), "{id:?} is gone, with pods on it");
        assert!(!node.removed || node.ailment.or(node.drain).is_none(), "{id:?} is gone, and still ill");
        let (mut cpu, mut memory) = (0, 0);
        for &pod in &node.pods {
            let record = self.cluster.pods.get(pod).unwrap_or_else(|| panic!("{pod:?} on {id:?} is gone"));
            assert_eq!(record.node, Some(id), "a pod knows its node");
            let asked = self.cluster.deployments[usize::from(record.deployment.0)].template.requests;
            let asked = asked.unwrap_or_default();
            (cpu, memory) = (cpu + asked.cpu.as_milli(), memory + asked.memory.count());
        }
        let room = node.allocatable;
        let fits = cpu <= room.cpu.as_milli() && memory <= room.memory.count();
        assert!(fits || node.pool.is_none(), "{id:?} has {room:?}; its pods ask for {cpu}m and {memory} B");
    }

    /// Every task is on its way, or held by a replica.
    fn check_tasks(&self) {
        let mut here = vec![0; self.replicas.len()];
        for task in self.tasks.iter() {
            if let Some(replica) = task.held_by() {
                here[replica.0 as usize] += 1;
            }
        }
        let held: Vec<u32> = self.replicas.iter().map(|replica| replica.held()).collect();
        assert_eq!(held, here, "requests held by each replica");
    }

    /// A balancer's connections are the calls in flight to its backends.
    fn check_connections(&self) {
        let pools = |service: &Service| if service.router.is_some() { 2 } else { 1 };
        let none = |service: &Service, subset| vec![0; service.pool(subset).backends().len()];
        let mut in_flight: Vec<Vec<Vec<u32>>> = Vec::new();
        in_flight.extend(self.services.iter().map(|one| (0..pools(one)).map(|subset| none(one, subset)).collect()));
        for call in self.calls.iter().filter(|call| call.in_flight && !matches!(call.origin, Origin::Probe(..))) {
            let picked = call.picked.expect("a call in flight was sent somewhere");
            let service = self.plan.sites[usize::from(call.site.0)].service;
            in_flight[usize::from(service.0)][usize::from(call.subset)][picked.backend.index()] += 1;
        }
        for (service, in_flight) in self.services.iter().zip(in_flight) {
            for (subset, in_flight) in in_flight.into_iter().enumerate() {
                let backends = service.pool(subset as u8).backends();
                assert_eq!(backends.connections, in_flight, "connections of each backend");
            }
        }
    }

    /// No version has traffic that is not to serve, and the sets of a rollout keep their bounds.
    fn check_releases(&self) {
        for lineage in &self.cluster.lineages {
            let router = self.services[usize::from(lineage.service.0)].router.as_ref().expect("releases have a router");
            let set = |id: &DeploymentId| &self.cluster.deployments[usize::from(id.0)];
            assert!(lineage.sets.contains(&lineage.stable), "the stable version is one of the service's");
            assert_eq!(set(&lineage.stable).subset, router.stable, "the stable version is in the stable pool");
            let Some(active) = &lineage.active else {
                assert_eq!(router.traffic.canary, 0, "without a release all traffic goes to the stable version");
                let asked: u32 = lineage.asked.iter().sum();
                assert_eq!(asked, lineage.wanted, "one version has all the pods that are wanted");
                continue;
            };
            let release = &self.cluster.releases[usize::from(active.release.0)];
            let others = lineage.sets.iter().filter(|id| **id != lineage.stable && **id != release.deployment);
            for other in others {
                let serves = set(other).selected && set(other).subset != router.stable;
                assert!(!serves, "{other:?} was overtaken and is to have no traffic");
            }
            // Scaling down, and what an earlier release has left, may exceed the bounds for a while.
            let asked: u32 = lineage.asked.iter().sum();
            if let Some((surge, _)) = release.rollout.bounds(lineage.wanted_max).filter(|_| active.older.is_empty()) {
                assert!(asked <= lineage.wanted_max + surge, "{asked} pods are too many for {}", lineage.wanted_max);
            }
        }
    }

    /// Panics unless routers have sent as many requests to new versions as their weights say, give or take what
    /// chance explains: six standard errors.
    pub fn check_shares(&self) {
        for router in self.services.iter().filter_map(|service| service.router.as_ref()) {
            let SplitDraws { canary, expected, variance } = router.draws;
            let off = (canary as f64 - expected).abs();
            assert!(off <= 6.0 * variance.sqrt() + 1.0, "{canary} requests to new versions instead of {expected}");
        }
    }

    /// Panics if a balancer knows something else of a pod than what has been so for this long.
    pub fn check_endpoints(&self, now: Time, long: Span) {
        for deployment in &self.cluster.deployments {
            for &pod in &deployment.pods {
                let record = &self.cluster.pods[pod];
                let Some(replica) = record.replica.map(|replica| &self.replicas[replica.0 as usize]) else { continue };
                let since = record.deleting.unwrap_or(record.ready_changed).max(record.ready_changed);
                let since = since.max(deployment.selected_changed);
                if now.since(since) < long {
                    continue;
                }
                let serves = record.ready && record.deleting.is_none() && deployment.selected;
                let pool = self.services[usize::from(deployment.service.0)].pool(replica.subset);
                assert_eq!(pool.backends().is_up(replica.backend), serves, "what the balancer knows of {pod:?}");
            }
        }
    }

    /// Panics if a budget is not kept; it need not be where pods end that nobody evicts.
    pub fn check_budgets(&self) {
        for (index, deployment) in self.cluster.deployments.iter().enumerate() {
            let kin = self.cluster.deployments.iter().filter(|other| other.service == deployment.service);
            let there: u32 = kin.map(|one| one.desired).sum();
            if let Some(status) = self.budget(DeploymentId(index as u16)) {
                assert!(status.healthy >= status.desired.min(there), "drained below its budget: {status:?}");
            }
        }
    }

    /// Panics unless every pod is ready that can be, and nothing is ill.
    pub fn check_recovered(&self) {
        for (index, deployment) in self.cluster.deployments.iter().enumerate() {
            let ready = if deployment.template.down { deployment.desired } else { deployment.ready };
            assert_eq!(ready, deployment.desired, "ready pods of deployment {index}");
        }
        let is_down = |ailment: &Ailment| match ailment.patient {
            Patient::Pod(deployment, _) => self.cluster.deployments[usize::from(deployment.0)].template.down,
            Patient::Node(_) => false,
        };
        assert_eq!(self.ailments().find(|ailment| !is_down(ailment)), None, "somebody is still ill");
    }
}

/// What a world has told, added up.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    arrived: u64,
    ended: [u64; Outcome::ALL.len()],
    struck: u64,
    mended: u64,
    /// The least and the most replicas of each deployment, and whether its autoscaler has spoken.
    bounds: Vec<Option<(u32, u32, bool)>>,
}

impl Ledger {
    /// A ledger of a world whose autoscalers keep these limits, deployment by deployment.
    pub fn new(bounds: impl IntoIterator<Item = Option<(u32, u32)>>) -> Ledger {
        let bounds = bounds.into_iter().map(|bounds| bounds.map(|(min, max)| (min, max, false))).collect();
        Ledger { bounds, ..Ledger::default() }
    }

    /// Panics unless what `world` is agrees with what it has told.
    pub fn check(&self, world: &World) {
        assert_eq!(self.arrived, world.requests());
        let (ended, in_flight) = (self.ended.iter().sum::<u64>(), world.requests_in_flight() as u64);
        assert_eq!(self.arrived, ended + in_flight, "requests are conserved");
        assert_eq!(self.ended[Outcome::Cancelled as usize], 0, "nobody cancels a customer");
        assert!(self.mended <= self.struck, "what is mended was broken");
        let active = world.active_strikes().count() as u64;
        assert!(active <= self.struck - self.mended, "what is active was not healed");
    }

    fn scaled(&mut self, deployment: DeploymentId, to: u32) {
        let Some(Some((min, max, spoken))) = self.bounds.get_mut(usize::from(deployment.0)) else {
            panic!("{deployment:?} has no autoscaler")
        };
        assert!((*min..=*max).contains(&to), "{to} replicas of {deployment:?} are not in {min}..={max}");
        *spoken = true;
    }
}

impl Observer<World> for Ledger {
    fn fact(&mut self, now: Time, fact: &Fact) {
        match fact {
            Fact::Arrived { .. } => self.arrived += 1,
            Fact::Answered { outcome, .. } => self.ended[*outcome as usize] += 1,
            Fact::Scaled { deployment, to, .. } => self.scaled(*deployment, *to),
            Fact::Struck { .. } => self.struck += 1,
            Fact::Mended { .. } => self.mended += 1,
            Fact::Counted { active, ready, .. } => assert!(ready <= active, "{ready} of {active} pods are ready"),
            Fact::Healed(healing) => {
                assert!(healing.ailment.since <= now, "healed before it fell ill");
                assert_eq!(healing.took, now.since(healing.ailment.since));
            }
            _ => {}
        }
    }
}
