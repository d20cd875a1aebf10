//! The contract that every balancer keeps, and the orders and rules that each is known by.

use models::balance::*;
use models::outcome::Outcome;
use models::place::{NodeId, Place, RegionId, ZoneId};
use proptest::prelude::*;
use sim_core::{Draw, Draws, Span, Time};

/// One of each, and of each way in which it can be built.
fn samples() -> Vec<Balancer> {
    let texts = [
        "Random()",
        "RoundRobin()",
        "SmoothWeightedRoundRobin()",
        "DeadlineRoundRobin()",
        "FastWeightedRoundRobin()",
        "LeastConnections()",
        "LeastConnections(ties: HaProxy)",
        "LeastConnections(ties: Random)",
        "JoinIdleQueue()",
        "PowerOfChoices()",
        "PowerOfChoices(choices: 5, sampling: Repetition)",
        "PowerOfChoices(choices: 1)",
        "PeakEwma()",
        "PeakEwma(tau: \"1s\", choices: 3)",
        "Adaptive()",
        "Adaptive(cpu: 0, latency: 0.5, choices: None)",
        "ConsistentHash()",
        "ConsistentHash(table: Ring(points: 16, nearest: true), load_bound: Some(\"150%\"))",
        "ConsistentHash(table: SharedRing(points_min: 100), load_bound: Some(\"125%\"))",
        "ConsistentHash(table: Maglev(size: 101))",
        "ConsistentHash(table: Maglev(size: 101), load_bound: Some(\"100%\"))",
        "Geographic()",
        "Geographic(regions: Weights({\"b\": 3, \"c\": 1}), inner: LeastConnections(ties: Random))",
        "Geographic(inner: Tiers([(split: Copies(2)), ()]))",
        "Tiers([(balancer: Random())])",
        "Tiers([(split: Copies(3), balancer: RoundRobin()), (split: Region, balancer: Geographic()), \
            (split: Zone, balancer: LeastConnections()), (balancer: PowerOfChoices())])",
        "Tiers([(split: Region, balancer: PowerOfChoices()), (split: Copies(2), balancer: JoinIdleQueue()), \
            (split: Zone, balancer: ConsistentHash()), (balancer: Geographic(inner: LeastConnections(ties: HaProxy)))])",
    ];
    texts.iter().map(|text| file().from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

/// RON as scenario files write it.
fn file() -> ron::Options {
    ron::Options::default().with_default_extension(ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES)
}

fn surroundings() -> Surroundings {
    let far = |a: u64, b: u64| Span::from_millis(10 * a.abs_diff(b));
    Surroundings {
        health: Some(PassiveHealth::default()),
        regions: ["a", "b", "c"].map(str::to_owned).into(),
        distances: (0..3).map(|from| (0..3).map(|to| far(from, to)).collect()).collect(),
    }
}

fn place(index: usize) -> Place {
    Place { region: RegionId(index as u16 % 3), zone: ZoneId(index as u16 % 6), node: NodeId(index as u32) }
}

/// A balancer whose every pick is held against what it was shown.
struct Checked(Box<dyn Balance>);

impl Balance for Checked {
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let picked = self.0.pick(now, choice, backends);
        match picked {
            Some(id) => assert!(backends.is_candidate(id, choice.tried), "{id:?} is no candidate"),
            None => assert_eq!(backends.candidates(choice.tried).next(), None, "passed over"),
        }
        picked
    }
    fn sent(&mut self, now: Time, picked: Picked, backends: &Backends) {
        self.0.sent(now, picked, backends);
    }
    fn settled(&mut self, now: Time, picked: Picked, settled: &Settled, backends: &Backends) {
        self.0.settled(now, picked, settled, backends);
    }
    fn changed(&mut self, now: Time, backends: &Backends) {
        self.0.changed(now, backends);
    }
}

/// A pool of backends with these weights, over three regions.
fn pool(balancer: &Balancer, weights: &[u32]) -> Pool {
    let surroundings = surroundings();
    let mut pool = Pool::new(Box::new(Checked(balancer.build(&surroundings))), surroundings.health);
    for (index, &weight) in weights.iter().enumerate() {
        pool.add(weight, place(index), 1000 + index as u64);
    }
    pool
}

fn ended(outcome: Outcome) -> Settled {
    Settled { outcome, latency: Span::from_millis(5) }
}

#[test]
fn every_registered_balancer_is_sampled_and_round_trips() {
    for listing in Balancer::LIST {
        assert!(samples().iter().any(|sample| sample.name() == listing.name), "no sample of {}", listing.name);
        assert!(!listing.about.is_empty());
    }
    for sample in samples() {
        assert_eq!(sample.check(), Ok(()), "{sample:?}");
        let text = file().to_string(&sample).unwrap();
        assert_eq!(file().from_str::<Balancer>(&text).as_ref(), Ok(&sample), "{text}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Pick { key: u64, region: u16, tried: Vec<usize> },
    Settle { which: usize, outcome: usize },
    Up(usize, bool),
    Weight(usize, u32),
    Signals(usize, f64, f64),
    Add(u32),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pick = (any::<u64>(), 0u16..3, prop::collection::vec(0usize..12, 0..4));
    let step = prop_oneof![
        8 => pick.prop_map(|(key, region, tried)| Step::Pick { key, region, tried }),
        6 => (any::<usize>(), 0usize..10).prop_map(|(which, outcome)| Step::Settle { which, outcome }),
        1 => (0usize..12, any::<bool>()).prop_map(|(id, up)| Step::Up(id, up)),
        1 => (0usize..12, 0u32..4).prop_map(|(id, weight)| Step::Weight(id, weight)),
        1 => (0usize..12, 0.0..1.0, 0.0..1.0).prop_map(|(id, cpu, memory)| Step::Signals(id, cpu, memory)),
        1 => (0u32..4).prop_map(Step::Add),
        2 => (0u64..6).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..120)
}

/// Runs the script, checks the contract at each step, and returns where the calls went.
fn run(balancer: &Balancer, weights: &[u32], steps: &[Step]) -> Vec<Option<BackendId>> {
    let mut pool = pool(balancer, weights);
    let (mut now, mut draws) = (Time::ZERO, Draws::new(7));
    let (mut in_flight, mut transcript) = (Vec::new(), Vec::new());
    for step in steps {
        let len = pool.backends().len();
        let id = |index: usize| BackendId((index % len) as u32);
        match step {
            Step::Pick { key, region, tried } => {
                let tried: Vec<BackendId> = tried.iter().map(|&index| id(index)).collect();
                let picked = pool.pick(now, &mut Choice::new(*key, RegionId(*region), &tried, &mut draws));
                transcript.push(picked.map(|picked| picked.backend));
                in_flight.extend(picked);
            }
            Step::Settle { which, outcome } if !in_flight.is_empty() => {
                let picked = in_flight.swap_remove(which % in_flight.len());
                pool.settle(now, picked, ended(Outcome::ALL[*outcome]));
            }
            Step::Settle { .. } => {}
            Step::Up(index, up) => pool.set_up(id(*index), *up),
            Step::Weight(index, weight) => pool.set_weight(id(*index), *weight),
            Step::Signals(index, cpu, memory) => pool.set_signals(id(*index), *cpu, *memory),
            Step::Add(weight) => {
                pool.add(*weight, place(len), 1000 + len as u64);
            }
            Step::Wait(secs) => now = now + Span::from_secs(*secs),
        }
    }
    for picked in in_flight.drain(..) {
        pool.settle(now, picked, ended(Outcome::Ok));
    }
    assert!(pool.backends().connections.iter().all(|&calls| calls == 0), "{balancer:?}");
    assert_eq!(pool.backends().in_flight(), 0);
    transcript
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn every_balancer_keeps_the_contract(weights in prop::collection::vec(0u32..4, 1..8), steps in steps()) {
        for balancer in samples() {
            prop_assert_eq!(run(&balancer, &weights, &steps), run(&balancer, &weights, &steps));
        }
    }
}

fn parse(text: &str) -> Balancer {
    file().from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A pool under test with its clock and draws; each call is settled at once unless held.
struct Bench {
    pool: Pool,
    now: Time,
    draws: Draws,
}

impl Bench {
    fn new(balancer: &str, weights: &[u32]) -> Bench {
        Bench { pool: pool(&parse(balancer), weights), now: Time::ZERO, draws: Draws::new(11) }
    }

    fn hold(&mut self, region: u16, tried: &[u32]) -> Option<Picked> {
        let tried: Vec<BackendId> = tried.iter().copied().map(BackendId).collect();
        let key = self.draws.next_u64();
        self.pool.pick(self.now, &mut Choice::new(key, RegionId(region), &tried, &mut self.draws))
    }

    fn call(&mut self, settled: Settled) -> usize {
        let picked = self.hold(0, &[]).expect("somebody is open");
        self.pool.settle(self.now, picked, settled);
        picked.backend.index()
    }

    /// Where `count` calls went that all succeeded, as letters.
    fn turns(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'A' + self.call(ended(Outcome::Ok)) as u8)).collect()
    }

    /// How many of `count` calls each backend got.
    fn shares(&mut self, count: usize, settle: impl Fn(usize) -> Settled) -> Vec<usize> {
        let mut counts = vec![0; self.pool.backends().len()];
        for _ in 0..count {
            let picked = self.hold(0, &[]).expect("somebody is open");
            self.now = self.now + Span::from_millis(1);
            self.pool.settle(self.now, picked, settle(picked.backend.index()));
            counts[picked.backend.index()] += 1;
        }
        counts
    }
}

fn ok(_: usize) -> Settled {
    ended(Outcome::Ok)
}

/// Four standard deviations of a count with this chance.
fn near(count: usize, chance: f64, of: usize) -> bool {
    let (mean, of) = (chance * of as f64, of as f64);
    (count as f64 - mean).abs() <= 4.0 * (of * chance * (1.0 - chance)).sqrt()
}

#[test]
fn weights_are_turned_into_the_order_of_each_proxy() {
    // Recorded from the real ones; Envoy starts its cycle anywhere.
    for (balancer, weights, order) in [
        ("RoundRobin()", vec![4, 2, 1], "ABCABCA"),
        ("SmoothWeightedRoundRobin()", vec![5, 1, 1], "AABACAAAABACAA"),
        ("DeadlineRoundRobin()", vec![5, 1, 1], "AAAABCA"),
        ("DeadlineRoundRobin()", vec![4, 2, 1], "ABAACBAABAACBA"),
        ("FastWeightedRoundRobin()", vec![4, 2, 1, 1], "ABACABADABACABAD"),
    ] {
        assert_eq!(Bench::new(balancer, &weights).turns(order.len()), order, "{balancer}");
    }
}

#[test]
fn passive_health_shuts_out_and_tries_again() {
    let mut bench = Bench::new("RoundRobin()", &[1, 1, 1]);
    let mut story = String::new();
    for (at, up) in [(0, false), (1, false), (10, false), (11, false), (12, false), (22, true), (23, true)] {
        bench.now = Time::ZERO + Span::from_secs(at);
        let calls: String = (0..6)
            .map(|_| {
                let picked = bench.hold(0, &[]).expect("somebody is open");
                let refused = picked.backend == BackendId(1) && !up;
                bench.pool.settle(bench.now, picked, ended(if refused { Outcome::Refused } else { Outcome::Ok }));
                char::from(b'A' + picked.backend.0 as u8)
            })
            .collect();
        story += &format!("{at:>2}s B {}: {calls}\n", if up { "up  " } else { "down" });
    }
    // One call tries B each time 10 s have passed since its last failure; a success lets it in.
    insta::assert_snapshot!(story, @r"
     0s B down: ABCACA
     1s B down: CACACA
    10s B down: CACACA
    11s B down: BCACAC
    12s B down: ACACAC
    22s B up  : ABCABC
    23s B up  : ABCABC
    ");
}

#[test]
fn one_call_at_a_time_tries_a_backend_that_was_shut_out() {
    let mut bench = Bench::new("RoundRobin()", &[1, 1]);
    let first = bench.hold(0, &[]).unwrap();
    bench.pool.settle(bench.now, first, ended(Outcome::Timeout));
    bench.now = Time::ZERO + Span::from_secs(11);
    let held: Vec<Picked> = (0..6).map(|_| bench.hold(0, &[]).unwrap()).collect();
    assert_eq!(held.iter().filter(|picked| picked.backend == first.backend).count(), 1);
    // Its success ends the shut-out for everybody.
    let trial = *held.iter().find(|picked| picked.backend == first.backend).unwrap();
    bench.pool.settle(bench.now, trial, ended(Outcome::Ok));
    assert!(bench.pool.backends().is_open(first.backend));
}

#[test]
fn the_only_backend_is_never_shut_out() {
    let mut bench = Bench::new("RoundRobin()", &[1]);
    for _ in 0..3 {
        assert_eq!(bench.call(ended(Outcome::Refused)), 0);
    }
}

#[test]
fn random_choice_follows_weights_also_among_what_is_left() {
    let mut bench = Bench::new("Random()", &[1, 2, 5, 0]);
    let counts = bench.shares(20_000, ok);
    for (id, chance) in [(0, 0.125), (1, 0.25), (2, 0.625)] {
        assert!(near(counts[id], chance, 20_000), "{counts:?}");
    }
    // The heaviest was tried: most draws miss, and the exact way must be as fair.
    for (weights, chance) in [([1, 2, 1_000], 1.0 / 3.0), ([1, 1, 1], 0.5)] {
        let mut bench = Bench::new("Random()", &weights);
        let zeros = (0..20_000).filter(|_| {
            let picked = bench.hold(0, &[2]).unwrap();
            picked.backend == BackendId(0)
        });
        let zeros = zeros.count();
        assert!(near(zeros, chance, 20_000), "{weights:?}: {zeros}");
    }
}

/// The rule of least connections, in its own words.
struct Least(Box<dyn Balance>);

impl Balance for Least {
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let picked = self.0.pick(now, choice, backends)?;
        let load =
            |id: BackendId| f64::from(backends.connections[id.index()]) / f64::from(backends.weights[id.index()]);
        for other in backends.candidates(choice.tried) {
            assert!(load(picked) <= load(other), "{picked:?} has more than {other:?}");
        }
        Some(picked)
    }
    fn sent(&mut self, now: Time, picked: Picked, backends: &Backends) {
        self.0.sent(now, picked, backends);
    }
    fn settled(&mut self, now: Time, picked: Picked, settled: &Settled, backends: &Backends) {
        self.0.settled(now, picked, settled, backends);
    }
    fn changed(&mut self, now: Time, backends: &Backends) {
        self.0.changed(now, backends);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn least_connections_has_the_least(weight in 1u32..3, unequal in any::<bool>(), steps in steps()) {
        let weights: Vec<u32> = (0..5).map(|index| if unequal { weight + index } else { weight }).collect();
        for text in ["LeastConnections()", "LeastConnections(ties: Random)", "LeastConnections(ties: HaProxy)"] {
            // HAProxy rounds, so among unequal weights its least is not quite the least.
            if unequal && text.contains("HaProxy") {
                continue;
            }
            let mut pool = Pool::new(Box::new(Least(parse(text).build(&surroundings()))), None);
            for (index, &weight) in weights.iter().enumerate() {
                pool.add(weight, place(index), 0);
            }
            let (mut held, mut draws) = (Vec::new(), Draws::new(3));
            for step in &steps {
                match step {
                    Step::Pick { tried, .. } => {
                        let tried: Vec<BackendId> = tried.iter().map(|&id| BackendId(id as u32 % 5)).collect();
                        held.extend(pool.pick(Time::ZERO, &mut Choice::new(0, RegionId(0), &tried, &mut draws)));
                    }
                    Step::Settle { which, .. } if !held.is_empty() => {
                        pool.settle(Time::ZERO, held.swap_remove(which % held.len()), ended(Outcome::Ok));
                    }
                    Step::Up(id, up) => pool.set_up(BackendId(*id as u32 % 5), *up),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn idle_backends_come_first() {
    let mut bench = Bench::new("JoinIdleQueue()", &[1; 8]);
    let mut seen: Vec<u32> = (0..8).map(|_| bench.hold(0, &[]).unwrap().backend.0).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..8).collect::<Vec<_>>());
}

#[test]
fn distinct_choices_avoid_the_fullest_backend_for_sure() {
    for (sampling, avoided) in [("Distinct", true), ("Repetition", false)] {
        let mut bench = Bench::new(&format!("PowerOfChoices(sampling: {sampling})"), &[1, 1, 1]);
        while bench.pool.backends().connections[1] < 1_000 {
            bench.hold(0, &[0, 2]).unwrap();
        }
        let hits = bench.shares(9_000, ok)[1];
        // With repetition it gets the call when both draws are of it.
        assert!(if avoided { hits == 0 } else { near(hits, 1.0 / 9.0, 9_000) }, "{sampling}: {hits}");
    }
}

#[test]
fn unequal_weights_are_heeded_by_power_of_choices() {
    let counts = Bench::new("PowerOfChoices()", &[1, 3]).shares(4_000, ok);
    assert_eq!(counts, [1_000, 3_000]);
}

#[test]
fn a_backend_that_turns_slow_is_left_and_tried_again() {
    let slow = |id| Settled { outcome: Outcome::Ok, latency: Span::from_millis(if id == 2 { 500 } else { 5 }) };
    for balancer in ["PeakEwma(tau: \"1s\")", "Adaptive(tau: \"1s\", cpu: 0)"] {
        let mut bench = Bench::new(balancer, &[1; 4]);
        let counts = bench.shares(1_000, slow);
        assert!(counts[2] < 20, "{balancer}: {counts:?}");
        bench.now = bench.now + Span::from_secs(60);
        let counts = bench.shares(1_000, ok);
        assert!(counts[2] > 100, "{balancer}: {counts:?}");
    }
}

#[test]
fn peak_ewma_falls_back_as_finagle_computes() {
    // Both compared each time. A: 100 ms at 0 s, so 100 e^-1 = 36.8 ms after one tau; B: 40 ms at 10 s.
    let mut bench = Bench::new("PeakEwma()", &[1, 1]);
    let answer = |bench: &mut Bench, other: u32, millis| {
        let picked = bench.hold(0, &[other]).unwrap();
        let settled = Settled { outcome: Outcome::Ok, latency: Span::from_millis(millis) };
        bench.pool.settle(bench.now, picked, settled);
    };
    answer(&mut bench, 1, 100);
    bench.now = Time::ZERO + Span::from_secs(10);
    answer(&mut bench, 0, 40);
    assert_eq!(bench.turns(1), "A");
    // That call's 5 ms at 10 s: 36.8 e^0 + 5 (1 - e^0) = 36.8; with one in flight A costs 73.6.
    bench.hold(0, &[1]).unwrap();
    let b = bench.hold(0, &[]).unwrap();
    assert_eq!(b.backend, BackendId(1));
}

#[test]
fn adaptive_heeds_each_of_its_signals() {
    for signal in ["cpu", "memory", "errors", "connections"] {
        let others: String = ["cpu", "memory", "latency", "errors", "connections"]
            .iter()
            .map(|name| format!("{name}: {}, ", u8::from(*name == signal)))
            .collect();
        let mut bench = Bench::new(&format!("Adaptive({others} choices: None)"), &[1, 1]);
        bench.pool.set_signals(BackendId(0), 0.9, 0.9);
        let bad = bench.hold(0, &[1]).unwrap();
        let failed = bench.hold(0, &[1]).unwrap();
        bench.pool.settle(bench.now, failed, ended(Outcome::Error));
        assert_eq!(bad.backend, BackendId(0));
        assert_eq!(bench.hold(0, &[]).unwrap().backend, BackendId(1), "{signal}");
    }
}

#[test]
fn a_load_bound_holds_while_calls_pile_up_on_one_key() {
    for table in ["Ring()", "SharedRing()", "Maglev()"] {
        let mut bench = Bench::new(&format!("ConsistentHash(table: {table}, load_bound: Some(\"125%\"))"), &[1; 8]);
        for sent in 1..=200u32 {
            let mut choice = Choice::new(42, RegionId(0), &[], &mut bench.draws);
            bench.pool.pick(bench.now, &mut choice).unwrap();
            let most = (1.25 * f64::from(sent) / 8.0).ceil() as u32;
            let fullest = *bench.pool.backends().connections.iter().max().unwrap();
            assert!(fullest <= most, "{table}: {fullest} of {sent}");
        }
    }
}

fn close(bench: &mut Bench, ids: &[u32]) {
    ids.iter().for_each(|&id| bench.pool.set_up(BackendId(id), false));
}

#[test]
fn calls_go_to_the_nearest_region_that_is_open() {
    // Backends 0, 3 in region 0; 1, 4 in 1; 2, 5 in 2; regions stand in a row.
    let mut bench = Bench::new("Geographic()", &[1; 6]);
    let from = |bench: &mut Bench, region| bench.hold(region, &[]).unwrap().backend.0;
    assert_eq!([from(&mut bench, 0), from(&mut bench, 0), from(&mut bench, 2)], [0, 3, 2]);
    close(&mut bench, &[0, 3]);
    assert_eq!([from(&mut bench, 0), from(&mut bench, 0), from(&mut bench, 2)], [1, 4, 5]);
    // Both of region 1 tried: on to region 2.
    assert_eq!(bench.hold(0, &[1, 4]).unwrap().backend.0 % 3, 2);
    close(&mut bench, &[1, 4]);
    assert_eq!(from(&mut bench, 0) % 3, 2);
}

#[test]
fn regions_can_share_by_weight() {
    let mut bench = Bench::new("Geographic(regions: Weights({\"b\": 3, \"c\": 1}))", &[1; 6]);
    let counts = bench.shares(8_000, ok);
    assert!(counts[0] + counts[3] == 0 && near(counts[1] + counts[4], 0.75, 8_000), "{counts:?}");
    // Nobody of weight is open: the nearest.
    close(&mut bench, &[1, 2, 4, 5]);
    assert_eq!(bench.hold(2, &[]).unwrap().backend.0 % 3, 0);
}

#[test]
fn copies_of_a_balancer_know_only_their_own_calls() {
    let tiers = |inner| format!("Tiers([(split: Copies(2), balancer: RoundRobin()), (balancer: {inner})])");
    // Two balancers side by side, each of which begins with A.
    assert_eq!(Bench::new(&tiers("RoundRobin()"), &[1, 1]).turns(8), "AABBAABB");
    // Ends are credited to the copy through which the call went: the second copy's call to A ends,
    // so the second copy, whose turn comes after the first's, finds A idle again.
    let mut bench = Bench::new(&tiers("LeastConnections(ties: HaProxy)"), &[1, 1]);
    let held: Vec<Picked> = (0..4).map(|_| bench.hold(0, &[]).unwrap()).collect();
    assert_eq!(held.iter().map(|picked| picked.backend.0).collect::<Vec<_>>(), [0, 0, 1, 1]);
    bench.pool.settle(bench.now, held[1], ended(Outcome::Ok));
    bench.pool.settle(bench.now, held[2], ended(Outcome::Ok));
    assert_eq!([bench.hold(0, &[]).unwrap(), bench.hold(0, &[]).unwrap()].map(|picked| picked.backend.0), [1, 0]);
}

#[test]
fn a_tier_sees_parts_by_their_open_weight() {
    let tiers = "Tiers([(split: Region, balancer: SmoothWeightedRoundRobin()), (balancer: RoundRobin())])";
    // Regions weigh 1 + 3, 2 and 2; then the 3 goes down.
    let mut bench = Bench::new(tiers, &[1, 2, 2, 3]);
    let counts = bench.shares(800, ok);
    assert_eq!(counts, [200, 200, 200, 200]);
    bench.pool.set_up(BackendId(3), false);
    assert_eq!(bench.shares(500, ok), [100, 200, 200, 0]);
}

#[test]
fn senseless_parameters_are_named() {
    let complaints: String = [
        "PowerOfChoices(choices: 0)",
        "PeakEwma(tau: \"0s\")",
        "Adaptive(cpu: 0, memory: 0, latency: 0, errors: 0, connections: 0)",
        "Adaptive(errors: -1)",
        "ConsistentHash(table: Maglev(size: 65536))",
        "ConsistentHash(table: Ring(points: 0))",
        "ConsistentHash(load_bound: Some(\"90%\"))",
        "Geographic(regions: Weights({\"a\": 0}))",
        "Geographic(inner: PowerOfChoices(choices: 17))",
        "Tiers([])",
        "Tiers([(split: Region)])",
        "Tiers([(split: Copies(0)), ()])",
        "Tiers([(balancer: Geographic(inner: Tiers([()])))])",
    ]
    .iter()
    .map(|text| format!("{text}: {}\n", parse(text).check().expect_err(text)))
    .collect();
    insta::assert_snapshot!(complaints, @r#"
    PowerOfChoices(choices: 0): choices must be from 1 to 16, found 0
    PeakEwma(tau: "0s"): tau must be longer than 0s
    Adaptive(cpu: 0, memory: 0, latency: 0, errors: 0, connections: 0): all weights are 0: there is nothing to go by
    Adaptive(errors: -1): the weight of errors must be 0 or more, found -1
    ConsistentHash(table: Maglev(size: 65536)): the size of a Maglev table must be prime, found 65536
    ConsistentHash(table: Ring(points: 0)): points must be from 1 to 100000, found 0
    ConsistentHash(load_bound: Some("90%")): load_bound must be 100% or more, found 90%
    Geographic(regions: Weights({"a": 0})): all regions weigh 0: no call could go anywhere
    Geographic(inner: PowerOfChoices(choices: 17)): choices must be from 1 to 16, found 17
    Tiers([]): there must be at least one tier
    Tiers([(split: Region)]): the last tier, and no other, must split into Backends
    Tiers([(split: Copies(0)), ()]): tier 1: copies must be from 1 to 1000, found 0
    Tiers([(balancer: Geographic(inner: Tiers([()])))]): tier 1: a tier's balancer cannot have tiers itself; add them to this list
    "#);
}
