//! A study for tests: two balancers at two loads.

use sim_core::study::{Better, Comparison, Estimate, Factor, Level, Metric, Point, StudyResults, Verdict, Winner};

/// The study.
pub(crate) fn balancers() -> StudyResults {
    let level = |label: &str, magnitude| Level { label: label.to_owned(), magnitude };
    let factor = |name: &str, levels| Factor { name: name.to_owned(), path: format!("services.web.{name}"), levels };
    let point = |load: usize, balancer: usize, mean: f64| Point {
        label: format!("{}, {}", ["100/s", "180/s"][load], ["Random", "LeastConnections"][balancer]),
        levels: vec![load, balancer],
        replications: 2,
        digest: 7,
        estimates: vec![Estimate {
            mean,
            half_width: Some(mean / 50.0),
            median: None,
            samples: vec![mean - 1.0, mean + 1.0],
        }],
    };
    let compare = |baseline, other, difference: f64, verdict| Comparison {
        metric: 0,
        baseline,
        other,
        pairs: 2,
        difference,
        interval: Some((difference - 1.0, difference + 1.0)),
        relative: Some((difference / 100.0, difference / 100.0 - 0.01, difference / 100.0 + 0.01)),
        p: Some(if verdict == Verdict::Inconclusive { 0.4 } else { 0.001 }),
        gain: Some(12.0),
        verdict,
    };
    let winner = |load, best, rivals: &[usize], comparison| Winner {
        metric: 0,
        shared: vec![Some(load), None],
        best,
        rivals: rivals.to_vec(),
        comparisons: vec![comparison],
    };
    StudyResults {
        study: "Two balancers".to_owned(),
        description: "Does it matter?".to_owned(),
        scenario: "queue".to_owned(),
        seed: 1,
        warm_up_seconds: 10.0,
        warm_up_found: true,
        factors: vec![
            factor("rate", vec![level("100/s", Some(100.0)), level("180/s", Some(180.0))]),
            factor("balancer", vec![level("Random", None), level("LeastConnections", None)]),
        ],
        metrics: vec![Metric { name: "latency.p99".to_owned(), unit: "ms".to_owned(), better: Better::Lower }],
        points: vec![point(0, 0, 51.0), point(0, 1, 50.0), point(1, 0, 150.0), point(1, 1, 90.0)],
        comparisons: vec![compare(0, 1, -1.0, Verdict::Inconclusive), compare(2, 3, -60.0, Verdict::Better)],
        winners: vec![
            winner(0, 1, &[0], compare(1, 0, 1.0, Verdict::Inconclusive)),
            winner(1, 3, &[], compare(3, 2, 60.0, Verdict::Worse)),
        ],
        frontier: Vec::new(),
        frontier_metrics: Vec::new(),
    }
}
