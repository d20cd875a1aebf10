//! Studies for tests: two balancers at two loads, and larger ones.

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
        unmet: Vec::new(),
        frontier: Vec::new(),
        frontier_metrics: Vec::new(),
    }
}

/// The balancers at as many loads and with as many strategies as one likes, three figures, and a frontier.
pub(crate) fn grown(loads: usize, strategies: usize) -> StudyResults {
    let mut results = balancers();
    let load = |at: usize| Level { label: format!("{}/s", 100 * (at + 1)), magnitude: Some(100.0 * (at + 1) as f64) };
    let name = |at: usize| Level { label: format!("Strategy with a long name {at}"), magnitude: None };
    results.factors[0].levels = (0..loads).map(load).collect();
    results.factors[1].levels = (0..strategies).map(name).collect();
    for (name, unit, better) in [("ok_share", "%", Better::Higher), ("cost", "$", Better::Lower)] {
        results.metrics.push(Metric { name: name.to_owned(), unit: unit.to_owned(), better });
    }
    let estimate = |mean: f64, spread: f64| Estimate {
        mean,
        half_width: Some(spread),
        median: None,
        samples: (0..5).map(|at| mean + spread * (f64::from(at) - 2.0)).collect(),
    };
    let mut points = Vec::new();
    for at in 0..loads * strategies {
        let (load, strategy) = (at / strategies, at % strategies);
        // Some strategies bear the load, others do not; dear ones are better.
        let strain = (load + 1) as f64 / loads as f64;
        let latency = 20.0 + 30.0 * strain / (1.3 - strain * (1.0 - 0.1 * (strategy % 4) as f64));
        let (latency, cost) = (latency + (at * 7919 % 13) as f64, 3.0 + (at * 104_729 % 17) as f64);
        let estimates = vec![estimate(latency, 2.0), estimate(100.0 - latency / 40.0, 0.01), estimate(cost, 0.2)];
        let label = format!("{}, {}", results.factors[0].levels[load].label, results.factors[1].levels[strategy].label);
        points.push(Point { label, levels: vec![load, strategy], replications: 5, digest: 7, estimates });
    }
    results.points = points;
    let verdicts = [Verdict::Better, Verdict::Worse, Verdict::NoDifference, Verdict::Inconclusive];
    let compare = |metric: usize, baseline: usize, other: usize| {
        let mean = |point: usize| results.points[point].estimates[metric].mean;
        let (difference, share) = (mean(other) - mean(baseline), mean(other) / mean(baseline) - 1.0);
        Comparison {
            metric,
            baseline,
            other,
            pairs: 5,
            difference,
            interval: Some((difference - 3.0, difference + 3.0)),
            relative: Some((share, share - 0.06, share + 0.06)),
            p: Some(0.01),
            gain: Some(12.0),
            verdict: verdicts[other % 4],
        }
    };
    let others = (0..loads).flat_map(|load| (1..strategies).map(move |at| (load * strategies, load * strategies + at)));
    let pairs: Vec<(usize, usize)> = others.collect();
    let comparisons = (0..3).flat_map(|metric| pairs.iter().map(move |(base, other)| (metric, *base, *other)));
    results.comparisons = comparisons.map(|(metric, base, other)| compare(metric, base, other)).collect();
    let winner = |load: usize| Winner {
        metric: 0,
        shared: vec![Some(load), None],
        best: load * strategies,
        rivals: if load.is_multiple_of(2) { vec![load * strategies + 1] } else { Vec::new() },
        comparisons: (1..strategies).map(|at| compare(0, load * strategies, load * strategies + at)).collect(),
    };
    results.winners = (0..loads).map(winner).collect();
    results.frontier_metrics = vec![2, 0];
    let beats = |a: &Point, b: &Point| {
        let figures = |point: &Point| (point.estimates[2].mean, point.estimates[0].mean);
        let (a, b) = (figures(a), figures(b));
        a.0 <= b.0 && a.1 <= b.1 && a != b
    };
    let on = |at: &usize| !results.points.iter().any(|other| beats(other, &results.points[*at]));
    results.frontier = (0..results.points.len()).filter(on).collect();
    results
}
