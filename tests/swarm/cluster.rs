//! Random clusters: nodes, autoscalers, probes, lives and ends of pods.

use sim_core::Draw;

use crate::author::Author;

/// What else holds of a scenario, as only some things happen in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Nothing.
    None,
    /// Budgets are kept: nodes are drained, nothing else breaks, and nobody scales.
    Calm,
    /// In the end all is well: what breaks is mended, and nobody is restarted for being slow.
    Recovers,
}

/// What is in a scenario.
pub(crate) struct Cluster {
    pub(crate) author: Author,
    pub(crate) promise: Promise,
    autoscalers: bool,
    probes: bool,
    memory: bool,
    slow_starts: bool,
    pub(crate) nodes: bool,
    /// The services that have one set of pods, which a release can replace.
    uniform: Vec<usize>,
    /// The releases, such as "s0 n1", and those of them that a fault has to begin.
    pub(crate) released: Vec<String>,
    pub(crate) deployed: Vec<String>,
}

impl Cluster {
    pub(crate) fn new(seed: u64) -> Cluster {
        let mut author = Author::new(seed);
        author.slow = true;
        author.services = author.services.min(3);
        let promise = [Promise::None, Promise::None, Promise::None, Promise::None, Promise::Calm, Promise::Recovers];
        let promise = promise[author.rng.below(6)];
        let mut has = |chance| author.rng.chance(chance) && promise == Promise::None;
        let (autoscalers, probes, memory) = (has(0.7), has(0.6), has(0.3));
        let slow_starts = author.rng.chance(0.6);
        let nodes = author.rng.chance(0.5);
        let (uniform, released, deployed) = Default::default();
        Cluster { author, promise, autoscalers, probes, memory, slow_starts, nodes, uniform, released, deployed }
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        self.author.pick(choices)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.author.rng.below(end)
    }

    pub(crate) fn maybe(&mut self, chance: f64, text: impl FnOnce(&mut Self) -> String) -> String {
        if self.author.rng.chance(chance) { text(self) } else { String::new() }
    }

    /// A scenario with a cluster.
    pub(crate) fn scenario(&mut self) -> String {
        let regions: String = (0..self.author.regions).map(|index| self.author.region(index)).collect();
        let cluster = self.cluster();
        let nodes = if self.nodes { self.pools() } else { String::new() };
        let services: String = (0..self.author.services).map(|index| self.service(index)).collect();
        let workloads: String = (0..1 + self.below(2)).map(|index| self.workload(index)).collect();
        let releases = self.releases();
        let workloads_count = workloads.lines().count();
        let chaos = self.chaos(workloads_count);
        format!(
            "Scenario(name: \"swarm\", duration: \"10min\", sample_every: \"10s\",\nregions: {{{regions}}},\n\
             cluster: ({cluster}),\nnodes: {{{nodes}}},\nservices: {{\n{services}}},\nworkloads: {{\n{workloads}}},\n{chaos}releases: [{releases}])\n"
        )
    }

    fn cluster(&mut self) -> String {
        let control_plane = self.pick(&["Instant", "Delay(\"200ms\")", "Delay(\"20s\")"]);
        let lag = self.pick(&["\"0s\"", "\"1s\"", "Exponential(mean: \"2s\")"]);
        let metrics = self.pick(&["()", "(every: \"5s\")", "(every: \"10s\", delay: \"15s\")"]);
        let crash_loop = self.pick(&["()", "(initial: \"1s\", max: \"5s\")", "(initial: \"3s\", stable: \"20s\")"]);
        let lifecycle = self.pick(&[
            "()",
            "(monitor_period: \"1s\", monitor_grace_period: \"15s\", toleration: \"10s\", eviction_rate: \"1/s\")",
            "(monitor_grace_period: \"20s\", toleration: \"0s\", eviction_rate: \"2/s\", unhealthy_zone_threshold: \"100%\")",
        ]);
        let autoscaler = self.pick(&[
            "()",
            "(scan_interval: \"3s\", scale_down_unneeded_time: \"30s\", scale_down_delay_after_add: \"20s\", \
             max_node_provision_time: \"1min\", expander: MostPods, scale_down_utilization_threshold: \"90%\")",
            "(scale_down: false, max_nodes_total: 40, expander: Random)",
        ]);
        let scheduler = self.pick(&[
            "()",
            "()",
            "(preemption: false, ties: Name)",
            "(pod_max_backoff: \"2s\", unschedulable_flush: \"30s\")",
        ]);
        format!(
            "node_autoscaler: {autoscaler}, scheduler: {scheduler}, control_plane: {control_plane}, endpoint_lag: {lag}, metrics: {metrics}, crash_loop: {crash_loop}, \
             node_lifecycle: {lifecycle}"
        )
    }

