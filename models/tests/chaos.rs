//! Each fault in the smallest world that shows what it does, and that nothing of it is left afterwards.

use models::balance::{Balancer, Pool, Surroundings};
use models::chaos::{
    Answer, At, Bandwidth, BrownOut, ClockSkew, CpuStress, DiskStress, Disruption, DnsFailure, Duplication, Errors,
    Every, Fault, Latency, Loss, MemoryStress, Monkey, On, Partition, Random, Reclaim, Reordering, Schedule, Script,
    Slow, SteadyState, StrikeId, Target, Times, Trigger,
};
use models::cluster::{ClusterSettings, Template};
use models::heal::Cause;
use models::network::Network;
use models::outcome::Outcome;
use models::place::{RegionId, ZoneId};
use models::plan::{Plan, Step};
use models::pod::termination::Termination;
use models::policy::{CallPolicy, Deadline, Retry, Timeout};
use models::service::{Discipline, Memory, ServiceId, ServiceSettings};
use models::traffic::{self, Arrivals, Profile};
use models::workload::{ArrivalStream, Shares, Source, Workload, WorkloadId};
use models::world::{Fact, World};
use sim_core::sim::Sim;
use sim_core::{Bytes, Distribution, Observer, Rate, Ratio, Recordings, Sampler, Seed, Span, Time};

const SECOND: Span = Span::from_secs(1);

fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn constant(span: Span) -> Sampler {
    Distribution::Constant(span).sampler(&Recordings::default())
}

fn template() -> Template {
    Template {
        weight: 1,
        speed: 1.0,
        cpu_share: 1.0,
        error_rate: 0.0,
        down: false,
        behaviour: None,
        zones: vec![vec![(RegionId(0), ZoneId(0)), (RegionId(0), ZoneId(1))]],
        requests: None,
        priority: 0,
        pull: None,
        startup: None,
        startup_busy: false,
        termination: Termination::default(),
        budget: None,
        probes: Vec::new(),
    }
}

/// A service of so many pods in two zones, and customers who ask it ten times a second.
struct Small {
    steps: Vec<Step>,
    pods: u32,
    workers: Option<u32>,
    discipline: Discipline,
    memory: Option<Memory>,
    policies: Vec<CallPolicy>,
}

impl Default for Small {
    fn default() -> Small {
        Small {
            steps: vec![Step::Work(constant(ms(10)))],
            pods: 2,
            workers: Some(4),
            discipline: Discipline::Fifo,
            memory: None,
            policies: vec![CallPolicy::Timeout(Timeout(SECOND * 100))],
        }
    }
}

impl Small {
    fn world(self) -> World {
        let mut plan = Plan::default();
        let endpoint = plan.endpoint(ServiceId(0));
        plan.define(endpoint, self.steps);
        let site = plan.site(endpoint, self.policies.iter().map(|policy| policy.build(&())).collect());
        let mut world =
            World::new(Network::instant(), plan, SECOND).with_cluster(ClusterSettings::default(), Seed::new(1));
        let (workers, discipline, memory) = (self.workers, self.discipline, self.memory);
        let settings = ServiceSettings { workers, queue: 100, discipline, contention: Span::ZERO, memory };
        let balancer = Balancer::RoundRobin(Default::default()).build(&Surroundings::default());
        world.add_service(settings, Pool::new(balancer, None));
        world.add_deployment(ServiceId(0), self.pods, template());
        let profile = Some(Profile::Constant(Rate::per_second(10.0)));
        let arrivals =
            Arrivals::Deterministic(Default::default()).build(&traffic::Surroundings { profile, ..Default::default() });
        let stream = |name| Seed::new(1).stream(name);
        let one = "a weight above zero";
        world.add_workload(Workload::new(
            Source::Open(Box::new(ArrivalStream::new(arrivals, stream("arrivals")))),
            stream("requests"),
            Shares::new(&[(1.0, RegionId(0))]).expect(one),
            Shares::new(&[(1.0, site)]).expect(one),
        ));
        world
    }
}

fn at(seconds: u64) -> Schedule {
    Schedule::At(At(SECOND * seconds))
}

