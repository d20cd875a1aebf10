//! Values of the wrong kind, range or unit.

use std::fmt::Write as _;

use super::*;

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
      = help: add the unit, for example "1800s" or "1800ms"

    error[E005]: expected a duration with a unit (d, h, min, s, ms, us, ns), such as "250ms" or "1h30min", found "1800"
     --> shop.ron:4:15
      |
    4 |     duration: "1800",
      |               ^^^^^^ at duration
      |
      = help: add the unit, for example "1800s" or "1800ms"

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
       = help: add the unit, for example "5s" or "5ms"

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
