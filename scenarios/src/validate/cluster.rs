//! Whether the cluster can be: its settings, its nodes, and what pods ask of them.

use models::amount::Amount;
use models::pod::budget::DisruptionBudget;
use models::pod::probe::{ProbeKind, ProbeSettings};
use sim_core::{Cores, Span};

use super::Check;
use crate::file::{Code, Problem, did_you_mean, key};
use crate::schema::{Cluster, ControlPlane, NodePool, Pod, Service};

// Backstops against typing errors.
const NODES_MAX: u32 = 100_000;
const POOLS_MAX: usize = 1_000;
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
        self.at_most("services", "deployments", self.scenario.deployment_names().len(), DEPLOYMENTS_MAX);
        self.model("cluster.scheduler", cluster.scheduler.check());
        self.model("cluster.node_autoscaler", cluster.node_autoscaler.check());
        self.period("cluster.node_autoscaler.scan_interval", cluster.node_autoscaler.scan_interval);
    }

    /// What a pod asks of the nodes and pods around it.
    fn placement(&mut self, path: &str, pod: &Pod) {
        for (index, spread) in pod.spread.iter().enumerate() {
            if spread.max_skew == 0 {
                self.invalid(
                    &format!("{path}.spread[{index}].max_skew"),
                    "a skew of 0 leaves no place for anybody; 1 is even",
                );
            }
        }
        let neighbours = [("near", &pod.near), ("apart", &pod.apart)];
        for (name, index, neighbour) in neighbours
            .into_iter()
            .flat_map(|(name, list)| list.iter().enumerate().map(move |(index, one)| (name, index, one)))
        {
            if neighbour.labels.is_empty() {
                self.invalid(
                    &format!("{path}.{name}[{index}].labels"),
                    "no label means every pod; name one, such as { \"app\": \"shop\" }",
                );
            }
            if let Some(weight) = neighbour.weight.filter(|weight| !(1..=100).contains(weight)) {
                self.invalid(&format!("{path}.{name}[{index}].weight"), format!("a weight is 1 to 100, not {weight}"));
            }
        }
        if self.scenario.nodes.is_empty() {
            let wishes = !(pod.spread.is_empty() && pod.near.is_empty() && pod.apart.is_empty())
                || pod.nodes != Default::default()
                || !pod.tolerations.is_empty();
            if wishes {
                self.invalid(
                    path,
                    "wishes about nodes and neighbours need `nodes`: without, every pod has a machine of its own",
                );
            }
        }
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

    pub(super) fn nodes(&mut self) {
        let pools = &self.scenario.nodes;
        self.at_most("nodes", "pools", pools.len(), POOLS_MAX);
        for (name, pool) in pools {
            self.pool(&format!("nodes.{}", key(name)), pool);
        }
        let count = pools.values().fold(0, |sum: u32, pool| sum.saturating_add(pool.count));
        let can_grow = pools.values().any(|pool| pool.scale.is_some_and(|scale| scale.max > 0));
        if !pools.is_empty() && count == 0 && !can_grow {
            self.invalid("nodes", "there is no node in any pool");
        }
        if count > NODES_MAX {
            self.invalid("nodes", format!("{count} nodes are more than the {NODES_MAX} of a scenario"));
        }
    }

    fn pool(&mut self, path: &str, pool: &NodePool) {
        if pool.cpu == Cores::default() {
            self.invalid(&format!("{path}.cpu"), "a node without a processor runs nothing");
        }
        if pool.memory.count() == 0 {
            self.invalid(&format!("{path}.memory"), "a node without memory runs nothing");
        }
        if pool.pods == 0 {
            self.invalid(&format!("{path}.pods"), "a node that takes no pods is no use");
        }
        for (index, region) in pool.regions.iter().enumerate() {
            self.region(&format!("{path}.regions[{index}]"), region);
        }
        if !(pool.price.is_finite() && pool.price >= 0.0) {
            self.invalid(&format!("{path}.price"), format!("a price is zero or more, not {}", pool.price));
        }
        if let Some(scale) = pool.scale {
            if scale.min > scale.max {
                let message = format!("the fewest, {}, are more than the most, {}", scale.min, scale.max);
                self.invalid(&format!("{path}.scale.min"), message);
            }
            if scale.max > NODES_MAX {
                let message = format!("{} nodes are more than the {NODES_MAX} of a scenario", scale.max);
                self.invalid(&format!("{path}.scale.max"), message);
            }
        }
        self.distribution(&format!("{path}.provision"), &pool.provision);
        if let Some(spot) = &pool.spot {
            self.distribution(&format!("{path}.spot.lifetime"), &spot.lifetime);
        }
    }

    /// What a service says of its pods.
    pub(super) fn pods(&mut self, path: &str, service: &Service) {
        self.pod(&format!("{path}.pod"), service);
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
        self.placement(path, &service.pod);
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
        self.fits_some_node(path, service);
    }

    /// A pod that is larger than every node would be pending for ever.
    fn fits_some_node(&mut self, path: &str, service: &Service) {
        let nodes = &self.scenario.nodes;
        let filled = service.filled_pod();
        let (cpu, memory) = (filled.cpu.unwrap_or_default(), filled.memory.unwrap_or_default());
        if nodes.is_empty() || nodes.values().any(|pool| cpu <= pool.cpu && memory <= pool.memory) {
            return;
        }
        let pools = nodes.iter().map(|(name, pool)| format!("{name:?} has {} and {}", pool.cpu, pool.memory));
        let message = format!("no node has room for a pod with {cpu} cores and {memory}");
        let help = pools.collect::<Vec<_>>().join(", ");
        self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
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
