//! A pod's life as its node's kubelet leads it: fetched, started, listening, crashed, started again.
//!
//! A container that runs need not listen yet: until its start-up is over, connections are refused.
//! Without a readiness probe its pod is ready all the same, as in Kubernetes.

use sim_core::rng::hash_words;
use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::pod::Container;
use super::{PodEvent, PodId};
use crate::heal::{Action, Ailment, Cause, Healing, Patient};
use crate::outcome::Outcome;
use crate::place::{NodeId, Place};
use crate::pod::Phase;
use crate::service::{Door, Replica, ReplicaId, ReplicaSettings, ServiceId};
use crate::world::{Event, Fact, World};

impl World {
    /// The next step in a pod's life.
    pub(crate) fn pod_event(&mut self, cx: &mut Cx<'_, World>, pod: PodId, event: PodEvent) {
        if event == PodEvent::Crash {
            self.cluster.pods[pod].fate = None;
            return self.crash(cx, pod, Cause::Crash);
        }
        self.cluster.pods[pod].timer = None;
        match event {
            PodEvent::Start => self.start_container(cx, pod),
            PodEvent::Listen => {
                self.labour(cx.now, pod, false);
                self.listen(pod);
            }
            PodEvent::Term => self.term(cx, pod),
            PodEvent::Kill => self.kill(cx, pod),
            PodEvent::Crash => unreachable!("seen to above"),
        }
    }

