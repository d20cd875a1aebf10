//! Pods: what runs a replica, and the rules by which one is started, judged, restarted and removed.

pub mod backoff;
pub mod budget;
pub mod defaults;
pub mod delete_rank;
pub mod endpoints;
pub mod probe;
pub mod termination;

use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Cores};

/// Where a pod is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Accepted, but not all of its containers have ever run.
    Pending,
    /// On a node, with its containers started.
    Running,
    /// All containers have ended well and stay so.
    Succeeded,
    /// All containers have ended, one of them badly, and stay so.
    Failed,
    /// Its node does not say.
    Unknown,
}

/// An amount of what nodes have and pods ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Processor.
    pub cpu: Cores,
    /// Memory.
    pub memory: Bytes,
}

/// A container's number; each restart of a container makes another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(pub u32);

/// Whether containers that end are started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestartPolicy {
    /// However they end.
    #[default]
    Always,
    /// If they end badly.
    OnFailure,
    /// Not at all.
    Never,
}
