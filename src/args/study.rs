//! Arguments of the verbs that run studies.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use scenarios::study::{Design, Share, WarmUp};
use sim_core::{Ratio, Span};

use super::{Format, Overrides, ProgressStyle};

/// Options of all studies.
#[derive(Debug, Args)]
pub(crate) struct StudyArgs {
    /// Replications of each point; `auto` runs until the intervals are narrow enough
    #[arg(long, value_name = "N|auto")]
    pub(crate) reps: Option<Repetitions>,
    /// With auto: how wide half of an interval may be, as a share of the figure [default: 2%]
    #[arg(long, value_name = "PERCENT")]
    pub(crate) ci_width: Option<Ratio>,
    /// With auto: the most replications of a point [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) cap: Option<u32>,
    /// A figure to report, such as latency.p99 or web.utilisation; may be given repeatedly
    #[arg(long, value_name = "NAME")]
    pub(crate) metric: Vec<String>,
    /// What is best, such as "min latency.p99"
    #[arg(long, value_name = "GOAL")]
    pub(crate) goal: Option<String>,
    /// What must hold of the best, such as "ok_share > 99%"; may be given repeatedly
    #[arg(long, value_name = "LIMIT")]
    pub(crate) subject_to: Vec<String>,
    /// How much of each run's start no figure includes; `auto` finds it
    #[arg(long, value_name = "SPAN|auto", value_parser = warm_up)]
    pub(crate) warm_up: Option<WarmUp>,
    /// The folder for finished runs and results, from which a stopped study goes on
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print the figures
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,
    /// How to show progress
    #[arg(long, value_name = "STYLE", default_value = "auto")]
    pub(crate) progress: ProgressStyle,
    /// How many threads share the runs [default: one a processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArgs {
    /// The study file, or a scenario file to vary with --param
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// What to vary: path=a,b,c or a range path=1..5:3, `log` behind it for even ratios
    #[arg(long, value_name = "PATH=VALUES")]
    pub(crate) param: Vec<String>,
    /// Which combinations: full, one-at-a-time, random:N, lhs:N, sobol:N
    #[arg(long, value_name = "DESIGN", value_parser = design)]
    pub(crate) design: Option<Design>,
    /// What must hold between the factors of a point, such as "replicas <= 3 * workers"
    #[arg(long, value_name = "CONSTRAINT")]
    pub(crate) constraint: Vec<String>,
    /// The factor whose settings are compared with each other
    #[arg(long, value_name = "FACTOR")]
    pub(crate) compare: Option<String>,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    /// Do a part of the work: the Ith of N, or whatever others leave of a shared --out
    #[arg(long, value_name = "I/N|auto")]
    pub(crate) shard: Option<Shard>,
    /// Print the plan and how long it will take, and run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) study: StudyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// The folders that shards of one sweep have written to
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Where to put everything [default: the first folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How to print the figures
    #[arg(long, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Scenario files or results folders; the first is what the others are compared with
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// A variant of the first file, such as services.web.balancer=Random; several overrides with `;`
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// An override of all that is compared, such as duration=1min
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) common: Vec<String>,
    /// Exit with 4 if a figure is worse by this much, and surely worse; less than this does not matter
    #[arg(long, value_name = "PERCENT")]
    pub(crate) fail_on_regression: Option<Ratio>,
    #[command(flatten)]
    pub(crate) study: StudyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TuneArgs {
    /// The scenario file
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// What to vary: path=a,b,c or a range path=1..5
    #[arg(long, value_name = "PATH=VALUES", required = true)]
    pub(crate) vary: Vec<String>,
    /// What must hold between the factors of a candidate
    #[arg(long, value_name = "CONSTRAINT")]
    pub(crate) constraint: Vec<String>,
    /// How many candidates, spread as a Latin hypercube
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) candidates: u32,
    /// Take every combination instead; ranges need steps
    #[arg(long, conflicts_with = "candidates")]
    pub(crate) all: bool,
    /// The probability with which the best finalist is selected
    #[arg(long, value_name = "PERCENT", default_value = "95%", value_parser = probability)]
    pub(crate) probability: Ratio,
    /// A relative difference of the goal that does not matter
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = positive)]
    pub(crate) indifference: Ratio,
    #[command(flatten)]
    pub(crate) overrides: Overrides,
    #[command(flatten)]
    pub(crate) study: StudyArgs,
}

impl TuneArgs {
    /// The candidates asked for.
    pub(crate) fn design(&self) -> Design {
        if self.all { Design::Full } else { Design::LatinHypercube { points: self.candidates } }
    }
}

/// How often to run a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Repetitions {
    Times(u32),
    Auto,
}

impl FromStr for Repetitions {
    type Err = String;
    fn from_str(text: &str) -> Result<Repetitions, String> {
        match text.parse::<u32>() {
            _ if text == "auto" => Ok(Repetitions::Auto),
            Ok(times) if times > 0 => Ok(Repetitions::Times(times)),
            _ => Err("a number from 1 on, or auto".to_owned()),
        }
    }
}

/// Which part of the work to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shard {
    Part(Share),
    Auto,
}

impl FromStr for Shard {
    type Err = String;
    fn from_str(text: &str) -> Result<Shard, String> {
        if text == "auto" {
            return Ok(Shard::Auto);
        }
        let numbers =
            text.split_once('/').and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Shard::Part(Share { index: index - 1, count })),
            _ => Err("write the Ith of N as I/N, such as 1/3, or auto".to_owned()),
        }
    }
}

fn warm_up(text: &str) -> Result<WarmUp, String> {
    match text {
        "auto" => Ok(WarmUp::Auto),
        text => text.parse::<Span>().map(WarmUp::Constant).map_err(|error| error.to_string()),
    }
}

fn design(text: &str) -> Result<Design, String> {
    let (name, points) =
        text.split_once(':').map_or((text, None), |(name, points)| (name, Some(points.parse::<u32>())));
    match (name, points) {
        ("full", None) => Ok(Design::Full),
        ("one-at-a-time", None) => Ok(Design::OneAtATime),
        ("random", Some(Ok(points))) => Ok(Design::Random { points }),
        ("lhs", Some(Ok(points))) => Ok(Design::LatinHypercube { points }),
        ("sobol", Some(Ok(points))) => Ok(Design::Sobol { points }),
        _ => Err("full, one-at-a-time, random:N, lhs:N or sobol:N".to_owned()),
    }
}

fn positive(text: &str) -> Result<Ratio, String> {
    let ratio = text.parse::<Ratio>().map_err(|error| error.to_string())?;
    if ratio.fraction() > 0.0 { Ok(ratio) } else { Err("more than 0%".to_owned()) }
}

fn probability(text: &str) -> Result<Ratio, String> {
    let ratio = positive(text)?;
    if ratio.fraction() < 1.0 { Ok(ratio) } else { Err("less than 100%".to_owned()) }
}
