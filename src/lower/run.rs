//! RUN: its mounts, its shell texts (line, heredoc scripts, texts behind `sh -c`), and what they install and create.

use std::sync::Arc;

use smol_str::SmolStr;

use super::scope::RunScope;
use super::stage::{StageBuilder, absolute};
use super::{files, run_facts};
use crate::model::{Mount, Run, ShellText, Spanned, Stage, Value};
use crate::source::{Source, Span};
use crate::syntax::dockerfile::{Arguments, Flag, Heredoc, Instruction, Text};
use crate::syntax::shell::{
    Dialect, Script, ShellOptions, Word, command_name, inline_script, options, parse, shebang_dialect, unwrap,
};

/// Most texts that one RUN is split into; a hostile one could hold thousands of `sh -c`.
const MAX_TEXTS: usize = 32;

/// Accounts that are kept per stage. Real files create one or two, and each USER looks through them.
const MAX_ACCOUNTS: usize = 128;

/// Longer texts are not split, in bytes: an opaque text. The longest real one of 100,000 files has some 30 KiB.
const MAX_TEXT: usize = 512 * 1024;

/// Takes in a RUN.
pub(crate) fn run(
    stage: &mut StageBuilder<'_>,
    instruction: &Instruction<'_>,
    order: usize,
    earlier: &[Stage],
) {
    let mounts = mounts(stage, &instruction.flags);
    let (exec, mut texts) = match &instruction.arguments {
        Arguments::Json(words) => {
            let exec = words
                .iter()
                .map(|word| Spanned::new(SmolStr::new(&word.text), stage.file.place(word.span)))
                .collect();
            (Some(exec), vec![exec_text(stage, words)])
        }
        Arguments::Text(text) => {
            let mut texts = vec![split_text(stage, text)];
            heredoc_texts(stage, &instruction.heredocs, &mut texts);
            (None, texts)
        }
        _ => return,
    };
    inline_texts(&mut texts);
    let run = Run {
        place: stage.place_of(instruction),
        order,
        user: Arc::clone(&stage.user),
        workdir: stage.current_workdir(),
        mounts,
        exec,
        texts,
    };
    files::mount_takes(stage, &instruction.flags, order, earlier);
    let index = stage.runs.len();
    let image_files = stage.image_files(&run);
    let scope = stage.scope();
    let scope = RunScope { run: &run, index, variables: &scope, files: &image_files };
    let facts = run_facts(&scope, stage.file.request.requirements);
    stage.installs.extend(facts.installs);
    stage.pip_installs.extend(facts.pip_installs);
    let room = MAX_ACCOUNTS.saturating_sub(stage.layer.accounts.len());
    stage.layer.accounts.extend(facts.accounts.into_iter().take(room));
    let removed = &facts.provided.removed;
    if !removed.is_empty() {
        stage.layer.provides.retain(|said| !removed.iter().any(|gone| gone.value == said.value));
    }
    let room = stage.file.inheritable.get();
    let names = facts.provided.names.len();
    stage.layer.provides.extend(facts.provided.names.into_iter().take(room));
    stage.file.inheritable.set(room.saturating_sub(names));
    if names > room && stage.layer.opaque.is_none() {
        stage.layer.opaque = Some(run.place.clone());
    }
    stage.layer.removed.extend(facts.provided.removed);
    if stage.layer.opaque.is_none() {
        stage.layer.opaque = facts.provided.opaque;
    }
    stage.runs.push(run);
}

/// Splits a shell-form text with the stage's SHELL.
pub(crate) fn split_text(stage: &StageBuilder<'_>, text: &Text<'_>) -> ShellText {
    let (mut dialect, initial) = stage.shell;
    if text.text.len() > MAX_TEXT {
        dialect = Dialect::Other;
    }
    shell_text(&text.text, dialect, initial, &stage.file.source(), text.span, text.segments.clone(), None)
}

fn shell_text(
    text: &str,
    dialect: Dialect,
    initial: ShellOptions,
    source: &Arc<Source>,
    span: Span,
    segments: Vec<(u32, u32)>,
    parent: Option<usize>,
) -> ShellText {
    let script = parse(text, dialect);
    let options = options(&script, initial);
    ShellText { script, dialect, initial, options, source: Arc::clone(source), span, segments, parent }
}

/// Exec form as one command. Its words carry spans of the file, so the text's own mapping is the identity.
fn exec_text(stage: &StageBuilder<'_>, words: &[Text<'_>]) -> ShellText {
    let script = Script::of_words(words.iter().map(|word| (SmolStr::new(&word.text), word.span)));
    let options = options(&script, ShellOptions::default());
    ShellText {
        script,
        dialect: Dialect::Posix,
        initial: ShellOptions::default(),
        options,
        source: stage.file.source(),
        span: Span::default(),
        segments: Vec::new(),
        parent: None,
    }
}

