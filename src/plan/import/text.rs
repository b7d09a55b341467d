//! Single values in running text: users, init, build, versions, labels, ignored paths.

use std::sync::Arc;

use super::super::sections::python_name;
use super::super::stated;
use super::super::values::torch_arch;
use super::claims::{Claims, Value, Voice, key};
use super::statements::{Pattern, Statement, has_word};
use crate::source::Source;
use crate::syntax::markdown::Block;

static UID: Pattern = Pattern::new(
    "uid",
    r"\buid(?:\s*(?:and|[:/])\s*gid)?\s*(?:is\s+)?[:=]?\s*`?(\d{1,10})(?:\s*:\s*(\d{1,10}))?\b",
);
static GID: Pattern =
    Pattern::new("gid", r"(?:^|[^:/ a-z]|[^:/d] )\s*\bgid\s*(?:is\s+)?[:=]?\s*`?(\d{1,10})\b");
static IDS: Pattern = Pattern::new(":", r"(?:^|[\s(`])(\d{1,10}):(\d{1,10})\b");
static USER: Pattern = Pattern::new(
    "`",
    r"(?:user|owned by|runs as|run as|running as)(?:\s+is)?:?\s+`([a-z_][a-z0-9_-]{0,31})`|`([a-z_][a-z0-9_-]{0,31})`\s*(?:user\b|\((?:uid\s*)?\d)|\d\d`?\s*\(`([a-z_][a-z0-9_-]{0,31})`\)",
);
static INIT: Pattern = Pattern::new(
    "",
    r"`?((?:/[a-z/]+/)?(?:tini|dumb-init|catatonit))`?\s+(?:is|as)\s+(?:the\s+)?(?:pid\s*1|init)\b|(?:pid\s*1|init(?: process)?)\s*(?:is|:|=)\s*`?((?:/[a-z/]+/)?(?:tini|dumb-init|catatonit))\b|started by\s+`?((?:/[a-z/]+/)?(?:tini|dumb-init|catatonit))\b",
);
static PYTHON: Pattern =
    Pattern::new("python", r"\bpython(?:\s+version)?\s*(?:is\s|:\s|=|\s)\s*`?(3\.\d{1,2})(?:\.\d+)?\b");
static LEGACY: Pattern = Pattern::new(
    "",
    r"(?:but|except|only|other than|apart from)\s+(?:in|for|from)?\s*`([a-z0-9][a-z0-9._-]*)`",
);
static PIN: Pattern = Pattern::new(
    "==",
    r"(?:^|[\s`(,;])([a-z][a-z0-9._-]*)(?:\[[a-z0-9,_-]*\])?\s?==\s?([0-9][a-z0-9.+!_-]*[a-z0-9])",
);
static PIN_WORDS: Pattern =
    Pattern::new(" ", r"(?:^|[\s,;:])`?([a-z][a-z0-9._-]*)`?\s+v?(\d+\.\d+(?:\.\d+)*(?:\+[a-z0-9.]+)?)\b");
static TORCH: Pattern = Pattern::new(
    "+cu",
    r"\b(torch|torchvision|torchaudio)\b`?\s*(?:is|at|:|=)?\s*`?(\d+\.\d+\.\d+\+cu\d+)\b",
);
static CUDA: Pattern = Pattern::new(
    "cuda",
    r"\bcuda(?:\s+(?:version|baseline))?(?:\s+is)?\s*[:=]?\s+`?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)\b",
);
static LABEL: Pattern = Pattern::new("org.", r"`(org\.[a-z0-9._-]+[a-z0-9])(?:\s*=\s*([^`]*))?`");
static LABEL_EQUALS: Pattern = Pattern::new(
    "org.",
    "`(org\\.[a-z0-9._-]+[a-z0-9])`\\s*(?:=|is always|has the value)\\s*(?:`\"?|\")([^`\"]+)(?:\"?`|\")",
);
static IGNORED: Pattern =
    Pattern::new("/", r"(?:^|[\s`,(])((?:\*\*/)?[a-z0-9_.][a-z0-9_.*-]*/)(?:[\s`,;.)]|$)");
