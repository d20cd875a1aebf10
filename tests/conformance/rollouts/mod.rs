//! Rollouts: the rules of Kubernetes' deployments, Argo Rollouts and Flagger against their own tests.

mod analysis;
mod canary;
mod deployment;
mod flagger;

pub(crate) use analysis::argo_analysis;
pub(crate) use canary::argo_canary;
pub(crate) use deployment::rolling_update;
pub(crate) use flagger::flagger;

use models::rollout::SetView;
use serde::Deserialize;

/// A set as the files give it.
#[derive(Clone, Copy, Default, Deserialize)]
struct Set {
    spec: u32,
    available: u32,
}

impl From<Set> for SetView {
    fn from(Set { spec, available }: Set) -> SetView {
        SetView { spec, pods: spec, ready: available, available, ending: 0 }
    }
}
