//! What a scenario file may say: every field, its default and its unit.
//!
//! This is the one place where defaults stand; `gameday explain` prints them resolved. Names are
//! given once and nested where they belong; maps keep the file's order.

mod chaos;
mod cluster;
mod expect;
mod release;

use std::borrow::Cow;

use indexmap::IndexMap;
use models::balance::{Balancer, PassiveHealth};
use models::network::{NetworkSettings, Region};
use models::pod::budget::DisruptionBudget;
use models::policy::CallPolicy;
use models::rollout::Rollout;
use models::scale::Autoscaler;
use models::service::{Discipline, Memory};
use models::traffic::{Arrivals, Profile, Users};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sim_core::{Cores, Distribution, Keys, Ratio, Span};

pub use chaos::{Fault, SteadyState, Target};
pub use cluster::{Cluster, ControlPlane, Neighbour, NodePool, Pod, PoolScale, Probes, Scope, Spot, Spread};
pub use expect::{During, Expect, Limit};
pub(crate) use release::FIRST_VERSION;
pub use release::{Leak, Release, UnderLoad, Version, When};

/// A system, its traffic and how long to watch it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// What to look at; may be empty.
    #[serde(default)]
    pub description: String,
    /// How much virtual time one replication covers.
    pub duration: Span,
    /// Time at the start that no figure includes, while the system fills up. Default none.
    #[serde(default)]
    pub warm_up: Span,
    /// The root of all chance. Default 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Independent runs, each with its own chance. Default 1.
    #[serde(default = "default_replications")]
    pub replications: u32,
    /// Step of all series, and how often gauges are read. Default about 1/300 of the duration, rounded.
    #[serde(default)]
    pub sample_every: Option<Span>,
    /// Where things can be. Default one nameless region, with no distances at all.
    #[serde(default)]
    pub regions: IndexMap<String, Region>,
    /// How long messages take. Default no time at all without regions, otherwise by distance.
    #[serde(default)]
    pub network: Option<NetworkSettings>,
    /// How the cluster works that runs it all. Default as Kubernetes does.
    #[serde(default)]
    pub cluster: Option<Cluster>,
    /// The machines that pods run on, pool by pool. Default each pod has one of its own.
    #[serde(default)]
    pub nodes: IndexMap<String, NodePool>,
    /// What serves.
    pub services: IndexMap<String, Service>,
    /// Who asks.
    pub workloads: IndexMap<String, Workload>,
    /// What breaks. Default nothing.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What should hold. Default nothing.
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// What is released meanwhile. Default nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// What shall be so whatever breaks, by name. Default nothing is checked.
    #[serde(default)]
    pub steady_state: IndexMap<String, SteadyState>,
    /// Whether all faults are healed, and none comes, once a check breaks while one is active. Default false.
    #[serde(default)]
    pub guard: bool,
}

fn default_seed() -> u64 {
    1
}

fn default_replications() -> u32 {
    1
}

impl Service {
    /// What each pod is like, with the defaults that depend on the rest of the service.
    pub(crate) fn filled_pod(&self) -> Pod {
        let cores = self.cores_total(1).map(|cores| Cores::milli((cores * 1e3) as u64));
        let usable = cores.into_iter().chain(self.pod.cpu_limit).min();
        let memory = self.memory.map(|memory| memory.limit);
        Pod { cpu: self.pod.cpu.or(usable), memory: self.pod.memory.or(memory), ..self.pod.clone() }
    }
}

impl Scenario {
    /// All autoscalers that are named.
    pub(crate) fn autoscalers(&self) -> impl Iterator<Item = &Autoscaler> {
        self.services.values().flat_map(|service| {
            std::iter::once(&service.autoscaler)
                .chain(service.groups.iter().filter_map(|group| group.autoscaler.as_ref()))
        })
    }

