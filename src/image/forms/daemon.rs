//! Images of a local Docker Engine.
//!
//! The API gives layers only as part of an archive of the whole image, as `docker save` writes it: its one pass gives
//! everything. Without layers what the API says of the image is written as the config that the engine keeps.

use std::cell::RefCell;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use smol_str::SmolStr;

use self::saved::Saved;
use super::docker_archive::whole;
use super::files::shown;
use crate::engine::{Engine, EngineError, Times};
use crate::image::error::ImageError;
use crate::image::layers::LayerFacts;
use crate::image::options::{LayerChoice, PlatformChoice, ReadOptions};
use crate::image::parts::{ImageParts, Store};
use crate::model::{ImageForm, LayerBlob, MediaKind, Platform};

mod saved;

/// How long an engine may take when nobody says.
const TIMES: Times = Times { timeout: Duration::from_secs(30), deadline: Duration::from_secs(300) };

/// An image of an engine.
pub(super) struct DaemonImage<'a> {
    engine: Engine,
    reference: SmolStr,
    reads_layers: bool,
    wanted: &'a [SmolStr],
    /// What the engine sent, when it was asked for everything.
    saved: RefCell<Option<Saved>>,
}

impl<'a> DaemonImage<'a> {
    /// Nothing is asked yet.
    pub(super) fn open(reference: &str, options: &'a ReadOptions<'_>) -> Result<Self, ImageError> {
        let times = options.registry.map_or(TIMES, |client| Times {
            timeout: client.options().timeout,
            deadline: client.rest().unwrap_or_default(),
        });
        Ok(Self {
            engine: Engine::from_environment(times)?,
            reference: reference.into(),
            reads_layers: options.layers != LayerChoice::Never,
            wanted: options.wanted,
            saved: RefCell::default(),
        })
    }

    /// The image with its layers. It is asked for by a name of its own, so that a name without a tag means one image.
    fn saved(&self, inspected: &Value, platform: &PlatformChoice) -> Result<ImageParts, ImageError> {
        let names = inspected["RepoTags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut names = names.iter().filter_map(Value::as_str);
        let own = names.find(|name| whole(name) == whole(&self.reference)).unwrap_or(&self.reference);
        let saved = Saved::read(self.engine.archive(own)?, self.wanted)?;
        let mut parts = saved.image(own, platform)?;
        parts.reference = Some(self.reference.clone());
        *self.saved.borrow_mut() = Some(saved);
        Ok(parts)
    }

    /// The image without its layers.
    fn inspected(&self, inspected: &Value) -> Result<ImageParts, ImageError> {
        let steps = self.engine.history(&self.reference)?;
        let layers = layers(inspected, &steps);
        Ok(ImageParts {
            form: ImageForm::DockerDaemon,
            reference: Some(self.reference.clone()),
            manifest: None,
            media: MediaKind::Docker,
            platforms: None,
            config: config(inspected, &steps, &layers).to_string().into_bytes(),
            config_digest: inspected["Id"].as_str().unwrap_or_default().into(),
            layers,
        })
    }
}

impl From<EngineError> for ImageError {
    fn from(error: EngineError) -> Self {
        Self { message: error.message, help: error.help }
    }
}

impl Store for DaemonImage<'_> {
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
        let inspected = self.engine.image(&self.reference)?;
        let text = |key: &str| inspected[key].as_str().unwrap_or_default();
        if let PlatformChoice::One(wanted) = platform {
            let (os, architecture, variant) = (text("Os"), text("Architecture"), text("Variant"));
            let is = Platform { os: os.into(), architecture: architecture.into(), variant: variant.into() };
            if !is.is(wanted) {
                let message = format!("it is an image of {is} only, and {wanted} is asked for");
                return Err(ImageError::new(message));
            }
        }
        let parts = match self.reads_layers {
            true => self.saved(&inspected, platform)?,
            false => self.inspected(&inspected)?,
        };
        Ok(vec![parts])
    }

    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
        Err(ImageError::new(format!("what the engine sends as the layer {} is none", shown(&layer.address))))
    }

    fn facts(&self, layer: &LayerBlob) -> Option<Arc<LayerFacts>> {
        self.saved.borrow().as_ref().and_then(|saved| saved.layer(&layer.address))
    }
}

