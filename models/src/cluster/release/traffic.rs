//! The requests of a service with releases: which version each is for, how that version fared with it,
//! and whom the release has harmed.
//!
//! Harmed is a call that failed in the end, or came too late, and of which at least one attempt was spoilt by
//! the release: the new version had it; its pod went to make room, and the balancer did not know; there was no
//! pod. What befalls pods from outside (they are killed, their node is lost) is nobody's release's fault, nor is
//! what an autoscaler does to them when the release is over. Left out: strikes that make a version slow or wrong
//! cannot be told from what it is like by itself.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::Lineage;
use crate::balance::Picked;
use crate::call::{Blame, Call, CallId, Origin};
use crate::cluster::{DeploymentId, PodId};
use crate::outcome::Outcome;
use crate::service::ServiceId;
use crate::world::{Due, Fact, World};

impl World {
    /// A call to a service with releases finds out which version it is for; another may get a copy.
    pub(crate) fn divide(&mut self, id: CallId) {
        let call = &mut self.calls[id];
        let site = call.site;
        let service = self.plan.sites[usize::from(site.0)].service;
        let router = self.services[usize::from(service.0)].router.as_mut().expect("only what has a router divides");
        if let Origin::Probe(..) | Origin::Mirror = call.origin {
            return;
        }
        call.subset = router.choose(call);
        call.divided = true;
        if let Some(subset) = router.mirror() {
            let origin = Origin::Mirror;
            let copy = Call {
                origin,
                subset,
                blame: Blame::None,
                open: 0,
                attempts: 0,
                picked: None,
                tried: None,
                in_flight: false,
                ..*call
            };
            let copy = self.begin(site, || copy);
            self.agenda.push_back(Due::Mirror(copy));
        }
    }

    /// An attempt has ended that a version of a service with releases was sent.
    pub(crate) fn observe(&mut self, now: Time, id: CallId, picked: Picked, outcome: Outcome, latency: Span) {
        let call = &self.calls[id];
        let (service, subset) = (self.plan.sites[usize::from(call.site.0)].service, call.subset);
        let index = usize::from(service.0);
        let replica = &self.replicas[self.services[index].replica(subset, picked.backend).0 as usize];
        let (version, pod) = (replica.version, replica.pod);
        let router = self.services[index].router.as_mut().expect("only what has a router is observed");
        router.observe(version, outcome.is_ok(), latency);
        let late = router.slow.is_some_and(|slow| latency > slow);
        if router.watched && (!outcome.is_ok() || late) {
            let blame = self.blame(now, service, version, pod, outcome);
            self.calls[id].blame = self.calls[id].blame.max(blame);
        }
    }

    /// Whether it is because of the last release that an attempt fared badly: because the new version had it, or
    /// because its pod went for the other's.
    fn blame(&self, now: Time, service: ServiceId, version: u8, pod: Option<PodId>, outcome: Outcome) -> Blame {
        let (lineage, new) = self.last_release(service);
        let is_new = version == self.cluster.deployments[usize::from(new.0)].version;
        let pod = pod.map(|pod| &self.cluster.pods[pod]).filter(|pod| pod.deleting.is_none());
        match (outcome, pod) {
            (Outcome::Refused | Outcome::Reset | Outcome::Lost, None) if !lineage.is_changing(now) => Blame::None,
            (Outcome::Refused | Outcome::Reset | Outcome::Lost, None) if !is_new => Blame::Change,
            (Outcome::Refused | Outcome::Reset | Outcome::Lost, Some(pod))
                if pod.ailment.is_some_and(|ailment| !ailment.cause.is_own()) =>
            {
                Blame::None
            }
            _ if is_new => Blame::Canary,
            _ => Blame::None,
        }
    }

    /// A call found no backend.
    pub(crate) fn unserved(&mut self, now: Time, id: CallId) {
        let call = &self.calls[id];
        let (service, subset) = (self.plan.sites[usize::from(call.site.0)].service, call.subset);
        if !self.router_of(service).watched {
            return;
        }
        let (lineage, new) = self.last_release(service);
        let new = &self.cluster.deployments[usize::from(new.0)];
        let fails = |&pod: &PodId| self.cluster.pods[pod].ailment.is_some_and(|ailment| ailment.cause.is_own());
        let blame = match (lineage.is_changing(now), new.subset == subset) {
            (true, true) => Blame::Canary,
            (true, false) => Blame::Change,
            (false, true) if new.pods.iter().any(fails) => Blame::Canary,
            (false, _) => Blame::None,
        };
        self.calls[id].blame = self.calls[id].blame.max(blame);
    }

    /// A service's versions, and the pods of the one that was last released.
    fn last_release(&self, service: ServiceId) -> (&Lineage, DeploymentId) {
        let lineage = self.cluster.lineages.iter().find(|lineage| lineage.service == service);
        let lineage = lineage.expect("what is watched has versions");
        let release = lineage.last.expect("what is watched has a release");
        (lineage, self.cluster.releases[usize::from(release.0)].deployment)
    }

    /// A call is over of which a release has spoilt an attempt: it is harmed unless another one was good.
    #[cold]
    pub(crate) fn blame_release(
        &mut self,
        cx: &mut Cx<'_, World>,
        service: ServiceId,
        blame: Blame,
        outcome: Outcome,
        latency: Span,
        key: u64,
    ) {
        let late = self.router_of(service).slow.is_some_and(|slow| latency > slow);
        if !outcome.is_ok() || late {
            let release = self.last_release(service).0.last.expect("it is blamed");
            cx.tell(Fact::Harmed { release, canary: blame == Blame::Canary, key });
        }
    }
}

impl Lineage {
    /// Whether pods come and go for a release, or the last of them just have.
    fn is_changing(&self, now: Time) -> bool {
        self.active.is_some() || now < self.calm_from
    }
}