fn names() -> models::chaos::Surroundings {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let (services, faults, checks) = (list(&["shop"]), list(&["first", "second"]), list(&["good", "enough"]));
    models::chaos::Surroundings { services, faults, checks, ..Default::default() }
}

/// A fault on one pod, from `begin` for `lasts` seconds.
fn on_one(what: Disruption, begin: u64, lasts: u64) -> Fault {
    let fault = Fault::new("test", &what, &at(begin), &names(), Seed::new(1));
    Fault { target: Target { pod: Some(0), ..Target::default() }, lasts: Some(SECOND * lasts), ..fault }
}

/// The same everywhere.
fn on_all(what: Disruption, begin: u64, lasts: u64) -> Fault {
    Fault { target: Target::default(), ..on_one(what, begin, lasts) }
}

/// What was told.
#[derive(Default)]
struct Notes {
    answers: Vec<(Time, Outcome, Span)>,
    sent: u32,
    started: u32,
    strikes: Vec<(f64, StrikeId, u32)>,
    mended: Vec<f64>,
    steady: Vec<(f64, bool)>,
    halted: Option<f64>,
    died: Vec<Cause>,
    ready: Vec<(f64, u32)>,
}

impl Observer<World> for Notes {
    fn fact(&mut self, now: Time, fact: &Fact) {
        let seconds = now.as_secs_f64();
        match *fact {
            Fact::Answered { outcome, latency, .. } => self.answers.push((now, outcome, latency)),
            Fact::Sent { .. } => self.sent += 1,
            Fact::Started { .. } => self.started += 1,
            Fact::Struck { strike, victims, .. } => self.strikes.push((seconds, strike, victims)),
            Fact::Mended { .. } => self.mended.push(seconds),
            Fact::Steady { holds, .. } => self.steady.push((seconds, holds)),
            Fact::Halted { .. } => self.halted = Some(seconds),
            Fact::Healed(healing) => self.died.push(healing.ailment.cause),
            Fact::Counted { ready, .. } => self.ready.push((seconds, ready)),
            _ => {}
        }
    }
}

impl Notes {
    /// The outcomes and mean latencies in milliseconds of requests that ended between two seconds.
    fn between(&self, from: u64, to: u64) -> (Vec<Outcome>, f64) {
        let (from, to) = (Time::ZERO + SECOND * from, Time::ZERO + SECOND * to);
        let ended: Vec<_> = self.answers.iter().filter(|(end, ..)| (from..to).contains(end)).collect();
        let mean = ended.iter().map(|(.., latency)| latency.as_millis_f64()).sum::<f64>() / ended.len() as f64;
        (ended.iter().map(|(_, outcome, _)| *outcome).collect(), mean)
    }

    /// The share of requests that ended so between two seconds.
    fn share(&self, outcome: Outcome, from: u64, to: u64) -> f64 {
        let (ended, _) = self.between(from, to);
        ended.iter().filter(|one| **one == outcome).count() as f64 / ended.len() as f64
    }
}

/// Runs a world, looking at it all the time; what is healed must be as before.
fn run(mut world: World, faults: Vec<Fault>, seconds: u64) -> (World, Notes) {
    faults.into_iter().for_each(|fault| _ = world.add_fault(fault));
    let mut sim = Sim::new(world, Notes::default());
    sim.prime(World::start);
    for step in 1..=seconds * 10 {
        sim.run_until(Time::ZERO + ms(100) * step);
        sim.world().check();
    }
    sim.into_parts()
}

fn mean(notes: &Notes, from: u64, to: u64) -> f64 {
    notes.between(from, to).1
}

#[track_caller]
fn assert_near(value: f64, wanted: f64) {
    assert!((value - wanted).abs() < 0.01 + 0.001 * wanted, "{value}, not {wanted}");
}

