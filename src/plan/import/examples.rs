//! Example Dockerfiles of the document: one case of what is planned, so they prove and rule nothing by themselves.

use std::sync::Arc;

use super::super::stated::is_dockerfile;
use super::claims::{Claims, Key, Value, Voice, key};
use crate::source::Source;
use crate::syntax::dockerfile::{self, Arguments, Instruction, Keyword};
use crate::syntax::markdown::Markdown;

/// Examples that are read.
const MAX_EXAMPLES: usize = 100;

/// Reads the examples. Paths of machine profiles (`config/${MACHINE}.json`) come back with their places.
pub(super) fn read(document: &Markdown, source: &Arc<Source>, claims: &mut Claims) -> Vec<(String, u32)> {
    let mut profiles = Vec::new();
    for block in document.blocks.iter().filter(|block| is_dockerfile(block)).take(MAX_EXAMPLES) {
        let tree = dockerfile::parse(source.slice(block.span));
        for instruction in &tree.instructions {
            let at = block.span.start + instruction.span.start;
            let mut add = |way: Key, value: Value| claims.add(way, value, at, Voice::Example);
            match instruction.keyword {
                Keyword::User => user(&text(&instruction.arguments), &mut add),
                Keyword::Healthcheck => {
                    health(instruction, &String::from_utf8_lossy(source.slice(block.span)), &mut add);
                }
                Keyword::Entrypoint => init(&text(&instruction.arguments), &mut add),
                Keyword::Copy => {
                    if let Arguments::Words(words) = &instruction.arguments {
                        let path = words.first().map(|word| word.text.to_string()).unwrap_or_default();
                        if path.ends_with(".json")
                            && ["${MACHINE}", "$MACHINE"].iter().any(|it| path.contains(it))
                        {
                            profiles.push((path, at));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    profiles
}

fn text(arguments: &Arguments<'_>) -> String {
    match arguments {
        Arguments::Text(text) => text.text.to_string(),
        Arguments::Json(words) | Arguments::Words(words) => {
            words.iter().map(|word| word.text.as_ref()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn user(text: &str, add: &mut dyn FnMut(Key, Value)) {
    let (user, group) = text.trim().split_once(':').unwrap_or((text.trim(), ""));
    // The build runs as root in between; that says nothing of the user in the end.
    if user == "root" || user == "0" || user.contains('$') {
        return;
    }
    match user.parse::<u32>() {
        Ok(uid) => add(key(["user", "uid"]), Value::Number(u64::from(uid))),
        Err(_) if !user.is_empty() => add(key(["user", "name"]), Value::Text(user.to_owned())),
        Err(_) => {}
    }
    if let Ok(gid) = group.parse::<u32>() {
        add(key(["user", "gid"]), Value::Number(u64::from(gid)));
    }
}

fn init(text: &str, add: &mut dyn FnMut(Key, Value)) {
    let program = text.split_whitespace().next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    if ["tini", "dumb-init", "catatonit"].contains(&program) {
        add(key(["init", "process"]), Value::Text(program.to_owned()));
    }
}

fn health(instruction: &Instruction<'_>, block: &str, add: &mut dyn FnMut(Key, Value)) {
    for flag in &instruction.flags {
        let Some(value) = flag.value.as_ref().map(|value| value.text.to_string()) else { continue };
        match flag.name.as_ref() {
            "retries" => {
                if let Ok(count) = value.parse() {
                    add(key(["health", "retries"]), Value::Number(count));
                }
            }
            name @ ("interval" | "timeout" | "start-period") => {
                add(key(["health", name]), Value::Text(value))
            }
            _ => {}
        }
    }
    // `http://localhost:8212/health || exit 1`
    let range = instruction.span.start as usize..instruction.span.end as usize;
    let asked = block.get(range).and_then(|text| text.split_once("://")).map(|(_, rest)| rest);
    let word = asked.and_then(|rest| rest.split([' ', '"', '\'', '\n']).next()).unwrap_or_default();
    if let Some((_, path)) = word.split_once('/').filter(|(_, path)| !path.is_empty() && !path.contains('$'))
    {
        add(key(["health", "path"]), Value::Text(format!("/{path}")));
    }
}
