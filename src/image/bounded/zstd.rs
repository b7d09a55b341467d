//! Zstandard streams: frames behind each other, skippable ones left out, windows capped before anything is allocated.
//! Checksums of frames are not compared: whoever reads verifies the digest of the whole.

use std::io::{self, ErrorKind, Read};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Peeked;

/// Window of a frame at most, in bytes: what the strongest level of Go's encoder uses; RFC 8878 asks for 8 MiB.
const WINDOW: u64 = 32 << 20;
/// Bytes of a frame header at most: magic, descriptor, window, dictionary, content size (RFC 8878, 3.1.1.1).
const HEADER: usize = 18;
/// Blocks are unpacked until this many bytes can be handed out.
const STEP: usize = 128 << 10;

/// The unpacked bytes of all frames.
pub(super) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    /// Whether the decoder stands inside a frame.
    inside: bool,
}

impl<R: Read> Frames<Peeked<R>> {
    pub(super) fn new(source: Peeked<R>) -> Self {
        Self { source, decoder: FrameDecoder::new(), inside: false }
    }

    pub(super) fn into_inner(self) -> Peeked<R> {
        self.source
    }

    /// Goes to the next frame; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            let head = self.source.peek(HEADER)?;
            match head {
                [] => return Ok(false),
                [low, 0x2a, 0x4d, 0x18, length @ ..] if low & 0xf0 == 0x50 => {
                    let length = length.first_chunk().ok_or(ErrorKind::UnexpectedEof)?;
                    let whole = u64::from(u32::from_le_bytes(*length)) + 8;
                    let skipped = io::copy(&mut (&mut self.source).take(whole), &mut io::sink())?;
                    if skipped < whole {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                _ => {
                    if window(head)? > WINDOW {
                        return Err(io::Error::other("its Zstandard window is larger than 32 MiB"));
                    }
                    self.decoder.reset(&mut self.source).map_err(damaged)?;
                    self.inside = true;
                    return Ok(true);
                }
            }
        }
    }
}

impl<R: Read> Read for Frames<Peeked<R>> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.inside && !self.advance()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = BlockDecodingStrategy::UptoBytes(STEP);
                self.decoder.decode_blocks(&mut self.source, step).map_err(damaged)?;
            }
            let read = self.decoder.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            self.inside = false;
        }
    }
}

/// Window of a frame, in bytes, from its header (RFC 8878, 3.1.1.1).
pub(super) fn window(head: &[u8]) -> io::Result<u64> {
    let [0x28, 0xb5, 0x2f, 0xfd, descriptor, rest @ ..] = head else {
        return Err(io::Error::other("what follows its Zstandard data is something else"));
    };
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let byte = *rest.first().ok_or(ErrorKind::UnexpectedEof)?;
        let base = 1_u64 << (10 + u32::from(byte >> 3));
        return Ok(base + base / 8 * u64::from(byte & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (size, added) = match descriptor >> 6 {
        0 => (1, 0),
        1 => (2, 256),
        2 => (4, 0),
        _ => (8, 0),
    };
    let field = rest.get(dictionary..dictionary + size).ok_or(ErrorKind::UnexpectedEof)?;
    let value = field.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    Ok(value.saturating_add(added))
}

fn damaged(_: impl std::error::Error) -> io::Error {
    io::Error::other("its Zstandard data is damaged or cut off")
}
