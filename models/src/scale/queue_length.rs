//! KEDA's rule for queues: replicas by the requests waiting, and none when there are none.
//!
//! Two programs share the work. From one replica up Kubernetes' HPA holds `average` requests a
//! replica, as an external metric with AverageValue, with its tolerance and stabilisation. KEDA itself
//! only opens and closes: every `polling`, work where there are no replicas brings the first one; no
//! work for `cooldown` takes the last ones away, however many they are. The HPA never sees the step to
//! zero, so neither its window nor its limits hold that one off.
//!
//! Source: kedacore/keda `pkg/scaling/executor/scale_scaledobjects.go` and `pkg/scaling/scale_handler.go`;
//! <https://keda.sh/docs/latest/reference/scaledobject-spec/> for the defaults.
//!
//! Like KEDA, it does not wait at the very beginning: a deployment that has never had work is closed at
//! the first look after the run's beginning, unless `initial_cooldown` holds it.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::hpa::behavior::Behavior;
use super::hpa::controller::Controller;
use super::hpa::{self, Hpa, Metric};
use super::{Bounds, Decision, Reading, Reason, Scale, ScaleSurroundings, Signal};

/// Settings of the queue scaler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueLength {
    /// The least replicas; 0 closes the service while there is no work.
    #[serde(default)]
    pub min: u32,
    /// The most replicas.
    #[serde(default = "max_default")]
    pub max: u32,
    /// Requests, waiting or in service, that a replica shall have on average.
    pub average: f64,
    /// The service whose requests count; the own one if empty.
    #[serde(default)]
    pub queue: String,
    /// There is work while more than so many wait.
    #[serde(default)]
    pub activation: f64,
    /// Close to zero replicas in spite of a higher `min`, which then holds only while there is work.
    #[serde(default)]
    pub idle: bool,
    /// How often it is looked whether there is work; whole seconds.
    #[serde(default = "polling_default")]
    pub polling: Span,
    /// How long there must have been no work before the last replicas go.
    #[serde(default = "cooldown_default")]
    pub cooldown: Span,
    /// The same from the run's beginning, where there was no work yet.
    #[serde(default)]
    pub initial_cooldown: Span,
    /// The HPA's limits between one and `max`.
    #[serde(default)]
    pub behavior: Option<Behavior>,
    /// How far back the HPA lets a higher recommendation hold off scaling down.
    #[serde(default = "hpa::downscale_stabilization_default")]
    pub downscale_stabilization: Span,
}

fn max_default() -> u32 {
    100
}

fn polling_default() -> Span {
    Span::from_secs(30)
}

fn cooldown_default() -> Span {
    Span::from_secs(300)
}

impl QueueLength {
    pub(super) fn check(&self) -> Result<(), String> {
        self.bounds().check()?;
        hpa::target("average", self.average)?;
        if !(self.activation.is_finite() && self.activation >= 0.0) {
            return Err(format!("activation: {} is no number of requests", self.activation));
        }
        if self.idle && self.min == 0 {
            return Err("idle: with a min of 0 the service is closed without work anyway".to_owned());
        }
        if self.polling == Span::ZERO || !self.polling.as_nanos().is_multiple_of(Span::from_secs(1).as_nanos()) {
            return Err(format!("polling: {} is not a whole number of seconds", self.polling));
        }
        self.hpa().check()
    }

    fn bounds(&self) -> Bounds {
        Bounds { min: self.min, max: self.max }
    }

    /// The HPA that KEDA sets up; it never goes below one.
    fn hpa(&self) -> Hpa {
        let signal = Signal::Waiting(self.queue.clone());
        Hpa {
            min: self.min.max(1),
            metrics: vec![Metric::External { signal, value: None, average: Some(self.average) }],
            behavior: self.behavior.clone(),
            downscale_stabilization: self.downscale_stabilization,
            ..Hpa::up_to(self.max)
        }
    }
}

impl Build<dyn Scale, ScaleSurroundings> for QueueLength {
    fn build(&self, _: &ScaleSurroundings) -> Box<dyn Scale> {
        let hpa = Controller::new(self.hpa().spec());
        let (poll_due, sync_due) = (Time::ZERO, Time::ZERO);
        Box::new(Queue { settings: self.clone(), hpa, unserved: None, last_work: None, poll_due, sync_due })
    }
}

struct Queue {
    settings: QueueLength,
    hpa: Controller,
    /// The most that came since the last poll while there were no replicas: a queue keeps it.
    unserved: Option<i64>,
    /// When work was last seen.
    last_work: Option<Time>,
    poll_due: Time,
    sync_due: Time,
}

/// Whether something that happens every `period` is due, and if so, when next.
fn take_turn(due: &mut Time, now: Time, period: Span) -> bool {
    let is_due = *due <= now;
    while *due <= now {
        *due = *due + period;
    }
    is_due
}

impl Queue {
    /// KEDA's own part: whether it opens or closes.
    fn poll(&mut self, now: Time, desired: u32, waiting: i64) -> Option<Decision> {
        let QueueLength { min, idle, cooldown, initial_cooldown, .. } = self.settings;
        let closable = idle || min == 0;
        if waiting as f64 > self.settings.activation * 1e3 {
            self.last_work = Some(now);
            let open = desired == 0 || (idle && desired < min);
            return open.then_some(Decision::new(min.max(1), Reason::Activated));
        }
        if !closable {
            return (desired < min).then_some(Decision::new(min, Reason::TooFewReplicas));
        }
        if desired == 0 {
            return None;
        }
        let over = match self.last_work {
            Some(last) => now.since(last) > cooldown,
            None => now.since(Time::ZERO) > initial_cooldown,
        };
        over.then_some(Decision::new(0, Reason::Deactivated))
    }
}

impl Scale for Queue {
    fn decide(&mut self, now: Time, reading: &Reading<'_>) -> Decision {
        let waiting = reading.signals.first().copied().flatten();
        let syncs = take_turn(&mut self.sync_due, now, self.hpa.period());
        self.unserved = self.unserved.max(waiting.filter(|_| reading.desired == 0));
        let polls = take_turn(&mut self.poll_due, now, self.settings.polling);
        let queued = if polls { waiting.max(self.unserved.take()) } else { None };
        let polled = queued.and_then(|queued| self.poll(now, reading.desired, queued));
        match polled {
            Some(decision) => decision,
            None if reading.desired == 0 => Decision::new(0, Reason::Deactivated),
            None if syncs => self.hpa.decide(now, reading),
            None => Decision::new(self.settings.bounds().hold(reading.desired), Reason::DesiredWithinRange),
        }
    }

    /// Often enough for both programs.
    fn period(&self) -> Span {
        let (mut one, mut other) = (self.hpa.period().as_nanos(), self.settings.polling.as_nanos());
        while other > 0 {
            (one, other) = (other, one % other);
        }
        Span::from_nanos(one)
    }
}
