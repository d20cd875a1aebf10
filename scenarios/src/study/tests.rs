//! Studies as a whole: read, prepared, run, analysed.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sim_core::study::{StudyResults, Verdict};

use super::*;

/// A file in a folder of its own.
fn write(test: &str, name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gameday-study-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const SCENARIO: &str = r#"Scenario(
    name: "queue", duration: "20s", warm_up: "2s",
    services: { "web": (replicas: 2, workers: 1, queue: 1000, balancer: Random(), endpoints: { "page": [Work(Exponential(mean: "10ms"))] }) },
    workloads: { "crowd": (to: "web/page", rate: "100/s") },
)"#;

/// A study of the scenario above; `more` is the study's text but for its name and scenario.
fn request(test: &str, more: &str) -> Result<Request, crate::file::Diagnostics> {
    write(test, "queue.ron", SCENARIO);
    let text = format!("Study(\n    name: \"s\",\n    scenario: \"queue.ron\",\n    {more}\n)");
    Request::read(write(test, "study.ron", &text).to_str().unwrap())
}

fn prepared(test: &str, more: &str) -> Prepared {
    request(test, more).and_then(|request| request.prepare(&AtomicBool::new(false))).unwrap_or_else(|e| panic!("{e}"))
}

/// Keeps cells in memory and counts how many were run.
#[derive(Default)]
struct Memory {
    cells: Mutex<BTreeMap<CellName, String>>,
    saved: AtomicUsize,
    stop_after: Option<(usize, &'static AtomicBool)>,
}

impl Store for Memory {
    fn load(&self, name: CellName) -> Option<Cell> {
        Cell::parse(self.cells.lock().unwrap().get(&name)?)
    }

    fn claim(&self, _name: CellName) -> io::Result<Option<Claim>> {
        Ok(Some(Box::new(())))
    }

