//! The registry and the scheme of tags, from references with placeholders: `ghcr.io/example/<name>:YYYYMMDD-<commit>`.

use super::claims::{Claims, Value, Voice, key};
use super::statements::{Pattern, Statement};

static TEMPLATE: Pattern = Pattern::new(
    "/",
    r"(?:^|[\s`(])([a-z0-9][a-z0-9.-]*(?::\d+)?(?:/[a-z0-9<>{}$._-]+)+)(?::([a-z0-9<>{}$()._-]+))?",
);
static TAG: Pattern = Pattern::new("tag", r"\btags?\b[^`.;]{0,40}`([a-z0-9<>{}$._-]+)`");

#[cfg(test)]
pub(super) static ALL: [&Pattern; 2] = [&TEMPLATE, &TAG];

/// Parts of a tag that stand for something, longest first, with what they match.
const PARTS: [(&str, &str); 16] = [
    ("yyyymmdd", r"\d{8}"),
    ("yyyy-mm-dd", r"\d{4}-\d{2}-\d{2}"),
    ("yyyy.mm.dd", r"\d{4}\.\d{2}\.\d{2}"),
    ("major.minor.patch", r"\d+\.\d+\.\d+"),
    ("x.y.z", r"\d+\.\d+\.\d+"),
    ("semver", r"\d+\.\d+\.\d+"),
    ("short_sha", HASH),
    ("git_sha", HASH),
    ("git-sha", HASH),
    ("gitsha", HASH),
    ("commit", HASH),
    ("sha", HASH),
    ("major", r"\d+"),
    ("minor", r"\d+"),
    ("patch", r"\d+"),
    ("date", r"\d{8}"),
];

const HASH: &str = "[0-9a-f]{7,40}";

/// Reads one statement.
pub(super) fn read(statement: &Statement, claims: &mut Claims) {
    for found in TEMPLATE.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let (at, reference) = (range.start, statement.text.get(range).unwrap_or(""));
        let Some((registry, name)) = reference.rsplit_once('/') else { continue };
        let host = registry.split('/').next().unwrap_or_default();
        let placeholder = |text: &str| text.contains(['<', '{', '$']);
        if !(host.contains(['.', ':']) || host == "localhost") || !placeholder(name) {
            continue;
        }
        // `ghcr.io/<org>` says where images are, and not yet below what.
        let plain = name.trim_matches(['<', '>', '{', '}', '$']).to_ascii_lowercase();
        let owner = ["org", "owner", "user", "account", "namespace", "project"].contains(&plain.as_str());
        let voice = match placeholder(registry) || owner {
            true => Voice::Doubtful("it has a placeholder".to_owned()),
            false => statement.voice(at, &[]),
        };
        let registry = if owner { reference } else { registry };
        claims.add(
            key(["images", "registry"]),
            Value::Text(registry.to_owned()),
            statement.offset(at),
            voice,
        );
        if let Some(tag) = found[2].clone() {
            self::tag(statement, at, statement.text.get(tag).unwrap_or(""), claims);
        }
    }
    for found in TAG.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let (at, text) = (range.start, statement.text.get(range).unwrap_or(""));
        if pattern(text).is_ok() {
            tag(statement, at, text, claims);
        }
    }
}

fn tag(statement: &Statement, at: usize, written: &str, claims: &mut Claims) {
    let (pattern, voice) = match pattern(written) {
        Ok(pattern) => (pattern, statement.voice(at, &[])),
        Err(why) => (format!("^{}$", regex::escape(written)), Voice::Doubtful(why)),
    };
    claims.add(key(["images", "tag"]), Value::Text(pattern), statement.offset(at), voice);
}

/// The regular expression of a scheme such as `YYYYMMDD-<git_sha>`.
///
/// # Errors
/// Why the scheme cannot be told.
fn pattern(scheme: &str) -> Result<String, String> {
    let lower = scheme.to_ascii_lowercase();
    let mut rest = lower.as_str();
    let mut out = String::from("^");
    let mut parts = 0;
    while let Some(c) = rest.chars().next() {
        let wrapped = matches!(c, '<' | '{' | '$');
        let inside = rest.trim_start_matches(['<', '{', '$', '(']);
        let found = PARTS.iter().find(|(name, _)| inside.starts_with(name));
        match found {
            Some((name, matches)) => {
                out.push_str(matches);
                parts += 1;
                let after = &inside[name.len()..];
                // `<commit7>` and `<sha-short>` say the same as `<commit>`.
                rest = match wrapped.then(|| after.find(['>', '}'])).flatten() {
                    Some(end) => after[end..].trim_start_matches(['>', '}', ')']),
                    None => after,
                };
            }
            None if wrapped => return Err("it has a placeholder whose form is not known".to_owned()),
            None if c.is_ascii_alphabetic() && c != 'v' => {
                return Err("it is a tag and no scheme of tags".to_owned());
            }
            None => {
                out.push_str(&regex::escape(&c.to_string()));
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out.push('$');
    if parts == 0 { Err("it is a tag and no scheme of tags".to_owned()) } else { Ok(out.replace("\\-", "-")) }
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn schemes_become_patterns() {
        for (scheme, want) in [
            ("YYYYMMDD-<git_sha>", r"^\d{8}-[0-9a-f]{7,40}$"),
            ("YYYYMMDD-<commit>", r"^\d{8}-[0-9a-f]{7,40}$"),
            ("<date>-<sha>", r"^\d{8}-[0-9a-f]{7,40}$"),
            ("${DATE}-${SHA}", r"^\d{8}-[0-9a-f]{7,40}$"),
            ("v<major>.<minor>.<patch>", r"^v\d+\.\d+\.\d+$"),
            ("X.Y.Z", r"^\d+\.\d+\.\d+$"),
            ("v{semver}", r"^v\d+\.\d+\.\d+$"),
        ] {
            assert_eq!(pattern(scheme).as_deref(), Ok(want), "{scheme}");
        }
        for scheme in ["0.2.0", "latest", "<tag>", "20240815", "", "release-<sha>"] {
            assert!(pattern(scheme).is_err(), "{scheme}");
        }
    }
}