static IGNORED_FILE: Pattern = Pattern::new("`.", r"`(\.(?:git|env|venv|idea|vscode)/?|\*\.[a-z0-9]+)`");
static ONE_OF: Pattern = Pattern::new(
    "one of",
    "`([a-z_][a-z0-9_]*)`\\s*(?:is|must be|:)?\\s*one of\\s+((?:[`\"]?[a-z0-9_.-]+[`\"]?(?:,\\s*(?:or\\s+)?|\\s+or\\s+|\\b|$))+)",
);
static PLATFORM: Pattern =
    Pattern::new("linux/", r"\b(linux/(?:amd64|arm64(?:/v8)?|arm/v[67]|386|ppc64le|s390x|riscv64))\b");

#[cfg(test)]
pub(super) static ALL: [&Pattern; 17] = [
    &UID,
    &GID,
    &IDS,
    &USER,
    &INIT,
    &PYTHON,
    &LEGACY,
    &PIN,
    &PIN_WORDS,
    &TORCH,
    &CUDA,
    &LABEL,
    &LABEL_EQUALS,
    &IGNORED,
    &IGNORED_FILE,
    &ONE_OF,
    &PLATFORM,
];

/// Reads one statement.
pub(super) fn read(statement: &Statement, claims: &mut Claims) {
    user(statement, claims);
    init_and_build(statement, claims);
    python(statement, claims);
    pins(statement, claims);
    cuda(statement, claims);
    labels(statement, claims);
    ignored(statement, claims);
    lists(statement, claims);
}

fn user(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    let number =
        |text: &str| text.parse::<u64>().ok().filter(|id| *id < u64::from(u32::MAX)).map(Value::Number);
    // "non-root" is how the value is written, not a doubt about it.
    let words = ["user", "uid", "owned by", "runs as", "non-root"];
    if !words.iter().any(|word| lower.contains(word)) {
        return;
    }
    // `8080:80` is a pair as well, of ports.
    let near = |at: usize| {
        let sentence = lower.get(statement.sentence(at)).unwrap_or_default();
        words.iter().any(|word| sentence.contains(word))
            && !["port", "map", "publish", "listen"].iter().any(|word| sentence.contains(word))
    };
    let mut ids = |at: usize, uid: &str, gid: &str| {
        for (name, text) in [("uid", uid), ("gid", gid)] {
            if let Some(value) = number(text) {
                claims.add(key(["user", name]), value, statement.offset(at), statement.voice(at, &[]));
            }
        }
    };
    for found in UID.find_all(lower) {
        let part = |at: usize| found[at].clone().and_then(|range| lower.get(range)).unwrap_or("");
        let start = found[1].as_ref().map_or(0, |range| range.start);
        // "UID/GID 1000": one number for both.
        let both =
            found[0].clone().and_then(|range| lower.get(range)).is_some_and(|text| text.contains("gid"));
        let gid = if part(2).is_empty() && both { part(1) } else { part(2) };
        ids(start, part(1), gid);
    }
    for found in GID.find_all(lower) {
        let Some(range) = found[1].clone() else { continue };
        ids(range.start, "", lower.get(range).unwrap_or(""));
    }
    for found in IDS.find_all(lower) {
        let part = |at: usize| found[at].clone().and_then(|range| lower.get(range)).unwrap_or("");
        let start = found[1].as_ref().map_or(0, |range| range.start);
        if near(start) {
            ids(start, part(1), part(2));
        }
    }
    for found in USER.find_all(lower) {
        let Some(range) = found.iter().skip(1).flatten().next().cloned() else { continue };
        let (at, name) = (range.start, statement.text.get(range).unwrap_or(""));
        if !matches!(name, "" | "user" | "root" | "uid" | "gid" | "sudo" | "chown") {
            let voice = statement.voice(at, &[]);
            claims.add(key(["user", "name"]), Value::Text(name.to_owned()), statement.offset(at), voice);
        }
    }
}

