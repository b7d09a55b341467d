//! One request: what it may reach, how long it may take, and whether it is tried again.

use std::fmt::Write;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, HeaderValue};
use ureq::tls::TlsConfig;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::ClientOptions;
use super::credentials::Secret;
use super::dial::{FilteredResolver, OutOfReach, Reach};
use super::error::{RegistryError, RegistryErrorKind as Kind};
use super::hosts::{Hosts, Permit};

/// Longest head of an answer, in bytes.
const MAX_HEAD: usize = 32 << 10;
/// Longest wait that a registry may ask for.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The connections of a call. Each reach has its own, so that none is used for a request that may not reach as far.
#[derive(Debug)]
pub(super) struct Wire {
    agents: Vec<Agent>,
    /// The same with the authorities of the user instead of the built-in ones; empty when there are none.
    of_user: Vec<Agent>,
    hosts: Arc<Hosts>,
    /// Longest time for one request.
    pub(super) timeout: Duration,
    deadline: Duration,
    until: Instant,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    /// Where: a whole URL.
    pub(super) url: &'a str,
    /// Host and port of the URL, as messages name it.
    pub(super) host: &'a str,
    /// How far it may reach.
    pub(super) reach: Reach,
    /// The `Accept` header.
    pub(super) accept: &'a str,
    /// The `Authorization` header.
    pub(super) authorization: Option<&'a Secret>,
    /// Whether the body is large: then the time for one request is the time without a byte of it.
    pub(super) is_stream: bool,
    /// What it is for, as messages name it: `ghcr.io/org/web`.
    pub(super) what: &'a str,
}

/// What a host answers, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    body: Body,
    permit: Permit,
}

impl Answer {
    /// The value of a header, where it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Gives the connection back for others, where the rest of the answer is short enough to be read first.
    pub(super) fn finish(self) {
        if self.body.content_length().is_some_and(|length| length <= MAX_HEAD as u64) {
            // A connection that breaks here is not used again.
            let _ = io::copy(&mut self.into_reader(), &mut io::sink());
        }
    }

    /// The body, without an end that is known.
    pub(super) fn into_reader(self) -> impl Read + Send + use<> {
        Stream { body: self.body.into_reader(), _permit: self.permit }
    }
}

/// A body that keeps its host busy.
struct Stream<R> {
    body: R,
    _permit: Permit,
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}

impl Wire {
    pub(super) fn new(options: &ClientOptions) -> Self {
        let agent = |reach: Reach, tls: TlsConfig| {
            let config = Agent::config_builder()
                .tls_config(tls)
                .proxy(None)
                .http_status_as_error(false)
                .max_redirects(0)
                .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
                .max_response_header_size(MAX_HEAD)
                .input_buffer_size(2 * MAX_HEAD)
                .output_buffer_size(MAX_HEAD)
                .max_idle_connections_per_host(8)
                .build();
            Agent::with_parts(config, DefaultConnector::default(), FilteredResolver::new(reach))
        };
        let start = Instant::now();
        let of_user = match options.authorities.is_empty() {
            true => Vec::new(),
            false => Reach::ALL.into_iter().map(|reach| agent(reach, options.authorities.tls())).collect(),
        };
        Self {
            agents: Reach::ALL.into_iter().map(|reach| agent(reach, TlsConfig::default())).collect(),
            of_user,
            hosts: Arc::default(),
            timeout: options.timeout,
            deadline: options.deadline,
            until: start.checked_add(options.deadline).unwrap_or(start),
        }
    }

