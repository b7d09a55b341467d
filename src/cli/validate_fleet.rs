//! `plimsoll validate-fleet`

use std::path::PathBuf;
use std::time::Duration;

use super::Verdict;
use super::check::{JudgeArgs, report};
use super::options::PlanArgs;
use super::output::{ColorWhen, OutputArgs};
use super::registry::parse_duration;
use crate::run::{CheckRequest, FleetRequest};

/// Arguments of `validate-fleet`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll validate-fleet
  plimsoll validate-fleet --machine mainpc --wait 60s
  plimsoll validate-fleet --engine unix:///var/run/docker.sock
  plimsoll validate-fleet --format junit --output html=fleet.html")]
pub(super) struct Args {
    /// Compose files and manifests whose services are asked too, and compared with containers.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only services on this machine of the plan; repeatable.
    #[arg(long, value_name = "NAME")]
    machine: Vec<String>,
    /// Ask every service at this host, whatever the plan says of its machine.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Only this planned service; repeatable.
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,
    /// Look at the containers of this Docker Engine too: `unix:///var/run/docker.sock`.
    #[arg(long, value_name = "URL", help_heading = "Engine")]
    engine: Option<String>,
    /// Start programs in containers, for what nothing else tells.
    #[arg(long, help_heading = "Engine")]
    allow_exec: bool,
    /// Ask endpoints that want a POST, which may change or cost something.
    #[arg(long, help_heading = "Probes")]
    allow_post: bool,
    /// How long the fleet may take to start: what is not good yet is asked again.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Probes")]
    wait: Option<Duration>,
    /// Longest time for one answer.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration, help_heading = "Probes")]
    timeout: Duration,
    /// Longest time for all answers together, waiting included.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration, help_heading = "Probes")]
    deadline: Duration,
    /// Endpoints at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512), help_heading = "Probes")]
    concurrency: u16,
    /// Good answers in a row that an endpoint must give.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100), help_heading = "Probes")]
    consecutive: u32,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Args {
    fn request(&self) -> Result<FleetRequest, super::Failure> {
        Ok(FleetRequest {
            paths: self.paths.clone(),
            machines: self.machine.clone(),
            host: self.host.clone(),
            services: self.service.clone(),
            allow_post: self.allow_post,
            check: CheckRequest { plan: self.plan.clone().into(), ..self.judge.request()? },
        })
    }
}

#[cfg(feature = "registry")]
pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    use crate::live::{NetworkSource, ProbeOptions};

    let engine = args.engine.as_deref().map(socket).transpose()?;
    let source = NetworkSource {
        probe: ProbeOptions {
            concurrency: args.concurrency.into(),
            timeout: args.timeout,
            deadline: args.deadline,
            wait: args.wait.unwrap_or_default(),
            consecutive: args.consecutive,
            ..ProbeOptions::default()
        },
        engine,
        allow_exec: args.allow_exec,
    };
    let outcome = crate::run::validate_fleet(&args.request()?, &source, &|_, _, _, _| {})?;
    report(outcome, &args.judge, &args.output, color)
}

/// The path of the socket that `--engine` names.
#[cfg(feature = "registry")]
fn socket(url: &str) -> Result<PathBuf, super::Failure> {
    match url.strip_prefix("unix://") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(super::error::usage(
            "`--engine` wants a Unix socket".to_owned(),
            Some("Write unix:///PATH, for example unix:///var/run/docker.sock.".to_owned()),
        )),
    }
}

#[cfg(not(feature = "registry"))]
pub(super) fn run(_: Args, _: ColorWhen) -> Verdict {
    Err(super::Failure::Run(crate::run::RunError::new("this program was built without the network")))
}
