//! What random clusters (tests/swarm) have stumbled over, each in the smallest world that shows it.

use models::amount::Amount;
use models::balance::{Balancer, Pool, Surroundings};
use models::chaos::{At, Disruption, Fault, Reclaim, Schedule};
use models::cluster::{ClusterSettings, DeploymentId, ProbeCheck, ProbeTemplate, Template};
use models::heal::{Action, Cause, Healing};
use models::network::Network;
use models::place::RegionId;
use models::plan::{Plan, SiteId, Step};
use models::pod::budget::DisruptionBudget;
use models::pod::probe::{ProbeKind, ProbeSettings};
use models::pod::termination::{OnTerm, Termination};
use models::policy::{CallPolicy, Timeout};
use models::scale::{Decision, Reading, Reason, Scale};
use models::service::{Discipline, ServiceId, ServiceSettings};
use models::workload::{Shares, Source, Workload};
use models::world::{Fact, World};
use sim_core::sim::Sim;
use sim_core::{Distribution, Observer, Recordings, Sampler, Seed, Span, Time};

const SECOND: Span = Span::from_secs(1);

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
        zones: Vec::new(),
        requests: None,
        priority: 0,
        pull: None,
        startup: None,
        startup_busy: false,
        termination: Termination::default(),
        budget: None,
        probes: Vec::new(),
        behaviour: None,
    }
}

/// A world with one service, whose endpoint works for a second, and no pods yet; and its call site.
fn world(discipline: Discipline, control_plane: Span) -> (World, SiteId) {
    let mut plan = Plan::default();
    let endpoint = plan.endpoint(ServiceId(0));
    plan.define(endpoint, vec![Step::Work(constant(SECOND))]);
    let site = plan.site(endpoint, vec![CallPolicy::Timeout(Timeout(SECOND * 5)).build(&())]);
    let settings = ClusterSettings { control_plane, ..ClusterSettings::default() };
    let mut world = World::new(Network::instant(), plan, SECOND).with_cluster(settings, Seed::new(1));
    let service = ServiceSettings { workers: Some(4), queue: 10, discipline, contention: Span::ZERO, memory: None };
    let pool = Pool::new(Balancer::RoundRobin(Default::default()).build(&Surroundings::default()), None);
    world.add_service(service, pool);
    (world, site)
}

fn fault(what: Disruption, at: u64, lasts: Option<u64>) -> Fault {
    let schedule = Schedule::At(At(SECOND * at));
    let fault = Fault::new("", &what, &schedule, &Default::default(), Seed::new(1));
    Fault { lasts: lasts.map(|lasts| SECOND * lasts), ..fault }
}

fn lose_nodes() -> Disruption {
    Disruption::LoseNodes(Default::default())
}

fn drain() -> Disruption {
    Disruption::Drain(Default::default())
}

/// Writes down what was healed, and how many pods there are.
#[derive(Default)]
struct Notes {
    healed: Vec<Healing>,
    /// Desired, active and ready, as last counted.
    counted: (u32, u32, u32),
}

impl Notes {
    /// How often something of this kind ended, and how.
    fn ended(&self, cause: Cause, action: Action) -> Vec<(bool, Span)> {
        let alike = self.healed.iter().filter(|one| (one.ailment.cause, one.ailment.action) == (cause, action));
        alike.map(|one| (one.success, one.took)).collect()
    }
}

impl Observer<World> for Notes {
    fn fact(&mut self, _: Time, fact: &Fact) {
        match *fact {
            Fact::Healed(healing) => self.healed.push(healing),
            Fact::Counted { desired, active, ready, .. } => self.counted = (desired, active, ready),
            _ => {}
        }
    }
}

/// Runs a world, and checks it four times a second.
fn run(world: World, seconds: u64) -> (World, Notes) {
    let mut sim = Sim::new(world, Notes::default());
    sim.prime(World::start);
    for quarter in 0..=seconds * 4 {
        sim.run_until(Time::from_nanos(quarter * 250_000_000));
        sim.world().check();
        sim.world().check_budgets();
    }
    sim.into_parts()
}

/// Wants these numbers of replicas, one each second, and the last from then on.
struct Script(Vec<u32>);

impl Scale for Script {
    fn decide(&mut self, _: Time, _: &Reading<'_>) -> Decision {
        let wanted = if self.0.len() > 1 { self.0.remove(0) } else { self.0[0] };
        Decision::new(wanted, Reason::Schedule)
    }

    fn period(&self) -> Span {
        SECOND
    }
}

#[test]
fn pods_that_are_needed_no_longer_are_not_created_and_no_other_dies_for_them() {
    let (mut world, _) = world(Discipline::Fifo, SECOND * 10);
    world.add_deployment(ServiceId(0), 1, template());
    // Wanted at 1 s: 4, so three are to be created from 11 s to 21 s; meanwhile 2 are wanted.
    world.set_autoscaler(DeploymentId(0), Box::new(Script(vec![4, 2])), Vec::new());
    let (_, notes) = run(world, 60);
    assert_eq!(notes.counted, (2, 2, 2));
}

