//! Whether a scenario means something: every name known, every number possible, no circles.
//!
//! The parser has checked types and units. What is found here is a list of [`Problem`]s, each with
//! the path of the value that is to blame.

mod cluster;
mod cycles;
mod expect;
mod faults;
mod nodes;
mod releases;
mod scaling;
mod targets;
mod waits;
mod workloads;

#[cfg(test)]
mod tests;

use models::scale::Autoscaler;
use sim_core::dist::Distribution;
use sim_core::{Ratio, Span};

use crate::file::{Code, Problem, did_you_mean, key};
use crate::inputs::Inputs;
use crate::schema::{Call, Group, Scenario, Service, Step};

/// Everything that is wrong with `scenario`; `inputs` are the files that it names.
pub fn validate(scenario: &Scenario, inputs: &Inputs) -> Vec<Problem> {
    let mut check = Check { scenario, inputs, titles: scenario.fault_titles(), problems: Vec::new() };
    check.run();
    check.regions();
    check.cluster(&scenario.cluster());
    check.nodes();
    for (name, service) in &scenario.services {
        check.service(&format!("services.{}", key(name)), service);
    }
    for (name, workload) in &scenario.workloads {
        check.workload(&format!("workloads.{}", key(name)), workload);
    }
    check.faults();
    check.releases();
    if check.problems.is_empty() {
        check.problems.extend(cycles::find(scenario));
    }
    // Which figures there are is known of a scenario that could be run.
    if check.problems.is_empty() {
        check.expectations();
    }
    check.problems
}

