//! One request to one address: what is sent, and what of the answer is kept.

use std::io::Read;
use std::time::{Duration, Instant};

use smol_str::SmolStr;
use ureq::http::{HeaderMap, Response};
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, Body, Error, RequestBuilder};

use super::failure;
use super::rooms::Rooms;
use super::schedule::host_of;
use super::watch::Watch;
use crate::live::Question;
use crate::model::{Answer, BodyEnd, HttpAnswer, Method};
use crate::registry::{FilteredResolver, Reach};

/// Longest body that needs no room of its own, in bytes: each thread may hold one.
const SMALL: usize = 64 << 10;
/// Longest head of an answer, in bytes.
pub(super) const MAX_HEAD: usize = 16 << 10;

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// From looking up the name to the last byte.
    pub(super) limit: Duration,
    /// Of that, until there is a connection.
    pub(super) connect: Duration,
}

/// What asks, one request after the other.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    watch: Watch,
}

impl Client {
    /// Redirects are not followed and proxies of the environment not used: what is asked is the address of the plan. Bodies
    /// are read as they are sent.
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .max_response_header_size(MAX_HEAD)
            .input_buffer_size(2 * MAX_HEAD)
            .output_buffer_size(MAX_HEAD / 2)
            .max_idle_connections(0)
            .build();
        let watch = Watch::default();
        let connector = DefaultConnector::default().chain(watch.clone());
        // Private networks and loopback are where fleets are.
        Self { agent: Agent::with_parts(config, connector, FilteredResolver::new(Reach::Named)), watch }
    }

    /// Asks one address of a question. A long body stands in `room` and not in the answer; a room is taken when
    /// there is none yet. `None`: there is none for it now.
    pub(super) fn ask(
        &self,
        question: &Question,
        url: &str,
        times: Times,
        rooms: &Rooms,
        room: &mut Option<Vec<u8>>,
    ) -> Option<Answer> {
        self.watch.take();
        let start = Instant::now();
        match self.send(question, url, times) {
            Ok(response) => self.read(response, question.max_body, start, (times.limit, rooms), room),
            Err(error) => {
                let seen = self.watch.take();
                Some(Answer::Failed(failure::of(&error, &seen, host_of(url), times)))
            }
        }
    }

    fn send(&self, question: &Question, url: &str, times: Times) -> Result<Response<Body>, Error> {
        let accept = question.accept.as_deref().unwrap_or("*/*");
        match question.method {
            Method::Get => {
                let call = self.agent.get(url).header("connection", "close").header("accept", accept);
                within(call, times).call()
            }
            Method::Post => {
                let call = self.agent.post(url).header("connection", "close").header("accept", accept);
                let call = call.header("content-type", "application/json");
                within(call, times).send(question.body.as_deref().unwrap_or_default())
            }
        }
    }

    /// The answer whose head came.
    fn read(
        &self,
        response: Response<Body>,
        cap: usize,
        start: Instant,
        (limit, rooms): (Duration, &Rooms),
        room: &mut Option<Vec<u8>>,
    ) -> Option<Answer> {
        let (head, body) = response.into_parts();
        let whole = body.content_length();
        let mut bytes = Vec::new();
        // One byte more than is kept tells whether there is more.
        let mut reader = body.into_reader();
        let small = cap.min(SMALL);
        let mut result = reader.by_ref().take(small as u64 + 1).read_to_end(&mut bytes);
        if bytes.len() > small && small < cap && result.is_ok() {
            if room.is_none() {
                *room = rooms.take();
            }
            let long = room.as_mut()?;
            long.reserve_exact(cap + 1);
            long.append(&mut bytes);
            result = reader.take((cap - small) as u64).read_to_end(long);
        }
        let held = room.as_mut().filter(|long| !long.is_empty()).unwrap_or(&mut bytes);
        let time = start.elapsed();
        let seen = self.watch.take();
        let end = match result {
            _ if held.len() > cap => BodyEnd::TooLong(cap),
            Err(error) => BodyEnd::Cut(failure::cut(&error, &seen, held.len(), whole, limit)),
            Ok(_) if seen.reset => {
                BodyEnd::Cut(smol_str::format_smolstr!("the connection was reset after {} bytes", held.len()))
            }
            Ok(_) => BodyEnd::Whole,
        };
        held.truncate(cap);
        Some(Answer::Http(HttpAnswer {
            status: head.status.as_u16(),
            headers: headers(&head.headers),
            body: bytes.into(),
            end,
            time,
        }))
    }
}

/// A request that may take so long.
fn within<Any>(call: RequestBuilder<Any>, times: Times) -> RequestBuilder<Any> {
    let config = call.config().timeout_global(Some(times.limit));
    config.timeout_connect(Some(times.connect)).timeout_resolve(Some(times.connect)).build()
}

/// Headers as text: where a value is none, what cannot be shown is replaced.
fn headers(map: &HeaderMap) -> Vec<(SmolStr, SmolStr)> {
    let text = |bytes: &[u8]| SmolStr::from(String::from_utf8_lossy(bytes));
    map.iter().map(|(name, value)| (name.as_str().into(), text(value.as_bytes()))).collect()
}
