//! The registry of strategies: one line a strategy gives its file syntax, its builder and its listing.
//!
//! A strategy is a settings struct (serde, with defaults) that can build the running thing, a box of
//! the family's trait. [`strategies!`](crate::strategies) joins the settings of a family into one
//! enum, as a scenario file names them, and keeps their one-line descriptions for `gameday list`.

/// One strategy as `gameday list` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name a scenario file uses.
    pub name: &'static str,
    /// One line on what it does.
    pub about: &'static str,
}

/// Settings that build a running strategy of the family `T`, given what its surroundings `C` offer.
pub trait Build<T: ?Sized, C: ?Sized> {
    /// Makes the running strategy; the settings have been checked before.
    fn build(&self, context: &C) -> Box<T>;
}

/// Declares a family of strategies: an enum of settings for scenario files, with builder and listing.
///
/// ```ignore
/// strategies! {
///     /// How a service spreads its calls.
///     pub enum Balancer: dyn Balance, context Surroundings {
///         /// Each backend in turn.
///         RoundRobin(RoundRobin),
///     }
/// }
/// ```
///
/// Each variant's doc comment is its line in `gameday list`.
#[macro_export]
macro_rules! strategies {
    (
        $(#[doc = $family:literal])+
        pub enum $name:ident: dyn $trait:path, context $context:ty {
            $(#[doc = $about:literal] $variant:ident($settings:ty),)+
        }
    ) => {
        $(#[doc = $family])+
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub enum $name {
            $(#[doc = $about] $variant($settings),)+
        }

        impl $name {
            /// Every strategy of this family, in the order of its declaration.
            pub const LIST: &'static [$crate::strategy::Listing] = &[
                $($crate::strategy::Listing { name: stringify!($variant), about: $about.trim_ascii() },)+
            ];

            /// The name a scenario file uses for this strategy.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($variant),)+
                }
            }

            /// Makes the running strategy.
            pub fn build(&self, context: &$context) -> Box<dyn $trait> {
                match self {
                    $(Self::$variant(settings) => $crate::strategy::Build::<dyn $trait, $context>::build(settings, context),)+
                }
            }
        }
    };
}