    fn pools(&mut self) -> String {
        if self.promise != Promise::None {
            // Room for everybody, whatever is drained.
            return "\"p0\": (count: 30, cpu: \"8\", memory: \"64GiB\", scale: (min: 20, max: 60), provision: \"10s\"), ".to_owned();
        }
        let pool = |it: &mut Cluster, index: usize| {
            let (count, cpu) = (it.below(5) + usize::from(index == 0), it.pick(&["4", "8", "16"]));
            let pods = it.maybe(0.2, |it| format!("pods: {}, ", 1 + it.below(4)));
            let scale = it.maybe(0.6, |it| {
                format!("scale: (min: {}, max: {}), ", it.below(3).min(count), (4 + it.below(12)).max(count))
            });
            let provision =
                it.pick(&["provision: \"0s\", ", "provision: Exponential(mean: \"30s\"), ", "provision: \"2min\", "]);
            let notice = it.pick(&["0s", "20s", "2min"]);
            let spot =
                it.maybe(0.3, |_| format!("spot: (lifetime: Exponential(mean: \"3min\"), notice: \"{notice}\"), "));
            let taint = if index > 0 { it.pick(&["", "NoSchedule", "PreferNoSchedule"]) } else { "" };
            let taints =
                if taint.is_empty() { String::new() } else { format!("taints: [(key: \"odd\", effect: {taint})], ") };
            format!(
                "\"p{index}\": (count: {count}, cpu: \"{cpu}\", memory: \"2GiB\", price: 0.{index}, {pods}{scale}{provision}{spot}{taints}), "
            )
        };
        (0..1 + self.below(3)).map(|index| pool(self, index)).collect()
    }

    fn service(&mut self, index: usize) -> String {
        let size = self.size();
        if size.starts_with("replicas") {
            self.uniform.push(index);
        }
        let workers = self.pick(&["1", "2", "4", "None"]);
        let queue = self.pick(&["0", "5", "1000"]);
        let discipline = self.pick(&["Fifo", "Lifo", "Priority", "Sharing(cores: 2)"]);
        let health = self.pick(&["None", "None", "(max_fails: 2, fail_timeout: \"10s\", counts: Any)"]);
        let balancer = self.author.balancer();
        let [base, held, limit] = match self.below(3) {
            _ if !self.memory => ["1MiB", "1kB", "500MiB"],
            0 => ["1MiB", "1MiB", "4MiB"],
            1 => ["1MiB", "1MiB", "8MiB"],
            // Several on a node that is asked for less bring it under pressure.
            _ => ["300MiB", "20MiB", "500MiB"],
        };
        let pod = self.pod(workers == "None" && !discipline.starts_with("Sharing"));
        let probes = self.probes();
        // A budget may forbid for ever what a drain asks for.
        let lax = self.promise == Promise::Recovers;
        let budget = self.pick(if lax {
            &["None"]
        } else {
            &["None", "MinAvailable(2)", "MinAvailable(\"60%\")", "MaxUnavailable(1)", "MaxUnavailable(\"30%\")"]
        });
        let endpoints: String = (0..2)
            .map(|endpoint| format!("\"e{endpoint}\": [{}], ", self.author.steps(index, 1 + endpoint as u32 % 2)))
            .collect();
        format!(
            "\"s{index}\": ({size}, workers: {workers}, queue: {queue}, discipline: {discipline}, health: {health}, \
             balancer: {balancer}, memory: (base: \"{base}\", per_request: \"{held}\", limit: \"{limit}\"), {pod}{probes}\
             budget: {budget}, endpoints: {{{endpoints}}}),\n"
        )
    }

