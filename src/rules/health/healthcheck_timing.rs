//! `healthcheck-timing`: interval, timeout, start period and retries are the planned ones.

mod deployed;
mod image;

use smol_str::SmolStr;

use super::watch::{Watch, watch};
use crate::finding::Findings;
use crate::model::{Build, Duration, Spanned};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    let health = &plan.health;
    let durations = [&health.interval, &health.timeout, &health.start_period];
    durations.into_iter().any(Option::is_some) || health.retries.is_some()
}

/// Docker's defaults (moby `daemon/health.go`), in milliseconds.
const DEFAULT_INTERVAL: (&str, u64) = ("30s", 30_000);
const DEFAULT_TIMEOUT: (&str, u64) = ("30s", 30_000);
const DEFAULT_START_PERIOD: (&str, u64) = ("0s", 0);
const DEFAULT_RETRIES: u32 = 3;

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(watch) = watch(build) else { return };
    let (said, want) = (watch.health, &plan.health);
    duration(&watch, "--interval", said.interval.as_ref(), want.interval.as_ref(), DEFAULT_INTERVAL, out);
    duration(&watch, "--timeout", said.timeout.as_ref(), want.timeout.as_ref(), DEFAULT_TIMEOUT, out);
    duration(
        &watch,
        "--start-period",
        said.start_period.as_ref(),
        want.start_period.as_ref(),
        DEFAULT_START_PERIOD,
        out,
    );
    if let Some(want) = &want.retries {
        // 0 means the default, as for the durations.
        let found = said.retries.filter(|retries| *retries != 0).unwrap_or(DEFAULT_RETRIES);
        if found != want.value {
            let written = said.retries.map(|retries| retries.to_string());
            report(&watch, "--retries", written.as_deref(), "3", &want.value.to_string(), out).planned(want);
        }
    }
}

fn duration(
    watch: &Watch<'_>,
    flag: &str,
    said: Option<&Duration>,
    want: Option<&Spanned<(SmolStr, u64)>>,
    (default, default_milliseconds): (&str, u64),
    out: &mut Findings,
) {
    let Some(want) = want else { return };
    let found = match said {
        None => default_milliseconds,
        Some(said) => match said.milliseconds {
            // Docker takes 0 for "not said".
            Some(0) => default_milliseconds,
            Some(found) => found,
            None => {
                let message = format!("cannot tell `{flag}`: `{}` is no plain duration", said.written);
                out.open(&watch.in_instruction(flag), message).subject(watch.label.clone());
                return;
            }
        },
    };
    if found != want.value.1 {
        let written = said.map(|said| said.written.as_str());
        report(watch, flag, written, default, &want.value.0, out).planned(want);
    }
}

fn report<'f>(
    watch: &Watch<'_>,
    flag: &str,
    written: Option<&str>,
    default: &str,
    want: &str,
    out: &'f mut Findings,
) -> &'f mut crate::finding::Finding {
    let finding = match written {
        Some(written) => {
            let word = format!("{flag}={written}");
            let at = watch.in_instruction(&word);
            let place = at.place().clone();
            let finding = out.add(&at, format!("`{word}`, planned `{want}`"));
            if watch.entry.is_some() && place.text() == word {
                finding.unsafe_fix(place, format!("{flag}={want}"));
            }
            finding
        }
        None => out.add(
            &watch.in_instruction("HEALTHCHECK"),
            format!("the health check has no `{flag}`, so Docker's `{default}` holds, planned `{want}`"),
        ),
    };
    finding.help(format!("write `{flag}={want}`")).subject(watch.label.clone())
}
