//! Calls that lead back to the endpoint that made them: they would never end.

use crate::file::{Code, Problem, key};
use crate::schema::{Call, Scenario, Step};

/// A service's index and its endpoint's.
type Endpoint = (usize, usize);

/// A call: the endpoint it goes to, and its path in the file.
type Edge = (Endpoint, String);

/// The first circle of calls, if there is one. All names in the scenario are known to exist.
pub(super) fn find(scenario: &Scenario) -> Option<Problem> {
    let mut search = Search { scenario, trail: Vec::new(), cleared: Vec::new() };
    scenario.services.values().enumerate().find_map(|(service, settings)| {
        (0..settings.endpoints.len()).find_map(|endpoint| search.visit((service, endpoint)))
    })
}

/// Whether some endpoint of the service `from` calls one of `to`; names that are unknown call nobody.
pub(super) fn calls_between(scenario: &Scenario, from: &str, to: &str) -> bool {
    let (Some((from, _, settings)), Some(to)) = (scenario.services.get_full(from), scenario.services.get_index_of(to))
    else {
        return false;
    };
    let mut called = (0..settings.endpoints.len()).flat_map(|endpoint| calls(scenario, (from, endpoint)));
    called.any(|((service, _), _)| service == to)
}

/// A search in depth.
struct Search<'a> {
    scenario: &'a Scenario,
    /// The way to where it is.
    trail: Vec<Endpoint>,
    /// From where no circle can be reached.
    cleared: Vec<Endpoint>,
}

impl Search<'_> {
    fn visit(&mut self, at: Endpoint) -> Option<Problem> {
        if self.cleared.contains(&at) {
            return None;
        }
        self.trail.push(at);
        for (target, path) in calls(self.scenario, at) {
            if let Some(begin) = self.trail.iter().position(|seen| *seen == target) {
                let circle = self.trail[begin..].iter().chain([&target]).map(|at| name(self.scenario, *at));
                let message = format!("calls go round in a circle: {}", circle.collect::<Vec<_>>().join(" -> "));
                return Some(Problem::new(Code::Cycle, format!("{path}.to"), message));
            }
            let found = self.visit(target);
            if found.is_some() {
                return found;
            }
        }
        self.trail.pop();
        self.cleared.push(at);
        None
    }
}

fn name(scenario: &Scenario, (service, endpoint): Endpoint) -> String {
    let (service, settings) = scenario.services.get_index(service).expect("resolved names exist");
    let (endpoint, _) = settings.endpoints.get_index(endpoint).expect("resolved names exist");
    format!("{service}/{endpoint}")
}

/// The calls that an endpoint makes.
fn calls(scenario: &Scenario, (service, endpoint): Endpoint) -> Vec<Edge> {
    let (service, settings) = scenario.services.get_index(service).expect("resolved names exist");
    let (endpoint, steps) = settings.endpoints.get_index(endpoint).expect("resolved names exist");
    let mut edges = Vec::new();
    let path = format!("services.{}.endpoints.{}", key(service), key(endpoint));
    collect(&path, steps, &mut |path, call| {
        edges.extend(scenario.resolve(&call.to).map(|target| (target, path.to_owned())));
    });
    edges
}

/// Shows `visit` each call of some steps, with its path.
fn collect(path: &str, steps: &[Step], visit: &mut impl FnMut(&str, &Call)) {
    for (index, step) in steps.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut each = |path: &str, calls: &[Call]| {
            calls.iter().enumerate().for_each(|(number, call)| visit(&format!("{path}[{number}]"), call));
        };
        match step {
            Step::Work(_) | Step::Sleep(_) => {}
            Step::Call(call) => visit(&path, call),
            Step::All(calls) | Step::Any(calls) => each(&path, calls),
            Step::Quorum { of, .. } => each(&format!("{path}.of"), of),
            Step::Branch(ways) => {
                for (number, way) in ways.iter().enumerate() {
                    collect(&format!("{path}[{number}].steps"), &way.steps, visit);
                }
            }
        }
    }
}
