//! Whether there is, or can be, what a fault is pointed at.

use std::collections::BTreeSet;

use sim_core::Ratio;

use super::{Check, scaling};
use crate::file::{Code, Problem};
use crate::schema::{FIRST_VERSION, NodePool, Service, Target};

impl Check<'_> {
    pub(super) fn target(&mut self, path: &str, target: &Target) {
        let scenario = self.scenario;
        if let Some(service) = &target.service {
            self.named_service(&format!("{path}.service"), service);
        }
        let of_version = Target { version: target.version.clone(), ..Target::default() };
        if let Some(version) = &target.version
            && scenario.labelled(&of_version).is_empty()
        {
            let present = scenario.services.values().map(|service| service.version.as_deref().unwrap_or(FIRST_VERSION));
            let known = present.chain(scenario.releases.iter().map(|release| release.version.name.as_str()));
            let known: BTreeSet<&str> = known.collect();
            self.unknown(&format!("{path}.version"), "version", version, known.into_iter());
        } else if !target.labels.is_empty() && scenario.labelled(target).is_empty() {
            let help = "labels are those of `pod.labels`, and `app`, the name of the service";
            let message = "no service's pods have these labels";
            self.problems.push(Problem::new(Code::UnknownReference, format!("{path}.labels"), message).help(help));
        }
        if let Some(workload) = &target.workload {
            let at = format!("{path}.workload");
            if !scenario.workloads.contains_key(workload) {
                self.unknown(&at, "workload", workload, scenario.workloads.keys().map(String::as_str));
            }
            let alone = Target { workload: Some(workload.clone()), region: target.region.clone(), ..Target::default() };
            if *target != alone {
                self.invalid(&at, "customers are at no server; name either them or servers");
            }
        }
        if let Some(region) = &target.region {
            self.region(&format!("{path}.region"), region);
        }
        if let Some(zone) = target.zone {
            self.zone(&format!("{path}.zone"), target.region.as_deref(), zone);
        }
        if let Some(pool) = &target.pool
            && !scenario.nodes.contains_key(pool)
        {
            self.unknown(&format!("{path}.pool"), "pool of nodes", pool, scenario.nodes.keys().map(String::as_str));
        }
        self.number(path, target);
        self.serials(path, target);
    }

    /// How many are drawn.
    fn number(&mut self, path: &str, target: &Target) {
        if target.count.is_some() && target.percent.is_some() {
            self.invalid(&format!("{path}.percent"), "count says how many already; remove one of the two");
        }
        if target.count == Some(0) {
            self.invalid(&format!("{path}.count"), "a fault that hits none breaks nothing");
        }
        match target.percent {
            Some(Ratio::ZERO) => self.invalid(&format!("{path}.percent"), "a fault that hits none breaks nothing"),
            Some(percent) => self.share(&format!("{path}.percent"), percent),
            None => {}
        }
    }

    /// A zone, of the region that is named or of the only one.
    fn zone(&mut self, path: &str, region: Option<&str>, zone: u16) {
        let regions = &self.scenario.regions;
        let region = match region {
            Some(name) => name,
            None if regions.len() > 1 => {
                let known = regions.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let message = format!("zone {zone} of which region?");
                let help = format!("add `region: …` (known: {known})");
                return self.problems.push(Problem::new(Code::MissingField, path, message).help(help));
            }
            None => regions.keys().next().map_or("", String::as_str),
        };
        // Whether the region exists is somebody else's question.
        let zones = if regions.is_empty() { Some(1) } else { regions.get(region).map(|region| region.zones) };
        match zones {
            Some(1) if zone > 0 => self.invalid(path, "there is one zone only, 0; leave this out"),
            Some(zones) if zone >= zones => {
                self.invalid(path, format!("zones are counted from 0, here to {}", zones.saturating_sub(1)));
            }
            _ => {}
        }
    }

    /// Between a service and itself there are messages only if it calls itself.
    pub(super) fn calls_itself(&mut self, path: &str, from: &str, to: &str) {
        if from == to && !super::cycles::calls_between(self.scenario, from, to) {
            let message = format!("{from:?} never calls itself: there is no message that this could hit");
            let help = "name who calls in `from`, or who is called in `target`";
            self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.service"), message).help(help));
        }
    }

    /// Memory can be taken only where it is known how much there is.
    pub(super) fn memory_known(&mut self, path: &str, target: &Target) {
        let services = &self.scenario.services;
        let known = match target.service.as_ref().and_then(|name| services.get(name)) {
            Some(service) => service.memory.is_some(),
            None => services.values().any(|service| service.memory.is_some()),
        };
        if !known {
            let help = "set the service's `memory: (base: …, per_request: …, limit: …)`";
            let message = "nothing is known of the memory there";
            self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
        }
    }

    /// Pods and nodes are numbered from 0; who takes the place of another gets a number of its own.
    fn serials(&mut self, path: &str, target: &Target) {
        let scenario = self.scenario;
        let meant = |name: &String| target.service.as_ref().is_none_or(|wanted| wanted == name);
        let services = scenario.services.iter().filter(|(name, _)| meant(name));
        let pods = services.map(|(_, service)| largest_set(service)).max();
        if let (Some(pod), Some(pods)) = (target.pod, pods)
            && pod >= pods
            && !self.pods_are_replaced()
        {
            self.beyond(&format!("{path}.pod"), "pods", pods);
        }
        let most = |pool: &NodePool| pool.scale.map_or(pool.count, |scale| scale.max.max(pool.count));
        let nodes = scenario.nodes.values().fold(0, |sum: u32, pool| sum.saturating_add(most(pool)));
        if let Some(node) = target.node
            && !scenario.nodes.is_empty()
            && node >= nodes
            && !self.nodes_are_replaced()
        {
            self.beyond(&format!("{path}.node"), "nodes", nodes);
        }
    }

    fn beyond(&mut self, path: &str, what: &str, count: u32) {
        let message = match count {
            0 => format!("there are no {what} here"),
            count => format!("{what} are counted from 0, here to {}", count - 1),
        };
        self.invalid(path, message);
    }

    /// Whether others can come for pods that are gone: by what befalls their nodes, or them.
    fn pods_are_replaced(&self) -> bool {
        const ENDS: [&str; 7] =
            ["DeletePods", "MemoryStress", "LoseNodes", "LoseZone", "LoseRegion", "CapacityLoss", "Drain"];
        let ended = self.scenario.faults.iter().any(|fault| ENDS.contains(&fault.what.name()));
        ended || !self.scenario.releases.is_empty() || self.nodes_are_replaced()
    }

    fn nodes_are_replaced(&self) -> bool {
        let spot = self.scenario.nodes.values().any(|pool| pool.spot.is_some());
        spot || self.scenario.faults.iter().any(|fault| fault.what.name() == "Reclaim")
    }
}

/// The most pods that one of the service's sets has at a time.
fn largest_set(service: &Service) -> u32 {
    let sets = service.all_groups();
    let most = sets.iter().map(|set| {
        let autoscaler = set.autoscaler.as_ref().unwrap_or(&service.autoscaler);
        scaling::limits(autoscaler).map_or(set.replicas, |limits| limits.max.max(set.replicas))
    });
    most.max().unwrap_or(0)
}
