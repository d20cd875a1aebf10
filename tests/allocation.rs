//! A request costs no allocation once the run has seen its peak, and memory does not grow with
//! simulated time: what is freed is used again, whatever the path through the world.
//!
//! Each run begins with a rush, which fills every line and stretches latencies to their timeouts, so
//! that every list and histogram reaches its size. Then come quieter times, with many more requests,
//! in which nothing at all may be allocated. Gauges are sampled only once, as each sample adds rows
//! to the series; what those cost is a test of its own.

use std::path::Path;

use allocation_counter::{AllocationInfo, measure};
use models::world::World;
use scenarios::assemble::assemble;
use scenarios::file::Source;
use scenarios::measure::Measure;
use sim_core::{Seed, Sim, Span, Time};

/// The rush, and a quiet time in which the ends of calls find their least latencies too.
const RUSH: Span = Span::from_secs(60);

/// A shop and its stock behind the same balancer, with everything that can surround a call, over a
/// network that delays and loses; one server of the stock is down and the others fail now and then.
fn shop(balancer: &str, discipline: &str, sample_every: &str) -> String {
    format!(
        r#"Scenario(
            name: "Allocation", duration: "1h", sample_every: "{sample_every}",
            regions: {{ "here": (city: "paris"), "there": (city: "london") }},
            network: (jitter: "10%", loss: "1%"),
            services: {{
                "shop": (
                    replicas: 12, workers: 16, queue: 30, balancer: {balancer},
                    health: (max_fails: 5, fail_timeout: "1s"),
                    endpoints: {{ "buy": [
                        Work(Uniform(low: "2ms", high: "8ms")),
                        Branch([(weight: 1, steps: [Sleep(Constant("1ms"))]), (weight: 2)]),
                        Quorum(need: 2, of: [(to: "stock/reserve", times: 3, policies: [
                            Timeout("300ms"),
                            Retry(attempts: 3, first: "2ms", elsewhere: true),
                            Deadline("150ms"),
                        ])]),
                    ] }},
                ),
                "stock": (
                    groups: [(replicas: 12, error_rate: "5%"), (replicas: 1, down: true)],
                    workers: 4, queue: 30, discipline: {discipline}, balancer: {balancer},
                    endpoints: {{ "reserve": [Work(Uniform(low: "1ms", high: "15ms"))] }},
                ),
            }},
            workloads: {{
                "crowd": (
                    origins: {{ "here": 2, "there": 1 }}, to: "shop/buy",
                    rate: Steps([("0s", "4000/s"), ("10s", "500/s")]),
                    policies: [Timeout("500ms"), Retry(attempts: 2)],
                ),
                "regulars": (
                    to: "shop/buy", users: (count: 50, think: Exponential(mean: "1s")),
                    policies: [Timeout("500ms")],
                ),
            }},
        )"#
    )
}

/// The shop after its rush.
fn after_rush(text: &str) -> Sim<World, Measure> {
    let loaded = match scenarios::parse(&Source::new("shop", text), Path::new("")) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{problems:?}"),
    };
    let scenario = &loaded.scenario;
    let (workloads, regions, services) = (scenario.workloads.len(), scenario.regions.len(), scenario.services.len());
    let measure = Measure::new(workloads, regions, services, scenario.step(), scenario.warm_up, scenario.duration);
    let mut sim = Sim::new(assemble(scenario, &loaded.inputs, Seed::new(1)), measure);
    sim.prime(World::start);
    sim.run_until(Time::ZERO + RUSH);
    sim
}

/// Runs for `span` more: how many requests came, and what was allocated.
fn go_on(sim: &mut Sim<World, Measure>, span: Span) -> (u64, AllocationInfo) {
    let (before, end) = (sim.world().requests(), sim.now() + span);
    let info = measure(|| sim.run_until(end));
    (sim.world().requests() - before, info)
}

/// Runs the shop for `span` after its rush, with at least a thousand requests each two seconds: how
/// often it allocates.
fn allocations(balancer: &str, discipline: &str, span: Span) -> u64 {
    let mut sim = after_rush(&shop(balancer, discipline, "1h"));
    let (requests, info) = go_on(&mut sim, span);
    assert!(requests as f64 > 500.0 * span.as_secs_f64(), "only {requests} requests came");
    info.count_total
}

#[test]
fn a_hundred_thousand_requests_allocate_nothing() {
    assert_eq!(allocations("PowerOfChoices(choices: 2)", "Fifo", Span::from_secs(200)), 0);
}

#[test]
fn no_discipline_allocates() {
    for discipline in ["Lifo", "Priority", "Sharing(cores: 2)"] {
        assert_eq!(allocations("RoundRobin()", discipline, Span::from_secs(20)), 0, "{discipline}");
    }
}

#[test]
fn no_balancer_allocates_for_a_request() {
    for balancer in [
        "Random()",
        "RoundRobin()",
        "SmoothWeightedRoundRobin()",
        "DeadlineRoundRobin()",
        "FastWeightedRoundRobin()",
        "LeastConnections()",
        "JoinIdleQueue()",
        "PowerOfChoices(choices: 3)",
        "PeakEwma()",
        "Adaptive()",
        "ConsistentHash()",
        "Geographic()",
        "Tiers([(split: Region, balancer: RoundRobin()), (balancer: LeastConnections())])",
    ] {
        // In ten thousand requests: a list of the idle, say, may still become longer than ever before.
        let count = allocations(balancer, "Fifo", Span::from_secs(20));
        assert!(count <= 3, "{balancer} allocates {count} times");
    }
}

#[test]
fn memory_grows_by_the_rows_of_the_series_alone() {
    let mut sim = after_rush(&shop("PowerOfChoices(choices: 2)", "Fifo", "100ms"));
    let (_, info) = go_on(&mut sim, Span::from_secs(100));
    // Two workloads, two regions, two services and the whole keep a row each; so do three gauges of
    // two services. A row is less than 100 bytes, and a list that grows may have doubled.
    let rows = (100 * 10) * (7 + 6);
    assert!(info.bytes_current > 0 && info.bytes_current < 2 * 100 * rows, "{info:?}");
}
