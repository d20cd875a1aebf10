//! `--set` on what a file leaves to its defaults.

use insta::assert_snapshot;

use super::*;

/// The scenario that `GOOD` is with one override, or what is said about it.
fn set(argument: &str) -> Result<crate::schema::Scenario, String> {
    let source = Source::new("shop.ron", GOOD).set(argument).map_err(|diagnostic| diagnostic.render(false))?;
    let parsed = crate::parse(&source, Path::new("."));
    parsed.map(|loaded| loaded.scenario).map_err(|diagnostics| diagnostics.render(false))
}

#[test]
fn parts_that_the_file_does_not_mention_are_made() {
    let grace = set("services.shop.pod.termination.grace_period=1s").unwrap();
    assert_eq!(grace.services["shop"].pod.termination.grace_period.to_string(), "1s");
    let probe = set("services.stock.probes.liveness.period=2s").unwrap();
    let liveness = probe.services["stock"].probes.liveness.as_ref().expect("a probe");
    assert_eq!(liveness.period.to_string(), "2s");
    let toleration = set("cluster.scheduler.percentage_of_nodes_to_score=50").unwrap();
    assert_eq!(toleration.cluster().scheduler.percentage_of_nodes_to_score, 50);
}

#[test]
fn quantities_need_no_quotes() {
    let cores = |argument: &str| set(argument).unwrap().services["shop"].pod.cpu.expect("a request").to_string();
    assert_eq!(cores("services.shop.pod.cpu=2"), "2");
    assert_eq!(cores("services.shop.pod.cpu=1.5"), "1500m");
    assert_eq!(cores("services.shop.pod.cpu=500m"), "500m");
}

#[test]
fn parts_that_do_not_exist_are_refused_with_what_there_is() {
    let said = ["services.shop.pod.terminaton.grace_period=1s", "services.shop.pod.termination.grace=1s"];
    assert_snapshot!(said.map(|argument| set(argument).expect_err(argument)).join("\n\n"), @r"
    error[E001]: unexpected field `terminaton` in `Pod`
     --> --set:1:19
      |
    1 | services.shop.pod.terminaton.grace_period=1s
      |                   ^^^^^^^^^^ at services.shop.pod.terminaton
      |
      = help: did you mean `termination`? (known: cpu, cpu_limit, memory, priority, labels, nodes, tolerations, spread, near, apart, pull, startup, startup_busy, termination)

    error[E001]: unexpected field `grace` in `Termination`
     --> --set:1:31
      |
    1 | services.shop.pod.termination.grace=1s
      |                               ^^^^^ at services.shop.pod.termination.grace
      |
      = help: known: grace_period, pre_stop, on_term
    ");
}
