//! Artifacts, locations and regions.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use serde::Serialize;

use super::super::escape::uri;
use super::super::json_text;
use super::super::resolved;
use crate::finding::Finding;
use crate::source::{Place, Source, Span};

/// Above this many bytes of sources, texts are left out of the report.
const MAX_TEXT: usize = 1_000_000;
/// Longer stretches are not quoted.
const MAX_SNIPPET: u32 = 4_096;

/// The files that results speak of, in the order in which they do.
pub(super) struct Artifacts<'a> {
    list: Vec<(&'a Source, String)>,
    /// Those whose path stands for several texts (one image on several platforms), so that none of them is quoted whole.
    several: HashSet<usize>,
    index: HashMap<&'a str, usize>,
    /// Whether texts of sources are quoted.
    quoted: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    location: ArtifactLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_language: Option<&'static str>,
    encoding: &'static str,
    roles: [&'static str; 1],
}

/// A message or a text.
#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<Region<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'a> {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text<'a>>,
}

impl<'a> Artifacts<'a> {
    pub(super) fn of(findings: &[(&'a Finding, String)], prefix: &str) -> Self {
        let mut all =
            Self { list: Vec::new(), several: HashSet::new(), index: HashMap::new(), quoted: false };
        for (finding, _) in findings {
            let steps = finding.plan.iter().chain(&finding.origin).chain(&finding.related);
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
            for place in std::iter::once(&finding.place).chain(steps.map(|step| &step.place)).chain(edits) {
                let next = all.list.len();
                let at = *all.index.entry(place.source.path()).or_insert(next);
                match all.list.get(at) {
                    None => all.list.push((&place.source, from_root(prefix, place.source.path()))),
                    Some((known, _)) if !known.is_same(&place.source) => {
                        all.several.insert(at);
                    }
                    Some(_) => {}
                }
            }
        }
        all.quoted = all.list.iter().map(|(source, _)| source.bytes().len()).sum::<usize>() <= MAX_TEXT;
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (at, (source, _)) in self.list.iter().enumerate() {
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            let text = (self.quoted && !self.several.contains(&at))
                .then(|| std::str::from_utf8(source.shown()).ok())
                .flatten();
            let artifact = Artifact {
                location: self.location(source),
                contents: text.filter(|text| !text.is_empty()).map(|text| Text { text: text.into() }),
                source_language: language(source.path()),
                encoding: "utf-8",
                roles: ["analysisTarget"],
            };
            json_text::write(&artifact, out)?;
        }
        Ok(())
    }

    pub(super) fn location(&self, source: &Source) -> ArtifactLocation<'_> {
        let Some(index) = self.index.get(source.path()).copied() else {
            return ArtifactLocation { uri: "unknown", uri_base_id: Some("SRCROOT"), index: None };
        };
        let uri = self.list[index].1.as_str();
        // An absolute path is relative to nothing.
        let relative = !uri.starts_with("file:");
        ArtifactLocation { uri, uri_base_id: relative.then_some("SRCROOT"), index: Some(index) }
    }

    /// A place; `context`: with the whole lines around it.
    pub(super) fn physical<'b>(&'b self, place: &'b Place, context: bool) -> PhysicalLocation<'b> {
        let span = shown(place);
        PhysicalLocation {
            artifact_location: self.location(&place.source),
            region: self.region(&place.source, span),
            context_region: (context && self.quoted).then(|| context_region(&place.source, span)).flatten(),
        }
    }

    /// The region of a span as it stands, for replacements.
    pub(super) fn exact<'b>(&'b self, place: &'b Place) -> Region<'b> {
        let mut region = self.region(&place.source, place.span);
        region.snippet = None;
        region
    }

    fn region<'b>(&self, source: &'b Source, span: Span) -> Region<'b> {
        let (start, end) = (source.position(span.start), source.position(span.end));
        let quoted = self.quoted && !span.is_empty() && span.len() <= MAX_SNIPPET;
        Region {
            start_line: start.line,
            start_column: Some(start.utf16),
            end_line: end.line,
            end_column: Some(end.utf16),
            snippet: quoted.then(|| Text { text: String::from_utf8_lossy(source.shown_slice(span)) }),
        }
    }
}

