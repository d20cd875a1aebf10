//! The scheduler as a whole: what it counts against a recount, and its behaviour as stories.

use proptest::prelude::*;
use sim_core::{Bytes, Cores, Seed, Span, Time};

use super::columns::NONE;
use super::tally::TallyId;
use super::*;
use crate::place::NodeId;
use crate::pod::Resources;

fn resources(cpu: u64, gib: u64) -> Resources {
    Resources { cpu: Cores::milli(cpu), memory: Bytes::new(gib << 30) }
}

fn scheduler(nodes: usize) -> Scheduler {
    let mut scheduler = Scheduler::new(&SchedulerSettings::default(), Seed::new(7).stream("scheduler"));
    for node in 0..nodes {
        add_node(&mut scheduler, node);
    }
    scheduler
}

fn add_node(scheduler: &mut Scheduler, index: usize) -> NodeId {
    let zone = ["a", "b", "c"][index % 3];
    scheduler.add_node(Time::ZERO, &NodeSpec::new(&format!("node-{index}"), "r", zone, resources(1_000, 4)))
}

fn class(app: &str, cpu: u64) -> ClassSpec {
    ClassSpec {
        labels: [("app".to_owned(), app.to_owned())].into(),
        requests: Requests::from(resources(cpu, 1)),
        spread_with: Some(Selector::labels([("app", app)])),
        ..ClassSpec::default()
    }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

/// Tries all pods that are due, and tells what came of it.
fn run(scheduler: &mut Scheduler, now: Time) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(attempt) = scheduler.next(now) {
        told.push(match attempt {
            Attempt::Bind { pod, node, .. } => format!("{} on {}", pod.0, node.0),
            Attempt::Preempt { pod, node, victims } => {
                let victims: Vec<u64> = victims.iter().map(|victim| victim.0).collect();
                format!("{} wants {victims:?} off {}", pod.0, node.0)
            }
            Attempt::Unschedulable { pod, unfit } => format!("{}: {unfit}", pod.0),
        });
    }
    told
}

