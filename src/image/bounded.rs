//! Packed streams from strangers: packed bytes go in, unpacked bytes come out until they go beyond what is plausible.
//!
//! The packing is told by the first bytes, never by a name or a media type. What the bytes are is not known here.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, ErrorKind, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

mod zstd;

/// How far unpacking may go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Unpacked bytes that are read whatever the ratio is.
    pub(crate) free: u64,
    /// Unpacked bytes for each packed one, at most, beyond `free`; gzip goes up to 1032.
    pub(crate) ratio: u64,
    /// Unpacked bytes beyond [`Bounds::PLAUSIBLE`] for each packed one, at most.
    pub(crate) spare: u64,
}

impl Bounds {
    /// Programs and texts unpack to fewer bytes than this for each packed one.
    pub(crate) const PLAUSIBLE: u64 = 20;
    /// One file with holes may go far beyond: the `/var/log/lastlog` that `useradd` makes has 292 bytes for each uid up to
    /// the new one, and 256 MiB are a uid of 900,000. Images of disks have larger holes, but hold more than holes.
    /// Whatever is stored, unpacking it costs 4 GiB more than what is plausible, which is seconds.
    pub(crate) const USUAL: Self = Self { free: 256 << 20, ratio: 200, spare: 4 << 30 };
}

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    Plain,
    /// gzip (RFC 1952), of any number of members.
    Gzip,
    /// Zstandard (RFC 8878), of any number of frames.
    Zstd,
}

impl Packing {
    /// Bytes that it is told by.
    pub(crate) const MAGIC: usize = 4;

    /// Tells it by the first bytes. A skippable frame of Zstandard counts: eStargz and zstd:chunked begin with one.
    pub(crate) fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [low, 0x2a, 0x4d, 0x18, ..] if low & 0xf0 == 0x50 => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// Unpacking went beyond its bounds; inside an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuch {
    /// Unpacked bytes so far.
    pub(crate) unpacked: u64,
    /// Packed bytes that they came from.
    pub(crate) packed: u64,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unpacked, packed } = self;
        write!(f, "it unpacks to more than {unpacked} bytes from {packed}, beyond what any image does")
    }
}

impl std::error::Error for TooMuch {}

/// A reader that counts what passes.
#[derive(Debug)]
pub(crate) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    /// Counts from 0. The counter is also readable while somebody else owns the reader.
    pub(crate) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Self { inner, count: Rc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.set(self.count.get().saturating_add(read as u64));
        Ok(read)
    }
}

/// A stream whose first bytes can be looked at before they are read.
#[derive(Debug)]
struct Peeked<R> {
    inner: R,
    ahead: Vec<u8>,
}

impl<R: Read> Peeked<R> {
    /// The next `count` bytes, or fewer at the end.
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.ahead.len() < count {
            let missing = (count - self.ahead.len()) as u64;
            if self.inner.by_ref().take(missing).read_to_end(&mut self.ahead)? == 0 {
                break;
            }
        }
        Ok(&self.ahead[..count.min(self.ahead.len())])
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            return self.inner.read(into);
        }
        let count = into.len().min(self.ahead.len());
        into[..count].copy_from_slice(&self.ahead[..count]);
        self.ahead.drain(..count);
        Ok(count)
    }
}

type Source<R> = Peeked<BufReader<Counted<R>>>;

enum Decoder<R: Read> {
    Plain(Source<R>),
    Gzip(Box<MultiGzDecoder<Source<R>>>),
    Zstd(Box<zstd::Frames<Source<R>>>),
}

/// Bytes that one call of reading hands out at most: bounds are looked at in between.
const STEP: usize = 256 << 10;

/// A stream, unpacked whatever it is packed with, within bounds.
///
/// A plain stream is passed on.
pub(crate) struct Unpacked<R: Read> {
    decoder: Decoder<R>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
    bounds: Bounds,
}

impl<R: Read> Unpacked<R> {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn new(stored: R, bounds: Bounds) -> io::Result<Self> {
        let (counted, packed) = Counted::new(stored);
        let mut source = Peeked { inner: BufReader::with_capacity(64 << 10, counted), ahead: Vec::new() };
        let decoder = match Packing::of(source.peek(Packing::MAGIC)?) {
            Packing::Plain => Decoder::Plain(source),
            Packing::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(source))),
            Packing::Zstd => Decoder::Zstd(Box::new(zstd::Frames::new(source))),
        };
        Ok(Self { decoder, packed, unpacked: 0, bounds })
    }

    /// What it is packed with.
    pub(crate) fn packing(&self) -> Packing {
        match &self.decoder {
            Decoder::Plain(_) => Packing::Plain,
            Decoder::Gzip(_) => Packing::Gzip,
            Decoder::Zstd(_) => Packing::Zstd,
        }
    }

    /// Unpacked bytes beyond what is plausible, so far.
    pub(crate) fn spent(&self) -> u64 {
        self.unpacked.saturating_sub(self.packed.get().saturating_mul(Bounds::PLAUSIBLE))
    }

    /// The stream as stored, at wherever unpacking stands: to read what lies behind the packed data.
    pub(crate) fn into_stored(self) -> impl Read {
        match self.decoder {
            Decoder::Plain(source) => source,
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(frames) => frames.into_inner(),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(STEP);
        let into = &mut into[..count];
        let read = match &mut self.decoder {
            Decoder::Plain(source) => source.read(into),
            Decoder::Gzip(decoder) => decoder.read(into),
            Decoder::Zstd(frames) => frames.read(into),
        }?;
        self.unpacked = self.unpacked.saturating_add(read as u64);
        let Bounds { free, ratio, spare } = self.bounds;
        let (unpacked, packed) = (self.unpacked, self.packed.get());
        if unpacked > free && unpacked > packed.saturating_mul(ratio) || self.spent() > spare {
            return Err(io::Error::other(TooMuch { unpacked, packed }));
        }
        Ok(read)
    }
}

/// What an error of reading says, as a phrase without the number of the operating system.
pub(crate) fn phrase(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
