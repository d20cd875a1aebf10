//! Deployments, autoscalers and probes of a world.

use models::cluster::{ClusterSettings, DeploymentId, ProbeCheck, ProbeTemplate, Source, Template};
use models::place::{RegionId, ZoneId};
use models::plan::SiteId;
use models::pod::probe::ProbeKind;
use models::scale::{Autoscaler, ScaleSurroundings, Signal};
use models::service::ServiceId;
use models::workload::WorkloadId;
use models::world::World;
use sim_core::Span;

use crate::inputs::Inputs;
use crate::schema::{ControlPlane, Group, Pod, Scenario, Service};

/// The call sites of a service's probes, in the order of [`Service::probes`].
pub(super) type ProbeSites = Vec<Option<SiteId>>;

impl Scenario {
    pub(super) fn cluster_settings(&self, inputs: &Inputs) -> ClusterSettings {
        let cluster = self.cluster();
        ClusterSettings {
            control_plane: match cluster.control_plane {
                ControlPlane::Instant => Span::ZERO,
                ControlPlane::Delay(delay) => delay,
            },
            endpoint_lag: cluster.endpoint_lag.sampler(inputs.recordings()),
            metrics: cluster.metrics,
            crash_loop: cluster.crash_loop.clone(),
            lifecycle: cluster.node_lifecycle.clone(),
        }
    }

    /// The zones in which a group's replicas run, region by region.
    fn zones_of(&self, service: &Service, group: &Group) -> Vec<Vec<(RegionId, ZoneId)>> {
        self.regions_of(service, group).into_iter().map(|region| self.zones(region)).collect()
    }

    /// The zones of a region.
    pub(super) fn zones(&self, region: usize) -> Vec<(RegionId, ZoneId)> {
        let before: u16 = self.regions.values().take(region).map(|region| region.zones).sum();
        let zones = before..before + self.regions[region].zones;
        zones.map(|zone| (RegionId(region as u16), ZoneId(zone))).collect()
    }

    /// The indices of the regions in which a group's replicas run; empty if the scenario has none.
    fn regions_of(&self, service: &Service, group: &Group) -> Vec<usize> {
        let index = |name: &String| self.regions.get_index_of(name).expect("validated regions exist");
        match &group.region {
            Some(region) => vec![index(region)],
            None if service.regions.is_empty() => (0..self.regions.len()).collect(),
            None => service.regions.iter().map(index).collect(),
        }
    }

    /// The index of a service that an autoscaler, or a fault, names.
    pub(super) fn service_named(&self, name: &str) -> ServiceId {
        ServiceId(self.services.get_index_of(name).expect("validated services exist") as u16)
    }

    fn source(&self, signal: &Signal, own: ServiceId) -> Source {
        match signal {
            Signal::Rate(name) if name.is_empty() => Source::OwnRate,
            Signal::Rate(name) => Source::Rate(self.service_named(name)),
            Signal::Waiting(name) if name.is_empty() => Source::Waiting(own),
            Signal::Waiting(name) => Source::Waiting(self.service_named(name)),
            Signal::Workload(name) => {
                let index = self.workloads.get_index_of(name).expect("validated workloads exist");
                Source::Workload(WorkloadId(index as u16))
            }
        }
    }
}

impl Service {
    /// Its probes, by what they are for.
    pub(crate) fn probes(&self) -> [(ProbeKind, Option<&models::pod::probe::ProbeSettings>); 4] {
        [
            (ProbeKind::Startup, self.probes.startup.as_ref()),
            (ProbeKind::Liveness, self.probes.liveness.as_ref()),
            (ProbeKind::Readiness, self.probes.readiness.as_ref()),
            (ProbeKind::Deep, self.probes.deep.as_ref()),
        ]
    }

    /// The groups of a service; where its replicas are all alike, there is one.
    pub(crate) fn all_groups(&self) -> Vec<Group> {
        if !self.groups.is_empty() {
            return self.groups.clone();
        }
        let replicas = self.replicas.unwrap_or(1);
        vec![Group { replicas, region: None, weight: 1, speed: 1.0, error_rate: None, down: false, autoscaler: None }]
    }

    /// How much of its cores a replica gets: less than all where `cpu_limit` says so.
    fn cpu_share(&self, pod: &Pod) -> f64 {
        let cores = self.cores_total(1);
        let limit = pod.cpu_limit.map(|limit| limit.as_milli() as f64 / 1e3);
        limit.zip(cores).map_or(1.0, |(limit, cores)| (limit / cores).min(1.0))
    }
}

/// Adds what runs a service: a deployment for each of its groups.
pub(super) fn add_deployments(
    world: &mut World,
    scenario: &Scenario,
    inputs: &Inputs,
    id: ServiceId,
    (name, service): (&str, &Service),
    sites: &ProbeSites,
) {
    let pod = service.filled_pod();
    for (number, group) in service.all_groups().into_iter().enumerate() {
        let template = template(scenario, inputs, service, &group, sites);
        let deployment = world.add_deployment(id, group.replicas, template);
        if !scenario.nodes.is_empty() {
            world.set_class(deployment, scenario.class(name, service, (number, &group), &pod));
        }
        let autoscaler = group.autoscaler.as_ref().unwrap_or(&service.autoscaler);
        add_autoscaler(world, scenario, inputs, id, deployment, autoscaler);
    }
}

/// What the pods of a group have in common.
pub(super) fn template(
    scenario: &Scenario,
    inputs: &Inputs,
    service: &Service,
    group: &Group,
    sites: &ProbeSites,
) -> Template {
    let recordings = inputs.recordings();
    let pod = service.filled_pod();
    let probes = service.probes().into_iter().zip(sites).filter_map(|((kind, settings), site)| {
        let check = site.map_or(ProbeCheck::Listening, ProbeCheck::Request);
        Some(ProbeTemplate { kind, settings: settings?.clone(), check })
    });
    Template {
        weight: group.weight,
        speed: group.speed,
        cpu_share: service.cpu_share(&pod),
        error_rate: group.error_rate.unwrap_or(service.error_rate).fraction(),
        down: service.down || group.down,
        zones: scenario.zones_of(service, group),
        requests: pod.requests(),
        priority: pod.priority,
        pull: pod.pull.as_ref().map(|pull| pull.sampler(recordings)),
        startup: pod.startup.as_ref().map(|startup| startup.sampler(recordings)),
        startup_busy: pod.startup_busy,
        termination: pod.termination.clone(),
        budget: service.budget,
        probes: probes.collect(),
        behaviour: None,
    }
}

fn add_autoscaler(
    world: &mut World,
    scenario: &Scenario,
    inputs: &Inputs,
    service: ServiceId,
    deployment: DeploymentId,
    autoscaler: &Autoscaler,
) {
    if matches!(autoscaler, Autoscaler::None(_)) {
        return;
    }
    let surroundings = ScaleSurroundings { traces: inputs.traces().clone() };
    let sources = autoscaler.signals().iter().map(|signal| scenario.source(signal, service)).collect();
    world.set_autoscaler(deployment, autoscaler.build(&surroundings), sources);
}
