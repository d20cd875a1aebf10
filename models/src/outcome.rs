//! How a call ends.

use serde::{Deserialize, Serialize};

/// How a call, or one attempt of it, ended. A simulated failure is a value, never an `Err`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It was answered.
    Ok,
    /// The server answered with an error of its own.
    Error,
    /// The server's queue had no room.
    QueueFull,
    /// The server took it up after its deadline, and dropped it.
    DeadlineExceeded,
    /// No answer came within the caller's limit.
    Timeout,
    /// The connection was refused: nothing listens there.
    Refused,
    /// The connection broke: the server died while it had the request.
    Reset,
    /// The network lost it more often than the transport tries.
    Lost,
    /// There was no backend to send it to.
    NoBackend,
    /// A call further down failed, and this endpoint could not do without it.
    Dependency,
    /// The caller no longer wanted it: it timed out or ended further up. No failure of the server.
    Cancelled,
}

impl Outcome {
    /// Every outcome, in declaration order; `outcome as usize` is its index.
    pub const ALL: [Outcome; 11] = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::QueueFull,
        Outcome::DeadlineExceeded,
        Outcome::Timeout,
        Outcome::Refused,
        Outcome::Reset,
        Outcome::Lost,
        Outcome::NoBackend,
        Outcome::Dependency,
        Outcome::Cancelled,
    ];

    /// Whether the caller got its answer.
    pub fn is_ok(self) -> bool {
        self == Outcome::Ok
    }

    /// Whether this counts against the server that was called: neither success nor a call that was
    /// abandoned for a reason of the caller's.
    pub fn is_failure(self) -> bool {
        !matches!(self, Outcome::Ok | Outcome::Cancelled)
    }

    /// The name in results: "queue_full".
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Error => "error",
            Outcome::QueueFull => "queue_full",
            Outcome::DeadlineExceeded => "deadline_exceeded",
            Outcome::Timeout => "timeout",
            Outcome::Refused => "refused",
            Outcome::Reset => "reset",
            Outcome::Lost => "lost",
            Outcome::NoBackend => "no_backend",
            Outcome::Dependency => "dependency",
            Outcome::Cancelled => "cancelled",
        }
    }
}