    /// How many replicas, and who changes that.
    fn size(&mut self) -> String {
        match self.below(if self.promise == Promise::Calm { 2 } else { 3 }) {
            0 => format!("replicas: {}, autoscaler: {}", 1 + self.below(8), self.autoscaler()),
            1 => {
                let (one, other) = (self.autoscaler(), self.autoscaler());
                let (few, many) = (1 + self.below(2), 1 + self.below(4));
                format!(
                    "groups: [(replicas: {few}, speed: 0.5, autoscaler: {one}), (replicas: {many}, weight: 3, autoscaler: {other})]"
                )
            }
            _ => format!(
                "groups: [(replicas: 1, down: true), (replicas: 3, error_rate: \"20%\"), (replicas: 1, weight: 0)], autoscaler: {}",
                self.autoscaler()
            ),
        }
    }

    fn autoscaler(&mut self) -> String {
        if !self.autoscalers {
            return "None".to_owned();
        }
        let period = self.pick(&["5s", "15s", "40s"]);
        let (min, max) = (1 + self.below(3), 3 + self.below(12));
        let hpa = format!(
            "max: {max}, sync_period: \"{period}\", downscale_stabilization: \"30s\", cpu_initialization: \"20s\""
        );
        match self.below(10) {
            0 => "None".to_owned(),
            1 => format!("Hpa({hpa}, min: {min}, cpu: \"60%\")"),
            2 => format!("Hpa({hpa}, memory: \"50%\", metrics: [Requests(average: \"2/s\"), InFlight(average: 1.5)])"),
            3 => format!("Hpa({hpa}, min: 0, metrics: [External(signal: Workload(\"w0\"), average: 3)])"),
            4 => format!(
                "Hpa({hpa}, metrics: [Object(signal: Rate(\"s0\"), value: 5)], behavior: (scale_up: (policies: \
                 [Pods(value: 2, period: \"15s\")]), scale_down: (window: \"0s\", policies: [Percent(value: \"50%\", period: \"20s\")])))"
            ),
            5 => format!(
                "Threshold(min: {min}, max: {max}, above: \"50%\", step: Pods(2), cooldown_out: \"10s\", cooldown_in: \"30s\", period: \"{period}\")"
            ),
            6 => format!(
                "Scheduled(max: {max}, steps: [(\"0s\", 1), (\"50s\", {max}), (\"90s\", 2)], every: \"2min\", \
                 windows: [(from: \"3min\", until: \"4min\", replicas: 20)], period: \"{period}\")"
            ),
            7 => format!(
                "Predictive(min: {min}, max: {max}, per_replica: \"1.5/s\", horizon: \"1min\", season: \"2min\", step: \"40s\", \
                 hold: \"20s\", period: \"{period}\")"
            ),
            8 => format!(
                "QueueLength(max: {max}, average: 1.5, polling: \"{period}\", cooldown: \"20s\", downscale_stabilization: \"10s\")"
            ),
            _ => format!(
                "QueueLength(min: {min}, max: {max}, average: 3, idle: true, activation: 2, polling: \"{period}\", cooldown: \"1min\")"
            ),
        }
    }

    fn pod(&mut self, unlimited: bool) -> String {
        let cpu = if unlimited || self.author.rng.chance(0.3) { "cpu: \"1\", " } else { "" };
        let limit = if unlimited { "" } else { self.pick(&["", "", "cpu_limit: \"1500m\", "]) };
        let (pull, startup) = if self.slow_starts {
            let pull = self.pick(&["None", "\"5s\"", "Exponential(mean: \"20s\")"]);
            (pull, self.pick(&["None", "\"2s\"", "LogNormal(mean: \"15s\", cv: 1)", "\"1min\""]))
        } else {
            ("None", "None")
        };
        let termination = self.pick(&[
            "()",
            "(grace_period: \"3s\", on_term: Ignore)",
            "(grace_period: \"20s\", pre_stop: \"5s\", on_term: Exit)",
            "(grace_period: \"10s\", pre_stop: \"30s\")",
            "(grace_period: \"0s\")",
            "(on_term: Exit)",
        ]);
        let wishes = if self.nodes && self.promise == Promise::None { self.wishes() } else { String::new() };
        format!("pod: ({wishes}{cpu}{limit}pull: {pull}, startup: {startup}, termination: {termination}), ")
    }

