//! Boxes in layers with lines between them: who calls whom.
//!
//! Each box is one layer below the lowest of its callers, customers on top. Within a layer boxes stand where
//! their neighbours are (the barycentre rule of Sugiyama, Tagawa and Toda 1981), which leaves few crossings. The
//! same graph gives the same picture; lines of several layers pass between the boxes on their way.

use super::chart::{GraphChart, GraphEdge, GraphNode};
use super::frame::{Header, small};
use super::paint::{Area, Sheet, svg as sheet};
use super::style::{AXIS, Anchor, BLUE, Canvas, INK, PAPER, QUIET_LANE, Type, VERMILION};
use crate::words;

/// From this share of failures on, in percent, a line or a box is red.
const FAILING: f64 = 1.0;
/// The widest box in pixels, and the space between two.
const BOX_MAX: f64 = 210.0;
const GAP: f64 = 14.0;
/// The room of a line that passes a layer, as a share of a box's.
const PASSING: f64 = 0.3;
/// How often the order within layers is improved.
const SWEEPS: usize = 4;
/// Boxes in a row, on wide and on narrow sheets; a fuller layer goes on in the next row.
const ABREAST: (usize, usize) = (6, 3);

/// `chart` as an SVG.
pub(crate) fn svg(chart: &GraphChart, canvas: &Canvas) -> String {
    let header = Header::lay(&chart.caption, canvas);
    let face = small(canvas);
    let plan = Plan::of(chart);
    let rows = plan.rows(chart, if canvas.width > 600.0 { ABREAST.0 } else { ABREAST.1 });
    let lines = chart.nodes.iter().map(|node| node.lines.len()).max().unwrap_or(0);
    let height = face.size * (1.4 * (1 + lines) as f64 + 0.9);
    let between = 5.2 * face.size;
    let first = header.height() + face.size;
    let mut places = vec![Area { left: 0.0, right: 0.0, top: 0.0, bottom: 0.0 }; plan.depth.len()];
    for (row, nodes) in rows.iter().enumerate() {
        let share = |node: usize| if node < chart.nodes.len() { 1.0 } else { PASSING };
        let slot = (canvas.width - 2.0 * canvas.margin) / nodes.iter().map(|node| share(*node)).sum::<f64>();
        let top = first + row as f64 * (height + between);
        let mut left = canvas.margin;
        for &node in nodes {
            let room = slot * share(node);
            let width = if node < chart.nodes.len() { (room - GAP).min(BOX_MAX) } else { 0.0 };
            let middle = left + room / 2.0;
            places[node] = Area { left: middle - width / 2.0, right: middle + width / 2.0, top, bottom: top + height };
            left += room;
        }
    }
    let bottom = first + rows.len() as f64 * (height + between) - between;
    sheet(canvas.width, (bottom + canvas.margin).ceil(), |sheet| {
        header.paint(sheet);
        let most = chart.edges.iter().filter_map(|edge| edge.rate).fold(0.0, f64::max);
        let ways: Vec<Vec<(f64, f64)>> = plan.paths.iter().map(|path| way(path, &places)).collect();
        for (edge, way) in chart.edges.iter().zip(&ways) {
            paint_edge(sheet, edge, way, most);
        }
        for (node, area) in chart.nodes.iter().zip(&places) {
            paint_box(sheet, node, *area, face);
        }
        paint_labels(sheet, &chart.edges, &ways, &places[..chart.nodes.len()], canvas);
    })
}

/// Layers, and the way of each line through them.
struct Plan {
    /// The layer of each box, and behind them of each place where a line passes a layer.
    depth: Vec<usize>,
    /// By edge: caller, places where it passes, callee.
    paths: Vec<Vec<usize>>,
}

impl Plan {
    /// Each box one layer below the lowest of its callers.
    fn of(chart: &GraphChart) -> Plan {
        let mut depth = vec![0_usize; chart.nodes.len()];
        // Calls make no circles, so this ends after as many rounds as there are layers.
        for _ in 0..chart.nodes.len() {
            for edge in &chart.edges {
                depth[edge.to] = depth[edge.to].max(depth[edge.from] + 1).min(chart.nodes.len());
            }
        }
        let mut paths = Vec::new();
        for edge in &chart.edges {
            let mut path = vec![edge.from];
            for layer in depth[edge.from] + 1..depth[edge.to] {
                path.push(depth.len());
                depth.push(layer);
            }
            path.push(edge.to);
            paths.push(path);
        }
        Plan { depth, paths }
    }

    /// What stands in each row, from left to right.
    fn rows(&self, chart: &GraphChart, abreast: usize) -> Vec<Vec<usize>> {
        let mut layers = vec![Vec::new(); self.depth.iter().copied().max().unwrap_or(0) + 1];
        self.depth.iter().enumerate().for_each(|(node, depth)| layers[*depth].push(node));
        let weight = |node: usize| chart.nodes.get(node).map_or(0.0, |node| node.weight);
        for layer in &mut layers {
            layer.sort_by(|a: &usize, b: &usize| weight(*b).total_cmp(&weight(*a)).then(a.cmp(b)));
        }
        for sweep in 0..SWEEPS {
            let mut place = vec![0.0; self.depth.len()];
            for layer in &layers {
                layer.iter().enumerate().for_each(|(at, node)| place[*node] = (at as f64 + 0.5) / layer.len() as f64);
            }
            for layer in &mut layers {
                let middle = |node: &usize| {
                    let around = self.neighbours(*node, sweep.is_multiple_of(2));
                    let sum: f64 = around.iter().map(|other| place[*other]).sum();
                    if around.is_empty() { place[*node] } else { sum / around.len() as f64 }
                };
                layer.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
            }
        }
        layers.retain(|layer| !layer.is_empty());
        layers.iter().flat_map(|layer| layer.chunks(abreast)).map(<[usize]>::to_vec).collect()
    }

