//! What `docker save` writes: `manifest.json` lists images, each with a config and layers by the names of members.
//!
//! Of old archives layers are `<id>/layer.tar`, some of them links to each other; of those since 25.0 they are blobs of an
//! OCI layout that lies in the same archive.

use std::io::Read;

use serde::Deserialize;
use smol_str::SmolStr;

use super::archive::Archive;
use super::files::{Files, read_whole, shown};
use super::layout::open_layer;
use super::scan::Index;
use super::select::{contradicts, platform_of};
use crate::image::error::ImageError;
use crate::image::name::Pick;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, Store, caps};
use crate::model::{ImageForm, LayerBlob, MediaKind};
use crate::syntax::digest::{Digest, is_hex};

/// Where members are that are named by their digest.
const BLOBS: &str = "blobs/sha256/";

/// An archive of this form.
pub(super) struct DockerArchive {
    pub(super) archive: Archive,
    pub(super) pick: Pick,
}

/// The members of an archive of this form, wherever it is.
pub(super) struct Members<'a> {
    pub(super) index: &'a Index,
    pub(super) files: &'a dyn Files,
    pub(super) form: ImageForm,
}

/// An image of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

impl Listed {
    fn tags(&self) -> impl Iterator<Item = &str> {
        self.repo_tags.iter().flatten().map(String::as_str)
    }

    /// How errors name it.
    fn name(&self) -> &str {
        self.tags().next().unwrap_or("one without a name")
    }
}

impl Members<'_> {
    /// The image that a name and the choice of platform select.
    ///
    /// # Errors
    /// When there is none, there are several, or manifest or config are wrong.
    pub(super) fn image(&self, pick: &Pick, platform: &PlatformChoice) -> Result<ImageParts, ImageError> {
        let (image, reference) = self.picked(pick)?;
        let (config, digest) = self.config(&image.config)?;
        if let PlatformChoice::One(wanted) = platform {
            let is = platform_of(&config);
            if contradicts(&is, wanted) {
                let message = format!("it is an image of {is} only, and {wanted} is asked for");
                return Err(ImageError::new(message));
            }
        }
        Ok(ImageParts {
            form: self.form,
            reference,
            manifest: None,
            media: MediaKind::Docker,
            platforms: None,
            config,
            config_digest: digest.text().clone(),
            layers: self.layers(image.layers.as_deref().unwrap_or_default())?,
        })
    }

    /// How many images there are.
    ///
    /// # Errors
    /// When `manifest.json` is not there, wrong, or goes beyond a cap.
    #[cfg_attr(not(feature = "registry"), allow(dead_code, reason = "only streams of an engine need it"))]
    pub(super) fn count(&self) -> Result<usize, ImageError> {
        self.listed().map(|all| all.len())
    }

    fn listed(&self) -> Result<Vec<Listed>, ImageError> {
        if !self.index.has("manifest.json") {
            return Err(ImageError::new("it is no archive of `docker save`: `manifest.json` is not in it")
                .help("An OCI layout as an archive is named oci-archive:FILE"));
        }
        let bytes = read_whole(self.files, "manifest.json", caps::MANIFEST)?;
        let all: Vec<Listed> = super::manifest::json(&bytes, "`manifest.json`")?;
        let count = all.len();
        if count == 0 || count > caps::INDEX_ENTRIES {
            let most = caps::INDEX_ENTRIES;
            let message = format!("`manifest.json` lists {count} images, and 1 to {most} are read");
            return Err(ImageError::new(message));
        }
        Ok(all)
    }

    /// The image that a name selects, and the tag that it was selected by.
    fn picked(&self, pick: &Pick) -> Result<(Listed, Option<SmolStr>), ImageError> {
        let all = self.listed()?;
        let known: Vec<&str> = all.iter().take(20).map(Listed::name).collect();
        let known = shown(&known.join(", "));
        let found: Vec<Listed> = match pick {
            Pick::Only => all,
            Pick::At(at) => all.into_iter().skip(*at).take(1).collect(),
            Pick::Tag(tag) => {
                let is_meant = |image: &Listed| image.tags().any(|other| whole(other) == whole(tag));
                all.into_iter().filter(is_meant).collect()
            }
        };
        let several = format!("it has {} images: {known}", found.len());
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(image), None) => {
                let meant = image.tags().find(|other| match pick {
                    Pick::Tag(tag) => whole(other) == whole(tag),
                    _ => true,
                });
                let meant = meant.map(SmolStr::new);
                Ok((image, meant))
            }
            (Some(_), Some(_)) => {
                Err(ImageError::new(several)
                    .help("Name one of them behind a colon, or the first one as `:@0`"))
            }
            (None, _) => Err(ImageError::new(format!("no image in it is {pick}; it has {known}"))),
        }
    }

    fn config(&self, name: &str) -> Result<(Vec<u8>, Digest), ImageError> {
        let name = plain(name, "Config")?;
        let bytes = read_whole(self.files, name, caps::CONFIG)?;
        let base = name.rsplit('/').next().unwrap_or(name);
        let said = base.strip_suffix(".json").unwrap_or(base);
        if said.len() == 64 && is_hex(said) {
            Digest::parse(&format!("sha256:{said}"))?.check(&format!("the config `{name}`"), &bytes)?;
        }
        let digest = Digest::of(&bytes);
        Ok((bytes, digest))
    }

    fn layers(&self, names: &[String]) -> Result<Vec<LayerBlob>, ImageError> {
        if names.len() > caps::LAYERS {
            let (count, most) = (names.len(), caps::LAYERS);
            let message = format!("`manifest.json` lists {count} layers, and at most {most} are read");
            return Err(ImageError::new(message));
        }
        names.iter().map(|name| self.layer_of(name)).collect()
    }

    fn layer_of(&self, name: &str) -> Result<LayerBlob, ImageError> {
        let member = self.index.resolve(plain(name, "Layers")?)?;
        let Some((_, size)) = self.index.find(&member)? else {
            return Err(ImageError::new(format!("the layer `{}` is not in it", shown(name))));
        };
        Ok(layer_at(&member, size))
    }
}