/// The layers with their sizes; the engine keeps them unpacked. Where the history does not tell them, the size of the whole
/// image is that of the lowest.
fn layers(inspected: &Value, steps: &[Value]) -> Vec<LayerBlob> {
    let ids = inspected["RootFS"]["Layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sizes: Vec<u64> = match makers(steps, ids.len()) {
        Some(makers) => {
            steps.iter().zip(makers).filter(|(_, makes)| *makes).map(|(step, _)| size(step)).collect()
        }
        None => std::iter::once(inspected["Size"].as_u64().unwrap_or(0))
            .chain(std::iter::repeat(0))
            .take(ids.len())
            .collect(),
    };
    let layer = |(id, size): (&Value, u64)| LayerBlob {
        address: id.as_str().unwrap_or_default().into(),
        size,
        media_type: SmolStr::default(),
    };
    ids.iter().zip(sizes).map(layer).collect()
}

fn size(step: &Value) -> u64 {
    step["Size"].as_u64().unwrap_or(0)
}

/// Which steps made a layer; `None`: nobody can tell. The API does not say. Those with a size did; of the others those that
/// could make an empty one, until there are as many as layers.
fn makers(steps: &[Value], layers: usize) -> Option<Vec<bool>> {
    let mut makes: Vec<bool> = steps.iter().map(|step| size(step) > 0).collect();
    let known = makes.iter().filter(|makes| **makes).count();
    let mut missing = layers.checked_sub(known)?;
    for likely in [Likely::Yes, Likely::Perhaps] {
        for (step, makes) in steps.iter().zip(&mut makes) {
            if missing > 0 && !*makes && self::likely(step) == likely {
                *makes = true;
                missing -= 1;
            }
        }
    }
    (missing == 0).then_some(makes)
}

/// Whether a step without a size may have made a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likely {
    /// It changes files.
    Yes,
    /// It may make a folder.
    Perhaps,
    /// It only says something.
    No,
}

fn likely(step: &Value) -> Likely {
    let said = step["CreatedBy"].as_str().unwrap_or_default();
    let said = said.strip_prefix("/bin/sh -c").unwrap_or(said).trim_start();
    let said = said.strip_prefix("#(nop)").unwrap_or(said).trim_start();
    match said.split_whitespace().next().unwrap_or_default() {
        "WORKDIR" => Likely::Perhaps,
        "" | "CMD" | "ENTRYPOINT" | "ENV" | "EXPOSE" | "LABEL" | "USER" | "VOLUME" | "ARG"
        | "HEALTHCHECK" | "STOPSIGNAL" | "SHELL" | "ONBUILD" | "MAINTAINER" => Likely::No,
        _ => Likely::Yes,
    }
}

/// The config as images have it (OCI image specification, config.md), from the names of Docker's API.
fn config(inspected: &Value, steps: &[Value], layers: &[LayerBlob]) -> Value {
    let mut config = Map::new();
    for (key, name) in [
        ("architecture", "Architecture"),
        ("variant", "Variant"),
        ("os", "Os"),
        ("os.version", "OsVersion"),
        ("created", "Created"),
        ("author", "Author"),
        ("config", "Config"),
    ] {
        match &inspected[name] {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            value => drop(config.insert(key.to_owned(), value.clone())),
        }
    }
    let ids: Vec<&str> = layers.iter().map(|layer| layer.address.as_str()).collect();
    config.insert("rootfs".to_owned(), json!({"type": "layers", "diff_ids": ids}));
    // A history that does not fit the layers would look like damage, and says nothing of them.
    if let Some(makers) = makers(steps, layers.len()) {
        let history: Vec<Value> =
            steps.iter().zip(makers).map(|(step, makes)| history_step(step, makes)).collect();
        config.insert("history".to_owned(), Value::Array(history));
    }
    Value::Object(config)
}

