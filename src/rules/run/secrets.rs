//! Names that look secret, values that look like secrets, and the pairs of a file that hold them.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::{Build, Stage};
use crate::source::{Place, Span};

/// Whether a word makes a name secret.
fn is_secret(word: &str) -> bool {
    matches!(
        word,
        "TOKEN"
            | "PASSWORD"
            | "PASSWD"
            | "PASSPHRASE"
            | "PWORD"
            | "SECRET"
            | "SECRETS"
            | "APIKEY"
            | "CREDENTIAL"
            | "CREDENTIALS"
    )
}

/// Words before KEY that make it secret; a KEY alone may be anything.
const KEYS: &str = "\
    API PRIVATE ACCESS SECRET ENCRYPTION SIGNING MASTER AUTH LICENSE DEPLOY SSH";
/// Last words of names that only speak about a secret.
static ABOUT: Words = LazyLock::new(|| {
    words(
        "\
    FILE FILES PATH ALIAS NAME ID IDS URL URI VERSION DIR HOST PORT TTL EXPIRY EXPIRATION EXPIRES EXPIRE \
    LENGTH SIZE TYPE ALGORITHM ALG LIFETIME TIMEOUT DAYS HOURS MINUTES SECONDS LIMIT COUNT MAX MIN \
    ENABLED REQUIRED POLICY ENDPOINT ISSUER HEADER PREFIX FORMAT MODE REGION ROTATION SOCK SHA SHA256 \
    CHECKSUM FINGERPRINT SERVER PROVIDER MANAGER STORE KEYRING ARN HASH AUDIENCE REQUESTS INTERVAL FIELD \
    MOUNT LOCATION FOLDER ENV VAR BACKEND SERVICE CLASS RESET SCOPE SCOPES \
    SCHEME ADAPTER NAMESPACE SALT HASHER HASHERS VALIDATOR VALIDATORS VALIDATION ENCODER ENCODING ENCRYPTION \
    STRENGTH COMPLEXITY AGE HISTORY ATTEMPTS RETRIES SOURCE HELPER ADDRESS SYMBOL METHOD STRATEGY USAGE CHARSET \
    DURATION LEEWAY AUTHENTICATION FLOW GRANT",
    )
});
/// Words anywhere in a name that speak of something else.
static OTHER: Words = LazyLock::new(|| {
    words(
        "\
    PUBLIC ALLOW RANDOM ENABLE DISABLE REQUIRE NO USE SKIP MAX MIN NUM FAKE",
    )
});
/// Values that everybody knows, or that somebody means to replace.
static KNOWN: Words = LazyLock::new(|| {
    words(
        "\
    changeme change_me change-me changeit password passwd pass admin root secret default test testing \
    example dummy token 12345 123456 1234 postgres guest user foobar foo placeholder insecure letmein \
    qwerty minioadmin mysecretpassword supersecret mysecret docker notsecret replaceme replace_me \
    replace-me todo tbd fake sample development dev temp",
    )
});

/// Parts of such values.
const PARTS: [&str; 10] = [
    "changeme",
    "change_me",
    "change-me",
    "replace",
    "your",
    "example",
    "placeholder",
    "insecure",
    "dummy",
    "password",
];

/// Words that are looked up once for every name or value of every file.
type Words = LazyLock<HashSet<&'static str>>;

/// The words of a list, parted by blanks.
fn words(list: &'static str) -> HashSet<&'static str> {
    list.split(' ').collect()
}

/// Whether a name says that its value is secret: whole words between `_`, `-`, `.`.
pub(in crate::rules) fn is_secret_name(name: &str) -> bool {
    if !holds_a_part(name.as_bytes()) {
        return false;
    }
    let upper = name.to_ascii_uppercase();
    // `PASSWORD2` is a second password.
    let words = upper
        .split(['_', '-', '.', '"', '\''])
        .map(|word| word.trim_end_matches(|digit: char| digit.is_ascii_digit()));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let about = || {
        words.last().is_some_and(|last| ABOUT.contains(last)) || words.iter().any(|word| OTHER.contains(word))
    };
    let says = words.iter().any(|word| is_secret(word))
        || words
            .last()
            .is_some_and(|last| *last == "PASS" || last.ends_with("PASSWORD") || last.ends_with("PASSWD"))
        || words.windows(2).any(|pair| pair[1] == "KEY" && KEYS.split(' ').any(|one| one == pair[0]));
    says && !about()
}

/// Whether a name holds what every secret name does, and nearly every other name does not. In one pass, because every key
/// of every file is asked.
fn holds_a_part(name: &[u8]) -> bool {
    const PARTS: [&str; 6] = ["PASS", "PWORD", "KEY", "TOKEN", "SECRET", "CREDENTIAL"];
    let starts = |(at, first): (usize, &u8)| {
        let starts_with = |part: &&str| {
            name[at..].get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part.as_bytes()))
        };
        matches!(first.to_ascii_uppercase(), b'P' | b'K' | b'T' | b'S' | b'C')
            && PARTS.iter().any(starts_with)
    };
    name.iter().enumerate().any(starts)
}

