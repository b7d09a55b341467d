//! Certificates of authorities that a user trusts beside the built-in ones: a PEM file goes in.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Bytes of a file at most: the roots of a system are 200 KiB.
const MAX_FILE: u64 = 4 << 20;

/// Authorities of the user.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    certificates: Vec<Certificate<'static>>,
}

impl Authorities {
    /// Takes the certificates of a PEM file (RFC 7468) as well.
    ///
    /// # Errors
    /// When it cannot be read, or holds no certificate; one sentence without a full stop.
    pub fn add_file(&mut self, path: &Path) -> Result<(), String> {
        let mut bytes = Vec::new();
        let is_file = std::fs::metadata(path).map(|found| found.is_file());
        if is_file.is_ok_and(|is_file| !is_file) {
            return Err(format!("`{}` is no regular file", path.display()));
        }
        let read = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
        read.map_err(|error| format!("`{}` cannot be read: {}", path.display(), words(&error)))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!("`{}` has more than {MAX_FILE} bytes", path.display()));
        }
        self.add(&bytes).map_err(|why| format!("`{}` {why}", path.display()))
    }

    fn add(&mut self, pem: &[u8]) -> Result<(), &'static str> {
        let before = self.certificates.len();
        for item in parse_pem(pem) {
            match item {
                // A certificate is a SEQUENCE (RFC 5280, 4.1).
                Ok(PemItem::Certificate(certificate)) if certificate.der().first() == Some(&0x30) => {
                    self.certificates.push(certificate);
                }
                Ok(PemItem::Certificate(_)) | Err(_) => return Err("holds a certificate that is damaged"),
                Ok(_) => {}
            }
        }
        match self.certificates.len() > before {
            true => Ok(()),
            false => Err("holds no certificate in PEM: `-----BEGIN CERTIFICATE-----`"),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// TLS that trusts these, and nobody else.
    pub(super) fn tls(&self) -> TlsConfig {
        TlsConfig::builder().root_certs(RootCerts::new_with_certs(&self.certificates)).build()
    }
}

fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Authorities;

    #[test]
    fn files_without_a_certificate_are_refused() {
        let mut authorities = Authorities::default();
        let good = b"text\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        assert_eq!(authorities.add(good), Ok(()));
        assert_eq!(authorities.certificates.len(), 1);
        for (bad, why) in [
            (&b""[..], "no certificate"),
            (b"\x30\x82\x03\x01", "no certificate"),
            (b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "no certificate"),
            (b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "damaged"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
            (b"-----BEGIN CERTIFICATE-----\nMAA=\n", "damaged"),
        ] {
            let said = authorities.add(bad);
            assert!(said.is_err_and(|said| said.contains(why)), "{said:?}: {}", String::from_utf8_lossy(bad));
        }
        assert!(
            authorities.add_file(std::path::Path::new("/")).is_err_and(|why| why.contains("no regular file"))
        );
        assert!(
            authorities
                .add_file(std::path::Path::new("/none/x.pem"))
                .is_err_and(|why| why.contains("cannot be read"))
        );
    }
}