    /// What is left of the time for all requests.
    pub(super) fn rest(&self) -> Result<Duration, RegistryError> {
        let rest = self.until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero());
        rest.ok_or_else(|| {
            let message = format!("the deadline of {} passed", shown(self.deadline));
            RegistryError::new(Kind::Deadline, message).help("Give all requests more time with --deadline")
        })
    }

    /// Asks; once more after a reset connection, a fault of the server, or a wait that the server asks for.
    pub(super) fn get(&self, request: &Request<'_>) -> Result<Answer, RegistryError> {
        let result = self.once(request);
        let wait = match &result {
            Ok(answer) if answer.status == 429 => wait_of(answer),
            Ok(answer) if answer.status >= 500 => Some(Duration::from_millis(100)),
            Err(Failure::Broken(_)) => Some(Duration::ZERO),
            _ => None,
        };
        match wait.filter(|wait| self.rest().is_ok_and(|rest| rest > *wait)) {
            None => result.map_err(Failure::into_error),
            Some(wait) => {
                // The host is free for others meanwhile.
                if let Ok(answer) = result {
                    answer.finish();
                }
                std::thread::sleep(wait);
                self.once(request).map_err(Failure::into_error)
            }
        }
    }

    fn once(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        let permit = self.hosts.permit(request.host, self.until);
        let rest = self.rest().map_err(Failure::Final)?;
        let Some(permit) = permit else {
            return Err(Failure::Final(self.late(request)));
        };
        if self.hosts.is_dead(request.host) {
            let message =
                format!("{}: {} gave no answer before and is not asked again", request.what, request.host);
            return Err(Failure::Final(RegistryError::new(Kind::Unreachable, message)));
        }
        // Whom the built-in authorities do not vouch for those of the user may. A handshake that fails sent nothing.
        let is_of_user = !self.of_user.is_empty() && self.hosts.is_of_user(request.host);
        let mut result = self.call(request, rest, is_of_user)?;
        if result.as_ref().is_err_and(is_untrusted) && !self.of_user.is_empty() {
            result = self.call(request, rest, !is_of_user)?;
            if result.is_ok() {
                self.hosts.set_of_user(request.host, !is_of_user);
            }
        }
        match result {
            Ok(response) => {
                self.hosts.heard(request.host, true);
                let (head, body) = response.into_parts();
                Ok(Answer { status: head.status.as_u16(), headers: head.headers, body, permit })
            }
            Err(error) => Err(self.failure(request, error)),
        }
    }

    /// One try, with the built-in authorities or those of the user.
    fn call(&self, request: &Request<'_>, rest: Duration, is_of_user: bool) -> Result<Response, Failure> {
        let longest = self.timeout.min(rest);
        let agents = if is_of_user { &self.of_user } else { &self.agents };
        let mut call = agents[request.reach.index()].get(request.url).header("accept", request.accept);
        if let Some(secret) = request.authorization {
            let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| {
                let message = format!("{}: the login holds characters that no header may hold", request.what);
                Failure::Final(RegistryError::new(Kind::Refused, message))
            })?;
            value.set_sensitive(true);
            call = call.header("authorization", value);
        }
        let config = call.config();
        let config = match request.is_stream {
            false => config.timeout_global(Some(longest)),
            true => config
                .timeout_global(Some(rest))
                .timeout_resolve(Some(longest))
                .timeout_connect(Some(longest))
                .timeout_recv_response(Some(longest))
                .timeout_per_read(Some(longest)),
        };
        Ok(config.build().call())
    }

    /// Reads a body to its end, of no more than `cap` bytes.
    pub(super) fn bytes(
        &self,
        request: &Request<'_>,
        answer: Answer,
        cap: u64,
    ) -> Result<Vec<u8>, RegistryError> {
        let mut bytes = Vec::new();
        match answer.into_reader().take(cap + 1).read_to_end(&mut bytes) {
            Err(error) => Err(self.failure(request, error.into()).into_error()),
            Ok(_) if bytes.len() as u64 > cap => {
                let message = format!("{}: {} sends more than {cap} bytes", request.what, request.host);
                Err(RegistryError::new(Kind::Refused, message))
            }
            Ok(_) => Ok(bytes),
        }
    }

    fn late(&self, request: &Request<'_>) -> RegistryError {
        match self.rest() {
            Err(error) => RegistryError { message: format!("{}: {}", request.what, error.message), ..error },
            Ok(_) => {
                let time = shown(self.timeout);
                let message = format!("{}: no answer of {} within {time}", request.what, request.host);
                RegistryError::new(Kind::Unreachable, message)
            }
        }
    }

    /// What an error of the transport means. Its own words are passed on only where they are the system's: others may
    /// hold what the other side sent.
    fn failure(&self, request: &Request<'_>, error: ureq::Error) -> Failure {
        let Request { what, host, .. } = request;
        let unreachable = |why: &str| {
            Failure::Final(RegistryError::new(
                Kind::Unreachable,
                format!("{what}: {host} cannot be reached: {why}"),
            ))
        };
        match error {
            ureq::Error::Timeout(_) => {
                self.hosts.heard(host, false);
                Failure::Final(self.late(request))
            }
            ureq::Error::Other(other) => match other.downcast_ref::<OutOfReach>() {
                Some(out) => Failure::Final(out_of_reach(request, out)),
                None => unreachable("an unknown fault"),
            },
            ureq::Error::HostNotFound => unreachable("no address is known for it"),
            ureq::Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => {
                    let message = format!("{what}: {host} ended the connection");
                    Failure::Broken(RegistryError::new(Kind::Unreachable, message))
                }
                io::ErrorKind::InvalidData => no_tls(request),
                _ => unreachable(&error.to_string()),
            },
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => no_tls(request),
            ureq::Error::LargeResponseHeader(..) => {
                let message = format!("{what}: {host} sends a head of more than {MAX_HEAD} bytes");
                Failure::Final(RegistryError::new(Kind::Refused, message))
            }
            _ => {
                let message = format!("{what}: the answer of {host} is no HTTP that can be read");
                Failure::Final(RegistryError::new(Kind::Protocol, message))
            }
        }
    }
}

