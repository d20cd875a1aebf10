//! From a checked scenario to a world: names become indices, settings become running parts.

use models::balance::{Pool, Surroundings};
use models::cluster::{ClusterSettings, Template};
use models::network::{Network, Region};
use models::place::{RegionId, ZoneId};
use models::plan::{EndpointId, Plan, SiteId, Step as PlanStep};
use models::pod::termination::Termination;
use models::policy::CallPolicy;
use models::service::{ServiceId, ServiceSettings};
use models::workload::{ArrivalStream, Shares, Source, Workload};
use models::world::World;
use sim_core::{Seed, Span};

use crate::inputs::Inputs;
use crate::schema::{self, Call, Scenario, Service, Step};

/// Builds the world that `scenario` describes; panics if it has not been [validated](crate::validate).
pub fn assemble(scenario: &Scenario, inputs: &Inputs, seed: Seed) -> World {
    let regions: Vec<(String, Region)> =
        scenario.regions.iter().map(|(name, region)| (name.clone(), region.clone())).collect();
    let network = match &scenario.network {
        None if regions.is_empty() => Network::instant(),
        settings => Network::new(&settings.clone().unwrap_or_default(), &regions, inputs.recordings()),
    };
    let distances = network.distances();
    let (plan, entries) = Planner::plan(scenario, inputs);
    let cluster = ClusterSettings { ..Default::default() };
    let mut world = World::new(network, plan, scenario.step()).with_cluster(cluster, seed);
    for service in scenario.services.values() {
        let surroundings = Surroundings {
            health: service.health.clone(),
            regions: scenario.regions.keys().cloned().collect(),
            distances: distances.clone(),
        };
        add_service(&mut world, scenario, service, &surroundings);
    }
    for ((name, workload), entries) in scenario.workloads.iter().zip(entries) {
        world.add_workload(build_workload(scenario, inputs, seed, name, workload, &entries));
    }
    world
}

fn add_service(world: &mut World, scenario: &Scenario, service: &Service, surroundings: &Surroundings) {
    let pool = Pool::new(service.balancer.build(surroundings), service.health.clone());
    let settings = ServiceSettings {
        workers: service.workers,
        queue: service.queue,
        discipline: service.discipline,
        contention: service.contention,
        memory: service.memory,
    };
    let id = world.add_service(settings, pool);
    let groups = if service.groups.is_empty() { vec![service.uniform()] } else { service.groups.clone() };
    for group in groups {
        let template = Template {
            weight: group.weight,
            speed: group.speed,
            error_rate: group.error_rate.unwrap_or(service.error_rate).fraction(),
            down: service.down || group.down,
            zones: scenario.zones_of(service, &group),
            requests: None,
            pull: None,
            startup: None,
            termination: Termination::default(),
            budget: None,
            probes: Vec::new(),
        };
        world.add_deployment(id, group.replicas, template);
    }
}

impl Service {
    /// The group of a service whose replicas are all alike.
    fn uniform(&self) -> schema::Group {
        let replicas = self.replicas.unwrap_or(1);
        schema::Group { replicas, region: None, weight: 1, speed: 1.0, error_rate: None, down: false }
    }
}

impl Scenario {
    /// The indices of the regions in which a group's replicas run; empty if the scenario has none.
    fn regions_of(&self, service: &Service, group: &schema::Group) -> Vec<usize> {
        let index = |name: &String| self.regions.get_index_of(name).expect("validated regions exist");
        match &group.region {
            Some(region) => vec![index(region)],
            None if service.regions.is_empty() => (0..self.regions.len()).collect(),
            None => service.regions.iter().map(index).collect(),
        }
    }

    /// The zones in which a group's replicas run, region by region.
    fn zones_of(&self, service: &Service, group: &schema::Group) -> Vec<Vec<(RegionId, ZoneId)>> {
        let zones = |region: usize| {
            let before: u16 = self.regions.values().take(region).map(|region| region.zones).sum();
            let zones = before..before + self.regions[region].zones;
            zones.map(|zone| (RegionId(region as u16), ZoneId(zone))).collect()
        };
        self.regions_of(service, group).into_iter().map(zones).collect()
    }
}

/// Compiles endpoints and call sites.
struct Planner<'a> {
    scenario: &'a Scenario,
    inputs: &'a Inputs,
    plan: Plan,
    /// By service, then endpoint.
    endpoints: Vec<Vec<EndpointId>>,
}