#[test]
fn a_pod_that_fits_nowhere_hears_why_and_gets_the_room_that_another_leaves() {
    let mut scheduler = scheduler(2);
    let web = scheduler.add_class(class("web", 600));
    scheduler.set_cordoned(Time::ZERO, NodeId(1), true);
    (1..=2).for_each(|pod| scheduler.push(Time::ZERO, PodKey(pod), web));
    insta::assert_debug_snapshot!(run(&mut scheduler, Time::ZERO), @r#"
    [
        "1 on 0",
        "2: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.",
    ]
    "#);
    let waits: Vec<Unplaced> = scheduler.unplaced().collect();
    assert_eq!(waits, [Unplaced { pod: PodKey(2), class: web, since: Time::ZERO }]);
    assert!(scheduler.release(Time::ZERO, PodKey(1), NodeId(0)));
    assert_eq!((scheduler.has_active(), scheduler.wake_at()), (false, Some(at(1))), "its back-off is not over");
    assert_eq!(run(&mut scheduler, at(1)), ["2 on 0"]);
    assert_eq!((scheduler.pending(), scheduler.wake_at()), (0, None));
}

#[test]
fn what_cannot_help_wakes_nobody() {
    let mut scheduler = scheduler(1);
    let (small, large) = (scheduler.add_class(class("small", 100)), scheduler.add_class(class("large", 2_000)));
    scheduler.push(Time::ZERO, PodKey(1), small);
    scheduler.push(Time::ZERO, PodKey(2), large);
    assert_eq!(run(&mut scheduler, Time::ZERO).len(), 2);
    scheduler.release(at(5), PodKey(1), NodeId(0));
    add_node(&mut scheduler, 1);
    assert_eq!(scheduler.wake_at(), Some(at(300)), "neither node is large enough");
    assert_eq!(run(&mut scheduler, at(300)), ["2: 0/2 nodes are available: 2 Insufficient cpu."]);
}

#[test]
fn a_stronger_pod_takes_the_place_of_the_least_important_and_keeps_it() {
    let mut scheduler = scheduler(1);
    let low = scheduler.add_class(ClassSpec { priority: 1, ..class("low", 400) });
    let mid = scheduler.add_class(ClassSpec { priority: 2, ..class("mid", 400) });
    let high = scheduler.add_class(ClassSpec { priority: 3, ..class("high", 500) });
    for (pod, class) in [(1, low), (2, mid), (3, high), (4, mid)] {
        scheduler.push(Time::ZERO, PodKey(pod), class);
    }
    let told = run(&mut scheduler, Time::ZERO);
    assert_eq!(told[..2], ["3 on 0", "2 on 0"]);
    assert!(scheduler.remove_pending(PodKey(1)) && scheduler.remove_pending(PodKey(4)));
    scheduler.push(at(1), PodKey(5), high);
    assert_eq!(run(&mut scheduler, at(1)), ["5 wants [2] off 0"]);
    scheduler.set_terminating(at(1), PodKey(2), NodeId(0));
    scheduler.push(at(2), PodKey(6), low);
    scheduler.release(at(31), PodKey(2), NodeId(0));
    assert_eq!(run(&mut scheduler, at(31)), ["5 on 0", "6: 0/1 nodes are available: 1 Insufficient cpu."]);
}

#[test]
fn room_that_is_kept_is_no_room_for_the_weaker() {
    let mut scheduler = scheduler(1);
    let low = scheduler.add_class(ClassSpec { priority: 1, ..class("low", 400) });
    let high = scheduler.add_class(ClassSpec { priority: 3, ..class("high", 800) });
    (1..=2).for_each(|pod| scheduler.push(Time::ZERO, PodKey(pod), low));
    run(&mut scheduler, Time::ZERO);
    scheduler.push(Time::ZERO, PodKey(3), high);
    assert_eq!(run(&mut scheduler, Time::ZERO), ["3 wants [1, 2] off 0"]);
    scheduler.release(Time::ZERO, PodKey(1), NodeId(0));
    scheduler.push(Time::ZERO, PodKey(4), low);
    assert_eq!(run(&mut scheduler, Time::ZERO), ["4: 0/1 nodes are available: 1 Insufficient cpu."]);
    scheduler.release(at(1), PodKey(2), NodeId(0));
    let told = run(&mut scheduler, at(1));
    assert_eq!(told, ["3 on 0", "4: 0/1 nodes are available: 1 Insufficient cpu."]);
}

#[test]
fn budgets_are_kept_where_another_node_will_do() {
    let mut scheduler = scheduler(2);
    let guarded = scheduler.add_class(class("guarded", 800));
    let free = scheduler.add_class(class("free", 800));
    let high = scheduler.add_class(ClassSpec { priority: 3, ..class("high", 800) });
    scheduler.cluster_mut().add_budget("default", Selector::labels([("app", "guarded")]));
    scheduler.push(Time::ZERO, PodKey(1), guarded);
    scheduler.push(Time::ZERO, PodKey(2), free);
    run(&mut scheduler, Time::ZERO);
    scheduler.push(Time::ZERO, PodKey(3), high);
    let told = run(&mut scheduler, Time::ZERO);
    assert!(told[0].starts_with("3 wants [2] off"), "{told:?}");
}

#[test]
fn services_spread_over_zones_and_hosts_without_asking() {
    let mut scheduler = scheduler(6);
    let web = scheduler.add_class(class("web", 100));
    (0..12).for_each(|pod| scheduler.push(Time::ZERO, PodKey(pod), web));
    run(&mut scheduler, Time::ZERO);
    let pods: Vec<usize> = (0..6).map(|node| scheduler.cluster().pods(NodeId(node)).len()).collect();
    assert_eq!(pods, [2; 6]);
}

#[test]
fn settings_are_read_as_a_file_has_them() {
    let text = r#"(
        scores: [
            (plugin: NodeResourcesFit(strategy: MostAllocated), weight: 1),
            (plugin: PodTopologySpread(), weight: 2),
        ],
        ties: Name,
        default_spread: List([]),
        pod_max_backoff: "30s",
    )"#;
    let options = ron::Options::default()
        .with_default_extension(ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES)
        .with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    let settings: SchedulerSettings = options.from_str(text).expect("it is a profile");
    settings.check().expect("it makes sense");
    assert_eq!((settings.scores.len(), settings.ties), (2, Ties::Name));
}

#[test]
fn the_search_looks_at_fewer_of_many_nodes() {
    let settings = SchedulerSettings::default();
    let found = [50, 100, 200, 1_000, 5_000, 10_000].map(|nodes| settings.nodes_to_find(nodes));
    assert_eq!(found, [50, 100, 100, 420, 500, 500]);
}

#[derive(Clone, Debug)]
enum Step {
    AddNode,
    RemoveNode(usize),
    Push(usize),
    Release(usize),
    Terminate(usize),
    Cordon(usize, bool),
    Ready(usize, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::AddNode),
        1 => any::<usize>().prop_map(Step::RemoveNode),
        8 => any::<usize>().prop_map(Step::Push),
        3 => any::<usize>().prop_map(Step::Release),
        2 => any::<usize>().prop_map(Step::Terminate),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(node, on)| Step::Cordon(node, on)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(node, on)| Step::Ready(node, on)),
    ];
    proptest::collection::vec(step, 1..120)
}

