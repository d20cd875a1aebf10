//! The world as a whole: transcripts of small runs, the policies' contract, conservation of requests.

use std::cell::RefCell;
use std::rc::Rc;

use models::balance::{Balancer, Pool, Surroundings};
use models::network::Network;
use models::outcome::Outcome;
use models::place::{Place, RegionId};
use models::plan::{Plan, SiteId, Step};
use models::policy::{Admit, CallPolicy, Deadline, Jitter, Passage, Policy, Retry, Settle, Timeout};
use models::service::{Discipline, ReplicaSettings, ServiceId, ServiceSettings};
use models::traffic::{self, Arrivals, Profile};
use models::workload::{ArrivalStream, Shares, Source, Workload};
use models::world::{Fact, World};
use sim_core::sim::Sim;
use sim_core::{Distribution, Observer, Rate, Recordings, Sampler, Seed, Span, Time};

const WORK_MS: u64 = 100;

fn constant(ms: u64) -> Sampler {
    Distribution::Constant(Span::from_millis(ms)).sampler(&Recordings::default())
}

fn settings(workers: u32, queue: u32) -> ServiceSettings {
    let (workers, contention) = (Some(workers), Span::ZERO);
    ServiceSettings { workers, queue, discipline: Discipline::Fifo, contention, memory: None }
}

fn replica(error_rate: f64, down: bool) -> ReplicaSettings {
    ReplicaSettings { place: Place::default(), speed: 1.0, error_rate, down }
}

fn pool() -> Pool {
    Pool::new(Balancer::RoundRobin(Default::default()).build(&Surroundings::default()), None)
}

/// A world of `plan` with one service for each of these, of one replica each.
fn world(plan: Plan, services: &[(ServiceSettings, ReplicaSettings)]) -> World {
    let mut world = World::new(Network::instant(), plan, Span::from_secs(1_000));
    for (index, (settings, replica)) in services.iter().enumerate() {
        let service = world.add_service(*settings, pool());
        world.add_replica(service, 1, index as u64, *replica);
    }
    world
}

/// Evenly spaced requests from one region.
fn requests(per_second: f64, site: SiteId) -> Workload {
    let profile = Some(Profile::Constant(Rate::per_second(per_second)));
    let surroundings = traffic::Surroundings { profile, ..Default::default() };
    let arrivals = Arrivals::Deterministic(Default::default()).build(&surroundings);
    let stream = |name| Seed::new(1).stream(name);
    let one = "a weight above zero";
    Workload::new(
        Source::Open(Box::new(ArrivalStream::new(arrivals, stream("arrivals")))),
        stream("requests"),
        Shares::new(&[(1.0, RegionId(0))]).expect(one),
        Shares::new(&[(1.0, site)]).expect(one),
    )
}

/// Writes down what is told of requests.
#[derive(Default)]
struct Transcript(String);

impl Observer<World> for Transcript {
    fn fact(&mut self, now: Time, fact: &Fact) {
        let line = match fact {
            Fact::Arrived { .. } => "arrived".to_owned(),
            Fact::Answered { outcome, latency, .. } => format!("answered {} after {latency}", outcome.label()),
            Fact::Sent { service, .. } => format!("  sent to {}", service.0),
            Fact::Started { service, waited, .. } => format!("  started at {} after {waited}", service.0),
            Fact::Returned { service, outcome, latency, .. } => {
                format!("  returned from {} {} after {latency}", service.0, outcome.label())
            }
            _ => return,
        };
        self.0 += &format!("{now:>6} {line}\n");
    }
}

fn transcript(world: World, end: Span) -> String {
    let mut sim = Sim::new(world, Transcript::default());
    sim.prime(World::start);
    sim.run_until(Time::ZERO + end);
    sim.into_parts().1.0
}

/// One endpoint of one service, called by customers with these policies.
fn single(policies: Vec<CallPolicy>, per_second: f64, of: (ServiceSettings, ReplicaSettings)) -> World {
    let mut plan = Plan::default();
    let endpoint = plan.endpoint(ServiceId(0));
    plan.define(endpoint, vec![Step::Work(constant(WORK_MS))]);
    let site = plan.site(endpoint, policies.iter().map(|policy| policy.build(&())).collect());
    let mut world = world(plan, &[of]);
    world.add_workload(requests(per_second, site));
    world
}

fn retry(attempts: u32, first: Span) -> CallPolicy {
    CallPolicy::Retry(Retry { attempts, first, factor: 1.0, jitter: Jitter::None, ..Retry::default() })
}

