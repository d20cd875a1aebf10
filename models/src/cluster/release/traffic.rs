//! The requests of a service with releases: which version each is for, how that version fared with it,
//! and whom the release has harmed.

use sim_core::Span;
use sim_core::sim::Cx;

use crate::balance::Picked;
use crate::call::{Call, CallId, Origin};
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
            let copy =
                Call { origin, subset, open: 0, attempts: 0, picked: None, tried: None, in_flight: false, ..*call };
            let copy = self.begin(site, || copy);
            self.agenda.push_back(Due::Mirror(copy));
        }
    }

    /// An attempt has ended that a version of a service with releases was sent.
    pub(crate) fn observe(
        &mut self,
        cx: &mut Cx<'_, World>,
        id: CallId,
        picked: Picked,
        outcome: Outcome,
        latency: Span,
    ) {
        let call = &self.calls[id];
        let (key, is_copy, subset) = (call.key, matches!(call.origin, Origin::Mirror), call.subset);
        let index = usize::from(self.plan.sites[usize::from(call.site.0)].service.0);
        let replica = &self.replicas[self.services[index].replica(subset, picked.backend).0 as usize];
        let (version, pod) = (replica.version, replica.pod);
        let router = self.services[index].router.as_mut().expect("only what has a router is observed");
        router.observe(version, outcome.is_ok(), latency);
        if is_copy || !router.watched {
            return;
        }
        let late = router.slow.is_some_and(|slow| latency > slow);
        if !outcome.is_ok() || late {
            // A pod that has died of something else is not the release's fault.
            let leaves = pod.is_none_or(|pod| self.cluster.pods[pod].deleting.is_some());
            let is_cut = leaves && matches!(outcome, Outcome::Refused | Outcome::Reset | Outcome::Lost);
            self.harm(cx, ServiceId(index as u16), Some(version), is_cut, key);
        }
    }

    /// A call found no backend.
    pub(crate) fn unserved(&mut self, cx: &mut Cx<'_, World>, id: CallId) {
        let call = &self.calls[id];
        let service = self.plan.sites[usize::from(call.site.0)].service;
        let (key, is_copy) = (call.key, matches!(call.origin, Origin::Mirror));
        if self.router_of(service).watched && !is_copy {
            self.harm(cx, service, None, true, key);
        }
    }

    /// Something bad has happened to a request while, or after, a version was released: to one that the new
    /// version had, or because pods that were to serve it come and go.
    fn harm(&self, cx: &mut Cx<'_, World>, service: ServiceId, version: Option<u8>, by_change: bool, key: u64) {
        let lineage = self.cluster.lineages.iter().find(|lineage| lineage.service == service);
        let release = lineage.and_then(|lineage| lineage.last).expect("what is watched has a release");
        let new = self.cluster.releases[usize::from(release.0)].deployment;
        let canary = version == Some(self.cluster.deployments[usize::from(new.0)].version);
        let in_change = lineage.is_some_and(|lineage| lineage.active.is_some() || cx.now < lineage.calm_from);
        if canary || (by_change && in_change) {
            cx.tell(Fact::Harmed { release, canary, key });
        }
    }
}
