//! Lines that a command writes into `/etc/passwd` and `/etc/group`: `echo`, `printf`, `cat <<EOF`, `tee -a`.

use smol_str::SmolStr;

use super::super::calls::Call;
use super::super::words::Words;
use crate::model::{Account, Spanned};
use crate::syntax::shell::Operator;

/// Adds the accounts of the lines that the call writes, if it writes any.
pub(super) fn read(words: &Words, call: &Call, found: &mut Vec<Spanned<Account>>) {
    let is_known = |file: &str| matches!(file, "/etc/passwd" | "/etc/group");
    match call.name() {
        "echo" | "printf" => {
            let Some(file) = target(words, call).filter(|file| is_known(file)) else { return };
            for field in words.arguments(call) {
                let place = call.place_of(&field);
                for line in field.text.split('\n').flat_map(|line| line.split("\\n")) {
                    found.extend(account(line, &file).map(|account| Spanned::new(account, place.clone())));
                }
            }
        }
        "cat" | "tee" => {
            let Some(file) = target(words, call).filter(|file| is_known(file)) else { return };
            let source = words.text(call.text);
            let bodies =
                source.script.redirections(call.line).iter().filter_map(|redirection| redirection.body);
            for place in bodies.map(|body| source.place(body)) {
                for line in place.text().lines().filter(|line| !line.contains(['$', '`'])) {
                    found.extend(
                        account(line.trim(), &file).map(|account| Spanned::new(account, place.clone())),
                    );
                }
            }
        }
        _ => {}
    }
}

/// The file that the call's output goes to: behind `>` or `>>`, an argument of `tee`, or the `tee` behind its pipe.
fn target(words: &Words, call: &Call) -> Option<SmolStr> {
    let script = &words.text(call.text).script;
    let redirected = script.redirections(call.line).iter().rev().find(|redirection| {
        matches!(redirection.operator, ">" | ">>" | ">|")
            && redirection.descriptor.is_none_or(|number| number == 1)
    });
    if let Some(redirection) = redirected {
        return Some(words.value(call.text, call.command, &redirection.target).text);
    }
    let (command, line) = match call.name() {
        "tee" => (call.command, call.words),
        _ if call.line.after == Operator::Pipe => {
            let next = call.command + 1;
            let line = words.text(call.text).command_words(script.commands.get(next)?);
            line.first().filter(|word| word.text == "tee")?;
            (next, line)
        }
        _ => return None,
    };
    let file = line[1..].iter().find(|word| !word.text.starts_with('-'))?;
    Some(words.value(call.text, command, file).text)
}

/// `name:x:uid:gid:…` of passwd, `name:x:gid:…` of group.
fn account(line: &str, file: &str) -> Option<Account> {
    let mut parts = line.split(':');
    let (name, _, id) = (parts.next()?, parts.next()?, parts.next()?);
    if name.is_empty() || name.contains([' ', '/']) {
        return None;
    }
    let is_group = file == "/etc/group";
    let primary_group = if is_group { None } else { Some(SmolStr::new(parts.next()?)) };
    Some(Account {
        name: name.into(),
        is_group,
        id: id.parse().ok(),
        primary_group,
        numbered: true,
        ..Account::default()
    })
}
