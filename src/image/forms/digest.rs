//! Digests: texts from strangers go in, checked names of blobs come out.

use sha2::{Digest as _, Sha256, Sha512};
use smol_str::SmolStr;

use super::files::shown;
use crate::image::error::ImageError;

/// The digest of a blob, its syntax checked: only this becomes a part of a path or of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Digest {
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
    pub(crate) fn parse(text: &str) -> Result<Self, ImageError> {
        let (algorithm, hex) = text.split_once(':').unwrap_or(("", text));
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            "" => return Err(ImageError::new(format!("`{}` is no digest", shown(text)))),
            _ => {
                let message = format!("digest `{}` is neither sha256 nor sha512", shown(text));
                return Err(ImageError::new(message));
            }
        };
        if !is_hex(hex) || hex.len() != length {
            let message = format!("digest `{}` has not {length} hexadecimal digits", shown(text));
            return Err(ImageError::new(message));
        }
        Ok(Self { text: text.into(), hex: algorithm.len() + 1 })
    }

    /// The SHA-256 of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = format!("sha256:{}", hex(&Sha256::digest(bytes)));
        Self { text: text.into(), hex: "sha256:".len() }
    }

    /// `sha256:…`
    pub(crate) fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What is behind the colon.
    pub(crate) fn hex(&self) -> &str {
        &self.text[self.hex..]
    }

    /// Where an OCI layout keeps the blob: `blobs/sha256/…`.
    pub(crate) fn path(&self) -> String {
        format!("blobs/{}/{}", &self.text[..self.hex - 1], self.hex())
    }

    /// Whether these are the bytes that it names; `what` names them in the error.
    ///
    /// # Errors
    /// When they are others.
    pub(crate) fn check(&self, what: &str, bytes: &[u8]) -> Result<(), ImageError> {
        let found = match self.text.starts_with("sha256") {
            true => hex(&Sha256::digest(bytes)),
            false => hex(&Sha512::digest(bytes)),
        };
        match found == self.hex() {
            true => Ok(()),
            false => Err(ImageError::new(format!(
                "{what} is not what its digest {} says: its bytes have {found}",
                self.text
            ))),
        }
    }
}

/// Whether a text is hexadecimal digits in lower case.
pub(super) fn is_hex(text: &str) -> bool {
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
}
