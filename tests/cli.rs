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
