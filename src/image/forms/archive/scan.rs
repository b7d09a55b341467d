//! The index of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar's long names): headers are read one
//! after another, bodies are skipped, everything that is kept is capped.

use std::collections::HashMap;
use std::io::{self, BufReader, ErrorKind, Read};

use tar::{EntryType, Header};

use super::{At, Stream};
use crate::image::error::ImageError;
use crate::image::forms::files::shown;
use crate::image::forms::layout::unreadable;
use crate::image::parts::caps;

const BLOCK: usize = 512;
/// Bytes of a header that extends the next one, at most.
const EXTENSION: u64 = 1 << 20;
/// Bytes of a name that can be asked for, at most; longer ones are not kept.
const NAME: usize = 1024;
/// Bytes of all names together.
const NAMES: usize = 16 << 20;
/// Bytes of a member that is kept from the first pass over a packed archive, at most, and of all of them.
const KEPT: u64 = 1 << 20;
const ALL_KEPT: u64 = 8 << 20;
/// Members that must not be there twice, whether somebody asks for them or not: readers differ in which one they take.
const SINGLE: [&str; 3] = ["manifest.json", "index.json", "oci-layout"];

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    /// A regular file, where its bytes begin in the unpacked archive, and how many they are.
    File { at: u64, size: u64 },
    /// A link and the name of what it leads to; `None`: out of the archive.
    Link(Option<String>),
    /// Neither.
    Other,
    /// Several members have this name.
    Twice,
}

/// Members by name.
#[derive(Default)]
pub(super) struct Index {
    members: HashMap<String, Member>,
    names: usize,
    kept: HashMap<u64, Vec<u8>>,
    all_kept: u64,
}

impl Index {
    pub(super) fn get(&self, name: &str) -> Option<&Member> {
        self.members.get(name)
    }

    /// Bytes of a small member of a packed archive, by where they begin.
    pub(super) fn kept(&self, at: u64) -> Option<&[u8]> {
        self.kept.get(&at).map(Vec::as_slice)
    }

    fn add(&mut self, name: String, member: Member) -> Result<(), ImageError> {
        self.names += name.len();
        if self.names > NAMES {
            return Err(ImageError::new(format!(
                "names of its members have more than {NAMES} bytes together"
            )));
        }
        let is_single = SINGLE.contains(&name.as_str());
        let Some(known) = self.members.get_mut(&name) else {
            self.members.insert(name, member);
            return Ok(());
        };
        if is_single {
            return Err(ImageError::new(format!("`{name}` is in it twice")));
        }
        // Folders are written again and again.
        if *known != Member::Other || member != Member::Other {
            *known = Member::Twice;
        }
        Ok(())
    }
}

/// An archive that is read from its beginning to its end.
pub(super) enum Input {
    /// Not packed, with the length of the file: skipping is seeking.
    Plain(BufReader<At>, u64),
    Packed(Stream),
}

impl Input {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match self {
            Self::Plain(reader, _) => {
                let by = i64::try_from(count).map_err(|_| ErrorKind::UnexpectedEof)?;
                reader.seek_relative(by)
            }
            Self::Packed(stream) => stream.skip(count),
        }
    }

    /// Whether so many bytes can be there; of packed archives only reading tells.
    fn holds(&self, end: u64) -> bool {
        match self {
            Self::Plain(_, length) => end <= *length,
            Self::Packed(_) => true,
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

/// What extension headers say of the next member.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads all headers.
///
/// # Errors
/// When it is no tar archive, is cut off or damaged, or goes beyond a cap.
pub(super) fn index(input: &mut Input) -> Result<Index, ImageError> {
    let mut index = Index::default();
    let mut extended = Extended::default();
    let (mut at, mut count) = (0_u64, 0);
    while let Some(header) = next(input, at)? {
        at += BLOCK as u64;
        count += 1;
        if count > caps::ARCHIVE_ENTRIES {
            let most = caps::ARCHIVE_ENTRIES;
            return Err(ImageError::new(format!("it has more than {most} members")));
        }
        let kind = header.entry_type();
        let said = extended.size.filter(|_| !is_extension(kind));
        let size = match has_body(kind) {
            true => said.map_or_else(|| header.entry_size(), Ok).map_err(|_| damaged(at))?,
            false => 0,
        };
        let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| damaged(at))?;
        let end = at.checked_add(padded).ok_or_else(|| damaged(at))?;
        if !input.holds(at + size) {
            return Err(cut_off(&name_of(&header, &extended).unwrap_or_default()));
        }
        let mut body = Vec::new();
        if is_extension(kind) {
            body = extension(input, size, at)?;
            extend(&mut extended, kind, &body).ok_or_else(|| damaged(at - BLOCK as u64))?;
        } else {
            if let Some(name) = name_of(&header, &extended) {
                let member = member_of(&header, &extended, at, size, &name)?;
                if index.wants(input, &member) {
                    body = exactly(input, size).map_err(|_| cut_off(&name))?;
                }
                index.add(name, member)?;
            }
            extended = Extended::default();
        }
        let rest = padded - body.len() as u64;
        if !(skip_to_end(input, rest, end)?) {
            break;
        }
        if !is_extension(kind) && !body.is_empty() {
            index.keep(at, body);
        }
        at = end;
    }
    match count {
        0 => Err(ImageError::new("it is an empty archive")),
        _ => Ok(index),
    }
}

impl Index {
    fn wants(&self, input: &Input, member: &Member) -> bool {
        let is_small = |size: u64| size <= KEPT && size <= ALL_KEPT - self.all_kept;
        matches!((input, member), (Input::Packed(_), Member::File { size, .. }) if is_small(*size))
    }

    fn keep(&mut self, at: u64, body: Vec<u8>) {
        self.all_kept += body.len() as u64;
        self.kept.insert(at, body);
    }
}

/// Skips what is left of a member; `false`: only its padding is missing at the end of the file, which is usual enough.
fn skip_to_end(input: &mut Input, rest: u64, end: u64) -> Result<bool, ImageError> {
    if !input.holds(end) {
        return Ok(false);
    }
    input.skip(rest).map(|()| true).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => ImageError::new("it is cut off inside a member"),
        _ => unreadable(&error),
    })
}

