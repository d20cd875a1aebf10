//! Kubernetes' HorizontalPodAutoscaler, version 2.
//!
//! Every 15 s each metric proposes `ceil(replicas * usage / target)`, unless usage is within 10 % of
//! its target; the largest proposal wins. Stabilisation keeps a dip of the last five minutes from
//! taking replicas away, rate limits keep a spike from adding too many at once.
//!
//! Source: kubernetes/kubernetes `pkg/controller/podautoscaler`, whose table tests are replayed
//! against it (families `hpa-*` of the case files). The parts, from the inside out: [`usage`] (the
//! ratio), [`groups`] (which pods count), [`calculator`] (one metric), [`history`] (stabilisation),
//! [`behavior`], [`changes`] and [`rates`] (limits), [`controller`] (one look at everything).
//!
//! Left out: pods of several containers are measured as a whole (their [`requests`] are not).

pub mod behavior;
pub mod calculator;
pub mod changes;
pub mod controller;
pub mod defaults;
pub mod groups;
pub mod history;
pub mod measure;
mod metric;
pub mod rates;
pub mod requests;
pub mod usage;

pub use metric::Metric;

pub(super) use metric::target;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Ratio, Span};

use self::behavior::{Behavior, ScalingRules};
use self::calculator::{Calculator, Tolerances};
use self::controller::{Controller, Spec};
use self::groups::Startup;
use self::measure::{Measure, Resource, Signals};
use super::bounds::min_default;
use super::{Bounds, Scale, ScaleSurroundings, Signal};

/// Settings of an HPA, and the controller's flags that concern it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hpa {
    /// The least replicas; 0 needs an `Object` or `External` metric, the only ones that speak where
    /// there are no pods.
    #[serde(default = "min_default")]
    pub min: u32,
    /// The most replicas.
    pub max: u32,
    /// Short for the metric `Cpu(utilization: …)`; 80 % if no metric is given at all.
    #[serde(default)]
    pub cpu: Option<Ratio>,
    /// Short for the metric `Memory(utilization: …)`.
    #[serde(default)]
    pub memory: Option<Ratio>,
    /// What to scale by.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// How fast and how steadily. Without it: at most doubled at a time, never less than the highest
    /// recommendation of the stabilisation window.
    #[serde(default)]
    pub behavior: Option<Behavior>,
    /// How far usage may be from its target; `behavior` can set it for each direction.
    #[serde(default = "tolerance_default")]
    pub tolerance: Ratio,
    /// How often it looks.
    #[serde(default = "sync_period_default")]
    pub sync_period: Span,
    /// How far back a higher recommendation holds off scaling down.
    #[serde(default = "downscale_stabilization_default")]
    pub downscale_stabilization: Span,
    /// How long after its start a pod's CPU counts only while it is ready and its sample is young.
    #[serde(default = "cpu_initialization_default")]
    pub cpu_initialization: Span,
    /// A pod that became unready within this span of its start was never ready.
    #[serde(default = "initial_readiness_delay_default")]
    pub initial_readiness_delay: Span,
}

fn tolerance_default() -> Ratio {
    Ratio::new(defaults::TOLERANCE)
}

pub(super) fn sync_period_default() -> Span {
    defaults::SYNC_PERIOD
}

pub(super) fn downscale_stabilization_default() -> Span {
    defaults::DOWNSCALE_STABILIZATION
}

fn cpu_initialization_default() -> Span {
    defaults::CPU_INITIALIZATION_PERIOD
}

fn initial_readiness_delay_default() -> Span {
    defaults::INITIAL_READINESS_DELAY
}

impl Hpa {
    /// The product's defaults, with at most `max` replicas.
    pub fn up_to(max: u32) -> Hpa {
        Hpa {
            min: min_default(),
            max,
            cpu: None,
            memory: None,
            metrics: Vec::new(),
            behavior: None,
            tolerance: tolerance_default(),
            sync_period: sync_period_default(),
            downscale_stabilization: downscale_stabilization_default(),
            cpu_initialization: cpu_initialization_default(),
            initial_readiness_delay: initial_readiness_delay_default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        Bounds { min: self.min, max: self.max }.check()?;
        self.measures()?;
        if self.min == 0 && !self.metrics.iter().any(Metric::is_shared) {
            return Err("min: from 0 only an Object or External metric can lead back".to_owned());
        }
        if self.sync_period == Span::ZERO {
            return Err("sync_period: it must be longer than zero".to_owned());
        }
        self.behavior.as_ref().map_or(Ok(()), Behavior::check)
    }

    pub(super) fn signals(&self) -> Vec<Signal> {
        self.measures().map(|(_, signals)| signals.list).unwrap_or_default()
    }

    /// The metrics in the controller's units, the short ones first, and their signals.
    fn measures(&self) -> Result<(Vec<Measure>, Signals), String> {
        let mut measures = Vec::new();
        let mut signals = Signals::default();
        for (field, resource, share) in [("cpu", Resource::Cpu, self.cpu), ("memory", Resource::Memory, self.memory)] {
            let Some(share) = share else { continue };
            let percent = metric::whole_percent(share).map_err(|complaint| format!("{field}: {complaint}"))?;
            measures.push(Measure::Utilization(resource, percent));
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            let measure = metric.measure(&mut signals);
            measures.push(measure.map_err(|complaint| format!("metrics[{index}]: {complaint}"))?);
        }
        if measures.is_empty() {
            measures.push(Measure::Utilization(Resource::Cpu, defaults::CPU_UTILIZATION));
        }
        Ok((measures, signals))
    }

    fn tolerances(&self) -> Tolerances {
        let own = |rules: Option<&ScalingRules>| rules.and_then(|rules| rules.tolerance).unwrap_or(self.tolerance);
        let behavior = self.behavior.as_ref();
        Tolerances {
            down: own(behavior.and_then(|behavior| behavior.scale_down.as_ref())).fraction(),
            up: own(behavior.and_then(|behavior| behavior.scale_up.as_ref())).fraction(),
        }
    }

    /// What the controller is told.
    pub fn spec(&self) -> Spec {
        let (measures, _) = self.measures().expect("the settings have been checked");
        let startup = Startup {
            cpu_initialization: self.cpu_initialization,
            initial_readiness_delay: self.initial_readiness_delay,
        };
        Spec {
            bounds: Bounds { min: self.min, max: self.max },
            measures,
            calculator: Calculator { startup, tolerances: self.tolerances() },
            rules: self.behavior.as_ref().map(|behavior| behavior.filled(self.downscale_stabilization)),
            downscale_stabilization: self.downscale_stabilization,
            sync_period: self.sync_period,
        }
    }
}

impl Build<dyn Scale, ScaleSurroundings> for Hpa {
    fn build(&self, _: &ScaleSurroundings) -> Box<dyn Scale> {
        Box::new(Controller::new(self.spec()))
    }
}

#[cfg(test)]
mod tests;
