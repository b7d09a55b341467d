//! The timing that a compose service gives its health check. Probes of a pod follow counts of their own: the platform
//! starts, restarts and takes out of service by three of them.

use smol_str::SmolStr;

use super::{DEFAULT_INTERVAL, DEFAULT_RETRIES, DEFAULT_START_PERIOD, DEFAULT_TIMEOUT};
use crate::finding::Findings;
use crate::model::{Duration, Healthcheck, Spanned, Workload};
use crate::plan::{HealthPlan, Plan};
use crate::rules::deployed::{is_compose, is_ours};
use crate::source::Place;

/// One value: the key that says it, what is said and where, what holds otherwise, what the plan says.
struct Setting<'a> {
    key: &'static str,
    said: Option<(SmolStr, Option<u64>, Place)>,
    /// What the image says, which holds where the service says nothing.
    of_image: Option<(SmolStr, Option<u64>)>,
    default: (&'static str, u64),
    want: Option<&'a Spanned<(SmolStr, u64)>>,
}

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if !is_compose(workload) || !is_ours(workload, plan) {
        return;
    }
    service(workload, &plan.health, out);
}

/// Docker takes what the service leaves out from the image's health check (moby `daemon/commit.go`, `merge`).
fn service(workload: &Workload, want: &HealthPlan, out: &mut Findings) {
    let Some(said) = &workload.overlay().healthcheck else { return };
    let image = workload.image_container();
    let below = image.healthcheck();
    let of_image: Option<&Healthcheck> = below.known().copied().filter(|health| health.command.is_some());
    let is_off = said.value.command.is_none()
        && (of_image.is_none() || workload.tree.at(&["healthcheck", "disable"]).is_some());
    if is_off {
        return;
    }
    let health = &said.value;
    let duration = |key: &'static str,
                    own: &Option<Duration>,
                    below: Option<&Duration>,
                    default: (&'static str, u64),
                    want| {
        let place = place_of(workload, key).unwrap_or(&said.place);
        Setting {
            key,
            said: own.as_ref().map(|own| (own.written.clone(), own.milliseconds, place.clone())),
            of_image: below.map(|below| (below.written.clone(), below.milliseconds)),
            default,
            want,
        }
    };
    let settings = [
        duration(
            "interval",
            &health.interval,
            of_image.and_then(|health| health.interval.as_ref()),
            DEFAULT_INTERVAL,
            want.interval.as_ref(),
        ),
        duration(
            "timeout",
            &health.timeout,
            of_image.and_then(|health| health.timeout.as_ref()),
            DEFAULT_TIMEOUT,
            want.timeout.as_ref(),
        ),
        duration(
            "start_period",
            &health.start_period,
            of_image.and_then(|health| health.start_period.as_ref()),
            DEFAULT_START_PERIOD,
            want.start_period.as_ref(),
        ),
    ];
    let key = workload.tree.entry("healthcheck").map_or(&said.place, |entry| &entry.key.place);
    for setting in settings {
        judge(&setting, key, out);
    }
    let own = health.retries.map(|own| (own, place_of(workload, "retries").unwrap_or(&said.place)));
    let of_image = of_image.and_then(|health| health.retries);
    retries("retries", own, of_image, key, want, out);
}

fn place_of<'w>(workload: &'w Workload, key: &str) -> Option<&'w Place> {
    Some(&workload.tree.at(&["healthcheck", key])?.place)
}

/// `missing`: where a value that is not written is reported.
fn judge(setting: &Setting<'_>, missing: &Place, out: &mut Findings) {
    let Some(want) = setting.want else { return };
    let key = setting.key;
    let help = format!("write `{key}: {}`", want.value.0);
    match &setting.said {
        // 0 means "not said".
        Some((written, Some(found), place)) if *found != 0 => {
            if *found != want.value.1 {
                out.add(place, format!("`{key}` is `{written}`, planned `{}`", want.value.0))
                    .planned(want)
                    .help(help);
            }
        }
        Some((written, None, place)) => {
            out.open(place, format!("cannot tell `{key}`: `{written}` is no plain duration"));
        }
        _ => {
            // What the image says is its Dockerfile's.
            let of_image = setting.of_image.as_ref().is_some_and(|(_, found)| *found != Some(0));
            let (holds, found) = setting.default;
            if !of_image && !holds.is_empty() && found != want.value.1 {
                let message = format!(
                    "the health check has no `{key}`, so Docker's `{holds}` holds, planned `{}`",
                    want.value.0
                );
                out.add(missing, message).planned(want).help(help);
            }
        }
    }
}

fn retries(
    key: &str,
    own: Option<(u32, &Place)>,
    of_image: Option<u32>,
    missing: &Place,
    want: &HealthPlan,
    out: &mut Findings,
) {
    let Some(want) = &want.retries else { return };
    let help = format!("write `{key}: {}`", want.value);
    match own.filter(|(own, _)| *own != 0) {
        Some((own, place)) if own != want.value => {
            out.add(place, format!("`{key}` is `{own}`, planned `{}`", want.value)).planned(want).help(help);
        }
        None if of_image.is_none_or(|retries| retries == 0) && want.value != DEFAULT_RETRIES => {
            let message = format!(
                "the health check has no `{key}`, so Docker's `{DEFAULT_RETRIES}` holds, planned `{}`",
                want.value
            );
            out.add(missing, message).planned(want).help(help);
        }
        _ => {}
    }
}
