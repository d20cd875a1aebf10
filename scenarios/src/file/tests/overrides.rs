//! `--set`: what it changes, and what it cannot.

use std::fmt::Write as _;

use super::*;

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
    error[E001]: unexpected field `servces` in `Scenario`
     --> --set:1:1
      |
    1 | servces.shop.replicas=3
      | ^^^^^^^ at servces
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

    error[E005]: expected a percentage, such as "70%", found "70"
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
