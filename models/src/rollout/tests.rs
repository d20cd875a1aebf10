//! Rollouts without a world: a toy cluster carries out what they plan.

use sim_core::stats::Histogram;
use sim_core::strategy::Build;

use super::analysis::{Analysis, Check, ErrorRate, mann_whitney};
use super::*;
use crate::amount::Amount;

/// Pods start at once but become available one look later.
struct Toy {
    rollout: Box<dyn RollOut>,
    now: Time,
    replicas: u32,
    sets: [SetView; 2],
    weight: u32,
    error_rate: u64,
    /// Whether pods of the new version ever become available.
    starts: bool,
    plans: Vec<Plan>,
}

impl Toy {
    fn new(rollout: &dyn Build<dyn RollOut, ()>, replicas: u32) -> Toy {
        let full = SetView { spec: replicas, pods: replicas, ready: replicas, available: replicas, ending: 0 };
        let sets = [full, SetView::default()];
        let rollout = rollout.build(&());
        Toy { rollout, now: Time::ZERO, replicas, sets, weight: 0, error_rate: 0, starts: true, plans: Vec::new() }
    }

    /// A look each five seconds, with a hundred requests to each version that has traffic.
    fn run(&mut self, looks: usize) -> &Plan {
        for _ in 0..looks {
            let seen = |requests: u64, errors: u64| {
                let mut seen = Observed::default();
                (0..requests).for_each(|one| seen.record(one >= errors, Span::from_millis(10)));
                seen
            };
            let (stable, canary) = (seen(100, 0), seen(100, self.error_rate));
            let [stable_set, canary_set] = self.sets;
            let view = View {
                replicas: self.replicas,
                replicas_before: self.replicas,
                stable: stable_set,
                canary: canary_set,
                older: &[],
                weight: self.weight,
                stable_seen: &stable,
                canary_seen: &canary,
            };
            let plan = self.rollout.look(self.now, &view);
            for (index, (set, spec)) in self.sets.iter_mut().zip([plan.stable, plan.canary]).enumerate() {
                let available = if index == 1 && !self.starts { 0 } else { set.pods.min(spec) };
                *set = SetView { spec, pods: spec, ready: available, available, ending: 0 };
            }
            self.weight = plan.traffic.map_or(0, |traffic| traffic.canary);
            self.now = self.now + Span::from_secs(5);
            self.plans.push(plan);
        }
        self.plans.last().expect("it has looked")
    }

    /// The phases it went through, without repetitions.
    fn phases(&self) -> Vec<Phase> {
        let mut phases: Vec<Phase> = self.plans.iter().map(|plan| plan.phase).collect();
        phases.dedup();
        phases
    }
}

fn errors(max: f64) -> Vec<Check> {
    vec![Check::ErrorRate(ErrorRate { max: Some(sim_core::Ratio::new(max)), above_stable: None })]
}

#[test]
fn a_rolling_update_keeps_its_bounds_and_gets_through() {
    for (replicas, surge, unavailable) in [(10, 1, 0), (10, 0, 3), (7, 3, 2), (1, 0, 0), (40, 10, 10)] {
        let (max_surge, max_unavailable) = (Amount::Count(surge), Amount::Count(unavailable));
        let settings = Rolling { max_surge, max_unavailable, ..Rolling::default() };
        let mut toy = Toy::new(&settings, replicas);
        toy.run(200);
        assert_eq!(toy.phases().last(), Some(&Phase::Promoted), "{replicas} {surge} {unavailable}");
        let (surge, unavailable) = sync::fenceposts(max_surge, max_unavailable, replicas);
        for plan in &toy.plans {
            assert!(plan.stable + plan.canary <= replicas + surge, "{plan:?}");
            assert!(plan.stable + plan.canary + unavailable >= replicas, "{plan:?}");
        }
    }
}

#[test]
fn a_version_that_never_starts_stalls_a_rolling_update_or_is_undone() {
    let deadline = Span::from_secs(60);
    let settings = Rolling { progress_deadline: deadline, ..Rolling::default() };
    let mut toy = Toy::new(&settings, 8);
    toy.starts = false;
    let plan = toy.run(60).clone();
    assert_eq!((plan.phase, plan.reason), (Phase::Stalled, Some(Reason::ProgressDeadline)));
    assert!(plan.stable >= 6, "a quarter may be missing: {plan:?}");
    let mut toy = Toy::new(&Rolling { undo: true, ..settings }, 8);
    toy.starts = false;
    let plan = toy.run(120).clone();
    assert_eq!((plan.phase, plan.stable, plan.canary), (Phase::RolledBack, 8, 0));
}

