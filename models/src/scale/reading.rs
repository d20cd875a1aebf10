//! What an autoscaler is shown: the deployment's size, its pods, and signals from elsewhere.
//!
//! Everything here is what a real controller would read from the API server and the metrics APIs:
//! samples are averages over a window that ended a while ago, and may be missing.

use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Cores, Span, Time};

use crate::pod::{Phase, Resources};

/// A deployment as its autoscaler sees it.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// How many replicas it is told to have (`spec.replicas`).
    pub desired: u32,
    /// How many pods it has (`status.replicas`).
    pub current: u32,
    /// These pods, and those that are on their way out.
    pub pods: &'a [PodReading],
    /// The signals that the settings name, in the order of [`Autoscaler::signals`], in thousandths;
    /// `None` for one that cannot be had.
    ///
    /// [`Autoscaler::signals`]: super::Autoscaler::signals
    pub signals: &'a [Option<i64>],
}

/// One pod as an autoscaler sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodReading {
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it has been told to go.
    pub deleting: bool,
    /// Whether it is ready to serve; `None` before that was ever judged.
    pub ready: Option<bool>,
    /// When its node took it up.
    pub started: Option<Time>,
    /// When `ready` last changed.
    pub ready_changed: Option<Time>,
    /// What it requests, all containers together; `None` if one of them requests nothing.
    pub requests: Option<Resources>,
    /// The last that was measured of it.
    pub sample: Option<PodSample>,
}

impl PodReading {
    /// Whether it runs and is ready.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Running && self.ready == Some(true)
    }
}

/// Averages over a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSample {
    /// When the window ended.
    pub at: Time,
    /// Its length.
    pub window: Span,
    /// Processor used.
    pub cpu: Cores,
    /// Memory used.
    pub memory: Bytes,
    /// Requests served a second, in thousandths.
    pub requests: i64,
    /// Requests in service or in line at the pod, in thousandths.
    pub in_flight: i64,
}

/// Something measured outside the pods; the world resolves the name and reports thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Signal {
    /// Requests a second that reached the service, whatever became of them: the mean since the
    /// autoscaler was last asked. An empty name is the autoscaler's own service.
    Rate(String),
    /// Requests waiting or in service at the service's replicas now, and those that found no
    /// backend since the autoscaler was last asked (a queue outside would have kept them). An empty
    /// name is the autoscaler's own service.
    Waiting(String),
    /// Requests a second that the workload of this name sent, the mean since the autoscaler was
    /// last asked.
    Workload(String),
}

impl Signal {
    /// What is wrong with it, if anything is.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Signal::Workload(name) if name.is_empty() => Err("a workload has a name".to_owned()),
            _ => Ok(()),
        }
    }
}
