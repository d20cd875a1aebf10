//! Which pods' samples count.
//!
//! A pod that is starting burns CPU that says nothing of its load, and one that is leaving serves no
//! more. The rules are those of `groupPods` in replica_calculator.go; the first that fits decides.

use sim_core::{Span, Time};

use crate::pod::Phase;
use crate::scale::reading::{PodReading, PodSample};

/// How pods are told apart while they start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Startup {
    /// How long after its start a pod's CPU counts only while it is ready and its sample is young.
    pub cpu_initialization: Span,
    /// A pod that became unready within this span of its start was never ready.
    pub initial_readiness_delay: Span,
}

/// The pods by what their samples mean, as indices into the list of pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Their samples count.
    pub ready: Vec<usize>,
    /// Not scheduled yet, or still starting.
    pub unready: Vec<usize>,
    /// Without a sample.
    pub missing: Vec<usize>,
    /// On their way out, or failed.
    pub ignored: Vec<usize>,
}

impl Startup {
    /// Sorts the pods; readiness is looked at for CPU only.
    pub fn group(&self, now: Time, pods: &[PodReading], heed_readiness: bool) -> Groups {
        let mut groups = Groups::default();
        for (index, pod) in pods.iter().enumerate() {
            let group = match pod.sample {
                _ if pod.deleting || pod.phase == Phase::Failed => &mut groups.ignored,
                _ if pod.phase == Phase::Pending => &mut groups.unready,
                None => &mut groups.missing,
                Some(sample) if heed_readiness && self.is_starting(now, pod, sample) => &mut groups.unready,
                Some(_) => &mut groups.ready,
            };
            group.push(index);
        }
        groups
    }

    /// Whether the sample tells of the pod's start rather than of its load.
    fn is_starting(&self, now: Time, pod: &PodReading, sample: PodSample) -> bool {
        let (Some(ready), Some(started)) = (pod.ready, pod.started) else { return true };
        let changed = pod.ready_changed.unwrap_or(Time::ZERO);
        if started + self.cpu_initialization > now {
            return !ready || sample.at < changed + sample.window;
        }
        !ready && started + self.initial_readiness_delay > changed
    }
}
