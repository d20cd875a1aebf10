//! Random chaos: every fault, schedule and selector, checks and the guard.

use sim_core::Draw;

use crate::cluster::{Cluster, Promise};

/// What a fault is about, which decides what it can be pointed at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Pods,
    Nodes,
    Places,
    Messages,
    Calls,
}

/// Faults that are healed, by what they are about.
const LASTING: [(&str, About); 22] = [
    ("Pause", About::Pods),
    ("Slow(4.0)", About::Pods),
    ("Errors(\"30%\")", About::Pods),
    ("Script(answers: [Fail, Pass, Fail], repeat: true)", About::Pods),
    ("CpuStress(\"70%\")", About::Pods),
    ("MemoryStress(\"200MiB\")", About::Pods),
    ("DiskStress(5.0)", About::Pods),
    ("ClockSkew(offset: \"3s\", drift: \"1%\")", About::Pods),
    ("ClockSkew(offset: \"3s\", behind: true)", About::Pods),
    ("BrownOut", About::Pods),
    ("LoseNodes", About::Nodes),
    ("CapacityLoss", About::Nodes),
    ("Drain", About::Nodes),
    ("LoseZone", About::Places),
    ("LoseRegion", About::Places),
    ("Latency(delay: Exponential(mean: \"200ms\"), both_ways: true)", About::Messages),
    ("Loss(share: \"30%\", both_ways: true)", About::Messages),
    ("Duplication(\"50%\")", About::Messages),
    ("Reordering(share: \"50%\", gap: \"1s\")", About::Messages),
    ("Partition(one_way: true)", About::Messages),
    ("Bandwidth(per_second: \"50kB\", buffer: \"200kB\", both_ways: true)", About::Messages),
    ("DnsFailure(share: \"50%\")", About::Calls),
];

/// More of those, and what is over at once.
const MORE: [(&str, About, bool); 6] = [
    ("Partition", About::Messages, true),
    ("ExpiredCertificate", About::Messages, true),
    ("Crash", About::Pods, false),
    ("DeletePods", About::Pods, false),
    ("Reclaim(\"0s\")", About::Nodes, false),
    ("Reclaim(\"40s\")", About::Nodes, false),
];

impl Cluster {
    /// Faults and checks of a scenario with so many workloads.
    pub(crate) fn chaos(&mut self, workloads: usize) -> String {
        let count = self.below(7);
        let faults: String = (0..count).map(|number| self.fault(number, workloads)).collect();
        let guard = self.pick(&["", "", "", "guard: true, "]);
        let faults = faults + &self.deploys();
        let guard = if faults.is_empty() { "" } else { guard };
        let window = self.pick(&["10s", "1s", "1min"]);
        let checks = format!(
            "steady_state: {{ \"served\": (workload: \"w0\", good: \"80%\", within: \"2s\", window: \"{window}\"), \
             \"enough\": (service: \"s0\", ready: 1) }}, "
        );
        format!("faults: [{faults}], {checks}{guard}")
    }

    /// Faults that begin the releases which nobody else begins.
    fn deploys(&mut self) -> String {
        let deployed = std::mem::take(&mut self.deployed);
        let deploy = |(number, release): (usize, String)| {
            let when = match self.below(3) {
                0 => "On(fact: Breaks(\"served\"))".to_owned(),
                1 => "On(fact: ReadyAbove(\"s0\", 2))".to_owned(),
                _ => format!("At(\"{}s\")", 5 + self.below(400)),
            };
            format!("(name: \"d{number}\", what: Deploy(\"{release}\"), when: {when}),\n")
        };
        deployed.into_iter().enumerate().map(deploy).collect()
    }

    fn fault(&mut self, number: usize, workloads: usize) -> String {
        let (what, about, heals) = match self.below(LASTING.len() + MORE.len()) {
            _ if self.promise == Promise::Calm => ("Drain", About::Nodes, true),
            index if index < LASTING.len() => (LASTING[index].0, LASTING[index].1, true),
            index => MORE[index - LASTING.len()],
        };
        // Without regions there are no whole places.
        let (what, about) = match about {
            About::Places if self.author.regions == 0 => ("LoseNodes", About::Nodes),
            about => (what, about),
        };
        let lasts = match self.promise {
            _ if !heals => "",
            Promise::Recovers => self.pick(&["lasts: \"10s\", ", "lasts: \"2min\", "]),
            _ => self.pick(&["", "lasts: \"5s\", ", "lasts: \"1min\", ", "lasts: \"3min\", "]),
        };
        let (when, monkey) = self.when(number, about);
        let drawn = if monkey { "" } else { self.pick(&["", "count: 1, ", "count: 3, ", "percent: \"50%\", "]) };
        let target = self.target(about, drawn, workloads);
        let from = match about {
            // No service calls itself.
            About::Messages | About::Calls if target.contains("service: \"s0\"") => "",
            About::Messages | About::Calls => {
                self.pick(&["", "from: (workload: \"w0\"), ", "from: (service: \"s0\"), "])
            }
            _ => "",
        };
        format!("(name: \"f{number}\", what: {what}, target: ({target}), {from}{lasts}when: {when}),\n")
    }

