//! What begins by something else: faults that wait for one another, and releases that faults begin.

use models::chaos::{Disruption, Schedule, Trigger};

use super::Check;
use crate::file::{Code, Problem};
use crate::schema::{Fault, Release, Scenario};

impl Check<'_> {
    /// Faults of which each waits for the next, round in a circle, never come.
    pub(super) fn waits(&mut self) {
        let scenario = self.scenario;
        let awaited: Vec<Option<usize>> = scenario.faults.iter().map(|fault| self.awaited_by(fault)).collect();
        for first in 0..awaited.len() {
            let next = |index: &usize| awaited[*index].filter(|next| *next != first);
            // A trail that does not come back to its beginning ends, or goes round in a circle that others begin.
            let trail: Vec<usize> = std::iter::successors(Some(first), next).take(awaited.len()).collect();
            let last = trail.last().copied().unwrap_or(first);
            // Each circle is told once, where it is met first.
            if awaited[last] != Some(first) || trail.iter().any(|index| *index < first) {
                continue;
            }
            let path = format!("faults[{first}].when.fact");
            if trail.len() == 1 {
                self.invalid(&path, "a fault that waits for itself never comes");
                continue;
            }
            let circle: Vec<&str> = trail.iter().chain([&first]).map(|index| self.titles[*index].as_str()).collect();
            let message = format!("these wait for one another, so none of them ever comes: {}", circle.join(" -> "));
            let help = "let one of them come by itself, such as `At(\"5min\")`";
            self.problems.push(Problem::new(Code::Cycle, path, message).help(help));
        }
    }

    /// The fault without which what this one waits for cannot happen.
    fn awaited_by(&self, fault: &Fault) -> Option<usize> {
        match fault.when.trigger()? {
            Trigger::Begins(name) | Trigger::Ends(name) => self.titles.iter().position(|title| title == name),
            Trigger::Phase(name, _) | Trigger::Share(name, _) => {
                let begins_itself = |release: &Release| release.name() == *name && release.when.is_some();
                let alone = self.scenario.releases.iter().any(begins_itself);
                // Of several, the first that comes begins it.
                let mut deployers = self.scenario.deployers(name);
                deployers.next().filter(|_| !alone && deployers.next().is_none())
            }
            _ => None,
        }
    }

    /// A release is begun once: by its own time, or by a fault that does not come again.
    pub(super) fn deploy(&mut self, path: &str, fault: &Fault, name: &str) {
        let what = format!("{path}.what");
        self.named_release(&what, name);
        let released = |release: &Release| release.name() == name && release.when.is_some();
        if self.scenario.releases.iter().any(released) {
            let help = "leave out the release's `when`, or this fault";
            let message = format!("{name:?} has a `when` of its own: it would be deployed twice");
            return self.problems.push(Problem::new(Code::InvalidValue, what, message).help(help));
        }
        let help = "write `At(…)`, or `On(…)`";
        match &fault.when {
            Schedule::At(_) => {}
            Schedule::Times(times) if times.0.len() <= 1 => {}
            Schedule::On(on) if on.times <= 1 => {}
            Schedule::On(on) => {
                let message = format!("a release is deployed once, not {} times; leave this out", on.times);
                self.invalid(&format!("{path}.when.times"), message);
            }
            again => {
                let message = format!("a release is deployed once, and {} may come again", again.name());
                self.problems.push(Problem::new(Code::InvalidValue, format!("{path}.when"), message).help(help));
            }
        }
    }

    /// A release without a time of its own is begun by a fault.
    pub(super) fn begun(&mut self, path: &str, release: &Release) {
        let name = release.name();
        if release.when.is_none() && self.scenario.deployers(&name).next().is_none() {
            let help = format!("add `when: At(\"1min\")`, or a fault that does: `(what: Deploy({name:?}), when: …)`");
            let message = "nobody begins this release";
            self.problems.push(Problem::new(Code::MissingField, path, message).help(help));
        }
    }
}

impl Scenario {
    /// The faults that deploy a release, by their indices.
    fn deployers(&self, name: &str) -> impl Iterator<Item = usize> {
        let deploys = move |fault: &Fault| matches!(&fault.what, Disruption::Deploy(release) if release.0 == name);
        self.faults.iter().enumerate().filter(move |(_, fault)| deploys(fault)).map(|(index, _)| index)
    }
}
