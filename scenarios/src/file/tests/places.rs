//! Where a problem stands, for people and machines.

use super::*;

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
