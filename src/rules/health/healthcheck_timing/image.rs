//! The timing in the config of a built image: nanoseconds, and 0 or nothing for Docker's defaults.

use super::{DEFAULT_INTERVAL, DEFAULT_RETRIES, DEFAULT_START_PERIOD, DEFAULT_TIMEOUT};
use crate::finding::Findings;
use crate::model::{BuiltImage, Duration, Spanned};
use crate::plan::Plan;
use crate::rules::health::watch::watch_image;
use crate::source::Place;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(watch) = watch_image(image) else { return };
    let (said, want) = (watch.health, &plan.health);
    let fields = [
        ("Interval", "--interval", &said.interval, &want.interval, DEFAULT_INTERVAL),
        ("Timeout", "--timeout", &said.timeout, &want.timeout, DEFAULT_TIMEOUT),
        ("StartPeriod", "--start-period", &said.start_period, &want.start_period, DEFAULT_START_PERIOD),
    ];
    let missing = watch.origin.place();
    for (field, flag, said, want, default) in fields {
        let Some(want) = want else { continue };
        let Setting { shown, milliseconds: found } = match setting(said.as_ref(), default) {
            Ok(setting) => setting,
            Err(written) => {
                let place = place_of(image, field).unwrap_or(missing);
                out.open(place, format!("cannot tell `{field}`: `{written}` is no plain duration"));
                continue;
            }
        };
        if found != want.value.1 {
            let told = Told { field, flag, shown, default: default.0, want: &want.value.0, missing };
            told.report(image, want, out);
        }
    }
    if let Some(want) = &want.retries {
        let own = said.retries.filter(|retries| *retries != 0);
        if own.unwrap_or(DEFAULT_RETRIES) != want.value {
            let (shown, wanted) = (own.map(|own| own.to_string()), want.value.to_string());
            let told =
                Told { field: "Retries", flag: "--retries", shown, default: "3", want: &wanted, missing };
            told.report(image, want, out);
        }
    }
}

/// What holds for one field.
struct Setting {
    /// As it is said; `None`: it is not.
    shown: Option<String>,
    milliseconds: u64,
}

/// 0 means "not said". `Err`: a text that is no duration.
fn setting<'a>(said: Option<&'a Duration>, (_, default): (&str, u64)) -> Result<Setting, &'a str> {
    match said.map(|said| (said, said.milliseconds)) {
        None | Some((_, Some(0))) => Ok(Setting { shown: None, milliseconds: default }),
        Some((said, Some(found))) => Ok(Setting { shown: Some(said.written.to_string()), milliseconds: found }),
        Some((said, None)) => Err(said.written.as_str()),
    }
}

fn place_of<'i>(image: &'i BuiltImage, field: &str) -> Option<&'i Place> {
    Some(&image.tree.at(&["image", "config", "Healthcheck", field])?.place)
}

/// A field that is not as planned.
struct Told<'a> {
    field: &'static str,
    flag: &'static str,
    shown: Option<String>,
    default: &'static str,
    want: &'a str,
    missing: &'a Place,
}

impl Told<'_> {
    fn report<T>(&self, image: &BuiltImage, planned: &Spanned<T>, out: &mut Findings) {
        let (field, want) = (self.field, self.want);
        let finding = match &self.shown {
            Some(shown) => {
                let place = place_of(image, field).unwrap_or(self.missing);
                out.add(place, format!("`{field}` is `{shown}`, planned `{want}`"))
            }
            None => {
                let default = self.default;
                let message = format!(
                    "the health check has no `{field}`, so Docker's `{default}` holds, planned `{want}`"
                );
                out.add(self.missing, message)
            }
        };
        finding.planned(planned).help(format!("write `{}={want}`", self.flag));
    }
}
