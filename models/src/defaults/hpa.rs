//! The Horizontal Pod Autoscaler.
//!
//! To be replaced at the merge: these constants belong to `scale::hpa::defaults`.

use sim_core::Span;

use super::{Constant, number, span};

const SYNC_PERIOD: Span = Span::from_secs(15);
const DOWNSCALE_STABILIZATION: Span = Span::from_secs(300);
const CPU_INITIALIZATION_PERIOD: Span = Span::from_secs(300);
const INITIAL_READINESS_DELAY: Span = Span::from_secs(30);
const TOLERANCE: f64 = 0.1;
const CONCURRENT_SYNCS: u32 = 5;
const SCALE_UP_PODS: u32 = 4;
const SCALE_UP_PERCENT: u32 = 100;
const SCALE_UP_STABILIZATION: Span = Span::ZERO;
const SCALE_DOWN_PERCENT: u32 = 100;
const POLICY_PERIOD: Span = Span::from_secs(15);
const POLICY_PERIOD_MIN: Span = Span::from_secs(1);
const POLICY_PERIOD_MAX: Span = Span::from_secs(1_800);
const STABILIZATION_MAX: Span = Span::from_secs(3_600);
const MIN_REPLICAS: u32 = 1;
const CPU_UTILIZATION: u32 = 80;
const LEGACY_LIMIT_FACTOR: f64 = 2.0;
const LEGACY_LIMIT_MINIMUM: u32 = 4;

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
    span(&["hpa.stabilizationWindow.max"], STABILIZATION_MAX),
    number(&["hpa.defaultMinReplicas"], MIN_REPLICAS as f64, "pods"),
    number(&["hpa.defaultCpuUtilization", "hpa.defaultCPUUtilizationPercentage"], CPU_UTILIZATION as f64, "percent"),
    number(&["hpa.legacyScaleUpLimitFactor", "hpa.scaleUpLimitFactor"], LEGACY_LIMIT_FACTOR, "times"),
    number(&["hpa.legacyScaleUpLimitMinimum", "hpa.scaleUpLimitMinimum"], LEGACY_LIMIT_MINIMUM as f64, "pods"),
];
