//! Text that is not RON.

use std::fmt::Write as _;

use super::*;

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
