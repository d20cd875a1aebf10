//! What holds of every scenario.

use std::fmt::Write as _;

use models::world::{Fact, World};
use scenarios::schema::{Probes, Service};
use sim_core::results::{Metric, Results};
use sim_core::sim::{self, Observer, Sim};
use sim_core::{Seed, Time};

use crate::figures::{assert_between, value};
use crate::support::{self, GLIMPSES};

/// The comment that opens a scenario.
fn lesson(name: &str) -> String {
    let text = std::fs::read_to_string(support::folder().join(format!("{name}.ron"))).expect("a readable file");
    text.lines().take_while(|line| line.starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// The overrides in a line of a lesson: `--set path=value`, quoted or not.
fn overrides(line: &str) -> Vec<String> {
    let after_set = line.split("--set ").skip(1);
    let argument = |text: &str| match text.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next().map(str::to_owned),
        None => text.split([' ', ',', ')', ':', ';']).next().map(|word| word.trim_end_matches('.').to_owned()),
    };
    after_set.filter_map(argument).collect()
}

#[test]
fn every_file_is_in_the_list() {
    let files =
        std::fs::read_dir(support::folder()).expect("the library's folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> =
        files.filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".ron")?.to_owned())).collect();
    names.sort();
    assert_eq!(names, GLIMPSES.map(|(name, _)| name));
}

#[test]
fn every_file_opens_with_a_lesson_whose_experiments_can_be_run() {
    for (name, _) in GLIMPSES {
        let lesson = lesson(name);
        assert!(
            lesson.contains("// Look at") && lesson.contains("// Try"),
            "{name} does not say what to look at and try"
        );
        let experiments: Vec<Vec<String>> = lesson.lines().map(overrides).filter(|list| !list.is_empty()).collect();
        assert!(experiments.len() >= 3, "{name} has {} experiments", experiments.len());
        for experiment in &experiments {
            let experiment: Vec<&str> = experiment.iter().map(String::as_str).collect();
            let changed = support::load(name, &experiment);
            assert_ne!(changed.scenario, support::load(name, &[]).scenario, "{name}: {experiment:?} changes nothing");
        }
    }
}

/// Four digits of a number, as short as they can be written.
fn four_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().expect("a number as written");
    format!("{rounded}")
}

/// A few lines that change whenever anything does, and show what.
fn summary(results: &Results) -> String {
    let Results { scenario, seed, replications, digest, events, requests, .. } = results;
    let mut text =
        format!("{scenario}: seed {seed}, {replications} replications, {requests} requests, {events} events\n");
    writeln!(text, "digest {digest:016x}").expect("strings take all text");
    let mut subject = None;
    for metric in results.metrics.iter().filter(|metric| metric.kind != "server" && metric.kind != "run") {
        if subject.replace((&metric.kind, &metric.subject)) != Some((&metric.kind, &metric.subject)) {
            write!(text, "\n{} {}\n", metric.kind, metric.subject).expect("strings take all text");
        }
        let width = metric.high.map_or(String::new(), |high| format!(" +-{}", four_digits(high - metric.value)));
        writeln!(text, "  {:24} {}{width} {}", metric.name, four_digits(metric.value), metric.unit).expect("as above");
    }
    text
}

#[test]
fn every_glimpse_is_as_recorded() {
    let mut snapshots = insta::Settings::clone_current();
    snapshots.set_snapshot_path("../snapshots");
    snapshots.set_prepend_module_to_snapshot(false);
    for (name, overrides) in GLIMPSES {
        let recorded = format!("library__{name}");
        snapshots.bind(|| insta::assert_snapshot!(recorded, summary(&support::run(name, overrides))));
    }
}

/// Whether probes are calls too.
fn is_probed_by_requests(service: &Service) -> bool {
    let Probes { startup, liveness, readiness, deep } = &service.probes;
    [startup, liveness, readiness, deep].into_iter().flatten().any(|probe| probe.endpoint.is_some())
}

#[derive(Default)]
struct Count {
    arrived: u64,
    answered: u64,
    failed: u64,
}

impl Observer<World> for Count {
    fn fact(&mut self, _now: Time, fact: &<World as sim::World>::Fact) {
        match fact {
            Fact::Arrived { .. } => self.arrived += 1,
            Fact::Answered { outcome, .. } => {
                self.answered += 1;
                self.failed += u64::from(!outcome.is_ok());
            }
            _ => {}
        }
    }
}

#[test]
fn no_request_is_lost_or_counted_twice() {
    for (name, overrides) in GLIMPSES {
        let overrides = [overrides, &["warm_up=0s", "replications=1"]].concat();
        let loaded = support::load(name, &overrides);
        let scenario = &loaded.scenario;
        let world = scenarios::assemble::assemble(scenario, &loaded.inputs, Seed::new(scenario.seed).replication(0));
        let mut sim = Sim::new(world, Count::default());
        sim.prime(World::start);
        sim.run_until(Time::ZERO + scenario.duration);
        let digest = sim.digest();
        let (world, count) = sim.into_parts();
        let waiting = count.arrived - count.answered;
        let one_hop = scenario.services.len() == 1 && !scenario.services.values().any(is_probed_by_requests);
        let in_flight = world.calls_in_flight() as u64;
        assert!(if one_hop { waiting == in_flight } else { waiting <= in_flight }, "{name}: {waiting}, {in_flight}");

        // The figures say the same, and watching has changed nothing.
        let results = support::run(name, &overrides);
        let figure = |name| value(&results, "", name) as u64;
        assert_eq!((figure("requests"), figure("ok") + figure("failed")), (count.arrived, count.answered), "{name}");
        assert_eq!((figure("failed"), results.requests), (count.failed, world.requests()), "{name}");
        assert_eq!(
            results.digest,
            sim_core::digest::Digest::combine(std::iter::once(digest)),
            "{name}: an observer changed the run"
        );
    }
}

#[test]
fn failures_add_up_by_reason() {
    for (name, overrides) in GLIMPSES {
        let results = support::run(name, overrides);
        for total in results.metrics.iter().filter(|metric| metric.name == "failed") {
            let same = |metric: &&Metric| (&metric.kind, &metric.subject) == (&total.kind, &total.subject);
            let reasons = results.metrics.iter().filter(same).filter(|metric| metric.name.starts_with("failed."));
            let sum: f64 = reasons.map(|metric| metric.value).sum();
            assert!((sum - total.value).abs() < 1e-6, "{name}: {} {}: {sum}", total.kind, total.subject);
        }
    }
}

#[test]
fn no_figure_includes_the_warm_up() {
    // Every attempt is taken up by one of the servers; those that waited at either end differ.
    let results =
        support::run("balancers", &["duration=20s", "warm_up=15s", "services.web.balancer=LeastConnections()"]);
    let taken: f64 = (0..10).map(|server| value(&results, &format!("web[{server}]"), "taken")).sum();
    assert_between(taken / value(&results, "web", "attempts"), 0.99, 1.01);
    assert_between(value(&results, "customers", "requests"), 1_750.0 * 4.9, 1_750.0 * 5.1);
    let working: f64 = (0..10).map(|server| value(&results, &format!("web[{server}]"), "working")).sum();
    assert_between(
        working / 40.0,
        0.99 * value(&results, "web", "cpu") / 100.0,
        1.01 * value(&results, "web", "cpu") / 100.0,
    );
}
