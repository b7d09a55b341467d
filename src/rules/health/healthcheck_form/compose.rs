//! The `test` of a compose service: a list says first how the rest is run.

use super::{DOLLAR_PROGRAMS, OPERATORS, variable};
use crate::finding::Findings;
use crate::model::{Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::source::Place;
use crate::syntax::yaml::Node;

const FORMS: &str = "write the command as one text, `[\"CMD\", \"curl\", …]`, or `[\"CMD-SHELL\", \"curl … || exit 1\"]`";

pub(super) fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if workload.kind != WorkloadKind::Compose {
        return;
    }
    let Some(test) = workload.tree.at(&["healthcheck", "test"]) else { return };
    let items = test.items();
    let Some((first, rest)) = items.split_first() else { return };
    let Some(word) = first.text() else { return };
    match word {
        "NONE" => {}
        "CMD" => exec(rest, out),
        // A text is this form, too; it has one element then.
        "CMD-SHELL" => {
            if let [command, second, ..] = rest {
                let command = command.text().unwrap_or_default();
                let message = format!("`CMD-SHELL` runs only `{command}`: what follows is no part of the command");
                out.add(&second.place, message).help("write the whole command as one text");
            }
        }
        "" => {}
        word => {
            let message = format!("the list starts with `{}`, so Docker refuses the health check", shown(word));
            out.add(&first.place, message).help(FORMS);
        }
    }
}

/// What needs a shell in a list that has none.
fn exec(words: &[Node], out: &mut Findings) {
    let Some((first, arguments)) = words.split_first() else { return };
    let Some(program) = first.text() else { return };
    if arguments.is_empty() && program.contains(char::is_whitespace) {
        let message = format!("`CMD` takes the whole of `{}` for the name of a program", shown(program));
        out.add(&first.place, message).help(FORMS);
        return;
    }
    let name = program.rsplit('/').next().unwrap_or(program);
    if DOLLAR_PROGRAMS.contains(&name) {
        return;
    }
    let found = arguments.iter().find_map(|node| fault(node, program));
    if let Some((place, message)) = found {
        out.add(&place, message).help(FORMS);
    }
}

fn fault(node: &Node, program: &str) -> Option<(Place, String)> {
    let word = node.text()?;
    if OPERATORS.contains(&word) {
        let message = format!("`CMD` has no shell, so `{word}` is an argument of `{program}`");
        return Some((node.place.clone(), message));
    }
    let variable = variable(word)?;
    let message = format!("`CMD` has no shell, so nothing replaces `{variable}`");
    Some((narrow(&node.place, &variable), message))
}

/// The start of a long text.
fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
