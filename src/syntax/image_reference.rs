//! Image references (`ghcr.io/org/name:tag@sha256:…`): text in, parts with spans out.

use crate::source::Span;

/// The parts of an image reference, as ranges of the text that was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// `ghcr.io` or `localhost:5000`; `None` when the reference names none (Docker Hub is meant).
    pub registry: Option<&'a str>,
    /// The path without registry, tag and digest: `org/name`.
    pub repository: &'a str,
    /// The tag, without its colon.
    pub tag: Option<&'a str>,
    /// The digest, without its `@`.
    pub digest: Option<&'a str>,
}

impl<'a> ImageReference<'a> {
    /// Splits a reference. Never fails: what is odd stays in `repository`.
    ///
    /// The first component is a registry when it holds `.` or `:` or is `localhost`
    /// (distribution/reference, `splitDockerDomain`).
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((before, tag)) if !tag.contains('/') => (before, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = match rest.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
            _ => (None, rest),
        };
        Self { registry, repository, tag, digest }
    }

    /// The last component of the repository: `name` of `ghcr.io/org/name:tag`.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }

    /// The span of one part inside the text that was parsed, in bytes; `part` must be a slice of that text.
    #[must_use]
    pub fn span_of(text: &str, part: &str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) as u32;
        Span::new(start, start + part.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    #[test]
    fn a_registry_port_is_no_tag() {
        let it = ImageReference::parse("localhost:5000/x:1.0");
        assert_eq!((it.registry, it.repository, it.tag), (Some("localhost:5000"), "x", Some("1.0")));
        let it = ImageReference::parse("localhost:5000/x");
        assert_eq!((it.registry, it.repository, it.tag), (Some("localhost:5000"), "x", None));
    }

    #[test]
    fn hub_names_have_no_registry() {
        let it = ImageReference::parse("nvidia/cuda:12.1.1-runtime-ubuntu22.04");
        assert_eq!((it.registry, it.name(), it.tag), (None, "cuda", Some("12.1.1-runtime-ubuntu22.04")));
        let it = ImageReference::parse("debian@sha256:ab");
        assert_eq!((it.repository, it.tag, it.digest), ("debian", None, Some("sha256:ab")));
    }
}
