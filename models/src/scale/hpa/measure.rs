//! What a metric measures and where it should be, in the controller's own integers.
//!
//! The controller computes in thousandths (of a core, of a request, of a byte) and whole percent;
//! the settings are turned into these once.

use std::fmt;

use crate::scale::reading::{PodReading, PodSample};
use crate::scale::{Reason, Signal};

/// What pods request and use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Processor.
    Cpu,
    /// Memory.
    Memory,
}

/// What is measured of each pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodMetric {
    /// What it uses of a resource.
    Usage(Resource),
    /// Requests served a second.
    Requests,
    /// Requests in service or in line.
    InFlight,
}

/// Something measured once, not in each pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Which of the API's two kinds it is; they count alike.
    pub kind: SharedKind,
    /// The index of its signal.
    pub signal: usize,
}

/// Where a shared metric comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedKind {
    /// An object of the cluster.
    Object,
    /// Somewhere else.
    External,
}

/// A metric and its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The pods' usage shall be so many percent of what they request.
    Utilization(Resource, i32),
    /// A pod's value shall be this on average, in thousandths.
    PerPod(PodMetric, i64),
    /// The value shall be this, in thousandths.
    Value(Shared, i64),
    /// The value shall be this for each replica, in thousandths.
    PerReplica(Shared, i64),
}

impl PodMetric {
    /// The sample's value in thousandths.
    pub(super) fn of(self, sample: &PodSample) -> i64 {
        match self {
            PodMetric::Usage(Resource::Cpu) => thousandths(sample.cpu.as_milli(), 1),
            PodMetric::Usage(Resource::Memory) => thousandths(sample.memory.count(), 1_000),
            PodMetric::Requests => sample.requests,
            PodMetric::InFlight => sample.in_flight,
        }
    }

    /// Whether pods that are starting up count as unready; only their CPU is unlike later.
    pub(super) fn heeds_readiness(self) -> bool {
        self == PodMetric::Usage(Resource::Cpu)
    }
}

impl Resource {
    /// What the pod requests of it, in thousandths.
    pub(super) fn requested(self, pod: &PodReading) -> Option<i64> {
        let requests = pod.requests?;
        Some(match self {
            Resource::Cpu => thousandths(requests.cpu.as_milli(), 1),
            Resource::Memory => thousandths(requests.memory.count(), 1_000),
        })
    }
}

fn thousandths(amount: u64, factor: i64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX).saturating_mul(factor)
}

impl Measure {
    /// The condition's reason where it cannot be had.
    pub(super) fn failure(&self) -> Reason {
        match self {
            Measure::Utilization(..) | Measure::PerPod(PodMetric::Usage(_), _) => Reason::FailedGetResourceMetric,
            Measure::PerPod(..) => Reason::FailedGetPodsMetric,
            Measure::Value(shared, _) | Measure::PerReplica(shared, _) => match shared.kind {
                SharedKind::Object => Reason::FailedGetObjectMetric,
                SharedKind::External => Reason::FailedGetExternalMetric,
            },
        }
    }
}

/// The sum of several values of one external metric, which is what counts.
pub fn total(values: &[i64]) -> i64 {
    values.iter().fold(0, |sum: i64, &value| sum.saturating_add(value))
}

/// Why a metric proposes nothing. The texts are the controller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was measured.
    NoMetrics(Reason),
    /// There are no pods.
    NoPods,
    /// What was measured is of pods that do not count.
    Unready,
    /// A container requests nothing, so there is nothing its usage is a share of.
    NoRequest(Resource),
    /// What was measured is of no pod that is known.
    Unmatched,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoMetrics(failure) => {
                let api = match failure {
                    Reason::FailedGetResourceMetric => "resource",
                    Reason::FailedGetExternalMetric => "external",
                    _ => "custom",
                };
                write!(f, "no metrics returned from {api} metrics API")
            }
            Failure::NoPods => f.write_str("no pods returned by selector while calculating replica count"),
            Failure::Unready => f.write_str("did not receive metrics for targeted pods (pods might be unready)"),
            Failure::NoRequest(Resource::Cpu) => f.write_str("missing request for cpu"),
            Failure::NoRequest(Resource::Memory) => f.write_str("missing request for memory"),
            Failure::Unmatched => f.write_str("no metrics returned matched known pods"),
        }
    }
}

impl std::error::Error for Failure {}

/// Collects the signals that metrics name, each with its index.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// In the order of the metrics.
    pub(super) list: Vec<Signal>,
}

impl Signals {
    /// The metric of this kind that the signal feeds.
    pub(super) fn shared(&mut self, kind: SharedKind, signal: &Signal) -> Shared {
        self.list.push(signal.clone());
        Shared { kind, signal: self.list.len() - 1 }
    }
}
