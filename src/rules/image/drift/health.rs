//! HEALTHCHECK: command and times, a default counting as what is left out.

use super::words::{self, same_text};
use super::{Drift, said};
use crate::model::{CommandLine, Duration, Fact, Form, Healthcheck, MediaKind};

/// Docker's defaults in milliseconds: interval, timeout, start period.
const DEFAULTS: [u64; 3] = [30_000, 30_000, 0];
const RETRIES: u32 = 3;

pub(super) fn compare(drift: &mut Drift<'_>) {
    let field = drift.layer().healthcheck.as_ref();
    let at = field.map(|field| &field.place);
    let has = field.map(|field| &field.value).filter(|health| health.command.is_some());
    let shown = has.map(show);
    let is_said = drift.own.healthcheck().known().is_some();
    let expected = drift.expected.container;
    let fact = if is_said { expected.healthcheck() } else { Fact::Absent };
    let Ok((wanted, origin)) = said(fact) else {
        if drift.is_complete && has.is_some() {
            drift.differs("Healthcheck", at, shown, None, None);
        }
        return;
    };
    match (wanted.command.is_some(), has) {
        (false, None) => {}
        // That the format has no place for it is what `health-lost` says.
        (true, None) if field.is_none() && drift.held.media == MediaKind::Oci => {}
        (false, Some(_)) => drift.differs("Healthcheck", at, shown, Some("NONE".into()), Some(&origin)),
        (true, None) => {
            let shown = field.map(|_| "NONE".to_owned());
            drift.differs("Healthcheck", at, shown, Some(show(wanted)), Some(&origin));
        }
        (true, Some(has)) if !same_command(wanted, has) => {
            drift.differs("Healthcheck", at, shown, Some(show(wanted)), Some(&origin));
        }
        (true, Some(has)) => {
            if let Some(Time { field, what, has, wanted }) = times(wanted, has) {
                let node = drift.held.tree.and_then(|tree| tree.at(&["image", "config", "Healthcheck", field]));
                let at = node.map(|node| node.place.clone()).or_else(|| at.cloned());
                drift.differs(what, at.as_ref(), Some(has), Some(wanted), Some(&origin));
            }
        }
    }
}

fn show(health: &Healthcheck) -> String {
    health.command.as_ref().map_or_else(|| "NONE".to_owned(), words::command)
}

fn same_command(one: &Healthcheck, other: &Healthcheck) -> bool {
    let text = |line: &CommandLine| line.words.first().cloned().unwrap_or_default();
    match (&one.command, &other.command) {
        (Some(one), Some(other)) if one.form == Form::Shell && other.form == Form::Shell => {
            same_text(&text(one), &text(other))
        }
        (one, other) => one == other,
    }
}

/// One of the times, and how often a check may fail.
struct Time {
    /// Its key in the config.
    field: &'static str,
    what: &'static str,
    has: String,
    wanted: String,
}

/// The first of the times that differs.
fn times(wanted: &Healthcheck, has: &Healthcheck) -> Option<Time> {
    let names = [
        ("Interval", "the interval of Healthcheck"),
        ("Timeout", "the timeout of Healthcheck"),
        ("StartPeriod", "the start period of Healthcheck"),
    ];
    let of =
        |health: &Healthcheck| [health.interval.clone(), health.timeout.clone(), health.start_period.clone()];
    let pairs = names.into_iter().zip(DEFAULTS).zip(of(wanted)).zip(of(has));
    for ((((field, what), default), wanted), has) in pairs {
        let value = |time: &Option<Duration>| match time {
            // Zero is the default as well.
            None | Some(Duration { milliseconds: Some(0), .. }) => Some(default),
            Some(time) => time.milliseconds,
        };
        if let (Some(one), Some(other)) = (value(&wanted), value(&has))
            && one != other
        {
            return Some(Time { field, what, has: seconds(other), wanted: seconds(one) });
        }
    }
    let retries = |health: &Healthcheck| health.retries.filter(|it| *it > 0).unwrap_or(RETRIES);
    let [has, wanted] = [retries(has), retries(wanted)];
    (wanted != has).then(|| Time {
        field: "Retries",
        what: "the number of retries of Healthcheck",
        has: has.to_string(),
        wanted: wanted.to_string(),
    })
}

/// Milliseconds as people write them.
fn seconds(milliseconds: u64) -> String {
    match milliseconds % 1000 {
        0 => format!("{}s", milliseconds / 1000),
        _ => format!("{milliseconds}ms"),
    }
}
