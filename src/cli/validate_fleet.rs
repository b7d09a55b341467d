//! `plimsoll validate-fleet`

#[cfg(feature = "registry")]
mod progress;

use std::path::PathBuf;
use std::time::Duration;

use super::Verdict;
use super::check::JudgeArgs;
use super::options::PlanArgs;
use super::output::{ColorWhen, OutputArgs};
use super::registry::{RegistryAccess, parse_duration};

/// Longest time for all answers unless the call says another.
#[cfg(feature = "registry")]
const DEADLINE: Duration = Duration::from_secs(300);

/// Arguments of `validate-fleet`.
#[derive(Debug, Clone, clap::Args)]
#[cfg_attr(not(feature = "registry"), allow(dead_code, reason = "a build without a network asks nobody"))]
#[command(after_help = "Examples:
  plimsoll validate-fleet
  plimsoll validate-fleet --machine mainpc --wait 60s
  plimsoll validate-fleet compose.yaml --host 10.0.0.5
  plimsoll validate-fleet --engine unix:///var/run/docker.sock
  plimsoll validate-fleet --format junit --output html=fleet.html")]
pub(super) struct Args {
    /// Compose files and manifests that say where services are published; containers are compared with them, and with
    /// Dockerfiles.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only services on this machine of the plan; repeatable.
    #[arg(long, value_name = "NAME", help_heading = "Targets")]
    machine: Vec<String>,
    /// Ask every service at this host, whatever the plan says of its machine.
    #[arg(long, value_name = "HOST", help_heading = "Targets")]
    host: Option<String>,
    /// Only this planned service; repeatable.
    #[arg(long, value_name = "NAME", help_heading = "Targets")]
    service: Vec<String>,
    /// Look at the containers of this Docker Engine, and ask services there: `unix:///var/run/docker.sock`.
    #[arg(long, value_name = "URL", help_heading = "Engine")]
    engine: Option<String>,
    /// Start programs in containers, for what nothing else tells.
    #[arg(long, requires = "engine", help_heading = "Engine")]
    allow_exec: bool,
    /// Compare the images of containers with what their registry has under the same name now.
    #[arg(long, requires = "engine", help_heading = "Registry")]
    against_registry: bool,
    #[command(flatten)]
    registry: RegistryAccess,
    /// Ask endpoints that want a POST, which may change or cost something.
    #[arg(long, help_heading = "Probes")]
    allow_post: bool,
    /// How long the fleet may take to start: first its containers, then every answer that is not good yet.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Probes")]
    wait: Option<Duration>,
    /// Longest time for one answer.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration, help_heading = "Probes")]
    timeout: Duration,
    /// Longest time for all answers together, waiting included; else 5m and the time of `--wait`.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Probes")]
    deadline: Option<Duration>,
    /// Endpoints at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512), help_heading = "Probes")]
    concurrency: u16,
    /// Good answers in a row that an endpoint must give.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100), help_heading = "Probes")]
    consecutive: u32,
    /// Show on a terminal how each service is while it is asked.
    #[arg(long, help_heading = "Output")]
    watch: bool,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[cfg(feature = "registry")]
impl Args {
    fn request(&self) -> Result<crate::run::FleetRequest, super::Failure> {
        let registry = self.against_registry.then(|| self.registry.clone().options()).transpose()?;
        Ok(crate::run::FleetRequest {
            paths: self.paths.clone(),
            machines: self.machine.clone(),
            host: self.host.clone(),
            services: self.service.clone(),
            allow_post: self.allow_post,
            wait: self.wait.unwrap_or_default(),
            registry,
            check: crate::run::CheckRequest { plan: self.plan.clone().into(), ..self.judge.request()? },
        })
    }

    fn source(&self) -> Result<crate::live::NetworkSource, super::Failure> {
        let wait = self.wait.unwrap_or_default();
        Ok(crate::live::NetworkSource {
            probe: crate::live::ProbeOptions {
                concurrency: self.concurrency.into(),
                timeout: self.timeout,
                deadline: self.deadline.unwrap_or(DEADLINE.saturating_add(wait)),
                wait,
                consecutive: self.consecutive,
                ..crate::live::ProbeOptions::default()
            },
            engine: self.engine.as_deref().map(socket).transpose()?,
            allow_exec: self.allow_exec,
        })
    }
}

#[cfg(feature = "registry")]
pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    let (request, source) = (args.request()?, args.source()?);
    let progress = progress::Progress::new(args.watch);
    let outcome = crate::run::validate_fleet(&request, &source, &|step| progress.hear(step));
    progress.clear();
    super::check::report(outcome?, &args.judge, &args.output, color)
}

/// The path of the socket that `--engine` names.
#[cfg(feature = "registry")]
fn socket(url: &str) -> Result<PathBuf, super::Failure> {
    let path = url.strip_prefix("unix://").unwrap_or(url);
    match path.starts_with('/') {
        true => Ok(PathBuf::from(path)),
        false => Err(super::error::usage(
            format!("`--engine {url}` names no Unix socket"),
            Some("Write unix:///PATH, for example unix:///var/run/docker.sock.".to_owned()),
        )),
    }
}

#[cfg(not(feature = "registry"))]
pub(super) fn run(_: Args, _: ColorWhen) -> Verdict {
    let help = "Build it with the feature `registry`, which is on by default.".to_owned();
    Err(super::error::usage("this program was built without a network, so it can ask no fleet", Some(help)))
}

#[cfg(all(test, feature = "registry"))]
mod tests {
    use super::socket;

    #[test]
    fn engines_are_unix_sockets() {
        for (url, path) in [
            ("unix:///var/run/docker.sock", Some("/var/run/docker.sock")),
            ("/run/user/1000/docker.sock", Some("/run/user/1000/docker.sock")),
            ("unix://", None),
            ("unix://docker.sock", None),
            ("tcp://127.0.0.1:2375", None),
            ("", None),
        ] {
            assert_eq!(socket(url).ok().as_deref(), path.map(std::path::Path::new), "{url}");
        }
    }
}
