//! Releases of a world: new versions' templates, behaviours and rollouts.

use models::balance::{Pool, Surroundings};
use models::cluster::{self, Behaviour, DeploymentId, Strain};
use models::world::World;
use sim_core::Time;

use super::cluster::template;
use crate::inputs::Inputs;
use crate::schema::{Release, Scenario, Version, When};

/// Adds a release of a service that is in the world already; `probes` are the service's.
pub(super) fn add_release(
    world: &mut World,
    scenario: &Scenario,
    inputs: &Inputs,
    release: &Release,
    probes: &super::ProbeSites,
    surroundings: &Surroundings,
) {
    let (index, name, service) = scenario.services.get_full(&release.service).expect("validated services exist");
    let groups = service.all_groups();
    let group = groups.first().expect("a service has a group");
    let recordings = inputs.recordings();
    let mut template = template(scenario, inputs, service, group, probes);
    let version = &release.version;
    template.speed /= version.latency;
    if let Some(startup) = &version.startup {
        template.startup = Some(startup.sampler(recordings));
    }
    template.behaviour = version.behaviour(inputs).map(|behaviour| world.add_behaviour(behaviour));
    let head = DeploymentId(scenario.services.values().take(index).map(|one| one.all_groups().len() as u16).sum());
    let at = release.when.map(|When::At(at)| Time::ZERO + at);
    let pool = Pool::new(service.balancer.build(surroundings), service.health.clone());
    let rollout = release.rollout.clone().or_else(|| service.rollout.clone()).unwrap_or_default();
    let release = cluster::Release { at, template, rollout, slow: release.slow };
    let (_, deployment) = world.add_release(head, release, pool);
    if !scenario.nodes.is_empty() {
        let number = usize::from(deployment.0);
        world.set_class(deployment, scenario.class(name, service, (number, group), &service.filled_pod()));
    }
}

impl Version {
    /// What is peculiar about it, if anything is.
    fn behaviour(&self, inputs: &Inputs) -> Option<Behaviour> {
        let behaviour = Behaviour {
            error_rate: self.error_rate.fraction(),
            leak: self.leak.map(|leak| cluster::Leak { per_hour: leak.per_hour, per_request: leak.per_request }),
            crash_after: self.crash_after.as_ref().map(|after| after.sampler(inputs.recordings())),
            strain: self.under_load.map(|load| Strain {
                above: load.above,
                error_rate: load.error_rate.fraction(),
                slowdown: load.latency,
            }),
            bad_keys: self.bad_keys.fraction(),
        };
        let is_plain = behaviour.error_rate == 0.0
            && behaviour.leak.is_none()
            && behaviour.crash_after.is_none()
            && behaviour.strain.is_none()
            && behaviour.bad_keys == 0.0;
        (!is_plain).then_some(behaviour)
    }
}
