//! `gameday merge`: what several shards have run, put together; the same bytes as from one run.

use std::sync::atomic::AtomicBool;

use anyhow::bail;
use scenarios::study::{Finished, Share, Work, analyse};

use crate::args::MergeArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::study::{Place, show};

pub(crate) fn merge(args: &MergeArgs, console: &Console) -> anyhow::Result<Exit> {
    let places = args.folders.iter().map(|folder| Place::open(folder)).collect::<anyhow::Result<Vec<_>>>()?;
    let plan = places[0].plan()?;
    for place in &places[1..] {
        if !place.plan()?.is_same_study(&plan) {
            bail!("{} and {} hold different studies", places[0].path().display(), place.path().display());
        }
    }
    let to = match &args.out {
        Some(out) => Place::begin(out, &plan, true, console)?,
        None => Place::open(&args.folders[0])?,
    };
    for place in places.iter().filter(|place| place.path() != to.path()) {
        to.take_from(place)?;
    }
    let stop = AtomicBool::new(false);
    let work = Work { plan: &plan, scenarios: &[], store: &to.cells, progress: &(), stop: &stop, share: Share::ALL };
    let samples = match work.run()? {
        Finished::Whole(samples) => samples,
        Finished::Missing(missing) => bail!("{missing} runs are missing: other shards have not finished"),
        Finished::Stopped => bail!("nothing was to be run, and yet it was stopped"),
    };
    // Nobody is at work any more: all is there.
    to.cells.tidy()?;
    let results = analyse(&plan, &samples);
    to.finish(&results, &plan)?;
    show(&results, args.format, console)?;
    console.note(&format!("results in {}", to.path().display()));
    Ok(Exit::Pass)
}
