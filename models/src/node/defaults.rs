//! What Kubernetes takes for nodes where nothing else is said.
//!
//! Sources: `pkg/controller/nodelifecycle/config/v1alpha1/defaults.go`,
//! `cmd/kube-controller-manager/app/options`, `pkg/kubelet/kubelet.go`,
//! `pkg/kubelet/apis/config/v1beta1/defaults.go`.

use sim_core::{Bytes, Span};

/// How often the node lifecycle controller looks at the nodes (`nodeMonitorPeriod`).
pub const MONITOR_PERIOD: Span = Span::from_secs(5);
/// A node not heard of for longer is unreachable (`nodeMonitorGracePeriod`; newer releases 50 s).
pub const MONITOR_GRACE_PERIOD: Span = Span::from_secs(40);
/// The same for a node that has never been heard of (`nodeStartupGracePeriod`).
pub const STARTUP_GRACE_PERIOD: Span = Span::from_secs(60);
/// Nodes of a zone that may lose their pods, a second (`nodeEvictionRate`).
pub const EVICTION_RATE: f64 = 0.1;
/// How many at once, after a time without (`EvictionRateLimiterBurst`).
pub const EVICTION_BURST: u32 = 1;
/// Nodes a second in a large zone much of which is down (`secondaryNodeEvictionRate`).
pub const SECONDARY_EVICTION_RATE: f64 = 0.01;
/// What is larger than so many nodes is large (`largeClusterSizeThreshold`).
pub const LARGE_CLUSTER_THRESHOLD: u32 = 50;
/// From this share of nodes on, much of a zone is down (`unhealthyZoneThreshold`).
pub const UNHEALTHY_ZONE_THRESHOLD: f64 = 0.55;
/// As long as no more nodes than so many are not ready, a zone is normal (`ComputeZoneState`).
pub const UNHEALTHY_NODES_TOLERATED: u32 = 2;

/// How long a kubelet's lease is valid (`nodeLeaseDurationSeconds`).
pub const LEASE_DURATION: Span = Span::from_secs(40);
/// The share of the lease after which it is renewed (`nodeLeaseRenewIntervalFraction`).
pub const LEASE_RENEW_FRACTION: f64 = 0.25;
/// From one renewal of the lease to the next.
pub const LEASE_RENEW_INTERVAL: Span =
    Span::from_nanos((LEASE_DURATION.as_nanos() as f64 * LEASE_RENEW_FRACTION) as u64);
/// How often a kubelet looks whether its node's status has changed (`nodeStatusUpdateFrequency`).
pub const STATUS_UPDATE_FREQUENCY: Span = Span::from_secs(10);
/// How often it posts one that has not (`nodeStatusReportFrequency`).
pub const STATUS_REPORT_FREQUENCY: Span = Span::from_secs(300);
/// How often it tries again at once if the status cannot be posted (`nodeStatusUpdateRetry`).
pub const STATUS_UPDATE_RETRIES: u32 = 5;
/// How often it looks at each pod when nothing happens (`syncFrequency`).
pub const SYNC_FREQUENCY: Span = Span::from_secs(60);
/// How long it waits after an error with a pod (`backOffPeriod`).
pub const SYNC_BACKOFF: Span = Span::from_secs(10);
/// How often it clears up after pods that are gone (`housekeepingPeriod`).
pub const HOUSEKEEPING_PERIOD: Span = Span::from_secs(2);
/// How often it looks what has become of its containers (`genericPlegRelistPeriod`).
pub const RELIST_PERIOD: Span = Span::from_secs(1);
/// How often it looks whether memory or disk are short (`evictionMonitoringPeriod`).
pub const EVICTION_MONITORING_PERIOD: Span = Span::from_secs(10);
/// How long a node must be better before it is no longer called short of something
/// (`evictionPressureTransitionPeriod`).
pub const EVICTION_PRESSURE_TRANSITION_PERIOD: Span = Span::from_secs(300);
/// With less free memory than this, a kubelet evicts pods (`memory.available<100Mi`).
pub const EVICTION_MEMORY_AVAILABLE: Bytes = Bytes::new(100 << 20);
/// Pods a node takes (`maxPods`).
pub const PODS_MAX: u32 = 110;
/// The first wait before an image is pulled again (`imageBackOffPeriod`).
pub const IMAGE_BACKOFF_INITIAL: Span = Span::from_secs(10);
/// The longest (`MaxImageBackOff`).
pub const IMAGE_BACKOFF_MAX: Span = Span::from_secs(300);
