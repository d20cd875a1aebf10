//! Whether the cluster can be: its settings, its pods and what they are asked.

use models::amount::Amount;
use models::pod::budget::DisruptionBudget;
use models::pod::probe::{ProbeKind, ProbeSettings};
use sim_core::{Cores, Span};

use super::Check;
use crate::file::{Code, Problem, did_you_mean};
use crate::schema::{Cluster, ControlPlane, Pod, Service};

// Backstops against typing errors.
const DEPLOYMENTS_MAX: usize = 10_000;
/// How often anything periodic may happen in a run.
const ROUNDS_MAX: u64 = 10_000_000;
/// Readings of a pod on their way to the autoscalers.
const READINGS_MAX: u64 = 10_000;

impl Check<'_> {
    pub(super) fn cluster(&mut self, cluster: &Cluster) {
        let duration = self.scenario.duration;
        if let ControlPlane::Delay(delay) = cluster.control_plane
            && delay >= duration
        {
            let message = format!("with a delay of {delay} nothing would take effect in a run of {duration}");
            self.invalid("cluster.control_plane", message);
        }
        self.distribution("cluster.endpoint_lag", &cluster.endpoint_lag);
        let metrics = cluster.metrics;
        if metrics.every == Span::ZERO {
            self.invalid("cluster.metrics.every", "readings need time between them");
        } else if metrics.every >= self.scenario.duration
            && self.scenario.services.values().any(|one| self.scenario.is_scaled(one))
        {
            let message = format!("no reading in {}: autoscalers would see nothing", self.scenario.duration);
            self.invalid("cluster.metrics.every", message);
        } else {
            let is_rare = self.period("cluster.metrics.every", metrics.every);
            if is_rare && metrics.delay.as_nanos() / metrics.every.as_nanos() > READINGS_MAX {
                let message = format!("a delay of {} is too long for readings each {}", metrics.delay, metrics.every);
                self.invalid("cluster.metrics.delay", message);
            }
        }
        self.model("cluster.crash_loop", cluster.crash_loop.check());
        self.model("cluster.node_lifecycle", cluster.node_lifecycle.check());
        self.period("cluster.node_lifecycle.monitor_period", cluster.node_lifecycle.monitor_period);
        self.model("cluster.scheduler", cluster.scheduler.check());
        self.model("cluster.node_autoscaler", cluster.node_autoscaler.check());
        self.period("cluster.node_autoscaler.scan_interval", cluster.node_autoscaler.scan_interval);
        self.at_most("services", "deployments", self.scenario.deployment_names().len(), DEPLOYMENTS_MAX);
    }

    /// Whether something does not happen too often; a period of zero is somebody else's complaint.
    pub(super) fn period(&mut self, path: &str, period: Span) -> bool {
        let rounds = self.scenario.duration.as_nanos() / period.as_nanos().max(1);
        // Where nothing of a cluster can change, none of it happens at all.
        let is_rare = period == Span::ZERO || rounds <= ROUNDS_MAX || !self.scenario.has_cluster();
        if !is_rare {
            self.invalid(path, format!("each {period} would be {rounds} times in this run, more than {ROUNDS_MAX}"));
        }
        is_rare
    }

    /// What a service says of its pods.
    pub(super) fn pods(&mut self, path: &str, service: &Service) {
        self.pod(&format!("{path}.pod"), service);
        self.placement(path, service);
        for (kind, settings) in service.probes() {
            if let Some(settings) = settings {
                self.probe(&format!("{path}.probes.{}", field(kind)), service, kind, settings);
            }
        }
        if let Some(budget) = service.budget {
            self.budget(&format!("{path}.budget"), budget);
        }
    }

    fn pod(&mut self, path: &str, service: &Service) {
        let Pod { cpu, cpu_limit, memory, pull, startup, .. } = &service.pod;
        if let Some(limit) = *cpu_limit {
            let at = format!("{path}.cpu_limit");
            if limit == Cores::default() {
                self.invalid(&at, "without any processor no work gets done; leave the limit out for none");
            } else if service.cores_total(1).is_none() {
                let help = "say how many `workers` there are, or `discipline: Sharing(cores: …)`";
                let message = "there is nothing to limit: each of unlimited workers has a core of its own";
                self.problems.push(Problem::new(Code::InvalidValue, at, message).help(help));
            }
            if let Some(cpu) = cpu.filter(|cpu| Cores::default() < limit && limit < *cpu) {
                self.invalid(&format!("{path}.cpu"), format!("a request of {cpu} is more than cpu_limit, {limit}"));
            }
        }
        if let (Some(memory), Some(limits)) = (*memory, service.memory)
            && memory > limits.limit
        {
            let message = format!("a request of {memory} is more than the service's memory.limit, {}", limits.limit);
            self.invalid(&format!("{path}.memory"), message);
        }
        for (name, distribution) in [("pull", pull), ("startup", startup)] {
            if let Some(distribution) = distribution {
                self.distribution(&format!("{path}.{name}"), distribution);
            }
        }
    }

    fn probe(&mut self, path: &str, service: &Service, kind: ProbeKind, settings: &ProbeSettings) {
        self.model(path, settings.check(kind));
        self.period(&format!("{path}.period"), settings.period);
        let endpoints = || service.endpoints.keys().map(String::as_str);
        match &settings.endpoint {
            Some(endpoint) if !service.endpoints.contains_key(endpoint) => {
                self.unknown(&format!("{path}.endpoint"), "endpoint of its service,", endpoint, endpoints());
            }
            None if kind == ProbeKind::Deep => {
                let message = "a deep probe asks an endpoint that calls what is further down; name it";
                let help = did_you_mean("", endpoints());
                self.problems.push(Problem::new(Code::MissingField, path, message).help(help));
            }
            _ => {}
        }
    }

    fn budget(&mut self, path: &str, budget: DisruptionBudget) {
        let (DisruptionBudget::MinAvailable(amount) | DisruptionBudget::MaxUnavailable(amount)) = budget;
        if matches!(amount, Amount::Percent(101..)) {
            self.invalid(path, format!("{amount} is more than all of them"));
        }
    }
}

/// The field that a probe of this kind is in.
fn field(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "startup",
        ProbeKind::Liveness => "liveness",
        ProbeKind::Readiness => "readiness",
        ProbeKind::Deep => "deep",
    }
}
