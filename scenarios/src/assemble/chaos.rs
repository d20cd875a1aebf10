//! Faults and the checks of the steady state of a world.

use models::chaos::{self, Surroundings};
use models::cluster::DeploymentId;
use models::place::{NodeId, RegionId, ZoneId};
use models::workload::WorkloadId;
use models::world::World;
use sim_core::Seed;

use crate::inputs::Inputs;
use crate::schema::{FIRST_VERSION, Fault, Release, Scenario, Service, SteadyState, Target};

/// Adds what breaks.
pub(super) fn add_faults(world: &mut World, scenario: &Scenario, inputs: &Inputs, seed: Seed) {
    let surroundings = scenario.chaos_surroundings(inputs);
    for (fault, title) in scenario.faults.iter().zip(scenario.fault_titles()) {
        let Fault { what, target, from, when, lasts, .. } = fault;
        // By what it is, not by where it stands: another fault before it changes nothing.
        let named = chaos::Fault::new(&title, what, when, &surroundings, seed);
        let (target, from) = (scenario.target(target), scenario.target(from));
        world.add_fault(chaos::Fault { target, from, lasts: *lasts, ..named });
    }
    if scenario.guard {
        world.guard_chaos();
    }
}

/// Adds what shall be so.
pub(super) fn add_checks(world: &mut World, scenario: &Scenario) {
    for check in scenario.steady_state.values() {
        world.add_check(scenario.check(check));
    }
}

impl Scenario {
    /// What faults and schedules are built from.
    pub(crate) fn chaos_surroundings(&self, inputs: &Inputs) -> Surroundings {
        Surroundings {
            recordings: inputs.recordings().clone(),
            services: self.services.keys().cloned().collect(),
            faults: self.fault_titles(),
            checks: self.steady_state.keys().cloned().collect(),
            releases: self.releases.iter().map(Release::name).collect(),
        }
    }

    fn check(&self, check: &SteadyState) -> chaos::SteadyState {
        match &check.workload {
            Some(workload) => chaos::SteadyState::Requests {
                workload: self.workload_named(workload),
                good: check.good.expect("validated checks of requests say how many").fraction(),
                within: check.within,
                window: check.window(),
            },
            None => chaos::SteadyState::Ready {
                service: self.service_named(check.service.as_ref().expect("validated checks are of something")),
                least: check.ready.expect("validated checks of replicas say how many"),
            },
        }
    }

    fn workload_named(&self, name: &str) -> WorkloadId {
        WorkloadId(self.workloads.get_index_of(name).expect("validated workloads exist") as u16)
    }

    fn target(&self, target: &Target) -> chaos::Target {
        let region =
            target.region.as_ref().map(|name| self.regions.get_index_of(name).expect("validated regions exist"));
        let zone = target.zone.map(|zone| match self.regions.is_empty() {
            true => ZoneId(zone),
            false => self.zones(region.unwrap_or(0))[usize::from(zone)].1,
        });
        let pool = |name: &String| self.nodes.get_index_of(name).expect("validated pools exist") as u16;
        chaos::Target {
            service: target.service.as_ref().map(|name| self.service_named(name)),
            deployments: (!target.labels.is_empty() || target.version.is_some()).then(|| self.labelled(target)),
            pod: target.pod,
            workload: target.workload.as_ref().map(|name| self.workload_named(name)),
            region: region.map(|index| RegionId(index as u16)),
            zone,
            pool: target.pool.as_ref().map(pool),
            node: target.node.map(NodeId),
            count: target.count,
            share: target.percent.map(|percent| percent.fraction()),
        }
    }

    /// The deployments whose pods have all labels of a target, and are of its version.
    pub(crate) fn labelled(&self, target: &Target) -> Vec<DeploymentId> {
        let present = self.services.iter().flat_map(|(name, service)| {
            let version = service.version.as_deref().unwrap_or(FIRST_VERSION);
            (0..service.groups.len().max(1)).map(move |_| Some((name, service, version)))
        });
        // Nothing has been checked yet.
        let released = self.releases.iter().map(|release| {
            let (_, name, service) = self.services.get_full(&release.service)?;
            Some((name, service, release.version.name.as_str()))
        });
        let fits = |deployment: &Option<(&String, &Service, &str)>| {
            let Some((name, service, version)) = deployment else { return false };
            let has = |(key, value): (&String, &String)| match key.as_str() {
                "app" => value == *name,
                _ => service.pod.labels.get(key) == Some(value),
            };
            target.labels.iter().all(has) && target.version.as_ref().is_none_or(|wanted| wanted == version)
        };
        let fitting = present.chain(released).enumerate().filter(|(_, deployment)| fits(deployment));
        fitting.map(|(index, _)| DeploymentId(index as u16)).collect()
    }
}