fn init_and_build(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    for found in INIT.find_all(lower) {
        let Some(range) = found.iter().skip(1).flatten().next().cloned() else { continue };
        let (at, name) = (range.start, lower.get(range).unwrap_or("").to_owned());
        claims.add(
            key(["init", "process"]),
            Value::Text(name),
            statement.offset(at),
            statement.voice(at, &[]),
        );
    }
    let flags: [(&str, &[&str]); 3] = [
        ("multi-stage", &["multi-stage", "multistage", "two stages", "builder stage"]),
        ("pip-hashes", &["--require-hashes"]),
        ("pip-cache-mount", &["cache mount", "--mount=type=cache,target=/root/.cache/pip"]),
    ];
    for (name, words) in flags {
        let Some(at) = words.iter().find_map(|word| lower.find(word)) else { continue };
        if name == "pip-cache-mount" && !statement.speaks_of(&["pip"]) {
            continue;
        }
        let voice = statement.voice(at, &[]);
        claims.add(key(["build", name]), Value::Flag(true), statement.offset(at), voice);
    }
}

fn python(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    for found in PYTHON.find_all(lower) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        let sentence = lower.get(statement.sentence(at)).unwrap_or_default();
        let version = Value::Text(lower.get(range).unwrap_or("").to_owned());
        let exception = LEGACY.first(sentence, sentence).map(|(_, parts)| parts[1].to_owned());
        let before = lower.get(statement.sentence(at).start..at).unwrap_or_default();
        let legacy = ["legacy", "exceptional", "old services"].iter().any(|word| before.contains(word));
        let but = ["unless", "except"];
        if legacy {
            claims.add(
                key(["python", "legacy", "version"]),
                version,
                statement.offset(at),
                statement.voice(at, &[]),
            );
            continue;
        }
        claims.add(key(["python", "version"]), version, statement.offset(at), statement.voice(at, &but));
        if let Some(base) = exception {
            let voice = statement.voice(at, &but);
            claims.add(key(["python", "legacy", "base"]), Value::Text(base), statement.offset(at), voice);
        }
    }
}

fn pins(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    let listed = ["dependencies", "pinned versions", "pins", "pinned packages", "packages"]
        .iter()
        .any(|word| lower.starts_with(word) || lower.trim_start_matches(['*', '`']).starts_with(word));
    let words = if listed { PIN_WORDS.find_all(lower) } else { TORCH.find_all(lower) };
    for found in PIN.find_all(lower).into_iter().chain(words) {
        let (Some(name), Some(version)) = (found[1].clone(), found[2].clone()) else { continue };
        let at = name.start;
        let (Some(name), Some(version)) = (lower.get(name), statement.text.get(version)) else { continue };
        // Prose about a version of Python or CUDA is no pin of a package.
        if ["python", "cuda", "version", "v", "at", "is", "and", "to"].contains(&name) {
            continue;
        }
        let value = Value::Text(version.to_owned());
        claims.add(key(["pins", &python_name(name)]), value, statement.offset(at), statement.voice(at, &[]));
    }
}

fn cuda(statement: &Statement, claims: &mut Claims) {
    for found in CUDA.find_all(&statement.lower) {
        let Some(range) = found[1].clone() else { continue };
        let (at, version) = (range.start, statement.lower.get(range).unwrap_or("").to_owned());
        claims.add(
            key(["cuda", "version"]),
            Value::Text(version),
            statement.offset(at),
            statement.voice(at, &[]),
        );
    }
}

