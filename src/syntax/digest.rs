//! Digests (OCI image specification, descriptor.md, "Digests"): texts from strangers go in, checked names of blobs come out,
//! and bytes are held against them. What a blob is must not be known here.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};
use smol_str::SmolStr;

/// Characters of a text that an error shows.
const SHOWN: usize = 150;

/// Why a text is no digest, or bytes are not what theirs says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestError {
    /// One sentence without a full stop.
    pub message: String,
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DigestError {}

/// The digest of a blob, its syntax checked: only this becomes a part of a path or of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest {
    text: SmolStr,
    /// Where the hexadecimal part begins.
    hex: usize,
}

impl Digest {
    /// Reads `sha256:` and 64 hexadecimal digits in lower case, or `sha512:` and 128 (OCI image specification,
    /// descriptor.md, "Registered algorithms").
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        let (algorithm, hex) = text.split_once(':').unwrap_or(("", text));
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            "" => return Err(wrong(format!("`{}` is no digest", shown(text)))),
            _ => {
                let message = format!("digest `{}` is neither sha256 nor sha512", shown(text));
                return Err(wrong(message));
            }
        };
        if !is_hex(hex) || hex.len() != length {
            let message = format!("digest `{}` has not {length} hexadecimal digits", shown(text));
            return Err(wrong(message));
        }
        Ok(Self { text: text.into(), hex: algorithm.len() + 1 })
    }

    /// The SHA-256 of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { text: sha256(bytes).into(), hex: "sha256:".len() }
    }

    /// `sha256:…`
    #[must_use]
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What is behind the colon.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.text[self.hex..]
    }

    /// Where an OCI layout keeps the blob: `blobs/sha256/…`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("blobs/{}/{}", &self.text[..self.hex - 1], self.hex())
    }

    /// Whether these are the bytes that it names; `what` names them in the error.
    ///
    /// # Errors
    /// When they are others.
    pub fn check(&self, what: &str, bytes: &[u8]) -> Result<(), DigestError> {
        let found = match self.text.starts_with("sha256") {
            true => hex(&Sha256::digest(bytes)),
            false => hex(&Sha512::digest(bytes)),
        };
        match found == self.hex() {
            true => Ok(()),
            false => Err(wrong(format!(
                "{what} is not what its digest {} says: its bytes have {found}",
                self.text
            ))),
        }
    }
}

fn wrong(message: String) -> DigestError {
    DigestError { message }
}

/// A text of input as errors show it: not longer than a line.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether a text is the SHA-256 digest of something, in lower case.
#[must_use]
pub fn is_sha256(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && is_hex(hex))
}

/// The SHA-256 digest of bytes: `sha256:…`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    sha256_of(Sha256::new_with_prefix(bytes))
}

/// The digest of what was hashed: `sha256:…`.
pub(crate) fn sha256_of(hash: Sha256) -> String {
    format!("sha256:{}", hex(&hash.finalize()))
}

/// Whether a text is hexadecimal digits in lower case.
#[must_use]
pub fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a text cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_digests_of_known_algorithms_are_read() {
        let of = |text: &str| Digest::parse(text).map_err(|error| error.message);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let digest = of(&format!("sha256:{empty}")).unwrap();
        assert_eq!((digest.hex(), digest.path()), (empty, format!("blobs/sha256/{empty}")));
        assert_eq!(digest, Digest::of(b""));
        assert!(digest.check("it", b"").is_ok());
        assert!(digest.check("the config", b"x").unwrap_err().message.starts_with("the config is not what"));
        assert!(of(&format!("sha512:{empty}{empty}")).unwrap().check("it", b"").is_err());
        for (bad, why) in [
            ("", "is no digest"),
            ("abc", "is no digest"),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", "neither sha256 nor sha512"),
            ("SHA256:abc", "neither"),
            ("sha256:", "has not 64 hexadecimal digits"),
            ("sha256:../../../../../../../../../../../../../../../../../../../../etc/pass", "has not 64"),
            (&format!("sha256:{}", empty.to_uppercase()), "has not 64"),
            (&format!("sha512:{empty}"), "has not 128"),
        ] {
            let error = of(bad).unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn only_whole_sha256_digests_can_be_asked_for() {
        let empty = sha256(b"");
        assert_eq!(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(is_sha256(&empty));
        let upper = format!("sha256:{}", "A".repeat(64));
        let traversal = format!("sha256:../{}", "a".repeat(61));
        let sha512 = format!("sha512:{}", "a".repeat(128));
        for bad in ["", "sha256:", &empty[7..], &empty[..70], &upper, &traversal, &sha512] {
            assert!(!is_sha256(bad), "{bad}");
        }
        assert!(!is_sha256(&format!("{empty}0")));
    }
}
