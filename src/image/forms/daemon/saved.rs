//! The archive of an image as it streams by: small members are kept, layers are read where they lie, and nothing is seen
//! twice. `manifest.json`, which comes last, tells afterwards what belongs together.

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::image::bounded::Packing;
use crate::image::error::ImageError;
use crate::image::forms::docker_archive::{Members, layer_at};
use crate::image::forms::files::{Files, Opened, shown};
use crate::image::forms::layout::unreadable;
use crate::image::forms::scan::{self, BLOCK, Begun, Index, Source};
use crate::image::layers::{self, LayerFacts};
use crate::image::name::Pick;
use crate::image::options::PlatformChoice;
use crate::image::parts::{ImageParts, caps};
use crate::model::ImageForm;

/// Bytes of a member that is kept, at most, and of all of them: configs and manifests.
const KEPT: (u64, u64) = (caps::CONFIG, 32 << 20);

/// What an archive held.
pub(super) struct Saved {
    index: Index,
    layers: HashMap<SmolStr, Arc<LayerFacts>>,
}

impl Saved {
    /// Reads an archive to its end, and every layer in it.
    ///
    /// # Errors
    /// When it is damaged, cut off, or goes beyond a cap.
    pub(super) fn read(archive: impl Read, wanted: &[SmolStr]) -> Result<Self, ImageError> {
        let bytes = BufReader::with_capacity(64 << 10, archive);
        let mut pass = Pass { bytes, wanted, spare: layers::SPARE, layers: HashMap::new() };
        let index = scan::index(&mut pass)?;
        Ok(Self { index, layers: pass.layers })
    }

    /// The image of a name; of an archive of a single one that.
    ///
    /// # Errors
    /// When there is none, or manifest or config are wrong.
    pub(super) fn image(&self, name: &str, platform: &PlatformChoice) -> Result<ImageParts, ImageError> {
        let members = Members { index: &self.index, files: self, form: ImageForm::DockerDaemon };
        let only = members.image(&Pick::Only, platform);
        only.or_else(|error| match members.count() {
            Ok(2..) => members.image(&Pick::Tag(name.to_owned()), platform),
            _ => Err(error),
        })
    }

    /// What a layer holds.
    pub(super) fn layer(&self, address: &str) -> Option<Arc<LayerFacts>> {
        self.layers.get(address).cloned()
    }
}

impl Files for Saved {
    fn open(&self, name: &str) -> Result<Option<Opened<'_>>, ImageError> {
        let Some((at, size)) = self.index.find(name)? else { return Ok(None) };
        match self.index.kept(at) {
            Some(bytes) => Ok(Some(Opened { size, bytes: Box::new(Cursor::new(bytes)) })),
            None => Err(ImageError::new(format!("`{}` is a layer, or too large to be kept", shown(name)))),
        }
    }
}

/// The one pass.
struct Pass<'w, R> {
    bytes: BufReader<R>,
    wanted: &'w [SmolStr],
    /// Unpacked bytes beyond what is plausible that are left ([`layers::SPARE`]).
    spare: u64,
    /// By address.
    layers: HashMap<SmolStr, Arc<LayerFacts>>,
}

impl<R: Read> Read for Pass<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(into)
    }
}

impl<R: Read> Source for Pass<'_, R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match io::copy(&mut (&mut self.bytes).take(count), &mut io::sink())? == count {
            true => Ok(()),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn holds(&self, _end: u64) -> bool {
        true
    }

    fn keeps(&self) -> (u64, u64) {
        KEPT
    }

    fn begin(&mut self, name: &str, size: u64) -> Result<Begun, ImageError> {
        let mut head = Vec::with_capacity(BLOCK);
        let first = size.min(BLOCK as u64);
        (&mut self.bytes).take(first).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        if !is_layer(&head) {
            return Ok(Begun::Head(head));
        }
        if self.layers.len() >= caps::LAYERS {
            return Err(ImageError::new(format!("it has more than {} layers", caps::LAYERS)));
        }
        let layer = layer_at(name, size);
        let rest = (&mut self.bytes).take(size - head.len() as u64);
        let facts =
            layers::read_layer(Cursor::new(head).chain(rest), &layer, None, self.wanted, &mut self.spare)?;
        self.layers.insert(layer.address, Arc::new(facts));
        Ok(Begun::Whole)
    }
}

/// Whether a member that begins so is a layer: a tar archive, which may be empty, or something packed. Names do not tell:
/// of newer engines every member is a blob.
fn is_layer(head: &[u8]) -> bool {
    let is_tar = |block: &[u8; BLOCK]| scan::is_header(block) || block.iter().all(|byte| *byte == 0);
    Packing::of(head) != Packing::Plain || head.first_chunk().is_some_and(is_tar)
}