/// The next header; `None` at the end: two blocks of zeros, or the end of the file.
fn next(input: &mut Input, at: u64) -> Result<Option<Header>, ImageError> {
    let Some(block) = block(input)? else { return Ok(None) };
    if block.iter().all(|byte| *byte == 0) {
        let is_end = self::block(input)?.is_none_or(|block| block.iter().all(|byte| *byte == 0));
        return if is_end { Ok(None) } else { Err(damaged(at)) };
    }
    let header = Header::from_byte_slice(&block).clone();
    // The sum counts its own field as spaces (pax, "ustar Interchange Format").
    let sum: u32 = block[..148].iter().chain(&block[156..]).map(|byte| u32::from(*byte)).sum();
    match header.cksum().is_ok_and(|said| said == sum + 8 * 32) {
        true => Ok(Some(header)),
        false if at == 0 => Err(ImageError::new("it is no tar archive")),
        false => Err(damaged(at)),
    }
}

fn block(input: &mut Input) -> Result<Option<[u8; BLOCK]>, ImageError> {
    let mut block = [0; BLOCK];
    let mut filled = 0;
    while filled < BLOCK {
        match input.read(&mut block[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(ImageError::new("it is cut off inside a header")),
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    Ok(Some(block))
}

fn exactly(input: &mut Input, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    input.take(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn is_extension(kind: EntryType) -> bool {
    kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions()
}

/// Whether bytes follow the header whatever its size says: links, folders and devices have none.
fn has_body(kind: EntryType) -> bool {
    let header_only = kind.is_symlink()
        || kind.is_hard_link()
        || kind.is_dir()
        || kind.is_fifo()
        || kind.is_character_special()
        || kind.is_block_special();
    !header_only
}

fn extension(input: &mut Input, size: u64, at: u64) -> Result<Vec<u8>, ImageError> {
    if size > EXTENSION {
        return Err(ImageError::new(format!("the header at byte {at} is extended by {size} bytes")));
    }
    exactly(input, size).map_err(|_| ImageError::new("it is cut off inside a header"))
}

/// Takes in an extension header; `None`: it is damaged. Records of pax are `length key=value` and a line end.
fn extend(extended: &mut Extended, kind: EntryType, body: &[u8]) -> Option<()> {
    let until_zero = || body.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    if kind.is_gnu_longname() {
        extended.name = Some(until_zero());
    } else if kind.is_gnu_longlink() {
        extended.target = Some(until_zero());
    } else {
        for record in tar::PaxExtensions::new(body) {
            let record = record.ok()?;
            match record.key_bytes() {
                b"path" => extended.name = Some(record.value_bytes().to_vec()),
                b"linkpath" => extended.target = Some(record.value_bytes().to_vec()),
                b"size" => extended.size = Some(record.value().ok()?.parse().ok()?),
                _ => {}
            }
        }
    }
    Some(())
}

/// The name of a member without `./` before and `/` behind it; `None`: nobody can ask for it.
fn name_of(header: &Header, extended: &Extended) -> Option<String> {
    let bytes = extended.name.clone().unwrap_or_else(|| header.path_bytes().into_owned());
    let mut name = std::str::from_utf8(&bytes).ok()?;
    while let Some(rest) = name.strip_prefix("./") {
        name = rest;
    }
    let name = name.trim_end_matches('/');
    (name.len() <= NAME).then(|| name.to_owned())
}

fn member_of(
    header: &Header,
    extended: &Extended,
    at: u64,
    size: u64,
    name: &str,
) -> Result<Member, ImageError> {
    let kind = header.entry_type();
    if kind.is_gnu_sparse() {
        let message = format!("`{}` is a sparse file, which no image archive has", shown(name));
        return Err(ImageError::new(message));
    }
    if kind.is_symlink() || kind.is_hard_link() {
        let said = extended.target.clone();
        let said = said.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        let folder =
            if kind.is_symlink() { name.rsplit_once('/').map_or("", |(folder, _)| folder) } else { "" };
        return Ok(Member::Link(target(folder, &said.unwrap_or_default())));
    }
    match kind.is_file() || kind.is_contiguous() {
        true => Ok(Member::File { at, size }),
        false => Ok(Member::Other),
    }
}

/// The name that a link in a folder leads to; `None`: out of the archive.
fn target(folder: &str, said: &[u8]) -> Option<String> {
    let said = std::str::from_utf8(said).ok().filter(|said| said.len() <= NAME && !said.starts_with('/'))?;
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in said.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn damaged(at: u64) -> ImageError {
    ImageError::new(format!("its header at byte {at} is damaged"))
}

fn cut_off(name: &str) -> ImageError {
    ImageError::new(format!("it is cut off: it ends inside `{}`", shown(name)))
}
