//! Charts as data: what is shown, before anything is drawn.
//!
//! [`choose`](super::choose) makes charts from results, [`draw`](super::draw) paints them at any
//! size, and the alternative text is read off the same data, so picture and words cannot disagree.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::windows::{Window, kinds};
use crate::words;

/// Faults and releases that the words for a chart name.
const LANES_TOLD: usize = 10;

/// What every chart has: a name for its file, and words.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
}

/// A chart of one of the shapes.
#[derive(Clone, Debug)]
pub(crate) enum Chart {
    Lines(LineChart),
    Bars(BarChart),
    Dots(DotChart),
    Heat(HeatChart),
    Scatter(ScatterChart),
    Graph(GraphChart),
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
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Across {
    /// Seconds since the start, first to last.
    Time(f64, f64),
    /// Percentiles that this many observations can show.
    Percentiles(u64),
    /// Any other quantity: its axis, and what stands below it.
    Measured(Axis, String),
    /// Settings that are no quantities, at 0, 1, 2 …, and what stands below them.
    Settings(Vec<String>, String),
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
    /// What surrounds it, the widest first.
    pub(crate) bands: Vec<Band>,
}

/// How far around a line others are, or it may be: place, lower end, upper end.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) points: Vec<(f64, f64, f64)>,
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
    /// With a dot at each point: what lies between was not measured.
    Dotted,
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

/// Points on a common horizontal axis, one a row, with their intervals: what differs, and by how much.
#[derive(Clone, Debug)]
pub(crate) struct DotChart {
    pub(crate) caption: Caption,
    pub(crate) axis: Axis,
    /// What stands below the axis.
    pub(crate) label: String,
    /// The value at which there is a line through all rows, such as no difference.
    pub(crate) reference: f64,
    pub(crate) groups: Vec<DotGroup>,
}

/// Rows under a heading, which may be empty.
#[derive(Clone, Debug)]
pub(crate) struct DotGroup {
    pub(crate) name: String,
    pub(crate) rows: Vec<Dot>,
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) color: RGBColor,
    /// The value in words, and what it amounts to.
    pub(crate) note: String,
}

/// A field of cells, the darker the larger their values.
#[derive(Clone, Debug)]
pub(crate) struct HeatChart {
    pub(crate) caption: Caption,
    pub(crate) unit: String,
    pub(crate) rows: Vec<String>,
    pub(crate) columns: HeatColumns,
    /// By row, then by column; what is not a number is left blank.
    pub(crate) values: Vec<Vec<f64>>,
    /// Cells with a frame, as row and column.
    pub(crate) framed: Vec<(usize, usize)>,
    /// Whether colours go by magnitude.
    pub(crate) logarithmic: bool,
}

/// What the columns of a heat chart are.
#[derive(Clone, Debug)]
pub(crate) enum HeatColumns {
    /// Settings, and what they are settings of; cells show their values.
    Settings(Vec<String>, String),
    /// Ends of equally long stretches of time in seconds; there are too many cells for numbers.
    Time(Vec<f64>),
}

/// Points by two quantities.
#[derive(Clone, Debug)]
pub(crate) struct ScatterChart {
    pub(crate) caption: Caption,
    pub(crate) x: Measure,
    pub(crate) y: Measure,
    pub(crate) marks: Vec<Mark>,
    /// Whether those that stand out are joined, as nothing lies beyond them.
    pub(crate) joined: bool,
}

/// A quantity with its axis.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) axis: Axis,
}

/// A point of a scatter chart.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) label: String,
    /// Value and half of its interval, across and up.
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    /// Whether it is one of those that the chart is about.
    pub(crate) stands_out: bool,
}

/// Boxes, and lines between them.
#[derive(Clone, Debug)]
pub(crate) struct GraphChart {
    pub(crate) caption: Caption,
    pub(crate) nodes: Vec<GraphNode>,
    /// Who calls whom; without circles.
    pub(crate) edges: Vec<GraphEdge>,
}

/// A box.
#[derive(Clone, Debug)]
pub(crate) struct GraphNode {
    pub(crate) name: String,
    /// Whether it is outside of the system: customers.
    pub(crate) outer: bool,
    /// Its figures, a line each.
    pub(crate) lines: Vec<String>,
    /// The share that failed, in percent.
    pub(crate) failed: f64,
    /// The busiest come first.
    pub(crate) weight: f64,
}

/// A line from a caller to a callee, as numbers of [`GraphChart::nodes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct GraphEdge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Calls a second, where that is known.
    pub(crate) rate: Option<f64>,
    /// The share of them that failed, in percent, where that is known.
    pub(crate) failed: Option<f64>,
}

impl Chart {
    pub(crate) fn caption(&self) -> &Caption {
        match self {
            Chart::Lines(chart) => &chart.caption,
            Chart::Bars(chart) => &chart.caption,
            Chart::Dots(chart) => &chart.caption,
            Chart::Heat(chart) => &chart.caption,
            Chart::Scatter(chart) => &chart.caption,
            Chart::Graph(chart) => &chart.caption,
        }
    }

    /// The chart in words, for those who cannot see it.
    pub(crate) fn alt(&self) -> String {
        let caption = self.caption();
        let what = match self {
            Chart::Lines(chart) => chart.described(),
            Chart::Bars(chart) => chart.described(),
            Chart::Dots(chart) => chart.described(),
            Chart::Heat(chart) => chart.described(),
            Chart::Scatter(chart) => chart.described(),
            Chart::Graph(chart) => chart.described(),
        };
        format!("{}. {} {}.", caption.title, what, caption.subtitle)
    }
}

