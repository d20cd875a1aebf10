//! What an autoscaler answers, and why.

use std::fmt;

/// How many replicas there shall be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The number, which is the desired one where nothing changes.
    pub replicas: u32,
    /// What decided it.
    pub reason: Reason,
    /// What was predicted, from autoscalers that predict.
    pub forecast: Option<Forecast>,
}

impl Decision {
    /// A decision without a forecast.
    pub const fn new(replicas: u32, reason: Reason) -> Decision {
        Decision { replicas, reason, forecast: None }
    }
}

/// A prediction of the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The load predicted for the end of the horizon, per second.
    pub value: f64,
    /// |predicted - actual| / actual of the prediction that fell due since the last decision, if one did
    /// and there was any load.
    pub error: Option<f64>,
}

/// Declares the reasons with their labels.
macro_rules! reasons {
    ($($(#[doc = $about:literal])+ $name:ident,)+) => {
        /// Why a decision fell as it did. The names of the HPA's are those of its conditions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $about])+ $name,)+
        }

        impl Reason {
            /// Its name, as Kubernetes writes it where it has one.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Reason::$name => stringify!($name),)+
                }
            }
        }
    };
}

reasons! {
    /// Nobody scales this deployment.
    NotScaled,
    /// The number asked for was within all limits.
    DesiredWithinRange,
    /// Cut to, or asked to be more than, the maximum.
    TooManyReplicas,
    /// Raised to the minimum.
    TooFewReplicas,
    /// No faster upwards.
    ScaleUpLimit,
    /// No faster downwards.
    ScaleDownLimit,
    /// A recent recommendation was lower.
    ScaleUpStabilized,
    /// A recent recommendation was higher.
    ScaleDownStabilized,
    /// The number of replicas could be read.
    SucceededGetScale,
    /// Nothing recent stands against the recommendation.
    ReadyForNewScale,
    /// The number of replicas was changed.
    SucceededRescale,
    /// A metric could be had.
    ValidMetricFound,
    /// The deployment was switched off by hand: it has no replicas although it should.
    ScalingDisabled,
    /// CPU or memory could not be had.
    FailedGetResourceMetric,
    /// A metric of the pods could not be had.
    FailedGetPodsMetric,
    /// A metric of an object could not be had.
    FailedGetObjectMetric,
    /// A metric from elsewhere could not be had.
    FailedGetExternalMetric,
    /// Above the upper threshold.
    AboveThreshold,
    /// Below the lower threshold.
    BelowThreshold,
    /// Between the thresholds.
    BetweenThresholds,
    /// The last change was too recent.
    Cooldown,
    /// It is time for so many.
    Schedule,
    /// The load now needs so many.
    PresentLoad,
    /// The load to come needs so many.
    Forecast,
    /// Work has arrived where nobody was.
    Activated,
    /// No work for long enough to do without.
    Deactivated,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}