    /// A schedule, and whether it draws its victims by itself.
    fn when(&mut self, number: usize, about: About) -> (String, bool) {
        let at = 10 + self.below(420);
        let messages = matches!(about, About::Messages | About::Calls);
        let earlier = number.checked_sub(1).map(|last| format!("f{last}"));
        if !self.released.is_empty() && self.author.rng.chance(0.2) {
            let (release, phase) = (self.a_release(), self.pick(&["Progressing", "Paused", "Promoted", "RolledBack"]));
            let fact = match self.below(2) {
                0 => format!("Share(\"{release}\", \"{}\")", self.pick(&["1%", "50%", "100%"])),
                _ => format!("Phase(\"{release}\", {phase})"),
            };
            return (format!("On(fact: {fact}, times: 2)"), false);
        }
        let when = match self.below(10) {
            _ if self.promise == Promise::Calm => format!("At(\"{at}s\")"),
            0 => format!("Times([\"{at}s\", \"{}s\"])", at + 60),
            1 => format!("Every(interval: \"90s\", from: \"{at}s\", until: \"8min\")"),
            2 => "Random(mean: \"2min\", until: \"8min\")".to_owned(),
            // It goes on for as long as it is watched.
            3 if self.promise != Promise::Recovers => "BusinessHours(mean: \"3min\", day: Friday, hour: 14)".to_owned(),
            4 if !messages => return ("Monkey(level: 0.05, every: \"30s\", until: \"8min\")".to_owned(), true),
            5 => "On(fact: ReadyBelow(\"s0\", 1), after: \"1s\", times: 2)".to_owned(),
            6 => "On(fact: Breaks(\"served\"))".to_owned(),
            7 if earlier.is_some() => {
                let fact = self.pick(&["Begins", "Ends"]);
                format!("On(fact: {fact}(\"{}\"), after: \"5s\", times: 3)", earlier.unwrap_or_default())
            }
            8 => self
                .pick(&["On(fact: NodeLost, times: 2)", "On(fact: Scaled(\"s0\"))", "On(fact: Holds(\"served\"))"])
                .to_owned(),
            _ => format!("At(\"{at}s\")"),
        };
        (when, false)
    }

    /// One of the releases, by its name.
    fn a_release(&mut self) -> String {
        let index = self.below(self.released.len());
        self.released[index].clone()
    }

    fn target(&mut self, about: About, drawn: &str, workloads: usize) -> String {
        let services = self.author.services;
        if about == About::Calls {
            return format!("service: \"s{}\"", self.below(services));
        }
        if about == About::Messages && self.author.rng.chance(0.15) {
            return format!("workload: \"w{}\"", self.below(workloads));
        }
        let places = about == About::Places;
        if !places && !self.released.is_empty() && self.author.rng.chance(0.2) {
            let release = self.a_release();
            let (service, version) = release.split_once(' ').expect("a service and its version");
            return format!("service: \"{service}\", version: \"{version}\", {drawn}");
        }
        let service = self.maybe(0.4, |it| match it.below(4) {
            _ if places => String::new(),
            0 => format!("labels: {{ \"app\": \"s{}\" }}, ", it.below(services)),
            1 => format!("service: \"s{}\", pod: 0, ", it.below(services)),
            _ => format!("service: \"s{}\", ", it.below(services)),
        });
        let region = match self.author.regions {
            0 => String::new(),
            regions => self.maybe(0.5, |it| {
                let zone = it.pick(&["", "zone: 0, "]);
                format!("region: \"r{}\", {zone}", it.below(regions))
            }),
        };
        let node = if places { "" } else { self.pick(&["", "", "", "node: 0, "]) };
        let pool = if self.nodes && !places { self.pick(&["", "", "pool: \"p0\", "]) } else { "" };
        format!("{service}{region}{node}{pool}{drawn}")
    }
}
