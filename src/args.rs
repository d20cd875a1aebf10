//! What can be said on the command line.

mod study;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sim_core::{Ratio, Span};

pub(crate) use study::{CompareArgs, MergeArgs, Repetitions, Shard, StudyArgs, SweepArgs, TuneArgs};

/// Rehearse bad days: run a system, its traffic and its faults in virtual time.
#[derive(Debug, Parser)]
#[command(name = "gameday", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// No progress and no notes, only results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// More notes: speed, threads, files written
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Colours; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run a scenario, print its figures and write its results folder
    Run(RunArgs),
    /// Run a scenario at many settings, each many times: which is best, by how much, how sure
    Sweep(SweepArgs),
    /// Put together what the shards of a sweep have run
    Merge(MergeArgs),
    /// Compare scenarios, or variants of one, on the very same customers
    Compare(CompareArgs),
    /// Find the settings that serve a goal best
    Tune(TuneArgs),
    /// Check scenarios without running them
    Check(CheckArgs),
    /// Show a scenario with everything resolved: defaults, units, overrides
    Explain(ExplainArgs),
    /// List the scenarios at hand and every strategy they can choose
    List(ListArgs),
    /// Compare scenarios' figures with golden ones that are kept beside them
    Snapshot(SnapshotArgs),
    /// Begin a scenario from a commented template that runs
    New(NewArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

/// How to show progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressStyle {
    /// A bar on a terminal, plain lines elsewhere
    Auto,
    /// Plain lines
    Plain,
    /// Nothing
    None,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scenario file; - is standard input, whose data files are found from the current folder
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// The root of all chance, instead of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many independent replications to run, instead of the file's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) reps: Option<u32>,
    /// How much virtual time to run, such as 90s or 1h30min, instead of the file's
    #[arg(long, value_name = "SPAN")]
    pub(crate) duration: Option<Span>,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// Where to write the results [default: results/ and the file's name]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print the figures
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,
    /// How to show progress
    #[arg(long, value_name = "STYLE", default_value = "auto")]
    pub(crate) progress: ProgressStyle,
    /// How many threads share the replications [default: one a processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Also write these, into the results
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) export: Vec<Export>,
    /// Of how many requests the trace has one
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) trace_every: u64,
    /// Write the checks as JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Append a summary in Markdown to this file, such as "$GITHUB_STEP_SUMMARY"
    #[arg(long, value_name = "FILE")]
    pub(crate) github_summary: Option<PathBuf>,
    /// Exit with 0 though checks fail
    #[arg(long)]
    pub(crate) no_fail: bool,
}

/// What a run can be written as besides its results folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Export {
    /// openmetrics.txt: counters, gauges and histograms over time, for promtool and alert rules
    Openmetrics,
    /// trace.json: sampled requests, for Perfetto or chrome://tracing
    Trace,
    /// parquet/: all figures and series, for data frames
    #[cfg(feature = "parquet")]
    Parquet,
}

impl RunArgs {
    /// All overrides, those with an option of their own last.
    pub(crate) fn all_overrides(&self) -> Vec<String> {
        let own = [
            self.seed.map(|seed| format!("seed={seed}")),
            self.reps.map(|reps| format!("replications={reps}")),
            self.duration.map(|duration| format!("duration=\"{duration}\"")),
        ];
        self.overrides.set.iter().cloned().chain(own.into_iter().flatten()).collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct Overrides {
    /// Override a value of the file, such as services.shop.replicas=20; may be given repeatedly
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The scenario files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// How to print what is found
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The scenario file
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// The scenario files; that of shop.ron is kept as snapshots/shop.snap beside it
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// Keep the figures of this version as golden ones
    #[arg(long)]
    pub(crate) update: bool,
    /// By how much a figure may differ, such as 5%
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    pub(crate) tolerance: Ratio,
    /// How many threads share the replications [default: one a processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// How to print the list
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Which template
    #[arg(default_value = "hello")]
    pub(crate) template: String,
    /// Write to this file, which must not exist, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// List the templates
    #[arg(long)]
    pub(crate) list: bool,
    /// A GitHub Actions workflow that checks scenarios, instead of a scenario
    #[arg(long, conflicts_with_all = ["template", "list"])]
    pub(crate) ci: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
