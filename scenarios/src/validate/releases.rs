//! Whether each release has a service to change, a time to do so, and a rollout that can.

use models::rollout::Rollout;
use sim_core::Ratio;

use super::Check;
use crate::file::{Code, Problem};
use crate::schema::{FIRST_VERSION, Release, UnderLoad, Version, When};

/// A backstop against typing errors.
const RELEASES_MAX: usize = 200;

impl Check<'_> {
    pub(super) fn releases(&mut self) {
        let scenario = self.scenario;
        self.at_most("releases", "releases", scenario.releases.len(), RELEASES_MAX);
        for (name, service) in &scenario.services {
            if let Some(rollout) = &service.rollout {
                self.rollout(&format!("services.{name}.rollout"), rollout);
            }
        }
        for (index, release) in scenario.releases.iter().enumerate() {
            self.release(&format!("releases[{index}]"), index, release);
        }
    }

    fn release(&mut self, path: &str, index: usize, release: &Release) {
        let scenario = self.scenario;
        self.named_service(&format!("{path}.service"), &release.service);
        let duration = scenario.duration;
        if let Some(When::At(at)) = release.when
            && at >= duration
        {
            self.invalid(&format!("{path}.when"), format!("{at} never happens in a run of {duration}"));
        }
        if let Some(service) = scenario.services.get(&release.service) {
            if service.groups.len() > 1 {
                let message =
                    format!("{:?} has several groups, and a release replaces one set by another", release.service);
                let help = "make each group a service of its own, or give `replicas` and `regions` instead";
                self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.service"), message).help(help));
            }
            let present = service.version.as_deref().unwrap_or(FIRST_VERSION);
            let before = scenario.releases[..index].iter().filter(|other| other.service == release.service);
            let mut names = before.map(|other| other.version.name.as_str()).chain([present]);
            if names.any(|name| name == release.version.name) {
                let message = format!("{:?} has a version {:?} already", release.service, release.version.name);
                self.invalid(&format!("{path}.version.name"), message);
            }
        }
        self.begun(path, release);
        self.version(&format!("{path}.version"), release);
        if let Some(rollout) = &release.rollout {
            self.rollout(&format!("{path}.rollout"), rollout);
        }
    }

    fn version(&mut self, path: &str, release: &Release) {
        if release.version.name.is_empty() {
            self.invalid(&format!("{path}.name"), "a version has a name, such as \"v2\"");
        }
        let Version { latency, error_rate, leak, crash_after, startup, under_load, bad_keys, .. } = &release.version;
        self.slowness(&format!("{path}.latency"), *latency);
        self.share(&format!("{path}.error_rate"), *error_rate);
        self.share(&format!("{path}.bad_keys"), *bad_keys);
        if let Some(UnderLoad { error_rate, latency, .. }) = under_load {
            self.share(&format!("{path}.under_load.error_rate"), *error_rate);
            self.slowness(&format!("{path}.under_load.latency"), *latency);
            if *error_rate == Ratio::ZERO && *latency == 1.0 {
                let help = "say what is wrong then: `error_rate: \"10%\"`, `latency: 3.0` or both";
                let message = "under load it is as it is otherwise";
                self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.under_load"), message).help(help));
            }
        }
        for (name, distribution) in [("crash_after", crash_after), ("startup", startup)] {
            if let Some(distribution) = distribution {
                self.distribution(&format!("{path}.{name}"), distribution);
            }
        }
        let service = self.scenario.services.get(&release.service);
        if leak.is_some() && service.is_some_and(|service| service.memory.is_none()) {
            let message = "nothing is known of the service's memory, so nothing can leak";
            let help = "set the service's `memory: (base: …, per_request: …, limit: …)`";
            self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.leak"), message).help(help));
        }
    }

    fn slowness(&mut self, path: &str, times: f64) {
        if !(times.is_finite() && times > 0.0) {
            self.invalid(path, format!("work takes some time, not {times} times as long"));
        }
    }

    fn rollout(&mut self, path: &str, rollout: &Rollout) {
        self.model(path, rollout.check());
    }
}
