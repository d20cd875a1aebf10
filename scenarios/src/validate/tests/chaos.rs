//! Faults that can do nothing, schedules that never come, checks of nothing.

use super::*;

/// The fault that each of these is put in place of.
const FAULT: &str = "(what: Drain, target: (pool: \"small\", count: 1), when: At(\"15min\")),";

/// What is said of a fault in place of [`FAULT`], and of what.
#[track_caller]
fn says(fault: &str, at: &str, message: &str) {
    let said = complaints(&GOOD.replace(FAULT, fault)).unwrap_or_else(|| panic!("{fault} should be wrong"));
    assert!(format!("{said}\n").contains(&format!("at faults[2]{at}\n")) || at.is_empty(), "{said}");
    assert!(said.contains(message), "{said}");
}

#[track_caller]
fn fine(fault: &str) {
    assert_eq!(complaints(&GOOD.replace(FAULT, fault)), None, "{fault}");
}

#[test]
fn settings() {
    let one = |what: &str| format!("(what: {what}, when: At(\"1min\")),");
    for what in [
        "Pause",
        "Slow(5.0)",
        "Errors(\"10%\")",
        "CpuStress(\"50%\")",
        "MemoryStress(\"64MiB\")",
        "DiskStress(3.0)",
        "ClockSkew(offset: \"1s\")",
        "BrownOut",
        "BrownOut(slow: 3.0)",
        "LoseZone",
        "LoseRegion",
        "CapacityLoss",
        "Latency(delay: \"100ms\")",
        "Latency(delay: Exponential(mean: \"1s\"), share: \"50%\")",
        "Loss(share: \"10%\")",
        "Duplication(\"10%\")",
        "Reordering(share: \"10%\", gap: \"50ms\")",
        "Partition",
        "Partition(one_way: true)",
        "Bandwidth(per_second: \"1MB\")",
        "ExpiredCertificate",
        "Script(answers: [Fail, Fail])",
    ] {
        fine(&one(what));
    }
    for (what, message) in [
        ("Slow(0.5)", "a factor of 0.5 makes nothing worse; it is more than 1"),
        ("Errors(\"0%\")", "none of them is hit by 0%"),
        ("Errors(\"120%\")", "120% is more than all of them"),
        ("CpuStress(\"100%\")", "more than none and less than all"),
        ("ClockSkew()", "a clock without offset and drift is right"),
        ("BrownOut(errors: \"0%\")", "none of them is hit"),
        ("Loss(share: \"100%\")", "all messages are lost in a Partition"),
        ("Reordering(share: \"10%\", gap: \"0s\")", "held back for no time"),
        ("Bandwidth(per_second: \"0B\")", "a link that carries nothing is a Partition"),
        ("Script(answers: [Pass])", "nothing fails breaks nothing"),
        ("Latency(delay: Exponential(mean: \"0s\"))", "mean"),
    ] {
        says(&one(what), "", message);
    }
}

#[test]
fn who_can_be_hit() {
    let on = |what: &str, rest: &str| format!("(what: {what}, {rest}, when: At(\"1min\")),");
    fine(&on("Partition", "from: (workload: \"crowd\"), target: (service: \"shop\", percent: \"50%\")"));
    fine(&on("DnsFailure", "target: (service: \"stock\")"));
    fine(&on("Slow(2.0)", "target: (labels: { \"app\": \"shop\" }, pod: 1)"));
    fine(&on("LoseZone", "target: (region: \"us\", count: 2)"));
    for (what, rest, at, message) in [
        ("Slow(2.0)", "from: (service: \"shop\")", ".from", "Slow is not about messages"),
        ("Partition", "from: (count: 1)", ".from", "only targets are drawn at random"),
        ("Slow(2.0)", "target: (workload: \"crowd\")", ".target.workload", "Slow does not happen to customers"),
        ("Partition", "target: (workload: \"crwd\")", ".target.workload", "did you mean `crowd`?"),
        ("Partition", "target: (workload: \"crowd\", pool: \"big\")", ".target.workload", "customers are at no server"),
        ("Partition", "target: (workload: \"crowd\", count: 1)", ".target.workload", "customers"),
        ("DnsFailure", "target: (region: \"us\")", ".target", "a name is that of a service"),
        ("LoseZone", "target: (service: \"shop\")", ".target", "LoseZone takes whole places"),
        ("MemoryStress(\"1GiB\")", "target: (service: \"stock\")", ".target", "nothing is known of the memory there"),
        (
            "Slow(2.0)",
            "target: (labels: { \"app\": \"shpo\" })",
            ".target.labels",
            "no service's pods have these labels",
        ),
        (
            "Partition",
            "from: (service: \"stock\"), target: (service: \"stock\")",
            ".target.service",
            "never calls itself",
        ),
        (
            "DnsFailure",
            "from: (service: \"shop\"), target: (service: \"shop\")",
            ".target.service",
            "never calls itself",
        ),
        ("LoseZone", "lasts: \"0s\"", ".lasts", "a fault of no time breaks nothing"),
    ] {
        says(&on(what, rest), at, message);
    }
}