/// What a value is, if its name is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum ValueKind {
    /// Nothing to report: empty, another variable, a path, a switch.
    Harmless,
    /// A default that everybody knows, or the default of a variable (`${X:-changeme}`).
    Known,
    /// A secret.
    Literal,
}

/// Judges the value of a variable: one that only repeats words of the name (`OAUTH_SECRET=oauth_secret`) is put there to
/// be replaced.
pub(in crate::rules) fn kind_under(name: &str, raw: &str) -> ValueKind {
    let plain = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect::<String>()
    };
    let repeats = || raw.len() > 3 && !plain(raw).is_empty() && plain(name).contains(&plain(raw));
    let kind = match kind_of(raw) {
        ValueKind::Literal if repeats() => ValueKind::Known,
        kind => kind,
    };
    // Of a pair of keys the access key is the public one: what everybody knows of it opens nothing.
    if kind == ValueKind::Known && is_key_id(name) { ValueKind::Harmless } else { kind }
}

/// Whether a name is the one of the public half of a pair of keys: `MINIO_ACCESS_KEY` beside `MINIO_SECRET_KEY`.
fn is_key_id(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.ends_with("ACCESS_KEY") && !upper.contains("SECRET")
}

/// Judges a value as written, without its outer quotes.
pub(in crate::rules) fn kind_of(raw: &str) -> ValueKind {
    if let Some(start) = raw.find('$') {
        let default =
            raw[start..].split_once(":-").or_else(|| raw[start..].split_once('-')).map(|(_, rest)| rest);
        let default = default.and_then(|rest| rest.split('}').next()).unwrap_or_default();
        let literal = raw.contains("${") && !default.is_empty() && !default.contains('$');
        return if literal && !is_nothing(default) { ValueKind::Known } else { ValueKind::Harmless };
    }
    let lower = raw.to_ascii_lowercase();
    if is_nothing(raw) {
        return ValueKind::Harmless;
    }
    let placeholder = KNOWN.contains(&*lower)
        || PARTS.iter().any(|part| lower.contains(part))
        || raw.bytes().all(|byte| matches!(byte, b'x' | b'X' | b'*' | b'.'));
    if placeholder { ValueKind::Known } else { ValueKind::Literal }
}

fn is_nothing(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let is_switch = matches!(
        lower.as_str(),
        "" | "yes"
            | "no"
            | "true"
            | "false"
            | "on"
            | "off"
            | "0"
            | "1"
            | "none"
            | "null"
            | "nil"
            | "unset"
            | "undefined"
    );
    let is_path = value.starts_with('/') || value.starts_with("./") || value.starts_with("~/");
    let is_address = lower.contains("://") && !lower.contains('@');
    let is_template = value.starts_with(['<', '{', '%', '[']) || value.starts_with("**");
    let is_file = [".json", ".pem", ".key", ".crt", ".txt"].iter().any(|end| lower.ends_with(end));
    // A fingerprint names a key.
    let hex = lower.strip_prefix("0x").filter(|hex| hex.len() <= 40);
    let is_fingerprint = hex.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_switch || is_path || is_address || is_template || is_file || is_fingerprint
}

/// One `NAME=value` of ENV, ARG or LABEL.
pub(super) struct Pair<'a> {
    /// The instruction.
    pub(super) keyword: &'static str,
    /// The name.
    pub(super) name: &'a str,
    /// The name's place.
    pub(super) key: Place,
    /// Everything behind the name; empty of an ARG without a value.
    pub(super) value: Span,
}

impl Pair<'_> {
    /// The value as written, without its outer quotes; `None` of an ARG without one.
    pub(super) fn raw(&self) -> Option<String> {
        if self.value.is_empty() && self.keyword == "ARG" {
            return None;
        }
        let text = String::from_utf8_lossy(self.key.source.slice(self.value));
        Some(unquote(text.trim_start().trim_start_matches('=').trim()))
    }
}

/// Every pair of the file, stages that the image does not need included: the file itself holds them.
pub(super) fn pairs(build: &Build) -> impl Iterator<Item = Pair<'_>> {
    let args = build.global_args.iter().chain(build.stages.iter().flat_map(|stage| &stage.args));
    let args = args.map(|arg| {
        let end = arg.place.span.end;
        let length = raw_behind(&arg.place).map_or(0, |raw| raw.len() as u32 + 1);
        let (name, key, value) = (arg.value.name.as_str(), &arg.place, Span::new(end, end + length));
        Pair { keyword: "ARG", name, key: key.clone(), value }
    });
    args.chain(build.stages.iter().flat_map(said))
}

