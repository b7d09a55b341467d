//! Entries of a tar archive, read as container runtimes do: nothing is unpacked, and no name decides what is read.
//!
//! Names come from GNU long names, pax records, the `prefix` of ustar, in this order of trust. Extended headers are capped
//! before they are read; contents are passed over without a copy.

use std::io::{Error, ErrorKind, Read, Result};

use tar::{EntryType, Header};

use super::stream::{Stream, Totals};

/// Bytes of a header, and what contents are padded to.
const BLOCK: usize = 512;
/// Bytes of a long name or of pax records: extended attributes of a file are below 64 KiB.
const MAX_EXTENDED: u64 = 1 << 20;
/// Bytes of a path (`PATH_MAX` of Linux).
pub(super) const MAX_PATH: usize = 4096;
/// Entries of a layer, extended headers included: a second and a half of work, and several times what large images have.
pub(super) const MAX_ENTRIES: u64 = 1_000_000;

/// What an entry says of itself.
#[derive(Debug)]
pub(super) struct Entry {
    /// Path as written.
    pub(super) path: Vec<u8>,
    /// Target of a link as written.
    pub(super) link: Vec<u8>,
    pub(super) kind: EntryType,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    /// Bytes of its content in the archive.
    pub(super) size: u64,
}

/// A reader over entries.
pub(super) struct Entries<R: Read> {
    bytes: Stream<R>,
    /// Bytes of the content that were not read yet.
    content: u64,
    /// Bytes behind the content, up to the next header.
    padding: u64,
    count: u64,
}

/// What extended headers say of the entry behind them.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    /// The name of a file with holes, whose `path` is a made-up one.
    sparse_path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
}

fn damaged(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidData, what.into())
}

impl<R: Read> Entries<R> {
    pub(super) fn new(bytes: Stream<R>) -> Self {
        Self { bytes, content: 0, padding: 0, count: 0 }
    }

    /// The next entry. `None`: the archive ends here, though bytes may follow.
    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        let mut extended = Extended::default();
        loop {
            self.pass(self.content.saturating_add(self.padding))?;
            (self.content, self.padding) = (0, 0);
            let Some(header) = self.header()? else { return Ok(None) };
            self.count += 1;
            if self.count > MAX_ENTRIES {
                return Err(damaged(format!("it has more than {MAX_ENTRIES} entries")));
            }
            let kind = header.entry_type();
            let said = number(&header.as_old().size)
                .ok_or_else(|| damaged(format!("the size of its entry {} is no number", self.count)))?;
            if is_extended(kind) {
                self.open(said)?;
                self.extend(kind, said, &mut extended)?;
                continue;
            }
            let size = extended.size.unwrap_or(said);
            // Runtimes take no content of these, whatever their size says.
            let size = if has_content(kind) { size } else { 0 };
            self.open(size)?;
            if kind.is_gnu_sparse() {
                self.pass_sparse_map(&header)?;
            }
            return entry(&header, extended, size).map(Some);
        }
    }

    /// Up to `limit` bytes of the content of the entry that came last.
    pub(super) fn read(&mut self, limit: usize) -> Result<Vec<u8>> {
        let wanted = usize::try_from(self.content).unwrap_or(usize::MAX).min(limit);
        let mut out = vec![0; wanted];
        self.take(&mut out)?;
        self.content -= wanted as u64;
        Ok(out)
    }

    /// Reads the rest: padding, and whatever lies behind the end.
    pub(super) fn finish(self) -> Result<Totals> {
        self.bytes.finish()
    }

    fn open(&mut self, size: u64) -> Result<()> {
        let padded = size.checked_next_multiple_of(BLOCK as u64);
        let padded = padded.ok_or_else(|| damaged(format!("its entry {} is {size} bytes", self.count)))?;
        (self.content, self.padding) = (size, padded - size);
        Ok(())
    }

    /// The next header. `None`: two blocks of zeros, or nothing.
    fn header(&mut self) -> Result<Option<Header>> {
        let mut header = Header::new_old();
        for _ in 0..2 {
            if self.bytes.fill()?.is_empty() {
                return Ok(None);
            }
            self.take(header.as_mut_bytes())?;
            if header.as_bytes().iter().any(|byte| *byte != 0) {
                return if is_checked(&header) {
                    Ok(Some(header))
                } else {
                    Err(damaged(format!(
                        "it is no tar archive: header {} has a wrong checksum",
                        self.count + 1
                    )))
                };
            }
        }
        Ok(None)
    }

    fn extend(&mut self, kind: EntryType, size: u64, extended: &mut Extended) -> Result<()> {
        if size > MAX_EXTENDED {
            return Err(damaged(format!("an extended header is {size} bytes, more than {MAX_EXTENDED}")));
        }
        // Global records hold comments of `git archive`; runtimes leave them out.
        if kind.is_pax_global_extensions() {
            return Ok(());
        }
        let mut bytes = self.read(usize::try_from(size).unwrap_or_default())?;
        let name = |bytes: &mut Vec<u8>| {
            bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
            Some(std::mem::take(bytes))
        };
        if kind.is_gnu_longname() {
            extended.path = name(&mut bytes);
        } else if kind.is_gnu_longlink() {
            extended.link = name(&mut bytes);
        } else {
            records(&bytes, extended)?;
        }
        Ok(())
    }

    /// Passes over the further blocks of an old GNU sparse file's map, which lie before its content.
    fn pass_sparse_map(&mut self, header: &Header) -> Result<()> {
        let mut goes_on = header.as_gnu().is_some_and(|header| header.isextended[0] == 1);
        let mut block = [0; BLOCK];
        while goes_on {
            self.take(&mut block)?;
            goes_on = block[504] == 1;
        }
        Ok(())
    }

    fn take(&mut self, mut out: &mut [u8]) -> Result<()> {
        while !out.is_empty() {
            let bytes = self.bytes.fill()?;
            if bytes.is_empty() {
                return Err(truncated());
            }
            let count = bytes.len().min(out.len());
            out[..count].copy_from_slice(&bytes[..count]);
            out = &mut out[count..];
            self.bytes.consume(count);
        }
        Ok(())
    }

    fn pass(&mut self, mut left: u64) -> Result<()> {
        while left > 0 {
            let count = (self.bytes.fill()?.len() as u64).min(left);
            if count == 0 {
                return Err(truncated());
            }
            self.bytes.consume(usize::try_from(count).unwrap_or_default());
            left -= count;
        }
        Ok(())
    }
}