impl Store for DockerArchive {
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
        let files = &self.archive;
        let members = Members { index: files.index(), files, form: ImageForm::DockerArchive };
        Ok(vec![members.image(&self.pick, platform)?])
    }

    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
        match layer.address.strip_prefix("sha256:") {
            Some(hex) => open_layer(&self.archive, &format!("{BLOBS}{hex}"), layer),
            None => open_layer(&self.archive, &layer.address, layer),
        }
    }
}

/// The layer that a member is: named by its digest where the member is, else by the member.
pub(super) fn layer_at(member: &str, size: u64) -> LayerBlob {
    let digest = member.strip_prefix(BLOBS).and_then(|hex| Digest::parse(&format!("sha256:{hex}")).ok());
    let address = digest.map_or_else(|| SmolStr::new(member), |digest| digest.text().clone());
    LayerBlob { address, size, media_type: SmolStr::default() }
}

/// A name of a member, as `manifest.json` may say it: relative, and nowhere upwards.
fn plain<'a>(name: &'a str, key: &str) -> Result<&'a str, ImageError> {
    let mut plain = name;
    while let Some(rest) = plain.strip_prefix("./") {
        plain = rest;
    }
    let is_wrong = plain.split('/').any(|part| matches!(part, "" | "." | "..")) || plain.contains('\\');
    match is_wrong {
        true => {
            let message = format!("`{key}` in `manifest.json` names `{}`, no member's name", shown(name));
            Err(ImageError::new(message))
        }
        false => Ok(plain),
    }
}

/// A reference with what Docker leaves out: `docker.io/library/` before a name goes, `:latest` behind it comes.
pub(super) fn whole(reference: &str) -> String {
    let bare = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let bare = bare.strip_prefix("library/").unwrap_or(bare);
    let is_tagged = bare.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
    if is_tagged { bare.to_owned() } else { format!("{bare}:latest") }
}
