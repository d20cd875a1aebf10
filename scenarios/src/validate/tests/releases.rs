//! Releases that cannot be.

use super::*;

fn with(release: &str) -> String {
    GOOD.replace("    faults: [", &format!("    releases: [{release}],\n    faults: ["))
}

/// What is said about a scenario with this release, without the places.
fn said(release: &str) -> String {
    let said = complaints(&with(release)).unwrap_or_default();
    said.lines().filter(|line| line.starts_with("error")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_wrong_is_said() {
    let good = "(service: \"shop\", when: At(\"1min\"), version: (name: \"v2\"))";
    assert_eq!(said(good), "");
    for (from, to, complaint) in [
        ("\"shop\"", "\"shpo\"", "error[E008]: unknown service \"shpo\""),
        ("1min", "40min", "error[E007]: 40min never happens in a run of 30min"),
        ("\"v2\"", "\"v1\"", "error[E007]: \"shop\" has a version \"v1\" already"),
        ("\"v2\"", "\"\"", "error[E007]: a version has a name, such as \"v2\""),
        ("\"v2\"", "\"v2\", under_load: (above: 3)", "error[E007]: under load it is as it is otherwise"),
        ("\"v2\"", "\"v2\", latency: 0.0", "error[E007]: work takes some time, not 0 times as long"),
        ("\"v2\"", "\"v2\", error_rate: \"120%\"", "error[E007]: 120% is more than all of them"),
        (
            "\"v2\")",
            "\"v2\"), rollout: Progressive()",
            "error[E007]: without any, a step follows another whatever happens; add one",
        ),
        (
            "\"v2\")",
            "\"v2\"), rollout: Canary(steps: [SetWeight(101)])",
            "error[E007]: step 1: 101 is more than all of the traffic, 100",
        ),
    ] {
        assert_eq!(said(&good.replace(from, to)), complaint, "{to}");
    }
    let groups = said("(service: \"stock\", when: At(\"1min\"), version: (name: \"v2\"))");
    assert!(groups.contains("has several groups"), "{groups}");
}

#[test]
fn strategies_that_could_not_be() {
    let said = |rollout: &str| {
        let release = format!("(service: \"shop\", when: At(\"1min\"), version: (name: \"v2\"), rollout: {rollout})");
        complaints(&with(&release)).unwrap_or_default() + "\n"
    };
    let analysis = |rest: &str| format!("Rolling(undo: true, analysis: (checks: [ErrorRate(max: \"2%\")], {rest}))");
    for fine in [
        "Rolling(max_surge: \"150%\", max_unavailable: 0)",
        "Rolling(max_surge: 0, max_unavailable: \"100%\")",
        "Canary(router: false, max_surge: 2)",
        "Canary(max_surge: \"25%\")",
        &analysis("count: 5, failure_limit: 5"),
        &analysis("count: 1, failure_limit: -1"),
        &analysis("count: None, failure_limit: 50"),
    ] {
        assert_eq!(said(fine), "\n", "{fine}");
    }
    let checks = |check: &str| format!("Progressive(checks: [ErrorRate(max: \"2%\"), {check}])");
    for (rollout, at, message) in [
        ("Rolling(max_unavailable: \"150%\")", ".max_unavailable", "150% is more than all of them"),
        ("Rolling(max_surge: \"0%\", max_unavailable: 0)", ".max_unavailable", "nothing can move"),
        ("Rolling(progress_deadline: \"0s\")", ".progress_deadline", "0s is over before any pod can count"),
        ("Recreate(progress_deadline: \"5s\", min_ready: \"5s\")", ".progress_deadline", "5s is over before"),
        ("BlueGreen(progress_deadline: \"0s\")", ".progress_deadline", "0s is over before any pod can count"),
        ("Canary(progress_deadline: \"0s\")", ".progress_deadline", "0s is over before any pod can count"),
        ("Canary(max_surge: 2)", ".max_surge", "with a router it bounds nothing"),
        ("Canary(router: false, max_surge: 0, max_unavailable: 0)", ".max_unavailable", "nothing can move"),
        ("Progressive(threshold: 0, checks: [ErrorRate(max: \"1%\")])", ".threshold", "at least 1"),
        (&checks("ErrorRate(max: \"200%\")"), ".checks[1].max", "200% is more than all of them"),
        (&checks("ErrorRate(above_stable: \"101%\")"), ".checks[1].above_stable", "101% is more than all of them"),
        (&analysis("failure_limit: -2"), ".analysis.failure_limit", "-2 is no number of failures; -1 is any number"),
        (&analysis("failure_limit: 5"), ".analysis.failure_limit", "5 is more than the measurements that are taken, 1"),
        (
            &analysis("count: 2, inconclusive_limit: 3"),
            ".analysis.inconclusive_limit",
            "3 is more than the measurements",
        ),
    ] {
        let said = said(rollout);
        assert!(said.contains(message), "{rollout}: {said}");
        assert!(said.contains(&format!("at releases[0].rollout{at}\n")), "{rollout}: {said}");
    }
}

#[test]
fn releases_begin_once() {
    let release = |when: &str| format!("(service: \"shop\", {when}version: (name: \"v2\"))");
    let deploy = |when: &str| format!("(what: Deploy(\"shop v2\"), when: {when}),");
    let of = |releases: &str, faults: &str| {
        let text = with(releases).replace("    faults: [", &format!("    faults: [{faults}"));
        complaints(&text).unwrap_or_default() + "\n"
    };
    let none = release("");
    for when in ["At(\"1min\")", "Times([\"1min\"])", "On(fact: NodeLost)"] {
        assert_eq!(of(&none, &deploy(when)), "\n", "{when}");
    }
    for (releases, faults, at, message) in [
        (&none, String::new(), "releases[0]", "nobody begins this release"),
        (&release("when: At(\"1min\"), "), deploy("At(\"2min\")"), "faults[0].what", "it would be deployed twice"),
        (&none, deploy("Times([\"1min\", \"2min\"])"), "faults[0].when", "Times may come again"),
        (&none, deploy("Every(interval: \"1min\")"), "faults[0].when", "Every may come again"),
        (&none, deploy("Random(mean: \"1min\")"), "faults[0].when", "Random may come again"),
        (&none, deploy("Monkey(level: 0.5, every: \"1min\")"), "faults[0].when", "Monkey may come again"),
        (&none, deploy("BusinessHours(mean: \"1h\")"), "faults[0].when", "BusinessHours may come again"),
        (&none, deploy("On(fact: NodeLost, times: 2)"), "faults[0].when.times", "deployed once, not 2 times"),
        (&none, deploy("On(fact: Phase(\"shop v2\", Promoted))"), "faults[0].when.fact", "waits for itself"),
    ] {
        let said = of(releases, &faults);
        assert!(said.contains(message) && said.contains(&format!("at {at}\n")), "{said}");
    }
}
