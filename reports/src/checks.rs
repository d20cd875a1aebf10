//! Checks in words: what was found, how many held.

use sim_core::results::{Check, Results, Verdict};

use crate::words;

/// What was found, with its margin if wanted: "212.0 ± 6.4 ms".
pub(crate) fn found(check: &Check, margin: bool) -> String {
    let Some(value) = check.value else { return words::NOTHING.to_owned() };
    if value.is_infinite() {
        return "never".to_owned();
    }
    words::with_margin(value, check.low.zip(check.high).filter(|_| margin), &check.unit)
}

/// "2 of 3 checks passed, 1 inconclusive".
pub(crate) fn sum(results: &Results) -> String {
    let [passed, failed, inconclusive] =
        [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive].map(|verdict| results.checked(verdict));
    let mut text = match (results.checks.len(), passed) {
        (1, 1) => "the check passed".to_owned(),
        (all, passed) if all == passed => format!("all {all} checks passed"),
        (1, _) => "1 check".to_owned(),
        (all, passed) => format!("{passed} of {all} checks passed"),
    };
    for (count, what) in [(failed, "failed"), (inconclusive, "inconclusive")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}
