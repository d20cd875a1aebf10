//! Whether each fault has something to hit, and time to do so; whether checks mean something.

use models::chaos::{Disruption, Hits, Schedule, Trigger};
use sim_core::{Ratio, Span};

use super::Check;
use crate::file::{Code, Problem};
use crate::schema::{Fault, Release, SteadyState, Target};

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
        self.waits();
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
        if let Some(name) = &fault.name {
            self.fault_name(&format!("{path}.name"), name);
        }
        self.model(&format!("{path}.what"), fault.what.check());
        if let Some(distribution) = fault.what.distribution() {
            self.recorded(&format!("{path}.what.delay"), distribution);
        }
        self.model(&format!("{path}.when"), fault.when.check(self.scenario.duration));
        self.often(&format!("{path}.when"), &fault.when);
        self.opens(&format!("{path}.when"), &fault.when);
        if let Disruption::Deploy(release) = &fault.what {
            self.deploy(path, fault, &release.0);
        }
        if let Some(trigger) = fault.when.trigger() {
            self.trigger(&format!("{path}.when.fact"), trigger);
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

    /// A fault has a name of its own: results have a row a name, and others wait for it by its name.
    fn fault_name(&mut self, path: &str, name: &str) {
        if name.is_empty() {
            return self.invalid(path, "a name has at least a letter; leave this out for one that says what and where");
        }
        if self.titles.iter().filter(|title| *title == name).count() > 1 {
            let help = "give each a name of its own, or let one fault strike at several `Times`";
            let message = format!("two faults are called {name:?}");
            self.problems.push(Problem::new(Code::Duplicate, path, message).help(help));
        }
    }

    /// Whether a fault can act on what it is pointed at.
    fn kind(&mut self, path: &str, fault: &Fault, hits: Hits) {
        let (target, from) = (format!("{path}.target"), format!("{path}.from"));
        let name = fault.what.name();
        let messages = matches!(hits, Hits::Messages | Hits::Calls);
        if matches!(hits, Hits::Zones | Hits::Regions) && self.scenario.regions.is_empty() {
            let message = format!("{name} takes whole places, and there are none: it would break nothing");
            let help = "describe them: `regions: { \"here\": (city: \"frankfurt\", zones: 3) }`";
            self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.what"), message).help(help));
        }
        if messages && let (Some(one), Some(other)) = (&fault.from.service, &fault.target.service) {
            self.calls_itself(&target, one, other);
        }
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

    /// Whether people come to work before the run is over; a schedule that is wrong in itself was told already.
    fn opens(&mut self, path: &str, schedule: &Schedule) {
        let (Schedule::BusinessHours(hours), duration) = (schedule, self.scenario.duration) else { return };
        if schedule.check(duration).is_err() {
            return;
        }
        let begins = hours.day as u64 * 24 + u64::from(hours.hour);
        let opening = |day: u64| (begins.max(day * 24 + u64::from(hours.opens)), day * 24 + u64::from(hours.closes));
        let days = (hours.day as u64..).filter(|day| day % 7 < 5);
        let mut at_work = days.map(opening).filter(|(from, until)| from < until);
        let first = at_work.next().map_or(begins, |(from, _)| from);
        let after = Span::from_secs((first - begins) * 3_600);
        if after >= duration {
            self.invalid(path, format!("work begins after {after}, which never happens in a run of {duration}"));
        }
    }

    /// What a fault waits for exists.
    fn trigger(&mut self, path: &str, trigger: &Trigger) {
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
                if !self.titles.contains(name) {
                    let titles = self.titles.clone();
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

    pub(super) fn named_release(&mut self, path: &str, name: &str) {
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
                let duration = self.scenario.duration;
                match check.window {
                    Some(Span::ZERO) => self.invalid(&format!("{path}.window"), "nothing ends in a window of no time"),
                    Some(window) if window > duration => {
                        self.invalid(&format!("{path}.window"), format!("{window} is longer than the run, {duration}"));
                    }
                    _ => {}
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
}
