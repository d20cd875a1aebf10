//! Every scenario of the library runs, loses no request, and tells its story in numbers.
//!
//! A story is asserted on the file as it is, or on a part of it where the whole takes minutes without
//! optimisation. The summaries in snapshots/ are of the glimpses in support/; after a change that is
//! meant to move them: `INSTA_UPDATE=always cargo test --test library`.

mod support;

use std::fmt::Write as _;

use models::world::{Fact, World};
use sim_core::results::{Metric, Results};
use sim_core::sim::{self, Observer, Sim};
use sim_core::{Seed, Time};
use support::GLIMPSES;

/// Whether this build can simulate tens of millions of requests in a minute.
const OPTIMISED: bool = !cfg!(debug_assertions);

fn metric<'a>(results: &'a Results, subject: &str, name: &str) -> &'a Metric {
    let found = results.metrics.iter().find(|metric| metric.subject == subject && metric.name == name);
    found.unwrap_or_else(|| panic!("{}: no {name} of {subject:?}", results.scenario))
}

fn value(results: &Results, subject: &str, name: &str) -> f64 {
    metric(results, subject, name).value
}

/// Where `subject` is in a column of a series, by the seconds since the start at which each step ends.
fn points(results: &Results, series: &str, subject: &str, column: &str) -> Vec<(f64, f64)> {
    let series = results.series.iter().find(|found| found.name == series).expect("a series of that name");
    let column = series.columns.iter().position(|found| found.name == column).expect("a column of that name");
    let group = series.groups.iter().find(|found| found.subject == subject).expect("a group of that name");
    group.t_s.iter().copied().zip(group.values[column].iter().copied()).collect()
}

fn mean_between(points: &[(f64, f64)], from: f64, to: f64) -> f64 {
    let within: Vec<f64> = points.iter().filter(|(t, _)| *t > from && *t <= to).map(|(_, value)| *value).collect();
    within.iter().sum::<f64>() / within.len() as f64
}

#[track_caller]
fn assert_between(value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{value} is not between {low} and {high}");
}

#[track_caller]
fn assert_in_interval(metric: &Metric, exact: f64) {
    assert_between(exact, metric.low.expect("an interval"), metric.high.expect("an interval"));
}

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
    for (name, overrides) in GLIMPSES {
        insta::assert_snapshot!(name, summary(&support::run(name, overrides)));
    }
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
        let one_hop = scenario.services.len() == 1;
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