struct Check<'a> {
    scenario: &'a Scenario,
    inputs: &'a Inputs,
    /// What its faults are called.
    titles: Vec<String>,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn push(&mut self, code: Code, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(code, path, message));
    }

    fn invalid(&mut self, path: &str, message: impl Into<String>) {
        self.push(Code::InvalidValue, path, message);
    }

    /// Takes in what a model says of its settings: "field: complaint", or only the complaint. What a part
    /// says of itself may be wrapped in what its whole says of it: "metrics[1]: average: complaint".
    fn model(&mut self, path: &str, said: Result<(), String>) {
        let Err(said) = said else { return };
        let is_path = |place: &str| !place.is_empty() && !place.contains(' ');
        let (mut path, mut complaint) = (path.to_owned(), said.as_str());
        while let Some((place, rest)) = complaint.split_once(": ").filter(|(place, _)| is_path(place)) {
            let dot = if path.is_empty() { "" } else { "." };
            path = format!("{path}{dot}{place}");
            complaint = rest;
        }
        self.invalid(&path, complaint);
    }

    fn unknown<'b>(&mut self, path: &str, what: &str, name: &str, known: impl Iterator<Item = &'b str>) {
        let help = did_you_mean(name, known);
        self.problems.push(Problem::new(Code::UnknownReference, path, format!("unknown {what} {name:?}")).help(help));
    }

    fn run(&mut self) {
        let scenario = self.scenario;
        if scenario.duration == Span::ZERO {
            self.invalid("duration", "a run of no time shows nothing");
        } else if scenario.warm_up >= scenario.duration {
            let (warm_up, duration) = (scenario.warm_up, scenario.duration);
            self.invalid("warm_up", format!("the warm-up of {warm_up} leaves nothing of the {duration} to measure"));
        }
        if scenario.replications == 0 {
            self.invalid("replications", "zero replications yield nothing");
        } else if scenario.replications > REPLICATIONS_MAX {
            let replications = scenario.replications;
            self.invalid("replications", format!("{replications} replications are more than {REPLICATIONS_MAX}"));
        }
        if let Some(step) = scenario.sample_every {
            let steps = scenario.duration.as_nanos() / step.as_nanos().max(1);
            if step == Span::ZERO || steps > 100_000 {
                self.invalid("sample_every", format!("{step} would make {steps} steps; at most 100,000 are kept"));
            }
        }
        if scenario.services.is_empty() {
            self.invalid("services", "a scenario needs a service");
        }
        if scenario.workloads.is_empty() {
            self.invalid("workloads", "a scenario needs a workload");
        }
        let endpoints = scenario.services.values().map(|service| service.endpoints.len()).sum();
        self.at_most("services", "endpoints", endpoints, ENDPOINTS_MAX);
        self.at_most("workloads", "workloads", scenario.workloads.len(), WORKLOADS_MAX);
        let zones = scenario.regions.values().map(|region| usize::from(region.zones)).sum();
        self.at_most("regions", "zones", zones, ZONES_MAX);
    }

    fn at_most(&mut self, path: &str, what: &str, count: usize, most: usize) {
        if count > most {
            self.invalid(path, format!("{count} {what} are more than the {most} of a scenario"));
        }
    }

    fn regions(&mut self) {
        let regions: Vec<_> =
            self.scenario.regions.iter().map(|(name, region)| (name.clone(), region.clone())).collect();
        let network = self.scenario.network.clone().unwrap_or_default();
        self.model("", network.check(&regions));
        let near = [
            ("same_node", &network.same_node),
            ("same_zone", &network.same_zone),
            ("same_region", &network.same_region),
        ];
        near.into_iter().for_each(|(name, latency)| self.recorded(&format!("network.{name}"), latency));
        for (index, link) in network.wan.iter().enumerate() {
            self.recorded(&format!("network.wan[{index}].latency"), &link.latency);
        }
    }

    fn service(&mut self, path: &str, service: &Service) {
        self.replicas(path, service);
        if service.workers == Some(0) {
            self.problems.push(
                Problem::new(Code::InvalidValue, format!("{path}.workers"), "zero workers serve nobody")
                    .help("write None for no limit"),
            );
        }
        if service.discipline == (models::service::Discipline::Sharing { cores: 0 }) {
            self.invalid(&format!("{path}.discipline"), "zero cores do no work");
        }
        self.share(&format!("{path}.error_rate"), service.error_rate);
        self.model(&format!("{path}.balancer"), service.balancer.check());
        for region in service.balancer.regions() {
            self.region(&format!("{path}.balancer"), region);
        }
        if let Some(memory) = &service.memory {
            self.model(&format!("{path}.memory"), memory.check());
        }
        for (index, region) in service.regions.iter().enumerate() {
            self.region(&format!("{path}.regions[{index}]"), region);
        }
        self.autoscaler(&format!("{path}.autoscaler"), service, &service.autoscaler);
        self.pods(path, service);
        if service.endpoints.is_empty() {
            self.invalid(path, "a service without endpoints cannot be called");
        }
        for (name, steps) in &service.endpoints {
            self.steps(&format!("{path}.endpoints.{}", key(name)), steps);
        }
    }

    fn replicas(&mut self, path: &str, service: &Service) {
        if service.replicas == Some(0) {
            self.none(&format!("{path}.replicas"), &service.autoscaler);
        }
        if service.replicas.is_some() && !service.groups.is_empty() {
            self.invalid(&format!("{path}.replicas"), "groups say how many replicas there are; remove this");
        }
        for (index, group) in service.groups.iter().enumerate() {
            self.group(&format!("{path}.groups[{index}]"), service, group);
        }
        if !service.groups.is_empty() && service.groups.iter().all(|group| group.weight == 0) {
            self.invalid(&format!("{path}.groups"), "all weights are zero: no replica would ever be chosen");
        }
        let replicas = self.scenario.replica_count(service);
        if replicas > REPLICAS_MAX {
            self.invalid(path, format!("{replicas} replicas are more than the {REPLICAS_MAX} of a service"));
        }
    }

    /// No replicas to begin with make sense where somebody brings the first.
    fn none(&mut self, path: &str, autoscaler: &Autoscaler) {
        if !scaling::wakes(autoscaler) {
            self.invalid(path, "zero replicas serve nobody");
        }
    }

    fn group(&mut self, path: &str, service: &Service, group: &Group) {
        if let Some(autoscaler) = &group.autoscaler {
            self.autoscaler(&format!("{path}.autoscaler"), service, autoscaler);
        }
        if group.replicas == 0 {
            self.none(&format!("{path}.replicas"), group.autoscaler.as_ref().unwrap_or(&service.autoscaler));
        }
        if !(group.speed.is_finite() && group.speed > 0.0) {
            self.invalid(
                &format!("{path}.speed"),
                format!("a speed of {} never gets done; it is above 0", group.speed),
            );
        }
        if let Some(error_rate) = group.error_rate {
            self.share(&format!("{path}.error_rate"), error_rate);
        }
        if let Some(region) = &group.region {
            self.region(&format!("{path}.region"), region);
        }
    }

    fn share(&mut self, path: &str, share: Ratio) {
        if share > Ratio::ONE {
            self.invalid(path, format!("{share} is more than all of them"));
        }
    }

    fn region(&mut self, path: &str, name: &str) {
        if !self.scenario.regions.contains_key(name) {
            self.unknown(path, "region", name, self.scenario.regions.keys().map(String::as_str));
        }
    }

    fn distribution(&mut self, path: &str, distribution: &Distribution) {
        self.model(path, distribution.check());
        self.recorded(path, distribution);
    }

    fn recorded(&mut self, path: &str, distribution: &Distribution) {
        for recording in distribution.recordings() {
            if let Err(error) = self.inputs.recording(recording) {
                self.push(Code::TraceFile, path, error);
            }
        }
    }

    fn steps(&mut self, path: &str, steps: &[Step]) {
        for (index, step) in steps.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match step {
                Step::Work(distribution) | Step::Sleep(distribution) => self.distribution(&path, distribution),
                Step::Call(call) => self.call(&path, call),
                Step::All(calls) | Step::Any(calls) => self.calls(&path, calls, None),
                Step::Quorum { need, of } => self.calls(&format!("{path}.of"), of, Some((&path, *need))),
                Step::Branch(ways) => {
                    for (number, way) in ways.iter().enumerate() {
                        let path = format!("{path}[{number}]");
                        self.weight(&format!("{path}.weight"), way.weight);
                        self.steps(&format!("{path}.steps"), &way.steps);
                    }
                    if ways.iter().all(|way| way.weight == 0.0) {
                        self.invalid(&path, "all weights are zero: no way would ever be taken");
                    }
                }
            }
        }
    }

    fn calls(&mut self, path: &str, calls: &[Call], quorum: Option<(&str, u16)>) {
        for (index, call) in calls.iter().enumerate() {
            self.call(&format!("{path}[{index}]"), call);
        }
        let made: u32 = calls.iter().map(|call| u32::from(call.times)).sum();
        if made == 0 {
            self.invalid(path, "there is nothing to call here");
        } else if made > u32::from(u16::MAX) {
            self.invalid(path, format!("{made} calls at once are more than {}", u16::MAX));
        }
        if let Some((path, need)) = quorum.filter(|(_, need)| !(1..=made).contains(&u32::from(*need))) {
            self.invalid(&format!("{path}.need"), format!("{need} of {made} calls cannot be needed; 1 to {made} can"));
        }
    }

    fn call(&mut self, path: &str, call: &Call) {
        self.endpoint(&format!("{path}.to"), &call.to);
        if call.times == 0 {
            self.invalid(&format!("{path}.times"), "zero calls are no call");
        }
        self.policies(path, &call.policies);
    }

    fn policies(&mut self, path: &str, policies: &[models::policy::CallPolicy]) {
        for (index, policy) in policies.iter().enumerate() {
            self.model(&format!("{path}.policies[{index}]"), policy.check());
        }
        if policies.len() > POLICIES_MAX {
            let message = format!("{} policies around one call are more than {POLICIES_MAX}", policies.len());
            self.invalid(&format!("{path}.policies"), message);
        }
    }

    fn weight(&mut self, path: &str, weight: f64) {
        if !(weight.is_finite() && weight >= 0.0) {
            self.invalid(path, format!("a weight is zero or more, not {weight}"));
        }
    }

    fn named_service(&mut self, path: &str, name: &str) {
        let services = &self.scenario.services;
        if !services.contains_key(name) {
            self.unknown(path, "service", name, services.keys().map(String::as_str));
        }
    }

    fn endpoint(&mut self, path: &str, reference: &str) {
        let (service, endpoint) = split_reference(reference);
        let Some(found) = self.scenario.services.get(service) else {
            return self.named_service(path, service);
        };
        match endpoint {
            Some(endpoint) if !found.endpoints.contains_key(endpoint) => {
                let what = format!("endpoint of {service:?},");
                self.unknown(path, &what, endpoint, found.endpoints.keys().map(String::as_str));
            }
            None if found.endpoints.len() != 1 => {
                let known: Vec<&str> = found.endpoints.keys().map(String::as_str).collect();
                let message = format!("which endpoint of {service:?}? It has {}", known.join(", "));
                self.problems
                    .push(Problem::new(Code::UnknownReference, path, message).help("write \"service/endpoint\""));
            }
            _ => {}
        }
    }
}

