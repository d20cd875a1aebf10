//! The same file and seed give the same results: twice, on one thread and on two, optimised or not.
//!
//! The digests are kept in a snapshot that every build compares with. After a change that is meant
//! to move them: `INSTA_UPDATE=always cargo test --test determinism`.

mod support;

use sim_core::results::Results;
use support::GLIMPSES;

fn on_threads(threads: usize, name: &str, overrides: &[&str]) -> Results {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
    pool.install(|| support::run(name, overrides))
}

/// Everything in the results; figures that make no sense are NaN, which never equals itself.
fn text(results: &Results) -> String {
    serde_json::to_string(results).expect("results can be written")
}

#[test]
fn neither_threads_nor_repetition_nor_the_build_change_a_result() {
    let mut digests = String::new();
    for (name, overrides) in GLIMPSES {
        let first = on_threads(1, name, overrides);
        assert!(first.replications >= 2, "{name}: threads need more than one replication to differ");
        assert!(text(&first) == text(&on_threads(2, name, overrides)), "{name} on two threads");
        assert!(text(&first) == text(&on_threads(2, name, overrides)), "{name} once more");
        digests += &format!("{name}: {:016x}\n", first.digest);
    }
    insta::assert_snapshot!("digests", digests);
}

#[test]
fn another_seed_gives_another_run() {
    for (name, overrides) in GLIMPSES {
        let seed = |seed: &str| support::run(name, &[overrides, &[seed, "replications=1"]].concat());
        assert_ne!(seed("seed=101").digest, seed("seed=102").digest, "{name}");
    }
}

#[test]
fn a_replication_does_not_depend_on_how_many_there_are() {
    // Series are of the first replication.
    for (name, overrides) in GLIMPSES {
        let alone = support::run(name, &[overrides, &["replications=1"]].concat());
        let first = support::run(name, overrides);
        let series = |results: &Results| serde_json::to_string(&results.series).expect("series can be written");
        assert!(series(&alone) == series(&first), "{name}");
    }
}
