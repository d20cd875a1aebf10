//! What every chart must keep: the same bytes twice, well-formed, no text cut off or written over.

use plotters::style::RGBColor;
use resvg::usvg::{Group, Node};
use sim_core::results::{self, Column, Results, Series};
use sim_core::study::StudyResults;

use super::*;
use crate::{sample, sample_study};

/// The boxes around the ink of all texts in the embedded font, in pixels as shown.
fn texts(group: &Group, found: &mut Vec<(String, resvg::tiny_skia::Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => texts(group, found),
            Node::Text(text) => {
                let written = text.chunks().iter().map(|chunk| chunk.text()).collect::<String>();
                found.push((written, text.flattened().abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// `results` with faults that overlap, strike at once, and last beyond the end.
fn faulty(mut results: Results) -> Results {
    results.tables = vec![sample::faults(&[
        ("stock: a third of the workers die", "600", "900"),
        ("Crash 1 of stock", "700", "700"),
        ("Crash 1 of stock", "720", "720"),
        ("network partition between Europe and everybody else", "1700", ""),
        ("long past the end", "5000", ""),
    ])];
    results
}

/// Results that make labels crowd: twelve services that end at the same value, with long names.
fn crowded() -> Results {
    let mut results = sample::outage();
    for series in results.series.iter_mut().filter(|series| series.kind == "service") {
        let group = series.groups[0].clone();
        let subject = |at: usize| format!("a-service-with-quite-a-long-name-{at}");
        series.groups = (0..12).map(|at| results::Group { subject: subject(at), ..group.clone() }).collect();
    }
    results
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let results = faulty(sample::outage());
    let (first, second) = (plots(&results), plots(&results));
    assert_eq!(first, second);
    for plot in first.iter().take(2) {
        assert_eq!(png(plot), png(plot));
        assert!(png(plot).starts_with(b"\x89PNG"));
    }
}

#[test]
fn charts_are_chosen_by_what_the_results_hold() {
    let names = |results: &Results| plots(results).into_iter().map(|plot| plot.name).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(names(&sample::outage()), @r"
    replicas-shop
    traffic
    latency-crowd
    latency-partners-friends
    latency-tail-by-workload
    traffic-offered-by-workload
    latency-p99-by-workload
    calls-by-service
    calls-failed-by-service
    service-latency-p99-by-service
    utilisation-busy-by-service
    utilisation-cpu-by-service
    queue-waiting-by-service
    percentiles-by-workload
    percentiles-by-service
    latency-p99-bars-by-workload
    latency-p99-bars-by-service
    cpu-bars-by-service
    utilisation-bars-by-service
    ");
    let first =
        |results: &Results| plots(results).into_iter().take(3).map(|plot| plot.title).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(first(&sample::cluster()), @r"
    shop: load, replicas, CPU, latency and failures
    The cluster: its nodes, their pods, and how full they are
    Requests offered, answered and failed
    ");
    insta::assert_snapshot!(names(&sample::quiet()), @r"
    traffic
    latency
    latency-tail-by-workload
    percentiles-by-workload
    ");
    let nothing = Results { series: vec![], metrics: vec![], distributions: vec![], ..sample::quiet() };
    assert_eq!(names(&nothing), "");
}

#[test]
fn no_text_leaves_its_chart_nor_touches_another() {
    for results in [sample::outage(), sample::quiet(), sample::cluster(), sample::meshed(), crowded()] {
        for (wide, phone) in plots_for_page(&faulty(results)) {
            [wide, phone].iter().for_each(legible);
        }
    }
    for results in studies() {
        for (wide, phone) in study_plots_for_page(&results) {
            [wide, phone].iter().for_each(legible);
        }
    }
}

/// Studies of every shape: small, large, of a quantity alone, of names alone, scattered, one at a time.
fn studies() -> [StudyResults; 6] {
    let scattered = {
        let mut results = sample_study::grown(12, 12);
        results.points.retain(|point| point.levels[0] == (point.levels[1] * 5) % 12);
        (results.comparisons, results.winners, results.frontier) = (vec![], vec![], vec![0, 4, 7]);
        results
    };
    let mut apart = sample_study::grown(6, 5);
    apart.points.retain(|point| point.levels[0] == 0 || point.levels[1] == 0);
    (apart.comparisons, apart.winners, apart.frontier) = (vec![], vec![], vec![]);
    let alone = |factor: usize, mut results: StudyResults| {
        results.points.retain(|point| point.levels[1 - factor] == 0);
        results.points.iter_mut().for_each(|point| point.levels = vec![point.levels[factor]]);
        results.factors.remove(1 - factor);
        (results.comparisons, results.winners, results.frontier) = (vec![], vec![], vec![]);
        results
    };
    let quantity = alone(0, sample_study::grown(7, 2));
    let names = alone(1, sample_study::grown(2, 7));
    [sample_study::balancers(), sample_study::grown(5, 9), quantity, names, scattered, apart]
}

#[test]
fn what_replications_and_calls_tell_is_drawn() {
    let all: Vec<Plot> = [sample::meshed(), crowded()].iter().flat_map(plots).collect();
    let described = |name: &str| all.iter().find(|plot| plot.name == name).map_or("missing", |plot| plot.alt.as_str());
    insta::assert_snapshot!(described("spread"), @"How replications differ: median, middle half, and 95 % of them. 99th percentile of latency (ms): median: at most 2.00 s, at 0:15:00. failed requests per second: median: at most 300/s, at 0:15:00. n = 10,267,055 requests in 5 replications · seed 42 · 10 s intervals.");
    insta::assert_snapshot!(described("call-graph"), @"Who calls whom: calls a second, and how many of them fail. crowd: p99 217 ms. shop: p99 207 ms · CPU 30.6 %. partners & friends: p99 117 ms. stock: p99 27.0 ms · CPU 39.5 %. payments: p99 63.6 ms · CPU 11.0 %. crowd calls shop: 927/s, 2.97 % fail. partners & friends calls shop: 100/s, 0.230 % fail. shop calls stock. shop calls payments: 205/s. shop calls recommendations-and-more: 1,027/s. shop calls search: 800/s. payments calls ledger: 205/s. payments calls fraud: 205/s, 12.5 % fail. search calls stock. recommendations-and-more calls profiles: 1,027/s. fraud calls profiles. n = 10,267,055 requests in 5 replications · seed 42 · edges: of the first replication.");
    insta::assert_snapshot!(described("latency-tail-by-workload"), @"How many requests were answered within a time, and how many took longer. answered within (%): crowd: 0.500 % at 12.2, 100 % at 4,882. answered within (%): partners & friends: 0.500 % at 6.11, 100 % at 2,441. slower than that (%, logarithmic): crowd: 93.33 % at 14.8, 0.000100 % at 4,882. slower than that (%, logarithmic): partners & friends: 93.33 % at 7.39, 0.000100 % at 2,441. n = 10,267,055 requests in 5 replications · seed 42.");
    assert!(described("service-cpu-over-time").contains("CPU in use, by service, over time. Least: "));
}

#[test]
fn charts_of_studies_are_chosen_by_their_design() {
    let names = |results: &StudyResults| study_plots(results).into_iter().map(|plot| plot.name).collect::<Vec<_>>();
    let told = studies().map(|results| names(&results).join(" "));
    insta::assert_snapshot!(told.join("\n\n"), @r"
    latency-p99-by-rate-and-balancer latency-p99-heat differences-latency-p99 effects-latency-p99

    latency-p99-by-rate-and-balancer latency-p99-heat differences-latency-p99 frontier-cost-latency-p99 effects-latency-p99 ok-share-by-rate-and-balancer differences-ok-share effects-ok-share cost-by-rate-and-balancer differences-cost effects-cost

    latency-p99-by-rate ok-share-by-rate cost-by-rate

    effects-latency-p99 effects-ok-share effects-cost

    frontier-cost-latency-p99 latency-p99-scatter-rate

    effects-latency-p99 effects-ok-share effects-cost
    ");
    let [small, ..] = studies();
    let described = study_plots(&small).into_iter().map(|plot| plot.alt).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(described, @r"
    latency.p99 by rate, a line a setting of balancer. Random: 51.0 ms at 100/s, 150 ms at 180/s. LeastConnections: 50.0 ms at 100/s, 90.0 ms at 180/s. n = 8 runs at 4 points · seed 1 · bands: 95 % confidence interval.
    latency.p99 by balancer and rate. Least: LeastConnections at 100/s: 50.0 ms. Most: Random at 180/s: 150 ms. n = 8 runs at 4 points · seed 1 · framed: the best of each column.
    latency.p99: what differs, and how sure that is. rate 100/s, against Random, LeastConnections: −1.0 % · inconclusive. rate 180/s, against Random, LeastConnections: −60.0 % · better. n = 8 runs at 4 points · seed 1 · paired, with 95 % intervals; verdicts corrected by Holm.
    What each factor does to latency.p99, the strongest first. rate, 100/s: 50 ± 13 ms. rate, 180/s: 120 ± 13 ms. balancer, Random: 100 ± 13 ms. balancer, LeastConnections: 70 ± 13 ms. n = 8 runs at 4 points · seed 1 · each setting is the mean over all others · whiskers: 95 % confidence interval · line: the mean of all points.
    ");
}

/// All of its texts are inside, and none is over another.
fn legible(plot: &Plot) {
    roxmltree::Document::parse(&plot.svg).expect("well-formed");
    let tree = png::tree(&plot.svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    assert!(found.len() > 3, "{}", plot.name);
    for (at, (text, area)) in found.iter().enumerate() {
        let inside = area.left() >= 0.0
            && area.top() >= 0.0
            && area.right() <= tree.size().width()
            && area.bottom() <= tree.size().height();
        assert!(inside, "{} of width {}: {text} at {area:?}", plot.name, tree.size().width());
        for (other, other_area) in &found[at + 1..] {
            let width = tree.size().width();
            assert!(area.intersect(other_area).is_none(), "{} of width {width}: {text} over {other}", plot.name);
        }
    }
}

/// What an SVG draws with the edge of a fault: the stroke's horizontal and vertical extent.
fn fault_edges(svg: &str) -> Vec<(f64, f64, f64)> {
    let tree = roxmltree::Document::parse(svg).expect("well-formed");
    let edge = format!("#{:02X}{:02X}{:02X}", style::FAULT_EDGE.0, style::FAULT_EDGE.1, style::FAULT_EDGE.2);
    let strokes = tree.descendants().filter(|node| node.attribute("stroke") == Some(&edge));
    let points = strokes.filter_map(|node| node.attribute("points")).map(|points| {
        let numbers = points.split([',', ' ']).filter(|part| !part.is_empty());
        let numbers: Vec<f64> = numbers.map(|part| part.parse::<f64>().expect("a number") / style::SCALE).collect();
        (numbers[0], numbers[1].min(numbers[3]), numbers[1].max(numbers[3]))
    });
    points.collect()
}

#[test]
fn no_fault_runs_through_the_title_of_a_panel() {
    let mut results = sample::cluster();
    // Titles of panels stand at the left, where the run begins.
    results.tables = vec![sample::faults(&[("Crash 1 of shop", "20", "20"), ("Drain", "70", "70")])];
    let plots = plots(&results);
    let plot = plots.iter().find(|plot| plot.name == "cluster").expect("a chart of panels");
    let mut found = Vec::new();
    texts(png::tree(&plot.svg).root(), &mut found);
    let edges = fault_edges(&plot.svg);
    assert!(edges.len() >= 6, "an edge a panel: {edges:?}");
    for (text, area) in found.iter().filter(|(text, _)| text.contains('(') || text == "pods") {
        let (top, bottom) = (f64::from(area.top()), f64::from(area.bottom()));
        assert!(!edges.iter().any(|edge| edge.1 < bottom && edge.2 > top), "{text} at {area:?} in {edges:?}");
    }
}

#[test]
fn nothing_is_drawn_where_a_line_that_ended_early_has_no_data() {
    let mut results = sample::quiet();
    for group in results.series.iter_mut().flat_map(|series| &mut series.groups) {
        let half = group.t_s.len() / 2;
        // The others go on, so the chart does.
        group.values[0][half..].fill(f64::NAN);
    }
    let plots = plots(&results);
    let plot = plots.iter().find(|plot| plot.name == "latency").expect("latencies");
    let tree = roxmltree::Document::parse(&plot.svg).expect("well-formed");
    let sky = format!("#{:02X}{:02X}{:02X}", style::SKY.0, style::SKY.1, style::SKY.2);
    let lines = tree.descendants().filter(|node| node.attribute("stroke") == Some(&sky));
    let flat = lines.filter_map(|node| node.attribute("points")).filter_map(|points| {
        let numbers = points.split([',', ' ']).filter(|part| !part.is_empty());
        let numbers: Vec<f64> = numbers.map(|part| part.parse::<f64>().expect("a number") / style::SCALE).collect();
        let [x0, y0, x1, y1, ..] = numbers[..] else { return None };
        (y0 == y1).then_some((x1 - x0).abs())
    });
    let widest = flat.fold(0.0, f64::max);
    assert!(widest <= 12.0, "a swatch is the widest level line, not {widest}");
}

#[test]
fn every_colour_has_its_counterpart_on_a_dark_page() {
    let written = |color: RGBColor| format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
    let mut dark: Vec<String> = style::DARK.map(|(color, _)| written(color)).to_vec();
    // These are read on any page.
    dark.extend(style::HEAT.into_iter().chain([style::ON_PALE, style::ON_DARK, style::FRAME]).map(written));
    let of_runs =
        [crowded(), sample::cluster(), sample::meshed()].into_iter().flat_map(|results| plots(&faulty(results)));
    for plot in of_runs.chain(studies().iter().flat_map(study_plots)) {
        let tree = roxmltree::Document::parse(&plot.svg).expect("well-formed");
        for color in tree.descendants().flat_map(|node| [node.attribute("fill"), node.attribute("stroke")]).flatten() {
            assert!(color == "none" || dark.iter().any(|known| known == color), "{}: {color}", plot.name);
        }
    }
}

#[test]
fn names_are_escaped_and_described() {
    let results = sample::outage();
    let plots = plots(&results);
    let latency = plots.iter().find(|plot| plot.name == "latency-partners-friends").expect("a busy workload");
    assert!(latency.svg.contains("partners &amp; friends"));
    insta::assert_snapshot!(latency.alt, @"Latency of partners & friends: median, 95th and 99th percentile. p99: at most 3.62 s, at 0:14:00. p95: at most 2.00 s, at 0:11:50. p50: at most 794 ms, at 0:13:10. n = 1,000,000 requests in 5 replications · seed 42 · the first replication is shown · 10 s intervals.");
}

#[test]
fn gaps_extremes_and_lone_values_are_drawn() {
    let mut results = sample::quiet();
    for series in &mut results.series {
        for column in series.groups.iter_mut().flat_map(|group| &mut group.values) {
            column.iter_mut().enumerate().for_each(|(at, value)| match at % 4 {
                0 => *value = f64::NAN,
                1 => *value = 1e12,
                2 => *value = 1e-12,
                _ => {}
            });
        }
    }
    let mut lone = sample::quiet();
    for group in lone.series.iter_mut().flat_map(|series| &mut series.groups) {
        group.t_s.truncate(1);
        group.values.iter_mut().for_each(|column| column.truncate(1));
    }
    for results in [results, lone] {
        let plots = plots(&results);
        assert!(plots.iter().any(|plot| plot.name == "latency"));
        plots.iter().for_each(|plot| drop(png::tree(&plot.svg)));
    }
}

/// A run in which so many versions each took over a service for a while.
fn releasing(versions: usize) -> Results {
    let column = |name: &str, unit: &str| Column { name: name.to_owned(), unit: unit.to_owned() };
    let group = |at: usize| {
        let t_s: Vec<f64> = (1..=1_800).map(f64::from).collect();
        let share = |second: &f64| if *second > 100.0 * at as f64 { 100.0 } else { 0.0 };
        let values = vec![t_s.iter().map(share).collect(), vec![1.0; t_s.len()], vec![10.0; t_s.len()]];
        results::Group { subject: format!("service-{at} v2"), t_s, values }
    };
    let columns = vec![column("share", "%"), column("error_rate", "%"), column("ready", "replicas")];
    let groups = (0..versions).map(group).collect();
    let mut results = sample::quiet();
    results.series.push(Series { name: "versions".to_owned(), kind: "version".to_owned(), columns, groups });
    results
}

#[test]
fn every_version_has_its_line() {
    for (versions, charts) in [(1, 1), (8, 1), (9, 2), (24, 3)] {
        let plots = plots(&releasing(versions));
        let shown: Vec<&Plot> = plots.iter().filter(|plot| plot.name.starts_with("versions")).collect();
        assert_eq!(shown.len(), charts, "{versions} versions");
        let named = |at: usize| shown.iter().any(|plot| plot.svg.contains(&format!("service-{at} v2")));
        assert!((0..versions).all(named), "{versions} versions");
        shown.iter().for_each(|plot| legible(plot));
    }
    let plots = plots(&releasing(30));
    let last = plots.iter().rfind(|plot| plot.name.starts_with("versions")).expect("versions");
    assert!(last.alt.contains("17 to 24 of 30 versions, 6 not shown"), "{}", last.alt);
}

#[test]
fn a_share_that_jumps_is_drawn_upright() {
    let plots = plots(&releasing(8));
    let plot = plots.iter().find(|plot| plot.name == "versions").expect("versions");
    let tree = roxmltree::Document::parse(&plot.svg).expect("well-formed");
    let green = format!("#{:02X}{:02X}{:02X}", style::GREEN.0, style::GREEN.1, style::GREEN.2);
    let lines = tree.descendants().filter(|node| node.attribute("stroke") == Some(&green));
    let slopes = lines.filter_map(|node| node.attribute("points")).flat_map(|points| {
        let numbers = points.split([',', ' ']).filter(|part| !part.is_empty());
        let numbers: Vec<f64> = numbers.map(|part| part.parse::<f64>().expect("a number") / style::SCALE).collect();
        let spots: Vec<(f64, f64)> = numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        // Beside the plot a line leans towards its name.
        let in_plot = |pair: &[(f64, f64)]| pair[1].0 < 800.0 && (pair[1].1 - pair[0].1).abs() > 20.0;
        spots.windows(2).filter(|pair| in_plot(pair)).map(|pair| pair[1].0 - pair[0].0).collect::<Vec<_>>()
    });
    let slopes: Vec<f64> = slopes.collect();
    assert_eq!(slopes, [0.0], "one jump, straight up");
}

#[test]
fn hundreds_of_strikes_are_all_tinted_and_light() {
    let mut results = sample::outage();
    let at: Vec<String> = (0..600).map(|strike| (60 + 2 * strike).to_string()).chain(["1790".to_owned()]).collect();
    let entries: Vec<(&str, &str, &str)> = at.iter().map(|at| ("monkey", at.as_str(), at.as_str())).collect();
    results.tables = vec![sample::faults(&entries)];
    let plots = plots(&results);
    let plot = plots.iter().find(|plot| plot.name == "traffic").expect("traffic");
    assert!(plot.alt.contains("tinted: 601 faults, neighbours as one"), "{}", plot.alt);
    assert!(plot.alt.contains("591 more faults"), "{}", plot.alt);
    assert!(plot.svg.contains("monkey × 600"));
    let rightmost = fault_edges(&plot.svg).into_iter().map(|edge| edge.0).fold(0.0, f64::max);
    assert!(rightmost > 800.0, "the last strike, at {rightmost}");
    assert!(plot.svg.len() < 100_000, "{}", plot.svg.len());
    legible(plot);
}
