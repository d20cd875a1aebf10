//! The contract that every balancer keeps, and the orders and rules that each is known by.

use models::balance::*;
use models::outcome::Outcome;
use models::place::{NodeId, Place, RegionId, ZoneId};
use proptest::prelude::*;
use sim_core::{Draws, Span, Time};

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
        "Geographic(regions: Weights([0, 3, 1]), inner: LeastConnections(ties: Random))",
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
            Step::Add(weight) => drop(pool.add(*weight, place(len), 1000 + len as u64)),
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
