//! Random scenarios: services and workloads, without a cluster.

use sim_core::{Draw, Rng, Seed};

/// A scenario's text in the making.
pub(crate) struct Author {
    pub(crate) rng: Rng,
    pub(crate) services: usize,
    pub(crate) regions: usize,
    /// Whether work takes so long that a few requests a second keep a server busy.
    pub(crate) slow: bool,
}

impl Author {
    pub(crate) fn new(seed: u64) -> Author {
        let mut rng = Seed::new(seed).stream("swarm");
        let (services, regions) = (1 + rng.below(5), rng.below(4));
        Author { rng, services, regions, slow: false }
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.rng.below(choices.len())]
    }

    /// A scenario without a cluster.
    pub(crate) fn scenario(&mut self) -> String {
        let regions: String = (0..self.regions).map(|index| self.region(index)).collect();
        let services: String = (0..self.services).map(|index| self.service(index)).collect();
        let workloads: String = (0..1 + self.rng.below(3)).map(|index| self.workload(index)).collect();
        let network = if self.regions > 0 && self.rng.chance(0.3) {
            "network: (jitter: \"20%\", loss: \"2%\", same_region: Exponential(mean: \"2ms\")),"
        } else {
            ""
        };
        let warm_up = self.pick(&["0s", "1s", "3s"]);
        format!(
            "Scenario(name: \"swarm\", duration: \"12s\", warm_up: \"{warm_up}\", sample_every: \"1s\", {network}\n\
             regions: {{{regions}}},\nservices: {{\n{services}}},\nworkloads: {{\n{workloads}}})\n"
        )
    }

    pub(crate) fn region(&mut self, index: usize) -> String {
        let city = ["mumbai", "london", "sao-paulo"][index];
        format!("\"r{index}\": (city: \"{city}\", zones: {}), ", 1 + self.rng.below(3))
    }

    fn service(&mut self, index: usize) -> String {
        let replicas = match self.rng.below(3) {
            0 => format!("replicas: {}", 1 + self.rng.below(12)),
            1 => format!("groups: [(replicas: {}, speed: 0.3), (replicas: 2, weight: 3)]", 1 + self.rng.below(3)),
            _ => "groups: [(replicas: 1, down: true), (replicas: 3, error_rate: \"20%\"), (replicas: 1, weight: 0)]"
                .into(),
        };
        let workers = self.pick(&["1", "4", "None"]);
        let queue = self.pick(&["0", "3", "1000"]);
        let discipline = self.pick(&["Fifo", "Lifo", "Priority", "Sharing(cores: 2)"]);
        let health = self.pick(&["None", "(max_fails: 2, fail_timeout: \"2s\", counts: Any)"]);
        let balancer = self.balancer();
        let contention = self.pick(&["0s", "1ms"]);
        let endpoints: String = (0..1 + self.rng.below(2))
            .map(|endpoint| format!("\"e{endpoint}\": [{}], ", self.steps(index, 2)))
            .collect();
        format!(
            "\"s{index}\": ({replicas}, workers: {workers}, queue: {queue}, discipline: {discipline}, health: {health}, \
             contention: \"{contention}\", balancer: {balancer}, memory: (base: \"1MiB\", per_request: \"1kB\", limit: \"2MiB\"), \
             endpoints: {{{endpoints}}}),\n"
        )
    }

    pub(crate) fn balancer(&mut self) -> &'static str {
        self.pick(&[
            "Random",
            "RoundRobin",
            "SmoothWeightedRoundRobin",
            "DeadlineRoundRobin",
            "FastWeightedRoundRobin",
            "LeastConnections",
            "LeastConnections(ties: HaProxy)",
            "JoinIdleQueue",
            "PowerOfChoices(choices: 3, sampling: Repetition)",
            "PeakEwma",
            "Adaptive(memory: 2)",
            "ConsistentHash(load_bound: \"150%\")",
            "ConsistentHash(table: Maglev(size: 101))",
            "Geographic(inner: LeastConnections)",
            "Tiers([(split: Copies(2)), (split: Zone, balancer: Random), (balancer: PeakEwma)])",
        ])
    }

    /// Steps of an endpoint of service `index`, which may call later services only.
    pub(crate) fn steps(&mut self, index: usize, depth: u32) -> String {
        (0..1 + self.rng.below(3)).map(|_| self.step(index, depth) + ", ").collect()
    }

    fn step(&mut self, index: usize, depth: u32) -> String {
        let kinds = if depth == 0 { 2 } else { 6 };
        match self.rng.below(kinds) {
            0 => format!("Work({})", self.distribution()),
            1 => format!("Sleep({})", self.distribution()),
            2 => {
                let (one, other) = (self.steps(index, depth - 1), self.steps(index, depth - 1));
                format!("Branch([(weight: 1, steps: [{one}]), (weight: 3, steps: [{other}]), (weight: 0.5)])")
            }
            _ if index + 1 == self.services => format!("Work({})", self.distribution()),
            3 => format!("Call{}", self.call(index)),
            4 => format!("{}([{}, {}])", self.pick(&["All", "Any"]), self.call(index), self.call(index)),
            _ => format!("Quorum(need: 2, of: [{}, {}, {}])", self.call(index), self.call(index), self.call(index)),
        }
    }

    fn call(&mut self, from: usize) -> String {
        let to = from + 1 + self.rng.below(self.services - from - 1);
        format!("(to: \"s{to}/e0\", times: {}, policies: [{}])", 1 + self.rng.below(2), self.policies())
    }

    fn distribution(&mut self) -> &'static str {
        if self.slow {
            return self.pick(&[
                "\"100ms\"",
                "Exponential(mean: \"200ms\")",
                "LogNormal(mean: \"300ms\", cv: 1)",
                "Mixture([(0.9, \"50ms\"), (0.1, Uniform(low: \"1s\", high: \"3s\"))])",
            ]);
        }
        self.pick(&[
            "\"3ms\"",
            "\"0s\"",
            "Exponential(mean: \"4ms\")",
            "LogNormal(mean: \"5ms\", cv: 2)",
            "Gamma(mean: \"4ms\", cv: 0.5)",
            "Weibull(mean: \"3ms\", shape: 0.7)",
            "Pareto(low: \"1ms\", alpha: 1.5, high: \"1s\")",
            "Mixture([(0.9, \"1ms\"), (0.1, Uniform(low: \"0s\", high: \"80ms\"))])",
        ])
    }

    pub(crate) fn policies(&mut self) -> String {
        const ALL: [&str; 5] = [
            "Timeout(\"30ms\")",
            "Deadline(\"50ms\")",
            "Retry(attempts: 3, first: \"5ms\")",
            "Retry(attempts: 2, first: \"0s\", elsewhere: true)",
            "Retry(jitter: Decorrelated, memory: PerClient, first: \"1ms\", max: \"20ms\")",
        ];
        (0..self.rng.below(4)).map(|_| format!("{}, ", self.pick(&ALL))).collect()
    }

    fn workload(&mut self, index: usize) -> String {
        let arrivals = self.pick(&[
            "rate: \"40/s\"",
            "rate: Ramp([(\"0s\", \"5/s\"), (\"6s\", \"120/s\")]), arrivals: Bursty(phases: [(factor: \"300%\", mean: \"1s\"), (factor: \"20%\", mean: \"1s\")])",
            "rate: Steps([(\"0s\", \"20/s\"), (\"4s\", \"300/s\"), (\"5s\", \"0/s\")]), arrivals: Deterministic",
            "users: (count: 20, think: Exponential(mean: \"200ms\"))",
            "users: (count: 3, think: \"0s\")",
        ]);
        let keys = self.pick(&["", "keys: Zipf(keys: 100, exponent: 1.1), ", "keys: Uniform(keys: 10), "]);
        let from =
            if self.regions > 0 { format!("from: \"r{}\", ", self.rng.below(self.regions)) } else { String::new() };
        let (priority, policies) = (self.rng.below(3), self.policies());
        format!(
            "\"w{index}\": (to: \"s0/e0\", {arrivals}, {from}{keys}priority: {priority}, policies: [{policies}]),\n"
        )
    }
}
