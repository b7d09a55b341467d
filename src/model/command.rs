//! Users, commands, ports and health checks: the values that an effective config is made of.

use smol_str::SmolStr;

use super::fact::Value;

/// The user a container runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user part of `USER` as said, variables expanded: `appuser`, `10001`.
    pub name: SmolStr,
    /// The group part as said; `None` when none is written.
    pub group: Option<SmolStr>,
    /// The user's number: written, or found through the accounts of the chain. `None`: the chain does not tell.
    pub uid: Option<u32>,
    /// The group's number. Without a written group: the account's primary group, or 0 for a number without an account.
    pub gid: Option<u32>,
    /// The number is not written, but the account is a system account: it lies between 100 and 999.
    pub system: bool,
    /// An account of the chain has this name and no number is written for it, so the tool that makes it takes a free
    /// one: it is not 0.
    pub unnumbered: bool,
}

impl User {
    /// The superuser, as Docker's default is.
    #[must_use]
    pub fn root() -> Self {
        Self {
            name: "root".into(),
            group: None,
            uid: Some(0),
            gid: Some(0),
            system: false,
            unnumbered: false,
        }
    }

    /// As reports print it: `appuser (10001:10001)`, `10001:10001`, `appuser (number not known)`.
    #[must_use]
    pub fn describe(&self) -> String {
        let written = match &self.group {
            Some(group) => format!("{}:{group}", self.name),
            None => self.name.to_string(),
        };
        match (self.uid, self.gid) {
            (Some(uid), Some(gid)) if written == format!("{uid}:{gid}") => written,
            (Some(uid), Some(gid)) => format!("{written} ({uid}:{gid})"),
            (Some(uid), None) if written == uid.to_string() => format!("{written} (group not known)"),
            (Some(uid), None) => format!("{written} (uid {uid}, group not known)"),
            (None, _) => format!("{written} (number not known)"),
        }
    }
}

/// An account or group that a RUN creates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Its name.
    pub name: SmolStr,
    /// Whether it is a group and not a user.
    pub is_group: bool,
    /// Its number, when it is written.
    pub id: Option<u32>,
    /// Of a user: the primary group as written (`-g appuser`, `-g 10001`), or the group of the same name that the tool
    /// makes by default. `None`: the tool's own default, which nobody here knows.
    pub primary_group: Option<SmolStr>,
    /// Created with `-r`/`--system`/`-S`: a number that is not written lies between 100 and 999.
    pub system: bool,
    /// A number is written, though `id` may not tell it (`-u ${APP_UID}` without a value).
    pub numbered: bool,
    /// Of a user: whether the same command makes `primary_group`, named like the user and with the user's number
    /// (`useradd`, `adduser` without a group). A group of that name made elsewhere in the chain goes before it.
    pub own_group: bool,
    /// Of a change (`usermod`, `groupmod`): the name of the account before it. What is `None` here stays as it was; `name`
    /// differs when the account is renamed.
    pub was: Option<SmolStr>,
}

/// ENTRYPOINT or CMD, or a RUN, or the command of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// How it is written.
    pub form: Form,
    /// Exec form: the elements. Shell form: one element, the text as written.
    pub words: Vec<SmolStr>,
}

/// How a command is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON array, started directly.
    Exec,
    /// A text, given to the SHELL in force.
    Shell,
}

/// A port that EXPOSE names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The first port of the range.
    pub first: u16,
    /// The last port; equal to `first` without a range.
    pub last: u16,
    /// `tcp` (the default), `udp` or `sctp`, in lower case.
    pub protocol: SmolStr,
}

impl Port {
    /// Whether a TCP port lies in it.
    #[must_use]
    pub fn holds_tcp(&self, port: u16) -> bool {
        self.protocol == "tcp" && (self.first..=self.last).contains(&port)
    }
}

/// A HEALTHCHECK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run; `None` for `HEALTHCHECK NONE`.
    pub command: Option<CommandLine>,
    /// `--interval` as written, and in milliseconds. Docker's default is 30 s.
    pub interval: Option<Duration>,
    /// `--timeout`. Default 30 s.
    pub timeout: Option<Duration>,
    /// `--start-period`. Default 0 s.
    pub start_period: Option<Duration>,
    /// `--retries`. Default 3.
    pub retries: Option<u32>,
    /// What the command asks, as far as it was understood.
    pub probes: Vec<Probe>,
    /// Whether the command's failure reaches Docker: `false` for `curl … || true` and the like.
    pub can_fail: bool,
    /// Whether an HTTP answer of any status passes: curl without `--fail`, whose output nothing looks at.
    pub ignores_status: bool,
    /// The programs that the command needs, in order: `curl`, `python3`; a script by its path; a Python package that is
    /// imported as `python:requests`.
    pub tools: Vec<SmolStr>,
}

/// A duration as written and as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duration {
    /// As written: `30s`, `1m30s`.
    pub written: SmolStr,
    /// Milliseconds; `None` when it cannot be told.
    pub milliseconds: Option<u64>,
}

/// One request that a health command makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Host as written: `localhost`.
    pub host: Value,
    /// The port; an unknown value when it is a variable without a value. `80` or `443` when the URL names none.
    pub port: Value,
    /// Path with leading `/`; empty for a bare TCP check (`nc -z`).
    pub path: Value,
    /// The program that asks: `curl`, `wget`, `python`, `nc`, `node`.
    pub tool: SmolStr,
}
