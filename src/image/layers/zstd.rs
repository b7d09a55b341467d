//! Zstandard frames one behind the other (RFC 8878), skippable ones left out: seekable layers end with some.

use std::io::{BufRead, Error, Read, Result};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Largest window, in bytes. Level 19 uses 8 MiB, and the window is held in memory, rounded up to a power of two.
const MAX_WINDOW: u64 = 32 << 20;
/// Unpacked bytes that are asked for at a time.
const STEP: usize = 128 << 10;
const MAGIC: u32 = 0xfd2f_b528;
/// The magic numbers of skippable frames, without their last four bits.
const SKIPPABLE: u32 = 0x184d_2a50;

/// A reader over frames.
pub(super) struct Frames<R> {
    inner: R,
    decoder: FrameDecoder,
    /// Whether a frame was begun and not everything of it taken.
    open: bool,
}

/// Whether a stream that begins so is Zstandard.
pub(super) fn begins(magic: [u8; 4]) -> bool {
    let magic = u32::from_le_bytes(magic);
    magic == MAGIC || magic & !0xf == SKIPPABLE
}

impl<R: BufRead> Frames<R> {
    /// Frames of a stream.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, decoder: FrameDecoder::new(), open: false }
    }

    /// What is read from.
    pub(super) fn inner(&self) -> &R {
        &self.inner
    }

    /// Gives it back.
    pub(super) fn into_inner(self) -> R {
        self.inner
    }

    /// Begins the next frame that holds something. `false`: there is none.
    fn begin(&mut self) -> Result<bool> {
        loop {
            if self.inner.fill_buf()?.is_empty() {
                return Ok(false);
            }
            let mut magic = [0; 4];
            self.inner.read_exact(&mut magic)?;
            match u32::from_le_bytes(magic) {
                MAGIC => break,
                other if other & !0xf == SKIPPABLE => self.skip()?,
                _ => return Err(Error::other("bytes that are no frame lie between or behind its frames")),
            }
        }
        let header = self.header()?;
        self.decoder.reset(&header[..]).map_err(Error::other)?;
        self.open = true;
        Ok(true)
    }

    /// Passes over a skippable frame.
    fn skip(&mut self) -> Result<()> {
        let mut size = [0; 4];
        self.inner.read_exact(&mut size)?;
        let mut left = u32::from_le_bytes(size) as usize;
        while left > 0 {
            let count = self.inner.fill_buf()?.len().min(left);
            if count == 0 {
                return Err(Error::from(std::io::ErrorKind::UnexpectedEof));
            }
            self.inner.consume(count);
            left -= count;
        }
        Ok(())
    }

    /// The frame's header, its magic number included: read here, because the window has to be known before the decoder
    /// makes room for it.
    fn header(&mut self) -> Result<Vec<u8>> {
        let mut descriptor = [0];
        self.inner.read_exact(&mut descriptor)?;
        let [descriptor] = descriptor;
        let is_single = descriptor & 0x20 != 0;
        let window = usize::from(!is_single);
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let content = match descriptor >> 6 {
            0 => usize::from(is_single),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let mut header = MAGIC.to_le_bytes().to_vec();
        header.push(descriptor);
        let rest = header.len();
        header.resize(rest + window + dictionary + content, 0);
        self.inner.read_exact(&mut header[rest..])?;
        let size = if is_single {
            // A content of two bytes counts from 256; that is far below the cap.
            header[rest + dictionary..].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        } else {
            let base = 1_u64 << (10 + (header[rest] >> 3));
            base + base / 8 * u64::from(header[rest] & 7)
        };
        if size > MAX_WINDOW {
            return Err(Error::other(format!(
                "its window is {size} bytes, and windows above {MAX_WINDOW} are not read"
            )));
        }
        Ok(header)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            if self.open {
                // Bytes inside the window are held back until the frame ends.
                let count = self.decoder.read(out)?;
                if count > 0 || out.is_empty() {
                    return Ok(count);
                }
                self.open = !self.decoder.is_finished();
            }
            if !self.open && !self.begin()? {
                return Ok(0);
            }
            if !self.decoder.is_finished() {
                let step = BlockDecodingStrategy::UptoBytes(STEP);
                self.decoder.decode_blocks(&mut self.inner, step).map_err(Error::other)?;
            }
        }
    }
}