    /// What a pod wants of its node, and of the pods around it.
    fn wishes(&mut self) -> String {
        let priority = self.maybe(0.5, |it| format!("priority: {}, ", it.pick(&["10", "5", "-5", "-20"])));
        let memory = self.maybe(0.5, |_| "memory: \"4MiB\", ".to_owned());
        let tolerations = self.maybe(0.4, |_| "tolerations: [(key: \"odd\")], ".to_owned());
        let spread = self.maybe(0.3, |it| {
            let otherwise = it.pick(&["DoNotSchedule", "ScheduleAnyway"]);
            format!("spread: [(over: {}, otherwise: {otherwise})], ", it.pick(&["Zone", "Node"]))
        });
        let near = self.maybe(0.2, |it| {
            format!("near: [(labels: {{\"app\": \"s0\"}}, on: Zone, {})], ", it.pick(&["", "weight: 50"]))
        });
        let apart = self.maybe(0.2, |it| {
            format!("apart: [(labels: {{\"app\": \"s0\"}}, on: Node, {})], ", it.pick(&["", "weight: 50"]))
        });
        format!("{priority}{memory}{tolerations}{spread}{near}{apart}")
    }

    fn probes(&mut self) -> String {
        if !self.probes {
            let readiness =
                if self.slow_starts { "probes: (readiness: (period: \"1s\", failure_threshold: 1)), " } else { "" };
            return readiness.to_owned();
        }
        let startup = self.maybe(0.4, |it| format!("startup: {}, ", it.probe(&["3", "20", "60"])));
        let liveness = self.maybe(0.5, |it| format!("liveness: {}, ", it.probe(&["1", "3"])));
        let readiness = self.maybe(0.6, |it| format!("readiness: {}, ", it.probe(&["1", "3"])));
        let deep = self.maybe(0.3, |it| {
            let timeout = it.pick(&["500ms", "5s"]);
            format!("deep: (endpoint: \"e0\", period: \"7s\", timeout: \"{timeout}\", success_threshold: 2), ")
        });
        format!("probes: ({startup}{liveness}{readiness}{deep}), ")
    }

    fn probe(&mut self, failures: &[&str]) -> String {
        let endpoint = self.pick(&["None", "\"e0\"", "\"e1\""]);
        let period = self.pick(&["1s", "3s", "10s"]);
        let timeout = self.pick(&["1ms", "200ms", "1s", "15s"]);
        let delay = self.pick(&["0s", "0s", "5s"]);
        let failures = self.pick(failures);
        format!(
            "(endpoint: {endpoint}, period: \"{period}\", timeout: \"{timeout}\", initial_delay: \"{delay}\", failure_threshold: {failures})"
        )
    }

    fn workload(&mut self, index: usize) -> String {
        let arrivals = self.pick(&[
            "rate: \"4/s\"",
            "rate: Steps([(\"0s\", \"1/s\"), (\"1min\", \"12/s\"), (\"4min\", \"2/s\"), (\"7min\", \"0/s\")])",
            "rate: Ramp([(\"0s\", \"0/s\"), (\"5min\", \"10/s\"), (\"10min\", \"0/s\")]), arrivals: Deterministic",
            "users: (count: 5, think: Exponential(mean: \"2s\"))",
            "users: (count: 2, think: \"0s\")",
        ]);
        // Users who ask again at once what fails at once would ask for ever.
        let policies = if arrivals.contains("\"0s\")") && arrivals.starts_with("users") {
            "Retry(attempts: 1000, first: \"500ms\", max: \"1s\")".to_owned()
        } else {
            self.author.policies()
        };
        let keys = self.pick(&["", "keys: Zipf(keys: 100, exponent: 1.1), "]);
        let from = match self.author.regions {
            0 => String::new(),
            regions => format!("from: \"r{}\", ", self.below(regions)),
        };
        let endpoint = self.below(2);
        format!("\"w{index}\": (to: \"s0/e{endpoint}\", {arrivals}, {from}{keys}policies: [{policies}]),\n")
    }

