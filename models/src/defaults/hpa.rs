//! The Horizontal Pod Autoscaler.

use super::{Constant, number, span};
use crate::scale::hpa::defaults::{
    CPU_INITIALIZATION_PERIOD, CPU_UTILIZATION, DOWNSCALE_STABILIZATION, INITIAL_READINESS_DELAY,
    LEGACY_SCALE_UP_FACTOR, LEGACY_SCALE_UP_MINIMUM, POLICY_PERIOD, POLICY_PERIOD_MAX, POLICY_PERIOD_MIN, REPLICAS_MIN,
    SCALE_DOWN_PERCENT, SCALE_UP_PERCENT, SCALE_UP_PODS, SCALE_UP_STABILIZATION, STABILIZATION_WINDOW_MAX, SYNC_PERIOD,
    TOLERANCE,
};

const CONCURRENT_SYNCS: u32 = 5;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["hpa.syncPeriod", "hpa.horizontalPodAutoscalerSyncPeriod"], SYNC_PERIOD),
    span(&["hpa.downscaleStabilization", "hpa.scaleDown.stabilizationWindow"], DOWNSCALE_STABILIZATION),
    span(&["hpa.cpuInitializationPeriod"], CPU_INITIALIZATION_PERIOD),
    span(&["hpa.initialReadinessDelay"], INITIAL_READINESS_DELAY),
    number(&["hpa.tolerance"], TOLERANCE, "ratio"),
    number(&["hpa.concurrentSyncs", "hpa.concurrentHorizontalPodAutoscalerSyncs"], CONCURRENT_SYNCS as f64, "count"),
    number(&["hpa.scaleUp.defaultPods"], SCALE_UP_PODS as f64, "pods per 15 s"),
    number(&["hpa.scaleUp.defaultPercent"], SCALE_UP_PERCENT as f64, "percent per 15 s"),
    span(&["hpa.scaleUp.stabilizationWindow", "hpa.upscaleStabilization"], SCALE_UP_STABILIZATION),
    number(&["hpa.scaleDown.defaultPercent"], SCALE_DOWN_PERCENT as f64, "percent per 15 s"),
    span(&["hpa.policyPeriod", "hpa.scaleUp.defaultPeriod", "hpa.scaleDown.defaultPeriod"], POLICY_PERIOD),
    span(&["hpa.policyPeriod.min"], POLICY_PERIOD_MIN),
    span(&["hpa.policyPeriod.max"], POLICY_PERIOD_MAX),
    span(&["hpa.stabilizationWindow.max"], STABILIZATION_WINDOW_MAX),
    number(&["hpa.defaultMinReplicas"], REPLICAS_MIN as f64, "pods"),
    number(&["hpa.defaultCpuUtilization", "hpa.defaultCPUUtilizationPercentage"], CPU_UTILIZATION as f64, "percent"),
    number(&["hpa.legacyScaleUpLimitFactor", "hpa.scaleUpLimitFactor"], LEGACY_SCALE_UP_FACTOR as f64, "times"),
    number(&["hpa.legacyScaleUpLimitMinimum", "hpa.scaleUpLimitMinimum"], LEGACY_SCALE_UP_MINIMUM as f64, "pods"),
];
