//! Charts as data: what is shown, before anything is drawn.
//!
//! [`choose`](super::choose) makes charts from results, [`draw`](super::draw) paints them at any
//! size, and the alternative text is read off the same data, so picture and words cannot disagree.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::windows::Window;
use crate::words;

/// What every chart has: a name for its file, and words.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
}

/// A chart of one of the two shapes.
#[derive(Clone, Debug)]
pub(crate) enum Chart {
    Lines(LineChart),
    Bars(BarChart),
}

/// Lines over a common horizontal axis, in one or more panels under each other.
#[derive(Clone, Debug)]
pub(crate) struct LineChart {
    pub(crate) caption: Caption,
    pub(crate) across: Across,
    pub(crate) panels: Vec<Panel>,
    /// Lanes for a time axis.
    pub(crate) windows: Vec<Window>,
    /// The end of the warm-up in seconds; 0 if there was none.
    pub(crate) warm_up_s: f64,
}

/// What the horizontal axis of a line chart is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Across {
    /// Seconds since the start, first to last.
    Time(f64, f64),
    /// Percentiles that this many observations can show.
    Percentiles(u64),
}

/// A vertical axis with its lines.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    /// What is measured, with its unit.
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) axis: Axis,
    pub(crate) lines: Vec<Line>,
}

/// A named line; points whose second coordinate is not a number are gaps.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) color: RGBColor,
    pub(crate) look: Look,
    pub(crate) points: Vec<(f64, f64)>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    /// With a tint down to the axis.
    Filled,
    /// Broad and pale, for what other lines are compared with.
    Backdrop,
    /// Holding each value until the next, for counts that jump.
    Steps,
    /// The same, with a tint down to the axis.
    FilledSteps,
}

/// Horizontal bars, one a subject, with confidence intervals where they are known.
#[derive(Clone, Debug)]
pub(crate) struct BarChart {
    pub(crate) caption: Caption,
    pub(crate) unit: String,
    pub(crate) bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) interval: Option<(f64, f64)>,
}

impl Chart {
    pub(crate) fn caption(&self) -> &Caption {
        match self {
            Chart::Lines(chart) => &chart.caption,
            Chart::Bars(chart) => &chart.caption,
        }
    }

    /// The chart in words, for those who cannot see it.
    pub(crate) fn alt(&self) -> String {
        let caption = self.caption();
        let what = match self {
            Chart::Lines(chart) => chart.described(),
            Chart::Bars(chart) => chart.described(),
        };
        format!("{}. {} {}.", caption.title, what, caption.subtitle)
    }
}

impl LineChart {
    fn described(&self) -> String {
        let mut sentences = Vec::new();
        for panel in &self.panels {
            for line in &panel.lines {
                let shown = line.points.iter().filter(|point| point.1.is_finite());
                let Some(peak) = shown.clone().max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
                let value = words::quantity(peak.1, &panel.unit);
                sentences.push(match self.across {
                    Across::Time(..) => format!("{}: at most {value}, at {}.", line.label, words::clock(peak.0)),
                    Across::Percentiles(_) => format!("{}: at most {value}.", line.label),
                });
            }
        }
        let lanes = self.windows.iter().map(|lane| match lane.to_s > lane.from_s {
            true => format!("{} from {} to {}.", lane.name, words::clock(lane.from_s), words::clock(lane.to_s)),
            false => format!("{} at {}.", lane.name, words::clock(lane.from_s)),
        });
        sentences.into_iter().chain(lanes.take(10)).collect::<Vec<_>>().join(" ")
    }
}

impl BarChart {
    fn described(&self) -> String {
        let value = |bar: &Bar| format!("{}: {}.", bar.label, words::quantity(bar.value, &self.unit));
        self.bars.iter().map(value).collect::<Vec<_>>().join(" ")
    }
}
