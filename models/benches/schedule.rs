//! CPU time to place, heal and scale 20,000 pods on 1,000 nodes: `cargo bench -p models`.
//!
//! Twenty services with the default spread over hosts and three zones. All of their pods are placed,
//! a tenth of the nodes dies and its pods are placed again, then a quarter of all pods leaves and
//! comes back.

#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use models::place::NodeId;
use models::pod::Resources;
use models::schedule::{
    Attempt, ClassId, ClassSpec, NodeSpec, PodKey, Requests, Scheduler, SchedulerSettings, Selector,
};
use sim_core::{Bytes, Cores, Seed, Time};

const RUNS: usize = 5;
const NODES: usize = 1_000;
const PODS: u64 = 20_000;
const SERVICES: u64 = 20;
const ZONES: [&str; 3] = ["a", "b", "c"];

/// What this thread has run on a processor, as the kernel counts it, in milliseconds.
fn cpu_ms() -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel counts CPU time");
    counted.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds come first") / 1e6
}

fn scheduler() -> (Scheduler, Vec<ClassId>) {
    let mut scheduler = Scheduler::new(&SchedulerSettings::default(), Seed::new(1).stream("scheduler"));
    let allocatable = Resources { cpu: Cores::milli(8_000), memory: Bytes::new(32 << 30) };
    for node in 0..NODES {
        scheduler.add_node(Time::ZERO, &NodeSpec::new(&format!("node-{node}"), "r", ZONES[node % 3], allocatable));
    }
    let class = |service: u64| {
        let name = format!("service-{service}");
        let requests = Resources { cpu: Cores::milli(100 + 20 * service), memory: Bytes::new((1 + service % 3) << 29) };
        ClassSpec {
            labels: [("app".to_owned(), name.clone())].into(),
            requests: Requests::from(requests),
            spread_with: Some(Selector::labels([("app", name.as_str())])),
            ..ClassSpec::default()
        }
    };
    let classes = (0..SERVICES).map(|service| scheduler.add_class(class(service))).collect();
    (scheduler, classes)
}

/// Places all pods that wait; where they went is added to `places`.
fn place(scheduler: &mut Scheduler, places: &mut [NodeId]) {
    while let Some(attempt) = scheduler.next(Time::ZERO) {
        match attempt {
            Attempt::Bind { pod, node, .. } => places[pod.0 as usize] = node,
            other => panic!("all pods fit: {other:?}"),
        }
    }
}

/// Milliseconds for placing, healing and scaling, and a sum that must be the same in each run.
fn run() -> ([f64; 3], u64) {
    let (mut scheduler, classes) = scheduler();
    let mut places = vec![NodeId(0); PODS as usize];
    let class = |pod: u64| classes[(pod % SERVICES) as usize];
    let start = cpu_ms();
    (0..PODS).for_each(|pod| scheduler.push(Time::ZERO, PodKey(pod), class(pod)));
    place(&mut scheduler, &mut places);
    let placed = cpu_ms();
    for node in (0..NODES).step_by(10) {
        for lost in scheduler.remove_node(Time::ZERO, NodeId(node as u32)) {
            scheduler.push(Time::ZERO, lost.pod, lost.class);
        }
    }
    place(&mut scheduler, &mut places);
    let healed = cpu_ms();
    let scaled: Vec<u64> = (0..PODS).step_by(4).collect();
    for &pod in &scaled {
        assert!(scheduler.release(Time::ZERO, PodKey(pod), places[pod as usize]), "pod {pod} is where it was placed");
    }
    scaled.iter().for_each(|&pod| scheduler.push(Time::ZERO, PodKey(pod), class(pod)));
    place(&mut scheduler, &mut places);
    let end = cpu_ms();
    let sum = places.iter().fold(0, |sum: u64, node| sum.wrapping_mul(31).wrapping_add(u64::from(node.0)));
    ([placed - start, healed - placed, end - healed], sum)
}

fn main() {
    let mut runs: Vec<([f64; 3], u64)> = (0..RUNS).map(|_| run()).collect();
    assert!(runs.iter().all(|(_, sum)| *sum == runs[0].1), "two runs differ");
    let total = |(parts, _): &([f64; 3], u64)| parts.iter().sum::<f64>();
    runs.sort_by(|one, other| total(one).total_cmp(&total(other)));
    let median = &runs[RUNS / 2];
    let [placed, healed, scaled] = median.0;
    println!("{PODS} pods on {NODES} nodes: {:.0} ms of CPU (best {:.0})", total(median), total(&runs[0]));
    println!(
        "  placed in {placed:.0} ms, a tenth of the nodes healed in {healed:.0} ms, a quarter of the pods down and up in {scaled:.0} ms"
    );
}