impl Planner<'_> {
    /// The plan, and each workload's entries by weight.
    fn plan(scenario: &Scenario, inputs: &Inputs) -> (Plan, Vec<Vec<(f64, SiteId)>>) {
        let mut plan = Plan::default();
        let services = scenario.services.values().enumerate();
        let endpoints = services
            .map(|(index, service)| service.endpoints.keys().map(|_| plan.endpoint(ServiceId(index as u16))).collect())
            .collect();
        let mut planner = Planner { scenario, inputs, plan, endpoints };
        for (service, settings) in scenario.services.values().enumerate() {
            for (endpoint, steps) in settings.endpoints.values().enumerate() {
                let steps = planner.steps(steps);
                planner.plan.define(planner.endpoints[service][endpoint], steps);
            }
        }
        let entries = scenario.workloads.values().map(|workload| planner.entries(workload)).collect();
        (planner.plan, entries)
    }

    fn entries(&mut self, workload: &schema::Workload) -> Vec<(f64, SiteId)> {
        let single = workload.to.iter().map(|to| (1.0, to));
        let targets = single.chain(workload.mix.iter().map(|(to, weight)| (*weight, to)));
        targets.map(|(weight, to)| (weight, self.site(to, &workload.policies))).collect()
    }

    fn site(&mut self, to: &str, policies: &[CallPolicy]) -> SiteId {
        let (service, endpoint) = self.scenario.resolve(to).expect("validated endpoints exist");
        let policies = policies.iter().map(|policy| policy.build(&())).collect();
        self.plan.site(self.endpoints[service][endpoint], policies)
    }

    fn steps(&mut self, steps: &[Step]) -> Vec<PlanStep> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> PlanStep {
        let recordings = self.inputs.recordings();
        match step {
            Step::Work(distribution) => PlanStep::Work(distribution.sampler(recordings)),
            Step::Sleep(distribution) => PlanStep::Sleep(distribution.sampler(recordings)),
            Step::Call(call) => self.calls(std::slice::from_ref(call), u16::MAX),
            Step::All(calls) => self.calls(calls, u16::MAX),
            Step::Any(calls) => self.calls(calls, 1),
            Step::Quorum { need, of } => self.calls(of, *need),
            Step::Branch(ways) => {
                PlanStep::Branch(ways.iter().map(|way| (way.weight, self.steps(&way.steps))).collect())
            }
        }
    }

    /// Calls of which at most all are needed. Repetitions of a call share its policies' state.
    fn calls(&mut self, calls: &[Call], need: u16) -> PlanStep {
        let mut sites = Vec::new();
        for call in calls {
            let site = self.site(&call.to, &call.policies);
            sites.extend(std::iter::repeat_n(site, usize::from(call.times)));
        }
        let need = need.min(sites.len() as u16);
        PlanStep::Call { sites, need }
    }
}

fn build_workload(
    scenario: &Scenario,
    inputs: &Inputs,
    seed: Seed,
    name: &str,
    workload: &schema::Workload,
    entries: &[(f64, SiteId)],
) -> Workload {
    let region = |name: &String| RegionId(scenario.regions.get_index_of(name).expect("validated regions exist") as u16);
    let origins: Vec<(f64, RegionId)> = if workload.origins.is_empty() {
        vec![(1.0, workload.from.as_ref().map_or(RegionId(0), region))]
    } else {
        workload.origins.iter().map(|(name, weight)| (*weight, region(name))).collect()
    };
    let source = match &workload.users {
        Some(users) => Source::Closed { users: users.count, think: users.think.sampler(inputs.recordings()) },
        None => {
            let stream = seed.stream(&format!("workload/{name}/arrivals"));
            Source::Open(Box::new(ArrivalStream::new(workload.arrivals.build(&inputs.surroundings(workload)), stream)))
        }
    };
    let requests = seed.stream(&format!("workload/{name}/requests"));
    let weighted = "validated weights are not all zero";
    let origins = Shares::new(&origins).expect(weighted);
    let targets = Shares::new(entries).expect(weighted);
    let built = Workload::new(source, requests, origins, targets).with_priority(workload.priority);
    match &workload.keys {
        Some(keys) => built.with_keys(keys.sampler()),
        None => built,
    }
}
