//! Sweeps, shards, comparisons and searches as a user meets them: what survives a kill, what exits how.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A folder of its own for a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Scratch {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("studies-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("queue.ron"), SCENARIO).unwrap();
        Scratch(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gameday"));
        command.current_dir(&self.0).args(arguments).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The exit code and what was said on both streams.
    fn say(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn cells(&self, out: &str) -> usize {
        let entries = fs::read_dir(self.0.join(out).join("cells")).into_iter().flatten();
        entries
            .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "cell")))
            .count()
    }

    /// Every file of a results folder with its bytes.
    fn files(&self, out: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut found, root) = (Vec::new(), self.0.join(out));
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push((path.strip_prefix(&root).unwrap().to_owned(), fs::read(&path).unwrap())),
                }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SCENARIO: &str = r#"Scenario(
    name: "queue", duration: "20s", warm_up: "2s",
    services: { "web": (replicas: 2, workers: 1, balancer: Random(), endpoints: { "page": [Work(Exponential(mean: "10ms"))] }) },
    workloads: { "crowd": (to: "web/page", rate: "150/s") },
)"#;

const SWEEP: [&str; 8] = [
    "sweep",
    "queue.ron",
    "--param",
    "services.web.balancer=Random,LeastConnections",
    "--param",
    "workloads.crowd.rate=60/s..180/s:3",
    "--reps",
    "8",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SWEEP[..], more].concat()
}

#[test]
fn a_killed_sweep_goes_on_and_ends_with_the_same_bytes() {
    let scratch = Scratch::new("kill");
    let long = ["--goal", "min p99", "--set", "duration=2min", "--out"];
    let (code, text) = scratch.say(&with(&[&long[..], &["whole", "--threads", "1"]].concat()));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("wins with latency.p99"), "{text}");
    let page = fs::read_to_string(scratch.0.join("whole/report.html")).unwrap();
    assert!(page.contains(" wins at ") && page.contains("gameday sweep queue.ron --param"), "{page}");
    assert!(!page.contains("--threads") && scratch.0.join("whole/plots/latency-p99-heat.png").exists());
    let again = with(&[&long[..], &["killed", "--threads", "2"]].concat());
    let mut child = scratch.command(&again).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while scratch.cells("killed") < 5 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = scratch.cells("killed");
    assert!((5..48).contains(&kept), "killed too late: {kept} of 48");
    assert!(!scratch.0.join("killed/sweep.csv").exists() && !scratch.0.join("killed/manifest.json").exists());
    // Worse than any kill: a finished run is torn, and an unfinished file lies about.
    let cells = scratch.0.join("killed/cells");
    let paths: Vec<PathBuf> = fs::read_dir(&cells).unwrap().map(|entry| entry.unwrap().path()).collect();
    let cell = paths.iter().find(|path| path.extension().is_some_and(|ending| ending == "cell")).unwrap();
    let text = fs::read(cell).unwrap();
    fs::write(cell, &text[..text.len() / 2]).unwrap();
    fs::write(cell.with_extension("cell.1.partial"), "half").unwrap();
    assert_eq!(scratch.say(&again).0, 0);
    assert_eq!(scratch.files("killed"), scratch.files("whole"));
}

#[test]
fn shards_give_the_bytes_of_one_run() {
    let scratch = Scratch::new("shards");
    assert_eq!(scratch.say(&with(&["--out", "whole"])).0, 0);
    // Each in a folder of its own.
    for (shard, out) in [("1/2", "one"), ("2/2", "two")] {
        let (code, text) = scratch.say(&with(&["--shard", shard, "--out", out]));
        assert!(code == 0 && text.contains("24 runs of others are missing"), "{code} {text}");
    }
    let (code, text) = scratch.say(&["merge", "one"]);
    assert!(code == 1 && text.contains("24 runs are missing"), "{text}");
    assert_eq!(scratch.say(&["merge", "one", "two", "--out", "merged"]).0, 0);
    assert_eq!(scratch.files("merged"), scratch.files("whole"));
    // Two at once in one folder, each taking what the other leaves.
    let spawn =
        || scratch.command(&with(&["--shard", "auto", "--out", "shared", "-q"])).stdout(Stdio::null()).spawn().unwrap();
    let children = [spawn(), spawn()];
    assert!(children.into_iter().all(|mut child| child.wait().unwrap().success()));
    assert_eq!(scratch.files("shared"), scratch.files("whole"));
    // Another study does not mix with it.
    let (code, text) = scratch.say(&["sweep", "queue.ron", "--shard", "auto", "--out", "shared"]);
    assert!(code == 1 && text.contains("holds another study"), "{text}");
}