#[test]
fn schedules() {
    let when = |when: &str| format!("(what: Slow(2.0), target: (service: \"shop\"), when: {when}),");
    for good in [
        "Times([\"1min\", \"2min\"])",
        "Every(interval: \"1min\")",
        "Every(interval: \"1min\", from: \"0s\", until: \"5min\")",
        "Random(mean: \"1min\")",
        "BusinessHours(mean: \"1h\", day: Tuesday, hour: 14)",
        "Monkey(level: 0.01, every: \"1min\")",
        "On(fact: NodeLost)",
        "On(fact: ReadyBelow(\"shop\", 3), after: \"1s\", times: 5)",
        "On(fact: Begins(\"LoseNodes eu zone 1\"))",
        "On(fact: Scaled(\"stock\"))",
        "BusinessHours(mean: \"1h\", day: Friday, hour: 14)",
    ] {
        fine(&when(good));
    }
    for (wrong, at, message) in [
        ("Times([])", ".when", "without a time it never happens"),
        ("Times([\"2min\", \"1min\"])", ".when", "put the times in order"),
        ("Times([\"2min\", \"1h\"])", ".when", "1h never happens in a run of 30min"),
        ("Every(interval: \"0s\")", ".when.interval", "no time between two strikes makes them endless"),
        ("Every(interval: \"1h\")", "", "1h never happens"),
        ("Every(interval: \"1min\", from: \"5min\", until: \"5min\")", ".when.until", "5min is not after 5min"),
        ("Every(interval: \"1ns\")", ".when", "strikes are more than 1000000"),
        ("Monkey(level: 1.5, every: \"1min\")", ".when.level", "a chance is above 0 and at most 1, not 1.5"),
        ("BusinessHours(mean: \"1h\", hour: 25)", ".when.hour", "a day has no hour 25"),
        ("BusinessHours(mean: \"1h\", opens: 15, closes: 9)", ".when.closes", "work from 15 to 9 h is none"),
        (
            "BusinessHours(mean: \"1h\", hour: 8)",
            ".when",
            "work begins after 1h, which never happens in a run of 30min",
        ),
        ("BusinessHours(mean: \"1h\", day: Friday, hour: 15)", ".when", "work begins after 2d18h, which"),
        ("BusinessHours(mean: \"1h\", day: Sunday, hour: 12, opens: 0)", ".when", "work begins after 12h, which"),
        ("On(fact: NodeLost, times: 0)", ".when.times", "no strike at all breaks nothing"),
        ("On(fact: Scaled(\"shpo\"))", ".when.fact", "did you mean `shop`?"),
        ("On(fact: Ends(\"LoseNodes eu zone 2\"))", ".when.fact", "unknown fault"),
        ("On(fact: Breaks(\"served\"))", ".when.fact", "unknown check"),
    ] {
        says(&when(wrong), at, message);
    }
    says(
        "(name: \"me\", what: Slow(2.0), when: On(fact: Begins(\"me\"))),",
        ".when.fact",
        "a fault that waits for itself never comes",
    );
    says(
        "(what: Slow(2.0), when: Monkey(level: \"1%\", every: \"1min\")),",
        ".when.level",
        "expected a number, found the string \"1%\"",
    );
    says("(what: Slow(2.0), when: Monkey(level: \"7%\", every: \"1min\")),", "", "help: write 0.07");
    says(
        "(what: Crash, target: (count: 1), when: Monkey(level: 0.1, every: \"1min\")),",
        ".target",
        "each is hit by its own chance",
    );
    says("(what: Partition, when: Monkey(level: 0.1, every: \"1min\")),", ".when", "Monkey hits servers");
}

#[test]
fn names() {
    let twice = |one: &str, other: &str| {
        let fault =
            |name: &str, at: &str| format!("({name}what: Crash, target: (service: \"stock\"), when: At(\"{at}\")),");
        [fault(one, "1min"), fault(other, "2min")].concat()
    };
    // The second of those that have no name is "Crash stock (2)".
    let waits = "(what: Slow(2.0), when: On(fact: Begins(\"Crash stock (2)\"))),";
    fine(&(twice("", "") + waits));
    fine(&twice("name: \"a\", ", "name: \"b\", "));
    says(&twice("name: \"a\", ", "name: \"a\", "), ".name", "two faults are called \"a\"");
    says(&twice("name: \"\", ", ""), ".name", "a name has at least a letter");
}

