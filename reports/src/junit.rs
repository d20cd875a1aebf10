//! Checks as JUnit XML, which every CI system shows: a suite a scenario, a case a check.
//!
//! The format is the one that Jenkins wrote down (junit-10.xsd) and others read. A check that is
//! inconclusive is a skipped case: it has not failed, and nobody should take it for passed. No times
//! are given: those of the simulation are none of the tests', and the file shall not differ from run
//! to run.

use std::fmt::Write as _;

use sim_core::results::{Check, Results, Verdict};

use crate::checks;
use crate::words;

/// The checks of `results` as an XML document; the first case is that the run came to its end, which
/// `whole` tells.
pub fn text(results: &Results, whole: bool) -> String {
    let suite = attribute(&results.scenario);
    let (failed, skipped) = (results.checked(Verdict::Fail), results.checked(Verdict::Inconclusive));
    let counts = format!(
        "tests=\"{}\" failures=\"{failed}\" errors=\"{}\" skipped=\"{skipped}\"",
        results.checks.len() + 1,
        u32::from(!whole)
    );
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(xml, "<testsuites name=\"gameday\" {counts}>\n  <testsuite name=\"{suite}\" {counts}>");
    xml.push_str("    <properties>\n");
    let properties = [
        ("seed", results.seed.to_string()),
        ("replications", results.replications.to_string()),
        ("digest", format!("{:016x}", results.digest)),
    ];
    for (name, value) in properties {
        let _ = writeln!(xml, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    xml.push_str("    </properties>\n");
    let error =
        (!whole).then(|| "      <error type=\"interrupted\" message=\"the run was interrupted\"/>\n".to_owned());
    case(&mut xml, &suite, "the run comes to its end", error);
    for check in &results.checks {
        let name = attribute(&format!("{} {}, {}", check.figure, check.demand, check.during));
        case(&mut xml, &suite, &name, outcome(check));
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn case(xml: &mut String, suite: &str, name: &str, within: Option<String>) {
    let _ = match within {
        None => writeln!(xml, "    <testcase classname=\"{suite}\" name=\"{name}\"/>"),
        Some(within) => {
            writeln!(xml, "    <testcase classname=\"{suite}\" name=\"{name}\">\n{within}    </testcase>")
        }
    };
}

/// What is within the element of a check that did not pass.
fn outcome(check: &Check) -> Option<String> {
    let because = if check.reason.is_empty() { String::new() } else { format!(": {}", check.reason) };
    let message = attribute(&format!("found {}, expected {}{because}", checks::found(check, true), check.demand));
    match check.verdict {
        Verdict::Pass => None,
        Verdict::Fail => Some(format!("      <failure type=\"check\" message=\"{message}\"/>\n")),
        Verdict::Inconclusive => Some(format!("      <skipped message=\"{message}\"/>\n")),
    }
}

/// `text` as the value of an attribute in double quotes, without what XML cannot hold.
fn attribute(text: &str) -> String {
    let text = words::printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_case_a_check() {
        insta::assert_snapshot!(text(&sample::checked(), true), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="gameday" tests="5" failures="1" errors="0" skipped="1">
          <testsuite name="Black Friday &lt;rehearsal&gt;" tests="5" failures="1" errors="0" skipped="1">
            <properties>
              <property name="seed" value="42"/>
              <property name="replications" value="5"/>
              <property name="digest" value="123456789abcdef0"/>
            </properties>
            <testcase classname="Black Friday &lt;rehearsal&gt;" name="the run comes to its end"/>
            <testcase classname="Black Friday &lt;rehearsal&gt;" name="crowd.latency.p99 below 250ms, whole run"/>
            <testcase classname="Black Friday &lt;rehearsal&gt;" name="crowd: good within 250ms at least 99.9%, during faults">
              <failure type="check" message="found 68.2 ± 2.1 %, expected at least 99.9%"/>
            </testcase>
            <testcase classname="Black Friday &lt;rehearsal&gt;" name="shop.cpu below 60%, whole run">
              <skipped message="found 59.1 ± 1.3 %, expected below 60%: the interval crosses the limit; more replications narrow it"/>
            </testcase>
            <testcase classname="Black Friday &lt;rehearsal&gt;" name="run.failed below 60000, whole run"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn names_cannot_break_the_document() {
        let mut results = sample::checked();
        results.scenario = "a \"b\" <c> & 'd' \u{1b}\u{ffff}\n".to_owned();
        results.checks[1].figure = "</testcase> ]]>".to_owned();
        let xml = text(&results, false);
        let document = roxmltree::Document::parse(&xml).expect("well-formed");
        let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!((count("testcase"), count("failure"), count("skipped"), count("error")), (5, 1, 1, 1));
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
        assert_eq!(suite.attribute("name"), Some("a \"b\" <c> & 'd'    "));
        let stated = ["tests", "failures", "errors", "skipped"].map(|name| suite.attribute(name).unwrap_or_default());
        assert_eq!(stated, ["5", "1", "1", "1"]);
    }
}
