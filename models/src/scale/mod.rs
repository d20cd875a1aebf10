//! Autoscalers: how many replicas a deployment should have.
//!
//! An autoscaler sees a [`Reading`] once a period and answers with a [`Decision`]. It knows neither
//! the engine nor the cluster; whoever asks it turns the decision into a command, and the readings
//! of later periods show what came of it. It takes for granted that its decision is carried out, as
//! the real controllers do.

mod bounds;
mod decision;
pub mod hpa;
mod predictive;
mod queue_length;
mod reading;
mod scheduled;
mod threshold;
mod unscaled;

pub use bounds::Bounds;
pub use decision::{Decision, Forecast, Reason};
pub use hpa::Hpa;
pub use predictive::{History, Predictive};
pub use queue_length::QueueLength;
pub use reading::{PodReading, PodSample, Reading, Signal};
pub use scheduled::{Scheduled, Window};
pub use threshold::{Step, Threshold};
pub use unscaled::Unscaled;

use sim_core::{Span, Time, strategies};

use crate::traffic::Traces;

/// Decides how many replicas a deployment should have.
pub trait Scale {
    /// The number of replicas from now on; asked once a period.
    fn decide(&mut self, now: Time, reading: &Reading<'_>) -> Decision;

    /// How often it wants to be asked.
    fn period(&self) -> Span;

    /// Whether it looks at the pods of its readings; if not, it need not be shown any.
    fn looks_at_pods(&self) -> bool {
        true
    }
}

/// What the surroundings offer to an autoscaler that is being built.
#[derive(Clone, Debug, Default)]
pub struct ScaleSurroundings {
    /// The recordings that settings name, already read.
    pub traces: Traces,
}

strategies! {
    /// How a deployment finds its size.
    pub enum Autoscaler: dyn Scale, context ScaleSurroundings {
        /// Keeps the replicas that the file gives.
        None(Unscaled),
        /// Kubernetes' HorizontalPodAutoscaler: towards a target by the ratio of usage to it.
        Hpa(Hpa),
        /// A step out above one CPU threshold, a step in below another, with cooldowns.
        Threshold(Threshold),
        /// As many as the time of day, or of the run, asks for.
        Scheduled(Scheduled),
        /// Ahead of the load: a forecast from its trend and its seasons.
        Predictive(Predictive),
        /// KEDA's rule: by the requests waiting, and to zero when there are none.
        QueueLength(QueueLength),
    }
}

impl Default for Autoscaler {
    fn default() -> Autoscaler {
        Autoscaler::None(Unscaled {})
    }
}

impl Autoscaler {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Autoscaler::None(Unscaled {}) => Ok(()),
            Autoscaler::Hpa(settings) => settings.check(),
            Autoscaler::Threshold(settings) => settings.check(),
            Autoscaler::Scheduled(settings) => settings.check(),
            Autoscaler::Predictive(settings) => settings.check(),
            Autoscaler::QueueLength(settings) => settings.check(),
        }
    }

    /// What must be measured for it: the order of [`Reading::signals`].
    pub fn signals(&self) -> Vec<Signal> {
        match self {
            Autoscaler::Hpa(settings) => settings.signals(),
            Autoscaler::Predictive(settings) => vec![settings.load.clone()],
            Autoscaler::QueueLength(settings) => vec![Signal::Waiting(settings.queue.clone())],
            Autoscaler::None(_) | Autoscaler::Threshold(_) | Autoscaler::Scheduled(_) => Vec::new(),
        }
    }

    /// The recording that must be read for it before it is built, and checked with
    /// [`History::check`].
    pub fn history(&self) -> Option<&History> {
        match self {
            Autoscaler::Predictive(settings) => settings.history.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
