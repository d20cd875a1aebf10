//! Whether each autoscaler has something to go by.

use models::scale::hpa::Metric;
use models::scale::{Autoscaler, History, Hpa, Signal};
use sim_core::{Cores, Span};

use super::{Check, REPLICAS_MAX};
use crate::file::{Code, Problem};
use crate::schema::Service;

impl Check<'_> {
    pub(super) fn autoscaler(&mut self, path: &str, service: &Service, autoscaler: &Autoscaler) {
        self.model(path, autoscaler.check());
        let Some(limits) = limits(autoscaler) else { return };
        if limits.max > REPLICAS_MAX {
            let message = format!("{} replicas are more than the {REPLICAS_MAX} of a service", limits.max);
            self.invalid(&format!("{path}.max"), message);
        }
        self.period(&format!("{path}.{}", limits.period.0), limits.period.1);
        match autoscaler {
            Autoscaler::Hpa(hpa) => self.hpa(path, service, hpa),
            Autoscaler::Threshold(_) => self.requests_cpu(path, service),
            Autoscaler::Predictive(settings) => {
                self.signal(&format!("{path}.load"), &settings.load);
                if let Some(history) = &settings.history {
                    self.history(&format!("{path}.history"), history);
                }
            }
            Autoscaler::QueueLength(settings) => {
                self.signal(&format!("{path}.queue"), &Signal::Waiting(settings.queue.clone()));
            }
            Autoscaler::None(_) | Autoscaler::Scheduled(_) => {}
        }
    }

    fn hpa(&mut self, path: &str, service: &Service, hpa: &Hpa) {
        if hpa.cpu.is_some() || (hpa.memory.is_none() && hpa.metrics.is_empty()) {
            let at = if hpa.cpu.is_some() { format!("{path}.cpu") } else { path.to_owned() };
            self.requests_cpu(&at, service);
        }
        if hpa.memory.is_some() {
            self.has_memory(&format!("{path}.memory"), service);
        }
        for (index, metric) in hpa.metrics.iter().enumerate() {
            let path = format!("{path}.metrics[{index}]");
            match metric {
                Metric::Cpu { utilization: Some(_), .. } => self.requests_cpu(&path, service),
                Metric::Memory { .. } => self.has_memory(&path, service),
                Metric::Object { signal, .. } | Metric::External { signal, .. } => {
                    self.signal(&format!("{path}.signal"), signal);
                }
                Metric::Cpu { .. } | Metric::Requests { .. } | Metric::InFlight { .. } => {}
            }
        }
    }

    /// CPU utilisation is a share of what pods request.
    fn requests_cpu(&mut self, path: &str, service: &Service) {
        if service.filled_pod().cpu.is_none_or(|cpu| cpu == Cores::default()) {
            let message = "CPU is compared with what pods request, and they request none";
            let help = "set the service's `pod.cpu`, limit its `workers`, or scale by requests or a signal";
            self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
        }
    }

    fn has_memory(&mut self, path: &str, service: &Service) {
        if service.memory.is_none() {
            let message = "nothing is known of the service's memory";
            let help = "set its `memory: (base: …, per_request: …, limit: …)`";
            self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
        }
    }

    /// What a signal names, if it does not mean the autoscaler's own service.
    fn signal(&mut self, path: &str, signal: &Signal) {
        let scenario = self.scenario;
        match signal {
            Signal::Rate(name) | Signal::Waiting(name) if !name.is_empty() => self.named_service(path, name),
            Signal::Workload(name) if !name.is_empty() && !scenario.workloads.contains_key(name) => {
                self.unknown(path, "workload", name, scenario.workloads.keys().map(String::as_str));
            }
            _ => {}
        }
    }

    fn history(&mut self, path: &str, history: &History) {
        match self.inputs.history(history) {
            Err(error) => self.push(Code::TraceFile, &format!("{path}.file"), error),
            Ok(()) => self.model(path, history.check(self.inputs.traces())),
        }
    }
}

/// Whether an autoscaler brings replicas where there are none.
///
/// Kubernetes' HPA is off there, unless its least is zero too; a threshold of CPU has no pods to read.
pub(super) fn wakes(autoscaler: &Autoscaler) -> bool {
    match autoscaler {
        Autoscaler::None(_) => false,
        Autoscaler::Hpa(hpa) => hpa.min == 0,
        Autoscaler::Threshold(threshold) => threshold.min > 0,
        Autoscaler::Scheduled(_) | Autoscaler::Predictive(_) | Autoscaler::QueueLength(_) => true,
    }
}

/// What all autoscalers that scale have in common.
pub(super) struct Limits {
    pub(super) max: u32,
    /// How often it looks, and what the field is called.
    period: (&'static str, Span),
}

pub(super) fn limits(autoscaler: &Autoscaler) -> Option<Limits> {
    let (max, period) = match autoscaler {
        Autoscaler::None(_) => return None,
        Autoscaler::Hpa(settings) => (settings.max, ("sync_period", settings.sync_period)),
        Autoscaler::Threshold(settings) => (settings.max, ("period", settings.period)),
        Autoscaler::Scheduled(settings) => (settings.max, ("period", settings.period)),
        Autoscaler::Predictive(settings) => (settings.max, ("period", settings.period)),
        Autoscaler::QueueLength(settings) => (settings.max, ("polling", settings.polling)),
    };
    Some(Limits { max, period })
}
