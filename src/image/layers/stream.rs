//! A layer as stored goes in, its unpacked bytes come out, both digested on the way.

use std::io::{Error, Read, Result};

use sha2::{Digest, Sha256};

use crate::image::bounded::{Bounds, Packing, Unpacked};
use crate::syntax::digest::sha256_of;

/// Bytes unpacked at a time.
const CHUNK: usize = 128 << 10;

/// Bytes as stored, counted and digested.
pub(super) struct Stored<R> {
    inner: R,
    hash: Sha256,
    count: u64,
    size: u64,
}

impl<R: Read> Stored<R> {
    /// A blob of `size` bytes.
    pub(super) fn new(inner: R, size: u64) -> Self {
        Self { inner, hash: Sha256::new(), count: 0, size }
    }

    /// How many bytes were read, and their digest.
    pub(super) fn totals(self) -> (u64, String) {
        (self.count, sha256_of(self.hash))
    }
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

/// What was read of a layer.
pub(super) struct Totals {
    /// Unpacked bytes.
    pub(super) count: u64,
    /// Their digest; `None`: they are the bytes as stored, which somebody digests already.
    pub(super) digest: Option<String>,
    /// Unpacked bytes beyond what is plausible.
    pub(super) spent: u64,
}

/// The unpacked bytes of a layer.
pub(super) struct Stream<R: Read> {
    unpacked: Unpacked<R>,
    hash: Option<Sha256>,
    count: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Stream<R> {
    /// Looks at the first bytes. `spare`: unpacked bytes beyond what is plausible, at most.
    pub(super) fn new(stored: R, spare: u64) -> Result<Self> {
        let unpacked = Unpacked::new(stored, Bounds { spare, ..Bounds::USUAL })?;
        let hash = (unpacked.packing() != Packing::Plain).then(Sha256::new);
        Ok(Self { unpacked, hash, count: 0, buffer: vec![0; CHUNK], start: 0, end: 0 })
    }

    /// The next unpacked bytes; empty at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            let count = self.unpacked.read(&mut self.buffer)?;
            if let Some(hash) = &mut self.hash {
                hash.update(&self.buffer[..count]);
            }
            self.count += count as u64;
            (self.start, self.end) = (0, count);
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Takes bytes that [`Self::fill`] gave.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Reads to the end.
    pub(super) fn finish(mut self) -> Result<Totals> {
        loop {
            let count = self.fill()?.len();
            if count == 0 {
                break;
            }
            self.consume(count);
        }
        let spent = self.unpacked.spent();
        // What lies behind the packed data is part of the blob.
        std::io::copy(&mut self.unpacked.into_stored(), &mut std::io::sink())?;
        Ok(Totals { count: self.count, digest: self.hash.map(sha256_of), spent })
    }
}
