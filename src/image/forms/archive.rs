//! A tar archive as a set of files, packed or not: one pass makes an index, then members are read where they lie.
//!
//! Nothing is unpacked to disk. Of packed archives the stream is kept where it stands, small members are kept from the
//! first pass, and going back to the beginning is limited.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use super::files::{Files, Opened, shown};
use super::layout::unreadable;
use super::scan::{self, Index, Source};
use crate::image::bounded::{Bounds, Packing, Unpacked, phrase};
use crate::image::error::ImageError;

/// Bytes of a member that is kept from the first pass over a packed archive, at most, and of all of them.
const KEPT: (u64, u64) = (1 << 20, 8 << 20);
/// Unpacked bytes that all passes over a packed archive may take together, whatever its size.
const FREE: u64 = 256 << 20;
/// And for each packed byte: enough for fifty passes over usual layers.
const AGAIN: u64 = 200;

/// An archive, its index read.
pub(super) struct Archive {
    file: Rc<File>,
    is_packed: bool,
    index: Index,
    /// Where the last reader of a packed archive left off.
    stream: RefCell<Option<Stream>>,
    /// Unpacked bytes that may still be read.
    left: Rc<Cell<u64>>,
}

impl Archive {
    /// Opens a regular file and reads its index. The file may be a link itself: the user named it.
    ///
    /// # Errors
    /// When it is no tar archive, is damaged, or goes beyond a cap.
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let wrong = |error: &io::Error| {
            ImageError::new(format!("the file `{}` cannot be opened: {}", path.display(), phrase(error)))
        };
        // A look before opening: opening a pipe would wait for somebody to write.
        let found = fs::metadata(path).map_err(|error| wrong(&error))?;
        if !found.is_file() {
            return Err(ImageError::new(format!("`{}` is no regular file", path.display()))
                .help("Folders are named oci:DIR or dir:DIR"));
        }
        let file = Rc::new(File::open(path).map_err(|error| wrong(&error))?);
        let length = found.len();
        let left = Rc::new(Cell::new(length.saturating_mul(AGAIN).saturating_add(FREE)));
        let stream = Stream::new(&file, &left).map_err(|error| unreadable(&error))?;
        let is_packed = stream.bytes.packing() != Packing::Plain;
        let mut input = match is_packed {
            true => Input::Packed(stream),
            false => {
                let at = At { file: Rc::clone(&file), at: 0 };
                Input::Plain(BufReader::with_capacity(16 << 10, at), length)
            }
        };
        let index = scan::index(&mut input)?;
        Ok(Self { file, is_packed, index, stream: RefCell::new(None), left })
    }

    /// Its members.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// A reader of a part of the unpacked archive.
    fn section(&self, at: u64, size: u64) -> io::Result<Box<dyn Read + '_>> {
        if !self.is_packed {
            let part = At { file: Rc::clone(&self.file), at }.take(size);
            return Ok(Box::new(BufReader::with_capacity(64 << 10, part)));
        }
        let waiting = self.stream.borrow_mut().take().filter(|stream| stream.at <= at);
        let mut stream = match waiting {
            Some(stream) => stream,
            None => Stream::new(&self.file, &self.left)?,
        };
        stream.skip(at - stream.at)?;
        Ok(Box::new(Section { home: &self.stream, stream: Some(stream), left: size }))
    }
}

impl Files for Archive {
    fn open(&self, name: &str) -> Result<Option<Opened<'_>>, ImageError> {
        let Some((at, size)) = self.index.find(name)? else { return Ok(None) };
        if let Some(bytes) = self.index.kept(at) {
            return Ok(Some(Opened { size, bytes: Box::new(Cursor::new(bytes)) }));
        }
        let bytes = self.section(at, size).map_err(|error| {
            ImageError::new(format!("`{}` cannot be read: {}", shown(name), phrase(&error)))
        })?;
        Ok(Some(Opened { size, bytes }))
    }
}

/// An archive that is read from its beginning to its end.
enum Input {
    /// Not packed, with the length of the file: skipping is seeking.
    Plain(BufReader<At>, u64),
    Packed(Stream),
}

impl Source for Input {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match self {
            Self::Plain(reader, _) => {
                let by = i64::try_from(count).map_err(|_| ErrorKind::UnexpectedEof)?;
                reader.seek_relative(by)
            }
            Self::Packed(stream) => stream.skip(count),
        }
    }

    fn holds(&self, end: u64) -> bool {
        match self {
            Self::Plain(_, length) => end <= *length,
            Self::Packed(_) => true,
        }
    }

    fn keeps(&self) -> (u64, u64) {
        match self {
            Self::Plain(..) => (0, 0),
            Self::Packed(_) => KEPT,
        }
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader, _) => reader.read(into),
            Self::Packed(stream) => stream.read(into),
        }
    }
}

/// A reader of a file with a place of its own, so that several share one handle.
struct At {
    file: Rc<File>,
    at: u64,
}

impl Read for At {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(_) => None,
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// An archive from its beginning, unpacked.
struct Stream {
    bytes: Unpacked<At>,
    at: u64,
    left: Rc<Cell<u64>>,
}

impl Stream {
    fn new(file: &Rc<File>, left: &Rc<Cell<u64>>) -> io::Result<Self> {
        let bytes = Unpacked::new(At { file: Rc::clone(file), at: 0 }, Bounds::USUAL)?;
        Ok(Self { bytes, at: 0, left: Rc::clone(left) })
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        match io::copy(&mut self.take(count), &mut io::sink())? == count {
            true => Ok(()),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.at += read as u64;
        let left = self.left.get().checked_sub(read as u64);
        let left = left.ok_or_else(|| {
            io::Error::other("it is packed, and its parts lie so that it had to be unpacked too often")
        })?;
        self.left.set(left);
        Ok(read)
    }
}

/// A member of a packed archive; leaves the stream to the next one when it goes.
struct Section<'a> {
    home: &'a RefCell<Option<Stream>>,
    stream: Option<Stream>,
    left: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
        let read = stream.take(self.left).read(into)?;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        *self.home.borrow_mut() = self.stream.take();
    }
}