/// What one try gives.
type Response = Result<ureq::http::Response<Body>, ureq::Error>;

/// Whether the connection failed because nobody who is trusted vouches for the host.
fn is_untrusted(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        error => matches!(error, ureq::Error::Tls(_) | ureq::Error::Rustls(_)),
    }
}

/// Why there is no answer.
enum Failure {
    /// The connection broke: asking again may help.
    Broken(RegistryError),
    /// Asking again does not help.
    Final(RegistryError),
}

impl Failure {
    fn into_error(self) -> RegistryError {
        match self {
            Self::Broken(error) | Self::Final(error) => error,
        }
    }
}

fn no_tls(request: &Request<'_>) -> Failure {
    let Request { what, host, .. } = request;
    let error = RegistryError::new(
        Kind::Unreachable,
        format!("{what}: no TLS connection to {host} that can be trusted"),
    );
    Failure::Final(error.help(
        "Trust its authority with --registry-ca FILE; a registry in plain HTTP needs --insecure-registry",
    ))
}

fn out_of_reach(request: &Request<'_>, out: &OutOfReach) -> RegistryError {
    let Request { what, host, reach, .. } = request;
    let why = match (reach, out.is_private) {
        (Reach::Loopback, _) => "which is not of this machine",
        (_, true) => "which is of a private network",
        (_, false) => "which is not for registries",
    };
    let address = out.address.to_string();
    let message = match host.contains(&address) {
        true => format!("{what}: {address}{}", why.trim_start_matches("which")),
        false => format!("{what}: {host} has the address {address}, {why}"),
    };
    let error = RegistryError::new(Kind::Refused, message);
    match out.is_private && *reach == Reach::Public {
        true => error.help("Add --allow-private when that is meant"),
        false => error,
    }
}

/// The wait that an answer asks for, when it is short.
fn wait_of(answer: &Answer) -> Option<Duration> {
    let seconds = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|wait| *wait <= MAX_WAIT)
}

/// A time as options take it: `5m`, `30s`, `500ms`.
fn shown(time: Duration) -> String {
    let (millis, mut text) = (time.as_millis(), String::new());
    // Writing to a string cannot fail.
    let _ = match millis {
        0..1_000 => write!(text, "{millis}ms"),
        _ if millis % 60_000 == 0 => write!(text, "{}m", millis / 60_000),
        _ if millis % 1_000 == 0 => write!(text, "{}s", millis / 1_000),
        _ => write!(text, "{:.1}s", time.as_secs_f64()),
    };
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::shown;

    #[test]
    fn times_are_shown_as_they_are_given() {
        for (millis, text) in
            [(300_000, "5m"), (30_000, "30s"), (500, "500ms"), (1_500, "1.5s"), (90_000, "90s")]
        {
            assert_eq!(shown(Duration::from_millis(millis)), text);
        }
    }
}
