//! Names that nobody has: fields, variants, structs.

use std::fmt::Write as _;

use super::*;

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
