//! A running fleet: questions go out over HTTP and to a Docker Engine, answers and raw facts come back.
//!
//! Nothing here knows a rule: what an answer is worth is said by whoever asks, through [`Accepts`].

#[cfg(feature = "registry")]
mod containers;
#[cfg(feature = "registry")]
mod network;
#[cfg(feature = "registry")]
mod probe;

use std::time::Duration;

use smol_str::SmolStr;

#[cfg(feature = "registry")]
pub use network::NetworkSource;

pub use crate::lower::live::ContainerParts;
use crate::model::{Answer, Method};

/// One request to one endpoint.
#[derive(Debug, Clone)]
pub struct Question {
    /// Addresses of the endpoint, the best first: the first that answers in HTTP counts, else the first of all.
    pub urls: Vec<SmolStr>,
    /// GET or POST.
    pub method: Method,
    /// The body of a POST request, which is JSON.
    pub body: Option<SmolStr>,
    /// The `Accept` header; `None`: anything will do.
    pub accept: Option<SmolStr>,
    /// Longest body that is read, in bytes.
    pub max_body: usize,
    /// Longest time for the request, where it is not the call's.
    pub timeout: Option<Duration>,
}

/// The answer to one question.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Which of the question's addresses answered.
    pub url: usize,
    /// What came back.
    pub answer: Answer,
}

/// What takes the answers of a fleet: each as it comes, on the thread that asks, so that no body stays longer than it is
/// judged.
pub trait Judge {
    /// An answer to a question (by index), in the place of the one before. Returns whether it is good, so that nobody waits
    /// for a better one.
    fn answer(&mut self, question: usize, reply: Reply) -> bool;

    /// Whether the latest answer to a question is its last one: told once behind each answer, and once more when there is no
    /// time for another one.
    fn heard(&mut self, question: usize, is_last: bool);
}

/// What can ask a running fleet.
pub trait FleetSource: Sync {
    /// Asks every question; each has a last answer when this returns. Answers come in any order.
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge);

    /// The containers of the engine, by name; `None`: no engine is asked.
    ///
    /// # Errors
    /// One sentence, and one of advice, when it cannot be asked.
    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)>;
}

/// How a fleet is asked.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// Questions at once: 1 to 512.
    pub concurrency: usize,
    /// Questions at once to one host.
    pub per_host: usize,
    /// Longest time for one question.
    pub timeout: Duration,
    /// Longest time for all of them, waiting included.
    pub deadline: Duration,
    /// How long a fleet may take to start: questions whose answers are not accepted are asked again until then.
    pub wait: Duration,
    /// Answers in a row that must be accepted.
    pub consecutive: u32,
    /// Seed of the jitter between two attempts.
    pub seed: u64,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            per_host: 16,
            timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(300),
            wait: Duration::ZERO,
            consecutive: 1,
            seed: 0,
        }
    }
}
