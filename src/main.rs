//! The command line of gameday: arguments in, verbs out; the work is done by the libraries.
//!
//! Results go to standard output, progress and messages to standard error. Exit codes:
//! 0 pass; 1 the run or a file failed; 2 usage; 3 the scenario is invalid; 4 figures differ from golden
//! ones, or are worse than the baseline; 99 a check failed; 130 interrupted.

mod args;
mod console;
mod exit;
mod export;
mod folder;
mod interrupt;
mod progress;
mod study;
mod summary;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Verb};
use crate::console::Console;
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    let result = match &cli.verb {
        Verb::Run(args) => verbs::run::run(args, &console),
        Verb::Sweep(args) => verbs::sweep::sweep(args, &console),
        Verb::Merge(args) => verbs::merge::merge(args, &console),
        Verb::Compare(args) => verbs::compare::compare(args, &console),
        Verb::Tune(args) => verbs::tune::tune(args, &console),
        Verb::Check(args) => verbs::check::check(args, &console),
        Verb::Explain(args) => verbs::explain::explain(args, &console),
        Verb::List(args) => verbs::list::list(args, &console),
        Verb::Snapshot(args) => verbs::snapshot::snapshot(args, &console),
        Verb::New(args) => verbs::new::new(args, &console),
        Verb::Completions(args) => verbs::completions::completions(args, &console),
    };
    let exit = result.unwrap_or_else(|error| {
        console.error(&error);
        Exit::Failure
    });
    exit.into()
}
