//! What Kubernetes takes where a pod says nothing.
//!
//! Sources: `pkg/apis/core/v1/defaults.go`, `pkg/kubelet/kubelet.go`, KEP-4603 (reduced crash back-off).

use sim_core::Span;

/// How long after its start a container is not probed (`initialDelaySeconds`).
pub const PROBE_INITIAL_DELAY: Span = Span::ZERO;
/// From one probe to the next (`periodSeconds`).
pub const PROBE_PERIOD: Span = Span::from_secs(10);
/// How long an answer to a probe may take (`timeoutSeconds`).
pub const PROBE_TIMEOUT: Span = Span::from_secs(1);
/// Successes in a row that make a success (`successThreshold`).
pub const PROBE_SUCCESS_THRESHOLD: u32 = 1;
/// Failures in a row that make a failure (`failureThreshold`).
pub const PROBE_FAILURE_THRESHOLD: u32 = 3;

/// The first wait before a crashed container is started again (`containerBackOffPeriod`).
pub const CRASH_LOOP_INITIAL: Span = Span::from_secs(10);
/// The longest (`MaxContainerBackOff`).
pub const CRASH_LOOP_MAX: Span = Span::from_secs(300);
/// A run this long after the last restart makes the waits begin anew; the kubelet's own rule, and
/// twice the longest wait.
pub const CRASH_LOOP_STABLE: Span = Span::from_secs(600);
/// The shortest maximum that a node may set (`crashLoopBackOff.maxContainerRestartPeriod`).
pub const CRASH_LOOP_MAX_LOWEST: Span = Span::from_secs(1);
/// The first wait where `ReduceDefaultCrashLoopBackOffDecay` is on.
pub const CRASH_LOOP_REDUCED_INITIAL: Span = Span::from_secs(1);
/// The longest where it is on.
pub const CRASH_LOOP_REDUCED_MAX: Span = Span::from_secs(60);

/// From the request to end a pod to its KILL (`terminationGracePeriodSeconds`).
pub const GRACE_PERIOD: Span = Span::from_secs(30);
/// What a process has after its TERM at the least, however long the hook before it took
/// (`minimumGracePeriodInSeconds`).
pub const GRACE_PERIOD_MIN: Span = Span::from_secs(2);
/// How long a pod stays on a node that is not ready or not reachable (`DefaultTolerationSeconds`).
pub const TOLERATION: Span = Span::from_secs(300);