#[test]
fn slow_pods_are_slow_until_they_are_healed_also_when_strikes_overlap() {
    let faults = vec![on_all(Disruption::Slow(Slow(3.0)), 10, 10), on_all(Disruption::Slow(Slow(2.0)), 15, 10)];
    let (_, notes) = run(Small::default().world(), faults, 40);
    let means = [5, 12, 17, 22, 30].map(|from| mean(&notes, from, from + 2));
    [10.0, 30.0, 60.0, 20.0, 10.0].into_iter().zip(means).for_each(|(wanted, mean)| assert_near(mean, wanted));
    // One of two, and the same one.
    let (_, notes) = run(Small::default().world(), vec![on_one(Disruption::Slow(Slow(3.0)), 10, 10)], 40);
    assert_near(mean(&notes, 12, 18), 20.0);
}

#[test]
fn stress_takes_a_share_of_cores_disks_and_answers() {
    let half = || Disruption::CpuStress(CpuStress(Ratio::new(0.5)));
    let (_, notes) = run(Small::default().world(), vec![on_all(half(), 10, 10)], 30);
    assert_near(mean(&notes, 12, 18), 20.0);
    assert_near(mean(&notes, 22, 28), 10.0);
    // Two on one shared core take 20 ms each, and with half of it 40.
    let shared = || Small {
        steps: vec![Step::Work(constant(ms(10)))],
        pods: 1,
        discipline: Discipline::Sharing { cores: 1 },
        ..Small::default()
    };
    let (_, notes) = run(shared().world(), vec![on_all(half(), 10, 10)], 30);
    assert_near(mean(&notes, 12, 18), 20.0);
    assert_near(mean(&notes, 22, 28), 10.0);
    let reads = || Small { steps: vec![Step::Sleep(constant(ms(5)))], ..Small::default() };
    let disk = Disruption::DiskStress(DiskStress(8.0));
    let (_, notes) = run(reads().world(), vec![on_all(disk, 10, 10)], 30);
    assert_near(mean(&notes, 12, 18), 40.0);
    assert_near(mean(&notes, 22, 28), 5.0);
    let errors = || Disruption::Errors(Errors(Ratio::new(0.5)));
    let (_, notes) = run(Small::default().world(), vec![on_all(errors(), 10, 50), on_all(errors(), 20, 20)], 80);
    assert!((notes.share(Outcome::Error, 20, 40) - 0.75).abs() < 0.1);
    assert!((notes.share(Outcome::Error, 40, 60) - 0.5).abs() < 0.12);
    assert_near(notes.share(Outcome::Error, 61, 80), 0.0);
}

#[test]
fn a_script_fails_the_first_two_of_each_pod_and_no_more() {
    let script = Script { answers: vec![Answer::Fail, Answer::Fail], repeat: false };
    let (_, notes) = run(Small::default().world(), vec![on_all(Disruption::Script(script), 10, 10)], 30);
    let failed = notes.answers.iter().filter(|(_, outcome, _)| *outcome == Outcome::Error).count();
    assert_eq!(failed, 4);
    let script = Script { answers: vec![Answer::Fail, Answer::Pass], repeat: true };
    let (_, notes) = run(Small::default().world(), vec![on_all(Disruption::Script(script), 10, 10)], 30);
    assert_near(notes.share(Outcome::Error, 11, 19), 0.5);
    // With a retry, customers do not know.
    let patient =
        Small { policies: vec![CallPolicy::Retry(Retry { attempts: 5, ..Retry::default() })], ..Small::default() };
    let script = Script { answers: vec![Answer::Fail, Answer::Fail], repeat: false };
    let (_, notes) = run(patient.world(), vec![on_all(Disruption::Script(script), 10, 10)], 30);
    assert_near(notes.share(Outcome::Ok, 0, 30), 1.0);
    assert_eq!(notes.sent, 10 * 30 - 1 + 4 + 1);
}

/// Work of 300 ms, a request each 100 ms: there are always three under way.
fn long(discipline: Discipline, pods: u32) -> World {
    Small { steps: vec![Step::Work(constant(ms(300)))], pods, workers: Some(100), discipline, ..Small::default() }
        .world()
}

