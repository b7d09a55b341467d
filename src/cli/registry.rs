//! Options of commands that ask registries.

use std::path::PathBuf;
use std::time::Duration;

/// Which registries are spoken to, and how.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RegistryAccess {
    /// Speak plain HTTP to this registry (HOST or HOST:PORT); it may be private. Loopback needs no such leave; repeatable.
    #[arg(long, value_name = "HOST", help_heading = "Registry")]
    insecure_registry: Vec<String>,
    /// Trust registries that an authority of this PEM file vouches for, too; loopback is then spoken to in TLS; repeatable.
    #[arg(long, value_name = "FILE", help_heading = "Registry")]
    registry_ca: Vec<PathBuf>,
    /// Let registries have private addresses.
    #[arg(long, help_heading = "Registry")]
    allow_private: bool,
    /// Log in with what `docker login` stored, helpers included; each only where it was stored for.
    #[arg(long, help_heading = "Registry")]
    docker_config_auth: bool,
}

/// How registries are spoken to by commands that do nothing else over a network.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RegistryArgs {
    #[command(flatten)]
    access: RegistryAccess,
    /// Longest time for one request, for layers the longest time without a byte: 30s, 500ms, 2m.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_duration, help_heading = "Registry")]
    timeout: Duration,
    /// Longest time for all requests together.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration, help_heading = "Registry")]
    deadline: Duration,
    /// Keep configs in this folder by digest, and take them from there.
    #[arg(long, value_name = "DIR", help_heading = "Registry")]
    image_cache: Option<PathBuf>,
}

#[cfg(feature = "registry")]
impl RegistryAccess {
    /// As the client takes them; times are the client's own.
    pub(super) fn options(self) -> Result<crate::registry::ClientOptions, super::Failure> {
        let mut authorities = crate::registry::Authorities::default();
        for path in &self.registry_ca {
            authorities.add_file(path).map_err(|why| {
                super::Failure::Run(crate::run::RunError::new(format!("--registry-ca: {why}")))
            })?;
        }
        Ok(crate::registry::ClientOptions {
            authorities,
            insecure: self.insecure_registry,
            allow_private: self.allow_private,
            credentials: self.docker_config_auth,
            ..crate::registry::ClientOptions::default()
        })
    }
}

#[cfg(feature = "registry")]
impl RegistryArgs {
    /// As the client takes them.
    pub(super) fn options(self) -> Result<crate::registry::ClientOptions, super::Failure> {
        Ok(crate::registry::ClientOptions {
            timeout: self.timeout,
            deadline: self.deadline,
            cache: self.image_cache,
            ..self.access.options()?
        })
    }
}

/// `30s`, `1.5s`, `500ms`, `2m`, `1h`; never zero.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let factor = match &text[digits..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 0.0,
    };
    let seconds = text[..digits].parse::<f64>().ok().map(|number| number * factor);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write it with a unit, for example `30s`, `500ms` or `2m`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "5", "s", "0s", "-1s", "1d", "1e9h", "..s", "99999999999999999999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