    /// What is joined to `node` from above, or else from below.
    fn neighbours(&self, node: usize, above: bool) -> Vec<usize> {
        let steps = self.paths.iter().flat_map(|path| path.windows(2));
        let joined = steps.filter_map(|step| match above {
            true => (step[1] == node).then_some(step[0]),
            false => (step[0] == node).then_some(step[1]),
        });
        joined.collect()
    }
}

/// The points of a line: from the bottom of its caller past the boxes between to the top of its callee.
fn way(path: &[usize], places: &[Area]) -> Vec<(f64, f64)> {
    let middle = |area: &Area| (area.left + area.right) / 2.0;
    // Lines that meet the same box part a little, towards where they come from.
    let lean = |area: &Area, towards: &Area| {
        let half = (area.right - area.left) / 2.0;
        middle(area) + (middle(towards) - middle(area)).clamp(-half, half) * 0.35
    };
    let (first, last) = (&places[path[0]], &places[path[path.len() - 1]]);
    let (second, before) = (&places[path[1]], &places[path[path.len() - 2]]);
    let mut points = vec![(lean(first, second), first.bottom)];
    for passed in &path[1..path.len() - 1] {
        let place = &places[*passed];
        points.extend([(middle(place), place.top), (middle(place), place.bottom)]);
    }
    points.push((lean(last, before), last.top));
    points
}

fn paint_edge(sheet: &Sheet<'_>, edge: &GraphEdge, way: &[(f64, f64)], most: f64) {
    let [.., from, to] = way else { return };
    let color = if edge.failed.is_some_and(|failed| failed >= FAILING) { VERMILION } else { AXIS };
    // The busiest is four pixels wide, and others by the root of their share.
    let width = edge.rate.map_or(1.5, |rate| if most > 0.0 { 1.0 + 3.0 * (rate / most).sqrt() } else { 1.0 });
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let (size, spread) = (9.0, 4.0);
    let neck = (to.0 - size * ux, to.1 - size * uy);
    let mut shaft = way.to_vec();
    shaft.pop();
    shaft.push(neck);
    sheet.line(&shaft, color, width);
    let wings = [(neck.0 - spread * uy, neck.1 + spread * ux), (neck.0 + spread * uy, neck.1 - spread * ux)];
    sheet.shape(&[*to, wings[0], wings[1]], color, 1.0);
}

fn paint_box(sheet: &Sheet<'_>, node: &GraphNode, area: Area, face: Type) {
    sheet.rectangle(area, if node.outer { PAPER } else { QUIET_LANE });
    let color = match node.failed >= FAILING {
        true => VERMILION,
        false if node.outer => AXIS,
        false => BLUE,
    };
    sheet.frame(area, color, 1.5);
    let room = area.right - area.left - 8.0;
    let middle = (area.left + area.right) / 2.0;
    let mut baseline = area.top + 1.45 * face.size;
    let name = Type { bold: true, color: INK, ..face };
    sheet.text(&name.fitted(&node.name, room), name, Anchor::Middle, middle, baseline);
    for line in &node.lines {
        baseline += 1.4 * face.size;
        let face = Type { color: INK, ..face };
        // What does not fit is said in the tables, whole.
        sheet.text(&face.fitted(line, room), face, Anchor::Middle, middle, baseline);
    }
}

/// What is known of an edge, on it where there is room; where there is none the log has it.
fn paint_labels(sheet: &Sheet<'_>, edges: &[GraphEdge], ways: &[Vec<(f64, f64)>], boxes: &[Area], canvas: &Canvas) {
    let face = Type { color: INK, ..small(canvas) };
    let mut taken: Vec<Area> = boxes.to_vec();
    let meets = |a: &Area, b: &Area| a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    for (edge, way) in edges.iter().zip(ways) {
        let Some(text) = edge.words() else { continue };
        let half = face.width(&text) / 2.0 + 2.0;
        let spots = way.windows(2).flat_map(|step| {
            [0.5, 0.35, 0.62, 0.25, 0.75]
                .map(|share| (step[0].0 + share * (step[1].0 - step[0].0), step[0].1 + share * (step[1].1 - step[0].1)))
        });
        for (x, y) in spots {
            let x = x.clamp(canvas.margin + half, (canvas.width - canvas.margin - half).max(canvas.margin + half));
            let place = Area { left: x - half, right: x + half, top: y - 0.7 * face.size, bottom: y + 0.7 * face.size };
            if place.right <= canvas.width && !taken.iter().any(|other| meets(other, &place)) {
                sheet.rectangle(place, PAPER);
                sheet.text(&text, face, Anchor::Middle, x, y + 0.36 * face.size);
                taken.push(place);
                break;
            }
        }
    }
}

impl GraphEdge {
    /// "1,200/s, 2.30 % fail"; nothing where no figure is known.
    pub(crate) fn words(&self) -> Option<String> {
        let rate = format!("{}/s", words::figure(self.rate?));
        Some(match self.failed {
            Some(failed) if failed > 0.0 => format!("{rate}, {} % fail", words::percentage(failed)),
            _ => rate,
        })
    }
}