#[test]
fn a_program_that_stands_still_goes_on_where_it_was() {
    for discipline in [Discipline::Fifo, Discipline::Sharing { cores: 100 }] {
        let pause = || on_all(Disruption::Pause(Default::default()), 10, 5);
        let (_, notes) = run(long(discipline, 1), vec![pause()], 30);
        assert!(notes.between(11, 15).0.is_empty());
        // Those under way were 300, 200 and 100 ms old and take 5 s longer; 50 more have queued.
        let late = notes.answers.iter().filter(|(.., latency)| *latency > ms(301)).count();
        assert!((50..=56).contains(&late), "{discipline:?}: {late} were late");
        let most = notes.answers.iter().map(|(.., latency)| *latency).max().expect("some were answered");
        assert!(most >= ms(5_299) && most < ms(7_500), "{discipline:?}: {most}");
        assert_near(mean(&notes, 25, 30), 300.0);
        assert_near(notes.share(Outcome::Ok, 0, 30), 1.0);
        // Overlapping: it goes on when both are over.
        let later = on_all(Disruption::Pause(Default::default()), 12, 8);
        let (_, notes) = run(long(discipline, 1), vec![pause(), later], 40);
        assert!(notes.between(11, 20).0.is_empty(), "{discipline:?}");
        assert_near(notes.share(Outcome::Ok, 0, 40), 1.0);
        assert_near(mean(&notes, 35, 40), 300.0);
        // One pause after the other: what was under way in the first is still under way in the second.
        let again = on_all(Disruption::Pause(Default::default()), 15, 2);
        let (_, notes) = run(long(discipline, 1), vec![pause(), again], 40);
        assert_near(notes.share(Outcome::Ok, 0, 40), 1.0);
        assert_near(mean(&notes, 35, 40), 300.0);
    }
}

#[test]
fn a_killed_program_that_stood_still_runs_when_it_starts_again() {
    for discipline in [Discipline::Fifo, Discipline::Sharing { cores: 100 }] {
        let pause = on_one(Disruption::Pause(Default::default()), 10, 50);
        let kill = on_one(Disruption::Crash(Default::default()), 15, 0);
        let (_, notes) = run(long(discipline, 1), vec![pause, Fault { lasts: None, ..kill }], 40);
        assert!(notes.between(11, 15).0.is_empty());
        assert!(notes.share(Outcome::Reset, 15, 16) > 0.7);
        assert_near(notes.share(Outcome::Ok, 20, 40), 1.0);
        // Deleted, it hears nothing of TERM; KILL ends it after its 30 s of grace.
        let pause = on_one(Disruption::Pause(Default::default()), 10, 100);
        let delete = Fault { lasts: None, ..on_one(Disruption::DeletePods(Default::default()), 15, 0) };
        let (_, notes) = run(long(discipline, 1), vec![pause, delete], 60);
        let reset: Vec<f64> =
            notes.answers.iter().filter(|one| one.1 == Outcome::Reset).map(|one| one.0.as_secs_f64()).collect();
        assert!(!reset.is_empty() && reset.iter().all(|at| *at == 45.0), "{reset:?}");
    }
}

#[test]
fn memory_that_others_take_kills_what_needs_it() {
    let mib = |count: u64| Bytes::new(count << 20);
    let memory = Some(Memory { base: mib(100), per_request: mib(10), limit: mib(200) });
    let small = Small { memory, steps: vec![Step::Work(constant(ms(300)))], pods: 1, ..Small::default() };
    let fault = on_all(Disruption::MemoryStress(MemoryStress(mib(95))), 10, 10);
    let (world, notes) = run(small.world(), vec![fault], 200);
    assert!(notes.died.contains(&Cause::OutOfMemory));
    assert!(notes.share(Outcome::Ok, 10, 20) < 0.5);
    assert_near(notes.share(Outcome::Ok, 150, 200), 1.0);
    assert_eq!(world.active_strikes().count(), 0);
}

