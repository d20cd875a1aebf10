use super::*;

/// Ticks once a second, the container running since 0 s; a letter an outcome that is due
/// ('+', '-', '!'), and a letter the verdict after each ('S', 'F', '?').
fn verdicts(prober: &mut Prober, pod: &ProbedPod, outcomes: &str) -> String {
    let mut outcomes = outcomes.chars();
    let mut verdicts = String::new();
    for second in 0..30 {
        if prober.tick(Time::ZERO + Span::from_secs(second), pod) == Tick::Probe {
            let Some(outcome) = outcomes.next() else { break };
            prober.outcome(match outcome {
                '+' => ProbeOutcome::Success,
                '-' => ProbeOutcome::Failure,
                _ => ProbeOutcome::Error,
            });
        }
        verdicts.push(match prober.verdict() {
            Verdict::Success => 'S',
            Verdict::Failure => 'F',
            Verdict::Unknown => '?',
        });
    }
    verdicts
}

fn running(id: u32, started: bool) -> ProbedPod {
    let container = ContainerView { id: ContainerId(id), state: ContainerState::Running(Time::ZERO), started };
    let (phase, restart_policy) = (Some(Phase::Running), RestartPolicy::Always);
    ProbedPod { phase, terminating: false, restart_policy, container: Some(container) }
}

#[test]
fn only_a_streak_turns_the_result() {
    let settings = ProbeSettings { success_threshold: 2, ..ProbeSettings::default() };
    for kind in [ProbeKind::Readiness, ProbeKind::Deep] {
        let mut prober = Prober::new(kind, settings.clone());
        assert_eq!(verdicts(&mut prober, &running(1, true), "+-++--+--!-+"), "FFFSSSSSSSFF");
    }
}

#[test]
fn a_slow_starter_is_left_alone_by_liveness() {
    let settings = ProbeSettings { initial_delay: Span::from_secs(3), ..ProbeSettings::default() };
    let mut startup = Prober::new(ProbeKind::Startup, settings);
    let mut liveness = Prober::new(ProbeKind::Liveness, ProbeSettings::default());
    assert_eq!(verdicts(&mut startup, &running(1, false), "--+")[..7].to_owned(), "?????SS");
    assert!(startup.is_on_hold());
    assert_eq!(verdicts(&mut liveness, &running(1, false), "---"), "S".repeat(30));
    assert_eq!(verdicts(&mut liveness, &running(1, true), "---")[..4].to_owned(), "SSFF");
}

#[test]
fn a_restarted_container_gets_the_full_threshold_again() {
    let mut liveness = Prober::new(ProbeKind::Liveness, ProbeSettings::default());
    assert_eq!(verdicts(&mut liveness, &running(1, true), "---"), "SS".to_owned() + &"F".repeat(28));
    assert_eq!(liveness.verdict_of(ContainerId(2)), Verdict::Success);
    assert_eq!(verdicts(&mut liveness, &running(2, true), "--+--"), "SSSSS");
}

#[test]
fn ticks_wait_for_the_outcome_and_changes_are_told_once() {
    let mut readiness = Prober::new(ProbeKind::Readiness, ProbeSettings::default());
    let (pod, now) = (running(1, true), Time::ZERO);
    assert_eq!(readiness.tick(now, &pod), Tick::Probe);
    assert_eq!(readiness.tick(now, &pod), Tick::Skip(Skip::UnderWay));
    let change = ResultChange { kind: ProbeKind::Readiness, from: Verdict::Failure, to: Verdict::Success };
    assert_eq!(readiness.outcome(ProbeOutcome::Success), Some(change));
    assert_eq!(readiness.tick(now, &pod), Tick::Probe);
    assert_eq!(readiness.outcome(ProbeOutcome::Success), None);
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let usual = ProbeSettings::default();
    let twice = ProbeSettings { success_threshold: 2, ..usual.clone() };
    assert_eq!(usual.check(ProbeKind::Startup), Ok(()));
    assert_eq!(twice.check(ProbeKind::Deep), Ok(()));
    for (field, kind, settings) in [
        ("success_threshold", ProbeKind::Liveness, twice),
        ("period", ProbeKind::Readiness, ProbeSettings { period: Span::ZERO, ..usual.clone() }),
        ("timeout", ProbeKind::Readiness, ProbeSettings { timeout: Span::ZERO, ..usual.clone() }),
        ("failure_threshold", ProbeKind::Deep, ProbeSettings { failure_threshold: 0, ..usual.clone() }),
    ] {
        let wrong = settings.check(kind).expect_err(field);
        assert!(wrong.starts_with(&format!("{field}: ")), "{wrong}");
    }
    let read: ProbeSettings = ron::from_str("(period: \"5s\")").unwrap();
    assert_eq!(read, ProbeSettings { period: Span::from_secs(5), ..usual });
}