#[test]
fn a_canary_goes_up_its_steps_or_back() {
    let analysis = Analysis { checks: errors(0.02), interval: Span::from_secs(10), ..Analysis::default() };
    let steps = vec![
        canary::Step::SetWeight(20),
        canary::Step::Analysis(analysis),
        canary::Step::SetWeight(60),
        canary::Step::Pause(Span::from_secs(10)),
    ];
    for dynamic_stable_scale in [false, true] {
        let settings = Canary { steps: steps.clone(), dynamic_stable_scale, ..Canary::default() };
        let mut good = Toy::new(&settings, 10);
        let plan = good.run(60).clone();
        assert!(plan.done && plan.phase == Phase::Promoted && (plan.stable, plan.canary) == (0, 10), "{plan:?}");
        let mut bad = Toy::new(&settings, 10);
        bad.error_rate = 5;
        let plan = bad.run(60).clone();
        assert_eq!((plan.phase, plan.reason), (Phase::RolledBack, Some(Reason::ErrorRate)));
        assert!(plan.done && (plan.stable, plan.canary) == (10, 0) && plan.judged >= 200, "{plan:?}");
        assert!(bad.plans.iter().all(|plan| plan.traffic.is_none_or(|traffic| traffic.canary <= 20)));
    }
}

#[test]
fn blue_green_switches_at_once_and_back_at_once() {
    let after = Analysis { checks: errors(0.02), interval: Span::from_secs(10), ..Analysis::default() };
    let settings = BlueGreen { after: Some(after), ..BlueGreen::default() };
    for (error_rate, end) in [(0, Phase::Promoted), (10, Phase::RolledBack)] {
        let mut toy = Toy::new(&settings, 4);
        toy.error_rate = error_rate;
        assert_eq!(toy.run(60).phase, end);
        let weights = toy.plans.iter().filter_map(|plan| plan.traffic).map(|traffic| traffic.canary);
        assert!(weights.clone().all(|weight| weight == 0 || weight == 100) && weights.max() == Some(100));
    }
}

#[test]
fn progressive_climbs_while_its_checks_hold() {
    let settings = Progressive {
        checks: errors(0.02),
        step_weight: Some(20),
        max_weight: Some(50),
        interval: Span::from_secs(10),
        ..Progressive::default()
    };
    let mut toy = Toy::new(&settings, 6);
    toy.run(60);
    assert_eq!(toy.phases(), [Phase::Progressing, Phase::Promoting, Phase::Finalising, Phase::Promoted]);
    let mut bad = Toy::new(&settings, 6);
    bad.error_rate = 5;
    assert_eq!((bad.run(60).phase, bad.phases()), (Phase::RolledBack, vec![Phase::Progressing, Phase::RolledBack]));
}

#[test]
fn the_test_finds_a_shift_and_nothing_where_there_is_none() {
    let sample = |shift: u64, count: u64| {
        let mut sample = Histogram::default();
        (0..count).for_each(|one| sample.record(10_000 + 37 * (one * 7_919 % 101) + shift));
        sample
    };
    let none = mann_whitney::shift(&sample(0, 300), &sample(0, 300), mann_whitney::CONFIDENCE);
    assert!(none.low <= 0.0 && none.high >= 0.0 && !none.is_high(mann_whitney::TOLERANCE), "{none:?}");
    let up = mann_whitney::shift(&sample(2_000, 300), &sample(0, 300), mann_whitney::CONFIDENCE);
    assert!((up.estimate - 2_000.0).abs() < 100.0 && up.is_high(mann_whitney::TOLERANCE), "{up:?}");
    let few = mann_whitney::shift(&sample(300, 5), &sample(0, 5), mann_whitney::CONFIDENCE);
    assert!(!few.is_high(mann_whitney::TOLERANCE), "five requests say nothing: {few:?}");
}