/// The whole lines of a span.
fn context_region(source: &Source, span: Span) -> Option<Region<'_>> {
    let (first, last) = (source.position(span.start).line, source.position(span.end).line);
    let lines = source.lines();
    let whole = lines.span_of(first, source.bytes()).to(lines.span_of(last, source.bytes()));
    let text = source.shown_slice(whole);
    (!text.is_empty() && whole.len() <= MAX_SNIPPET).then(|| Region {
        start_line: first,
        start_column: None,
        end_line: last,
        end_column: None,
        snippet: Some(Text { text: String::from_utf8_lossy(text) }),
    })
}

/// A span inside the file and, where there is a character, not empty.
fn shown(place: &Place) -> Span {
    let bytes = place.source.bytes();
    let size = bytes.len() as u32;
    let mut start = place.span.start.min(size);
    if start == size && bytes.ends_with(b"\n") {
        start -= 1;
    }
    let mut end = place.span.end.clamp(start, size);
    if start == end {
        let next = bytes[start as usize..].utf8_chunks().next();
        let next =
            next.and_then(|chunk| chunk.valid().chars().next()).filter(|next| !matches!(next, '\n' | '\r'));
        end = start + next.map_or(0, |next| next.len_utf8() as u32);
    }
    Span::new(start, end)
}

/// A report path as a URI from the repository's root: `prefix` in front, `.` and `..` resolved.
fn from_root(prefix: &str, path: &str) -> String {
    if path.starts_with('/') {
        return format!("file://{}", uri(path));
    }
    // The name of an image (`oci:layouts/../web`) begins with how it is stored, which no `..` takes away.
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if let Some((form, rest)) = path.split_once(':').filter(|(form, _)| is_word(form)) {
        let prefix = resolved(prefix.split('/'));
        let name = format!("{form}:{}", resolved(rest.split('/')));
        return uri(&if prefix.is_empty() { name } else { format!("{prefix}/{name}") }).into_owned();
    }
    let path = resolved(prefix.split('/').chain(path.split('/')));
    if path.is_empty() { "unknown".to_owned() } else { uri(&path).into_owned() }
}

fn language(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.rsplit('.').next() {
        Some("toml") => Some("toml"),
        Some("md") => Some("markdown"),
        Some("yaml" | "yml") => Some("yaml"),
        Some("json") => Some("json"),
        _ if name.contains("dockerfile") || name.contains("containerfile") => Some("dockerfile"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_root() {
        for (prefix, path, expected) in [
            ("", "a/Dockerfile", "a/Dockerfile"),
            ("sub/dir/", "./a b", "sub/dir/a%20b"),
            ("sub/dir/", "../x", "sub/x"),
            ("", "../x", "../x"),
            ("", "/abs/x", "file:///abs/x"),
            ("", ".", "unknown"),
            ("sub/", "oci:layouts/../web:1.0", "sub/oci%3Aweb%3A1.0"),
            ("", "docker-archive:/abs/x.tar", "docker-archive%3Aabs/x.tar"),
            ("", "registry.example:5000/web:1@sha256:ab", "registry.example%3A5000/web%3A1%40sha256%3Aab"),
            ("", "docker://registry.example/web", "docker%3Aregistry.example/web"),
        ] {
            assert_eq!(from_root(prefix, path), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn spans_are_brought_inside() {
        let of = |text: &str, start, end| {
            shown(&Place::new(&Source::new("x", text.as_bytes().to_vec()), Span::new(start, end)))
        };
        assert_eq!(of("abc\n", 1, 2), Span::new(1, 2));
        assert_eq!(of("abc\n", 4, 9), Span::new(3, 4));
        assert_eq!(of("a\u{1F600}", 1, 1), Span::new(1, 5));
        assert_eq!(of("a\n", 1, 1), Span::new(1, 1));
        assert_eq!(of("", 7, 9), Span::new(0, 0));
    }
}
