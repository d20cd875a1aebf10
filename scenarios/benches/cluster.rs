//! The cluster alone: 1,000 nodes and 20,000 pods placed, healed and scaled, with hardly a request.
//!
//! CPU time of one thread, the median of several runs: `cargo bench -p scenarios --bench cluster`.

#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::path::Path;
use std::time::Instant;

use scenarios::file::Source;

const RUNS: usize = 5;

/// Twenty services of a thousand pods on a thousand nodes in five zones. A tenth of the nodes are lost for
/// good after ten minutes; after 50 every service loses a quarter of its pods, which come back after 55.
fn scenario() -> String {
    let service = |index: u32| {
        format!(
            "\"s{index}\": (replicas: 1000, pod: (cpu: \"500m\", memory: \"1GiB\", startup: Constant(\"5s\")),
                autoscaler: Scheduled(min: 1, max: 1000,
                    steps: [(\"0s\", 1000), (\"50min\", 750), (\"55min\", 1000)]),
                endpoints: {{ \"ask\": [Work(Constant(\"1ms\"))] }}),\n"
        )
    };
    let services: String = (0..20).map(service).collect();
    format!(
        "Scenario(name: \"cluster\", duration: \"1h\", sample_every: \"1min\",
            regions: {{ \"r\": (city: \"frankfurt\", zones: 5) }},
            nodes: {{ \"pool\": (count: 1000, cpu: \"16\", memory: \"64GiB\") }},
            services: {{ {services} }},
            workloads: {{ \"w\": (to: \"s0/ask\", rate: \"1/s\") }},
            faults: [(what: LoseNodes, target: (count: 100), when: At(\"10min\"))])"
    )
}

fn main() {
    let loaded = scenarios::parse(&Source::new("cluster", scenario()), Path::new("")).expect("the scenario is valid");
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let run = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default());
        seconds.push(began.elapsed().as_secs_f64());
        let figure =
            |kind, subject, name| run.results.metric(kind, subject, name).map_or(f64::NAN, |found| found.value);
        println!(
            "{:.3} s, {} events, {} of {} pods replaced, {} ready at the end",
            seconds[seconds.len() - 1],
            run.results.events,
            figure("cluster", "", "healing.replace.node_lost.succeeded"),
            2_000,
            figure("service", "s0", "replicas.desired.end")
        );
    }
    seconds.sort_by(f64::total_cmp);
    println!("median {:.3} s", seconds[RUNS / 2]);
}
