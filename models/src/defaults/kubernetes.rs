//! Pods, nodes and the kubelet, by the names of Kubernetes.

use super::{Constant, number, span};
use crate::node::defaults as node;
use crate::pod::defaults as pod;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["node.monitorGracePeriod", "node.nodeMonitorGracePeriod"], node::MONITOR_GRACE_PERIOD),
    span(&["node.startupGracePeriod", "node.nodeStartupGracePeriod"], node::STARTUP_GRACE_PERIOD),
    number(&["node.evictionRate", "node.nodeEvictionRate", "node.evictionLimiterQPS"], node::EVICTION_RATE, "nodes/s"),
    number(&["node.secondaryEvictionRate", "node.secondaryNodeEvictionRate"], node::SECONDARY_EVICTION_RATE, "nodes/s"),
    number(&["node.evictionBurst", "node.evictionRateLimiterBurst"], node::EVICTION_BURST as f64, "nodes"),
    number(&["node.unhealthyZoneThreshold"], node::UNHEALTHY_ZONE_THRESHOLD, "share"),
    number(
        &[
            "node.largeClusterThreshold",
            "node.largeClusterSizeThreshold",
            "node.largeClusterSize",
            "node.largeCluster",
            "node.largeZoneThreshold",
        ],
        node::LARGE_CLUSTER_THRESHOLD as f64,
        "nodes",
    ),
    number(
        &["node.unhealthyNodesTolerated", "node.unhealthyZoneMinNodes"],
        node::UNHEALTHY_NODES_TOLERATED as f64,
        "nodes",
    ),
    span(&["node.monitorPeriod", "node.nodeMonitorPeriod"], node::MONITOR_PERIOD),
    span(&["kubelet.nodeLeaseDuration", "kubelet.leaseDuration", "node.leaseDuration"], node::LEASE_DURATION),
    number(
        &["kubelet.nodeLeaseRenewFraction", "kubelet.leaseRenewFraction", "node.leaseRenewFraction"],
        node::LEASE_RENEW_FRACTION,
        "share of the lease",
    ),
    span(
        &["kubelet.nodeLeaseRenewInterval", "kubelet.leaseRenewInterval", "node.leaseRenewInterval"],
        node::LEASE_RENEW_INTERVAL,
    ),
    span(&["kubelet.nodeStatusUpdateFrequency", "kubelet.statusUpdateFrequency"], node::STATUS_UPDATE_FREQUENCY),
    span(&["kubelet.nodeStatusReportFrequency", "kubelet.statusReportFrequency"], node::STATUS_REPORT_FREQUENCY),
    number(&["kubelet.nodeStatusUpdateRetry"], node::STATUS_UPDATE_RETRIES as f64, "count"),
    span(&["kubelet.syncFrequency"], node::SYNC_FREQUENCY),
    span(&["kubelet.backOffPeriod", "kubelet.syncBackOffPeriod", "kubelet.podSyncBackOff"], node::SYNC_BACKOFF),
    span(&["kubelet.housekeepingPeriod", "kubelet.podHousekeepingPeriod"], node::HOUSEKEEPING_PERIOD),
    span(
        &["kubelet.plegRelistPeriod", "kubelet.genericPlegRelistPeriod", "kubelet.plegPeriod", "kubelet.relistPeriod"],
        node::RELIST_PERIOD,
    ),
    span(&["kubelet.evictionMonitoringPeriod"], node::EVICTION_MONITORING_PERIOD),
    span(&["kubelet.evictionPressureTransitionPeriod"], node::EVICTION_PRESSURE_TRANSITION_PERIOD),
    number(&["kubelet.maxPods", "node.maxPods"], node::PODS_MAX as f64, "pods"),
    span(
        &[
            "kubelet.imageBackOff.initial",
            "kubelet.imageBackOffPeriod",
            "kubelet.imageBackOff.base",
            "kubelet.imageBackOff.min",
        ],
        node::IMAGE_BACKOFF_INITIAL,
    ),
    span(&["kubelet.imageBackOff.max"], node::IMAGE_BACKOFF_MAX),
    span(
        &[
            "kubelet.containerBackOff.initial",
            "kubelet.containerBackOff.base",
            "kubelet.containerBackOff.min",
            "kubelet.containerBackOff.start",
            "kubelet.containerBackOff.period",
            "kubelet.crashLoopBackOff.initial",
            "pod.crashLoopBackOff.initial",
        ],
        pod::CRASH_LOOP_INITIAL,
    ),
    span(
        &[
            "kubelet.containerBackOff.max",
            "kubelet.crashLoopBackOff.max",
            "kubelet.crashLoopBackOff.maxContainerRestartPeriod",
            "pod.crashLoopBackOff.max",
        ],
        pod::CRASH_LOOP_MAX,
    ),
    span(
        &["kubelet.containerBackOff.reset", "kubelet.containerBackOff.resetAfter", "kubelet.containerBackOff.expiry"],
        pod::CRASH_LOOP_STABLE,
    ),
    span(
        &["kubelet.containerBackOff.reducedInitial", "kubelet.reducedContainerBackOffPeriod"],
        pod::CRASH_LOOP_REDUCED_INITIAL,
    ),
    span(&["kubelet.containerBackOff.reducedMax"], pod::CRASH_LOOP_REDUCED_MAX),
    span(&["probe.initialDelay"], pod::PROBE_INITIAL_DELAY),
    span(&["probe.timeout"], pod::PROBE_TIMEOUT),
    span(&["probe.period"], pod::PROBE_PERIOD),
    number(&["probe.successThreshold"], pod::PROBE_SUCCESS_THRESHOLD as f64, "count"),
    number(&["probe.failureThreshold"], pod::PROBE_FAILURE_THRESHOLD as f64, "count"),
    span(&["pod.terminationGracePeriod", "pod.gracePeriod"], pod::GRACE_PERIOD),
    span(
        &[
            "pod.minimumGracePeriod",
            "pod.minimumGracePeriodInSeconds",
            "pod.gracePeriod.min",
            "pod.terminationGracePeriod.min",
            "pod.preStopExtension",
            "pod.preStopExtraGracePeriod",
            "kubelet.minimumGracePeriod",
            "kubelet.minimumGracePeriodInSeconds",
        ],
        pod::GRACE_PERIOD_MIN,
    ),
    span(
        &[
            "pod.tolerationSeconds",
            "pod.notReadyTolerationSeconds",
            "pod.unreachableTolerationSeconds",
            "node.tolerationSeconds",
            "node.notReadyTolerationSeconds",
            "node.unreachableTolerationSeconds",
            "node.podEvictionTimeout",
        ],
        pod::TOLERATION,
    ),
];
