//! `cmd-variable`: a command in exec form holds no variable, because no shell reads it.

use smol_str::SmolStr;

use super::command::{expands, without_init};
use crate::finding::{Findings, Severity};
use crate::model::{Build, Entry, Form};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    // `ENTRYPOINT ["sh", "-c"]` reads what CMD holds, an inherited one too.
    let entrypoint = stage.container.entrypoint();
    if entrypoint.known().is_some_and(|entrypoint| entrypoint.form == Form::Shell || expands(&entrypoint.words)) {
        return;
    }
    for keyword in ["ENTRYPOINT", "CMD"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        if entry.command.form == Form::Exec && !expands(&entry.command.words) {
            // Behind an ENTRYPOINT, CMD holds arguments and no program; those of the public images run what CMD says.
            let said = stage.container.layers.iter().any(|layer| layer.entrypoint.is_some());
            let program = keyword == "ENTRYPOINT"
                || !said
                || entrypoint.known().is_none_or(|it| without_init(&it.words).is_empty());
            judge(entry, program, out);
        }
    }
}

fn judge(entry: &Entry, program: bool, out: &mut Findings) {
    let words = &entry.command.words;
    let found = words.iter().enumerate().find_map(|(at, word)| {
        // What follows `-e` or `-c` is a program in some language with variables of its own.
        let code = at > 0 && matches!(words[at - 1].as_str(), "-c" | "-e" | "-r" | "-g" | "--eval" | "-Command");
        variable(word).filter(|_| !code)
    });
    let Some(variable) = found else { return };
    let message = format!("`{variable}` reaches the program as it stands: no shell expands it in exec form");
    let finding = out.add(&place_of(entry, variable), message);
    if !program {
        // The program of ENTRYPOINT may put values in itself.
        finding
            .severity(Severity::Warning)
            .help("write the value itself, or let ENTRYPOINT read the variable from its environment");
        return;
    }
    let script = words.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(" ");
    finding.help(format!(
        "let a shell read it: `{} [\"sh\", \"-c\", \"exec {}\"]`",
        entry.keyword,
        script.replace('"', "\\\"")
    ));
}

/// The `$NAME` or `${NAME…}` in a word that is otherwise a plain argument.
fn variable(word: &str) -> Option<&str> {
    if word.contains(|character: char| character.is_whitespace() || "(){;}".contains(character) && !word.contains("${"))
        || word.contains("$$")
    {
        return None;
    }
    let start = word.find('$')?;
    let rest = &word[start + 1..];
    let (name, braces) = match rest.strip_prefix('{') {
        Some(inner) => (inner, true),
        None => (rest, false),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let length = name.find(|character| !is_name(character)).unwrap_or(name.len());
    let first = name.chars().next()?;
    if length == 0 || first.is_ascii_digit() {
        return None;
    }
    if !braces {
        return Some(&word[start..start + 1 + length]);
    }
    // `${a.b}` and `${sys:x}` are of other languages.
    let behind = &name[length..];
    let end = behind.find('}')?;
    let shell = behind.starts_with('}') || [":-", ":=", ":?", ":+", "-", "="].iter().any(|it| behind.starts_with(it));
    shell.then(|| &word[start..start + 2 + length + end + 1])
}

/// The variable's place in the file; the argument's when it is written in another way (`\u0024`).
fn place_of(entry: &Entry, variable: &str) -> Place {
    let text = entry.argument.source.slice(entry.argument.span);
    match memchr::memmem::find(text, variable.as_bytes()) {
        Some(at) => {
            let start = entry.argument.span.start + at as u32;
            Place::new(&entry.argument.source, Span::new(start, start + variable.len() as u32))
        }
        None => entry.argument.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn variables_that_a_shell_would_expand() {
        for (word, wanted) in [
            ("$PORT", Some("$PORT")),
            ("--port=${PORT}", Some("${PORT}")),
            ("${PORT:-80}", Some("${PORT:-80}")),
            ("0.0.0.0:$PORT", Some("$PORT")),
            ("$$PORT", None),
            ("$1", None),
            ("${spring.name}", None),
            ("${sys:x}", None),
            ("print $x;", None),
            ("{print$x}", None),
            ("a$", None),
            ("^/x$", None),
        ] {
            assert_eq!(variable(word), wanted, "{word}");
        }
    }
}
