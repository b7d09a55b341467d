//! What a pip command takes from its environment: `PIP_*` and `UV_*` variables, and the cache mount of its RUN.

use super::super::calls::Call;
use super::super::paths;
use super::super::words::Words;
use crate::model::{Fact, PipInstall, Spanned, Value};

/// Adds what the environment says to what the command line says.
pub(super) fn apply(words: &Words, call: &Call, cache_folder: Option<Value>, install: &mut PipInstall) {
    let uv = install.uv;
    let is_set = |name: &str| variable(words, call, name).is_some_and(|value| is_true(&value));
    install.require_hashes |= is_set(if uv { "UV_REQUIRE_HASHES" } else { "PIP_REQUIRE_HASHES" });
    if install.no_cache_dir.is_none() && is_set(if uv { "UV_NO_CACHE" } else { "PIP_NO_CACHE_DIR" }) {
        install.no_cache_dir = Some(call.place());
    }
    install.no_deps |= !uv && is_set("PIP_NO_DEPS");
    install.no_index |= is_set(if uv { "UV_NO_INDEX" } else { "PIP_NO_INDEX" });
    install.upgrade |= !uv && is_set("PIP_UPGRADE");
    let urls: &[&str] = match uv {
        true => &["UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX"],
        false => &["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"],
    };
    let add = |names: &[&str], to: &mut Vec<Spanned<Value>>| {
        for name in names {
            if let Some(value) = variable(words, call, name).filter(|value| !value.text.is_empty()) {
                to.push(Spanned::new(value, call.place()));
            }
        }
    };
    add(urls, &mut install.index_urls);
    add(&[if uv { "UV_FIND_LINKS" } else { "PIP_FIND_LINKS" }], &mut install.find_links);
    let folder =
        cache_folder.or_else(|| variable(words, call, if uv { "UV_CACHE_DIR" } else { "PIP_CACHE_DIR" }));
    install.cache_mount = is_mounted(words, call, folder, uv);
}

/// A variable of the command's environment: set before it on its line, by `env`, by the shell, by ENV or ARG.
fn variable(words: &Words, call: &Call, name: &str) -> Option<Value> {
    let script = &words.text(call.text).script;
    let own = script.assignments(call.line).iter().rev().find(|assignment| assignment.name == name);
    if let Some(assignment) = own {
        return Some(words.value(call.text, call.command, &assignment.value));
    }
    let wrapped = call
        .wrappers
        .iter()
        .rev()
        .find(|word| word.text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
    if let Some(word) = wrapped {
        let value = words.value(call.text, call.command, word);
        let text = value.text.get(name.len() + 1..).unwrap_or_default().into();
        return Some(Value { text, unknown: value.unknown });
    }
    words.variable(call.text, call.command, name)
}

/// pip's reading of a switch in the environment: `0`, `false`, `no`, `off` and nothing at all switch it off.
fn is_true(value: &Value) -> bool {
    let text = value.text.trim().to_ascii_lowercase();
    value.unknown.is_none() && !matches!(text.as_str(), "" | "0" | "false" | "no" | "off" | "n" | "f")
}

fn is_mounted(words: &Words, call: &Call, folder: Option<Value>, uv: bool) -> bool {
    let run = words.scope.run;
    let mut caches = run.mounts.iter().filter(|mount| mount.kind == "cache").peekable();
    if caches.peek().is_none() {
        return false;
    }
    let tool = if uv { "uv" } else { "pip" };
    let folder = match folder {
        Some(folder) if folder.unknown.is_some() => return true,
        Some(folder) => Some(words.absolute(call.text, call.command, &folder).text),
        None => match variable(words, call, "XDG_CACHE_HOME") {
            Some(cache) if cache.unknown.is_none() => Some(paths::join(&cache.text, tool)),
            Some(_) => return true,
            None => words.home().map(|home| paths::join(&home, &format!(".cache/{tool}"))),
        },
    };
    caches.any(|mount| match (mount.target.certain(), &folder) {
        (None, _) => true,
        (Some(target), Some(folder)) => paths::is_within(folder, target),
        // The user's home is not known: any folder that is laid out like a cache may be it, root's only for root.
        (Some(target), None) => {
            let is_named = matches!(&*run.user, Fact::Known { value, .. } if value.uid != Some(0));
            let ending = if target.trim_end_matches('/').ends_with("/.cache") {
                "/.cache".into()
            } else {
                format!("/.cache/{tool}")
            };
            let is_root = paths::is_within(target, "/root");
            target.trim_end_matches('/').ends_with(ending.as_str()) && !(is_named && is_root)
        }
    })
}
