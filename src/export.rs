//! What a run can be written as besides its results folder's own files.

use std::sync::atomic::AtomicBool;

use scenarios::Loaded;
use scenarios::count::Count;
use scenarios::run::observe;
use scenarios::spans::Spans;
use sim_core::results::Results;

use crate::args::Export;
use crate::folder::Folder;

/// Writes each of `exports` into the results folder; what the results do not hold is seen by running
/// the first replication once more.
pub(crate) fn write(
    folder: &mut Folder,
    exports: &[Export],
    trace_every: u64,
    loaded: &Loaded,
    results: &Results,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let Loaded { scenario, inputs } = loaded;
    if exports.contains(&Export::Openmetrics)
        && let Some(count) = observe(scenario, inputs, Count::new(scenario), stop)
    {
        let counters = count.finish(scenario);
        folder.write("openmetrics.txt", reports::openmetrics::over_time(results, &counters))?;
        folder.write("metrics.prom", reports::openmetrics::at_end(results, &counters))?;
    }
    if exports.contains(&Export::Trace)
        && let Some(spans) = observe(scenario, inputs, Spans::new(scenario, trace_every), stop)
    {
        folder.write("trace.json", reports::trace::chrome(&spans.finish(), results.seed))?;
    }
    #[cfg(feature = "parquet")]
    if exports.contains(&Export::Parquet) {
        for (name, bytes) in reports::parquet::files(results)? {
            folder.write(&format!("parquet/{name}"), bytes)?;
        }
    }
    Ok(())
}