    /// Releases of services of which all pods are alike, some of them before the last is through.
    fn releases(&mut self) -> String {
        // A release takes pods away without asking budgets, and a bad version does not recover.
        if self.promise != Promise::None || self.uniform.is_empty() || !self.author.rng.chance(0.6) {
            return String::new();
        }
        let one = |it: &mut Cluster, number: usize| {
            let index = it.below(it.uniform.len());
            let service = it.uniform[index];
            let name = format!("s{service} n{number}");
            it.released.push(name.clone());
            let when = if it.author.rng.chance(0.3) {
                it.deployed.push(name);
                String::new()
            } else {
                format!("when: At(\"{}s\"), ", 5 + it.below(400))
            };
            let (rollout, version) = (it.rollout(), it.version());
            format!(
                "(service: \"s{service}\", {when}version: (name: \"n{number}\", {version}), \
                 slow: \"200ms\", rollout: {rollout}), "
            )
        };
        (0..1 + self.below(4)).map(|number| one(self, number)).collect()
    }

    fn version(&mut self) -> &'static str {
        self.author.pick(&[
            "",
            "",
            "latency: 3.0",
            "error_rate: \"30%\"",
            "leak: (per_request: \"50kB\", per_hour: \"1MiB\")",
            "crash_after: Exponential(mean: \"20s\")",
            "startup: Constant(\"90s\")",
            "under_load: (above: 1, error_rate: \"50%\", latency: 2.0)",
            "bad_keys: \"10%\"",
        ])
    }

    fn rollout(&mut self) -> String {
        let checks = self.pick(&[
            "[ErrorRate(max: \"5%\")]",
            "[ErrorRate(above_stable: \"3%\"), Latency(times_stable: 2.0)]",
            "[MannWhitney(), Latency(percentile: \"90%\", max: \"1s\")]",
        ]);
        let interval = self.pick(&["5s", "20s"]);
        let analysis =
            format!("(checks: {checks}, interval: \"{interval}\", count: 3, min_requests: 3, inconclusive_limit: 2)");
        let deadline = self.pick(&["20s", "2min", "10min"]);
        let late = self.pick(&["", "progress_deadline_abort: true, "]);
        let min_ready = self.pick(&["0s", "3s"]);
        let common = format!("min_ready: \"{min_ready}\", progress_deadline: \"{deadline}\"");
        match self.below(8) {
            0 => format!("Rolling({common})"),
            1 => format!("Rolling({common}, max_surge: 1, max_unavailable: 0, undo: true, analysis: {analysis})"),
            2 => format!("Rolling({common}, max_surge: 0, max_unavailable: 2, pod_replacement: TerminationComplete)"),
            3 => format!("Recreate({common})"),
            4 => format!(
                "BlueGreen({common}, {late}mirror: true, before: {analysis}, after: {analysis}, preview_replicas: 1)"
            ),
            5 => format!(
                "Canary({common}, {late}steps: [SetWeight(10), Pause(\"10s\"), Analysis{analysis}, \
                 SetCanaryScale(Replicas(2)), SetWeight(60), SetCanaryScale(MatchTraffic), Pause(\"20s\")], \
                 dynamic_stable_scale: {}, analysis: {analysis})",
                self.pick(&["true", "false"])
            ),
            6 => format!(
                "Canary({common}, {late}router: false, steps: [SetWeight(30), Analysis{analysis}, SetWeight(70)])"
            ),
            _ => {
                let way = self.pick(&[
                    "step_weight: 30, max_weight: 60",
                    "step_weights: [5, 50], step_weight_promotion: 40, mirror: true",
                    "iterations: 3, matching: \"30%\"",
                    "iterations: 2, mirror: true",
                ]);
                format!(
                    "Progressive(interval: \"15s\", threshold: 2, checks: {checks}, progress_deadline: \"{deadline}\", {way})"
                )
            }
        }
    }
}
