//! One requirement: name, extras, version specifier, URL or path, marker (PEP 508 and what pip takes beyond it).

use smol_str::SmolStr;

/// A requirement as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedRequirement {
    /// The name as PEP 503 normalises it; empty for a bare path or URL, or when a variable is part of it.
    pub name: SmolStr,
    /// The name as written; of a nameless one the whole text.
    pub written: SmolStr,
    /// The version specifier without blanks and brackets.
    pub specifier: SmolStr,
    /// The version of the only `==` or `===` clause, when it has no wildcard and no variable.
    pub pinned: Option<SmolStr>,
    /// What stands behind `@`, or a bare URL.
    pub url: Option<SmolStr>,
    /// Whether it is a local path or archive.
    pub local: bool,
    /// The marker behind `;`.
    pub marker: Option<SmolStr>,
}

/// Longest first, so that `===` is not read as `==`.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
const ARCHIVES: [&str; 8] = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar", ".egg"];

/// A name in the form that PEP 503 compares: lower case, runs of `-`, `_` and `.` as one `-`.
#[must_use]
pub fn normalize_name(name: &str) -> SmolStr {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.push(character.to_ascii_lowercase());
        }
    }
    normal.into()
}

/// Reads one requirement without options. Variables (`$X`, `${X}`) may stand in it; a name they are part of is empty.
///
/// # Errors
/// What keeps the text from being a requirement.
pub fn parse_requirement(text: &str) -> Result<ParsedRequirement, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("a requirement is missing");
    }
    let (name, behind) = text.split_at(name_length(text));
    let (extras, behind) = split_extras(behind.trim_start());
    if !name.is_empty()
        && extras.is_some()
        && let Some(url) = behind.trim_start().strip_prefix('@')
    {
        let (url, marker) = split_marker(url, true);
        if url.is_empty() {
            return Err("a URL is missing behind `@`");
        }
        return Ok(ParsedRequirement { url: Some(url.into()), marker, ..named(name) });
    }
    let is_url = is_url(text);
    if is_url || is_path(text) {
        let (body, marker) = split_marker(text, true);
        return Ok(nameless(body, marker, is_url));
    }
    let (specifier, marker) = split_marker(behind, false);
    if name.is_empty() || extras.is_none() || specifier.starts_with('$') {
        if text.contains('$') {
            return Ok(ParsedRequirement { written: text.into(), marker, ..ParsedRequirement::default() });
        }
        return Err("neither a requirement nor an option");
    }
    let specifier =
        specifier.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(specifier);
    let mut requirement = ParsedRequirement { marker, ..named(name) };
    read_specifier(specifier, &mut requirement)?;
    Ok(requirement)
}

fn named(name: &str) -> ParsedRequirement {
    ParsedRequirement { name: normalize_name(name), written: name.into(), ..ParsedRequirement::default() }
}

fn nameless(body: &str, marker: Option<SmolStr>, is_url: bool) -> ParsedRequirement {
    let egg = body.split_once("#egg=").or_else(|| body.split_once("&egg=")).map(|(_, name)| name);
    let name = egg.map(|name| &name[..name_length(name)]).unwrap_or_default();
    ParsedRequirement {
        name: normalize_name(name),
        written: if name.is_empty() { body.into() } else { name.into() },
        url: is_url.then(|| body.into()),
        local: !is_url || body.starts_with("file:"),
        marker,
        ..ParsedRequirement::default()
    }
}

/// How many bytes at the start can be a distribution's name.
fn name_length(text: &str) -> usize {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let length = text.bytes().take_while(|byte| is_part(*byte)).count();
    if text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()) { length } else { 0 }
}

/// What is in `[ ]` and what follows; `None` when the bracket is not closed.
fn split_extras(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix('[') {
        None => (Some(""), text.trim_start()),
        Some(inner) => match inner.split_once(']') {
            Some((extras, rest)) => (Some(extras), rest.trim_start()),
            None => (None, text),
        },
    }
}

/// Text and marker. A URL may hold `;`, so its marker needs a blank before it.
fn split_marker(text: &str, url: bool) -> (&str, Option<SmolStr>) {
    let at = if url { text.find(" ;").map(|at| at + 1) } else { text.find(';') };
    match at {
        Some(at) => (text[..at].trim(), Some(text[at + 1..].trim().into())),
        None => (text.trim(), None),
    }
}

fn is_url(text: &str) -> bool {
    let head = text.split([' ', ';']).next().unwrap_or_default();
    head.contains("://") || head.starts_with("file:") || head.starts_with("git+")
}

fn is_path(text: &str) -> bool {
    let head = text.split([';', '[', '<', '>', '=', '!', '~', ' ']).next().unwrap_or_default();
    let whole = text.split(" ;").next().unwrap_or_default().trim_end();
    text.starts_with('.')
        || head.contains(['/', '\\'])
        || text.starts_with("~/")
        || ARCHIVES.iter().any(|ending| whole.ends_with(ending))
}

fn read_specifier(text: &str, requirement: &mut ParsedRequirement) -> Result<(), &'static str> {
    let mut specifier = String::with_capacity(text.len());
    let mut equal = 0;
    for clause in text.split(',').map(str::trim).filter(|clause| !clause.is_empty()) {
        let Some(operator) = OPERATORS.iter().find(|operator| clause.starts_with(**operator)) else {
            return Err("the version specifier is not one of Python's (`==1.2`, `>=1,<2`)");
        };
        let version = clause[operator.len()..].trim();
        let is_odd =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'=' | b'"' | b'\'');
        if version.is_empty() || (!version.contains("${") && version.bytes().any(is_odd)) {
            return Err("the version specifier has no plain version behind its operator");
        }
        if !specifier.is_empty() {
            specifier.push(',');
        }
        specifier.push_str(operator);
        specifier.push_str(version);
        if matches!(*operator, "==" | "===") {
            equal += 1;
            let certain = !version.contains(['*', '$', '`']);
            requirement.pinned = certain.then(|| version.into());
        }
    }
    if equal != 1 {
        requirement.pinned = None;
    }
    requirement.specifier = specifier.into();
    Ok(())
}
