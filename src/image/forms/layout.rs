//! OCI layouts, as a folder or as an archive: `index.json` leads to blobs by digest (OCI image specification,
//! image-layout.md).

use std::io::Read;

use serde::Deserialize;
use smol_str::SmolStr;

use super::files::{Files, read_said, read_whole, shown};
use super::manifest::{self, Document, Entry};
use super::select::{self, Documents, Root};
use crate::image::bounded::phrase;
use crate::image::error::ImageError;
use crate::image::name::Pick;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, Store, caps};
use crate::model::{ImageForm, LayerBlob};
use crate::syntax::digest::Digest;

/// Bytes of the file `oci-layout` at most; it has 30.
const HEADER: u64 = 4096;

/// An OCI layout.
pub(super) struct Layout<F> {
    pub(super) files: F,
    pub(super) form: ImageForm,
    pub(super) pick: Pick,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    image_layout_version: String,
}

impl<F: Files> Layout<F> {
    fn check_header(&self) -> Result<(), ImageError> {
        if self.files.open("oci-layout")?.is_none() {
            let help = match self.form {
                ImageForm::OciArchive => "What `docker save` writes is named docker-archive:FILE",
                _ => "A folder with manifest.json and blobs is named dir:DIR",
            };
            return Err(ImageError::new("it is no OCI layout: `oci-layout` is not in it").help(help));
        }
        let bytes = read_whole(&self.files, "oci-layout", HEADER)?;
        let Header { image_layout_version } = manifest::json(&bytes, "`oci-layout`")?;
        match image_layout_version.starts_with("1.") {
            true => Ok(()),
            false => {
                let version = shown(&image_layout_version);
                Err(ImageError::new(format!("it is an OCI layout of version {version}, and only 1 is known")))
            }
        }
    }

    /// The entries of `index.json` that the name selects: those of one image.
    fn entries(&self) -> Result<Vec<Entry>, ImageError> {
        let bytes = read_whole(&self.files, "index.json", caps::MANIFEST)?;
        let Document::Index(mut all) = manifest::parse(&bytes, "", "`index.json`")? else {
            return Err(ImageError::new("`index.json` is a manifest, no index"));
        };
        all.retain(|entry| !entry.is_attestation);
        match &self.pick {
            Pick::At(at) => {
                let count = all.len();
                let picked = all.into_iter().nth(*at).map(|entry| vec![entry]);
                picked
                    .ok_or_else(|| ImageError::new(format!("it has no image @{at}, but {count} from @0 on")))
            }
            Pick::Tag(tag) => tagged(all, tag),
            Pick::Only => only(all),
        }
    }
}

/// The entries that go by a name: the exact one, or a tag of the whole reference.
fn tagged(all: Vec<Entry>, tag: &str) -> Result<Vec<Entry>, ImageError> {
    let is_named = |entry: &Entry| {
        let names = [&entry.ref_name, &entry.image_name];
        names.into_iter().flatten().any(|name| name == tag)
    };
    let ends_so = |entry: &Entry| {
        let whole = entry.image_name.as_deref().or(entry.ref_name.as_deref());
        whole.and_then(|name| name.strip_suffix(tag)).is_some_and(|rest| rest.ends_with([':', '/']))
    };
    let known = listed(&all);
    let exact = all.iter().any(is_named);
    let found: Vec<Entry> =
        all.into_iter().filter(|entry| if exact { is_named(entry) } else { ends_so(entry) }).collect();
    match found.is_empty() {
        true => Err(ImageError::new(format!("no image in it is named `{}`; it has {known}", shown(tag)))),
        false => only(found),
    }
}

/// Entries as those of one image: they share a name, or have none and tell their platforms apart themselves.
fn only(all: Vec<Entry>) -> Result<Vec<Entry>, ImageError> {
    let is_alike = |entry: &Entry| all.first().is_some_and(|first| name_of(first) == name_of(entry));
    let is_told = all.iter().enumerate().all(|(at, entry)| {
        entry.platform.is_some() && all[..at].iter().all(|other| other.platform != entry.platform)
    });
    if all.len() < 2 || (all.iter().all(is_alike) && is_told) {
        return Ok(all);
    }
    let message = format!("it has {} images: {}", all.len(), listed(&all));
    Err(ImageError::new(message).help("Name one of them behind a colon, or the first one as `:@0`"))
}

fn name_of(entry: &Entry) -> Option<&SmolStr> {
    entry.image_name.as_ref().or(entry.ref_name.as_ref())
}

/// Names of entries as errors list them.
fn listed(all: &[Entry]) -> String {
    let names: Vec<&str> = all
        .iter()
        .take(20)
        .map(|entry| name_of(entry).map_or("one without a name", SmolStr::as_str))
        .collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => shown(&names.join(", ")),
    }
}

/// The reference that an entry's names say. A lone version number is a tag without a repository: it says none.
fn reference(entry: &Entry) -> Option<SmolStr> {
    let is_tag = |name: &SmolStr| {
        let bare = name.strip_prefix('v').unwrap_or(name);
        !name.contains(['/', ':']) && (name == "latest" || bare.starts_with(|c: char| c.is_ascii_digit()))
    };
    name_of(entry).filter(|name| !is_tag(name)).cloned()
}

impl<F: Files> Documents for Layout<F> {
    fn manifest(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError> {
        read_said(&self.files, &digest.path(), size)
    }

    fn config(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError> {
        read_said(&self.files, &digest.path(), size)
    }
}

impl<F: Files> Store for Layout<F> {
    fn images(&self, platform: &PlatformChoice) -> Result<Vec<ImageParts>, ImageError> {
        self.check_header()?;
        let entries = self.entries()?;
        let reference = entries.first().and_then(reference);
        select::images(self, Root::Entries(entries), self.form, reference.as_ref(), platform)
    }

    fn layer(&self, layer: &LayerBlob) -> Result<Box<dyn Read + '_>, ImageError> {
        let digest = Digest::parse(&layer.address)?;
        open_layer(&self.files, &digest.path(), layer)
    }
}

/// Opens a layer whose descriptor says its size.
pub(super) fn open_layer<'a>(
    files: &'a dyn Files,
    name: &str,
    layer: &LayerBlob,
) -> Result<Box<dyn Read + 'a>, ImageError> {
    let address = shown(&layer.address);
    let opened = files.open(name)?;
    let opened = opened.ok_or_else(|| ImageError::new(format!("the layer {address} is not in it")))?;
    match opened.size == layer.size {
        true => Ok(opened.bytes),
        false => {
            let (is, said) = (opened.size, layer.size);
            Err(ImageError::new(format!("the layer {address} has {is} bytes, and {said} are said of it")))
        }
    }
}

/// What opening or scanning ran into, as an error about the whole form.
pub(super) fn unreadable(error: &std::io::Error) -> ImageError {
    ImageError::new(format!("it cannot be read: {}", phrase(error)))
}
