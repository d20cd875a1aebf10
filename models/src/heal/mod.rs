//! Healing: what goes wrong with pods and nodes, and what was done about it.

use sim_core::{Span, Time};

use crate::cluster::DeploymentId;
use crate::place::NodeId;

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The program ended by itself.
    Crash,
    /// It used more memory than its limit.
    OutOfMemory,
    /// Its startup probe gave up.
    StartupProbe,
    /// Its liveness probe gave up.
    LivenessProbe,
    /// Its node was not heard of any more.
    NodeLost,
    /// Its node ran short of memory.
    NodePressure,
    /// A pod of higher priority needed the room.
    Preempted,
    /// Its node was drained.
    Drained,
    /// Its node was taken back by the provider.
    Reclaimed,
    /// Somebody killed it.
    Killed,
}

impl Cause {
    /// Every cause, in declaration order.
    pub const ALL: [Cause; 10] = [
        Cause::Crash,
        Cause::OutOfMemory,
        Cause::StartupProbe,
        Cause::LivenessProbe,
        Cause::NodeLost,
        Cause::NodePressure,
        Cause::Preempted,
        Cause::Drained,
        Cause::Reclaimed,
        Cause::Killed,
    ];

    /// Whether the program itself is to blame, rather than somebody else or its node.
    pub(crate) fn is_own(self) -> bool {
        matches!(self, Cause::Crash | Cause::OutOfMemory | Cause::StartupProbe | Cause::LivenessProbe)
    }

    /// The name in results: "node_lost".
    pub fn label(self) -> &'static str {
        match self {
            Cause::Crash => "crash",
            Cause::OutOfMemory => "out_of_memory",
            Cause::StartupProbe => "startup_probe",
            Cause::LivenessProbe => "liveness_probe",
            Cause::NodeLost => "node_lost",
            Cause::NodePressure => "node_pressure",
            Cause::Preempted => "preempted",
            Cause::Drained => "drained",
            Cause::Reclaimed => "reclaimed",
            Cause::Killed => "killed",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The container was started again where it was.
    Restart,
    /// Another pod took its place.
    Replace,
    /// The node was emptied, its pods moved.
    Drain,
    /// The node was found to be back.
    Rejoin,
}

impl Action {
    /// The name in results: "restart".
    pub fn label(self) -> &'static str {
        match self {
            Action::Restart => "restart",
            Action::Replace => "replace",
            Action::Drain => "drain",
            Action::Rejoin => "rejoin",
        }
    }
}

/// What was healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patient {
    /// A pod, by its number among those of its deployment.
    Pod(DeploymentId, u32),
    /// A node.
    Node(NodeId),
}

/// Something that is wrong and not yet healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ailment {
    /// Of whom.
    pub patient: Patient,
    /// Why.
    pub cause: Cause,
    /// What is being done.
    pub action: Action,
    /// Since when.
    pub since: Time,
}

/// How a healing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Healing {
    /// What was wrong, and what was done.
    pub ailment: Ailment,
    /// Whether that helped.
    pub success: bool,
    /// From the trouble to this end.
    pub took: Span,
}