#[test]
fn a_comparison_has_verdicts_and_an_exit_code() {
    let scratch = Scratch::new("compare");
    let (code, text) = scratch.say(&["compare", "queue.ron", "--set", "services.web.balancer=LeastConnections"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("compared with queue") && text.contains("better"), "{text}");
    let worse = ["compare", "queue.ron", "--set", "workloads.crowd.rate=170/s; services.web.queue=500"];
    assert_eq!(scratch.say(&worse).0, 0);
    let (code, text) = scratch.say(&[&worse[..], &["--fail-on-regression", "5%"]].concat());
    assert!(code == 4 && text.contains("regression: latency.p99"), "{code} {text}");
    // The same run again differs in nothing.
    let (code, text) = scratch.say(&["compare", "queue.ron", "queue.ron", "--fail-on-regression", "1%"]);
    assert!(code == 0 && text.contains("no difference") && !text.contains("worse"), "{text}");
    // What studies have found, point by point.
    for (out, rate) in [("base", "150/s"), ("slow", "170/s"), ("same", "150/s")] {
        let rate = format!("workloads.crowd.rate={rate}");
        assert_eq!(scratch.say(&["sweep", "queue.ron", "--set", &rate, "--out", out]).0, 0);
    }
    assert_eq!(scratch.say(&["compare", "base", "slow", "--fail-on-regression", "5%"]).0, 4);
    assert_eq!(scratch.say(&["compare", "base", "same", "--fail-on-regression", "5%"]).0, 0);
}

#[test]
fn a_search_says_what_to_set() {
    let scratch = Scratch::new("tune");
    let arguments = [
        "tune",
        "queue.ron",
        "--vary",
        "services.web.replicas=1..8",
        "--candidates",
        "8",
        "--goal",
        "max latency.mean",
        "--subject-to",
        "p99 < 100ms",
        "--cap",
        "30",
        "--set",
        "duration=8s",
    ];
    let (code, text) = scratch.say(&arguments);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("--set 'services.web.replicas=3'") && text.contains("p99 < 100ms: kept"), "{text}");
    let impossible = text_of(&arguments, "p99 < 1ms");
    let (code, text) = scratch.say(&impossible);
    assert!(code == 1 && text.contains("no candidate keeps the limits"), "{text}");
}

/// The same arguments with another limit.
fn text_of<'a>(arguments: &[&'a str], limit: &'a str) -> Vec<&'a str> {
    arguments.iter().map(|argument| if argument.starts_with("p99 <") { limit } else { argument }).collect()
}

#[test]
fn mistakes_are_told_apart() {
    let scratch = Scratch::new("mistakes");
    for (arguments, code, expected) in [
        (&["sweep", "queue.ron", "--param", "services.web.replica=1,2"][..], 3, "replica"),
        (&["sweep", "queue.ron", "--param", "services.web.replicas"], 3, "no factor"),
        (&["sweep", "queue.ron", "--metric", "p98"], 3, "did you mean `p9"),
        (&["sweep", "queue.ron", "--shard", "3/2"], 2, "I/N"),
        (&["sweep", "queue.ron", "--reps", "0"], 2, "from 1 on"),
        (&["sweep", "queue.ron", "--design", "sobol"], 2, "sobol:N"),
        (&["sweep", "qeue.ron"], 3, "did you mean queue.ron"),
        (&["compare", "queue.ron"], 1, "compares with nothing"),
        (&["merge", "nowhere"], 1, "holds no study"),
        (&["tune", "queue.ron", "--vary", "services.web.replicas=1..4"], 1, "nothing to aim for"),
        (&["tune", "queue.ron"], 2, "--vary"),
        (&["sweep", "queue.ron", "--out", "."], 1, "holds other files"),
    ] {
        let (got, text) = scratch.say(arguments);
        assert!(got == code && text.contains(expected), "{arguments:?}: {got}\n{text}");
    }
    let (code, text) = scratch.say(&with(&["--dry-run", "--out", "dry"]));
    assert!(code == 0 && text.contains("6 points, 8 replications each, 48 runs"), "{text}");
    assert!(!Path::new(&scratch.0.join("dry")).exists(), "nothing was run");
}

#[test]
fn every_study_of_the_library_is_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/studies");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 2);
    for file in files {
        let request = scenarios::study::Request::read(file.to_str().unwrap()).unwrap_or_else(|e| panic!("{e}"));
        let prepared = request.prepare(&Default::default()).unwrap_or_else(|e| panic!("{e}"));
        assert!(prepared.plan.goal.is_some() && prepared.plan.compares, "{}", file.display());
        let lesson = fs::read_to_string(&file).unwrap();
        assert!(lesson.starts_with("// ") && lesson.contains("gameday sweep scenarios/studies/"), "{}", file.display());
    }
}
