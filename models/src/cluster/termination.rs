//! How pods end: told to stop, given time, killed; and which of them a shrinking deployment ends first.

use sim_core::sim::Cx;
use sim_core::{Draw, Time};

use super::pod::Container;
use super::{DeploymentId, PodEvent, PodId};
use crate::heal::{Action, Ailment, Cause, Patient};
use crate::outcome::Outcome;
use crate::pod::delete_rank::{Deletable, DeleteRank};
use crate::pod::termination::OnTerm;
use crate::schedule::PodKey;
use crate::service::Door;
use crate::world::World;

impl World {
    /// The pods that a deployment can do without, `count` of them, in the order of their ending.
    pub(crate) fn surplus(&self, now: Time, id: DeploymentId, count: usize) -> Vec<PodId> {
        let deployment = &self.cluster.deployments[usize::from(id.0)];
        let can_go = |pod: &PodId| {
            let record = &self.cluster.pods[*pod];
            record.is_active() && !record.doomed
        };
        let pods: Vec<PodId> = deployment.pods.iter().copied().filter(can_go).collect();
        let ranked: Vec<Deletable> = pods.iter().map(|&pod| self.deletable(pod)).collect();
        let order = DeleteRank::default().order(now, &ranked);
        order.into_iter().take(count).map(|index| pods[index]).collect()
    }

    fn deletable(&self, pod: PodId) -> Deletable {
        let record = &self.cluster.pods[pod];
        let kin = |other: &PodId| {
            let other = &self.cluster.pods[*other];
            other.deployment == record.deployment && other.is_active()
        };
        let node = record.node.map(|node| &self.cluster.nodes[node.0 as usize]);
        Deletable {
            assigned: node.is_some(),
            phase: record.phase,
            ready: record.ready,
            cost: 0,
            colocated: node.map_or(0, |node| node.pods.iter().filter(|pod| kin(pod)).count() as u32),
            ready_since: record.ready.then_some(record.ready_changed),
            restarts: record.restarts,
            created: Some(record.created),
            id: record.draws.branch(0).next_u64(),
        }
    }

    /// A pod is to end: it leaves its balancer, and is given time to finish. False if it is ending.
    pub(crate) fn delete_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId, cause: Option<Cause>) -> bool {
        let Some(record) = self.cluster.pods.get_mut(pod) else { return false };
        if record.deleting.is_some() {
            return false;
        }
        let (id, ready, counts, node) = (record.deployment, record.ready, record.is_active(), record.node);
        record.deleting = Some(cx.now);
        let doomed = std::mem::take(&mut record.doomed);
        let patient = Patient::Pod(id, record.serial);
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        deployment.dooming -= u32::from(doomed);
        deployment.active -= u32::from(counts);
        deployment.ready -= u32::from(ready);
        let service = deployment.service;
        if let Some(cause) = cause {
            // What a dead node took with it has been missing since then.
            let dead = node.map(|node| &self.cluster.nodes[node.0 as usize]).filter(|node| !node.alive);
            let since = dead.map_or(cx.now, |node| node.changed);
            deployment.bereft.push_back(Ailment { patient, cause, action: Action::Replace, since });
        }
        if ready {
            self.ready_changed(cx, service, false);
        }
        self.healed(cx, pod, false);
        self.touch(id);
        self.announce(cx, pod);
        if let (Some(scheduler), Some(node)) = (&mut self.cluster.scheduler, node) {
            scheduler.set_terminating(cx.now, PodKey(pod.word()), node);
        }
        let runs = self.cluster.pods[pod].container == Container::Running;
        let heard = node.is_none_or(|node| self.cluster.nodes[node.0 as usize].alive);
        if runs {
            self.stop_container(cx, pod);
        } else if heard && self.cluster.pods[pod].container != Container::Stopping {
            self.remove_pod(cx, pod);
        }
        self.reconcile(cx, id);
        true
    }

    /// A pod ends at once, without grace, and another is to take its place.
    pub(crate) fn evict_at_once(&mut self, cx: &mut Cx<'_, World>, pod: PodId, cause: Cause) {
        self.end_container(cx, pod, Some(Outcome::Reset));
        if self.cluster.pods[pod].deleting.is_some() {
            self.remove_pod(cx, pod);
        } else {
            self.delete_pod(cx, pod, Some(cause));
        }
    }

    /// The kubelet ends a container that runs: first the pre-stop hook, then TERM, at last KILL.
    pub(crate) fn stop_container(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &mut self.cluster.pods[pod];
        let termination = &self.cluster.deployments[usize::from(record.deployment.0)].template.termination;
        let ending = termination.begin(cx.now);
        record.container = Container::Stopping;
        record.ending = Some(ending);
        if ending.term <= cx.now {
            self.term(cx, pod);
        } else {
            self.schedule_pod(cx, pod, ending.term.since(cx.now), PodEvent::Term);
        }
    }

    /// The program is told to stop: as a rule it listens no longer, and exits when it has finished.
    pub(crate) fn term(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        let ending = record.ending.expect("a pod that is told to stop has been given a time");
        let on_term = self.cluster.deployments[usize::from(record.deployment.0)].template.termination.on_term;
        let replica = self.replica_of(pod);
        if replica.is_paused() && ending.kill > cx.now {
            // A program that stands still hears of it when it goes on.
            return self.schedule_pod(cx, pod, ending.kill.since(cx.now), PodEvent::Kill);
        }
        if on_term != OnTerm::Ignore {
            replica.door = Door::Shut;
        }
        let is_done = on_term == OnTerm::Exit || (on_term == OnTerm::Drain && replica.held() == 0);
        if is_done || ending.kill <= cx.now {
            return self.kill(cx, pod);
        }
        self.schedule_pod(cx, pod, ending.kill.since(cx.now), PodEvent::Kill);
    }

    /// The program is stopped, whatever it does.
    pub(crate) fn kill(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        self.end_container(cx, pod, Some(Outcome::Reset));
        self.after_container(cx, pod);
    }

    /// A replica that listens no longer has nothing more to do.
    pub(crate) fn drained(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        if record.container == Container::Stopping && record.ending.is_some_and(|ending| ending.term <= cx.now) {
            self.kill(cx, pod);
        }
    }

    /// A pod is gone, and its place free.
    pub(crate) fn remove_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        self.unschedule_pod(cx, pod);
        self.unschedule(cx, pod);
        self.stop_probing(cx, pod);
        self.set_ready(cx, pod, false);
        let place = self.place_of(pod);
        let record = &self.cluster.pods[pod];
        let (id, replica, node) = (record.deployment, record.replica, record.node);
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        deployment.pods.retain(|&other| other != pod);
        if let Some(count) = place.and_then(|place| deployment.in_zone(place.zone)) {
            *count -= 1;
        }
        if let Some(replica) = replica {
            let replica_record = &mut self.replicas[replica.0 as usize];
            replica_record.pod = None;
            replica_record.clear_condition(cx.now, &self.services[usize::from(deployment.service.0)].settings);
            deployment.reached_before += std::mem::take(&mut replica_record.reached);
            self.services[usize::from(deployment.service.0)].vacant.push_back(replica);
        }
        self.cluster.pods.remove(pod);
        self.touch(id);
        if let Some(node) = node {
            self.vacate(cx, node, pod);
        }
        self.schedule(cx);
    }
}