/// Heredoc bodies that a shell reads become texts of their own; other bodies are data.
fn heredoc_texts(stage: &StageBuilder<'_>, heredocs: &[Heredoc<'_>], texts: &mut Vec<ShellText>) {
    for (index, heredoc) in heredocs.iter().enumerate().take(MAX_TEXTS) {
        let Some((dialect, initial)) = heredoc_shell(stage, heredoc, &texts[0].script, index) else {
            continue;
        };
        let source = &stage.file.source();
        texts.push(shell_text(&heredoc.body, dialect, initial, source, heredoc.body_span, Vec::new(), None));
    }
}

/// Which shell reads a heredoc: the stage's (or the one its first line names) when the RUN is nothing but the heredoc,
/// or the shell it is given to (`<<EOF bash`). `None`: another program reads it.
fn heredoc_shell(
    stage: &StageBuilder<'_>,
    heredoc: &Heredoc<'_>,
    script: &Script,
    index: usize,
) -> Option<(Dialect, ShellOptions)> {
    let is_heredoc = |operator: &str| operator == "<<" || operator == "<<-";
    let mut seen = 0;
    let reader = script.commands.iter().find(|command| {
        let here = script.redirections(command).iter().filter(|one| is_heredoc(one.operator)).count();
        seen += here;
        seen > index
    })?;
    let words = unwrap(script.words(reader));
    let first_line = heredoc.body.lines().next().unwrap_or("").trim_start_matches('\t');
    match words.first() {
        None if first_line.starts_with("#!") => shebang_dialect(first_line),
        None => Some(stage.shell),
        Some(word) => {
            let dialect = match command_name(word) {
                "sh" | "dash" | "ash" => Dialect::Posix,
                "bash" | "zsh" | "ksh" => Dialect::Bash,
                _ => return None,
            };
            // `bash script.sh <<EOF` feeds the script's standard input.
            let options_only =
                words[1..].iter().all(|word| word.text.starts_with('-') || word.text.starts_with('+'));
            let flags: Vec<SmolStr> = words.iter().map(|word| word.text.clone()).collect();
            options_only.then(|| (dialect, crate::syntax::shell::shell_dialect(&flags).1))
        }
    }
}

/// Texts behind `sh -c`, found in all texts, those found on the way included.
fn inline_texts(texts: &mut Vec<ShellText>) {
    let mut index = 0;
    while index < texts.len() && texts.len() < MAX_TEXTS {
        let found: Vec<ShellText> = inline_of(&texts[index], index).take(MAX_TEXTS - texts.len()).collect();
        texts.extend(found);
        index += 1;
    }
}

fn inline_of(text: &ShellText, index: usize) -> impl Iterator<Item = ShellText> {
    text.script.commands.iter().filter_map(move |command| {
        let words = unwrap(text.script.words(command));
        let (at, dialect) = inline_script(words)?;
        let word = &words[at];
        let flags: Vec<SmolStr> = words[..at].iter().map(|word| word.text.clone()).collect();
        let initial = crate::syntax::shell::shell_dialect(&flags).1;
        let (span, segments) = inside(text, word);
        Some(shell_text(&word.text, dialect, initial, &text.source, span, segments, Some(index)))
    })
}

/// How the text of a quoted word maps to the file: exact when quoting took nothing but its two quotes away.
fn inside(text: &ShellText, word: &Word) -> (Span, Vec<(u32, u32)>) {
    let start = if word.quoted && word.span.len() as usize == word.text.len() + 2 {
        word.span.start + 1
    } else {
        word.span.start
    };
    let place = text.place(Span::new(start, word.span.end)).span;
    let first = text.segments.partition_point(|(at, _)| *at <= start);
    let mut segments: Vec<(u32, u32)> = Vec::new();
    if !text.segments.is_empty() {
        segments.push((0, place.start));
        segments.extend(
            text.segments[first..]
                .iter()
                .take_while(|(at, _)| *at < word.span.end)
                .map(|(at, to)| (at - start, *to)),
        );
    }
    (place, segments)
}

fn mounts(stage: &StageBuilder<'_>, flags: &[Flag<'_>]) -> Vec<Mount> {
    let mounts = flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| {
        let text = flag.value.as_ref()?;
        let value = stage.expand(text);
        let mut mount = Mount {
            place: stage.file.place(flag.raw.span),
            kind: "bind".into(),
            target: Value::default(),
            source: None,
            from: None,
            uid: None,
        };
        let part = |text: &str| Value {
            text: text.into(),
            unknown: value.unknown.clone().filter(|_| text.contains('$')),
        };
        for field in value.text.split(',') {
            let (key, content) = field.split_once('=').unwrap_or((field, ""));
            match key.to_ascii_lowercase().as_str() {
                "type" => mount.kind = content.into(),
                "target" | "dst" | "destination" => {
                    mount.target = absolute(&part(content), &stage.current_workdir());
                }
                "source" | "src" => mount.source = Some(part(content)),
                "from" => mount.from = Some(content.into()),
                "uid" => mount.uid = Some(content.into()),
                _ => {}
            }
        }
        Some(mount)
    });
    mounts.collect()
}
