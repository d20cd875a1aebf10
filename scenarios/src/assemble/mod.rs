//! From a checked scenario to a world: names become indices, settings become running parts.

mod chaos;
mod cluster;
mod nodes;
mod releases;

use models::balance::{Pool, Surroundings};
use models::network::{Network, Region};
use models::place::RegionId;
use models::plan::{EndpointId, Plan, SiteId, Step as PlanStep};
use models::pod::probe::ProbeSettings;
use models::policy::{CallPolicy, Timeout};
use models::service::{ServiceId, ServiceSettings};
use models::workload::{ArrivalStream, Shares, Source, Workload};
use models::world::World;
use sim_core::Seed;

use self::cluster::ProbeSites;
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
    let Planned { plan, entries, probes } = Planner::plan(scenario, inputs);
    let mut world = World::new(network, plan, scenario.step()).with_cluster(scenario.cluster_settings(inputs), seed);
    world = nodes::with_pools(world, scenario, inputs, seed);
    let surroundings = |service: &Service| Surroundings {
        health: service.health.clone(),
        regions: scenario.regions.keys().cloned().collect(),
        distances: distances.clone(),
    };
    for ((name, service), sites) in scenario.services.iter().zip(&probes) {
        add_service(&mut world, scenario, inputs, (name, service), &surroundings(service), sites);
    }
    for release in &scenario.releases {
        let (index, _, service) = scenario.services.get_full(&release.service).expect("validated services exist");
        releases::add_release(&mut world, scenario, inputs, release, &probes[index], &surroundings(service));
    }
    for ((name, workload), entries) in scenario.workloads.iter().zip(entries) {
        world.add_workload(build_workload(scenario, inputs, seed, name, workload, &entries));
    }
    chaos::add_faults(&mut world, scenario, inputs, seed);
    chaos::add_checks(&mut world, scenario);
    world
}

fn add_service(
    world: &mut World,
    scenario: &Scenario,
    inputs: &Inputs,
    (name, service): (&str, &Service),
    surroundings: &Surroundings,
    sites: &ProbeSites,
) {
    let pool = Pool::new(service.balancer.build(surroundings), service.health.clone());
    let settings = ServiceSettings {
        workers: service.workers,
        queue: service.queue,
        discipline: service.discipline,
        contention: service.contention,
        memory: service.memory,
    };
    let id = world.add_service(settings, pool);
    cluster::add_deployments(world, scenario, inputs, id, (name, service), sites);
}

/// Endpoints and call sites, compiled.
struct Planned {
    plan: Plan,
    /// Each workload's entries by weight.
    entries: Vec<Vec<(f64, SiteId)>>,
    /// By service.
    probes: Vec<ProbeSites>,
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
    fn plan(scenario: &Scenario, inputs: &Inputs) -> Planned {
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
        let probes = scenario.services.iter().map(|(name, service)| planner.probes(name, service)).collect();
        Planned { plan: planner.plan, entries, probes }
    }

    /// The call sites of a service's probes: the endpoint that each asks, within its timeout.
    fn probes(&mut self, name: &str, service: &Service) -> ProbeSites {
        let site = |(_, settings): (_, Option<&ProbeSettings>)| {
            let settings = settings?;
            let endpoint = settings.endpoint.as_ref()?;
            let timeout = CallPolicy::Timeout(Timeout(settings.timeout));
            Some(self.site(&format!("{name}/{endpoint}"), &[timeout]))
        };
        service.probes().map(site).into()
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
