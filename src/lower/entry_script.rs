//! Entry scripts: what the shell script of an ENTRYPOINT hands PID 1 over to.
//!
//! The ENTRYPOINT and the files of the image go in; an [`EntryScript`] comes out, or nothing when the script is not in the
//! build context, is no shell script, or decides in a way that cannot be followed. Nothing here knows which init is planned.

use smol_str::SmolStr;

use super::scope::ImageFiles;
use crate::model::{CommandLine, EntryScript, Form};
use crate::syntax::shell::{self, Command, Dialect, Script, Word, command_name};

/// Scripts longer than this are not followed, in bytes.
const MAX_SCRIPT: usize = 1 << 18;

/// Commands behind which the positions or the text that runs are no longer the ones written.
const HIDING: [&str; 6] = [".", "source", "eval", "set", "shift", "trap"];

/// What the script of an ENTRYPOINT does with PID 1.
pub(crate) fn entry_script(entrypoint: &CommandLine, files: &dyn ImageFiles) -> Option<EntryScript> {
    if entrypoint.form != Form::Exec {
        return None;
    }
    let words = entrypoint.words.as_slice();
    let by_shell = words.first().is_some_and(|first| is_shell(file_name(first)));
    let at = usize::from(by_shell);
    let path = words.get(at).filter(|path| path.starts_with('/'))?;
    let source = files.open(path).ok()?;
    let text = std::str::from_utf8(source.bytes()).ok().filter(|text| text.len() <= MAX_SCRIPT)?;
    if !by_shell && !has_shell_line(text) {
        return None;
    }
    let script = shell::parse(text, Dialect::Posix);
    read(&script, &words[at + 1..])
}

fn read(script: &Script, arguments: &[SmolStr]) -> Option<EntryScript> {
    if !script.opaque.is_empty() {
        return None;
    }
    let mut handed = Vec::new();
    for command in &script.commands {
        let words = script.words(command);
        let Some(first) = words.first() else { continue };
        let options_only = first.text == "set" && words[1..].iter().all(is_option);
        if !first.literal || (HIDING.contains(&first.text.as_str()) && !options_only) {
            return None;
        }
        // `exec` with redirections alone hands nothing over.
        if first.text == "exec" && words.len() > 1 {
            handed.push((command, behind_wrappers(&words[1..])?));
        }
    }
    let Some((last, program)) = handed.last() else {
        return (!script.commands.is_empty()).then_some(EntryScript::Stays);
    };
    let same = handed.iter().all(|(_, other)| other.text == program.text);
    if !same || !is_last(last, script) {
        return None;
    }
    match program.text.as_str() {
        "$@" => Some(EntryScript::Arguments(arguments.to_vec())),
        _ if program.literal => Some(EntryScript::Program(program.text.clone())),
        _ => None,
    }
}

/// Whether the script surely comes to its end with this command.
fn is_last(command: &Command, script: &Script) -> bool {
    let plain = command.depth == 0 && !command.within.conditional && !command.within.repeated;
    plain && script.commands.last().is_some_and(|last| last.span == command.span)
}

/// `-e`, `-o pipefail`, `-euo`: what `set` switches and no position.
fn is_option(word: &Word) -> bool {
    let text = word.text.as_str();
    word.literal && text != "--" && (text.starts_with(['-', '+']) || text == "pipefail" || text == "errexit")
}

/// The program behind `gosu user` and `env A=B`; `None` where an option stands in its place.
fn behind_wrappers(words: &[Word]) -> Option<&Word> {
    let mut words = words;
    loop {
        let own = match command_name(words.first()?) {
            "gosu" | "su-exec" => 2,
            "env" => 1 + words[1..].iter().take_while(|word| word.text.contains('=')).count(),
            _ => return words.first().filter(|word| !word.text.starts_with('-')),
        };
        words = words.get(own..)?;
    }
}

/// Whether the first line hands the text to a shell.
fn has_shell_line(text: &str) -> bool {
    let line = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    line.is_some_and(|line| line.split_ascii_whitespace().any(|word| is_shell(file_name(word))))
}

fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::model::EntryScript::{self, Arguments, Program, Stays};
    use crate::syntax::shell::{self, Dialect};

    #[test]
    fn scripts_hand_over_or_stay() {
        let program = |name: &str| Some(Program(name.into()));
        let cases: [(&str, Option<EntryScript>); 14] = [
            ("set -euo pipefail\nexec /usr/bin/tini -- \"$@\"\n", program("/usr/bin/tini")),
            ("exec >/tmp/log 2>&1\nexec gosu app tini -- python\n", program("tini")),
            ("exec \"$@\"\n", Some(Arguments(vec!["tini".into()]))),
            ("echo up\npython -m app\n", Some(Stays)),
            ("exec env A=1 python -m app", program("python")),
            ("if [ -n \"$D\" ]; then exec tini -- sh; fi\nexec tini -- app\n", program("tini")),
            ("if [ -n \"$D\" ]; then exec sh; fi\nexec tini -- app\n", None),
            ("[ -n \"$D\" ] && exec tini -- app\npython\n", None),
            ("if true; then exec tini -- app; fi\n", None),
            (". ./lib.sh\npython\n", None),
            ("set -- tini \"$@\"\nexec \"$@\"\n", None),
            ("exec $PROGRAM\n", None),
            ("exec -a name tini\n", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(read(&shell::parse(text, Dialect::Posix), &["tini".into()]), want, "{text}");
        }
    }
}