fn truncated() -> Error {
    damaged("its tar archive ends in the middle of an entry")
}

fn is_extended(kind: EntryType) -> bool {
    kind.is_gnu_longname()
        || kind.is_gnu_longlink()
        || kind.is_pax_local_extensions()
        || kind.is_pax_global_extensions()
}

/// Whether a content follows the header: not of links, folders, devices and pipes.
fn has_content(kind: EntryType) -> bool {
    !matches!(
        kind,
        EntryType::Link
            | EntryType::Symlink
            | EntryType::Char
            | EntryType::Block
            | EntryType::Directory
            | EntryType::Fifo
    )
}

fn entry(header: &Header, extended: Extended, size: u64) -> Result<Entry> {
    let path = extended.sparse_path.or(extended.path).unwrap_or_else(|| header.path_bytes().into_owned());
    let link = extended.link.or_else(|| header.link_name_bytes().map(|link| link.into_owned()));
    let link = link.unwrap_or_default();
    let longest = path.len().max(link.len());
    if longest > MAX_PATH {
        return Err(damaged(format!("it holds a path of {longest} bytes, more than {MAX_PATH}")));
    }
    let old = header.as_old();
    Ok(Entry {
        path,
        link,
        kind: header.entry_type(),
        mode: u32::try_from(number(&old.mode).unwrap_or_default() & 0o7777).unwrap_or_default(),
        uid: extended.uid.or_else(|| number(&old.uid)).unwrap_or_default(),
        gid: extended.gid.or_else(|| number(&old.gid)).unwrap_or_default(),
        size,
    })
}

/// Reads pax records: `LENGTH KEY=VALUE` and a line feed (POSIX, pax Interchange Format).
fn records(mut bytes: &[u8], extended: &mut Extended) -> Result<()> {
    let wrong = || damaged("its pax records are damaged");
    let decimal = |value: &[u8]| std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    while !bytes.is_empty() {
        let blank = bytes.iter().take(20).position(|byte| *byte == b' ').ok_or_else(wrong)?;
        let length = decimal(&bytes[..blank]).and_then(|length: u64| usize::try_from(length).ok());
        let length = length.filter(|length| (blank + 1..=bytes.len()).contains(length)).ok_or_else(wrong)?;
        let record = &bytes[blank + 1..length];
        let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
        bytes = &bytes[length..];
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extended.path = Some(value.to_vec()),
            b"GNU.sparse.name" => extended.sparse_path = Some(value.to_vec()),
            b"linkpath" => extended.link = Some(value.to_vec()),
            b"size" => extended.size = Some(decimal(value).ok_or_else(wrong)?),
            b"uid" => extended.uid = decimal(value),
            b"gid" => extended.gid = decimal(value),
            _ => {}
        }
    }
    Ok(())
}

/// A field's number: octal digits between blanks and zeros, or big-endian bytes behind a set first bit. `None`: no number,
/// negative, or beyond 63 bits.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        if first & 0x40 != 0 {
            return None;
        }
        let start = u64::from(first & 0x3f);
        let value =
            rest.iter().try_fold(start, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)))?;
        return i64::try_from(value).is_ok().then_some(value);
    }
    let digits = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Whether the checksum is right; old archivers summed signed bytes.
fn is_checked(header: &Header) -> bool {
    let bytes = header.as_bytes();
    let outside = || bytes[..148].iter().chain(&bytes[156..]);
    let blanks = 8 * u64::from(b' ');
    let plain: u64 = outside().map(|byte| u64::from(*byte)).sum::<u64>() + blanks;
    let signed: i64 = outside().map(|byte| i64::from(byte.cast_signed())).sum::<i64>() + 8 * i64::from(b' ');
    let said = number(&header.as_old().cksum);
    said == Some(plain) || said.is_some_and(|said| i64::try_from(said) == Ok(signed))
}