impl LineChart {
    /// The first and the last point of a line: "51.0 ms at 100/s, 150 ms at 180/s".
    fn ends_of(&self, line: &Line, unit: &str) -> String {
        let known = || line.points.iter().filter(|point| point.1.is_finite());
        let place = |x: f64| match &self.across {
            Across::Settings(names, _) => names.get(x as usize).cloned().unwrap_or_default(),
            Across::Measured(axis, _) => {
                let named = axis.ticks.iter().find(|tick| tick.at == x);
                named.map_or_else(|| words::figure(x), |tick| tick.label.clone())
            }
            _ => words::figure(x),
        };
        let told = |point: &(f64, f64)| format!("{} at {}", words::quantity(point.1, unit), place(point.0));
        let ends: Vec<String> = known().next().into_iter().chain(known().next_back()).map(told).collect();
        ends.join(", ")
    }

    fn described(&self) -> String {
        let mut sentences = Vec::new();
        for panel in &self.panels {
            for line in &panel.lines {
                let shown = line.points.iter().filter(|point| point.1.is_finite());
                let Some(peak) = shown.clone().max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
                let value = words::quantity(peak.1, &panel.unit);
                // Lines of one name are told apart by their panels.
                let panels = self.panels.len() > 1;
                let told = match &self.across {
                    Across::Time(..) => format!("{}: at most {value}, at {}.", line.label, words::clock(peak.0)),
                    Across::Percentiles(_) => format!("{}: at most {value}.", line.label),
                    Across::Measured(..) | Across::Settings(..) => {
                        format!("{}: {}.", line.label, self.ends_of(line, &panel.unit))
                    }
                };
                sentences.push(if panels { format!("{}: {told}", panel.label) } else { told });
            }
        }
        let lanes = self.windows.iter().map(|lane| match lane.to_s > lane.from_s {
            true => format!("{} from {} to {}.", lane.name, words::clock(lane.from_s), words::clock(lane.to_s)),
            false => format!("{} at {}.", lane.name, words::clock(lane.from_s)),
        });
        let more = self.windows.len().saturating_sub(LANES_TOLD);
        let more = (more > 0).then(|| format!("{more} more {}.", kinds(&self.windows)));
        sentences.into_iter().chain(lanes.take(LANES_TOLD)).chain(more).collect::<Vec<_>>().join(" ")
    }
}

impl BarChart {
    fn described(&self) -> String {
        let value = |bar: &Bar| format!("{}: {}.", bar.label, words::quantity(bar.value, &self.unit));
        self.bars.iter().map(value).collect::<Vec<_>>().join(" ")
    }
}

impl DotChart {
    fn described(&self) -> String {
        let row = |group: &DotGroup, dot: &Dot| match group.name.is_empty() {
            true => format!("{}: {}.", dot.label, dot.note),
            false => format!("{}, {}: {}.", group.name, dot.label, dot.note),
        };
        let rows = self.groups.iter().flat_map(|group| group.rows.iter().map(move |dot| row(group, dot)));
        rows.collect::<Vec<_>>().join(" ")
    }
}

impl HeatChart {
    /// Where it is least and most; of few cells, all.
    fn described(&self) -> String {
        let column = |at: usize| match &self.columns {
            HeatColumns::Settings(labels, _) => labels[at].clone(),
            HeatColumns::Time(ends) => words::clock(ends[at]),
        };
        let cells = self.values.iter().enumerate().flat_map(|(row, values)| {
            values.iter().enumerate().filter(|(_, value)| value.is_finite()).map(move |(at, value)| (row, at, *value))
        });
        let told = |(row, at, value): (usize, usize, f64)| {
            format!("{} at {}: {}", self.rows[row], column(at), words::quantity(value, &self.unit))
        };
        let least = cells.clone().min_by(|a, b| a.2.total_cmp(&b.2));
        let most = cells.max_by(|a, b| a.2.total_cmp(&b.2));
        match least.zip(most) {
            Some((least, most)) => format!("Least: {}. Most: {}.", told(least), told(most)),
            None => String::new(),
        }
    }
}

impl ScatterChart {
    fn described(&self) -> String {
        let told = |mark: &Mark| {
            let (x, y) = (words::quantity(mark.x.0, &self.x.unit), words::quantity(mark.y.0, &self.y.unit));
            format!("{}: {x}, {y}.", mark.label)
        };
        let others = self.marks.iter().filter(|mark| !mark.stands_out).count();
        let first = self.marks.iter().filter(|mark| mark.stands_out).map(told).collect::<Vec<_>>().join(" ");
        if others == 0 { first } else { format!("{first} Beaten by these: {}.", words::plural(others as f64, "point")) }
    }
}

impl GraphChart {
    fn described(&self) -> String {
        let edge = |edge: &GraphEdge| {
            let known = edge.words().map_or(String::new(), |words| format!(": {words}"));
            format!("{} calls {}{known}.", self.nodes[edge.from].name, self.nodes[edge.to].name)
        };
        let node = |node: &GraphNode| format!("{}: {}.", node.name, node.lines.join(", "));
        let known = self.nodes.iter().filter(|node| !node.lines.is_empty());
        known.map(node).chain(self.edges.iter().map(edge)).collect::<Vec<_>>().join(" ")
    }
}
