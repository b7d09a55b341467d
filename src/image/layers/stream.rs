//! A layer as stored goes in, its unpacked bytes come out, both digested on the way.

use std::fmt::Write as _;
use std::io::{BufReader, Chain, Cursor, Error, Read, Result};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::zstd::{self, Frames};

/// Bytes read and unpacked at a time.
const CHUNK: usize = 128 << 10;
/// Unpacked bytes that every layer may have, however well it packs. A file of zeros with holes that `useradd` makes of a
/// large uid (`/var/log/lastlog`: 292 bytes for each uid) stays below it up to uid 900,000.
pub(super) const ALWAYS: u64 = 256 << 20;
/// Above [`ALWAYS`]: unpacked bytes for each stored byte. Layers of programs and texts stay below 20, deflate ends at
/// 1,032, and a bomb is as near to that as it can be.
pub(super) const MAX_RATIO: u64 = 200;

/// `sha256:` and 64 digits.
pub(super) fn digest_of(hash: Sha256) -> String {
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Bytes as stored, counted and digested.
pub(super) struct Stored<R> {
    inner: Chain<Cursor<Vec<u8>>, R>,
    hash: Sha256,
    count: u64,
    size: u64,
}

impl<R: Read> Read for Stored<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(out)?;
        self.count += count as u64;
        if self.count > self.size {
            return Err(Error::other(format!("it is longer than the {} bytes its size says", self.size)));
        }
        self.hash.update(&out[..count]);
        Ok(count)
    }
}

/// How a layer is packed, told by its first bytes: media types are wrong often enough.
enum Packed<R: Read> {
    Plain(BufReader<Stored<R>>),
    Gzip(Box<MultiGzDecoder<BufReader<Stored<R>>>>),
    Zstd(Box<Frames<BufReader<Stored<R>>>>),
}

impl<R: Read> Packed<R> {
    fn stored(&self) -> &Stored<R> {
        match self {
            Self::Plain(reader) => reader.get_ref(),
            Self::Gzip(decoder) => decoder.get_ref().get_ref(),
            Self::Zstd(frames) => frames.inner().get_ref(),
        }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(out),
            Self::Gzip(decoder) => decoder.read(out),
            Self::Zstd(frames) => frames.read(out),
        }
    }
}

/// The unpacked bytes of a layer.
pub(super) struct Unpacked<R: Read> {
    packed: Packed<R>,
    hash: Sha256,
    count: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

/// What was counted and digested, once everything is read.
pub(super) struct Totals {
    /// Bytes as stored.
    pub(super) stored: u64,
    /// Digest of them.
    pub(super) stored_digest: String,
    /// Bytes unpacked.
    pub(super) unpacked: u64,
    /// Digest of them.
    pub(super) unpacked_digest: String,
}

impl<R: Read> Unpacked<R> {
    /// Starts to read a blob of `size` bytes.
    pub(super) fn new(mut inner: R, size: u64) -> Result<Self> {
        // A stream may give its first bytes one by one.
        let mut magic = Vec::with_capacity(4);
        inner.by_ref().take(4).read_to_end(&mut magic)?;
        let is_gzip = magic.starts_with(&[0x1f, 0x8b]);
        let is_zstd = magic.first_chunk().is_some_and(|magic| zstd::begins(*magic));
        let inner = Cursor::new(magic).chain(inner);
        let reader = BufReader::with_capacity(CHUNK, Stored { inner, hash: Sha256::new(), count: 0, size });
        let packed = if is_gzip {
            Packed::Gzip(Box::new(MultiGzDecoder::new(reader)))
        } else if is_zstd {
            Packed::Zstd(Box::new(Frames::new(reader)))
        } else {
            Packed::Plain(reader)
        };
        let buffer = vec![0; CHUNK];
        Ok(Self { packed, hash: Sha256::new(), count: 0, buffer, start: 0, end: 0 })
    }

    /// The next unpacked bytes; empty at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            let count = self.packed.read(&mut self.buffer)?;
            self.hash.update(&self.buffer[..count]);
            self.count += count as u64;
            (self.start, self.end) = (0, count);
            self.refuse_a_bomb()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn refuse_a_bomb(&self) -> Result<()> {
        let stored = self.packed.stored().count;
        if self.count > ALWAYS && self.count > stored.saturating_mul(MAX_RATIO) {
            return Err(Error::other(format!(
                "it unpacks to more than {MAX_RATIO} times its size: {} bytes of {stored}, and there are more",
                self.count
            )));
        }
        Ok(())
    }

    /// Takes bytes that [`Self::fill`] gave.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Reads to the end of unpacked and stored bytes.
    pub(super) fn finish(mut self) -> Result<Totals> {
        loop {
            let count = self.fill()?.len();
            if count == 0 {
                break;
            }
            self.consume(count);
        }
        // Every decoder reads until the stored bytes end, or refuses what lies behind its stream.
        let count = self.packed.stored().count;
        let stored = match self.packed {
            Packed::Plain(reader) => reader.into_inner(),
            Packed::Gzip(decoder) => decoder.into_inner().into_inner(),
            Packed::Zstd(frames) => frames.into_inner().into_inner(),
        };
        Ok(Totals {
            stored: count,
            stored_digest: digest_of(stored.hash),
            unpacked: self.count,
            unpacked_digest: digest_of(self.hash),
        })
    }
}