    /// How its cluster works.
    pub(crate) fn cluster(&self) -> Cow<'_, Cluster> {
        self.cluster.as_ref().map_or_else(Default::default, Cow::Borrowed)
    }

    /// Whether anything about replicas or nodes can change.
    pub(crate) fn has_cluster(&self) -> bool {
        let is_static = |service: &Service| {
            !self.is_scaled(service) && service.probes == Probes::default() && service.memory.is_none()
        };
        !(self.nodes.is_empty()
            && self.faults.is_empty()
            && self.releases.is_empty()
            && self.steady_state.is_empty()
            && self.services.values().all(is_static))
    }

    /// Whether an autoscaler sees to a service, or to a group of it.
    pub(crate) fn is_scaled(&self, service: &Service) -> bool {
        let groups = service.all_groups();
        let mut scaled = groups.iter().map(|group| group.autoscaler.as_ref().unwrap_or(&service.autoscaler));
        scaled.any(|autoscaler| !matches!(autoscaler, Autoscaler::None(_)))
    }

    /// The names of all deployments: that of their service, with the group's number where there are several.
    pub(crate) fn deployment_names(&self) -> Vec<String> {
        let names = self.services.iter().flat_map(|(name, service)| {
            let groups = service.groups.len();
            (0..groups.max(1)).map(move |index| if groups > 1 { format!("{name}[{index}]") } else { name.clone() })
        });
        names.chain(self.releases.iter().map(Release::name)).collect()
    }

    /// Puts in every default that depends on other fields, so that nothing is left to be guessed.
    pub(crate) fn fill_in(&mut self) {
        self.sample_every = Some(self.step());
        if !self.regions.is_empty() {
            self.network.get_or_insert_default();
        }
        if self.has_cluster() {
            self.cluster.get_or_insert_default();
        }
        for release in &mut self.releases {
            if let Some(service) = self.services.get_mut(&release.service) {
                service.version.get_or_insert_with(|| FIRST_VERSION.to_owned());
                let rollout = service.rollout.get_or_insert_default();
                release.rollout.get_or_insert_with(|| rollout.clone());
            }
        }
        for service in self.services.values_mut() {
            if service.groups.is_empty() {
                service.replicas.get_or_insert(1);
            }
            service.pod = service.filled_pod();
            for group in &mut service.groups {
                group.autoscaler.get_or_insert_with(|| service.autoscaler.clone());
            }
        }
        for workload in self.workloads.values_mut().filter(|workload| workload.origins.is_empty()) {
            workload.from = workload.from.take().or_else(|| self.regions.keys().next().cloned());
        }
    }
}

/// A service: replicas of one program behind a balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// How many replicas, all alike, spread evenly over `regions` and their zones. Default 1.
    pub replicas: Option<u32>,
    /// The regions it runs in. Default all.
    pub regions: Vec<String>,
    /// Replicas that are not all alike, instead of `replicas`.
    pub groups: Vec<Group>,
    /// Requests a replica serves at once; `None` for no limit. Default 4.
    pub workers: Option<u32>,
    /// Requests that may wait for a worker of a replica; more are refused. Default 1000.
    pub queue: u32,
    /// In which order they are served. Default Fifo.
    pub discipline: Discipline,
    /// Added to a request's work for each request already in service on the replica. Default none.
    pub contention: Span,
    /// The memory of a replica, which balancers can look at. Default unknown: it reads 0 %.
    pub memory: Option<Memory>,
    /// The share of answers that are errors. Default 0%.
    pub error_rate: Ratio,
    /// Whether all replicas refuse connections. Default false.
    pub down: bool,
    /// What each replica asks of its machine, how it starts and ends.
    pub pod: Pod,
    /// What each replica is asked while it runs. Default nothing: who runs is taken to be ready.
    pub probes: Probes,
    /// How the number of replicas follows the load; with groups, each group's. Default None.
    #[serde(serialize_with = "plain_none")]
    pub autoscaler: Autoscaler,
    /// How many replicas may be missing on purpose, when nodes are emptied. Default any number.
    pub budget: Option<DisruptionBudget>,
    /// How calls are spread over the replicas. Default RoundRobin.
    pub balancer: Balancer,
    /// When a failing backend is left alone for a while. Default never.
    pub health: Option<PassiveHealth>,
    /// What the version that is there from the beginning is called. Default v1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How it goes from one version to the next. Default Rolling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// What can be called, and the steps each takes.
    pub endpoints: IndexMap<String, Vec<Step>>,
}

