//! Faults that hit nothing, or never.

use insta::assert_snapshot;

use super::*;

#[test]
fn targets() {
    let said = changed(&[
        ("service: \"shop\", percent", "service: \"shpo\", percent"),
        ("region: \"eu\", zone: 1", "region: \"eo\", zone: 1"),
        ("pool: \"small\"", "pool: \"smal\""),
        ("region: \"eu\", zone: 1", "region: \"eu\", zone: 2"),
        ("region: \"eu\", zone: 1", "zone: 1"),
        ("count: 1", "count: 0"),
        ("percent: \"50%\"", "percent: \"0%\""),
        ("percent: \"50%\"", "percent: \"150%\""),
        ("percent: \"50%\"", "percent: \"50%\", count: 2"),
    ]);
    assert_snapshot!(said, @r#"
    error[E008]: unknown service "shpo"
      --> shop.ron:37:41
       |
    37 |         (what: Crash, target: (service: "shpo", percent: "50%"), when: At("10min")),
       |                                         ^^^^^^ at faults[1].target.service
       |
       = help: did you mean `shop`? (known: shop, stock)

    error[E008]: unknown region "eo"
      --> shop.ron:36:44
       |
    36 |         (what: LoseNodes, target: (region: "eo", zone: 1), when: At("5min"), lasts: "5min"),
       |                                            ^^^^ at faults[0].target.region
       |
       = help: did you mean `eu`? (known: us, eu)

    error[E008]: unknown pool of nodes "smal"
      --> shop.ron:38:38
       |
    38 |         (what: Drain, target: (pool: "smal", count: 1), when: At("15min")),
       |                                      ^^^^^^ at faults[2].target.pool
       |
       = help: did you mean `small`? (known: big, small)

    error[E007]: zones are counted from 0, here to 1
      --> shop.ron:36:56
       |
    36 |         (what: LoseNodes, target: (region: "eu", zone: 2), when: At("5min"), lasts: "5min"),
       |                                                        ^ at faults[0].target.zone

    error[E003]: zone 1 of which region?
      --> shop.ron:36:42
       |
    36 |         (what: LoseNodes, target: (zone: 1), when: At("5min"), lasts: "5min"),
       |                                          ^ at faults[0].target.zone
       |
       = help: add `region: …` (known: us, eu)

    error[E007]: a fault that hits none breaks nothing
      --> shop.ron:38:54
       |
    38 |         (what: Drain, target: (pool: "small", count: 0), when: At("15min")),
       |                                                      ^ at faults[2].target.count

    error[E007]: a fault that hits none breaks nothing
      --> shop.ron:37:58
       |
    37 |         (what: Crash, target: (service: "shop", percent: "0%"), when: At("10min")),
       |                                                          ^^^^ at faults[1].target.percent

    error[E007]: 150% is more than all of them
      --> shop.ron:37:58
       |
    37 |         (what: Crash, target: (service: "shop", percent: "150%"), when: At("10min")),
       |                                                          ^^^^^^ at faults[1].target.percent

    error[E007]: count says how many already; remove one of the two
      --> shop.ron:37:58
       |
    37 |         (what: Crash, target: (service: "shop", percent: "50%", count: 2), when: At("10min")),
       |                                                          ^^^^^ at faults[1].target.percent
    "#);
}

#[test]
fn times() {
    let said = changed(&[
        ("At(\"5min\")", "At(\"30min\")"),
        ("lasts: \"5min\"", "lasts: \"0s\""),
        ("when: At(\"10min\")", "when: At(\"10min\"), lasts: \"1min\""),
        (
            "what: Crash, target: (service: \"shop\", percent: \"50%\"), when: At(\"10min\")",
            "what: Reclaim(\"30s\"), when: At(\"10min\"), lasts: \"5min\"",
        ),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: 30min never happens in a run of 30min
      --> shop.ron:36:66
       |
    36 |         (what: LoseNodes, target: (region: "eu", zone: 1), when: At("30min"), lasts: "5min"),
       |                                                                  ^^ at faults[0].when

    error[E007]: a fault of no time breaks nothing; leave this out if it is never healed
      --> shop.ron:36:85
       |
    36 |         (what: LoseNodes, target: (region: "eu", zone: 1), when: At("5min"), lasts: "0s"),
       |                                                                                     ^^^^ at faults[0].lasts

    error[E007]: there is nothing to heal: pods come back by themselves; remove this
      --> shop.ron:37:92
       |
    37 |         (what: Crash, target: (service: "shop", percent: "50%"), when: At("10min"), lasts: "1min"),
       |                                                                                            ^^^^^^ at faults[1].lasts

    error[E007]: nodes that are taken back are gone for good; remove this
      --> shop.ron:37:58
       |
    37 |         (what: Reclaim("30s"), when: At("10min"), lasts: "5min"),
       |                                                          ^^^^^^ at faults[1].lasts
    "#);
}
