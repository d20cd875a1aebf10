//! Whether each workload knows where it comes from, what it calls, and when.

use indexmap::IndexMap;
use models::traffic::Users;

use super::Check;
use crate::file::{Code, key};
use crate::schema::Workload;

/// A backstop against typing errors.
const USERS_MAX: u32 = 1_000_000;

impl Check<'_> {
    pub(super) fn workload(&mut self, path: &str, workload: &Workload) {
        if let Some(region) = &workload.from {
            self.region(&format!("{path}.from"), region);
        }
        self.either(path, ("from", workload.from.is_some(), false), ("origins", &workload.origins));
        self.either(path, ("to", workload.to.is_some(), true), ("mix", &workload.mix));
        for region in workload.origins.keys() {
            self.region(&format!("{path}.origins.{}", key(region)), region);
        }
        if let Some(to) = &workload.to {
            self.endpoint(&format!("{path}.to"), to);
        }
        for to in workload.mix.keys() {
            self.endpoint(&format!("{path}.mix.{}", key(to)), to);
        }
        self.arrivals(path, workload);
        if let Some(keys) = &workload.keys {
            self.model(&format!("{path}.keys"), keys.check());
        }
        self.policies(path, &workload.policies);
    }

    fn either(&mut self, path: &str, one: (&str, bool, bool), many: (&str, &IndexMap<String, f64>)) {
        let (one, given, needed) = one;
        let (name, weights) = many;
        if given && !weights.is_empty() {
            self.invalid(&format!("{path}.{one}"), format!("{name} says this already; remove one of the two"));
        }
        if needed && !given && weights.is_empty() {
            self.push(Code::MissingField, path, format!("a workload needs `{one}`, or `{name}` with weights"));
        }
        for (of, weight) in weights {
            self.weight(&format!("{path}.{name}.{}", key(of)), *weight);
        }
        if !weights.is_empty() && weights.values().all(|weight| *weight == 0.0) {
            self.invalid(&format!("{path}.{name}"), "all weights are zero: nothing would ever be chosen");
        }
    }

    fn arrivals(&mut self, path: &str, workload: &Workload) {
        match &workload.users {
            Some(users) => {
                if workload.rate.is_some() {
                    self.invalid(&format!("{path}.rate"), "users ask at their own pace; remove rate or users");
                }
                self.users(&format!("{path}.users"), users);
            }
            None => self.open_arrivals(path, workload),
        }
    }

    fn users(&mut self, path: &str, users: &Users) {
        self.model(path, users.check());
        self.recorded(&format!("{path}.think"), &users.think);
        if users.count > USERS_MAX {
            let message =
                format!("{} users are more than {USERS_MAX}; an open workload serves for crowds", users.count);
            self.invalid(&format!("{path}.count"), message);
        }
    }

    fn open_arrivals(&mut self, path: &str, workload: &Workload) {
        if let Err(error) = self.inputs.traffic(&workload.arrivals) {
            return self.push(Code::TraceFile, &format!("{path}.arrivals.file"), error);
        }
        let said = workload.arrivals.check(&self.inputs.surroundings(workload));
        let about_rate = matches!(&said, Err(text) if text.starts_with("rate: "));
        if about_rate && workload.rate.is_none() {
            self.push(Code::MissingField, path, "a workload needs a `rate`, `users`, or recorded `arrivals`");
        } else if about_rate {
            self.model(path, said);
        } else {
            self.model(&format!("{path}.arrivals"), said);
        }
    }
}