/// A list of architectures with the dots that PyTorch wants; `None` when one of them is none.
pub(super) fn architectures(text: &str) -> Option<Vec<String>> {
    let parts = text.split([';', ',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let spelled = |part: &str| match torch_arch(part) {
        Ok(()) => Some(part.to_owned()),
        Err(meant) => meant,
    };
    let list: Option<Vec<String>> = parts.map(spelled).collect();
    list.filter(|list| !list.is_empty())
}

fn labels(statement: &Statement, claims: &mut Claims) {
    let lower = &statement.lower;
    for found in LABEL_EQUALS.find_all(lower) {
        let (Some(name), Some(value)) = (found[1].clone(), found[2].clone()) else { continue };
        let at = name.start;
        let (Some(name), Some(value)) = (lower.get(name), statement.text.get(value)) else { continue };
        label_value(statement, at, name, value, claims);
    }
    for found in LABEL.find_all(lower) {
        let Some(range) = found[1].clone() else { continue };
        let at = range.start;
        let name = lower.get(range).unwrap_or("").to_owned();
        match found[2].clone().and_then(|range| statement.text.get(range)) {
            Some(value) if !value.contains(['$', '<', '{']) => {
                label_value(statement, at, &name, value, claims)
            }
            _ => {}
        }
        let required = key(["labels", "required"]);
        // "which commit it was built from" is what the label says, nothing of the past.
        claims.add(required, Value::Item(name), statement.offset(at), statement.voice(at, &["was", "were"]));
    }
}

fn label_value(statement: &Statement, at: usize, name: &str, value: &str, claims: &mut Claims) {
    let value = value.trim().trim_matches('"');
    if !value.is_empty() {
        let value = Value::Text(value.to_owned());
        claims.add(key(["labels", "values", name]), value, statement.offset(at), statement.voice(at, &[]));
    }
}

/// Paths that no build gets.
fn ignored(statement: &Statement, claims: &mut Claims) {
    let said =
        [".dockerignore", "dockerignore", "reach a build", "reach the build", "build context", "kept out of"];
    if !statement.speaks_of(&said) {
        return;
    }
    // "never reach a build" and "not in the context" are how this is said.
    let but = ["never", "not", "no", "none", "without"];
    for found in IGNORED.find_all(&statement.lower).into_iter().chain(IGNORED_FILE.find_all(&statement.lower))
    {
        let Some(range) = found[1].clone() else { continue };
        let (at, path) = (range.start, statement.text.get(range).unwrap_or("").to_owned());
        let covers = key(["dockerignore", "covers"]);
        claims.add(covers, Value::Item(path), statement.offset(at), statement.voice(at, &but));
    }
}

/// Lists of words: allowed values of a variable, platforms.
fn lists(statement: &Statement, claims: &mut Claims) {
    for found in ONE_OF.find_all(&statement.lower) {
        let (Some(name), Some(values)) = (found[1].clone(), found[2].clone()) else { continue };
        let at = name.start;
        let (Some(name), Some(values)) = (statement.text.get(name), statement.text.get(values)) else {
            continue;
        };
        let words = values.split([',', ' ', '`', '"']).map(|word| word.trim_end_matches('.'));
        let words: Vec<String> =
            words.filter(|word| !word.is_empty() && *word != "or").map(str::to_owned).collect();
        if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') && words.len() > 1 {
            claims.add(
                key(["env", name]),
                Value::List(words),
                statement.offset(at),
                statement.voice(at, &[]),
            );
        }
    }
    let found = PLATFORM.find_all(&statement.lower);
    if !found.is_empty() && statement.speaks_of(&["platform", "multi-arch", "architecture", "built for"]) {
        let ranges: Vec<_> = found.into_iter().filter_map(|found| found[1].clone()).collect();
        let at = ranges.first().map_or(0, |range| range.start);
        let mut names: Vec<String> =
            ranges.into_iter().filter_map(|range| statement.lower.get(range)).map(str::to_owned).collect();
        names.dedup();
        let but = if has_word(&statement.lower, "platform") { ["without"] } else { ["-"] };
        claims.add(
            key(["images", "platforms"]),
            Value::List(names),
            statement.offset(at),
            statement.voice(at, &but),
        );
    }
}

/// Packages that the comments of a tree pin: `family-torch # torch==2.2.2+cu121`.
pub(super) fn pins_of_tree(block: &Block, source: &Arc<Source>, claims: &mut Claims) {
    for node in stated::tree(block, source) {
        let lower = node.rest.to_ascii_lowercase();
        for found in PIN.find_all(&lower) {
            let (Some(name), Some(version)) = (found[1].clone(), found[2].clone()) else { continue };
            if let (Some(name), Some(version)) = (lower.get(name), node.rest.get(version)) {
                let value = Value::Text(version.to_owned());
                claims.add(key(["pins", &python_name(name)]), value, node.at, Voice::Text);
            }
        }
    }
}
