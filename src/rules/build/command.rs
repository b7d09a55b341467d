//! What several rules ask about ENTRYPOINT and CMD.

use smol_str::SmolStr;

/// Programs that only start another one and look after it.
const INITS: &[&str] = &["tini", "tini-static", "dumb-init", "catatonit", "docker-init"];

/// The file name of a program: `tini` of `/usr/bin/tini`.
pub(super) fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// Whether a shell reads one of the words as a script (`sh -c …`), or a program that puts variables in.
pub(super) fn expands(words: &[SmolStr]) -> bool {
    const SHELLS: &[&str] = &[
        "sh",
        "bash",
        "ash",
        "dash",
        "zsh",
        "ksh",
        "busybox",
        "pwsh",
        "powershell",
        "cmd",
        "cmd.exe",
        "powershell.exe",
    ];
    let shell = words.iter().position(|word| SHELLS.contains(&program(word).to_ascii_lowercase().as_str()));
    let script = shell.is_some_and(|at| {
        words[at + 1..].iter().any(|word| {
            let lower = word.to_ascii_lowercase();
            lower == "/c" || lower == "/s" || (lower.starts_with('-') && lower.contains('c'))
        })
    });
    script || words.iter().any(|word| matches!(program(word), "envsubst" | "eval" | "dockerize" | "gomplate"))
}

/// Whether the words start an init and nothing behind it.
pub(super) fn only_init(words: &[SmolStr]) -> bool {
    let Some((first, rest)) = words.split_first().filter(|(first, _)| INITS.contains(&program(first))) else {
        return false;
    };
    behind_init(first, rest).is_empty()
}

/// The words behind leading inits and their options; all words when there is no init.
pub(super) fn without_init(words: &[SmolStr]) -> &[SmolStr] {
    match words.split_first() {
        Some((first, rest)) if INITS.contains(&program(first)) => behind_init(first, rest),
        _ => words,
    }
}

fn behind_init<'a>(init: &str, mut rest: &'a [SmolStr]) -> &'a [SmolStr] {
    let with_value: &[&str] = if program(init) == "dumb-init" { &["-r", "--rewrite"] } else { &["-p", "-e"] };
    while let Some((word, behind)) = rest.split_first() {
        if word == "--" {
            return behind;
        }
        if !word.starts_with('-') {
            return rest;
        }
        rest = if with_value.contains(&word.as_str()) { behind.get(1..).unwrap_or_default() } else { behind };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<SmolStr> {
        text.split_ascii_whitespace().map(SmolStr::new).collect()
    }

    #[test]
    fn inits_and_what_is_behind_them() {
        for (text, behind) in [
            ("/usr/bin/tini --", ""),
            ("tini -g -p SIGTERM -- python x.py", "python x.py"),
            ("dumb-init --rewrite 15:3 node", "node"),
            ("python x.py", "python x.py"),
            ("tini", ""),
        ] {
            assert_eq!(without_init(&words(text)), words(behind), "{text}");
            assert_eq!(only_init(&words(text)), behind.is_empty(), "{text}");
        }
    }

    #[test]
    fn who_expands_variables() {
        for (text, wanted) in [
            ("sh -c x", true),
            ("tini -- /bin/bash -lc x", true),
            ("cmd /S /C x", true),
            ("bash start.sh $X", false),
            ("python -c $X", false),
            ("envsubst", true),
        ] {
            assert_eq!(expands(&words(text)), wanted, "{text}");
        }
    }
}