#[test]
fn hello_agrees_with_theory() {
    let results = support::run("hello", &[]);
    assert_in_interval(metric(&results, "server", "latency.mean"), 100.0);
    assert_in_interval(metric(&results, "server", "latency.p99"), 460.5);
    assert_in_interval(metric(&results, "server", "utilisation"), 90.0);
    // The line holds rho^2 / (1 - rho) customers.
    assert_in_interval(metric(&results, "server", "waiting"), 8.1);
    let mean = |experiment| value(&support::run("hello", &["duration=20min", experiment]), "server", "latency.mean");
    assert_between(mean("workloads.customers.rate=80/s"), 48.5, 51.5);
    assert_between(mean("services.server.workers=2"), 12.4, 12.7);
    assert_between(mean(r#"services.server.endpoints.ask[0]=Work(Constant("10ms"))"#), 53.0, 57.0);
}

#[test]
fn balancers_differ_in_what_they_send_to_the_slow_server() {
    let run = |balancer: &str, more: &[&str]| {
        let balancer = format!("services.web.balancer={balancer}");
        support::run("balancers", &[&["duration=50s", "replications=2", balancer.as_str()], more].concat())
    };
    let taken = |results: &Results, server: u32| value(results, &format!("web[{server}]"), "taken");
    let share_of_slow =
        |results: &Results| taken(results, 9) / (0..10).map(|server| taken(results, server)).sum::<f64>();
    let blind = [run("RoundRobin()", &[]), run("Random()", &[])];
    for results in &blind {
        assert_between(value(results, "", "ok_share"), 94.5, 97.0);
        assert_between(value(results, "", "latency.p99"), 1_000.0, 1_250.0);
        assert_between(value(results, "web[9]", "working"), 3.99, 4.0);
        assert_between(value(results, "web[0]", "working"), 1.6, 1.9);
    }
    // Chance alone makes random splits worse than even ones.
    assert!(value(&blind[0], "", "latency.mean") < value(&blind[1], "", "latency.mean"));

    let weights = ["services.web.groups[0].weight=4", "services.web.groups[1].weight=2"];
    let least = run("LeastConnections()", &[]);
    let two = run("PowerOfChoices()", &[]);
    let peak = run("PeakEwma()", &[]);
    let weighted = run("SmoothWeightedRoundRobin()", &weights);
    for results in [&least, &two, &peak, &weighted] {
        assert_eq!(value(results, "", "failed"), 0.0);
        assert_between(value(results, "", "latency.p99"), 80.0, 110.0);
        assert!(share_of_slow(results) < 0.075);
        // All balancers face the very same customers.
        assert_eq!(results.requests, blind[0].requests);
    }
    assert!(value(&least, "", "latency.mean") < value(&two, "", "latency.mean"));
    assert!(value(&peak, "", "latency.p99") < value(&two, "", "latency.p99"));
    assert!(share_of_slow(&peak) < share_of_slow(&least));
    // The weights are the capacities: 1 in 25.
    assert_between(share_of_slow(&weighted), 0.039, 0.041);
}

/// Share of the requests after the spike that are answered, attempts a request over the whole run.
fn after_the_spike(name: &str, experiment: &str) -> (f64, f64) {
    let whole = support::run(name, &[experiment]);
    let after = support::run(name, &[experiment, "warm_up=60s"]);
    let share = value(&after, "clients", "ok") / value(&after, "clients", "requests");
    (share, value(&whole, "server", "attempts") / value(&whole, "clients", "requests"))
}

#[test]
fn a_retry_storm_outlasts_its_cause_unless_clients_wait() {
    let (storm, attempts) = after_the_spike("retry-storm", "seed=7");
    // The published program: 15 of 20 runs collapse, here 35 of 50.
    assert_between(storm, 0.1, 0.45);
    assert_between(attempts, 1.6, 2.1);
    assert_between(after_the_spike("retry-storm", "workloads.clients.rate.hold=7s").0, 0.0, 0.03);
    assert_between(after_the_spike("retry-storm", "workloads.clients.rate.hold=3s").0, 0.9, 1.02);
    assert_between(after_the_spike("retry-storm", "workloads.clients.policies[0].attempts=1").0, 0.97, 1.03);

    let (survived, attempts) = after_the_spike("retry-storm-survives", "seed=7");
    assert_between(survived, 0.97, 1.03);
    assert_between(attempts, 1.02, 1.08);
    assert_between(after_the_spike("retry-storm-survives", "workloads.clients.policies[0].first=1s").0, 0.1, 0.6);
    assert_between(after_the_spike("retry-storm-survives", "workloads.clients.rate.hold=10s").0, 0.0, 0.15);
    assert_between(after_the_spike("retry-storm-survives", "workloads.clients.policies[0].jitter=None").0, 0.97, 1.1);
}

#[test]
fn the_run_that_is_shown_is_the_one_that_is_told() {
    // Series and plots are of the first replication.
    let served = |name| {
        let points = points(&support::run(name, &["replications=1"]), "traffic", "clients", "ok");
        (mean_between(&points, 5.0, 20.0), mean_between(&points, 50.0, 80.0))
    };
    let ((before, after), (calm, recovered)) = (served("retry-storm"), served("retry-storm-survives"));
    assert_between(before, 36.0, 44.0);
    assert_eq!((before, after), (calm, 0.0));
    assert_between(recovered, 37.0, 46.0);
}

#[test]
fn many_leaves_make_the_rare_common() {
    let results = support::run("fan-out", &[]);
    let slow = |workload: &str| {
        let found = results.distributions.iter().find(|found| found.kind == "workload" && found.subject == workload);
        let histogram = &found.expect("a distribution").histogram;
        let share = histogram.fraction_above(1_000_000_000);
        (share, (share * (1.0 - share) / histogram.count() as f64).sqrt())
    };
    let (all, error) = slow("all 100");
    assert_between(all, 0.634 - 3.0 * error, 0.634 + 3.0 * error);
    let (one, error) = slow("one leaf");
    assert_between(one, 0.01 - 3.0 * error, 0.01 + 3.0 * error);
    assert!(slow("any 95").0 < 0.002);
    assert_between(value(&results, "all 100", "latency.p50"), 1_000.0, 1_500.0);
    assert_between(value(&results, "one leaf", "latency.p95"), 30.0, 34.0);
    assert_between(value(&results, "any 95", "latency.p99"), 44.0, 52.0);
    let rarer = ["services.leaf.endpoints.look[0][0][0]=999", r#"workloads."all 100".policies=[Timeout("1s")]"#];
    let ok_share = value(&support::run("fan-out", &rarer), "all 100", "ok_share");
    assert_between(ok_share, 89.5, 91.5);
}

/// Without optimisation, a shop of a tenth of the size.
fn black_friday(experiment: &[&str]) -> Results {
    let tenth = [
        r#"workloads.crowd.rate=Ramp([("5min", "25/s"), ("10min", "350/s"), ("20min", "350/s"), ("25min", "25/s")])"#,
        "services.shop.replicas=10",
    ];
    support::run("black-friday", &[if OPTIMISED { &[] } else { &tenth[..] }, experiment].concat())
}

#[test]
fn black_friday_drowns_a_fixed_fleet_and_spares_what_is_behind_it() {
    let results = black_friday(&[]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 0.0, 300.0), 47.0, 53.0);
    assert_between(mean_between(&cpu, 600.0, 1_200.0), 99.9, 100.0);
    assert_between(mean_between(&cpu, 1_560.0, 1_800.0), 47.0, 53.0);

    let [offered, ok] = ["offered", "ok"].map(|column| points(&results, "traffic", "crowd", column));
    let share = |from, to| mean_between(&ok, from, to) / mean_between(&offered, from, to);
    assert_between(share(0.0, 300.0), 0.99, 1.01);
    assert_between(share(600.0, 1_200.0), 0.12, 0.14);
    assert_between(share(1_560.0, 1_800.0), 0.99, 1.01);
    // Goodput does not collapse: nine tenths of what the fleet can do.
    let capacity = if OPTIMISED { 500.0 } else { 50.0 };
    assert_between(mean_between(&ok, 360.0, 1_400.0) / capacity, 0.88, 0.98);
    assert!(value(&results, "crowd", "failed.queue_full") > 0.98 * value(&results, "crowd", "failed"));

    for (subject, name) in [("tills", "ok_share"), ("stock", "ok_share"), ("cart", "ok_share"), ("payment", "ok_share")]
    {
        assert_between(value(&results, subject, name), 99.99, 100.0);
    }
    assert_between(value(&results, "tills", "latency.p99"), 780.0, 860.0);
}

#[test]
fn longer_queues_sell_less_and_reloading_sells_nothing() {
    let ok = |experiment| value(&black_friday(&[experiment]), "crowd", "ok");
    let sold = ok("seed=1");
    assert!(ok("services.shop.queue=100") < 0.25 * sold);
    assert_between(ok(r#"workloads.crowd.policies=[Timeout("5s")]"#) / sold, 0.98, 1.02);
}

#[test]
fn a_thousand_servers_are_seventy_percent_busy_at_the_peak() {
    let results = black_friday(&[if OPTIMISED { "services.shop.replicas=1000" } else { "services.shop.replicas=100" }]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 620.0, 1_200.0), 69.0, 71.0);
    assert_between(value(&results, "crowd", "ok_share"), 99.99, 100.0);
}

#[test]
fn a_request_from_india_survives_any_single_failure_at_a_price() {
    let run = |experiment: &str| support::run("request-from-india", &["duration=2min", "replications=2", experiment]);
    // Mean and p99 of reads, then of writes, in ms, as the lesson says.
    for (experiment, expected) in [
        ("seed=1", [28.0, 51.0, 100.0, 124.0]),
        ("services.edge.groups[0].down=true", [88.0, 123.0, 160.0, 196.0]),
        ("services.balancer.groups[0].down=true", [46.0, 110.0, 159.0, 183.0]),
        ("services.api.groups[0].down=true", [46.0, 110.0, 159.0, 183.0]),
        ("services.db-mumbai.down=true", [46.0, 110.0, 161.0, 185.0]),
        ("services.db-singapore.down=true", [28.0, 51.0, 161.0, 185.0]),
        ("services.api.groups[0].error_rate=20%", [30.0, 71.0, 121.0, 292.0]),
        ("services.api.groups[0].speed=0.05", [59.0, 499.0, 225.0, 967.0]),
    ] {
        let results = run(experiment);
        assert_eq!(value(&results, "", "failed"), 0.0, "{experiment}");
        let measured = [("reads", "mean"), ("reads", "p99"), ("writes", "mean"), ("writes", "p99")]
            .map(|(workload, name)| value(&results, workload, &format!("latency.{name}")));
        for (measured, expected) in measured.into_iter().zip(expected) {
            let tolerance = if experiment.ends_with("speed=0.05") { 0.25 } else { 0.1 };
            assert!((measured / expected - 1.0).abs() < tolerance, "{experiment}: {measured}, not {expected}");
        }
    }
    // Without any edge nothing is left.
    assert_eq!(value(&run("services.edge.down=true"), "", "ok"), 0.0);
}

#[test]
fn a_full_europe_is_the_only_region_that_suffers() {
    let peak = |experiment| {
        let from = "workloads.visitors.arrivals.from=45h40min";
        support::run("worldcup98", &[from, "duration=3min", "warm_up=1min", "sample_every=10s", experiment])
    };
    let results = peak("seed=1");
    assert_between(value(&results, "europe", "ok_share"), 87.0, 94.0);
    assert_between(value(&results, "europe", "latency.p99"), 700.0, 850.0);
    for region in ["americas", "asia"] {
        assert_eq!(value(&results, region, "failed"), 0.0);
        assert_between(value(&results, region, "latency.p99"), 140.0, 165.0);
    }
    for (region, servers, busy) in
        [("europe", 0..12, 3.98..=4.0), ("americas", 12..24, 2.9..=3.4), ("asia", 24..30, 2.3..=3.0)]
    {
        for server in servers {
            let working = value(&results, &format!("site[{server}]"), "working");
            assert!(busy.contains(&working), "site[{server}] in {region}: {working} of 4 at work");
        }
    }
    let more = peak("services.site.groups[0].replicas=14");
    assert_eq!(value(&more, "europe", "failed"), 0.0);
    let everywhere = peak("services.site.balancer=PowerOfChoices()");
    assert_eq!(value(&everywhere, "europe", "failed"), 0.0);
    assert!(value(&everywhere, "americas", "latency.mean") > 3.0 * value(&results, "americas", "latency.mean"));
    assert!(value(&peak("services.site.queue=200"), "europe", "ok_share") < 30.0);
    let shut_out = peak(r#"services.site.health=(max_fails: 1, fail_timeout: "1s", counts: Any)"#);
    assert!(value(&shut_out, "americas", "ok_share") < 95.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "45 million requests take minutes without optimisation")]
fn the_world_cup_is_replayed_request_by_request() {
    let results = support::run("worldcup98", &[]);
    assert_eq!(results.requests, 45_548_487);
    // Nobody was refused before 21:26, or after 21:52; the run begins at 15:57.
    let clock = |hour: f64, minute: f64| ((hour - 15.0) * 60.0 + minute - 57.0) * 60.0;
    let failed = points(&results, "regions", "europe", "failed");
    assert!(failed.iter().all(|(t, rate)| *rate == 0.0 || (clock(21.0, 26.0)..=clock(21.0, 52.0)).contains(t)));
    let worst = failed.iter().fold((0.0, 0.0), |worst, point| if point.1 > worst.1 { *point } else { worst });
    assert_between(worst.0, clock(21.0, 40.0), clock(21.0, 46.0));
    assert_between(worst.1, 180.0, 220.0);
    let p99 = points(&results, "region_latency", "europe", "p99");
    assert_between(mean_between(&p99, 0.0, clock(21.0, 0.0)), 145.0, 160.0);
    assert_between(mean_between(&p99, clock(21.0, 35.0), clock(21.0, 45.0)), 740.0, 780.0);
    assert_between(value(&results, "visitors", "ok_share"), 99.5, 99.8);
}
