//! Whether each fault has something to hit, and time to do so.

use sim_core::{Ratio, Span};

use super::Check;
use crate::file::{Code, Problem};
use crate::schema::{Fault, FaultKind, Target, When};

/// A backstop against typing errors.
const FAULTS_MAX: usize = 10_000;

impl Check<'_> {
    pub(super) fn faults(&mut self) {
        let faults = &self.scenario.faults;
        self.at_most("faults", "faults", faults.len(), FAULTS_MAX);
        for (index, fault) in faults.iter().enumerate() {
            self.fault(&format!("faults[{index}]"), fault);
        }
    }

    fn fault(&mut self, path: &str, fault: &Fault) {
        let (When::At(at), duration) = (fault.when, self.scenario.duration);
        if at >= duration {
            self.invalid(&format!("{path}.when"), format!("{at} never happens in a run of {duration}"));
        }
        let lasts = format!("{path}.lasts");
        match fault.what {
            _ if fault.lasts.is_none() => {}
            FaultKind::Crash | FaultKind::DeletePods => {
                self.invalid(&lasts, "there is nothing to heal: pods come back by themselves; remove this");
            }
            FaultKind::Reclaim(_) => {
                self.invalid(&lasts, "nodes that are taken back are gone for good; remove this");
            }
            FaultKind::LoseNodes | FaultKind::Drain if fault.lasts == Some(Span::ZERO) => {
                self.invalid(&lasts, "a fault of no time breaks nothing; leave this out if it is never healed");
            }
            FaultKind::LoseNodes | FaultKind::Drain => {}
        }
        self.target(&format!("{path}.target"), &fault.target);
    }

    fn target(&mut self, path: &str, target: &Target) {
        let scenario = self.scenario;
        if let Some(service) = &target.service {
            self.named_service(&format!("{path}.service"), service);
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
}