#[test]
fn whole_places_need_regions() {
    let (before, rest) = GOOD.split_once("    regions:").expect("there are regions");
    let (_, after) = rest.split_once('\n').expect("they are one line");
    let nowhere = format!("{before}{after}").replace(", regions: [\"eu\"]", "").replace("region: \"eu\", zone: 1", "");
    assert_eq!(complaints(&nowhere), None);
    for what in ["LoseZone", "LoseRegion"] {
        let said = complaints(&nowhere.replace("what: LoseNodes", &format!("what: {what}"))).unwrap_or_default();
        assert!(said.contains(&format!("{what} takes whole places, and there are none")), "{said}");
        assert!(said.contains("at faults[0].what\n") && said.contains("regions: { \"here\""), "{said}");
    }
}

#[test]
fn numbers_of_pods_and_nodes() {
    // Nothing takes another's place here.
    let still = GOOD.replace("what: LoseNodes", "what: Slow(2.0)").replace(FAULT, "FAULT");
    let said = |target: &str| {
        let fault = format!("(what: Pause, target: ({target}), when: At(\"1min\")),");
        complaints(&still.replace("FAULT", &fault)).unwrap_or_default() + "\n"
    };
    for (target, at, message) in [
        ("service: \"shop\", pod: 10", "pod", "pods are counted from 0, here to 9"),
        // Of the stock an autoscaler may bring that many.
        ("pod: 100", "pod", "pods are counted from 0, here to 99"),
        ("node: 12", "node", "nodes are counted from 0, here to 11"),
    ] {
        let said = said(target);
        assert!(said.contains(message) && said.contains(&format!("at faults[2].target.{at}\n")), "{said}");
    }
    for target in ["service: \"shop\", pod: 9", "service: \"stock\", pod: 1", "node: 11"] {
        assert_eq!(said(target), "\n", "{target}");
    }
    // Who replaces pods that are deleted has a number of its own.
    fine("(what: Pause, target: (pod: 100), when: At(\"1min\")),");
}

#[test]
fn circles_of_faults() {
    let on = |name: &str, fact: &str| format!("(name: \"{name}\", what: Slow(2.0), when: On(fact: {fact})),");
    fine(&[on("a", "Begins(\"b\")"), on("b", "Ends(\"c\")"), on("c", "NodeLost")].concat());
    let circle = [on("a", "Begins(\"b\")"), on("b", "Ends(\"c\")"), on("c", "Begins(\"b\")")].concat();
    let said = complaints(&GOOD.replace(FAULT, &circle)).unwrap_or_default();
    assert!(
        said.contains("none of them ever comes: b -> c -> b") && said.contains("at faults[3].when.fact\n"),
        "{said}"
    );
    assert_eq!(said.matches("error").count(), 1, "{said}");
}

#[test]
fn checks() {
    let with = |checks: &str| GOOD.replace("    faults: [", &format!("    {checks},\n    faults: ["));
    for good in [
        "guard: true, steady_state: { \"a\": (workload: \"crowd\", good: \"99%\", within: \"1s\", window: \"5s\") }",
        "steady_state: { \"a\": (service: \"shop\", ready: 3) }",
    ] {
        assert_eq!(complaints(&with(good)), None, "{good}");
    }
    for (wrong, message) in [
        ("guard: true", "there is nothing to guard without steady_state"),
        ("steady_state: { \"a\": () }", "a check is of a workload's requests or of a service's replicas"),
        ("steady_state: { \"a\": (workload: \"crwd\", good: \"9%\") }", "did you mean `crowd`?"),
        ("steady_state: { \"a\": (workload: \"crowd\") }", "how many requests are good?"),
        ("steady_state: { \"a\": (workload: \"crowd\", good: \"101%\") }", "101% is more than all of them"),
        ("steady_state: { \"a\": (workload: \"crowd\", good: \"0%\") }", "at least none is always so"),
        ("steady_state: { \"a\": (workload: \"crowd\", good: \"9%\", window: \"0s\") }", "a window of no time"),
        (
            "steady_state: { \"a\": (workload: \"crowd\", good: \"9%\", window: \"10h\") }",
            "10h is longer than the run, 30min",
        ),
        ("steady_state: { \"a\": (service: \"shop\") }", "how many replicas are ready?"),
        ("steady_state: { \"a\": (service: \"shop\", ready: 1, good: \"9%\") }", "make that a check of its own"),
    ] {
        let said = complaints(&with(wrong)).unwrap_or_else(|| panic!("{wrong} should be wrong"));
        assert!(said.contains(message), "{said}");
    }
}
