//! `gameday sweep`: a scenario at many settings, each run many times.

use scenarios::study::{Request, Share};
use serde_json::json;

use crate::args::{Format, Shard, SweepArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::study::{Ended, Place, Session, default_place, describe};

pub(crate) fn sweep(args: &SweepArgs, console: &Console) -> anyhow::Result<Exit> {
    let session = Session::begin(&args.study, console)?;
    let prepared = request(args).and_then(|request| session.prepare(request));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            return Ok(Exit::Invalid);
        }
    };
    session.note_unsettled(&prepared);
    if args.dry_run {
        let threads = session.threads.current_num_threads();
        match args.study.format {
            Format::Json => console.result(&format!("{:#}\n", json!(prepared.plan)))?,
            Format::Human => console.result(&describe(&prepared, threads, session.stop))?,
        }
        return Ok(Exit::Pass);
    }
    let path = args.study.out.clone().unwrap_or_else(|| default_place(&args.file));
    let place = Place::begin(&path, &prepared.plan, args.shard.is_some(), console)?;
    let share = match args.shard {
        Some(Shard::Part(share)) => share,
        Some(Shard::Auto) | None => Share::ALL,
    };
    match session.run(&prepared, &place.cells, share)? {
        Ended::Results(results) => {
            place.finish(&results, &prepared.plan)?;
            session.show(&results)?;
            console.note(&format!("results in {}", path.display()));
            Ok(Exit::Pass)
        }
        Ended::Missing(missing) => {
            console.note(&format!(
                "this share is done; {missing} runs of others are missing in {0}; then: gameday merge {0} ...",
                path.display()
            ));
            Ok(Exit::Pass)
        }
        Ended::Stopped => Ok(session.stopped(Some(&place))),
    }
}

/// The study that file and options ask for.
fn request(args: &SweepArgs) -> Result<Request, scenarios::file::Diagnostics> {
    let mut request = Request::read(&args.file)?;
    request.set.extend(args.overrides.set.iter().cloned());
    args.param.iter().try_for_each(|param| request.vary(param))?;
    request.constraints.extend(args.constraint.iter().cloned());
    if let Some(design) = &args.design {
        request.design = design.clone();
    }
    request.compare = args.compare.clone().or(request.compare);
    Ok(request)
}
