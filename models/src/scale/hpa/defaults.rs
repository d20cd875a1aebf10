//! The product's defaults, in one place.
//!
//! Sources: kubernetes/kubernetes `pkg/controller/podautoscaler/config/v1alpha1/defaults.go` (the
//! controller's), `pkg/apis/autoscaling/v2/defaults.go` (what the API server fills in),
//! `podautoscaler/horizontal.go` (the limit without `behavior`) and `autoscaling/v2/types.go` (what
//! may be set).

use sim_core::Span;

/// How often every autoscaler is looked at.
pub const SYNC_PERIOD: Span = Span::from_secs(15);
/// How long after its start a pod's CPU counts only while it is ready and its sample is young.
pub const CPU_INITIALIZATION_PERIOD: Span = Span::from_secs(300);
/// A pod that became unready within this span of its start was never ready.
pub const INITIAL_READINESS_DELAY: Span = Span::from_secs(30);
/// How far usage may be from its target without any change, as a share.
pub const TOLERANCE: f64 = 0.1;
/// How far back a higher recommendation holds off scaling down.
pub const DOWNSCALE_STABILIZATION: Span = Span::from_secs(300);

/// The target where no metric is given: percent of the CPU request.
pub const CPU_UTILIZATION: i32 = 80;
/// The least number of replicas.
pub const REPLICAS_MIN: u32 = 1;

/// Upwards, by default at most so many pods a period,
pub const SCALE_UP_PODS: u32 = 4;
/// or so many percent a period, whichever is more.
pub const SCALE_UP_PERCENT: u32 = 100;
/// How far back a lower recommendation holds off scaling up.
pub const SCALE_UP_STABILIZATION: Span = Span::ZERO;
/// Downwards, by default at most so many percent a period.
pub const SCALE_DOWN_PERCENT: u32 = 100;
/// The period of the default policies.
pub const POLICY_PERIOD: Span = Span::from_secs(15);

/// Without `behavior`, no more than this many times the current replicas,
pub const LEGACY_SCALE_UP_FACTOR: u32 = 2;
/// but always as many as this.
pub const LEGACY_SCALE_UP_MINIMUM: u32 = 4;

/// The shortest period that a policy may have.
pub const POLICY_PERIOD_MIN: Span = Span::from_secs(1);
/// The longest period that a policy may have.
pub const POLICY_PERIOD_MAX: Span = Span::from_secs(1_800);
/// The longest stabilisation window.
pub const STABILIZATION_WINDOW_MAX: Span = Span::from_secs(3_600);
