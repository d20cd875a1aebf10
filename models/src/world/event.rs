//! What can happen at an instant: the one closed list.

use std::hash::{Hash, Hasher};

use crate::call::CallId;
use crate::chaos::{CheckId, FaultId, ResendId, StrikeId};
use crate::cluster::{DeploymentId, IssuedId, LineageId, PodEvent, PodId, PoolId, ReleaseId};
use crate::outcome::Outcome;
use crate::place::NodeId;
use crate::service::ReplicaId;
use crate::task::TaskId;
use crate::workload::WorkloadId;

/// What can happen at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An open workload's next request arrives.
    Arrive(WorkloadId),
    /// A user of a closed workload has thought.
    Think {
        /// Whose user.
        workload: WorkloadId,
        /// Which.
        user: u32,
    },
    /// An attempt reaches its replica.
    Reach(TaskId),
    /// A task's work or sleep has ended.
    Step(TaskId),
    /// The next job on a shared processor may have ended.
    Share(ReplicaId),
    /// An answer reaches its caller.
    Reply {
        /// The call that was answered.
        call: CallId,
        /// Which attempt of it.
        attempt: u32,
        /// The answer.
        outcome: Outcome,
    },
    /// A policy asked to be woken.
    Wake {
        /// The call it watches.
        call: CallId,
        /// Which of the call's policies.
        layer: u8,
    },
    /// A wait between attempts is over.
    Resume {
        /// The call that waited.
        call: CallId,
        /// The layer from which it goes down again.
        layer: u8,
    },
    /// Time to read the gauges.
    Sample,
    /// The next step in the life of a pod.
    Pod {
        /// Which.
        pod: PodId,
        /// What happens to it.
        event: PodEvent,
    },
    /// Balancers learn whether a replica serves.
    Endpoint(ReplicaId),
    /// The control plane has taken in a command.
    Apply(IssuedId),
    /// It is time for a probe.
    Probe {
        /// Of which pod.
        pod: PodId,
        /// Which of its probes.
        probe: u8,
    },
    /// The node lifecycle controller looks at the nodes.
    MonitorNodes,
    /// The scheduler looks again.
    Schedule,
    /// The cluster autoscaler looks.
    ScaleNodes,
    /// A node that was asked for may have come.
    Deliver {
        /// Of which pool.
        pool: PoolId,
        /// Which.
        order: u32,
    },
    /// A spot node is wanted back.
    Reclaim(NodeId),
    /// Kubelets look how much memory is left.
    CheckMemory,
    /// The metrics pipeline reads the pods.
    Scrape,
    /// An autoscaler is asked.
    Autoscale(DeploymentId),
    /// A release begins.
    Release(ReleaseId),
    /// A rollout asked to be looked at again.
    Look(LineageId),
    /// Evictions from a node are asked for again.
    Drain(NodeId),
    /// A node leaves the cluster.
    Remove(NodeId),
    /// A fault strikes.
    Strike(FaultId),
    /// A strike is over.
    Mend(StrikeId),
    /// A message that did not arrive is sent again.
    Resend(ResendId),
    /// The guard looks whether to end all chaos, as a check has broken.
    Halt(CheckId),
    /// A check of the steady state is judged.
    Judge(CheckId),
}

/// Two words an event: each word costs the digest a multiplication that waits for the one before.
impl Hash for Event {
    #[inline]
    fn hash<H: Hasher>(&self, digest: &mut H) {
        let (kind, of, which) = match *self {
            Event::Arrive(workload) => (0, 0, u64::from(workload.0)),
            Event::Think { workload, user } => (1, u64::from(workload.0), u64::from(user)),
            Event::Reach(task) => (2, 0, task.word()),
            Event::Step(task) => (3, 0, task.word()),
            Event::Share(replica) => (4, 0, u64::from(replica.0)),
            Event::Reply { call, attempt, outcome } => (5, u64::from(attempt) << 8 | outcome as u64, call.word()),
            Event::Wake { call, layer } => (6, u64::from(layer), call.word()),
            Event::Resume { call, layer } => (7, u64::from(layer), call.word()),
            Event::Sample => (8, 0, 0),
            Event::Pod { pod, event } => (9, event as u64, pod.word()),
            Event::Endpoint(replica) => (10, 0, u64::from(replica.0)),
            Event::Apply(command) => (11, 0, command.word()),
            Event::Probe { pod, probe } => (12, u64::from(probe), pod.word()),
            Event::MonitorNodes => (13, 0, 0),
            Event::Drain(node) => (15, 0, u64::from(node.0)),
            Event::Remove(node) => (16, 0, u64::from(node.0)),
            Event::Scrape => (17, 0, 0),
            Event::Schedule => (19, 0, 0),
            Event::CheckMemory => (23, 0, 0),
            Event::ScaleNodes => (20, 0, 0),
            Event::Deliver { pool, order } => (21, u64::from(pool.0), u64::from(order)),
            Event::Reclaim(node) => (22, 0, u64::from(node.0)),
            Event::Autoscale(deployment) => (18, 0, u64::from(deployment.0)),
            Event::Release(release) => (40, 0, u64::from(release.0)),
            Event::Look(lineage) => (41, 0, u64::from(lineage.0)),
            Event::Strike(fault) => (14, 0, u64::from(fault.0)),
            Event::Mend(strike) => (14, 1, u64::from(strike.0)),
            Event::Resend(message) => (14, 3, message.word()),
            Event::Halt(check) => (14, 4, u64::from(check.0)),
            Event::Judge(check) => (14, 2, u64::from(check.0)),
        };
        digest.write_u64(kind << 56 | of);
        digest.write_u64(which);
    }
}

const _: () = assert!(size_of::<Event>() <= 16, "events are moved around by the million");