#[test]
fn a_node_that_is_taken_back_takes_its_pods_along_even_if_it_was_silent() {
    let (mut world, _) = world(Discipline::Fifo, Span::ZERO);
    let budget = Some(DisruptionBudget::MinAvailable(Amount::Count(1)));
    world.add_deployment(ServiceId(0), 1, Template { budget, ..template() });
    world.add_fault(fault(Disruption::Reclaim(Reclaim(SECOND * 40)), 10, None));
    world.add_fault(fault(lose_nodes(), 20, Some(10)));
    let mut late = fault(lose_nodes(), 45, Some(20));
    late.target.count = Some(1);
    world.add_fault(late);
    let mut sim = Sim::new(world, Notes::default());
    sim.prime(World::start);
    for second in 0..120 {
        sim.run_until(Time::ZERO + SECOND * second);
        sim.world().check();
    }
    assert_eq!(sim.observer().counted, (1, 1, 1));
    assert_eq!(sim.world().ailments().count(), 0);
}

#[test]
fn what_a_first_probe_leads_to_happens_before_the_first_event() {
    // A shop that asks a stock, in no time, when it is probed at time zero.
    let mut plan = Plan::default();
    let [shop, stock] = [0, 1].map(|index| plan.endpoint(ServiceId(index)));
    let call = plan.site(stock, Vec::new());
    plan.define(shop, vec![Step::Call { sites: vec![call], need: 1 }]);
    plan.define(stock, vec![Step::Work(constant(SECOND))]);
    let site = plan.site(shop, Vec::new());
    let mut world = World::new(Network::instant(), plan, SECOND);
    for index in 0..2 {
        let (discipline, contention) = (Discipline::Fifo, Span::ZERO);
        let settings = ServiceSettings { workers: Some(1), queue: 9, discipline, contention, memory: None };
        let pool = Pool::new(Balancer::RoundRobin(Default::default()).build(&Surroundings::default()), None);
        world.add_service(settings, pool);
        let probe = ProbeTemplate {
            kind: ProbeKind::Deep,
            settings: ProbeSettings::default(),
            check: ProbeCheck::Request(site),
        };
        let probes = if index == 0 { vec![probe] } else { Vec::new() };
        world.add_deployment(ServiceId(index), 1, Template { probes, ..template() });
    }
    let mut sim = Sim::new(world, ());
    sim.prime(World::start);
    sim.world().check();
    assert_eq!(sim.world().calls_in_flight(), 2, "the stock has been called");
}

/// A probe that is answered in the same instant as others' requests, and with an error, ends the
/// server that was about to go on with them.
#[test]
fn a_probe_may_end_the_server_amid_what_else_ends_there() {
    for discipline in [Discipline::Sharing { cores: 4 }, Discipline::Fifo] {
        let (mut world, site) = world(discipline, Span::ZERO);
        let settings = ProbeSettings { failure_threshold: 1, ..ProbeSettings::default() };
        let probe = ProbeTemplate { kind: ProbeKind::Liveness, settings, check: ProbeCheck::Request(site) };
        let termination = Termination { on_term: OnTerm::Exit, ..Termination::default() };
        let wrong = Template { error_rate: 1.0, termination, probes: vec![probe], ..template() };
        world.add_deployment(ServiceId(0), 1, wrong);
        // They ask at time zero, and again at once.
        let one = "a weight above zero";
        let source = Source::Closed { users: 2, think: constant(SECOND) };
        let regions = Shares::new(&[(1.0, RegionId(0))]).expect(one);
        let sites = Shares::new(&[(1.0, site)]).expect(one);
        world.add_workload(Workload::new(source, Seed::new(1).stream("requests"), regions, sites));
        let (_, notes) = run(world, 60);
        let restarts = notes.ended(Cause::LivenessProbe, Action::Restart);
        assert!(restarts.len() >= 2, "{restarts:?}");
    }
}

#[test]
fn a_machine_of_ones_own_is_drained_when_its_pod_is_gone() {
    let (mut world, _) = world(Discipline::Fifo, Span::ZERO);
    world.add_deployment(ServiceId(0), 3, template());
    world.add_fault(fault(drain(), 10, None));
    let (world, notes) = run(world, 20);
    assert_eq!(notes.ended(Cause::Drained, Action::Drain), [(true, Span::ZERO); 3]);
    assert_eq!(world.ailments().count(), 0);
}

#[test]
fn a_machine_that_is_back_before_anybody_noticed_is_well_again() {
    let (mut world, _) = world(Discipline::Fifo, Span::ZERO);
    world.add_deployment(ServiceId(0), 3, template());
    world.add_fault(fault(lose_nodes(), 10, Some(5)));
    let (world, notes) = run(world, 60);
    assert_eq!(notes.ended(Cause::NodeLost, Action::Rejoin), [(true, SECOND * 5); 3]);
    world.check_recovered();
}

#[test]
fn the_groups_of_a_service_share_its_budget() {
    let (mut world, _) = world(Discipline::Fifo, Span::ZERO);
    let budget = Some(DisruptionBudget::MinAvailable(Amount::Count(3)));
    let startup = Some(constant(SECOND * 2));
    let readiness = ProbeTemplate {
        kind: ProbeKind::Readiness,
        settings: ProbeSettings { period: SECOND, ..ProbeSettings::default() },
        check: ProbeCheck::Listening,
    };
    let group = Template { budget, startup, probes: vec![readiness], ..template() };
    (0..2).for_each(|_| _ = world.add_deployment(ServiceId(0), 2, group.clone()));
    world.add_fault(fault(drain(), 10, None));
    let (world, notes) = run(world, 120);
    // One at a time: each has to wait until another is ready.
    let mut drains = notes.ended(Cause::Drained, Action::Drain);
    drains.dedup_by_key(|(_, took)| *took);
    assert_eq!(drains.len(), 4, "{drains:?}");
    world.check_recovered();
}