#[test]
fn wrong_clocks_misjudge_deadlines() {
    let small = || Small {
        steps: vec![Step::Work(constant(ms(50)))],
        policies: vec![CallPolicy::Deadline(Deadline(ms(200)))],
        ..Small::default()
    };
    let skew =
        |offset: u64, behind: bool| Disruption::ClockSkew(ClockSkew { offset: ms(offset), drift: Ratio::ZERO, behind });
    let (_, notes) = run(small().world(), vec![on_all(skew(300, false), 10, 10)], 30);
    assert_near(notes.share(Outcome::DeadlineExceeded, 11, 20), 1.0);
    assert_near(notes.share(Outcome::Ok, 21, 30), 1.0);
    let (_, notes) = run(small().world(), vec![on_all(skew(300, true), 10, 10)], 30);
    assert_near(notes.share(Outcome::Ok, 0, 30), 1.0);
    let drift = Disruption::ClockSkew(ClockSkew { offset: Span::ZERO, drift: Ratio::new(0.05), behind: false });
    // Wrong by 5 % of the time: 200 ms after 4 s.
    let (_, notes) = run(small().world(), vec![on_all(drift, 10, 10)], 30);
    assert_near(notes.share(Outcome::Ok, 10, 14), 1.0);
    assert_near(notes.share(Outcome::DeadlineExceeded, 15, 20), 1.0);
}

#[test]
fn a_brown_out_meets_pods_that_come_and_an_injection_does_not() {
    let kill = || Fault { lasts: None, ..on_all(Disruption::DeletePods(Default::default()), 15, 0) };
    let brown = Disruption::BrownOut(BrownOut { slow: 4.0, errors: Ratio::new(0.5) });
    let (_, notes) = run(Small::default().world(), vec![on_all(brown, 10, 20), kill()], 50);
    assert_near(mean(&notes, 20, 28), 40.0);
    assert!((notes.share(Outcome::Error, 11, 30) - 0.5).abs() < 0.12);
    assert_near(mean(&notes, 35, 50), 10.0);
    assert_near(notes.share(Outcome::Ok, 31, 50), 1.0);
    let slow = Disruption::Slow(Slow(4.0));
    let (_, notes) = run(Small::default().world(), vec![on_all(slow, 10, 20), kill()], 50);
    assert_near(mean(&notes, 20, 28), 10.0);
}

