//! How a release stands, as a user would ask for it.

use sim_core::Span;

use super::{ReleaseId, Releasing};
use crate::cluster::DeploymentId;
use crate::rollout::{Phase, Reason};
use crate::world::World;

/// How a release stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReleaseStatus {
    /// How far it is; `None` before it has begun.
    pub phase: Option<Phase>,
    /// Why it goes back, or no further.
    pub reason: Option<Reason>,
    /// Whether it was told to go back.
    pub rollback: bool,
    /// The share of traffic that the new version is given by the router, in percent; `None` where whoever is
    /// ready gets some.
    pub share: Option<u32>,
    /// The version that was good before.
    pub stable: VersionStatus,
    /// The new one.
    pub canary: VersionStatus,
}

/// How a version does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VersionStatus {
    /// Pods it shall have.
    pub desired: u32,
    /// Pods that are ready.
    pub ready: u32,
    /// Requests that ended since the release began.
    pub requests: u64,
    /// The share of these that failed.
    pub error_rate: Option<f64>,
    /// The 99th percentile of the time that the others took.
    pub latency_p99: Option<Span>,
}

impl World {
    /// How a release stands.
    pub fn release_status(&self, id: ReleaseId) -> ReleaseStatus {
        let Releasing { lineage, deployment, rollout, phase, reason, .. } = self.releasing(usize::from(id.0));
        let lineage = &self.cluster.lineages[usize::from(lineage.0)];
        let router = self.services[usize::from(lineage.service.0)].router.as_ref();
        let traffic = router.map(|router| router.traffic.share()).filter(|_| rollout.routes());
        let active = lineage.active.as_ref().is_some_and(|active| active.release == id);
        ReleaseStatus {
            phase: *phase,
            reason: *reason,
            rollback: matches!(phase, Some(Phase::Aborting | Phase::RolledBack)),
            share: traffic.filter(|_| active),
            stable: self.version_status(lineage.stable),
            canary: self.version_status(*deployment),
        }
    }

    /// The new version's share of the traffic, or of the ready pods where each gets as much, in percent.
    pub(super) fn share_of(&self, id: ReleaseId) -> u32 {
        let status = self.release_status(id);
        let (old, new) = (status.stable.ready, status.canary.ready);
        status.share.unwrap_or_else(|| (100 * new).checked_div(old + new).unwrap_or(0))
    }

    fn version_status(&self, id: DeploymentId) -> VersionStatus {
        let set = &self.cluster.deployments[usize::from(id.0)];
        let router = self.services[usize::from(set.service.0)].router.as_ref();
        let seen = &router.expect("a service with releases has a router").meters[usize::from(set.version)].release;
        let p99 = (!seen.latency.is_empty()).then(|| Span::from_nanos(seen.latency.quantile(0.99)));
        VersionStatus {
            desired: set.desired,
            ready: set.ready,
            requests: seen.requests,
            error_rate: seen.error_rate(),
            latency_p99: p99,
        }
    }
}
