//! Metrics and targets as a scenario file gives them.

use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Cores, Rate, Ratio};

use super::measure::{Measure, PodMetric, Resource, SharedKind, Signals};
use crate::scale::Signal;

/// What to scale by; of several metrics the one that asks for the most replicas wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Metric {
    /// The pods' CPU.
    Cpu {
        /// A share of what they request, in whole percent.
        #[serde(default)]
        utilization: Option<Ratio>,
        /// Or so much a pod.
        #[serde(default)]
        average: Option<Cores>,
    },
    /// The pods' memory.
    Memory {
        /// A share of what they request, in whole percent.
        #[serde(default)]
        utilization: Option<Ratio>,
        /// Or so much a pod.
        #[serde(default)]
        average: Option<Bytes>,
    },
    /// Requests that a pod serves a second.
    Requests {
        /// So many a pod.
        average: Rate,
    },
    /// Requests in service or in line at a pod.
    InFlight {
        /// So many a pod.
        average: f64,
    },
    /// A signal of an object in the cluster, such as requests a second at the ingress.
    Object {
        /// What is measured.
        signal: Signal,
        /// It shall be this: requests, or requests a second.
        #[serde(default)]
        value: Option<f64>,
        /// Or this for each replica.
        #[serde(default)]
        average: Option<f64>,
    },
    /// A signal from elsewhere, such as the length of a queue; counts like an object's.
    External {
        /// What is measured.
        signal: Signal,
        /// It shall be this: requests, or requests a second.
        #[serde(default)]
        value: Option<f64>,
        /// Or this for each replica.
        #[serde(default)]
        average: Option<f64>,
    },
}

impl Metric {
    /// Whether it can be measured while there are no pods.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Metric::Object { .. } | Metric::External { .. })
    }

    /// In the controller's units; the error says what is wrong with it.
    pub(super) fn measure(&self, signals: &mut Signals) -> Result<Measure, String> {
        match self {
            Metric::Cpu { utilization, average } => {
                resource(Resource::Cpu, *utilization, average.map(|cores| cores.as_milli() as f64 / 1e3))
            }
            Metric::Memory { utilization, average } => {
                resource(Resource::Memory, *utilization, average.map(|bytes| bytes.count() as f64))
            }
            Metric::Requests { average } => {
                Ok(Measure::PerPod(PodMetric::Requests, target("average", average.as_per_second())?))
            }
            Metric::InFlight { average } => Ok(Measure::PerPod(PodMetric::InFlight, target("average", *average)?)),
            Metric::Object { signal, value, average } => shared(signals, SharedKind::Object, signal, *value, *average),
            Metric::External { signal, value, average } => {
                shared(signals, SharedKind::External, signal, *value, *average)
            }
        }
    }
}

/// The target percentage that a share comes to.
pub(super) fn whole_percent(share: Ratio) -> Result<i32, String> {
    let percent = share.fraction() * 100.0;
    let whole = percent.round();
    if whole < 1.0 || (percent - whole).abs() > 1e-9 || whole > f64::from(i32::MAX) {
        return Err(format!("utilization: {share} is not a whole percentage of at least 1%"));
    }
    Ok(whole as i32)
}

/// A target in thousandths.
pub(in crate::scale) fn target(field: &str, value: f64) -> Result<i64, String> {
    let milli = (value * 1e3).round();
    if milli >= 1.0 { Ok(milli as i64) } else { Err(format!("{field}: a target of {value} is not above zero")) }
}

fn resource(resource: Resource, utilization: Option<Ratio>, average: Option<f64>) -> Result<Measure, String> {
    match (utilization, average) {
        (Some(share), None) => Ok(Measure::Utilization(resource, whole_percent(share)?)),
        (None, Some(average)) => Ok(Measure::PerPod(PodMetric::Usage(resource), target("average", average)?)),
        _ => Err("either utilization or average".to_owned()),
    }
}

fn shared(
    signals: &mut Signals,
    kind: SharedKind,
    signal: &Signal,
    value: Option<f64>,
    average: Option<f64>,
) -> Result<Measure, String> {
    signal.check().map_err(|complaint| format!("signal: {complaint}"))?;
    let shared = signals.shared(kind, signal);
    match (value, average) {
        (Some(value), None) => Ok(Measure::Value(shared, target("value", value)?)),
        (None, Some(average)) => Ok(Measure::PerReplica(shared, target("average", average)?)),
        _ => Err("either value or average".to_owned()),
    }
}
