//! Digests: `sha256:` and 64 hexadecimal digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Whether a text is a digest that can be verified: SHA-256, in lower case (OCI image specification, "Digests"). Others
/// are refused: what cannot be verified is not read.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The digest of bytes: `sha256:…`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_digest, sha256};

    #[test]
    fn only_whole_sha256_digests_are_digests() {
        let empty = sha256(b"");
        assert_eq!(empty, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(is_digest(&empty));
        let upper = format!("sha256:{}", "A".repeat(64));
        let traversal = format!("sha256:../{}", "a".repeat(61));
        for bad in [
            "",
            "sha256:",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            &empty[7..],
            &empty[..70],
            &upper,
            &traversal,
        ] {
            assert!(!is_digest(bad), "{bad}");
        }
        assert!(!is_digest(&format!("{empty}0")));
    }
}
