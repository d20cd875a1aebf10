//! Shorthands, and text that is written and read again.

use super::*;

#[test]
fn shorthands_mean_what_they_stand_for() {
    let long = GOOD
        .replace("balancer: LeastConnections", "balancer: LeastConnections()")
        .replace("Work(\"5ms\")", "Work(Constant(\"5ms\"))")
        .replace("Work(\"1ms\")", "Work(Constant(\"1ms\"))")
        .replace("rate: \"10/s\"", "rate: Constant(\"10/s\")");
    let short: Scenario = parse(&Source::new("short.ron", GOOD)).unwrap();
    assert_eq!(short, parse(&Source::new("long.ron", long)).unwrap());
    assert_eq!(
        short.services["stock"].balancer,
        Some(Balancer::LeastConnections(LeastConnections { weighted: false }))
    );
}

#[test]
fn what_is_written_reads_the_same() {
    let source = Source::new("shop.ron", GOOD);
    let scenario: Scenario = parse(&source).unwrap();
    let text = write_explained("Scenario", &scenario, &source);
    assert_eq!(parse::<Scenario>(&Source::new("written.ron", text.clone())).unwrap(), scenario);
    let defaults: Vec<&str> = text.lines().filter(|line| line.ends_with("// default")).map(str::trim).collect();
    let expected = [
        "speed: None, // default",
        "speed: None, // default",
        "weighted: false, // default",
        "autoscaler: None, // default",
        "from: None, // default",
    ];
    assert_eq!(defaults, expected);
}

#[test]
fn many_shorthands_cost_few_readings() {
    // 20,000 shorthands in one file: were each repaired alone, this would take hours.
    let steps = "Work(\"5ms\"), ".repeat(20_000);
    let text = GOOD.replace("Work(\"5ms\"), ", &steps);
    let scenario: Scenario = parse(&Source::new("large.ron", text)).unwrap();
    assert_eq!(scenario.services["stock"].endpoints["reserve"].len(), 20_001);
}
