//! Whom a release harms, and what its share of the traffic sets off.

use std::path::Path;

use scenarios::file::Source;
use sim_core::results::Results;

/// Ten servers of which a new version is released after 30 s.
fn run(rollout: &str, version: &str, policies: &str, more: &str) -> Results {
    let release = format!(r#"(service: "shop", when: At("30s"), version: (name: "v2", {version}))"#);
    run_all(rollout, &release, policies, more)
}

fn run_all(rollout: &str, releases: &str, policies: &str, more: &str) -> Results {
    let text = format!(
        r#"Scenario(
            name: "release", duration: "6min", sample_every: "1s",
            services: {{ "shop": (
                replicas: 10, pod: (startup: "2s"), probes: (readiness: (period: "1s")), rollout: {rollout},
                endpoints: {{ "buy": [Work(Exponential(mean: "20ms"))] }},
            ) }},
            workloads: {{ "crowd": (to: "shop/buy", rate: "200/s", policies: [{policies}]) }},
            releases: [{releases}],
            {more}
        )"#
    );
    let loaded = scenarios::parse(&Source::new("release.ron", text), Path::new(""));
    let loaded = loaded.unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results
}

fn value(results: &Results, subject: &str, name: &str) -> f64 {
    let found = results.metrics.iter().find(|metric| metric.subject == subject && metric.name == name);
    found.unwrap_or_else(|| panic!("no {name} of {subject}")).value
}

/// When each fault first struck, by name.
fn begun(results: &Results) -> Vec<(String, f64)> {
    let faults = results.tables.iter().find(|table| table.name == "faults").expect("there are faults");
    faults.rows.iter().map(|row| (row[0].clone(), row[2].parse().expect("a time"))).collect()
}

const HARMLESS: &str = "ClockSkew(offset: \"1ms\")";

/// Faults that wait for v2's shares of the traffic.
fn waiting(shares: &[u32]) -> String {
    let fault = |share: &u32| {
        format!(
            "(name: \"{share}\", what: {HARMLESS}, lasts: \"1s\", when: On(fact: Share(\"shop v2\", \"{share}%\"))), "
        )
    };
    format!("faults: [{}]", shares.iter().map(fault).collect::<String>())
}

#[test]
fn a_share_is_the_routers_where_there_is_one() {
    let steps = r#"[SetWeight(10), Pause("1min"), SetWeight(50), Pause("1min")]"#;
    let results = run(&format!("Canary(steps: {steps})"), "", "", &waiting(&[1, 10, 50, 100]));
    let at: Vec<f64> = begun(&results).into_iter().map(|(_, at)| at).collect();
    // One pod starts within five seconds and is paused over, then so do four more.
    assert!((30.0..40.0).contains(&at[0]) && at[0] == at[1], "{at:?}");
    assert!((at[1] + 60.0..at[1] + 70.0).contains(&at[2]), "{at:?}");
    assert!((at[2] + 60.0..at[2] + 70.0).contains(&at[3]), "{at:?}");
    // Blue-green has all of it at once, and nothing while its preview starts.
    let results = run("BlueGreen(preview_replicas: 5)", "", "", &waiting(&[1, 100]));
    let at: Vec<f64> = begun(&results).into_iter().map(|(_, at)| at).collect();
    assert!(at[0] > 33.0 && at[0] == at[1], "{at:?}");
}

#[test]
fn a_release_that_is_deployed_twice_begins_once() {
    let deploy = |name: &str, at: &str| format!(r#"(name: "{name}", what: Deploy("shop v2"), when: At("{at}")), "#);
    let twice = format!("faults: [{}{}]", deploy("once", "1min"), deploy("again", "3min"));
    let release = r#"(service: "shop", version: (name: "v2", error_rate: "1%"))"#;
    let results = run_all("Rolling()", release, "", &twice);
    assert_eq!(value(&results, "shop v2", "promoted"), 1.0);
}

#[test]
fn harmed_is_who_fails_in_the_end() {
    let rolling = "Rolling()";
    let once = run(rolling, "error_rate: \"20%\"", "", "");
    assert_eq!(value(&once, "shop v2", "harmed"), value(&once, "crowd", "failed"));
    let again = run(rolling, "error_rate: \"20%\"", "Retry(attempts: 8, first: \"1ms\")", "");
    assert_eq!(value(&again, "shop v2", "harmed"), value(&again, "crowd", "failed"));
    assert!(value(&again, "shop v2", "harmed") < 0.01 * value(&once, "shop v2", "harmed"));
}

#[test]
fn a_version_that_crashes_harms_whoever_finds_nobody() {
    let results = run("Rolling()", "crash_after: Constant(\"20s\")", "", "");
    let (harmed, failed) = (value(&results, "shop v2", "harmed"), value(&results, "crowd", "failed"));
    assert!(failed > 5_000.0 && harmed > 0.98 * failed, "{harmed} of {failed}");
}

#[test]
fn what_befalls_a_good_version_is_not_its_fault() {
    let kill = r#"faults: [(what: Crash, target: (percent: "50%"), when: Every(interval: "20s", from: "3min"))]"#;
    let [calm, killed] = ["", kill].map(|more| run("Rolling()", "", "", more));
    assert!(value(&killed, "crowd", "failed") > value(&calm, "crowd", "failed") + 100.0);
    assert_eq!(value(&killed, "shop v2", "harmed"), value(&calm, "shop v2", "harmed"));
}

#[test]
fn a_canary_without_a_pod_gets_no_traffic() {
    let steps = r#"[SetCanaryScale(Replicas(0)), SetWeight(50), Pause("1min")]"#;
    let results = run(&format!("Canary(steps: {steps})"), "", "", "");
    assert_eq!(value(&results, "crowd", "failed"), 0.0);
}
