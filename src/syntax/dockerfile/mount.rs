//! Values of `RUN --mount`, `--network`, `--security` and `--device`: a flag in, what is wrong with it out.
//!
//! BuildKit: `instructions/commands_run*.go`. It looks at most mount keys only when the build runs; such errors are marked
//! `at_build`.

use super::{Flag, SyntaxError, SyntaxErrorKind};
use crate::source::Span;

/// Checks the flags of one RUN, whose names are known already.
pub(super) fn check(flag: &Flag<'_>, errors: &mut Vec<SyntaxError>) {
    let Some(value) = &flag.value else { return };
    let text = value.text.as_ref();
    let error = match flag.name.as_ref() {
        "mount" => mount(text),
        "network" if !matches!(text, "default" | "none" | "host") => {
            Err(Problem::early(format!("unknown network mode `{text}` (default, none or host)")))
        }
        "security" if !matches!(text, "insecure" | "sandbox") => {
            Err(Problem::early(format!("unknown security mode `{text}` (insecure or sandbox)")))
        }
        "device" => device(text),
        _ => Ok(()),
    };
    if let Err(problem) = error {
        let span = if value.span.is_empty() { flag.raw.span } else { value.span };
        errors.push(problem.at(span));
    }
}

struct Problem {
    message: String,
    at_build: bool,
}

impl Problem {
    fn early(message: String) -> Self {
        Self { message, at_build: false }
    }

    fn late(message: String) -> Self {
        Self { message, at_build: true }
    }

    fn at(self, span: Span) -> SyntaxError {
        let error = SyntaxError::new(SyntaxErrorKind::Flag, self.message, span);
        if self.at_build { error.at_build() } else { error }
    }
}

/// The fields of one CSV record: `a,"b,c"`.
fn fields(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) =
                rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
            if field.contains('"') {
                return None;
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Some(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut inside = quoted;
        loop {
            let (part, after) = inside.split_once('"')?;
            field.push_str(part);
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    inside = after;
                }
                None => {
                    inside = after;
                    break;
                }
            }
        }
        fields.push(field);
        match inside.strip_prefix(',') {
            Some(after) => rest = after,
            None => return inside.is_empty().then_some(fields),
        }
    }
}

/// Whether a text holds `$` with anything behind it.
pub(super) fn has_variable(text: &str) -> bool {
    text.find('$').is_some_and(|at| at + 1 < text.len())
}

fn mount(text: &str) -> Result<(), Problem> {
    let fields =
        fields(text).ok_or_else(|| Problem::early("the mount is no list of key=value".to_owned()))?;
    let pairs: Vec<(String, Option<&str>)> = fields
        .iter()
        .map(|field| match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), Some(value)),
            None => (field.to_ascii_lowercase(), None),
        })
        .collect();
    if pairs.iter().any(|(key, value)| key == "from" && value.is_some_and(has_variable)) {
        return Err(Problem::early("`from` of a mount takes no variables; name a stage instead".to_owned()));
    }
    let kind =
        pairs.iter().rev().find(|(key, _)| key == "type").and_then(|(_, value)| *value).unwrap_or("bind");
    let kind = kind.to_ascii_lowercase();
    pairs.iter().try_for_each(|(key, value)| mount_key(&kind, key, *value))
}

fn mount_key(kind: &str, key: &str, value: Option<&str>) -> Result<(), Problem> {
    let open = value.is_some_and(has_variable) || has_variable(kind);
    let allowed = |kinds: &[&str]| open || kinds.contains(&kind);
    let boolean = || open || value.is_none_or(is_boolean);
    let fits = match key {
        "type" => open || matches!(kind, "bind" | "cache" | "tmpfs" | "secret" | "ssh"),
        "from" | "source" | "src" | "target" | "dst" | "destination" | "id" | "env" => value.is_some(),
        "readonly" | "ro" | "readwrite" | "rw" => boolean(),
        "sharing" => {
            let mode = value.unwrap_or_default().to_ascii_lowercase();
            allowed(&["cache"]) && (open || matches!(mode.as_str(), "shared" | "private" | "locked"))
        }
        "required" => allowed(&["secret", "ssh"]) && boolean(),
        "size" => value.is_some() && allowed(&["tmpfs"]),
        "mode" | "uid" | "gid" => {
            let radix = if key == "mode" { 8 } else { 10 };
            let number = value.is_some_and(|it| u32::from_str_radix(it, radix).is_ok());
            allowed(&["secret", "ssh", "cache"]) && (open || number)
        }
        _ => return Err(Problem::late(format!("unknown mount key `{key}`"))),
    };
    if fits {
        return Ok(());
    }
    let value = value.map(|value| format!("={value}")).unwrap_or_default();
    Err(Problem::late(format!("`{key}{value}` does not fit a mount of type {kind}")))
}

/// What Go's `strconv.ParseBool` takes.
fn is_boolean(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}

fn device(text: &str) -> Result<(), Problem> {
    let fields =
        fields(text).ok_or_else(|| Problem::early("the device is no list of key=value".to_owned()))?;
    let mut named = false;
    for field in &fields {
        let (key, value) =
            field.split_once('=').map_or((field.as_str(), None), |(key, value)| (key, Some(value)));
        let key = key.to_ascii_lowercase();
        let fits = match (key.as_str(), value) {
            ("required", None) => true,
            ("required", Some(value)) => is_boolean(value),
            ("name", Some(_)) => !std::mem::replace(&mut named, true),
            _ => !std::mem::replace(&mut named, true),
        };
        if !fits {
            return Err(Problem::early(format!("`{field}` does not fit a device")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{device, fields, mount};

    /// 0: fine, 1: refused when parsed, 2: refused by the build.
    fn verdict(text: &str) -> u8 {
        mount(text).err().map_or(0, |problem| if problem.at_build { 2 } else { 1 })
    }

    #[test]
    fn mounts() {
        let cases = [
            ("type=cache,target=/c,sharing=locked,uid=0,mode=0755", 0),
            ("type=bind,source=.,target=/s,ro", 0),
            ("type=secret,id=x,env=X,required=true", 0),
            ("type=tmpfs,target=/t,size=1g", 0),
            ("type=cache,target=$T,id=${X}", 0),
            ("type=$T,sharing=locked", 0),
            ("", 1),
            ("target=\"x", 1),
            ("from=$X,target=/x", 1),
            ("type=nfs", 2),
            ("tpye=cache", 2),
            ("type=cache,sharing=all", 2),
            ("type=bind,sharing=locked", 2),
            ("type=cache,required", 2),
            ("type=cache,uid=root", 2),
        ];
        for (text, expected) in cases {
            assert_eq!(verdict(text), expected, "{text}");
        }
    }

    #[test]
    fn records_and_devices() {
        assert_eq!(fields("a,\"b,\"\"c\",").unwrap(), ["a", "b,\"c", ""]);
        assert_eq!(fields("a\"b"), None);
        assert!(device("nvidia.com/gpu=all,required").is_ok());
        assert!(device("name=a,name=b").is_err());
    }
}