impl Default for Service {
    fn default() -> Service {
        Service {
            replicas: None,
            regions: Vec::new(),
            groups: Vec::new(),
            workers: Some(4),
            queue: 1_000,
            discipline: Discipline::Fifo,
            contention: Span::ZERO,
            memory: None,
            error_rate: Ratio::ZERO,
            down: false,
            pod: Pod::default(),
            probes: Probes::default(),
            autoscaler: Autoscaler::default(),
            budget: None,
            balancer: Balancer::RoundRobin(Default::default()),
            health: None,
            version: None,
            rollout: None,
            endpoints: IndexMap::new(),
        }
    }
}

/// Writes `None` as people do, not as the name of a variant that RON has to escape.
fn plain_none<S: Serializer>(autoscaler: &Autoscaler, serializer: S) -> Result<S::Ok, S::Error> {
    match autoscaler {
        Autoscaler::None(_) => serializer.serialize_none(),
        scaling => scaling.serialize(serializer),
    }
}

/// The same of a group, where `None` is a choice too: whatever the service says, it is not scaled.
fn plain_none_of_some<S: Serializer>(autoscaler: &Option<Autoscaler>, serializer: S) -> Result<S::Ok, S::Error> {
    plain_none(autoscaler.as_ref().expect("what is not there is skipped"), serializer)
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Autoscaler>, D::Error> {
    Autoscaler::deserialize(deserializer).map(Some)
}

/// Replicas of a service that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// How many.
    pub replicas: u32,
    /// The region they run in. Default spread over the service's regions.
    #[serde(default)]
    pub region: Option<String>,
    /// Share of the traffic of each, relative to others, for balancers that weigh. Default 1.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// How much work each does in a unit of time. Default 1.0.
    #[serde(default = "default_speed")]
    pub speed: f64,
    /// The share of answers that are errors. Default the service's.
    #[serde(default)]
    pub error_rate: Option<Ratio>,
    /// Whether they refuse connections. Default false.
    #[serde(default)]
    pub down: bool,
    /// How their number follows the load. Default as the service says.
    #[serde(default, deserialize_with = "some", serialize_with = "plain_none_of_some")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoscaler: Option<Autoscaler>,
}

fn default_weight() -> u32 {
    1
}

fn default_speed() -> f64 {
    1.0
}

/// What an endpoint does, one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Step {
    /// Uses the processor for so long.
    Work(Distribution),
    /// Waits for so long without using the processor.
    Sleep(Distribution),
    /// Calls another endpoint and waits for it; fails if it fails.
    Call(Call),
    /// Calls several at once and needs them all.
    All(Vec<Call>),
    /// Calls several at once and needs one.
    Any(Vec<Call>),
    /// Calls several at once and needs some.
    Quorum {
        /// How many must succeed.
        need: u16,
        /// Which are called.
        of: Vec<Call>,
    },
    /// Goes one of several ways.
    Branch(Vec<Way>),
}

/// A call of another endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// "service/endpoint".
    pub to: String,
    /// How many such calls are made at once. Default 1.
    #[serde(default = "default_times")]
    pub times: u16,
    /// What surrounds each, outermost first. Default nothing.
    #[serde(default)]
    pub policies: Vec<CallPolicy>,
}

fn default_times() -> u16 {
    1
}

/// One way of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// How often it is taken, relative to the others.
    pub weight: f64,
    /// Its steps; may be empty.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A stream of customers' requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// The region the customers are in. Default the first.
    pub from: Option<String>,
    /// Customers in several regions, by weight, instead of `from`.
    pub origins: IndexMap<String, f64>,
    /// The endpoint they call, "service/endpoint".
    pub to: Option<String>,
    /// Several endpoints, by weight, instead of `to`.
    pub mix: IndexMap<String, f64>,
    /// How many requests arrive, over time.
    pub rate: Option<Profile>,
    /// How arrivals scatter around the rate, or where they are recorded. Default Poisson.
    pub arrivals: Arrivals,
    /// A fixed number of users who wait for their answers, instead of `rate`.
    pub users: Option<Users>,
    /// The keys that requests carry. Default each its own.
    pub keys: Option<Keys>,
    /// Which go first where the discipline is Priority; higher is first. Default 0.
    pub priority: u8,
    /// What surrounds each request, outermost first. Default nothing.
    pub policies: Vec<CallPolicy>,
}
