//! The timing that a compose service gives its health check, and the probes of a pod.

use smol_str::SmolStr;

use super::{DEFAULT_INTERVAL, DEFAULT_RETRIES, DEFAULT_START_PERIOD, DEFAULT_TIMEOUT};
use crate::finding::Findings;
use crate::model::{Duration, Healthcheck, PodProbe, ProbeKind, Spanned, Workload};
use crate::plan::{HealthPlan, Plan};
use crate::rules::deployed::{is_compose, is_ours, serves};
use crate::source::Place;

/// One value: the key that says it, what is said and where, what holds otherwise, what the plan says.
struct Setting<'a> {
    key: &'static str,
    said: Option<(SmolStr, Option<u64>, Place)>,
    /// What the image says, which holds where the service says nothing.
    of_image: Option<(SmolStr, Option<u64>)>,
    default: (&'static str, u64),
    /// Whose default it is.
    whose: &'static str,
    want: Option<&'a Spanned<(SmolStr, u64)>>,
}

pub(super) fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if !is_ours(workload, plan) {
        return;
    }
    match is_compose(workload) {
        true => service(workload, &plan.health, out),
        false => pod(workload, &plan.health, out),
    }
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
            whose: "Docker's",
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
    retries("retries", own, of_image, "Docker's", key, want, out);
}

fn place_of<'w>(workload: &'w Workload, key: &str) -> Option<&'w Place> {
    Some(&workload.tree.at(&["healthcheck", key])?.place)
}

/// The probe that restarts the container, or else the one that takes it out of service.
fn pod(workload: &Workload, want: &HealthPlan, out: &mut Findings) {
    let find = |kind: ProbeKind| workload.probes.iter().find(|probe| probe.value.kind == kind);
    let Some(probe) = find(ProbeKind::Liveness)
        .or_else(|| find(ProbeKind::Readiness))
        .filter(|_| serves(workload) && workload.service.is_some())
    else {
        return;
    };
    let PodProbe { initial_delay, period, timeout, failure_threshold, .. } = &probe.value;
    let setting = |key, own: &Option<Spanned<Duration>>, default, want| Setting {
        key,
        said: own
            .as_ref()
            .map(|own| (own.value.written.clone(), own.value.milliseconds, own.place.clone())),
        of_image: None,
        default,
        whose: "Kubernetes'",
        want,
    };
    // A startup probe does what the delay is for.
    let start = want.start_period.as_ref().filter(|_| find(ProbeKind::Startup).is_none());
    for setting in [
        setting("periodSeconds", period, ("10s", 10_000), want.interval.as_ref()),
        setting("timeoutSeconds", timeout, ("1s", 1_000), want.timeout.as_ref()),
        setting("initialDelaySeconds", initial_delay, ("0s", 0), start),
    ] {
        judge(&setting, &probe.place, out);
    }
    let own = failure_threshold.as_ref().map(|own| (own.value, &own.place));
    retries("failureThreshold", own, None, "Kubernetes'", &probe.place, want, out);
}

/// `missing`: where a value that is not written is reported.
fn judge(setting: &Setting<'_>, missing: &Place, out: &mut Findings) {
    let Some(want) = setting.want else { return };
    let key = setting.key;
    let help = format!("write `{key}: {}`", in_seconds(key, &want.value));
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
            let (whose, holds, found) = match &setting.of_image {
                Some((written, found)) if *found != Some(0) => ("the image", written.as_str(), *found),
                _ => (setting.whose, setting.default.0, Some(setting.default.1)),
            };
            // What the image says wrong is its Dockerfile's finding.
            if whose != "the image" && found.is_some_and(|found| found != want.value.1) {
                let message = format!(
                    "the health check has no `{key}`, so {whose} `{holds}` holds, planned `{}`",
                    want.value.0
                );
                out.add(missing, message).planned(want).help(help);
            }
        }
    }
}

/// Kubernetes counts seconds.
fn in_seconds(key: &str, (written, milliseconds): &(SmolStr, u64)) -> String {
    match key.ends_with("Seconds") {
        true => milliseconds.div_ceil(1000).to_string(),
        false => written.to_string(),
    }
}

fn retries(
    key: &str,
    own: Option<(u32, &Place)>,
    of_image: Option<u32>,
    whose: &str,
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
                "the health check has no `{key}`, so {whose} `{DEFAULT_RETRIES}` holds, planned `{}`",
                want.value
            );
            out.add(missing, message).planned(want).help(help);
        }
        _ => {}
    }
}