#[test]
fn a_full_line_refuses_and_a_worker_takes_up_the_next() {
    // One worker, one place to wait, a request each 40 ms that needs 100.
    let world = single(vec![], 25.0, (settings(1, 1), replica(0.0, false)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(170)), @r#"
     40ms arrived
     40ms   sent to 0
     40ms   started at 0 after 0s
     80ms arrived
     80ms   sent to 0
    120ms arrived
    120ms   sent to 0
    120ms   returned from 0 queue_full after 0s
    120ms answered queue_full after 0s
    140ms   returned from 0 ok after 100ms
    140ms answered ok after 100ms
    140ms   started at 0 after 60ms
    160ms arrived
    160ms   sent to 0
    "#);
}

#[test]
fn a_retry_waits_and_an_outer_timeout_ends_it() {
    let policies = vec![CallPolicy::Timeout(Timeout(Span::from_millis(250))), retry(9, Span::from_millis(20))];
    let world = single(policies, 1.0, (settings(1, 1), replica(1.0, false)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(1_400)), @r#"
        1s arrived
        1s   sent to 0
        1s   started at 0 after 0s
    1s120ms   sent to 0
    1s120ms   started at 0 after 0s
    1s240ms   sent to 0
    1s240ms   started at 0 after 0s
    1s250ms   returned from 0 timeout after 250ms
    1s250ms answered timeout after 250ms
    "#);
}

#[test]
fn a_timeout_inside_a_retry_leaves_the_server_working() {
    let policies = vec![retry(2, Span::ZERO), CallPolicy::Timeout(Timeout(Span::from_millis(60)))];
    let world = single(policies, 1.0, (settings(1, 9), replica(0.0, false)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(1_300)), @r#"
        1s arrived
        1s   sent to 0
        1s   started at 0 after 0s
    1s60ms   sent to 0
    1s100ms   started at 0 after 40ms
    1s120ms   returned from 0 timeout after 120ms
    1s120ms answered timeout after 120ms
    "#);
}

#[test]
fn a_deadline_drops_what_is_overdue() {
    let policies = vec![CallPolicy::Deadline(Deadline(Span::from_millis(150)))];
    let world = single(policies, 25.0, (settings(1, 9), replica(0.0, false)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(330)), @r#"
     40ms arrived
     40ms   sent to 0
     40ms   started at 0 after 0s
     80ms arrived
     80ms   sent to 0
    120ms arrived
    120ms   sent to 0
    140ms   returned from 0 ok after 100ms
    140ms answered ok after 100ms
    140ms   started at 0 after 60ms
    160ms arrived
    160ms   sent to 0
    200ms arrived
    200ms   sent to 0
    230ms   returned from 0 deadline_exceeded after 150ms
    230ms answered deadline_exceeded after 150ms
    240ms   started at 0 after 120ms
    240ms arrived
    240ms   sent to 0
    270ms   returned from 0 deadline_exceeded after 150ms
    270ms answered deadline_exceeded after 150ms
    280ms arrived
    280ms   sent to 0
    310ms   returned from 0 deadline_exceeded after 150ms
    310ms answered deadline_exceeded after 150ms
    320ms arrived
    320ms   sent to 0
    "#);
}

#[test]
fn a_deadline_inside_a_retry_is_each_attempts_own() {
    let again = Retry { on: vec![Outcome::DeadlineExceeded], ..Retry::default() };
    let again = Retry { attempts: 2, first: Span::from_millis(50), factor: 1.0, jitter: Jitter::None, ..again };
    let policies = vec![CallPolicy::Retry(again), CallPolicy::Deadline(Deadline(Span::from_millis(60)))];
    let world = single(policies, 1.0, (settings(2, 9), replica(0.0, false)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(1_300)), @r#"
        1s arrived
        1s   sent to 0
        1s   started at 0 after 0s
    1s110ms   sent to 0
    1s110ms   started at 0 after 0s
    1s170ms   returned from 0 deadline_exceeded after 170ms
    1s170ms answered deadline_exceeded after 170ms
    "#);
}

#[test]
fn a_refused_connection_costs_no_time() {
    let world = single(vec![retry(2, Span::ZERO)], 1.0, (settings(1, 1), replica(0.0, true)));
    insta::assert_snapshot!(transcript(world, Span::from_millis(1_000)), @r#"
    1s arrived
    1s   sent to 0
    1s   sent to 0
    1s   returned from 0 refused after 0s
    1s answered refused after 0s
    "#);
}

/// A front service that calls leaves of 100, 200 and 300 ms at once.
fn fan_out(need: u16, broken: usize) -> World {
    let mut plan = Plan::default();
    let front = plan.endpoint(ServiceId(0));
    let mut sites = Vec::new();
    for leaf in 1..=3 {
        let endpoint = plan.endpoint(ServiceId(leaf));
        plan.define(endpoint, vec![Step::Work(constant(WORK_MS * u64::from(leaf)))]);
        sites.push(plan.site(endpoint, vec![]));
    }
    plan.define(front, vec![Step::Call { sites, need }, Step::Work(constant(10))]);
    let site = plan.site(front, vec![]);
    let services: Vec<_> = (0..4).map(|index| (settings(1, 1), replica(0.0, (1..=broken).contains(&index)))).collect();
    let mut world = world(plan, &services);
    world.add_workload(requests(1.0, site));
    world
}

#[test]
fn parallel_calls_wait_for_as_many_as_they_need() {
    let answered = |need, broken| {
        let text = transcript(fan_out(need, broken), Span::from_millis(1_900));
        text.lines().find(|line| line.contains("answered")).map(|line| line.trim().to_owned())
    };
    let got: Vec<_> = [(3, 0), (2, 0), (1, 0), (2, 1), (2, 2)].map(|(need, broken)| answered(need, broken)).into();
    let want = [
        "1s310ms answered ok after 310ms",
        "1s210ms answered ok after 210ms",
        "1s110ms answered ok after 110ms",
        // One of three is down: the other two, the slower of which takes 300 ms, must do.
        "1s310ms answered ok after 310ms",
        "1s answered dependency after 0s",
    ];
    assert_eq!(got, want.map(|line| Some(line.to_owned())));
}

/// What a layer has seen: passages that are open, and how many there were.
#[derive(Default)]
struct Ledger {
    open: i64,
    passages: u64,
    cancelled: u64,
}

/// Checks the contract from between two layers.
struct Auditor(Rc<RefCell<Ledger>>);

impl Policy for Auditor {
    fn admit(&mut self, _now: Time, _call: &mut Passage<'_>) -> Admit {
        let mut ledger = self.0.borrow_mut();
        ledger.open += 1;
        ledger.passages += 1;
        Admit::Pass
    }

    fn settle(&mut self, _now: Time, _call: &mut Passage<'_>, outcome: Outcome) -> Settle {
        let mut ledger = self.0.borrow_mut();
        ledger.open -= 1;
        ledger.cancelled += u64::from(outcome == Outcome::Cancelled);
        assert!(ledger.open >= 0, "a settle without its admit");
        Settle::Deliver(outcome)
    }
}

#[test]
fn every_passage_meets_exactly_one_settle() {
    let samples = [
        CallPolicy::Timeout(Timeout(Span::from_millis(170))),
        CallPolicy::Deadline(Deadline(Span::from_millis(230))),
        retry(3, Span::from_millis(15)),
        retry(2, Span::ZERO),
    ];
    assert_eq!(
        samples.iter().map(CallPolicy::name).collect::<std::collections::BTreeSet<_>>().len(),
        CallPolicy::LIST.len()
    );
    // Every ordered pair of policies around a server that is overloaded and fails half of its calls.
    for outer in &samples {
        for inner in &samples {
            let ledgers: Vec<_> = (0..3).map(|_| Rc::new(RefCell::new(Ledger::default()))).collect();
            let auditor = |index: usize| Box::new(Auditor(Rc::clone(&ledgers[index]))) as Box<dyn Policy>;
            let mut plan = Plan::default();
            let endpoint = plan.endpoint(ServiceId(0));
            plan.define(endpoint, vec![Step::Work(constant(WORK_MS))]);
            let layers = vec![auditor(0), outer.build(&()), auditor(1), inner.build(&()), auditor(2)];
            let site = plan.site(endpoint, layers);
            let mut world = world(plan, &[(settings(1, 3), replica(0.5, false))]);
            world.add_workload(requests(12.0, site));
            let mut sim = Sim::new(world, ());
            sim.prime(World::start);
            sim.run_until(Time::ZERO + Span::from_secs(60));
            let in_flight = sim.world().calls_in_flight() as i64;
            let ledgers: Vec<_> = ledgers.iter().map(|ledger| ledger.borrow()).collect();
            let pair = (outer.name(), inner.name());
            assert_eq!(ledgers[0].open, in_flight, "{pair:?}: the outermost layer holds what is in flight");
            // Further in, a call that waits between attempts is not open.
            assert!(ledgers.iter().all(|ledger| (0..=in_flight).contains(&ledger.open)), "{pair:?}");
            assert!(ledgers[0].passages >= 12 * 59 && ledgers[0].cancelled == 0, "{pair:?}");
            let gives_up = matches!(outer, CallPolicy::Timeout(_) | CallPolicy::Deadline(_));
            assert_eq!(ledgers[2].cancelled > 0, gives_up || ledgers[1].cancelled > 0 || cancels(inner), "{pair:?}");
        }
    }
}

/// Whether this layer ends calls below it before their time.
fn cancels(policy: &CallPolicy) -> bool {
    matches!(policy, CallPolicy::Timeout(_) | CallPolicy::Deadline(_))
}

#[derive(Default)]
struct Count {
    arrived: usize,
    answered: usize,
}

impl Observer<World> for Count {
    fn fact(&mut self, _now: Time, fact: &Fact) {
        match fact {
            Fact::Arrived { .. } => self.arrived += 1,
            Fact::Answered { .. } => self.answered += 1,
            _ => {}
        }
    }
}

#[test]
fn requests_are_conserved() {
    let policies = vec![CallPolicy::Timeout(Timeout(Span::from_millis(250))), retry(3, Span::from_millis(5))];
    let mut sim = Sim::new(single(policies, 37.0, (settings(2, 4), replica(0.3, false))), Count::default());
    sim.prime(World::start);
    for second in 1..200 {
        sim.run_until(Time::ZERO + Span::from_secs(second));
        let count = sim.observer();
        assert_eq!(count.arrived, count.answered + sim.world().calls_in_flight());
        assert_eq!(count.arrived as u64, sim.world().requests());
    }
}
