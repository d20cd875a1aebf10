//! Broken files and what is said about them, against a schema much like a scenario's.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use sim_core::Span;
use sim_core::units::{Rate, Ratio};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    duration: Span,
    #[serde(default)]
    services: BTreeMap<String, Service>,
    #[serde(default)]
    workloads: BTreeMap<String, Workload>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    replicas: u32,
    #[serde(default)]
    speed: Option<f64>,
    #[serde(default)]
    balancer: Option<Balancer>,
    #[serde(default)]
    autoscaler: Option<Autoscaler>,
    endpoints: BTreeMap<String, Vec<Step>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Balancer {
    RoundRobin(RoundRobin),
    LeastConnections(LeastConnections),
    PowerOfChoices(PowerOfChoices),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundRobin {}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LeastConnections {
    weighted: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PowerOfChoices {
    choices: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Autoscaler {
    Hpa { min: u32, max: u32, cpu: Ratio },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Step {
    Work(Duration),
    Call {
        to: String,
        #[serde(default)]
        policies: Vec<Policy>,
    },
    Parallel(Vec<Vec<Step>>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Duration {
    Constant(Span),
    LogNormal { mean: Span, cv: f64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Policy {
    Timeout(Span),
    Retry(Retry),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    attempts: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Workload {
    #[serde(default)]
    from: Option<String>,
    to: String,
    rate: Profile,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Profile {
    Constant(Rate),
    Steps(Vec<(Span, Rate)>),
}

const GOOD: &str = r#"// A shop and its stock.
Scenario(
    name: "Black Friday",
    duration: "30min",
    services: {
        "shop": (
            replicas: 100,
            balancer: PowerOfChoices(choices: 2),
            autoscaler: Hpa(min: 10, max: 1000, cpu: "70%"),
            endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: 0.8)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(attempts: 3)])] },
        ),
        "stock": (replicas: 40, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
    },
    workloads: {
        "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", "14000/s")])),
        "bots": (to: "shop/buy", rate: "10/s"),
    },
)
"#;

/// The message about GOOD with one change.
fn changed(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from} must be unique");
    broken(&GOOD.replace(from, to))
}

fn broken(text: &str) -> String {
    match parse::<Scenario>(&Source::new("shop.ron", text)) {
        Ok(scenario) => panic!("should not parse: {scenario:?}"),
        Err(diagnostic) => diagnostic.render(false),
    }
}

fn set(arguments: &[&str]) -> Result<Scenario, Diagnostic> {
    let source = arguments.iter().try_fold(Source::new("shop.ron", GOOD), |source, argument| source.set(argument))?;
    parse(&source)
}

fn set_fails(argument: &str) -> String {
    set(&[argument]).expect_err(argument).render(false)
}

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
fn names() {
    let mut all = String::new();
    for (from, to) in [
        ("duration:", "duratoin:"),
        ("cv: 0.8", "sigma: 0.8"),
        ("PowerOfChoices", "PowerOfChioces"),
        ("balancer: LeastConnections", "balancer: LeastConections"),
        ("balancer: LeastConnections", "balancer: \"RoundRobin\""),
        ("balancer: LeastConnections", "balancer: 3"),
        ("balancer: LeastConnections", "balancer: (weighted: true)"),
        ("balancer: LeastConnections", "balancer: PowerOfChoices"),
        ("Retry(attempts: 3)", "Retry(3)"),
        ("Retry(attempts: 3)", "Retry"),
        ("Work(\"5ms\")", "Work"),
        ("to: \"shop/buy\", rate: \"10/s\"", "rate: \"10/s\""),
        ("replicas: 40, ", ""),
        ("    duration: \"30min\",\n", ""),
        ("Scenario(", "Scenery("),
        ("duration:", "\"duration\":"),
    ] {
        writeln!(all, "{}\n", changed(from, to)).unwrap();
    }
    insta::assert_snapshot!(all, @r#"
    error[E001]: unexpected field `duratoin` in `Scenario`
     --> shop.ron:4:5
      |
    4 |     duratoin: "30min",
      |     ^^^^^^^^ at duratoin
      |
      = help: did you mean `duration`? (known: name, duration, services, workloads)

    error[E001]: unexpected field `sigma` in `LogNormal`
      --> shop.ron:10:63
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms", sigma: 0.8)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(a...
       |                                                         ^^^^^ at services.shop.endpoints.buy[0].sigma
       |
       = help: known: mean, cv

    error[E002]: unknown variant `PowerOfChioces` in `Balancer`
     --> shop.ron:8:23
      |
    8 |             balancer: PowerOfChioces(choices: 2),
      |                       ^^^^^^^^^^^^^^ at services.shop.balancer
      |
      = help: did you mean `PowerOfChoices`? (known: RoundRobin, LeastConnections, PowerOfChoices)

    error[E002]: unknown variant `LeastConections` in `Balancer`
      --> shop.ron:12:43
       |
    12 |         "stock": (replicas: 40, balancer: LeastConections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                                           ^^^^^^^^^^^^^^^ at services.stock.balancer
       |
       = help: did you mean `LeastConnections`? (known: RoundRobin, LeastConnections, PowerOfChoices)

    error[E004]: expected a variant of `Balancer`, found the string "RoundRobin"
      --> shop.ron:12:43
       |
    12 |         "stock": (replicas: 40, balancer: "RoundRobin", endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                                           ^^^^^^^^^^^^ at services.stock.balancer
       |
       = help: write RoundRobin without quotes (known: RoundRobin, LeastConnections, PowerOfChoices)

    error[E004]: expected a variant of `Balancer`, found the number 3
      --> shop.ron:12:43
       |
    12 |         "stock": (replicas: 40, balancer: 3, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                                           ^ at services.stock.balancer
       |
       = help: known: RoundRobin, LeastConnections, PowerOfChoices

    error[E004]: expected a variant of `Balancer`, found fields in parentheses
      --> shop.ron:12:33
       |
    12 |         "stock": (replicas: 40, balancer: (weighted: true), endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                                 ^^^^^^^^ at services.stock.balancer
       |
       = help: known: RoundRobin, LeastConnections, PowerOfChoices

    error[E003]: missing field `choices` in `PowerOfChoices`
      --> shop.ron:12:43
       |
    12 |         "stock": (replicas: 40, balancer: PowerOfChoices, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                                           ^^^^^^^^^^^^^^ at services.stock.balancer
       |
       = help: add `choices: …`

    error[E004]: expected named fields in `Retry`, found the number 3
      --> shop.ron:10:135
       |
    10 | ...rve", policies: [Timeout("250ms"), Retry(3)])] },
       |                                             ^ at services.shop.endpoints.buy[1].policies[1]
       |
       = help: write `field: value` (known: attempts)

    error[E003]: missing field `attempts` in `Retry`
      --> shop.ron:10:129
       |
    10 | ...reserve", policies: [Timeout("250ms"), Retry])] },
       |                                           ^^^^^ at services.shop.endpoints.buy[1].policies[1]
       |
       = help: add `attempts: …`

    error[E004]: `Work` needs a value
      --> shop.ron:12:86
       |
    12 |         "stock": (replicas: 40, balancer: LeastConnections, endpoints: { "reserve": [Work, Parallel([[Work("1ms")], []])] }),
       |                                                                                      ^^^^ at services.stock.endpoints.reserve[0]
       |
       = help: write Work(…)

    error[E003]: missing field `to` in `Workload`
      --> shop.ron:16:9
       |
    16 |         "bots": (rate: "10/s"),
       |         ^^^^^^ at workloads.bots
       |
       = help: add `to: …`

    error[E003]: missing field `replicas` in `Service`
      --> shop.ron:12:9
       |
    12 |         "stock": (balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |         ^^^^^^^ at services.stock
       |
       = help: add `replicas: …`

    error[E003]: missing field `duration` in `Scenario`
     --> shop.ron:2:1
      |
    2 | Scenario(
      | ^^^^^^^^
      |
      = help: add `duration: …`

    error[E004]: expected `Scenario(…)`, found `Scenery`
     --> shop.ron:2:1
      |
    2 | Scenery(
      | ^^^^^^^
      |
      = help: write Scenario(…), or leave the name out

    error[E010]: a field's name stands without quotes
     --> shop.ron:4:5
      |
    4 |     "duration": "30min",
      |     ^^^^^^^^^^ at duration
      |
      = help: write `duration: …`
    "#);
}

#[test]
fn values() {
    let mut all = String::new();
    for (from, to) in [
        ("replicas: 40", "replicas: \"40\""),
        ("replicas: 40", "replicas: 4.5"),
        ("replicas: 40", "replicas: -1"),
        ("replicas: 40", "replicas: 40x"),
        ("replicas: 40", "replicas: 99999999999"),
        ("cv: 0.8", "cv: high"),
        ("\"Black Friday\"", "Friday"),
        ("\"shop\": (", "shop: ("),
        ("\"30min\"", "1800"),
        ("\"30min\"", "\"1800\""),
        ("\"30min\"", "30min"),
        ("\"30min\"", "\"30 minutes\""),
        ("\"70%\"", "0.7"),
        ("\"70%\"", "70%"),
        ("rate: \"10/s\"", "rate: 10"),
        ("rate: \"10/s\"", "rate: \"10\""),
        ("rate: \"10/s\"", "rate: [(\"0s\", \"10/s\")]"),
        ("Work(\"5ms\")", "Work(5)"),
        ("(\"5min\", \"14000/s\")", "(\"5min\", 14000)"),
        ("(\"5min\", \"14000/s\")", "(\"5min\", \"14000/s\", 3)"),
        ("(\"5min\", \"14000/s\")", "\"14000/s\""),
        ("{ \"reserve\": [Work(\"5ms\"), Parallel([[Work(\"1ms\")], []])] }", "[Work(\"5ms\")]"),
        ("{ \"reserve\": [Work(\"5ms\"), Parallel([[Work(\"1ms\")], []])] }", "(reserve: [Work(\"5ms\")])"),
        ("[Timeout(\"250ms\"), Retry(attempts: 3)]", "Timeout(\"250ms\")"),
        ("(to: \"shop/buy\", rate: \"10/s\")", "\"shop/buy\""),
        ("(to: \"shop/buy\", rate: \"10/s\")", "{ \"to\": \"shop/buy\" }"),
    ] {
        writeln!(all, "{}\n", changed(from, to)).unwrap();
    }
    insta::assert_snapshot!(all, @r#"
    error[E004]: expected a whole number, found the string "40"
      --> shop.ron:12:29
       |
    12 |         "stock": (replicas: "40", balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                             ^^^^ at services.stock.replicas
       |
       = help: write 40

    error[E004]: expected a whole number, found the number 4.5
      --> shop.ron:12:29
       |
    12 |         "stock": (replicas: 4.5, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                             ^^^ at services.stock.replicas

    error[E007]: the number -1 is out of range here
      --> shop.ron:12:29
       |
    12 |         "stock": (replicas: -1, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                             ^^ at services.stock.replicas

    error[E004]: expected a number, found `40x`
      --> shop.ron:12:29
       |
    12 |         "stock": (replicas: 40x, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |                             ^^^ at services.stock.replicas

    error[E007]: the number 99999999999 is out of range here
      --> shop.ron:12:29
       |
    12 | ...   "stock": (replicas: 99999999999, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []...
       |                           ^^^^^^^^^^^ at services.stock.replicas

    error[E004]: expected a number, found `high`
      --> shop.ron:10:67
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: high)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(att...
       |                                                             ^^^^ at services.shop.endpoints.buy[0].cv

    error[E004]: expected text in quotes, found `Friday`
     --> shop.ron:3:11
      |
    3 |     name: Friday,
      |           ^^^^^^ at name
      |
      = help: write "Friday"

    error[E004]: expected text in quotes, found the key shop
     --> shop.ron:6:9
      |
    6 |         shop: (
      |         ^^^^ at services.shop
      |
      = help: write "shop"

    error[E005]: expected a duration with a unit, such as "250ms", found the number 1800
     --> shop.ron:4:15
      |
    4 |     duration: 1800,
      |               ^^^^ at duration
      |
      = help: add the unit, for example "1800ms"

    error[E005]: expected a duration with a unit (d, h, min, s, ms, us, ns), such as "250ms" or "1h30min", found "1800"
     --> shop.ron:4:15
      |
    4 |     duration: "1800",
      |               ^^^^^^ at duration
      |
      = help: add the unit, for example "1800ms"

    error[E005]: expected a duration with a unit, such as "250ms", found `30min`
     --> shop.ron:4:15
      |
    4 |     duration: 30min,
      |               ^^^^^ at duration
      |
      = help: write "30min"

    error[E005]: expected a duration with a unit (d, h, min, s, ms, us, ns), such as "250ms" or "1h30min", found "30 minutes"
     --> shop.ron:4:15
      |
    4 |     duration: "30 minutes",
      |               ^^^^^^^^^^^^ at duration

    error[E005]: expected a percentage, such as "70%", found the number 0.7
     --> shop.ron:9:54
      |
    9 |             autoscaler: Hpa(min: 10, max: 1000, cpu: 0.7),
      |                                                      ^^^ at services.shop.autoscaler.cpu
      |
      = help: write "70%"

    error[E005]: expected a percentage, such as "70%", found `70%`
     --> shop.ron:9:54
      |
    9 |             autoscaler: Hpa(min: 10, max: 1000, cpu: 70%),
      |                                                      ^^^ at services.shop.autoscaler.cpu
      |
      = help: write "70%"

    error[E005]: expected a rate with a unit, such as "40/s", found the number 10
      --> shop.ron:16:40
       |
    16 |         "bots": (to: "shop/buy", rate: 10),
       |                                        ^^ at workloads.bots.rate
       |
       = help: add the unit, for example "10/s"

    error[E005]: expected a rate with a unit (/s, /min, /h, /d), such as "40/s", found "10"
      --> shop.ron:16:40
       |
    16 |         "bots": (to: "shop/buy", rate: "10"),
       |                                        ^^^^ at workloads.bots.rate
       |
       = help: add the unit, for example "10/s"

    error[E004]: expected a variant of `Profile`, found a list
      --> shop.ron:16:34
       |
    16 |         "bots": (to: "shop/buy", rate: [("0s", "10/s")]),
       |                                  ^^^^ at workloads.bots.rate
       |
       = help: known: Constant, Steps

    error[E005]: expected a duration with a unit, such as "250ms", found the number 5
      --> shop.ron:12:91
       |
    12 |         "stock": (replicas: 40, balancer: LeastConnections, endpoints: { "reserve": [Work(5), Parallel([[Work("1ms")], []])] }),
       |                                                                                           ^ at services.stock.endpoints.reserve[0]
       |
       = help: add the unit, for example "5ms"

    error[E005]: expected a rate with a unit, such as "40/s", found the number 14000
      --> shop.ron:15:91
       |
    15 |         "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", 14000)])),
       |                                                                                           ^^^^^ at workloads.crowd.rate[1][1]
       |
       = help: add the unit, for example "14000/s"

    error[E004]: one value too many: the number 3
      --> shop.ron:15:102
       |
    15 |         "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", "14000/s", 3)])),
       |                                                                                                      ^ at workloads.crowd.rate[1][2]

    error[E004]: expected parentheses (…), found the string "14000/s"
      --> shop.ron:15:82
       |
    15 |         "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), "14000/s"])),
       |                                                                                  ^^^^^^^^^ at workloads.crowd.rate[1]

    error[E004]: expected a map {…}, found a list
      --> shop.ron:12:61
       |
    12 |         "stock": (replicas: 40, balancer: LeastConnections, endpoints: [Work("5ms")]),
       |                                                             ^^^^^^^^^ at services.stock.endpoints
       |
       = help: a map stands in braces: { "key": value, … }

    error[E004]: expected a map {…}, found fields in parentheses
      --> shop.ron:12:61
       |
    12 |         "stock": (replicas: 40, balancer: LeastConnections, endpoints: (reserve: [Work("5ms")])),
       |                                                             ^^^^^^^^^ at services.stock.endpoints
       |
       = help: a map stands in braces, its keys in quotes: { "key": value, … }

    error[E004]: expected a list […], found `Timeout(…)`
      --> shop.ron:10:110
       |
    10 |             endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: 0.8)), Call(to: "stock/reserve", policies: Timeout("250ms"))] },
       |                                                                                                              ^^^^^^^ at services.shop.endpoints.buy[1].policies
       |
       = help: a list stands in brackets: [value, …]

    error[E004]: expected `Workload`, fields in parentheses (…), found the string "shop/buy"
      --> shop.ron:16:17
       |
    16 |         "bots": "shop/buy",
       |                 ^^^^^^^^^^ at workloads.bots

    error[E004]: expected `Workload`, fields in parentheses (…), found a map
      --> shop.ron:16:9
       |
    16 |         "bots": { "to": "shop/buy" },
       |         ^^^^^^ at workloads.bots
       |
       = help: fields stand in parentheses: (field: value, …)
    "#);
}

#[test]
fn form() {
    let mut all = String::new();
    for (from, to) in [
        ("\"bots\": (to", "\"crowd\": (to"),
        ("from: \"europe\"", "to: \"x\""),
        ("\"20ms\", cv", "\"20ms\" cv"),
        ("name: \"Black Friday\"", "name = \"Black Friday\""),
        ("name: \"Black Friday\"", "name: Black Friday"),
        ("name: \"Black Friday\"", "name: “Black Friday”"),
        ("name: \"Black Friday\"", "name: \"Black Friday"),
        ("\n        ),", "\n        },"),
        (" }),\n    },", " },\n    },"),
        ("\n)\n", "\n"),
        ("\n)\n", "\n))\n"),
        ("// A shop", "/* A shop"),
        ("Call(to: \"stock", "Call(\"stock"),
        ("cv: 0.8", "cv: "),
        ("cv: 0.8", "cv: 0.8.1"),
        ("\"Black Friday\"", "\"Black \\q Friday\""),
    ] {
        writeln!(all, "{}\n", changed(from, to)).unwrap();
    }
    writeln!(all, "{}\n", broken(&"(".repeat(100_000))).unwrap();
    insta::assert_snapshot!(all, @r#"
    error[E006]: `crowd` is given twice
      --> shop.ron:16:9
       |
    16 |         "crowd": (to: "shop/buy", rate: "10/s"),
       |         ^^^^^^^
       |
       = help: it was given on line 15 before

    error[E006]: `to` is given twice
      --> shop.ron:15:28
       |
    15 |         "crowd": (to: "x", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", "14000/s")])),
       |                            ^^
       |
       = help: it was given on line 15 before

    error[E010]: expected a comma or `)` here
      --> shop.ron:10:61
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms" cv: 0.8)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(attem...
       |                                                       ^

    error[E010]: expected `:`, found `=`
     --> shop.ron:3:10
      |
    3 |     name = "Black Friday",
      |          ^
      |
      = help: a field is written `name: value`

    error[E010]: expected a comma or `)` here
     --> shop.ron:3:16
      |
    3 |     name: Black Friday,
      |                ^
      |
      = help: text stands in quotes: "Black Friday"

    error[E010]: typographic quotes do not count
     --> shop.ron:3:11
      |
    3 |     name: “Black Friday”,
      |           ^
      |
      = help: text stands in straight double quotes: "…"

    error[E010]: expected a comma or `)` here
     --> shop.ron:4:16
      |
    4 |     duration: "30min",
      |                ^
      |
      = help: perhaps the string that begins on line 3 is never closed

    error[E010]: expected `)`, found `}`
      --> shop.ron:11:9
       |
    11 |         },
       |         ^
       |
       = help: the `(` of line 6 is still open

    error[E010]: expected `)`, found `}`
      --> shop.ron:13:5
       |
    13 |     },
       |     ^
       |
       = help: the `(` of line 12 is still open

    error[E010]: this `(` is never closed
     --> shop.ron:2:9
      |
    2 | Scenario(
      |         ^
      |
      = help: it needs a `)`

    error[E010]: nothing is open that this `)` could close
      --> shop.ron:18:2
       |
    18 | ))
       |  ^

    error[E010]: this comment is never closed
     --> shop.ron:1:1
      |
    1 | /* A shop and its stock.
      | ^^

    error[E010]: named and unnamed values cannot be mixed in parentheses
      --> shop.ron:10:96
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: 0.8)), Call("stock/reserve", policies: [Timeout("250ms"), Retry(attempts...
       |                                                                                          ^^^^^^^^
       |
       = help: name all of them: (field: value, …)

    error[E010]: expected a value before this `)`
      --> shop.ron:10:67
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: )), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(attempt...
       |                                                             ^

    error[E004]: expected a number, found `0.8.1`
      --> shop.ron:10:67
       |
    10 | ...   endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: 0.8.1)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(at...
       |                                                             ^^^^^ at services.shop.endpoints.buy[0].cv

    error[E010]: unknown escape character (here: the string "Black \q Friday")
     --> shop.ron:3:11
      |
    3 |     name: "Black \q Friday",
      |           ^^^^^^^^^^^^^^^^^ at name

    error[E011]: brackets are nested deeper than 64 levels
     --> shop.ron:1:65
      |
    1 | (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((...
      |                                                                 ^
    "#);
}

#[test]
fn overrides_change_and_add_values() {
    let scenario = set(&[
        "services.shop.replicas=7",
        "services.shop.balancer.choices=3",
        "services.stock.balancer.weighted=true",
        "services.stock.speed=0.5",
        "services.shop.endpoints.buy[0].mean=1.5s",
        "services.stock.autoscaler=Hpa(min: 1, max: 9, cpu: \"50%\")",
        "services.stock.autoscaler.cpu=70%",
        "workloads.crowd.rate=5000/s",
        "workloads.bots.from=europe",
        "workloads.\"a=b\"=(to: \"shop/buy\", rate: \"1/s\")",
        "services.stock.endpoints.reserve[2]=Work(\"9ms\")",
        "duration=1h30min",
        "name=The \"big\" day",
    ])
    .unwrap();
    let (shop, stock) = (&scenario.services["shop"], &scenario.services["stock"]);
    assert_eq!(shop.replicas, 7);
    assert_eq!(shop.balancer, Some(Balancer::PowerOfChoices(PowerOfChoices { choices: 3 })));
    assert_eq!(stock.balancer, Some(Balancer::LeastConnections(LeastConnections { weighted: true })));
    assert_eq!(stock.speed, Some(0.5));
    let mean = Span::from_millis(1_500);
    assert_eq!(shop.endpoints["buy"][0], Step::Work(Duration::LogNormal { mean, cv: 0.8 }));
    assert_eq!(stock.autoscaler, Some(Autoscaler::Hpa { min: 1, max: 9, cpu: Ratio::new(0.7) }));
    assert_eq!(scenario.workloads["crowd"].rate, Profile::Constant(Rate::per_second(5000.0)));
    assert_eq!(scenario.workloads["bots"].from.as_deref(), Some("europe"));
    assert_eq!(scenario.workloads["a=b"].to, "shop/buy");
    assert_eq!(stock.endpoints["reserve"][2], Step::Work(Duration::Constant(Span::from_millis(9))));
    assert_eq!(scenario.duration, Span::from_secs(5400));
    assert_eq!(scenario.name, "The \"big\" day");
}

#[test]
fn overrides_that_fit_nothing() {
    let mut all = String::new();
    for argument in [
        "servces.shop.replicas=3",
        "services.shop.replica=3",
        "services.shpo.replicas=3",
        "services.shop.replicas.x.y=3",
        "services.shop.endpoints.buy[7]=Work(\"1ms\")",
        "services.shop.replicas=many",
        "services.shop.replicas=3)",
        "services.shop.endpoints.buy[0]=Work(\"1ms\"",
        "services.shop.autoscaler.cpu=70",
        "workloads.crowd.rate=fast",
        "services..shop=3",
        "services.shop.replicas",
        "services.shop.replicas=",
        "=3",
    ] {
        writeln!(all, "{}\n", set_fails(argument)).unwrap();
    }
    insta::assert_snapshot!(all, @r#"
    error[E017]: no `servces` at top level
     --> --set:1:1
      |
    1 | servces.shop.replicas=3
      | ^^^^^^^
      |
      = help: did you mean `services`? (known: name, duration, services, workloads)

    error[E001]: unexpected field `replica` in `Service`
     --> --set:1:15
      |
    1 | services.shop.replica=3
      |               ^^^^^^^ at services.shop.replica
      |
      = help: did you mean `replicas`? (known: replicas, speed, balancer, autoscaler, endpoints)

    error[E017]: no `shpo` in `services`
     --> --set:1:10
      |
    1 | services.shpo.replicas=3
      |          ^^^^
      |
      = help: did you mean `shop`? (known: shop, stock)

    error[E017]: no `x` in `services.shop.replicas`: that is the number 100
     --> --set:1:24
      |
    1 | services.shop.replicas.x.y=3
      |                        ^

    error[E017]: no element 7 in `services.shop.endpoints.buy`: it has 2, counted from 0
     --> --set:1:28
      |
    1 | services.shop.endpoints.buy[7]=Work("1ms")
      |                            ^^^

    error[E004]: expected a whole number, found `many`
     --> --set:1:24
      |
    1 | services.shop.replicas=many
      |                        ^^^^ at services.shop.replicas

    error[E004]: expected a whole number, found the string "3)"
     --> --set:1:24
      |
    1 | services.shop.replicas=3)
      |                        ^^ at services.shop.replicas

    error[E017]: this `(` is never closed
     --> --set:1:36
      |
    1 | services.shop.endpoints.buy[0]=Work("1ms"
      |                                    ^

    error[E005]: expected a percentage, such as "70%", found the number 70
     --> --set:1:30
      |
    1 | services.shop.autoscaler.cpu=70
      |                              ^^ at services.shop.autoscaler.cpu
      |
      = help: add the unit, for example "70%"

    error[E002]: unknown variant `fast` in `Profile`
     --> --set:1:22
      |
    1 | workloads.crowd.rate=fast
      |                      ^^^^ at workloads.crowd.rate
      |
      = help: known: Constant, Steps

    error[E017]: expected a name here
     --> --set:1:10
      |
    1 | services..shop=3
      |          ^
      |
      = help: an override is written path=value, such as services.shop.replicas=20

    error[E017]: expected `=` and a value here
     --> --set:1:23
      |
    1 | services.shop.replicas
      |                       ^
      |
      = help: an override is written path=value, such as services.shop.replicas=20

    error[E017]: expected a value after `=`
     --> --set:1:24
      |
    1 | services.shop.replicas=
      |                        ^
      |
      = help: an override is written path=value, such as services.shop.replicas=20

    error[E017]: expected a path before `=`
     --> --set:1:1
      |
    1 | =3
      | ^
      |
      = help: an override is written path=value, such as services.shop.replicas=20
    "#);
}

#[test]
fn places_are_those_of_the_file_as_it_was() {
    let broken = GOOD.replace("rate: \"10/s\"", "rate: \"10\"");
    let alone = parse::<Scenario>(&Source::new("shop.ron", broken.clone())).unwrap_err();
    let source = Source::new("shop.ron", broken);
    let source = source.set("name=A name that is\nmuch longer").unwrap().set("workloads.bots.from=europe").unwrap();
    let overridden = parse::<Scenario>(&source).unwrap_err();
    assert_eq!(overridden, alone);
    // An override of an override: the last one is to blame.
    let source = Source::new("shop.ron", GOOD).set("services.shop.balancer=PowerOfChoices(choices: 3)").unwrap();
    let message = parse::<Scenario>(&source.set("services.shop.balancer.choices=x").unwrap()).unwrap_err();
    assert_eq!((&*message.file, message.line, message.column), ("--set", Some(1), Some(32)));
}

#[test]
fn problems_find_their_place() {
    let source = Source::new("shop.ron", GOOD).set("services.shop.replicas=0").unwrap();
    let problems = [
        Problem::new(Code::UnknownReference, "workloads.crowd.to", "no endpoint `buy` in `shop`")
            .help(did_you_mean("buy", ["by", "sell"])),
        Problem::new(Code::Cycle, "services.shop", "shop calls stock calls shop"),
        Problem::new(Code::InvalidValue, "services.shop.replicas", "at least one replica is needed"),
        Problem::new(Code::InvalidValue, "services.stock.queue.length", "a default makes no sense here"),
        Problem::new(Code::InvalidValue, "", "there is nothing to run"),
    ];
    insta::assert_snapshot!(Diagnostics::locate(&problems, &source).render(false), @r#"
    error[E007]: at least one replica is needed
     --> --set:1:24
      |
    1 | services.shop.replicas=0
      |                        ^ at services.shop.replicas

    error[E007]: there is nothing to run
     --> shop.ron:2:1
      |
    2 | Scenario(
      | ^^^^^^^^

    error[E009]: shop calls stock calls shop
     --> shop.ron:6:9
      |
    6 |         "shop": (
      |         ^^^^^^ at services.shop

    error[E007]: a default makes no sense here
      --> shop.ron:12:9
       |
    12 |         "stock": (replicas: 40, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
       |         ^^^^^^^ at services.stock.queue.length

    error[E008]: no endpoint `buy` in `shop`
      --> shop.ron:15:39
       |
    15 |         "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", "14000/s")])),
       |                                       ^^^^^^^^^^ at workloads.crowd.to
       |
       = help: did you mean `by`? (known: by, sell)
    "#);
}

#[test]
fn machines_read_the_same() {
    let source = Source::new("shop.ron", GOOD);
    let problem = Problem::new(Code::InvalidValue, "services.shop.replicas", "at least one replica is needed");
    insta::assert_snapshot!(serde_json::to_string_pretty(&Diagnostics::locate(&[problem], &source)).unwrap(), @r#"
    [
      {
        "code": "E007",
        "severity": "error",
        "message": "at least one replica is needed",
        "file": "shop.ron",
        "line": 7,
        "column": 23,
        "path": "services.shop.replicas",
        "help": null
      }
    ]
    "#);
    let diagnostic = Diagnostic::of_line(Code::TraceFile, "trace.csv", 7, "12,-3", "a count is not negative");
    assert!(diagnostic.render(true).contains("\u{1b}["));
    insta::assert_snapshot!(diagnostic.render(false), @r#"
    error[E016]: a count is not negative
     --> trace.csv:7:1
      |
    7 | 12,-3
      | ^^^^^
    "#);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = std::env::temp_dir().join(format!("gameday-file-tests-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("folder.ron")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    write("good.ron", GOOD.as_bytes());
    write("empty.ron", b"");
    write("comments.ron", b"// nothing\n/* yet */\n");
    write("latin1.ron", b"Scenario(\n  name: \"caf\xe9\",\n)");
    write("marked.ron", format!("\u{feff}{GOOD}").as_bytes());
    // 100 MB by its metadata; no byte of it is stored or read.
    std::fs::File::create(folder.join("huge.ron")).unwrap().set_len(100_000_000).unwrap();

    let read = |name: &str| Source::read(folder.join(name).to_str().unwrap());
    let mut all = String::new();
    for name in ["goood.ron", "good", "none/x.ron", "folder.ron", "empty.ron", "comments.ron", "latin1.ron", "huge.ron"]
    {
        writeln!(all, "{}\n", read(name).unwrap_err().render(false)).unwrap();
    }
    let marked = read("marked.ron").unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(marked.text(), GOOD);
    insta::assert_snapshot!(all.replace(folder.to_str().unwrap(), "FOLDER"), @r#"
    error[E012]: there is no file FOLDER/goood.ron
    --> FOLDER/goood.ron
     = help: did you mean FOLDER/good.ron?

    error[E012]: there is no file FOLDER/good
    --> FOLDER/good
     = help: did you mean FOLDER/good.ron?

    error[E012]: there is no file FOLDER/none/x.ron
    --> FOLDER/none/x.ron
     = help: the folder FOLDER/none does not exist either

    error[E012]: FOLDER/folder.ron is a folder, not a scenario file
    --> FOLDER/folder.ron

    error[E015]: the file is empty
    --> FOLDER/empty.ron
     = help: a scenario begins with `Scenario(`; `gameday new` writes one that runs

    error[E015]: the file holds only comments
    --> FOLDER/comments.ron
     = help: a scenario begins with `Scenario(`; `gameday new` writes one that runs

    error[E013]: not UTF-8 text: byte 0xe9 at offset 22, line 2
    --> FOLDER/latin1.ron:2:13
     = help: save the file as UTF-8

    error[E014]: a scenario has at most 4 MiB; this file has 100000000 bytes
    --> FOLDER/huge.ron
     = help: a recorded workload belongs in a CSV file of its own, which the scenario names
    "#);
}

#[test]
fn many_shorthands_cost_few_readings() {
    // 20,000 shorthands in one file: were each repaired alone, this would take hours.
    let steps = "Work(\"5ms\"), ".repeat(20_000);
    let text = GOOD.replace("Work(\"5ms\"), ", &steps);
    let scenario: Scenario = parse(&Source::new("large.ron", text)).unwrap();
    assert_eq!(scenario.services["stock"].endpoints["reserve"].len(), 20_001);
}

/// Fragments that disturb a file more than random bytes would.
const FRAGMENTS: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "\"", "'", ",", ":", "//", "/*", "*/", "r#\"", "\\", "=", "é", "5", "x", "Some(",
    "#", "\0", "-", ".", "\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_makes_it_panic(edits in proptest::collection::vec((0..GOOD.len(), 0_usize..6, 0..FRAGMENTS.len()), 1..4)) {
        let mut text = GOOD.to_owned();
        for (at, cut, fragment) in edits {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.ceil_char_boundary((start + cut).min(text.len()));
            text.replace_range(start..end, FRAGMENTS[fragment]);
        }
        let source = Source::new("fuzz.ron", text);
        if let Err(diagnostic) = parse::<Scenario>(&source) {
            prop_assert!(diagnostic.line.is_some() && diagnostic.column.is_some(), "{}", diagnostic);
            prop_assert!(diagnostic.render(false).contains(" --> fuzz.ron:"), "{}", diagnostic);
        }
    }

    #[test]
    fn no_override_makes_it_panic(path in "[a-z.\\[\\]\"0-9]{0,12}", value in "[a-z0-9(){}\\[\\]\",:/%é ]{0,12}") {
        for path in [path.as_str(), "services.shop.replicas", "workloads.new", "services.stock.balancer.x"] {
            if let Err(diagnostic) = set(&[&format!("{path}={value}")]) {
                prop_assert!(diagnostic.line.is_some(), "{}", diagnostic);
            }
        }
    }
}
