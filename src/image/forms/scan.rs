//! The index of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar's long names): headers are read one
//! after another, bodies are skipped, everything that is kept is capped.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read};

use tar::{EntryType, Header};

use super::files::shown;
use super::layout::unreadable;
use crate::image::error::ImageError;
use crate::image::parts::caps;

pub(super) const BLOCK: usize = 512;
/// Links inside an archive that lead to each other, at most.
const HOPS: usize = 8;
/// Bytes of a header that extends the next one, at most.
const EXTENSION: u64 = 1 << 20;
/// Bytes of a name that can be asked for, at most; longer ones are not kept.
const NAME: usize = 1024;
/// Bytes of all names together.
const NAMES: usize = 16 << 20;
/// Members that must not be there twice, whether somebody asks for them or not: readers differ in which one they take.
const SINGLE: [&str; 3] = ["manifest.json", "index.json", "oci-layout"];

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
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
    /// Whether there is something of this name, whatever it is.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The name of the regular file that a name leads to, over links inside the archive only.
    ///
    /// # Errors
    /// When links lead outside, nowhere, or in a circle.
    pub(super) fn resolve(&self, name: &str) -> Result<String, ImageError> {
        let mut at = name.to_owned();
        for _ in 0..=HOPS {
            let Some(Member::Link(target)) = self.members.get(&at) else {
                return Ok(at);
            };
            at = target.clone().ok_or_else(|| {
                ImageError::new(format!("`{}` is a link that leads out of the archive", shown(&at)))
            })?;
        }
        Err(ImageError::new(format!("`{}` is a link that leads over more than {HOPS} others", shown(name))))
    }

    /// Where a regular file begins, and its size; `None`: there is nothing of this name.
    ///
    /// # Errors
    /// When it is no regular file, or is there twice.
    pub(super) fn find(&self, name: &str) -> Result<Option<(u64, u64)>, ImageError> {
        let why = match self.members.get(name) {
            None => return Ok(None),
            Some(Member::File { at, size }) => return Ok(Some((*at, *size))),
            Some(Member::Link(_)) => "is a link, which is not followed",
            Some(Member::Twice) => "is in it twice",
            Some(Member::Other) => "is no regular file",
        };
        Err(ImageError::new(format!("`{}` {why}", shown(name))))
    }

    /// Bytes of a member that was kept from the pass, by where they begin.
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
pub(super) trait Source: Read {
    /// Passes over bytes.
    fn skip(&mut self, count: u64) -> io::Result<()>;

    /// Whether so many bytes can be there; of streams only reading tells.
    fn holds(&self, end: u64) -> bool;

    /// Bytes of a member that is kept, at most, and of all of them: what cannot be read again later.
    fn keeps(&self) -> (u64, u64);

    /// Looks at a regular file before anything of it is read.
    ///
    /// # Errors
    /// When it is damaged.
    fn begin(&mut self, _name: &str, _size: u64) -> Result<Begun, ImageError> {
        Ok(Begun::Head(Vec::new()))
    }
}

/// What a look at a member took of it.
pub(super) enum Begun {
    /// Its first bytes, which may be none.
    Head(Vec<u8>),
    /// All of it.
    #[cfg_attr(not(feature = "registry"), allow(dead_code, reason = "only streams of an engine need it"))]
    Whole,
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
pub(super) fn index<S: Source>(input: &mut S) -> Result<Index, ImageError> {
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
        let mut taken = 0;
        if is_extension(kind) {
            let body = extension(input, size, at)?;
            extend(&mut extended, kind, &body).ok_or_else(|| damaged(at - BLOCK as u64))?;
            taken = size;
        } else {
            if let Some(name) = name_of(&header, &extended) {
                let member = member_of(&header, &extended, at, size, &name)?;
                if matches!(member, Member::File { .. }) {
                    taken = index.read(input, &name, at, size)?;
                }
                index.add(name, member)?;
            }
            extended = Extended::default();
        }
        if !(skip_to_end(input, padded - taken, end)?) {
            break;
        }
        at = end;
    }
    match count {
        0 => Err(ImageError::new("it is an empty archive")),
        _ => Ok(index),
    }
}

impl Index {
    /// Reads of a regular file what has to be read now; how many bytes that were.
    fn read<S: Source>(&mut self, input: &mut S, name: &str, at: u64, size: u64) -> Result<u64, ImageError> {
        let mut body = match input.begin(name, size)? {
            Begun::Whole => return Ok(size),
            Begun::Head(head) => head,
        };
        let (each, all) = input.keeps();
        if size <= each && size <= all.saturating_sub(self.all_kept) {
            let rest = exactly(input, size - body.len() as u64);
            body.extend(rest.map_err(|error| ended(&error, || cut_off(name)))?);
            self.all_kept += size;
            self.kept.insert(at, body);
            return Ok(size);
        }
        Ok(body.len() as u64)
    }
}

/// Skips what is left of a member; `false`: only its padding is missing at the end of the file, which is usual enough.
fn skip_to_end<S: Source>(input: &mut S, rest: u64, end: u64) -> Result<bool, ImageError> {
    if !input.holds(end) {
        return Ok(false);
    }
    let cut_off = || ImageError::new("it is cut off inside a member");
    input.skip(rest).map(|()| true).map_err(|error| ended(&error, cut_off))
}

/// What an error of reading says: that the archive is cut off, or what else.
fn ended(error: &io::Error, cut_off: impl FnOnce() -> ImageError) -> ImageError {
    match error.kind() {
        ErrorKind::UnexpectedEof => cut_off(),
        _ => unreadable(error),
    }
}

/// The next header; `None` at the end: two blocks of zeros, or the end of the file.
fn next<S: Source>(input: &mut S, at: u64) -> Result<Option<Header>, ImageError> {
    let Some(block) = block(input)? else { return Ok(None) };
    if block.iter().all(|byte| *byte == 0) {
        let is_end = self::block(input)?.is_none_or(|block| block.iter().all(|byte| *byte == 0));
        return if is_end { Ok(None) } else { Err(damaged(at)) };
    }
    match is_header(&block) {
        true => Ok(Some(Header::from_byte_slice(&block).clone())),
        false if at == 0 => Err(ImageError::new("it is no tar archive")),
        false => Err(damaged(at)),
    }
}

/// Whether a block is the header of a member, by its checksum. The sum counts its own field as spaces (pax, "ustar
/// Interchange Format").
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    let sum: u32 = block[..148].iter().chain(&block[156..]).map(|byte| u32::from(*byte)).sum();
    Header::from_byte_slice(block).cksum().is_ok_and(|said| said == sum + 8 * 32)
}

fn block<S: Source>(input: &mut S) -> Result<Option<[u8; BLOCK]>, ImageError> {
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

fn exactly<S: Source>(input: &mut S, size: u64) -> io::Result<Vec<u8>> {
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

fn extension<S: Source>(input: &mut S, size: u64, at: u64) -> Result<Vec<u8>, ImageError> {
    if size > EXTENSION {
        return Err(ImageError::new(format!("the header at byte {at} is extended by {size} bytes")));
    }
    exactly(input, size).map_err(|error| ended(&error, || ImageError::new("it is cut off inside a header")))
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
