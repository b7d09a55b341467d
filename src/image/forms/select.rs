//! From an index or a manifest to images: platforms are chosen, and every document is verified by the digest that names it.

use std::cell::Cell;
use std::collections::VecDeque;

use serde::Deserialize;
use smol_str::SmolStr;

use super::files::shown;
use super::manifest::{self, Document, Entry, Manifest};
use crate::image::error::ImageError;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, ManifestBytes, caps};
use crate::model::{ImageForm, Platform};
use crate::syntax::digest::Digest;

/// Bytes of all manifests and configs of one name together: `--platform all` keeps them in memory.
const DOCUMENTS: u64 = 32 << 20;

/// Where documents are found by digest. Nothing that it gives is trusted: sizes and digests are compared here.
pub(crate) trait Documents {
    /// The bytes of a manifest or an index; `size` is never above [`caps::MANIFEST`].
    ///
    /// # Errors
    /// When it is not there, or is larger than `size`.
    fn manifest(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError>;

    /// The bytes of a config; `size` is never above [`caps::CONFIG`].
    ///
    /// # Errors
    /// When it is not there, or is larger than `size`.
    fn config(&self, digest: &Digest, size: u64) -> Result<Vec<u8>, ImageError>;
}

/// What the search begins with.
#[derive(Debug)]
pub(crate) enum Root {
    /// Entries of an OCI layout's `index.json`, those of one image.
    Entries(Vec<Entry>),
    /// A manifest or an index whose digest was compared.
    Document {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Its digest.
        digest: Digest,
        /// Its media type as a registry's answer says; may be empty.
        media_type: SmolStr,
    },
}

/// Finds the images that the choice of platform selects; never an empty list.
///
/// # Errors
/// When there is none, or anything on the way to them is damaged, too deep or too large.
pub(crate) fn images(
    documents: &dyn Documents,
    root: Root,
    form: ImageForm,
    reference: Option<&SmolStr>,
    choice: &PlatformChoice,
) -> Result<Vec<ImageParts>, ImageError> {
    let reader = Reader { documents, left: Cell::new(DOCUMENTS) };
    let (mut leaves, is_index) = reader.leaves(root)?;
    if leaves.is_empty() {
        return Err(ImageError::new("its index names no image"));
    }
    if !is_index {
        // A layout's index.json may say the platform of its only image; what counts is the config.
        leaves.truncate(1);
        leaves.iter_mut().for_each(|leaf| leaf.platform = None);
    }
    for leaf in leaves.iter_mut().filter(|leaf| leaf.platform.is_none()) {
        reader.load(leaf)?;
        leaf.platform = leaf.loaded.as_ref().map(|loaded| platform_of(&loaded.config));
    }
    let platforms: Vec<Platform> = leaves.iter().filter_map(|leaf| leaf.platform.clone()).collect();
    let chosen = match is_index {
        true => chosen(&platforms, choice)?,
        false => only(&platforms, choice)?,
    };
    let mut found = Vec::with_capacity(chosen.len());
    for (_, mut leaf) in leaves.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)) {
        reader.load(&mut leaf)?;
        let Some(Loaded { bytes, manifest, config }) = leaf.loaded else { continue };
        let Manifest { media, media_type, config: config_digest, layers, .. } = manifest;
        found.push(ImageParts {
            form,
            reference: reference.cloned(),
            manifest: Some(ManifestBytes { bytes, digest: leaf.digest.text().clone(), media_type }),
            media,
            platforms: is_index.then(|| platforms.clone()),
            config,
            config_digest: config_digest.text().clone(),
            layers,
        });
    }
    Ok(found)
}

/// A manifest of one platform, read as far as it was needed.
struct Leaf {
    digest: Digest,
    size: u64,
    media_type: SmolStr,
    platform: Option<Platform>,
    /// The manifest, when it had to be read to learn that it is one.
    document: Option<(Vec<u8>, Manifest)>,
    loaded: Option<Loaded>,
}

struct Loaded {
    bytes: Vec<u8>,
    manifest: Manifest,
    config: Vec<u8>,
}

impl Leaf {
    fn of(entry: Entry, document: Option<(Vec<u8>, Manifest)>) -> Self {
        let Entry { digest, size, media_type, platform, .. } = entry;
        Self { digest, size, media_type, platform, document, loaded: None }
    }
}

struct Reader<'a> {
    documents: &'a dyn Documents,
    /// Bytes that may still be read.
    left: Cell<u64>,
}

