//! `Healthcheck` of a config: Docker's field, which the OCI's specification does not have and some OCI images carry.

use smol_str::SmolStr;

use super::fields::{Fields, cut, is_text, kind};
use crate::lower::compose::numbers::printed_duration;
use crate::lower::{entry, probe};
use crate::model::{CommandLine, Duration, Form, Healthcheck, Layer, Spanned, Value};
use crate::syntax::yaml::{Node, Resolved, Typing};

/// Longer commands are not looked into, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// The health check of a config whose environment is in `layer` already. `None`: the config says none.
pub(super) fn healthcheck(fields: &mut Fields, config: &Node, layer: &Layer) -> Option<Spanned<Healthcheck>> {
    let entry = fields.object(config, "Healthcheck")?;
    let check = &entry.value;
    // Without a test a check inherits one, and an image inherits nothing.
    let (place, words) = test(fields, check)?;
    let command = command(fields, check, &words);
    let env = |name: &str| layer.env_pair(name).map(|pair| pair.value.1.clone());
    let readable = |command: &&CommandLine| command.words.iter().map(SmolStr::len).sum::<usize>() <= MAX_TEXT;
    let understood = command.as_ref().filter(readable).map(|command| probe::understand(command, None, &env));
    // What is not understood counts as able to fail.
    let nothing = || probe::Understood { can_fail: true, ..probe::Understood::default() };
    let understood = understood.unwrap_or_else(nothing);
    let health = Healthcheck {
        interval: duration(fields, check, "Interval"),
        timeout: duration(fields, check, "Timeout"),
        start_period: duration(fields, check, "StartPeriod"),
        retries: retries(fields, check),
        probes: understood.probes,
        can_fail: understood.can_fail,
        ignores_status: understood.ignores_status,
        tools: understood.tools,
        command,
    };
    duration(fields, check, "StartInterval");
    Some(Spanned::new(health, place))
}

/// The words of `Test` and their place; `None` when there are none.
fn test(fields: &mut Fields, check: &Node) -> Option<(crate::source::Place, Vec<SmolStr>)> {
    let entry = fields.get(check, "Test")?;
    let node = &entry.value;
    if let Some(text) = node.text().filter(|text| !text.is_empty()) {
        fields.problem(node, "`Test` is a text, not a list; it is read as `CMD-SHELL`");
        return Some((node.place.clone(), vec!["CMD-SHELL".into(), text.into()]));
    }
    if !node.is_sequence() {
        fields.problem(node, format!("`Test` is {}, not a list", kind(node)));
        return None;
    }
    let words: Vec<SmolStr> = fields.texts(node, "Test").into_iter().map(|word| word.value).collect();
    (!words.is_empty()).then(|| (node.place.clone(), words))
}

/// What is run (moby: `daemon.getProbe`); `None`: nothing, as `NONE` says.
fn command(fields: &mut Fields, check: &Node, words: &[SmolStr]) -> Option<CommandLine> {
    let (kind, rest) = words.split_first()?;
    match kind.as_str() {
        "NONE" => None,
        "CMD" => Some(CommandLine { form: Form::Exec, words: rest.to_vec() }),
        "CMD-SHELL" => Some(CommandLine { form: Form::Shell, words: rest.iter().take(1).cloned().collect() }),
        other => {
            let node = check.get("Test").unwrap_or(check);
            let other = cut(other);
            let message =
                format!("`Test` begins with `{other}`, not `NONE`, `CMD` or `CMD-SHELL`: nothing is run");
            fields.problem(node, message);
            None
        }
    }
}

/// Nanoseconds; `None` for zero, which is the default. A text (`30s`) is a problem and read as Go's durations are.
fn duration(fields: &mut Fields, check: &Node, key: &str) -> Option<Duration> {
    let node = &fields.get(check, key)?.value;
    match node.resolve(Typing::Core) {
        Some(Resolved::Int(0)) => None,
        Some(Resolved::Int(nanoseconds)) if nanoseconds > 0 => Some(Duration {
            written: printed_duration(nanoseconds),
            milliseconds: Some(nanoseconds as u64 / 1_000_000),
        }),
        Some(Resolved::Text(text)) => {
            fields.problem(node, format!("`{key}` is a text, not nanoseconds"));
            Some(Duration { milliseconds: entry::milliseconds(&text), written: cut(&text).into() })
        }
        Some(Resolved::Int(_) | Resolved::Float(_)) => {
            let written = cut(node.text().unwrap_or_default());
            fields.problem(node, format!("`{key}` is `{written}`, no number of nanoseconds"));
            Some(Duration { written: written.into(), milliseconds: None })
        }
        _ => {
            fields.problem(node, format!("`{key}` is {}, not nanoseconds", kind(node)));
            None
        }
    }
}

fn retries(fields: &mut Fields, check: &Node) -> Option<u32> {
    let node = &fields.get(check, "Retries")?.value;
    let number = node.text().and_then(|text| text.parse::<u32>().ok());
    if number.is_none() || is_text(node) {
        fields.problem(node, "`Retries` is no whole number that is not negative");
    }
    number.filter(|number| *number > 0)
}

/// A value of a variable; helper of who reads `Env`.
pub(super) fn variable(text: &str) -> (SmolStr, Value) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.into(), Value::known(value))
}
