//! What a rollout is shown, and the sets of a service's versions.

use sim_core::Time;
use sim_core::sim::Cx;

use super::{Active, Lineage, LineageId, Plan, Releasing, SetView};
use crate::cluster::DeploymentId;
use crate::rollout::{Observed, View};
use crate::world::{Fact, World};

impl World {
    /// What the rollout wants, and when it wants to be asked again.
    pub(super) fn plan(&mut self, now: Time, id: LineageId, active: &mut Active) -> (Plan, Option<Time>) {
        let lineage = &self.cluster.lineages[usize::from(id.0)];
        let canary = self.cluster.releases[usize::from(active.release.0)].deployment;
        let mut due = None;
        let mut set = |set: DeploymentId| {
            let (view, next) = self.set_view(now, lineage, active.release.0, set);
            due = crate::rollout::earlier(due, next);
            view
        };
        let (stable_view, canary_view) = (set(lineage.stable), set(canary));
        let older: Vec<SetView> = active.older.iter().map(|older| set(*older)).collect();
        let version = |set: DeploymentId| usize::from(self.cluster.deployments[usize::from(set.0)].version);
        let (service, stable, wanted) = (lineage.service, version(lineage.stable), lineage.wanted);
        let canary = version(canary);
        let router = self.router_of(service);
        let seen = [stable, canary].map(|version| std::mem::take(&mut router.meters[version].recent));
        let [stable_seen, canary_seen]: &[Observed; 2] = &seen;
        let view = View {
            replicas: wanted,
            replicas_before: std::mem::replace(&mut active.replicas, wanted),
            stable: stable_view,
            canary: canary_view,
            older: &older,
            weight: router.traffic.canary,
            stable_seen,
            canary_seen,
        };
        let plan = active.rollout.look(now, &view);
        let due = crate::rollout::earlier(due, plan.again);
        (plan, due)
    }

    /// A set, and when the next of its pods becomes available.
    fn set_view(&self, now: Time, lineage: &Lineage, release: u16, id: DeploymentId) -> (SetView, Option<Time>) {
        let min_ready = self.cluster.releases[usize::from(release)].rollout.min_ready();
        let deployment = &self.cluster.deployments[usize::from(id.0)];
        let mut view = SetView {
            spec: lineage.asked[usize::from(deployment.version)],
            pods: deployment.active,
            ready: deployment.ready,
            ..SetView::default()
        };
        let mut next = None;
        for &pod in &deployment.pods {
            let record = &self.cluster.pods[pod];
            if !record.is_active() {
                view.ending += 1;
            } else if record.ready {
                let available = record.ready_changed + min_ready;
                view.available += u32::from(available <= now);
                next = crate::rollout::earlier(next, Some(available).filter(|available| *available > now));
            }
        }
        (view, next)
    }

    /// The service's versions that this set is the first of.
    pub(crate) fn headed_by(&self, id: DeploymentId) -> Option<&Lineage> {
        let lineage = self.cluster.deployments[usize::from(id.0)].lineage?;
        Some(&self.cluster.lineages[usize::from(lineage.0)]).filter(|lineage| lineage.sets[0] == id)
    }

    /// The first version of a set's service.
    pub(crate) fn head_of(&self, id: DeploymentId) -> DeploymentId {
        let lineage = self.cluster.deployments[usize::from(id.0)].lineage;
        lineage.map_or(id, |lineage| self.cluster.lineages[usize::from(lineage.0)].sets[0])
    }

    /// All versions that this set is the first of, itself included.
    pub(crate) fn versions(&self, id: DeploymentId) -> impl Iterator<Item = DeploymentId> + Clone + '_ {
        let lineage = self.headed_by(id);
        let others = lineage.map_or(&[][..], |lineage| &lineage.sets[1..]);
        std::iter::once(id).chain(others.iter().copied())
    }

    /// Replicas that are wanted of a deployment, or of a service with all its versions.
    pub(crate) fn wanted(&self, id: DeploymentId) -> u32 {
        let desired = self.cluster.deployments[usize::from(id.0)].desired;
        self.headed_by(id).map_or(desired, |lineage| lineage.wanted)
    }

    /// Tells what each version of services with releases has met so far.
    pub(crate) fn survey_versions(&self, cx: &mut Cx<'_, World>) {
        for lineage in &self.cluster.lineages {
            let router = self.services[usize::from(lineage.service.0)].router.as_ref();
            let router = router.expect("a service with releases has a router");
            for (deployment, meter) in lineage.sets.iter().zip(&router.meters) {
                let (requests, errors) = (meter.requests, meter.errors);
                let ready = self.cluster.deployments[usize::from(deployment.0)].ready;
                cx.tell(Fact::Versioned { deployment: *deployment, ready, requests, errors });
            }
        }
    }

    /// What a release is of.
    pub(crate) fn releasing(&self, index: usize) -> &Releasing {
        &self.cluster.releases[index]
    }
}