    fn save(&self, name: CellName, cell: &Cell) -> io::Result<()> {
        self.cells.lock().unwrap().insert(name, cell.text());
        let saved = 1 + self.saved.fetch_add(1, Ordering::Relaxed);
        if let Some((after, stop)) = self.stop_after
            && saved >= after
        {
            stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn work<'a>(prepared: &'a Prepared, store: &'a Memory, stop: &'a AtomicBool, share: Share) -> Work<'a> {
    Work { plan: &prepared.plan, scenarios: &prepared.scenarios, store, progress: &(), stop, share }
}

fn run_on(prepared: &Prepared, store: &Memory, threads: usize) -> StudyResults {
    let stop = AtomicBool::new(false);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    match pool.install(|| work(prepared, store, &stop, Share::ALL).run()).unwrap() {
        Finished::Whole(samples) => analyse(&prepared.plan, &samples),
        other => panic!("{other:?}"),
    }
}

const SMALL: &str = r#"set: ["duration=4s", "warm_up=1s"], replications: 4, goal: "min p99", metrics: ["p99", "ok_share"],
    factors: { "workloads.crowd.rate": "60/s..180/s:3", "services.web.balancer": [Random, LeastConnections] },"#;

#[test]
fn a_study_names_its_winners_and_threads_change_nothing() {
    let prepared = prepared("winners", SMALL);
    let labels: Vec<&str> = prepared.plan.points.iter().map(|point| point.label.as_str()).collect();
    assert_eq!(labels[..3], ["60/s, Random", "60/s, LeastConnections", "120/s, Random"]);
    let results = run_on(&prepared, &Memory::default(), 1);
    assert_eq!(results, run_on(&prepared, &Memory::default(), 3));
    assert_eq!(results.factors[0].levels[2].magnitude, Some(180.0));
    assert_eq!(results.winners.len(), 3, "one a load");
    // At nine tenths of the capacity, joining the shorter queue is far better than chance.
    let last = &results.winners[2];
    assert_eq!(results.points[last.best].label, "180/s, LeastConnections");
    assert_eq!(results.comparisons.len(), 6, "three loads, two metrics");
    let compared = results.comparisons.iter().find(|one| one.baseline == 4 && one.metric == 0).unwrap();
    assert!(compared.difference < 0.0 && compared.gain.is_some(), "{compared:?}");
}

#[test]
fn what_was_finished_before_a_stop_is_not_run_again() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let prepared = prepared("resume", SMALL);
    let whole = run_on(&prepared, &Memory::default(), 2);
    let store = Memory { stop_after: Some((10, &STOP)), ..Memory::default() };
    let stopped = work(&prepared, &store, &STOP, Share::ALL).run().unwrap();
    assert_eq!(stopped, Finished::Stopped);
    let kept = store.cells.lock().unwrap().len();
    assert!((10..24).contains(&kept), "{kept}");
    // One of them was torn.
    store.cells.lock().unwrap().first_entry().unwrap().get_mut().truncate(40);
    let store = Memory { cells: Mutex::new(store.cells.into_inner().unwrap()), ..Memory::default() };
    assert_eq!(run_on(&prepared, &store, 2), whole);
    assert_eq!(store.saved.into_inner(), 24 - kept + 1);
}

#[test]
fn shards_together_are_one_run() {
    let prepared = prepared("shards", SMALL);
    let whole = run_on(&prepared, &Memory::default(), 2);
    let (store, stop) = (Memory::default(), AtomicBool::new(false));
    for index in [1, 0] {
        let share = Share { index, count: 2 };
        let finished = work(&prepared, &store, &stop, share).run().unwrap();
        assert_eq!(matches!(finished, Finished::Missing(12)), index == 1, "{finished:?}");
        assert_eq!(store.saved.load(Ordering::Relaxed), if index == 1 { 12 } else { 24 });
    }
    // Whoever merges has no scenarios.
    let merging = Work { scenarios: &[], ..work(&prepared, &store, &stop, Share::ALL) };
    let Finished::Whole(samples) = merging.run().unwrap() else { panic!("all is there") };
    assert_eq!(analyse(&prepared.plan, &samples), whole);
}

#[test]
fn replications_go_on_until_intervals_are_narrow() {
    let more = r#"set: ["duration=10s"], metrics: ["latency.mean"], warm_up: "1s",
    replications: Auto(ci_width: "10%", cap: 40), factors: { "workloads.crowd.rate": ["50/s", "190/s"] },"#;
    let prepared = prepared("auto", more);
    let results = run_on(&prepared, &Memory::default(), 2);
    assert_eq!(results, run_on(&prepared, &Memory::default(), 1));
    let [calm, busy] = &results.points[..] else { panic!() };
    assert!(calm.replications < busy.replications, "{} {}", calm.replications, busy.replications);
    for point in [calm, busy] {
        let estimate = &point.estimates[0];
        let narrow = estimate.half_width.unwrap() <= 0.1 * estimate.mean;
        assert!(narrow || point.replications == 40, "{}", point.replications);
    }
}

#[test]
fn a_warm_up_is_found_where_a_run_settles() {
    let more = r#"set: ["duration=60s", "workloads.crowd.rate=150/s"], warm_up: Auto, replications: 2,
    factors: { "services.web.replicas": [2, 3] },"#;
    let plan = prepared("warm-up", more).plan;
    assert!(plan.warm_up_found && plan.warm_up < sim_core::Span::from_secs(30), "{}", plan.warm_up);
    // Twice the load that it can take never settles.
    let more = more.replace("150/s", "400/s\", \"services.web.queue=1000000").replace("[2, 3]", "[1]");
    assert_eq!(prepared("unsettled", &more).plan.unsettled, [0]);
}

#[test]
fn mistakes_are_shown_where_the_study_makes_them() {
    let message = |test: &str, more: &str| {
        let found = request(test, more).and_then(|request| request.prepare(&AtomicBool::new(false)));
        found.err().map_or("nothing was found".to_owned(), |found| found.to_string())
    };
    let rate = r#"factors: { "workloads.crowd.rate": "60/s..180/s:3" }"#;
    for (more, expected) in [
        (r#"factors: { "services.wbe.replicas": [1, 2] }"#, &["study.ron:4", "no `wbe`", "did you mean `web`"][..]),
        (r#"factors: { "services.web.balancer": [Random, Rundum] }"#, &["study.ron:4", "Rundum", "Random"]),
        (r#"factors: { "services.web.replicas": "1..9" }"#, &["study.ron:4", "STEPS"]),
        (r#"factors: { "services.web.replicas": 3 }"#, &["study.ron:4", "a list, a range"]),
        (&format!("{rate}, metrics: [\"p98\"]"), &["study.ron:4", "did you mean `p9"]),
        (&format!("{rate}, goal: \"p99\""), &["study.ron:4", "no goal"]),
        (&format!("{rate}, constraints: [\"rat < 5/s\"]"), &["study.ron:4", "did you mean `rate`"]),
        (&format!("{rate}, constraints: [\"rate < 5/s\"]"), &["no point is left"]),
        (&format!("{rate}, compare: \"balancer\""), &["no factor is called `balancer`"]),
        (&format!("{rate}, replications: 0"), &["1 to"]),
        (&format!("{rate}, warm_up: \"1h\""), &["leaves nothing of 20s"]),
        (&format!("{rate}, reps: 3"), &["unexpected field `reps`", "replications"]),
        (&format!("{rate}, set: [\"durtion=1s\"]"), &["study.ron:4", "did you mean"]),
    ] {
        let text = message("mistakes", more);
        assert!(expected.iter().all(|part| text.contains(part)), "{more}\n{text}");
    }
}

#[test]
fn the_shortest_of_simulated_queues_is_found() {
    // M/M/c at one load: more servers at lower speed wait less but serve longer; by Erlang C the mean
    // time in the system at 100/s is 20, 24.0 and 34.2 ms for 1, 2 and 4 servers of 150/s in all.
    let more = r#"set: ["duration=30s", "warm_up=5s", "services.web.replicas=1"], metrics: ["latency.mean"], goal: "min latency.mean",
    factors: { "fleet": {
        "four": ["services.web.workers=4", "services.web.endpoints.page=[Work(Exponential(mean: \"26.667ms\"))]"],
        "one": ["services.web.workers=1", "services.web.endpoints.page=[Work(Exponential(mean: \"6.667ms\"))]"],
        "two": ["services.web.workers=2", "services.web.endpoints.page=[Work(Exponential(mean: \"13.333ms\"))]"],
    } },"#;
    let prepared = prepared("mmc", more);
    let (store, stop) = (Memory::default(), AtomicBool::new(false));
    let search = Search { indifference: 0.05, ..Search::default() };
    let tuned = tune(&work(&prepared, &store, &stop, Share::ALL), &search).unwrap().unwrap();
    assert_eq!(tuned.best.map(|best| prepared.plan.points[best].label.as_str()), Some("one"));
    assert_eq!(tuned.rivals, [0; 0]);
    let one = &tuned.results.points[1].estimates[0];
    assert!((one.mean - 20.0).abs() < 3.0 * one.half_width.unwrap(), "{} {:?}", one.mean, one.half_width);
    assert_eq!(tuned.results.winners[0].comparisons[0].verdict, Verdict::Worse);
}

#[test]
fn a_search_keeps_its_limits_and_spends_little() {
    // The laziest fleet that keeps the 99th percentile below 60 ms: the more servers, the shorter the mean.
    let more = r#"set: ["duration=5s", "warm_up=1s", "workloads.crowd.rate=250/s", "services.web.balancer=LeastConnections()"],
    metrics: ["p99"], goal: "max latency.mean", subject_to: ["p99 < 60ms"],
    factors: { "services.web.replicas": "1..32" }, design: LatinHypercube(points: 32),"#;
    let prepared = prepared("limits", more);
    let (store, stop) = (Memory::default(), AtomicBool::new(false));
    let search = Search { cap: 40, ..Search::default() };
    let tuned = tune(&work(&prepared, &store, &stop, Share::ALL), &search).unwrap().unwrap();
    let best = &tuned.results.points[tuned.best.unwrap()];
    // One of the smallest fleets; all others were dropped early.
    assert!(best.estimates[0].mean < 60.0, "{best:?}");
    let replicas: u32 = best.label.parse().unwrap();
    assert!((3..=5).contains(&replicas), "{replicas}");
    assert!(tuned.runs < 32 * 12, "{}", tuned.runs);
    assert!(tuned.results.unmet.is_empty());
}

#[test]
fn limits_that_nothing_keeps_are_told() {
    let more = r#"set: ["duration=2s", "warm_up=0s"], metrics: ["p99"], goal: "max latency.mean", subject_to: ["p99 < 1us"],
    factors: { "services.web.replicas": "1..2:2" }, design: Full,"#;
    let prepared = prepared("in-vain", more);
    let (store, stop) = (Memory::default(), AtomicBool::new(false));
    let tuned = tune(&work(&prepared, &store, &stop, Share::ALL), &Search::default()).unwrap().unwrap();
    assert_eq!((tuned.best, tuned.results.unmet), (None, vec!["p99 < 1us".to_owned()]));
}