fn history_step(step: &Value, makes_layer: bool) -> Value {
    let mut said = Map::new();
    if let Some(seconds) = step["Created"].as_i64() {
        said.insert("created".to_owned(), rfc3339(seconds).into());
    }
    for (key, name) in [("created_by", "CreatedBy"), ("comment", "Comment")] {
        if let Some(text) = step[name].as_str().filter(|text| !text.is_empty()) {
            said.insert(key.to_owned(), text.into());
        }
    }
    if !makes_layer {
        said.insert("empty_layer".to_owned(), true.into());
    }
    Value::Object(said)
}

/// Seconds since 1970 as RFC 3339 text, in the proleptic Gregorian calendar; years beyond 9999 are cut off.
fn rfc3339(seconds: i64) -> String {
    let seconds = seconds.clamp(-62_135_596_800, 253_402_300_799);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days from the first of March of year 0: leap days come last in their year then.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month, carry) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1, i64::from(month >= 10));
    let year = era * 400 + year + carry;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{config, layers, rfc3339};

    #[test]
    fn seconds_are_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_754_956_800, "2025-08-12T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
            (i64::MIN, "0001-01-01T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }

    #[test]
    fn steps_with_a_size_made_the_layers() {
        let inspected = json!({
            "Id": "sha256:x", "Architecture": "arm64", "Variant": "v8", "Os": "linux", "Author": "",
            "Config": {"User": "10001"}, "RootFS": {"Type": "layers", "Layers": ["sha256:a", "sha256:b"]}, "Size": 30,
        });
        let step = |by: &str, size: u64| json!({"Created": 0, "CreatedBy": by, "Size": size, "Comment": ""});
        let steps = [step("ADD", 10), step("ENV", 0), step("COPY", 20)];
        let found = layers(&inspected, &steps);
        assert_eq!(found.iter().map(|layer| layer.size).collect::<Vec<_>>(), [10, 20]);
        let made = config(&inspected, &steps, &found);
        assert_eq!(made["rootfs"]["diff_ids"], json!(["sha256:a", "sha256:b"]));
        assert_eq!((&made["config"]["User"], &made["variant"]), (&json!("10001"), &json!("v8")));
        assert_eq!(made.get("author"), None);
        assert_eq!(
            made["history"][1],
            json!({"created": "1970-01-01T00:00:00Z", "created_by": "ENV", "empty_layer": true})
        );
        // A layer without a size was made by a step that could make one.
        let empty = |steps: &[serde_json::Value]| -> Vec<bool> {
            let made = config(&inspected, steps, &layers(&inspected, steps));
            let steps = made["history"].as_array().map(Vec::as_slice).unwrap_or_default();
            steps.iter().map(|step| step["empty_layer"] == true).collect()
        };
        let nop = |by: &str| step(&format!("/bin/sh -c #(nop) {by}"), 0);
        assert_eq!(empty(&[step("ADD", 10), nop("WORKDIR /x"), nop("CMD x")]), [false, false, true]);
        assert_eq!(
            empty(&[nop("WORKDIR /x"), nop("COPY a b"), step("/bin/sh -c x", 3)]),
            [true, false, false]
        );
        // Nobody can tell: then nothing is said, and the size is that of the whole.
        let steps = [step("ADD", 10), nop("USER x")];
        assert_eq!(empty(&steps), [false; 0]);
        assert_eq!(layers(&inspected, &steps).iter().map(|layer| layer.size).collect::<Vec<_>>(), [30, 0]);
        assert_eq!(empty(&[step("A", 1), step("B", 1), step("C", 1)]), [false; 0]);
    }
}
