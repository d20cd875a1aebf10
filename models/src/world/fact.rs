//! What happened and is worth telling: all that observers learn of.

use sim_core::Span;

use crate::call::CallId;
use crate::chaos::{CheckId, FaultId, StrikeId};
use crate::cluster::{ClusterGauge, Command, DeploymentId, ReleaseId};
use crate::heal::{Healing, Patient};
use crate::outcome::Outcome;
use crate::place::RegionId;
use crate::plan::EndpointId;
use crate::pod::probe::ProbeKind;
use crate::rollout::{Phase, Reason as RolloutReason};
use crate::scale::Reason;
use crate::service::{ReplicaId, ServiceId};
use crate::workload::WorkloadId;

/// What happened and is worth telling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A customer's request arrived.
    Arrived {
        /// By which workload.
        workload: WorkloadId,
        /// Where the customer is.
        region: RegionId,
    },
    /// A customer's request ended.
    Answered {
        /// Of which workload.
        workload: WorkloadId,
        /// Where the customer is.
        region: RegionId,
        /// How.
        outcome: Outcome,
        /// How long the customer waited.
        latency: Span,
    },
    /// A call began: its caller asks, however many attempts that will take.
    Called {
        /// Of which service.
        service: ServiceId,
    },
    /// An attempt was sent to a backend.
    Sent {
        /// Of which service.
        service: ServiceId,
        /// Of which call.
        call: CallId,
    },
    /// A replica took up an attempt.
    Started {
        /// Of which service.
        service: ServiceId,
        /// Which of all replicas.
        replica: ReplicaId,
        /// Of which call; it may have ended meanwhile.
        call: CallId,
        /// How long the attempt had stood in line.
        waited: Span,
    },
    /// A call ended, as its caller sees it: network, retries and all.
    Returned {
        /// Of which service.
        service: ServiceId,
        /// Of which endpoint.
        endpoint: EndpointId,
        /// How.
        outcome: Outcome,
        /// From the call's beginning to its end.
        latency: Span,
        /// Which call; its id goes to another from now on.
        call: CallId,
        /// The call on whose behalf it was made, which may have ended; none if a customer made it, or nobody
        /// is left who did.
        parent: Option<CallId>,
        /// Its own number, that all its chance derives from.
        number: u64,
    },
    /// A controller has decided.
    Commanded {
        /// What.
        command: Command,
    },
    /// The control plane has applied a command.
    Applied {
        /// Which.
        command: Command,
        /// Whether it changed anything.
        effective: bool,
        /// From the decision.
        after: Span,
    },
    /// Something was healed, or could not be.
    Healed(Healing),
    /// A release is in another phase, or its traffic has another share.
    Released {
        /// Which.
        release: ReleaseId,
        /// How far it is.
        phase: Phase,
        /// Percent of the traffic that the new version is to get, where a router decides.
        share: Option<u32>,
        /// Why it goes back, or no further.
        reason: Option<RolloutReason>,
        /// Requests to the new version that a verdict rests on, once there is one.
        judged: u64,
        /// The share of requests that failed since it began, of the old version and of the new one.
        error_rates: [Option<f64>; 2],
    },
    /// A call fared badly in the end because of a release.
    Harmed {
        /// Which.
        release: ReleaseId,
        /// Whether the new version had it, rather than that pods came and went.
        canary: bool,
        /// The key of who asked.
        key: u64,
    },
    /// A reading of a version of a service that has releases.
    Versioned {
        /// The pods that run it.
        deployment: DeploymentId,
        /// Those of them that are ready.
        ready: u32,
        /// Attempts that they had and that have ended, since the beginning.
        requests: u64,
        /// Those attempts that failed.
        errors: u64,
    },
    /// An autoscaler wants another size.
    Scaled {
        /// Of which deployment.
        deployment: DeploymentId,
        /// Replicas it should have had until now.
        from: u32,
        /// And from now on.
        to: u32,
        /// Why.
        reason: Reason,
    },
    /// An autoscaler has predicted a load.
    Forecast {
        /// Of which deployment.
        deployment: DeploymentId,
        /// Requests a second at the end of its horizon.
        value: f64,
        /// How wrong the prediction was that fell due, relative to the load.
        error: Option<f64>,
    },
    /// The scheduler found no node for a pod.
    Unschedulable {
        /// Of which deployment.
        deployment: DeploymentId,
    },
    /// A probe was answered.
    Probed {
        /// Of a pod of which deployment.
        deployment: DeploymentId,
        /// What for.
        kind: ProbeKind,
        /// Whether well and in time.
        ok: bool,
    },
    /// A fault began.
    Struck {
        /// Which.
        fault: FaultId,
        /// Which of all strikes.
        strike: StrikeId,
        /// How many pods or nodes it hit.
        victims: u32,
        /// Whether it is over at once, with nothing to heal.
        at_once: bool,
    },
    /// A strike hit somebody.
    Hit {
        /// Which strike.
        strike: StrikeId,
        /// Whom.
        victim: Patient,
    },
    /// A strike is over.
    Mended {
        /// Of which fault.
        fault: FaultId,
        /// Which.
        strike: StrikeId,
    },
    /// A check of the steady state has broken, or holds again.
    Steady {
        /// Which.
        check: CheckId,
        /// Whether it holds.
        holds: bool,
    },
    /// The guard has healed all faults and lets no more come.
    Halted {
        /// Because this check broke.
        check: CheckId,
    },
    /// A reading of a deployment.
    Counted {
        /// Which.
        deployment: DeploymentId,
        /// Replicas it shall have.
        desired: u32,
        /// Pods it has that are not ending.
        active: u32,
        /// Those of them that are ready.
        ready: u32,
    },
    /// A reading of the cluster.
    Surveyed {
        /// Of what.
        gauge: ClusterGauge,
        /// Its value now.
        value: u64,
    },
    /// A reading of a service's gauge.
    Sampled {
        /// Of which service.
        service: ServiceId,
        /// Which gauge.
        gauge: Gauge,
        /// Its value now.
        value: u64,
        /// Its integral since the beginning, in value times nanoseconds.
        integral: u64,
    },
}

/// What is sampled of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gauge {
    /// Requests in service on all replicas.
    Busy,
    /// Cores (or workers, where each has its own core) at work.
    Working,
    /// Requests waiting for a worker.
    Waiting,
    /// Replicas whose program runs.
    Running,
}
