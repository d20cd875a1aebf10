//! Whether each expectation is about a figure that there will be, in a unit that fits it.

use sim_core::Ratio;

use super::Check;
use crate::figures::{self, Known};
use crate::file::{Code, Problem, closest, did_you_mean};
use crate::schema::{During, Expect};

/// A backstop against typing errors.
const EXPECTATIONS_MAX: usize = 1_000;
/// Figures that a message lists.
const LISTED_MAX: usize = 24;

impl Check<'_> {
    pub(super) fn expectations(&mut self) {
        let scenario = self.scenario;
        self.at_most("expect", "expectations", scenario.expect.len(), EXPECTATIONS_MAX);
        for (index, expect) in scenario.expect.iter().enumerate() {
            let path = format!("expect[{index}]");
            self.during(&path, expect.during);
            match (&expect.metric, &expect.slo) {
                (Some(metric), None) => self.bounds(&path, expect, metric),
                (None, Some(workload)) => self.objective(&path, expect, workload),
                (Some(_), Some(_)) => {
                    self.invalid(&format!("{path}.slo"), "metric says what is expected already; remove one of the two")
                }
                (None, None) => self.push(
                    Code::MissingField,
                    &path,
                    "an expectation needs a `metric`, or an `slo` with the name of a workload",
                ),
            }
        }
    }

    fn during(&mut self, path: &str, during: During) {
        let (scenario, path) = (self.scenario, format!("{path}.during"));
        match during {
            During::BeforeFaults | During::Faults | During::AfterFaults if scenario.faults.is_empty() => {
                self.invalid(&path, "there are no faults in this scenario; leave this out");
            }
            During::Between(from, until) if from >= until => {
                self.invalid(&path, format!("there is no time between {from} and {until}"));
            }
            // A `from` beyond the end is no mistake: the run may be a shortened one. It is inconclusive.
            During::Between(_, until) if until <= scenario.warm_up => {
                self.invalid(
                    &path,
                    format!("all of this is within the warm-up of {}, which is not measured", scenario.warm_up),
                );
            }
            _ => {}
        }
    }

    fn objective(&mut self, path: &str, expect: &Expect, workload: &str) {
        let workloads = &self.scenario.workloads;
        if !workloads.contains_key(workload) {
            self.unknown(&format!("{path}.slo"), "workload", workload, workloads.keys().map(String::as_str));
        }
        match expect.good {
            None => self.push(Code::MissingField, path, "an objective needs `good`, a share such as \"99.9%\""),
            Some(Ratio::ZERO) => self.invalid(&format!("{path}.good"), "an objective of nothing always holds"),
            Some(good) => self.share(&format!("{path}.good"), good),
        }
        for (name, limit) in [("below", &expect.below), ("above", &expect.above)] {
            if limit.is_some() {
                self.invalid(
                    &format!("{path}.{name}"),
                    "this goes with `metric`; an objective has `good` and `within`",
                );
            }
        }
    }

    fn bounds(&mut self, path: &str, expect: &Expect, metric: &str) {
        for (name, given) in [("good", expect.good.is_some()), ("within", expect.within.is_some())] {
            if given {
                self.invalid(&format!("{path}.{name}"), "this goes with `slo`; a metric has `below` and `above`");
            }
        }
        let known = figures::known(self.scenario, expect.during);
        let unit = match Known::meant(&known, metric)[..] {
            [] => return self.unknown_figure(&format!("{path}.metric"), metric, &known, expect.during),
            [one] => one.unit,
            ref several => {
                let longer: Vec<&str> = several.iter().map(|known| known.long.as_str()).collect();
                let message = format!("{metric:?} could be one of {}", several.len());
                let help = format!("write {}", longer.join(" or "));
                return self
                    .problems
                    .push(Problem::new(Code::UnknownReference, format!("{path}.metric"), message).help(help));
            }
        };
        if expect.below.is_none() && expect.above.is_none() {
            self.push(Code::MissingField, path, "an expectation needs `below`, `above` or both");
        }
        let mut bounds = Vec::new();
        for (name, limit) in [("above", &expect.above), ("below", &expect.below)] {
            match limit.as_ref().map(|limit| limit.in_unit(unit)) {
                Some(Err(said)) => self.push(Code::Unit, &format!("{path}.{name}"), said),
                Some(Ok(bound)) => bounds.push(bound),
                None => {}
            }
        }
        if let [above, below] = bounds[..]
            && above >= below
        {
            self.invalid(&format!("{path}.below"), "nothing is above the one and below the other");
        }
    }

    fn unknown_figure(&mut self, path: &str, metric: &str, known: &[Known], during: During) {
        // A name may hold a dot; the longest subject that fits is meant.
        let subject = known
            .iter()
            .map(|one| one.subject.as_str())
            .filter(|subject| metric.strip_prefix(subject).is_some_and(|rest| rest.starts_with('.')));
        let Some(subject) = subject.max_by_key(|subject| subject.len()) else {
            // Figures come grouped by subject.
            let mut subjects: Vec<&str> = known.iter().map(|one| one.subject.as_str()).collect();
            subjects.dedup();
            let name = metric.split('.').next().unwrap_or_default();
            let message = format!("unknown figure {metric:?}: nothing is called {name:?}");
            return self
                .problems
                .push(Problem::new(Code::UnknownReference, path, message).help(did_you_mean(name, subjects)));
        };
        if during != During::Whole && !Known::meant(&figures::known(self.scenario, During::Whole), metric).is_empty() {
            let message = format!("{metric} is known of the whole run only");
            let help =
                "leave `during` out; parts have requests, failures, latencies and what services were loaded with";
            return self.problems.push(Problem::new(Code::InvalidValue, path, message).help(help));
        }
        let of_subject = || known.iter().filter(|one| one.subject == subject);
        let listed: Vec<&str> =
            of_subject().filter(|one| !one.rare).take(LISTED_MAX).map(|one| one.short.as_str()).collect();
        let near = closest(metric, of_subject().map(|one| one.short.as_str()));
        let known = format!("known: {}", listed.join(", "));
        let help = near.map_or(known.clone(), |near| format!("did you mean `{near}`? ({known})"));
        self.problems.push(Problem::new(Code::UnknownReference, path, format!("unknown figure {metric:?}")).help(help));
    }
}
