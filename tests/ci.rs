//! Checks, golden summaries and exports as CI systems and monitoring meet them.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A shop that is overloaded from the second to the fourth minute of six.
const SCENARIO: &str = r#"Scenario(
    name: "A <shop> & its \"crowd\"",
    duration: "6min",
    services: { "shop": (replicas: 2, workers: 1, queue: 10, endpoints: { "buy": [Work(Exponential(mean: "10ms")), Call(to: "stock")] }),
                "stock": (workers: None, endpoints: { "reserve": [Work(Constant("1ms"))] }) },
    workloads: { "crowd": (to: "shop/buy", rate: Steps([("0s", "80/s"), ("2min", "400/s"), ("4min", "80/s")])) },
    expect: [
        (metric: "crowd.latency.p50", below: "1s"),
        (metric: "crowd.ok_share", above: "99%", during: Between("0s", "2min")),
        EXPECT
    ],
)
"#;
const FAILS: &str = r#"(slo: "crowd", good: "99%", within: "250ms", during: Between("2min", "4min")),"#;
const IN_DOUBT: &str = r#"(metric: "crowd.ok_share", below: "65%"),"#;

/// A folder of its own for a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str, expect: &str) -> Scratch {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ci-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("shop.ron"), SCENARIO.replace("EXPECT", expect)).unwrap();
        Scratch(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gameday"));
        command.current_dir(&self.0).args(arguments).env_remove("NO_COLOR").env("COLUMNS", "100");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    fn code(&self, arguments: &[&str]) -> i32 {
        self.run(arguments).status.code().unwrap()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_failed_check_has_an_exit_code_of_its_own() {
    let failing = Scratch::new("failing", FAILS);
    let output = failing.run(&["run", "shop.ron"]);
    assert_eq!(output.status.code(), Some(99), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("2 of 3 checks passed, 1 failed."), "{}", text(&output.stdout));
    assert!(failing.read("results/shop/report.html").contains("2 of 3 checks passed"));
    assert_eq!(failing.code(&["run", "shop.ron", "--no-fail"]), 0);
    let object: serde_json::Value = serde_json::from_str(&failing.read("results/shop/summary.json")).unwrap();
    let verdicts: Vec<_> = (0..3).map(|at| object["checks"][at]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["pass", "pass", "fail"]);
    assert_eq!(object["checks"][2]["during"], "2min to 4min");

    // The resolved scenario expects the same.
    assert_eq!(failing.code(&["run", "results/shop/scenario.ron", "--out", "again"]), 99);
    let again: serde_json::Value = serde_json::from_str(&failing.read("again/summary.json")).unwrap();
    assert_eq!(again["checks"], object["checks"]);

    // What is in doubt does not fail, and says so.
    let doubtful = Scratch::new("doubtful", IN_DOUBT);
    let output = doubtful.run(&["run", "shop.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("1 inconclusive"), "{}", text(&output.stdout));
    assert_eq!(Scratch::new("misspelled", "(metric: \"crwd.ok\", above: 1)").code(&["check", "shop.ron"]), 3);
}

#[test]
fn junit_and_markdown_tell_the_same() {
    let scratch = Scratch::new("junit", FAILS);
    let arguments = ["run", "shop.ron", "--junit", "shop.xml", "--github-summary", "summary.md"];
    assert_eq!(scratch.code(&arguments), 99);
    let xml = scratch.read("shop.xml");
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    assert_eq!(suite.attribute("name"), Some("A <shop> & its \"crowd\""));
    assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("4"), Some("1")));
    let failed = document.descendants().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert!(failed.attribute("message").is_some_and(|message| message.ends_with("expected at least 99%")));
    let markdown = scratch.read("summary.md");
    assert_eq!(markdown.matches("| ✅ pass |").count(), 2, "{markdown}");
    assert_eq!(markdown.matches("| ❌ fail |").count(), 1, "{markdown}");

    // Another run is added below, as GitHub expects; its XML is the same to the byte.
    assert_eq!(scratch.code(&arguments), 99);
    assert_eq!(scratch.read("summary.md"), format!("{markdown}{markdown}"));
    assert_eq!(scratch.read("shop.xml"), xml);
    assert_eq!(scratch.code(&["run", "shop.ron", "--no-fail", "--junit", "no/such/folder.xml"]), 1);
}

#[test]
fn golden_figures_are_kept_and_compared() {
    let scratch = Scratch::new("snapshot", "");
    let missing = scratch.run(&["snapshot", "shop.ron"]);
    assert_eq!(missing.status.code(), Some(4));
    assert!(text(&missing.stdout).contains("--update keeps these"), "{}", text(&missing.stdout));
    assert_eq!(scratch.code(&["snapshot", "shop.ron", "--update"]), 0);
    let golden = scratch.read("snapshots/shop.snap");
    assert!(golden.contains("\n[workload crowd]\nrequests "), "{golden}");
    let same = scratch.run(&["snapshot", "shop.ron"]);
    assert_eq!(same.status.code(), Some(0));
    assert!(text(&same.stdout).contains("figures as before"), "{}", text(&same.stdout));

    // A service that is a little slower: other figures, told one by one.
    let slower = scratch.read("shop.ron").replace("mean: \"10ms\"", "mean: \"10.1ms\"");
    fs::write(scratch.0.join("shop.ron"), slower).unwrap();
    let changed = scratch.run(&["snapshot", "shop.ron"]);
    assert_eq!(changed.status.code(), Some(4));
    let line = text(&changed.stdout).lines().find(|line| line.contains("workload crowd: latency.p50"));
    assert!(line.is_some_and(|line| line.starts_with('!') && line.ends_with('%')), "{}", text(&changed.stdout));
    assert_eq!(scratch.code(&["snapshot", "shop.ron", "--tolerance", "1000%"]), 0);
    assert_eq!(scratch.read("snapshots/shop.snap"), golden, "only --update writes");
    assert_eq!(scratch.code(&["snapshot", "shop.ron", "nope.ron"]), 3);
    fs::write(scratch.0.join("snapshots/shop.snap"), "garbage").unwrap();
    assert_eq!(scratch.code(&["snapshot", "shop.ron"]), 1);
    assert_eq!(scratch.code(&["snapshot", "shop.ron", "--update"]), 0);
    assert_eq!(scratch.code(&["snapshot", "shop.ron"]), 0);
}

/// The same without files: what users of insta write in a test of their own.
#[test]
fn golden_figures_suit_insta() {
    let scratch = Scratch::new("insta", "");
    let file = scratch.0.join("shop.ron");
    let loaded = scenarios::load(file.to_str().unwrap(), &["duration=10s".to_owned(), "expect=[]".to_owned()]).unwrap();
    let run = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default());
    insta::assert_snapshot!("insta_user", reports::snapshot::text(&run.results));
}

#[test]
fn a_scenario_from_standard_input() {
    let scratch = Scratch::new("stdin", "");
    let piped = |arguments: &[&str], text: &str| {
        let mut child = scratch
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    // The data file is found from where the command runs.
    fs::write(scratch.0.join("work.csv"), "work_s\n0.010\n0.020\n").unwrap();
    let recorded = scratch
        .read("shop.ron")
        .replace("Exponential(mean: \"10ms\")", "Empirical(file: \"work.csv\", column: \"work_s\")");
    let output = piped(&["run", "-", "--duration", "30s", "--set", "expect=[]"], &recorded);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(scratch.0.join("results/stdin/summary.json").exists());
    let broken = piped(&["run", "-"], "Scenario(name: 5)");
    assert_eq!(broken.status.code(), Some(3));
    assert!(text(&broken.stderr).contains("standard input:1"), "{}", text(&broken.stderr));
}

#[test]
fn the_workflow_names_commands_that_exist() {
    let scratch = Scratch::new("workflow", "");
    assert_eq!(scratch.code(&["new", "--ci", "--out", "ci.yml"]), 0);
    assert_eq!(scratch.code(&["new", "--ci", "--list"]), 2);
    let workflow = scratch.read("ci.yml");
    assert!(!workflow.contains('\t'));
    for verb in ["check", "run", "snapshot"] {
        let line = workflow.lines().find(|line| line.contains(&format!("gameday {verb} "))).expect("the verb is used");
        let help = scratch.run(&[verb, "--help"]);
        for option in line.split_whitespace().filter(|word| word.starts_with("--")) {
            assert!(text(&help.stdout).contains(option), "{verb} {option}");
        }
    }
}

#[test]
fn traces_are_json_whose_slices_nest() {
    let scratch = Scratch::new("trace", "");
    let run = |out: &str| {
        scratch.code(&[
            "run",
            "shop.ron",
            "--duration",
            "1min",
            "--set",
            "expect=[]",
            "--export",
            "trace",
            "--trace-every",
            "20",
            "--out",
            out,
        ])
    };
    assert_eq!(run("one"), 0);
    let trace = scratch.read("one/trace.json");
    let object: serde_json::Value = serde_json::from_str(&trace).unwrap();
    let slices: Vec<_> = object["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X").collect();
    let roots: Vec<_> = slices.iter().filter(|slice| slice["args"]["parent_span_id"].is_null()).collect();
    // 80 a second, one of twenty: 240, give or take.
    assert!((180..300).contains(&roots.len()), "{}", roots.len());
    for slice in &slices {
        let args = &slice["args"];
        let Some(parent) = args["parent_span_id"].as_str() else { continue };
        let parent = slices.iter().find(|other| other["args"]["span_id"] == parent).expect("the caller is there");
        assert_eq!((&slice["name"], &parent["name"]), (&"stock/reserve".into(), &"shop/buy".into()));
        let ends = |slice: &serde_json::Value| {
            (slice["ts"].as_f64().unwrap(), slice["ts"].as_f64().unwrap() + slice["dur"].as_f64().unwrap())
        };
        let ((from, to), (began, ended)) = (ends(slice), ends(parent));
        assert!(began <= from && to <= ended + 1e-3, "{from} to {to} within {began} to {ended}");
        assert!(args["attempts"][0]["replica"].is_number());
    }
    assert!(slices.len() > 3 * roots.len() / 2, "calls further down are there");
    assert_eq!(run("two"), 0);
    assert_eq!(scratch.read("two/trace.json"), trace);
}

#[test]
fn monitoring_sees_what_the_summary_says() {
    let scratch = Scratch::new("openmetrics", "");
    let arguments = ["run", "shop.ron", "--set", "expect=[]", "--export", "openmetrics"];
    assert_eq!(scratch.code(&arguments), 0);
    let at_end = scratch.read("results/shop/metrics.prom");
    assert_eq!(reports::exposition::check::check(&at_end), Ok(()));
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("results/shop/summary.json")).unwrap();
    let sample = |start: &str| {
        let line = at_end.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start} in {at_end}"));
        line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()
    };
    let ok = summary["workloads"]["crowd"]["ok"].as_f64().unwrap();
    assert_eq!(sample(r#"gameday_requests_total{workload="crowd",outcome="ok"}"#), ok);
    assert_eq!(sample(r#"gameday_request_duration_seconds_bucket{workload="crowd",le="+Inf"}"#), ok);
    let full = summary["workloads"]["crowd"]["failed"]["queue_full"].as_f64().unwrap();
    assert_eq!(sample(r#"gameday_requests_total{workload="crowd",outcome="queue_full"}"#), full);
    let over_time = scratch.read("results/shop/openmetrics.txt");
    assert!(over_time.ends_with("# EOF\n"));

    let Ok(promtool) = Command::new("promtool").arg("--version").output() else {
        let missing = "promtool is missing, and what it says is not tested: apt-get install prometheus";
        writeln!(std::io::stderr(), "{missing}").unwrap();
        return;
    };
    assert!(promtool.status.success());
    let mut lint = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    lint.stdin.take().unwrap().write_all(at_end.as_bytes()).unwrap();
    let lint = lint.wait_with_output().unwrap();
    assert!(lint.status.success(), "{}{}", text(&lint.stdout), text(&lint.stderr));
    let blocks = Command::new("promtool")
        .current_dir(&scratch.0)
        .args(["tsdb", "create-blocks-from", "openmetrics", "results/shop/openmetrics.txt", "blocks"])
        .output()
        .unwrap();
    assert!(blocks.status.success(), "{}{}", text(&blocks.stdout), text(&blocks.stderr));
    assert!(fs::read_dir(scratch.0.join("blocks")).unwrap().count() > 0);
}