/// One class of each kind: spread by default, spread strictly, near others, far from its like, strong.
fn all_kinds(scheduler: &mut Scheduler) -> Vec<ClassId> {
    let web = class("web", 150);
    let term = |app: &str, key: &str| PodTerm {
        selector: Selector::labels([("app", app)]),
        namespaces: Namespaces::Own,
        topology_key: key.to_owned(),
    };
    let strict = SpreadConstraint {
        node_taints_policy: NodePolicy::Honor,
        ..SpreadConstraint::new(defaults::ZONE_KEY, 1, Selector::labels([("app", "strict")]))
    };
    let near = PodAffinity {
        required: vec![term("web", defaults::ZONE_KEY)],
        preferred: vec![(5, term("web", defaults::HOSTNAME_KEY))],
    };
    let far = PodAffinity { required: vec![term("far", defaults::HOSTNAME_KEY)], preferred: Vec::new() };
    let kinds = [
        web,
        ClassSpec { spread: vec![strict], ..class("strict", 200) },
        ClassSpec { pod_affinity: near, ..class("near", 100) },
        ClassSpec { pod_anti_affinity: far, ..class("far", 250) },
        ClassSpec { priority: 9, host_ports: vec![80], ..class("strong", 400) },
    ];
    kinds.into_iter().map(|kind| scheduler.add_class(kind)).collect()
}

/// All pods there are, with their nodes.
fn placed(scheduler: &Scheduler) -> Vec<(Placed, NodeId)> {
    let cluster = scheduler.cluster();
    let on = |&node: &NodeId| cluster.pods(node).iter().map(move |placed| (*placed, node));
    cluster.nodes().iter().flat_map(on).collect()
}

fn take(scheduler: &mut Scheduler, step: &Step, classes: &[ClassId], now: Time, count: &mut u64) {
    let nodes = scheduler.cluster().nodes().to_vec();
    let pods = placed(scheduler);
    *count += 1;
    let node = |at: usize| nodes[at % nodes.len()];
    match *step {
        Step::AddNode => {
            add_node(scheduler, *count as usize);
        }
        Step::RemoveNode(at) if nodes.len() > 1 => {
            scheduler.remove_node(now, node(at));
        }
        Step::Push(at) => scheduler.push(now, PodKey(*count), classes[at % classes.len()]),
        Step::Release(at) if !pods.is_empty() => {
            let (placed, node) = pods[at % pods.len()];
            assert!(scheduler.release(now, placed.pod, node));
        }
        Step::Terminate(at) if !pods.is_empty() => {
            let (placed, node) = pods[at % pods.len()];
            scheduler.set_terminating(now, placed.pod, node);
        }
        Step::Cordon(at, on) => scheduler.set_cordoned(now, node(at), on),
        Step::Ready(at, on) => scheduler.set_ready(now, node(at), on),
        _ => {}
    }
}

/// Recounts all that is kept, pod by pod.
fn recount(cluster: &Cluster) {
    for &node in cluster.nodes() {
        let index = node.0 as usize;
        for (resource, amounts) in cluster.resources.iter().enumerate() {
            let of = |placed: &Placed| {
                let requests = &cluster.classes[placed.class.index()].requests;
                requests.iter().filter(|(asked, _)| *asked == resource).map(|(_, amount)| amount).sum::<i64>()
            };
            let sum: i64 = cluster.pods(node).iter().map(of).sum();
            assert_eq!(sum, amounts.requested[index]);
            assert!(sum <= amounts.allocatable[index], "node {} is over-committed", node.0);
        }
    }
    for (index, tally) in cluster.tallies.iter().enumerate() {
        let id = TallyId(index as u32);
        let mut counts = std::collections::BTreeMap::<u32, u32>::new();
        for &node in cluster.nodes() {
            let domain = cluster.domain(&tally.domains, node.0 as usize);
            let counted = |placed: &&Placed| {
                cluster.classes[placed.class.index()].counted_in.contains(&id)
                    && !(tally.living && placed.ending.is_some())
            };
            if domain != NONE {
                *counts.entry(domain).or_default() += cluster.pods(node).iter().filter(counted).count() as u32;
            }
        }
        let least = counts.values().copied().min().unwrap_or(u32::MAX);
        assert_eq!(tally.least(), (counts.len() as u32, least));
        assert_eq!(tally.sum(), counts.values().map(|&count| u64::from(count)).sum::<u64>());
        for (domain, count) in counts {
            assert_eq!(tally.count(domain), count);
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_over_committed_and_all_counts_are_true(steps in steps()) {
        let mut scheduler = scheduler(4);
        let classes = all_kinds(&mut scheduler);
        let mut count = 1_000;
        for (second, step) in steps.iter().enumerate() {
            let now = at(second as u64);
            take(&mut scheduler, step, &classes, now, &mut count);
            while let Some(attempt) = scheduler.next(now) {
                if let Attempt::Preempt { node, victims, .. } = attempt {
                    victims.iter().for_each(|&victim| scheduler.set_terminating(now, victim, node));
                }
            }
            recount(scheduler.cluster());
        }
    }
}
