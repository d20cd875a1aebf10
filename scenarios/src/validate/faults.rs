//! Whether each fault has something to hit, and time to do so; whether checks mean something.

use models::chaos::{Disruption, Hits, Schedule, Trigger};
use sim_core::{Ratio, Span};

use super::Check;
use crate::file::{Code, Problem};
use crate::schema::{FIRST_VERSION, Fault, Release, SteadyState, Target};

/// A backstop against typing errors.
const FAULTS_MAX: usize = 10_000;

/// Strikes of one fault in a run: more are a typing error too.
const STRIKES_MAX: u64 = 1_000_000;

impl Check<'_> {
    pub(super) fn faults(&mut self) {
        let scenario = self.scenario;
        self.at_most("faults", "faults", scenario.faults.len(), FAULTS_MAX);
        for (index, fault) in scenario.faults.iter().enumerate() {
            self.fault(&format!("faults[{index}]"), fault);
        }
        for (name, check) in &scenario.steady_state {
            self.steady_state(&format!("steady_state.{}", super::key(name)), check);
        }
        if scenario.guard && (scenario.steady_state.is_empty() || scenario.faults.is_empty()) {
            let missing = if scenario.faults.is_empty() { "faults" } else { "steady_state" };
            self.invalid("guard", format!("there is nothing to guard without {missing}"));
        }
    }

    fn fault(&mut self, path: &str, fault: &Fault) {
        let before = self.problems.len();
        self.model(&format!("{path}.what"), fault.what.check());
        if let Some(distribution) = fault.what.distribution() {
            self.recorded(&format!("{path}.what.delay"), distribution);
        }
        self.model(&format!("{path}.when"), fault.when.check(self.scenario.duration));
        self.often(&format!("{path}.when"), &fault.when);
        if let Disruption::Deploy(release) = &fault.what {
            self.named_release(&format!("{path}.what"), &release.0);
        }
        if let Some(trigger) = fault.when.trigger() {
            self.trigger(&format!("{path}.when.fact"), fault, trigger);
        }
        self.target(&format!("{path}.target"), &fault.target);
        self.target(&format!("{path}.from"), &fault.from);
        if self.problems.len() > before {
            return;
        }
        // Only what is right so far can be built and asked.
        let built = fault.what.build(&self.scenario.chaos_surroundings(self.inputs));
        let lasts = format!("{path}.lasts");
        match (built.at_once(), fault.lasts) {
            (Some(why), Some(_)) => self.invalid(&lasts, why),
            (None, Some(Span::ZERO)) => {
                self.invalid(&lasts, "a fault of no time breaks nothing; leave this out if it is never healed");
            }
            _ => {}
        }
        self.kind(path, fault, built.hits());
    }

    /// Whether a fault can act on what it is pointed at.
    fn kind(&mut self, path: &str, fault: &Fault, hits: Hits) {
        let (target, from) = (format!("{path}.target"), format!("{path}.from"));
        let name = fault.what.name();
        let messages = matches!(hits, Hits::Messages | Hits::Calls);
        if !messages && fault.from != Target::default() {
            self.invalid(&from, format!("{name} is not about messages; say where in `target`"));
        }
        if fault.from.count.is_some() || fault.from.percent.is_some() {
            self.invalid(&from, "only targets are drawn at random; name whose messages are meant");
        }
        if fault.target.workload.is_some() && hits != Hits::Messages {
            self.invalid(&format!("{target}.workload"), format!("{name} does not happen to customers"));
        }
        if fault.target.workload.is_some() && (fault.target.count.is_some() || fault.target.percent.is_some()) {
            self.invalid(&format!("{target}.workload"), "customers are not drawn at random");
        }
        if matches!(fault.when, Schedule::Monkey(_)) && (fault.target.count.is_some() || fault.target.percent.is_some())
        {
            self.invalid(&target, "with Monkey each is hit by its own chance; leave out count and percent");
        }
        if matches!(fault.when, Schedule::Monkey(_)) && messages {
            self.invalid(&format!("{path}.when"), format!("Monkey hits servers; {name} hits messages"));
        }
        match hits {
            Hits::Releases if fault.target != Target::default() => {
                self.invalid(&target, "a release is of its service; it has no target");
            }
            Hits::Calls => {
                let only = Target { service: fault.target.service.clone(), ..Target::default() };
                if fault.target.service.is_none() || fault.target != only {
                    self.invalid(&target, "a name is that of a service: `target: (service: …)` and nothing else");
                }
            }
            Hits::Zones | Hits::Regions => {
                let places = Target {
                    region: fault.target.region.clone(),
                    zone: fault.target.zone,
                    count: fault.target.count,
                    percent: fault.target.percent,
                    ..Target::default()
                };
                if fault.target != places {
                    self.invalid(&target, format!("{name} takes whole places; say region, zone, count or percent"));
                }
            }
            Hits::Pods if fault.what.name() == "MemoryStress" => self.memory_known(&target, &fault.target),
            _ => {}
        }
    }

    /// Memory can be taken only where it is known how much there is.
    fn memory_known(&mut self, path: &str, target: &Target) {
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

    /// Whether a schedule by the clock strikes a bearable number of times.
    fn often(&mut self, path: &str, schedule: &Schedule) {
        let interval = match schedule {
            Schedule::Every(every) => every.interval,
            Schedule::Random(random) => random.mean,
            Schedule::BusinessHours(hours) => hours.mean,
            Schedule::Monkey(monkey) => monkey.every,
            Schedule::At(_) | Schedule::Times(_) | Schedule::On(_) => return,
        };
        let strikes = self.scenario.duration.as_nanos() / interval.as_nanos().max(1);
        if interval > Span::ZERO && strikes > STRIKES_MAX {
            self.invalid(path, format!("{strikes} strikes are more than {STRIKES_MAX}"));
        }
    }

    /// What a fault waits for exists, and is not itself.
    fn trigger(&mut self, path: &str, fault: &Fault, trigger: &Trigger) {
        let scenario = self.scenario;
        match trigger {
            Trigger::ReadyAbove(service, least) | Trigger::ReadyBelow(service, least) => {
                self.named_service(path, service);
                if *least == 0 {
                    self.invalid(path, "there are never fewer than none");
                }
            }
            Trigger::Scaled(service) => self.named_service(path, service),
            Trigger::NodeLost => {}
            Trigger::Share(name, share) => {
                self.named_release(path, name);
                if *share == Ratio::ZERO || *share > Ratio::ONE {
                    self.invalid(path, format!("a share of {share} is never reached; more than 0%, at most 100%"));
                }
            }
            Trigger::Phase(name, _) => self.named_release(path, name),
            Trigger::Begins(name) | Trigger::Ends(name) => {
                let titles: Vec<String> = scenario.faults.iter().map(Fault::title).collect();
                if fault.title() == *name {
                    self.invalid(path, "a fault that waits for itself never comes");
                } else if !titles.contains(name) {
                    self.unknown(path, "fault", name, titles.iter().map(String::as_str));
                }
            }
            Trigger::Breaks(name) | Trigger::Holds(name) => {
                if !scenario.steady_state.contains_key(name) {
                    self.unknown(path, "check", name, scenario.steady_state.keys().map(String::as_str));
                }
            }
        }
    }

    fn named_release(&mut self, path: &str, name: &str) {
        let names: Vec<String> = self.scenario.releases.iter().map(Release::name).collect();
        if !names.iter().any(|known| known == name) {
            self.unknown(path, "release", name, names.iter().map(String::as_str));
        }
    }

    fn steady_state(&mut self, path: &str, check: &SteadyState) {
        match (&check.workload, &check.service) {
            (Some(workload), None) => {
                let workloads = &self.scenario.workloads;
                if !workloads.contains_key(workload) {
                    let known = workloads.keys().map(String::as_str);
                    self.unknown(&format!("{path}.workload"), "workload", workload, known);
                }
                match check.good {
                    None => self.invalid(path, "how many requests are good? Say `good: \"99%\"`"),
                    Some(Ratio::ZERO) => self.invalid(&format!("{path}.good"), "at least none is always so"),
                    Some(good) => self.share(&format!("{path}.good"), good),
                }
                if check.window == Some(Span::ZERO) {
                    self.invalid(&format!("{path}.window"), "nothing ends in a window of no time");
                }
                if check.ready.is_some() {
                    self.invalid(&format!("{path}.ready"), "replicas are a service's; make that a check of its own");
                }
            }
            (None, Some(service)) => {
                self.named_service(&format!("{path}.service"), service);
                if check.ready.unwrap_or(0) == 0 {
                    self.invalid(path, "how many replicas are ready? Say `ready: 8`, or another number above 0");
                }
                if check.good.is_some() || check.within.is_some() || check.window.is_some() {
                    self.invalid(path, "good, within and window are of a workload; make that a check of its own");
                }
            }
            _ => self.invalid(path, "a check is of a workload's requests or of a service's replicas; say which"),
        }
    }

    fn target(&mut self, path: &str, target: &Target) {
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
            self.unknown(&format!("{path}.version"), "version", version, known);
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
}
