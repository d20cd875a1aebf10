//! How pods end: told to stop, given time, killed; and which of them a shrinking deployment ends first.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::pod::Container;
use super::{DeploymentId, PodEvent, PodId};
use crate::heal::{Action, Ailment, Cause, Patient};
use crate::outcome::Outcome;
use crate::service::Door;
use crate::world::World;

impl World {
    /// The pods that a deployment can do without, `count` of them.
    pub(crate) fn surplus(&mut self, _now: Time, id: DeploymentId, count: usize) -> Vec<PodId> {
        let deployment = &self.cluster.deployments[usize::from(id.0)];
        let pods = deployment.pods.iter().rev().copied();
        let can_go = |pod: &PodId| {
            let record = &self.cluster.pods[*pod];
            record.is_active() && !record.doomed
        };
        pods.filter(can_go).take(count).collect()
    }

    /// A pod is to end: it leaves its balancer, and is given time to finish. False if it is ending.
    pub(crate) fn delete_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId, cause: Option<Cause>) -> bool {
        let Some(record) = self.cluster.pods.get_mut(pod) else { return false };
        if record.deleting.is_some() {
            return false;
        }
        let (id, ready, counts) = (record.deployment, record.ready, record.is_active());
        record.deleting = Some(cx.now);
        let doomed = std::mem::take(&mut record.doomed);
        let patient = Patient::Pod(id, record.serial);
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        deployment.dooming -= u32::from(doomed);
        deployment.active -= u32::from(counts);
        deployment.ready -= u32::from(ready);
        if let Some(cause) = cause {
            deployment.bereft.push_back(Ailment { patient, cause, action: Action::Replace, since: cx.now });
        }
        self.healed(cx, pod, false);
        self.announce(cx, pod);
        self.terminate(cx, pod);
        self.reconcile(cx, id);
        true
    }

    /// The kubelet ends a pod: first the pre-stop hook, then TERM, at last KILL.
    fn terminate(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        let termination = self.cluster.deployments[usize::from(record.deployment.0)].template.termination;
        match record.container {
            Container::Running => {
                let pre_stop = termination.pre_stop.min(termination.grace);
                if pre_stop == Span::ZERO {
                    self.term(cx, pod);
                } else {
                    self.schedule_pod(cx, pod, pre_stop, PodEvent::Term);
                }
            }
            Container::Stopping => {}
            Container::Waiting | Container::Terminated => self.remove_pod(cx, pod),
        }
    }

    /// The program is told to stop: it listens no longer, and ends when it has finished.
    pub(crate) fn term(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &mut self.cluster.pods[pod];
        record.container = Container::Stopping;
        let termination = self.cluster.deployments[usize::from(record.deployment.0)].template.termination;
        let began = record.deleting.unwrap_or(cx.now);
        let replica = self.replica_of(pod);
        replica.door = Door::Shut;
        if replica.held() == 0 || !termination.drains {
            return self.kill(cx, pod);
        }
        let left = (began + termination.grace).since(cx.now);
        self.schedule_pod(cx, pod, left, PodEvent::Kill);
    }

    /// The program is stopped, whatever it does.
    pub(crate) fn kill(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        self.end_container(cx, pod, Some(Outcome::Reset));
        self.after_container(cx, pod);
    }

    /// A pod that was told to stop has nothing more to do.
    pub(crate) fn drained(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        if self.cluster.pods[pod].container == Container::Stopping {
            self.kill(cx, pod);
        }
    }

    /// A pod is gone, and its place free.
    pub(crate) fn remove_pod(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        self.unschedule_pod(cx, pod);
        self.set_ready(cx, pod, false);
        let place = self.place_of(pod);
        let record = &self.cluster.pods[pod];
        let (id, replica) = (record.deployment, record.replica);
        let deployment = &mut self.cluster.deployments[usize::from(id.0)];
        deployment.pods.retain(|&other| other != pod);
        if let Some(count) = place.and_then(|place| deployment.in_zone(place.zone)) {
            *count -= 1;
        }
        if let Some(replica) = replica {
            self.replicas[replica.0 as usize].pod = None;
            self.services[usize::from(deployment.service.0)].vacant.push_back(replica);
        }
        self.cluster.pods.remove(pod);
    }
}
