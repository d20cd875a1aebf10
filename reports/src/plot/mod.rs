//! Charts that one would show to a manager: SVG through plotters, PNG through resvg.
//!
//! [`plots`] looks at what the results hold and makes the charts that they can support. Nothing
//! depends on installed fonts or libraries, and the same results give the same bytes. What leads
//! from results to picture: `choose` (which charts), `chart` (a chart as data), `draw` (its
//! layout), `lanes` (what is behind the lines), `paint` (plotters), `png`; `windows` knows when faults were active.
//!
//! The style: a title that says what is shown, a subtitle that says of how many requests and from
//! which runs; horizontal grid lines only; names at the ends of the lines, not in a box; faults as
//! tinted lanes.

mod axis;
mod bars;
mod chart;
mod choose;
mod dots;
mod downsample;
mod draw;
mod frame;
mod graph;
mod heat;
mod labels;
mod lanes;
mod paint;
mod png;
mod scatter;
mod study;
pub(crate) mod style;
pub(crate) mod windows;

#[cfg(test)]
mod tests;

use sim_core::results::Results;
use sim_core::study::StudyResults;

pub use png::png;
use style::{Canvas, PHONE, WIDE};

/// A chart, ready to be written to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// A name for its file, without extension: lower case, digits, hyphens.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What it shows to those who cannot see it: peaks and values in words. Plain text, not escaped.
    pub alt: String,
    /// The picture.
    pub svg: String,
}

/// The charts that `results` can support, the most important first.
pub fn plots(results: &Results) -> Vec<Plot> {
    choose::charts(results).iter().map(|chart| plot(chart, &WIDE)).collect()
}

/// Each chart twice: for wide screens and paper, and for phones.
pub(crate) fn plots_for_page(results: &Results) -> Vec<(Plot, Plot)> {
    let charts = choose::charts(results);
    charts.iter().map(|chart| (plot(chart, &WIDE), plot(chart, &PHONE))).collect()
}

/// The charts that a study can support, the most important first.
pub fn study_plots(results: &StudyResults) -> Vec<Plot> {
    study::charts(results).iter().map(|chart| plot(chart, &WIDE)).collect()
}

/// Each chart of a study twice, as [`plots_for_page`].
pub(crate) fn study_plots_for_page(results: &StudyResults) -> Vec<(Plot, Plot)> {
    study::charts(results).iter().map(|chart| (plot(chart, &WIDE), plot(chart, &PHONE))).collect()
}

fn plot(chart: &chart::Chart, canvas: &Canvas) -> Plot {
    let caption = chart.caption();
    Plot { name: caption.name.clone(), title: caption.title.clone(), alt: chart.alt(), svg: draw::svg(chart, canvas) }
}