fn said(stage: &Stage) -> impl Iterator<Item = Pair<'_>> {
    let layer = stage.layer();
    let env = layer.env.iter().map(|pair| ("ENV", pair.value.0.as_str(), &pair.place));
    let labels = layer.labels.iter().map(|pair| ("LABEL", pair.value.0.text.as_str(), &pair.place));
    env.chain(labels).map(|(keyword, name, place)| {
        let quotes = u32::from(place.source.slice(place.span).starts_with(b"\"")) * 2;
        let length = place.span.len().min(name.len() as u32 + quotes);
        let key = Place::new(&place.source, Span::new(place.span.start, place.span.start + length));
        Pair { keyword, name, value: Span::new(key.span.end, place.span.end), key }
    })
}

/// The value behind an ARG's name, to the end of its word.
fn raw_behind(key: &Place) -> Option<&str> {
    let rest = &key.source.bytes()[key.span.end as usize..];
    let rest = rest.strip_prefix(b"=")?;
    let end = match rest.first() {
        Some(quote @ (b'"' | b'\'')) => {
            rest[1..].iter().position(|byte| byte == quote || *byte == b'\n').map_or(rest.len(), |at| at + 2)
        }
        _ => rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()),
    };
    std::str::from_utf8(&rest[..end.min(rest.len())]).ok()
}

fn unquote(text: &str) -> String {
    let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text).to_owned()
}

/// The first bytes of all tokens.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut at = 0;
    while at < SHAPES.len() {
        first[SHAPES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    first
};

/// Whether the file may hold a token at all: one look at its bytes, so that nearly every file needs no other.
pub(super) fn may_hold_token(build: &Build) -> bool {
    let bytes = build.source.bytes();
    memchr::memmem::find(bytes, b"-----BEGIN ").is_some() || holds_a_start(bytes)
}

/// Whether something begins like a token behind a byte that is no letter or digit.
fn holds_a_start(bytes: &[u8]) -> bool {
    let mut before = b' ';
    bytes.iter().enumerate().any(|(at, byte)| {
        let starts = FIRST[usize::from(*byte)] && !before.is_ascii_alphanumeric();
        before = *byte;
        starts && SHAPES.iter().any(|(prefix, ..)| bytes[at..].starts_with(prefix.as_bytes()))
    })
}

/// Where a well-known kind of token stands in a text: its start and what it is.
pub(in crate::rules) fn token(text: &str) -> Option<(usize, &'static str)> {
    let key = memchr::memmem::find(text.as_bytes(), PRIVATE_KEY.as_bytes()).filter(|at| {
        let line = text[*at..].lines().next().unwrap_or_default();
        line.contains("PRIVATE KEY-----")
    });
    if let Some(at) = key {
        return Some((at, "a private key"));
    }
    if !holds_a_shape(text.as_bytes()) {
        return None;
    }
    let found = SHAPES.iter().filter_map(|(prefix, length, what)| {
        let (at, _) = text.match_indices(prefix).find(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let body = &text[at + prefix.len()..];
            let body = &body[..body.bytes().take(LONGEST).take_while(is_part).count()];
            // The keys of AWS's manuals end so.
            before.is_none_or(|before| !before.is_ascii_alphanumeric())
                && body.len() >= *length
                && !body.ends_with("EXAMPLE")
        })?;
        Some((at, *what))
    });
    found.min_by_key(|(at, _)| *at)
}

/// What a private key begins with, and certificates as well.
pub(in crate::rules) const PRIVATE_KEY: &str = "-----BEGIN ";

/// Tokens by what they begin with, how many characters follow at least, and what they are.
const SHAPES: &[(&str, usize, &str)] = &[
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("github_pat_", 22, "a GitHub token"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("glpat-", 20, "a GitLab token"),
    ("sk_live_", 20, "a Stripe key"),
    ("AIza", 35, "a Google API key"),
    ("npm_", 36, "an npm token"),
    ("hf_", 34, "a Hugging Face token"),
    ("dckr_pat_", 20, "a Docker token"),
];

/// Bytes of a token that are looked at.
const LONGEST: usize = 256;

/// No token is shorter.
pub(in crate::rules) const SHORTEST: usize = 20;

/// Whether a byte may stand in a token.
fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether a token stands anywhere in a text: one pass, because nearly every text holds none.
fn holds_a_shape(text: &[u8]) -> bool {
    let fits = |rest: &[u8]| {
        let is_it = |(prefix, length, _): &(&str, usize, &str)| {
            rest.strip_prefix(prefix.as_bytes()).is_some_and(|body| body.len() >= *length)
        };
        rest.len() >= SHORTEST && SHAPES.iter().any(is_it)
    };
    let runs = text.split(|byte| !is_part(byte)).filter(|run| run.len() >= SHORTEST);
    runs.into_iter().any(|run| {
        let is_start = |at: &usize| *at == 0 || !run[at - 1].is_ascii_alphanumeric();
        (0..=run.len() - SHORTEST).filter(is_start).any(|at| fits(&run[at..]))
    })
}

#[cfg(test)]
mod tests;