#[test]
fn machines_come_back_when_every_strike_that_took_them_is_over() {
    let lose = |begin, lasts| on_all(Disruption::LoseNodes(Default::default()), begin, lasts);
    let quick = || Small { policies: vec![CallPolicy::Timeout(Timeout(ms(500)))], ..Small::default() };
    let (world, notes) = run(quick().world(), vec![lose(10, 10), lose(15, 10)], 60);
    assert_near(notes.share(Outcome::Timeout, 12, 25), 1.0);
    assert_near(notes.share(Outcome::Ok, 40, 60), 1.0);
    assert_eq!(notes.strikes.len(), 2);
    assert_eq!(world.ailments().count(), 0);
    // A zone, and then the region around it.
    let zone = on_all(Disruption::LoseZone(Default::default()), 10, 30);
    let region = on_all(Disruption::LoseRegion(Default::default()), 20, 10);
    let (_, notes) = run(quick().world(), vec![zone, region], 60);
    assert_near(notes.share(Outcome::Timeout, 11, 19), 0.5);
    assert_near(notes.share(Outcome::Timeout, 21, 29), 1.0);
    assert!((notes.share(Outcome::Timeout, 33, 39) - 0.5).abs() < 0.05);
    assert_near(notes.share(Outcome::Ok, 50, 60), 1.0);
    assert_eq!(notes.strikes.iter().map(|one| one.2).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_was_lost_can_be_had_again_only_after_capacity_loss() {
    // The pods are given up after 340 s; without machines nobody comes for them until 1000 s.
    let target = Target { zone: Some(ZoneId(0)), share: Some(0.5), ..Target::default() };
    let pods = Small { pods: 8, ..Small::default() };
    let loss = |what| Fault { target: target.clone(), ..on_all(what, 10, 990) };
    let (_, notes) = run(pods.world(), vec![loss(Disruption::CapacityLoss(Default::default()))], 1_020);
    let ready = |at: f64| notes.ready.iter().rfind(|(time, _)| *time <= at).expect("counted").1;
    // In the other zone there is room for all.
    assert_eq!([5.0, 60.0, 500.0, 1_019.0].map(ready), [8, 6, 8, 8]);
    let everywhere = Target { share: Some(0.5), ..Target::default() };
    let pods = Small { pods: 8, ..Small::default() };
    let loss = Fault { target: everywhere, ..loss(Disruption::CapacityLoss(Default::default())) };
    let (_, notes) = run(pods.world(), vec![loss], 1_020);
    let ready = |at: f64| notes.ready.iter().rfind(|(time, _)| *time <= at).expect("counted").1;
    assert_eq!([5.0, 60.0, 500.0, 999.0, 1_019.0].map(ready), [8, 4, 4, 4, 8]);
}

#[test]
fn a_node_that_two_drains_hold_takes_pods_when_both_are_over_unless_it_is_to_go() {
    let drain = |begin, lasts| on_all(Disruption::Drain(Default::default()), begin, lasts);
    let reclaim = Fault { lasts: None, ..on_all(Disruption::Reclaim(Reclaim(SECOND * 20)), 12, 0) };
    let (world, notes) = run(Small::default().world(), vec![drain(10, 10), drain(15, 10), reclaim], 60);
    assert_near(notes.share(Outcome::Ok, 40, 60), 1.0);
    assert_eq!(world.active_strikes().count(), 0);
}

/// A fault of messages from customers to the shop.
fn on_messages(what: Disruption, begin: u64, lasts: u64) -> Fault {
    let from = Target { workload: Some(WorkloadId(0)), ..Target::default() };
    Fault { from, target: Target { service: Some(ServiceId(0)), ..Target::default() }, ..on_all(what, begin, lasts) }
}

#[test]
fn messages_are_late_lost_doubled_and_held_back() {
    let late = |both_ways| {
        let delay = Distribution::Constant(ms(100));
        Disruption::Latency(Latency { delay, share: Ratio::ONE, both_ways })
    };
    for (both_ways, wanted) in [(false, 110.0), (true, 210.0)] {
        let (_, notes) = run(Small::default().world(), vec![on_messages(late(both_ways), 10, 10)], 30);
        assert_near(mean(&notes, 11, 20), wanted);
        assert_near(mean(&notes, 21, 30), 10.0);
    }
    // From others: nothing.
    let other = Target { workload: Some(WorkloadId(7)), ..Target::default() };
    let fault = Fault { from: other, ..on_messages(late(true), 10, 10) };
    let (_, notes) = run(Small::default().world(), vec![fault], 30);
    assert_near(mean(&notes, 0, 30), 10.0);
    // To one of the two pods: half.
    let one = Target { pod: Some(1), ..Target::default() };
    let (_, notes) = run(Small::default().world(), vec![Fault { target: one, ..on_messages(late(false), 10, 10) }], 30);
    assert_near(mean(&notes, 12, 20), 60.0);
    let loss = Disruption::Loss(Loss { share: Ratio::new(0.3), both_ways: false });
    let (_, notes) = run(Small::default().world(), vec![on_messages(loss, 10, 50)], 80);
    // The first pause is 200 ms; three in ten have it, and some more.
    let delayed = notes.between(12, 60).0.len();
    let mean_late = mean(&notes, 12, 60);
    assert!(delayed > 400 && (90.0..240.0).contains(&mean_late), "{mean_late}");
    let (_, notes) =
        run(Small::default().world(), vec![on_messages(Disruption::Duplication(Duplication(Ratio::ONE)), 10, 10)], 30);
    assert_eq!(notes.started, notes.sent + 100);
    assert_near(notes.share(Outcome::Ok, 0, 30), 1.0);
    let held = Disruption::Reordering(Reordering { share: Ratio::new(0.5), gap: ms(250), both_ways: false });
    let (_, notes) = run(Small::default().world(), vec![on_messages(held, 10, 10)], 30);
    let overtaken = notes.answers.windows(2).filter(|pair| began(&pair[0]) > began(&pair[1])).count();
    assert!((20..60).contains(&overtaken), "{overtaken} were overtaken");
}

fn began(answer: &(Time, Outcome, Span)) -> u64 {
    answer.0.as_nanos() - answer.2.as_nanos()
}

#[test]
fn behind_a_partition_everything_waits_for_the_next_retransmission() {
    let partition = |one_way| Disruption::Partition(Partition { one_way });
    for one_way in [false, true] {
        let (_, notes) = run(Small::default().world(), vec![on_messages(partition(one_way), 10, 10)], 60);
        assert!(notes.between(11, 20).0.is_empty());
        assert_near(notes.share(Outcome::Ok, 0, 60), 1.0);
        // Sent again after 0.2, 0.6, 1.4, ..., 12.6 s: whoever asked first waits the longest.
        let longest = notes.answers.iter().map(|(.., latency)| latency.as_secs_f64()).fold(0.0, f64::max);
        assert!((12.5..12.7).contains(&longest), "{longest}");
    }
    // Who has given up is not answered, and the server never hears of it.
    let quick = Small { policies: vec![CallPolicy::Timeout(Timeout(ms(500)))], ..Small::default() };
    let (_, notes) = run(quick.world(), vec![on_messages(partition(false), 10, 10)], 40);
    assert_near(notes.share(Outcome::Timeout, 11, 20), 1.0);
    assert!(notes.started < notes.sent - 90);
    // Answers to the pods' own calls are of no concern to requests: the other way is open.
    let from = Target { service: Some(ServiceId(0)), ..Target::default() };
    let fault = Fault {
        from,
        target: Target { workload: Some(WorkloadId(0)), ..Target::default() },
        ..on_all(partition(true), 10, 10)
    };
    let (_, notes) = run(Small::default().world(), vec![fault], 60);
    assert!(notes.between(11, 20).0.is_empty());
    assert_eq!(notes.started, notes.sent, "the requests got through, the answers did not");
}

#[test]
fn a_narrow_link_has_a_queue_and_a_buffer() {
    // 200 kB/s for 10 messages a second of 10 kB: each takes 50 ms.
    let link = |per_second: u64| {
        let (message, buffer) = (Bytes::new(10_000), Bytes::new(100_000));
        Disruption::Bandwidth(Bandwidth { per_second: Bytes::new(per_second), message, buffer, both_ways: false })
    };
    let (_, notes) = run(Small::default().world(), vec![on_messages(link(200_000), 10, 10)], 30);
    assert_near(mean(&notes, 12, 20), 60.0);
    // Half of what is sent: the queue fills, and then messages are lost and sent again.
    let (_, notes) = run(Small::default().world(), vec![on_messages(link(50_000), 10, 20)], 200);
    let in_time = notes.between(15, 30).0.len();
    assert!((60..=80).contains(&in_time), "{in_time} in 15 s");
    assert_near(notes.share(Outcome::Ok, 0, 200), 1.0);
}

#[test]
fn names_that_are_not_found_and_certificates_that_have_expired() {
    let dns = Disruption::DnsFailure(DnsFailure { share: Ratio::new(0.5) });
    let (_, notes) = run(Small::default().world(), vec![on_messages(dns, 10, 20)], 40);
    assert!((notes.share(Outcome::NoBackend, 10, 30) - 0.5).abs() < 0.12);
    assert_near(notes.share(Outcome::Ok, 31, 40), 1.0);
    let (_, notes) = run(
        Small::default().world(),
        vec![on_messages(Disruption::ExpiredCertificate(Default::default()), 10, 20)],
        40,
    );
    assert_near(notes.share(Outcome::Refused, 11, 30), 1.0);
    assert_near(notes.share(Outcome::Ok, 31, 40), 1.0);
}

#[test]
fn schedules_strike_when_they_say() {
    let times = |schedule: Schedule| {
        let slow = Disruption::Slow(Slow(2.0));
        let fault = Fault::new("test", &slow, &schedule, &names(), Seed::new(1));
        let (_, notes) =
            run(Small { pods: 20, ..Small::default() }.world(), vec![Fault { lasts: Some(SECOND * 5), ..fault }], 100);
        notes.strikes
    };
    let begun = |schedule| times(schedule).iter().map(|one| one.0).collect::<Vec<f64>>();
    let from = Some(SECOND * 5);
    let every = Every { interval: SECOND * 20, from, until: Some(SECOND * 65) };
    assert_eq!(begun(Schedule::Every(every)), [5.0, 25.0, 45.0]);
    assert_eq!(begun(Schedule::Times(Times(vec![SECOND * 3, SECOND * 4]))), [3.0, 4.0]);
    let random = begun(Schedule::Random(Random { mean: SECOND * 2, from: SECOND * 20, until: None }));
    assert!((25..=60).contains(&random.len()) && random[0] > 20.0, "{random:?}");
    let monkey = times(Schedule::Monkey(Monkey { level: 0.1, every: SECOND, from: None, until: None }));
    let victims: u32 = monkey.iter().map(|one| one.2).sum();
    assert!((150..=250).contains(&victims), "{victims} of 2,000, each with a chance of 10 %");
    assert!(monkey.iter().all(|one| one.2 > 0));
}

#[test]
fn one_fault_waits_for_another_and_for_replicas() {
    let slow = Disruption::Slow(Slow(2.0));
    let on = |fact, times| Schedule::On(On { fact, after: SECOND * 2, times });
    let fault = |schedule: &Schedule| Fault {
        lasts: Some(SECOND * 4),
        ..Fault::new("test", &slow, schedule, &names(), Seed::new(1))
    };
    let first = fault(&Schedule::Every(Every { interval: SECOND * 10, from: None, until: None }));
    let second = fault(&on(Trigger::Ends("first".to_owned()), 2));
    let (_, notes) = run(Small::default().world(), vec![first, second], 45);
    assert_eq!(notes.strikes.iter().map(|one| one.0).collect::<Vec<_>>(), [10.0, 16.0, 20.0, 26.0, 30.0, 40.0]);
    let kill = Fault { lasts: None, ..on_one(Disruption::Crash(Default::default()), 10, 0) };
    let below = fault(&on(Trigger::ReadyBelow("shop".to_owned(), 2), 1));
    let above = fault(&on(Trigger::ReadyAbove("shop".to_owned(), 2), 1));
    let (_, notes) = run(Small::default().world(), vec![kill, below, above], 45);
    assert_eq!(notes.strikes.len(), 3);
    assert_eq!(notes.strikes[1].0, 12.0);
    let lost = fault(&on(Trigger::NodeLost, 1));
    let (_, notes) =
        run(Small::default().world(), vec![on_one(Disruption::LoseNodes(Default::default()), 10, 5), lost], 45);
    assert_eq!(notes.strikes.iter().map(|one| one.0).collect::<Vec<_>>(), [10.0, 12.0]);
}

#[test]
fn a_guard_heals_what_breaks_a_check_and_lets_no_more_come() {
    let errors = Disruption::Errors(Errors(Ratio::new(0.5)));
    let every = Schedule::Every(Every { interval: SECOND * 10, from: None, until: None });
    let fault = || Fault { lasts: Some(SECOND * 8), ..Fault::new("test", &errors, &every, &names(), Seed::new(1)) };
    let check = SteadyState::Requests { workload: WorkloadId(0), good: 0.9, within: Some(ms(100)), window: SECOND * 5 };
    for guarded in [false, true] {
        let mut world = Small::default().world();
        world.add_check(check);
        world.add_check(SteadyState::Ready { service: ServiceId(0), least: 2 });
        if guarded {
            world.guard_chaos();
        }
        let (_, notes) = run(world, vec![fault()], 45);
        let broken = notes.steady[0];
        assert!(!broken.1 && (10.0..13.0).contains(&broken.0), "{:?}", notes.steady);
        if guarded {
            assert_eq!((notes.halted, notes.mended.as_slice()), (Some(broken.0), &[broken.0][..]));
            assert_eq!((notes.strikes.len(), notes.steady.len()), (1, 2));
        } else {
            assert_eq!((notes.halted, notes.strikes.len()), (None, 4));
        }
    }
}
