//! The command line as a user meets it: exit codes, what goes where, files written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Scratch {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let scratch = Scratch(path);
        assert_eq!(scratch.code(&["new", "--out", "hello.ron"]), 0);
        scratch
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gameday"));
        command.current_dir(&self.0).args(arguments).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn code(&self, arguments: &[&str]) -> i32 {
        self.run(arguments).status.code().unwrap()
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

/// Every file below `folder` with its bytes, but for the one that tells the time.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "timing.json" {
                found.push((path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn exit_codes_tell_what_happened() {
    let scratch = Scratch::new("exit_codes");
    assert_eq!(scratch.code(&["run", "hello.ron", "--duration", "2min"]), 0);
    assert_eq!(scratch.code(&["check", "hello.ron"]), 0);
    assert_eq!(scratch.code(&["frobnicate"]), 2);
    assert_eq!(scratch.code(&["run", "hello.ron", "--duration", "5"]), 2);
    assert_eq!(scratch.code(&["run", "hello.ron", "--reps", "0"]), 2);
    assert_eq!(scratch.code(&["run", "missing.ron"]), 3);
    assert_eq!(scratch.code(&["run", "hello.ron", "--set", "services.shop.replica=3"]), 3);
    assert_eq!(scratch.code(&["check", "hello.ron", "missing.ron"]), 3);
    assert_eq!(scratch.code(&["new", "helo"]), 1);
    assert_eq!(scratch.code(&["new", "--out", "hello.ron"]), 1, "an existing file is left alone");
}

#[test]
fn results_and_messages_go_separate_ways() {
    let scratch = Scratch::new("separate_ways");
    let output = scratch.run(&["run", "hello.ron", "--format", "json", "--seed", "7", "--duration", "2min"]);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object and nothing else");
    assert_eq!(object["seed"], 7);
    assert_eq!(object["simulated_seconds"], 120.0);
    assert_eq!(object["digest"].as_str().unwrap().len(), 16);
    for figure in ["requests", "ok", "p50_ms", "p95_ms", "p99_ms", "p999_ms", "utilisation"] {
        assert!(object["services"]["shop"][figure].is_number(), "{figure} in {object:#}");
    }
    assert!(object["services"]["shop"]["failed"].is_object());
    assert!(text(&output.stderr).contains("results/hello"));
    assert!(scratch.run(&["run", "hello.ron", "--quiet", "--duration", "2min"]).stderr.is_empty());

    let broken = scratch.run(&["run", "hello.ron", "--set", "durations=5s", "--color", "always"]);
    assert!(broken.stdout.is_empty());
    assert!(text(&broken.stderr).contains("did you mean `duration`?"));
    assert!(text(&broken.stderr).contains("\u{1b}["));
    assert!(!text(&scratch.run(&["run", "nope.ron"]).stderr).contains("\u{1b}["), "no colours without a terminal");

    let check = scratch.run(&["check", "hello.ron", "nope.ron", "--format", "json"]);
    let checked: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!((&checked[0]["ok"], &checked[1]["ok"]), (&true.into(), &false.into()));
    assert_eq!(checked[1]["diagnostics"][0]["code"], "E012");
}

#[test]
fn the_same_file_and_seed_give_the_same_folder() {
    let scratch = Scratch::new("same_folder");
    let run = |threads, out| {
        let arguments = ["run", "hello.ron", "--duration", "3min", "--reps", "3", "--threads", threads, "--out", out];
        assert_eq!(scratch.code(&arguments), 0);
        files(&scratch.0.join(out))
    };
    let one = run("1", "one");
    assert_eq!(one, run("2", "two"));
    assert_eq!(one, run("2", "one"), "earlier results make way");
    assert!(!scratch.0.join("one.partial").exists());

    // The resolved scenario is a scenario: it gives the same results; only the page names another command.
    fs::copy(scratch.0.join("one/scenario.ron"), scratch.0.join("again.ron")).unwrap();
    assert_eq!(scratch.code(&["run", "again.ron", "--out", "again"]), 0);
    let without_page = |mut files: Vec<(PathBuf, Vec<u8>)>| {
        files.retain(|(name, _)| name != Path::new("report.html"));
        files
    };
    assert_eq!(without_page(one), without_page(files(&scratch.0.join("again"))));
}

#[test]
fn a_folder_of_others_is_left_alone() {
    let scratch = Scratch::new("left_alone");
    fs::create_dir(scratch.0.join("thesis")).unwrap();
    fs::write(scratch.0.join("thesis/chapter.txt"), "years of work").unwrap();
    let output = scratch.run(&["run", "hello.ron", "--out", "thesis"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("thesis holds other files"), "{}", text(&output.stderr));
    assert_eq!(scratch.code(&["run", "hello.ron", "--out", "hello.ron"]), 1);
    assert_eq!(fs::read(scratch.0.join("thesis/chapter.txt")).unwrap(), b"years of work");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let scratch = Scratch::new("reader_gone");
    for arguments in [["list"].as_slice(), &["new"], &["completions", "bash"], &["explain", "hello.ron"]] {
        // The reading end is closed before the program writes its first byte.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = scratch.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn every_template_runs() {
    let scratch = Scratch::new("templates");
    let list = scratch.run(&["new", "--list"]);
    let names: Vec<&str> = text(&list.stdout).lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 2);
    for name in names {
        let file = format!("{name}-template.ron");
        assert_eq!(scratch.code(&["new", name, "--out", &file]), 0);
        assert_eq!(scratch.code(&["run", &file]), 0, "{name}");
    }
}

/// The summary of a run of a template.
fn told(scratch: &Scratch, template: &str) -> serde_json::Value {
    let file = format!("{template}.ron");
    assert_eq!(scratch.code(&["new", template, "--out", &file]), 0);
    let output = scratch.run(&["run", &file, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an object")
}

#[test]
fn a_bad_version_goes_back() {
    let scratch = Scratch::new("release_template");
    told(&scratch, "release");
    let releases = fs::read_to_string(scratch.0.join("results/release/releases.csv")).unwrap();
    let last = releases.lines().last().unwrap();
    assert!(last.contains(",rolled_back,0,") && last.ends_with(",error_rate"), "{releases}");
    assert!(!releases.contains(",paused,20,"), "found out at 5 %: {releases}");
}

#[test]
fn a_lost_zone_is_noticed_and_got_over() {
    let scratch = Scratch::new("chaos_template");
    let told = told(&scratch, "chaos");
    let failed = told["services"]["shop"]["failed"].as_object().expect("failures by what they were");
    assert!(failed.values().all(|count| count == 0), "retries hide it: {told:#}");
    let faults = fs::read_to_string(scratch.0.join("results/chaos/faults.csv")).unwrap();
    let strikes: Vec<Vec<&str>> = faults.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let [zone, stock] = &strikes[..] else { panic!("{faults}") };
    // Begun, ended, victims: four of twelve machines, then the three replicas of the other service.
    assert_eq!((&zone[2..5], &stock[2..5]), (&["120", "240", "4"][..], &["360", "420", "3"][..]));
    let seconds = |cell: &str| cell.parse::<f64>().unwrap_or(f64::INFINITY);
    assert!(seconds(zone[6]) < 10.0 && seconds(zone[7]) < 30.0, "noticed, and over before its end: {faults}");
    assert_eq!((stock[6], stock[7]), ("", ""), "nobody notices: {faults}");
}

#[test]
fn what_would_be_run_can_be_checked() {
    let scratch = Scratch::new("check_set");
    assert_eq!(scratch.code(&["check", "hello.ron", "--set", "services.shop.replicas=3"]), 0);
    let output = scratch.run(&["check", "hello.ron", "--set", "services.shop.replicas=0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("zero replicas serve nobody"), "{}", text(&output.stderr));
    let study = r#"Study(name: "n", scenario: "hello.ron", factors: { "services.shop.workers": [1, 2] })"#;
    fs::write(scratch.0.join("study.ron"), study).unwrap();
    assert_eq!(scratch.code(&["check", "study.ron", "--set", "workloads.customers.rate=5/s"]), 0);
    assert_eq!(scratch.code(&["check", "study.ron", "--set", "workloads.customers.rates=5/s"]), 3);
}

#[test]
fn explain_shows_what_was_left_out() {
    let scratch = Scratch::new("explain");
    let output = scratch.run(&["explain", "hello.ron", "--set", "workloads.customers.rate=5/s"]);
    let explained = text(&output.stdout);
    assert!(explained.contains("rate: Constant(\"5/s\"),\n"), "{explained}");
    assert!(explained.contains("seed: 1, // default\n"), "{explained}");
    fs::write(scratch.0.join("explained.ron"), explained).unwrap();
    assert_eq!(scratch.code(&["check", "explained.ron"]), 0);
}