// Backstops against typing errors, far above any system that has been rehearsed.
const REPLICAS_MAX: u32 = 100_000;
const REPLICATIONS_MAX: u32 = 100_000;
const ENDPOINTS_MAX: usize = 2_000;
const WORKLOADS_MAX: usize = 1_000;
const ZONES_MAX: usize = 1_000;
/// Policies around one call.
const POLICIES_MAX: usize = 32;

/// "service/endpoint" in its two parts; the endpoint may be left out where there is only one.
fn split_reference(reference: &str) -> (&str, Option<&str>) {
    reference.split_once('/').map_or((reference, None), |(service, endpoint)| (service, Some(endpoint)))
}

impl Scenario {
    /// The indices of the service and the endpoint that "service/endpoint" means, if they exist.
    pub(crate) fn resolve(&self, reference: &str) -> Option<(usize, usize)> {
        let (service, endpoint) = split_reference(reference);
        let (service, _, found) = self.services.get_full(service)?;
        let endpoint = match endpoint {
            Some(endpoint) => found.endpoints.get_index_of(endpoint)?,
            None if found.endpoints.len() == 1 => 0,
            None => return None,
        };
        Some((service, endpoint))
    }

    /// How many replicas a service has.
    pub fn replica_count(&self, service: &Service) -> u32 {
        if service.groups.is_empty() {
            service.replicas.unwrap_or(1)
        } else {
            service.groups.iter().fold(0, |sum, group| sum.saturating_add(group.replicas))
        }
    }
}

impl Service {
    /// Workers of `replicas` replicas together, unless they are unlimited.
    pub(crate) fn workers_total(&self, replicas: u32) -> Option<f64> {
        self.workers.map(|workers| f64::from(workers) * f64::from(replicas))
    }

    /// Cores of `replicas` replicas together, unless nothing limits them.
    pub(crate) fn cores_total(&self, replicas: u32) -> Option<f64> {
        match self.discipline {
            models::service::Discipline::Sharing { cores } => Some(f64::from(cores) * f64::from(replicas)),
            _ => self.workers_total(replicas),
        }
    }
}
