//! A pod as the cluster keeps it.

use sim_core::{Draws, Ticket, Time};

use super::DeploymentId;
use super::probing::Probing;
use super::scaling::Scrape;
use crate::heal::Ailment;
use crate::place::NodeId;
use crate::pod::Phase;
use crate::pod::backoff::CrashLoop;
use crate::pod::termination::Ending;
use crate::scale::PodSample;
use crate::service::ReplicaId;
use crate::slots::SlotId;

/// Names a pod while it exists.
pub type PodId = SlotId<Pod>;

/// A pod.
#[derive(Debug)]
pub struct Pod {
    pub(crate) deployment: DeploymentId,
    /// Its number among the pods of its deployment.
    pub(crate) serial: u32,
    pub(crate) phase: Phase,
    pub(crate) created: Time,
    /// Where the scheduler wants it.
    pub(crate) assigned: Option<NodeId>,
    /// Where it was sent, and the replica that it runs.
    pub(crate) node: Option<NodeId>,
    pub(crate) replica: Option<ReplicaId>,
    pub(crate) container: Container,
    /// When a container of it first started.
    pub(crate) started: Option<Time>,
    /// When the last one did.
    pub(crate) container_started: Time,
    /// When its container has to end, once it has been told.
    pub(crate) ending: Option<Ending>,
    /// When its program will crash, if it is made so.
    pub(crate) fate: Option<Ticket>,
    /// What its replica had taken up when its container started.
    pub(crate) served_before: u64,
    pub(crate) crash_loop: CrashLoop,
    pub(crate) probes: Vec<Probing>,
    /// When it was last read for its autoscaler, and what came of the last readings.
    pub(crate) scrape: Option<Scrape>,
    pub(crate) samples: Vec<PodSample>,
    pub(crate) restarts: u32,
    pub(crate) ready: bool,
    /// When that last changed.
    pub(crate) ready_changed: Time,
    /// Since when it is to end.
    pub(crate) deleting: Option<Time>,
    /// Whether its end has been commanded.
    pub(crate) doomed: bool,
    /// What is being healed of it, or by it.
    pub(crate) ailment: Option<Ailment>,
    /// The next step of its life.
    pub(crate) timer: Option<Ticket>,
    /// Its own chance.
    pub(crate) draws: Draws,
}

/// What its container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// It is being fetched, or waits for its next start.
    Waiting,
    /// It runs; whether the program in it listens yet is another matter.
    Running,
    /// It was told to stop, and finishes what it has begun.
    Stopping,
    /// It has ended.
    Terminated,
}

/// What can happen to a pod at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodEvent {
    /// Its container starts.
    Start,
    /// The program in it listens.
    Listen,
    /// It is told to stop.
    Term,
    /// It is stopped whether it has finished or not.
    Kill,
    /// Its program crashes, as it is made to.
    Crash,
}

impl Pod {
    /// Whether it counts as one of its deployment's replicas.
    pub(crate) fn is_active(&self) -> bool {
        self.deleting.is_none() && !matches!(self.phase, Phase::Succeeded | Phase::Failed)
    }
}