impl Reader<'_> {
    /// The manifests below the root in order, attestations left out; and whether they are those of an index.
    fn leaves(&self, root: Root) -> Result<(Vec<Leaf>, bool), ImageError> {
        let (entries, mut is_index) = match root {
            Root::Entries(entries) => (entries, false),
            Root::Document { bytes, digest, media_type } => {
                let what = format!("the manifest {}", digest.text());
                match manifest::parse(&bytes, &media_type, &what)? {
                    Document::Index(entries) => (entries, true),
                    Document::Manifest(manifest) => {
                        let size = bytes.len() as u64;
                        let document = Some((bytes, manifest));
                        let (platform, loaded) = (None, None);
                        return Ok((
                            vec![Leaf { digest, size, media_type, platform, document, loaded }],
                            false,
                        ));
                    }
                }
            }
        };
        let mut leaves = Vec::new();
        let mut seen = entries.len();
        let mut queue: VecDeque<(Entry, usize)> = entries.into_iter().map(|entry| (entry, 1)).collect();
        while let Some((entry, depth)) = queue.pop_front() {
            if entry.is_attestation {
                continue;
            }
            let below = match manifest::is_index(&entry.media_type) {
                Some(false) => None,
                _ => Some(self.manifest(&entry.digest, entry.size, &entry.media_type)?),
            };
            match below {
                None => leaves.push(Leaf::of(entry, None)),
                Some((bytes, Document::Manifest(manifest))) => {
                    leaves.push(Leaf::of(entry, Some((bytes, manifest))));
                }
                Some((_, Document::Index(inner))) => {
                    is_index = true;
                    seen += inner.len();
                    within(seen, depth)?;
                    inner.into_iter().rev().for_each(|entry| queue.push_front((entry, depth + 1)));
                }
            }
        }
        is_index |= leaves.len() > 1;
        Ok((leaves, is_index))
    }

    /// Reads manifest and config of a leaf, unless they were.
    fn load(&self, leaf: &mut Leaf) -> Result<(), ImageError> {
        if leaf.loaded.is_some() {
            return Ok(());
        }
        let (bytes, manifest) = match leaf.document.take() {
            Some(document) => document,
            None => match self.manifest(&leaf.digest, leaf.size, &leaf.media_type)? {
                (bytes, Document::Manifest(manifest)) => (bytes, manifest),
                (_, Document::Index(_)) => {
                    let message = format!("{} is named as a manifest, and is an index", leaf.digest.text());
                    return Err(ImageError::new(message));
                }
            },
        };
        let (digest, size) = (&manifest.config, manifest.config_size);
        let what = format!("the config {}", digest.text());
        self.allow(&what, size, caps::CONFIG)?;
        let config = self.documents.config(digest, size)?;
        verified(&what, digest, size, &config)?;
        leaf.loaded = Some(Loaded { bytes, manifest, config });
        Ok(())
    }

    fn manifest(&self, digest: &Digest, size: u64, said: &str) -> Result<(Vec<u8>, Document), ImageError> {
        let what = format!("the manifest {}", digest.text());
        self.allow(&what, size, caps::MANIFEST)?;
        let bytes = self.documents.manifest(digest, size)?;
        verified(&what, digest, size, &bytes)?;
        let document = manifest::parse(&bytes, said, &what)?;
        Ok((bytes, document))
    }

    /// Whether so many bytes more may be read.
    fn allow(&self, what: &str, size: u64, cap: u64) -> Result<(), ImageError> {
        if size > cap {
            return Err(ImageError::new(format!("{what} has {size} bytes, and at most {cap} are read")));
        }
        let Some(left) = self.left.get().checked_sub(size) else {
            let message =
                format!("manifests and configs of its index have more than {DOCUMENTS} bytes together");
            return Err(ImageError::new(message).help("Name one platform with --platform"));
        };
        self.left.set(left);
        Ok(())
    }
}

/// Whether an index inside another may be read.
fn within(entries: usize, depth: usize) -> Result<(), ImageError> {
    let (most, deepest) = (caps::INDEX_ENTRIES, caps::INDEX_DEPTH);
    if depth >= deepest {
        return Err(ImageError::new(format!("its indexes lie more than {deepest} deep inside each other")));
    }
    match entries > most {
        true => Err(ImageError::new(format!("its indexes have more than {most} entries together"))),
        false => Ok(()),
    }
}

fn verified(what: &str, digest: &Digest, size: u64, bytes: &[u8]) -> Result<(), ImageError> {
    let found = bytes.len() as u64;
    match found == size {
        true => Ok(digest.check(what, bytes)?),
        false => Err(ImageError::new(format!("{what} has {found} bytes, and {size} are said of it"))),
    }
}

/// The entries of an index that the choice selects, as indexes into its platforms.
fn chosen(platforms: &[Platform], choice: &PlatformChoice) -> Result<Vec<usize>, ImageError> {
    let first = |wanted: &Platform| platforms.iter().position(|platform| platform.is(wanted));
    match choice {
        PlatformChoice::All => Ok((0..platforms.len()).collect()),
        PlatformChoice::Default => {
            let linux = |architecture| Platform::parse(&format!("linux/{architecture}"));
            let at = first(&linux(here())).or_else(|| first(&linux("amd64"))).unwrap_or(0);
            Ok(vec![at])
        }
        PlatformChoice::One(wanted) => first(wanted).map(|at| vec![at]).ok_or_else(|| {
            let there: Vec<String> = platforms.iter().take(20).map(Platform::to_string).collect();
            ImageError::new(format!("its index has no {wanted}; it has {}", shown(&there.join(", "))))
        }),
    }
}

/// A manifest that nothing was to be chosen from: its own platform must not contradict.
fn only(platforms: &[Platform], choice: &PlatformChoice) -> Result<Vec<usize>, ImageError> {
    match (choice, platforms.first()) {
        (PlatformChoice::One(wanted), Some(is)) if contradicts(is, wanted) => {
            Err(ImageError::new(format!("it is an image of {is} only, and {wanted} is asked for")))
        }
        _ => Ok(vec![0]),
    }
}

/// Whether two platforms differ in something that both say.
pub(super) fn contradicts(is: &Platform, wanted: &Platform) -> bool {
    !is.os.is_empty() && !is.architecture.is_empty() && !is.is(wanted)
}

/// Go's name of the processor that this program runs on.
fn here() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        "loongarch64" => "loong64",
        other => other,
    }
}

/// The platform of a config; empty parts where it says none that can be read, which is for others to complain about.
pub(crate) fn platform_of(config: &[u8]) -> Platform {
    #[derive(Deserialize, Default)]
    struct Said {
        os: Option<String>,
        architecture: Option<String>,
        variant: Option<String>,
    }
    let said: Said = serde_json::from_slice(config).unwrap_or_default();
    let part = |text: Option<String>| SmolStr::from(text.unwrap_or_default());
    Platform { os: part(said.os), architecture: part(said.architecture), variant: part(said.variant) }
}
