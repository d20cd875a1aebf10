//! The cluster: deployments and their pods, the nodes they run on, and who keeps it all as it should be.
//!
//! ```text
//! autoscaler ─┐                                  ┌─▶ pods ─▶ kubelet: pull, start, probe, restart, stop
//! healing    ─┼─▶ command ─▶ control plane ─▶ apply                      │
//! scheduler  ─┘      (at once, or after a delay) └─▶ nodes               ▼
//!      ▲──────────────── readings, facts ──────────────────── replicas behind their balancer
//! ```
//!
//! Controllers never act on the world: each decision is a [`Command`], which takes effect when the
//! control plane applies it. Rules that need no world (probes, back-off, scheduling, scaling, ...)
//! live in `pod/`, `node/`, `schedule/` and `scale/`; this folder carries them out.

mod behaviour;
mod command;
mod deployment;
mod drain;
mod endpoint;
mod lifecycle;
mod node;
mod pod;
mod pressure;
mod probing;
mod provisioning;
mod release;
mod scaling;
mod scheduling;
mod survey;
mod termination;

use serde::{Deserialize, Serialize};
use sim_core::dist::{Distribution, Recordings, Sampler};
use sim_core::{Seed, Span, Ticket, Time};

pub use behaviour::{Behaviour, BehaviourId, Leak, Strain};
pub use command::Command;
pub(crate) use command::Issued;
pub use command::IssuedId;
pub(crate) use deployment::Deployment;
pub use deployment::{DeploymentId, Template};
pub(crate) use node::Node;
pub use pod::PodEvent;
pub use pod::PodId;
pub(crate) use pod::{Container, Pod};
pub use probing::{ProbeCheck, ProbeTemplate};
pub(crate) use provisioning::NodeScaling;
pub use provisioning::Provision;
pub(crate) use release::{Lineage, Releasing};
pub use release::{LineageId, Release, ReleaseId, ReleaseStatus, VersionStatus};
pub(crate) use scaling::Scaling;
pub use scaling::Source;
pub use scheduling::{Pool, PoolId};
pub use survey::ClusterGauge;

use crate::node::lifecycle::{Lifecycle, LifecycleSettings};
use crate::place::{NodeId, ZoneId};
use crate::pod::backoff::CrashLoopSettings;
use crate::schedule::Scheduler;
use crate::slots::Slots;

/// How autoscalers learn what pods use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSettings {
    /// From one reading of all pods to the next; usage is the mean between two.
    pub every: Span,
    /// From a reading until autoscalers see it.
    pub delay: Span,
}

impl Default for MetricsSettings {
    fn default() -> MetricsSettings {
        MetricsSettings { every: Span::from_secs(15), delay: Span::ZERO }
    }
}

/// How the cluster as a whole works.
#[derive(Clone, Debug)]
pub struct ClusterSettings {
    /// From a controller's decision to its effect; zero applies it at once.
    pub control_plane: Span,
    /// From a pod's change of readiness until balancers know of it.
    pub endpoint_lag: Sampler,
    /// How autoscalers learn what pods use.
    pub metrics: MetricsSettings,
    /// How containers that end are started again.
    pub crash_loop: CrashLoopSettings,
    /// When nodes are given up.
    pub lifecycle: LifecycleSettings,
}

impl Default for ClusterSettings {
    fn default() -> ClusterSettings {
        let endpoint_lag = Distribution::Constant(Span::ZERO).sampler(&Recordings::default());
        ClusterSettings {
            control_plane: Span::ZERO,
            endpoint_lag,
            metrics: MetricsSettings::default(),
            crash_loop: CrashLoopSettings::default(),
            lifecycle: LifecycleSettings::default(),
        }
    }
}

/// Everything of the world that is not a request.
pub(crate) struct Cluster {
    pub(crate) settings: ClusterSettings,
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) pods: Slots<Pod>,
    /// What is peculiar about versions.
    pub(crate) behaviours: Vec<Behaviour>,
    pub(crate) releases: Vec<Releasing>,
    pub(crate) lineages: Vec<Lineage>,
    /// Decided, and not yet applied.
    pub(crate) commands: Slots<command::Issued>,
    /// Without one, each pod has a machine of its own.
    pub(crate) scheduler: Option<Scheduler>,
    /// When the scheduler looks again, if nothing happens before.
    pub(crate) wake: Option<(Time, Ticket)>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) node_scaling: Option<NodeScaling>,
    pub(crate) nodes: Vec<Node>,
    /// Those that have left, to be used again.
    pub(crate) free_nodes: Vec<NodeId>,
    /// Where no machine can be had at present.
    pub(crate) lost_zones: Vec<ZoneId>,
    /// The pools of which no node can be had.
    pub(crate) lost_pools: Vec<u16>,
    /// Nodes that were to come there: of which pool, and which order.
    pub(crate) overdue: Vec<(PoolId, u32)>,
    /// Pods that were to get a machine of their own there.
    pub(crate) homeless: Vec<PodId>,
    pub(crate) lifecycle: Lifecycle,
    /// Hours of nodes that are gone, by pool; of those without one last.
    pub(crate) hours: Vec<f64>,
    seed: Seed,
}

impl Cluster {
    pub(crate) fn new(settings: ClusterSettings, seed: Seed) -> Cluster {
        Cluster {
            lifecycle: Lifecycle::new(settings.lifecycle.clone()),
            settings,
            deployments: Vec::new(),
            pods: Slots::default(),
            behaviours: Vec::new(),
            releases: Vec::new(),
            lineages: Vec::new(),
            commands: Slots::default(),
            scheduler: None,
            wake: None,
            lost_zones: Vec::new(),
            lost_pools: Vec::new(),
            overdue: Vec::new(),
            homeless: Vec::new(),
            pools: Vec::new(),
            node_scaling: None,
            nodes: Vec::new(),
            hours: vec![0.0],
            free_nodes: Vec::new(),
            seed,
        }
    }
}
