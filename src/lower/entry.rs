//! CMD, ENTRYPOINT, SHELL and HEALTHCHECK: how the container starts and is watched.

use smol_str::SmolStr;

use super::entry_script::entry_script;
use super::image_layers::LayerFiles;
use super::probe;
use super::run::split_text;
use super::scope::Variables;
use super::stage::StageBuilder;
use crate::model::{
    CommandLine, Container, Duration, Entry, EntryScript, Fact, Form, Healthcheck, Probe, ShellText, Spanned,
    Value,
};
use crate::source::{Place, Span};
use crate::syntax::dockerfile::{Arguments, Instruction, Keyword, Text};
use crate::syntax::shell::shell_dialect;

/// Takes in one of the four.
pub(crate) fn entry(stage: &mut StageBuilder<'_>, instruction: &Instruction<'_>, order: usize) {
    let place = stage.place_of(instruction);
    let arguments = match &instruction.arguments {
        Arguments::Health { kind, command } => {
            return health(stage, instruction, kind, command, order);
        }
        arguments => arguments,
    };
    let Some((command, argument, text)) = command_line(stage, arguments) else { return };
    let keyword = match instruction.keyword {
        Keyword::Cmd => {
            stage.layer.cmd = Some(Spanned::new(command.clone(), place.clone()));
            "CMD"
        }
        Keyword::Entrypoint => {
            stage.layer.entrypoint = Some(Spanned::new(command.clone(), place.clone()));
            "ENTRYPOINT"
        }
        _ => {
            if command.form == Form::Exec {
                stage.shell = shell_dialect(&command.words);
                stage.layer.shell = Some(Spanned::new(command.words.clone(), place.clone()));
            }
            "SHELL"
        }
    };
    stage.entries.push(Entry { keyword, command, place, argument, order, text });
}

/// The command that JSON or text means, its place, and the text split.
fn command_line(
    stage: &StageBuilder<'_>,
    arguments: &Arguments<'_>,
) -> Option<(CommandLine, Place, Option<ShellText>)> {
    match arguments {
        Arguments::Json(words) => {
            let span = words.iter().map(|word| word.span).reduce(Span::to);
            let span = span.unwrap_or_default();
            let words = words.iter().map(|word| SmolStr::new(&word.text)).collect();
            Some((CommandLine { form: Form::Exec, words }, stage.file.place(span), None))
        }
        Arguments::Text(text) if !text.text.is_empty() => {
            let split = split_text(stage, text);
            let command = CommandLine { form: Form::Shell, words: vec![SmolStr::new(&text.text)] };
            Some((command, stage.file.place(text.span), Some(split)))
        }
        _ => None,
    }
}

fn health(
    stage: &mut StageBuilder<'_>,
    instruction: &Instruction<'_>,
    kind: &Text<'_>,
    arguments: &Arguments<'_>,
    order: usize,
) {
    let place = stage.place_of(instruction);
    let (command, argument, text) = if kind.text.eq_ignore_ascii_case("none") {
        (None, stage.file.place(kind.span), None)
    } else {
        match command_line(stage, arguments) {
            Some((command, argument, text)) => (Some(command), argument, text),
            None => return,
        }
    };
    let scope = stage.scope();
    // ARG is gone when the check runs: only ENV counts.
    let env = |name: &str| -> Option<Value> {
        if stage.arg_values.value(name).is_some() && !stage.is_env(name) {
            return Some(Value {
                text: "".into(),
                unknown: Some(crate::model::Unknown::Variable(name.into())),
            });
        }
        scope.value(name)
    };
    let understood = command.as_ref().map(|command| probe::understand(command, text.as_ref(), &env));
    let understood = understood.unwrap_or_default();
    let flag = |name: &str| {
        let flag = instruction.flags.iter().find(|flag| flag.name == name)?;
        Some(flag.value.as_ref()?.text.to_string())
    };
    let duration = |name| {
        flag(name).map(|written| Duration { milliseconds: milliseconds(&written), written: written.into() })
    };
    let health = Healthcheck {
        command: command.clone(),
        interval: duration("interval"),
        timeout: duration("timeout"),
        start_period: duration("start-period"),
        retries: flag("retries").and_then(|text| text.parse().ok()),
        probes: understood.probes,
        can_fail: understood.can_fail,
        ignores_status: understood.ignores_status,
        tools: understood.tools,
    };
    stage.layer.healthcheck = Some(Spanned::new(health, place.clone()));
    let command = command.unwrap_or(CommandLine { form: Form::Exec, words: Vec::new() });
    stage.entries.push(Entry { keyword: "HEALTHCHECK", command, place, argument, order, text });
}

/// What the script of the stage's own ENTRYPOINT does with PID 1.
pub(crate) fn script(stage: &StageBuilder<'_>) -> Option<EntryScript> {
    let entrypoint = stage.layer.entrypoint.as_ref()?;
    let files = LayerFiles::new(&stage.layer.files, &stage.below, &stage.file.context, &[]);
    entry_script(&entrypoint.value, &files)
}

/// What the health check in force asks when the container runs: a shell expands its variables only then, so ENV behind
/// the HEALTHCHECK counts, and of an inherited one the ENV of the child.
pub(crate) fn probes(container: &Container) -> Vec<Probe> {
    let Fact::Known { value: health, .. } = container.healthcheck() else { return Vec::new() };
    let late = |command: &&CommandLine| {
        command.form == Form::Shell && command.words.iter().any(|text| text.contains('$'))
    };
    let Some(command) = health.command.as_ref().filter(late) else { return health.probes.clone() };
    let env = |name: &str| match container.env(name) {
        Fact::Known { value, .. } => Some(value),
        Fact::Absent => None,
        Fact::Unknown { why, .. } => Some(Value { text: "".into(), unknown: Some(why) }),
    };
    probe::understand(command, None, &env).probes
}

/// A Go duration (`1h2m3.5s`, `300ms`) in milliseconds; `None` when it is none, or negative.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let mut total = 0f64;
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit =
            rest.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "h" => 3_600_000.0,
                "m" => 60_000.0,
                "s" => 1_000.0,
                "ms" => 1.0,
                "us" | "µs" | "μs" => 0.001,
                "ns" => 0.000_001,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(total as u64)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn go_durations() {
        for (text, want) in [
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("500ms", Some(500)),
            ("0", Some(0)),
            ("30", None),
            ("s", None),
            ("", None),
            ("-1s", None),
        ] {
            assert_eq!(milliseconds(text), want, "{text}");
        }
    }
}