    /// Schedules the next step in a pod's life, in place of the one that was to come.
    pub(crate) fn schedule_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId, after: Span, event: PodEvent) {
        self.unschedule_pod(cx, pod);
        self.cluster.pods[pod].timer = Some(cx.after(after, Event::Pod { pod, event }));
    }

    pub(crate) fn unschedule_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        if let Some(timer) = self.cluster.pods[pod].timer.take() {
            cx.cancel(timer);
        }
    }

    /// Gives a pod its place and a replica there.
    pub(crate) fn occupy(&mut self, cx: &mut Cx<'_, World>, pod: PodId, node: NodeId) {
        self.node(node).pods.push(pod);
        let place = self.node(node).place;
        let deployment = &mut self.cluster.deployments[usize::from(self.cluster.pods[pod].deployment.0)];
        if let Some(count) = deployment.in_zone(place.zone) {
            *count += 1;
        }
        let (service, template) = (deployment.service, &deployment.template);
        let settings = ReplicaSettings {
            place,
            speed: template.speed * template.cpu_share,
            error_rate: template.error_rate,
            down: template.down,
            behaviour: template.behaviour,
        };
        let (subset, version) = (deployment.subset, deployment.version);
        let weight = template.weight;
        let replica = self.new_replica(cx.now, (service, subset), weight, settings);
        let record = &mut self.cluster.pods[pod];
        (record.node, record.replica) = (Some(place.node), Some(replica));
        let replica = &mut self.replicas[replica.0 as usize];
        (replica.pod, replica.door, replica.version) = (Some(pod), Door::Shut, version);
        self.receive(cx, pod);
    }

    /// A replica out of service: one that no pod needs any more, or a new one.
    fn new_replica(
        &mut self,
        now: Time,
        (service, subset): (ServiceId, u8),
        weight: u32,
        settings: ReplicaSettings,
    ) -> ReplicaId {
        let owner = &mut self.services[usize::from(service.0)];
        let identity = hash_words(&[u64::from(service.0), owner.identities]);
        owner.identities += 1;
        if let Some(id) = self.take_vacant(service, subset, settings.place) {
            let replica = &mut self.replicas[id.0 as usize];
            replica.renew(now, settings);
            replica.refit(&self.services[usize::from(service.0)].settings);
            self.services[usize::from(service.0)].pool_mut(subset).replace(replica.backend, weight, identity);
            return id;
        }
        let id = self.push_replica(service, subset, weight, identity, settings);
        let backend = self.replicas[id.0 as usize].backend;
        self.services[usize::from(service.0)].pool_mut(subset).set_up(backend, false);
        id
    }

    /// A vacant replica of this zone that no call and no task knows any more.
    fn take_vacant(&mut self, service: ServiceId, subset: u8, place: Place) -> Option<ReplicaId> {
        let owner = &self.services[usize::from(service.0)];
        let fits = |id: &ReplicaId| {
            let replica = &self.replicas[id.0 as usize];
            let at = replica.settings.place;
            (at.region, at.zone) == (place.region, place.zone)
                && replica.subset == subset
                && owner.pool(subset).is_idle(replica.backend)
                && !self.tasks.iter().any(|task| task.is_on(*id))
        };
        let index = owner.vacant.iter().position(fits)?;
        self.services[usize::from(service.0)].vacant.remove(index)
    }

    /// A pod that is there from the beginning runs and is ready.
    pub(crate) fn begin_running(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        let (node, deployment) = (record.node.expect("a pod that runs has a node"), record.deployment);
        self.node(node).images.push(deployment);
        self.run_container(cx, pod);
        self.listen(pod);
        self.begin_probing(cx, pod);
        self.set_ready(cx, pod, true);
        self.route_now(pod);
    }

    /// The image of a pod is fetched, unless its node has it already.
    pub(crate) fn fetch(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &mut self.cluster.pods[pod];
        let template = &self.cluster.deployments[usize::from(record.deployment.0)].template;
        let pull = template.pull.as_ref().map_or(Span::ZERO, |pull| pull.draw(&mut record.draws));
        let (node, deployment) = (record.node.expect("a pod that is started has a node"), record.deployment);
        let images = &mut self.node(node).images;
        let is_there = images.contains(&deployment);
        if !is_there {
            images.push(deployment);
        }
        self.schedule_pod(cx, pod, if is_there { Span::ZERO } else { pull }, PodEvent::Start);
    }

    /// A container starts; it listens when its start-up is over.
    fn start_container(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        self.run_container(cx, pod);
        let record = &mut self.cluster.pods[pod];
        let template = &self.cluster.deployments[usize::from(record.deployment.0)].template;
        match &template.startup {
            Some(startup) => {
                let startup = startup.draw(&mut record.draws);
                self.schedule_pod(cx, pod, startup, PodEvent::Listen);
                self.labour(cx.now, pod, true);
            }
            None => self.listen(pod),
        }
        self.begin_probing(cx, pod);
        self.judge(cx, pod);
    }

    fn run_container(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let now = cx.now;
        let record = &mut self.cluster.pods[pod];
        record.phase = Phase::Running;
        record.container = Container::Running;
        record.started.get_or_insert(now);
        record.container_started = now;
        record.ending = None;
        let service = self.cluster.deployments[usize::from(record.deployment.0)].service;
        self.services[usize::from(service.0)].levels.running.rise(now);
        self.begin_behaving(cx, pod);
    }

    /// A start-up that keeps the processors busy begins, or is over: nothing else runs there meanwhile.
    fn labour(&mut self, now: Time, pod: PodId, begins: bool) {
        let record = &self.cluster.pods[pod];
        let busy = self.cluster.deployments[usize::from(record.deployment.0)].template.startup_busy;
        let Some(replica) = record.replica.filter(|_| busy) else { return };
        let replica = &mut self.replicas[replica.0 as usize];
        let service = &mut self.services[usize::from(replica.service.0)];
        let cores = if begins { replica.cores(&service.settings).unwrap_or(1) } else { 0 };
        let working = &mut service.levels.working;
        working.set(now, working.value() - replica.working.value() + u64::from(cores));
        replica.working.set(now, u64::from(cores));
    }

    /// The program listens.
    fn listen(&mut self, pod: PodId) {
        let replica = self.replica_of(pod);
        if !replica.settings.down {
            replica.door = Door::Open;
        }
    }

    /// The container of a pod ends by itself, at once; unless it has just ended.
    pub(crate) fn crash(&mut self, cx: &mut Cx<'_, World>, pod: PodId, cause: Cause) {
        let record = &mut self.cluster.pods[pod];
        if !matches!(record.container, Container::Running | Container::Stopping) {
            return;
        }
        if record.deleting.is_none() {
            let patient = Patient::Pod(record.deployment, record.serial);
            let ailment = Ailment { patient, cause, action: Action::Restart, since: cx.now };
            record.ailment.get_or_insert(ailment);
        }
        self.end_container(cx, pod, Some(Outcome::Reset));
        self.after_container(cx, pod);
    }

    /// The container has ended, and with it everything it had in hand: callers are told so, or if the
    /// machine is dead (`None`), hear nothing.
    pub(crate) fn end_container(&mut self, cx: &mut Cx<'_, World>, pod: PodId, outcome: Option<Outcome>) {
        self.unschedule_pod(cx, pod);
        let record = &mut self.cluster.pods[pod];
        if let Some(fate) = record.fate.take() {
            cx.cancel(fate);
        }
        let was_running = matches!(record.container, Container::Running | Container::Stopping);
        record.container = Container::Terminated;
        if was_running {
            let service = self.cluster.deployments[usize::from(record.deployment.0)].service;
            self.services[usize::from(service.0)].levels.running.fall(cx.now);
        }
        if let Some(replica) = self.cluster.pods[pod].replica {
            self.replicas[replica.0 as usize].door = if outcome.is_some() { Door::Shut } else { Door::Gone };
            self.drop_tasks(cx, replica, outcome);
            self.replicas[replica.0 as usize].forget_pause(cx.now);
            self.labour(cx.now, pod, false);
        }
    }

    /// What follows the end of a container: the pod is gone, or starts it again.
    pub(crate) fn after_container(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        if self.cluster.pods[pod].deleting.is_some() {
            return self.remove_pod(cx, pod);
        }
        self.set_ready(cx, pod, false);
        let record = &mut self.cluster.pods[pod];
        record.restarts += 1;
        record.container = Container::Waiting;
        let again = record.crash_loop.ended(cx.now);
        self.schedule_pod(cx, pod, again.since(cx.now), PodEvent::Start);
    }

    /// A pod's ailment is over, for good or bad.
    pub(crate) fn healed(&mut self, cx: &mut Cx<'_, World>, pod: PodId, success: bool) {
        if let Some(ailment) = self.cluster.pods[pod].ailment.take() {
            cx.tell(Fact::Healed(Healing { ailment, success, took: cx.now.since(ailment.since) }));
        }
    }

    /// Where a pod is, if it has a place.
    pub(crate) fn place_of(&self, pod: PodId) -> Option<Place> {
        self.cluster.pods[pod].replica.map(|replica| self.replicas[replica.0 as usize].settings.place)
    }

    pub(crate) fn replica_of(&mut self, pod: PodId) -> &mut Replica {
        let replica = self.cluster.pods[pod].replica.expect("a pod that runs has a replica");
        &mut self.replicas[replica.0 as usize]
    }
}
