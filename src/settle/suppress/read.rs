//! Reads suppressions out of a build's comments: our own form and those of other tools.
//!
//! What is no suppression, or names only rules that this tool does not have, leaves nothing behind.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::model::Build;
use crate::rules::{Rule, find_all, find_by_alias};
use crate::source::{Place, Source, Span};

/// The suppressions of one file; outlives its build.
#[derive(Debug, Default)]
pub struct Suppressions {
    pub(super) path: String,
    pub(super) list: Vec<Suppression>,
}

/// One id of one comment.
#[derive(Debug)]
pub(super) struct Suppression {
    pub(super) form: Form,
    pub(super) scope: Scope,
    pub(super) target: Target,
    /// The id as written.
    pub(super) written: SmolStr,
    /// The id in the comment.
    pub(super) place: Place,
    pub(super) has_reason: bool,
}

/// Whose comment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `# plimsoll …`
    Own,
    /// Another tool's.
    Peer,
}

/// What a suppression covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The file.
    File,
    /// These lines, from 1, both included; `(0, 0)` when no instruction follows.
    Lines(u32, u32),
}

/// What it suppresses.
#[derive(Debug)]
pub(super) enum Target {
    /// `all`: the rules that stand for one of the other tool's.
    All(Vec<&'static Rule>),
    /// These.
    Rules(Vec<&'static Rule>),
    /// An id in our own form that no rule has.
    Nothing,
}

impl Suppressions {
    /// The suppressions of a build. Cheap when no comment looks like one.
    #[must_use]
    pub fn read(build: &Build) -> Self {
        if build.directives.is_empty() && build.comments.is_empty() {
            return Self::default();
        }
        let directives: Vec<Span> = build.directives.iter().map(|directive| directive.place.span).collect();
        let mut found = Self { path: build.source.path().to_owned(), list: Vec::new() };
        for span in &directives {
            found.read_comment(&build.source, *span, Scope::File);
        }
        for comment in &build.comments {
            // A directive is a comment as well; it was read as what it is.
            if directives.iter().any(|span| span.start <= comment.span.start && comment.span.start < span.end)
            {
                continue;
            }
            found.read_comment(&build.source, comment.span, lines_of(&build.instruction_lines, comment.line));
        }
        found
    }

    /// Display path of the file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Reads one comment; `next` is what it covers when it does not cover the file.
    pub(super) fn read_comment(&mut self, source: &Arc<Source>, span: Span, next: Scope) {
        // What stands in front of the first invalid byte is read as usual.
        let text = source.slice(span).utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let Some(said) = recognise(text) else { return };
        let scope = if said.file { Scope::File } else { next };
        let (ids, rest) = ids(text, said.ids);
        let has_reason = match said.form {
            Form::Own => has_reason(rest),
            Form::Peer => true,
        };
        for (start, id) in ids {
            let target = match said.all {
                Some(of_tool) if id.eq_ignore_ascii_case("all") => Target::All(find_by_alias(of_tool)),
                _ => rules(id),
            };
            if said.form == Form::Peer && matches!(target, Target::Nothing) {
                continue;
            }
            let at = span.start + start as u32;
            let place = Place::new(source, Span::new(at, at + id.len() as u32));
            self.list.push(Suppression {
                form: said.form,
                scope,
                target,
                written: id.into(),
                place,
                has_reason,
            });
        }
    }
}

/// What an id suppresses.
pub(super) fn rules(id: &str) -> Target {
    let rules: Vec<_> = find_all(id).collect();
    if rules.is_empty() { Target::Nothing } else { Target::Rules(rules) }
}

/// The lines that a comment speaks for: the instruction that it stands in, else the next one.
fn lines_of(instructions: &[(u32, u32)], line: u32) -> Scope {
    let next = instructions.partition_point(|(first, _)| *first <= line);
    let around = next.checked_sub(1).map(|at| instructions[at]).filter(|(_, last)| *last >= line);
    let (first, last) = around.or_else(|| instructions.get(next).copied()).unwrap_or((0, 0));
    Scope::Lines(first, last)
}

/// A comment that suppresses.
struct Said {
    form: Form,
    /// Whether it covers the file.
    file: bool,
    /// The aliases that `all` stands for, where it is no id. What another tool knows nothing of stays: switching that tool
    /// off must not switch the plan off.
    all: Option<fn(&str) -> bool>,
    /// Where the ids begin, in bytes of the comment.
    ids: usize,
}

/// What a comment says, when it suppresses.
fn recognise(comment: &str) -> Option<Said> {
    at_start(comment).or_else(|| anywhere(comment))
}

/// The forms that a comment begins with. Blanks may stand where the tools allow them.
fn at_start(comment: &str) -> Option<Said> {
    let text = comment.trim_start_matches('#').trim_start();
    let at = comment.len() - text.len();
    let said = |form, file, all: Option<fn(&str) -> bool>, rest: &str| {
        Some(Said { form, file, all, ids: comment.len() - rest.len() })
    };
    match text.as_bytes().first()?.to_ascii_lowercase() {
        b'p' => {
            let rest = text.strip_prefix("plimsoll").filter(|rest| rest.starts_with([' ', '\t', ':']))?;
            let rest = rest.trim_start_matches([' ', '\t', ':']);
            if let Some(ids) = value(rest, "ignore-file") {
                return said(Form::Own, true, None, ids);
            }
            said(Form::Own, false, None, value(rest, "ignore")?)
        }
        b'h' | b't' if text.starts_with("hadolint") || text.starts_with("tally") => {
            let rest = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
            let rest = Some(rest.trim_start()).filter(|trimmed| trimmed.len() < rest.len())?;
            // Tally brings the rules of hadolint and BuildKit along.
            let all: Option<fn(&str) -> bool> = if text.starts_with("tally") { Some(|_| true) } else { None };
            match rest.strip_prefix("global").map(str::trim_start) {
                Some(global) => said(Form::Peer, true, all, value(global, "ignore")?),
                None => said(Form::Peer, false, all, value(rest, "ignore")?),
            }
        }
        b't' => said(Form::Peer, false, None, text.strip_prefix("trivy:ignore:")?),
        b'c' => buildkit(comment, at),
        _ => None,
    }
}

/// `check=…`, of which the stretch `skip=A,B` between semicolons suppresses. BuildKit reads its words without case.
fn buildkit(comment: &str, at: usize) -> Option<Said> {
    let lower = comment[at..].to_ascii_lowercase();
    value(&lower, "check")?;
    let skip = at + lower.find("skip=")?;
    comment[..skip].trim_end().ends_with(['=', ';']).then_some(Said {
        form: Form::Peer,
        file: false,
        all: Some(is_buildkit),
        ids: skip + "skip=".len(),
    })
}

/// Whether an alias is one of BuildKit's checks: they are words run together (`StageNameCasing`).
fn is_buildkit(alias: &str) -> bool {
    alias.len() > 3 && alias.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Checkov reads its form anywhere in a comment.
fn anywhere(comment: &str) -> Option<Said> {
    let skip = comment.find(":skip=")?;
    let tool = ["checkov", "bridgecrew", "cortex"].iter().any(|tool| comment[..skip].ends_with(tool));
    tool.then_some(Said { form: Form::Peer, file: true, all: None, ids: skip + ":skip=".len() })
}

/// The text behind `key=`, blanks allowed around `=`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim_start)
}

/// The ids of a list separated by commas, with their offsets, and what follows the list.
fn ids(text: &str, start: usize) -> (Vec<(usize, &str)>, &str) {
    let mut ids = Vec::new();
    let mut at = start;
    loop {
        let rest = &text[at..];
        let length =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_./".contains(c))).unwrap_or(rest.len());
        if length == 0 {
            return (ids, rest);
        }
        ids.push((at, &rest[..length]));
        let behind = rest[length..].trim_start();
        match behind.strip_prefix(',') {
            Some(more) => at = text.len() - more.trim_start().len(),
            None => return (ids, behind),
        }
    }
}

/// Whether `reason=` has something behind it.
fn has_reason(rest: &str) -> bool {
    rest.split_once("reason=").is_some_and(|(_, reason)| !reason.trim().trim_matches(['"', '\'']).is_empty())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a small file by a test's own means: lines that begin with `#` are comments, others are instructions.
    pub(in crate::settle) fn read(source: &Arc<Source>) -> Suppressions {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let mut found = Suppressions { path: source.path().to_owned(), list: Vec::new() };
        let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
        let code: Vec<(u32, u32)> =
            lines.iter().filter(|(_, text)| !text.starts_with('#')).map(|(at, _)| (*at, *at)).collect();
        let mut start = 0;
        for (line, text) in lines {
            if text.starts_with('#') {
                let span = Span::new(start, start + text.len() as u32);
                found.read_comment(source, span, lines_of(&code, line));
            }
            start += text.len() as u32 + 1;
        }
        found
    }

    fn shown(comment: &str) -> String {
        let source = Source::new("Dockerfile", format!("{comment}\nFROM a").into_bytes());
        let line = |one: &Suppression| {
            let scope = if one.scope == Scope::File { "file" } else { "next" };
            let target = match &one.target {
                Target::All(_) => "all".to_owned(),
                Target::Rules(rules) => rules.iter().map(|rule| rule.id).collect::<Vec<_>>().join("+"),
                Target::Nothing => "nothing".to_owned(),
            };
            assert_eq!(one.place.text(), one.written.as_str());
            format!("{scope} {target}{}", if one.has_reason { "" } else { " bare" })
        };
        read(&source).list.iter().map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_form() {
        for (comment, expected) in [
            ("# plimsoll ignore=runtime-user", "next runtime-user bare"),
            ("# plimsoll ignore=runtime-user reason=why not", "next runtime-user"),
            (
                "#plimsoll: ignore = waiver , runtime-user reason=\"\"",
                "next waiver bare, next runtime-user bare",
            ),
            ("# plimsoll ignore-file=runtime-user reason=x", "file runtime-user"),
            ("# plimsoll ignore=all", "next nothing bare"),
            ("# plimsollignore=waiver", ""),
            ("# plimsoll is a tool", ""),
            ("# hadolint ignore=runtime-user, waiver # why", "next runtime-user, next waiver"),
            ("#hadolint global ignore=runtime-user", "file runtime-user"),
            ("# hadolint ignore=DL9999", ""),
            ("# hadolint ignore=all", ""),
            ("# hadolint shell=powershell", ""),
            ("# hadolintignore=waiver", ""),
            ("# tally ignore=plimsoll/runtime-user;reason=x", "next runtime-user"),
            ("# tally global ignore=all", "file all"),
            ("# check=skip=runtime-user,JSONArgsNone;error=true", "next runtime-user"),
            ("# check=error=true;skip=all", "next all"),
            ("# Check = skip=waiver", "next waiver"),
            ("# checks=skip=waiver", ""),
            ("# check=error=true", ""),
            ("# check the skip= list", ""),
            ("# checkov:skip=runtime-user:reason, with comma", "file runtime-user"),
            ("# see checkov:skip=runtime-user,waiver:x", "file runtime-user, file waiver"),
            ("# bridgecrew:skip=waiver: x", "file waiver"),
            ("# the checkov:skip=waiver", "file waiver"),
            ("# cortex:skip=waiver", "file waiver"),
            ("# other:skip=waiver", ""),
            ("# trivy:ignore:waiver", "next waiver"),
            ("# \u{e9}", ""),
            ("#", ""),
            ("##", ""),
        ] {
            assert_eq!(shown(comment), expected, "{comment}");
        }
    }

    #[test]
    fn a_directive_covers_the_file_and_is_read_once() {
        use crate::model::{BuildContext, Comment, ContextChoice, Role, Spanned};
        let text = "# check=skip=waiver;error=true\nFROM a\n# check=skip=waiver\nRUN b\n";
        let source = Source::new("Dockerfile", text.as_bytes().to_vec());
        let directive = Span::new(0, 30);
        let context = BuildContext {
            folder: ".".into(),
            chosen: ContextChoice::Own,
            ignore_file: None,
            ignore: None,
            present: Arc::default(),
        };
        let build = Build {
            role: Role::Other,
            image_names: Vec::new(),
            service: None,
            context,
            problems: Vec::new(),
            global_args: Vec::new(),
            stages: Vec::new(),
            comments: vec![
                Comment { span: directive, line: 1 },
                Comment { span: Span::new(38, 57), line: 3 },
            ],
            instruction_lines: vec![(2, 2), (4, 4)],
            directives: vec![Spanned::new(
                ("check".into(), "skip=waiver;error=true".into()),
                Place::new(&source, directive),
            )],
            source,
        };
        let found = Suppressions::read(&build);
        let scopes: Vec<Scope> = found.list.iter().map(|one| one.scope).collect();
        assert_eq!(scopes, [Scope::File, Scope::Lines(4, 4)]);
        assert!(!found.is_empty());
    }

    #[test]
    fn bytes_that_are_no_text_do_not_hide_what_stands_before_them() {
        let source = Source::new("Dockerfile", b"# plimsoll ignore=waiver reason=\xFF\nFROM a".to_vec());
        let mut found = Suppressions::default();
        found.read_comment(&source, Span::new(0, 33), Scope::File);
        assert_eq!(found.list.len(), 1);
    }

    #[test]
    fn all_leaves_alone_what_the_tool_does_not_know() {
        let covered = |comment: &str| {
            let source = Source::new("Dockerfile", format!("{comment}\nFROM a").into_bytes());
            match read(&source).list.remove(0).target {
                Target::All(rules) => rules.iter().map(|rule| rule.id).collect::<Vec<_>>(),
                other => panic!("{other:?}"),
            }
        };
        let with = |kind: fn(&str) -> bool| {
            let has = |rule: &&Rule| rule.read_page().aliases.iter().any(|alias| kind(alias));
            crate::rules::all().filter(has).map(|rule| rule.id).collect::<Vec<_>>()
        };
        assert_eq!(covered("# tally ignore=all"), with(|_| true));
        assert_eq!(covered("# check=skip=all"), with(|alias| alias.chars().all(|c| c.is_ascii_alphabetic())));
        assert!(!covered("# tally ignore=all").contains(&"suppression-unused"));
        assert!(is_buildkit("stagenamecasing") && !is_buildkit("dl3008") && !is_buildkit("ckv_docker_2"));
    }

    #[test]
    fn comments_belong_to_the_instruction_around_or_behind_them() {
        let instructions = [(2, 5), (8, 8)];
        for (line, expected) in [(1, (2, 5)), (3, (2, 5)), (6, (8, 8)), (9, (0, 0))] {
            assert_eq!(lines_of(&instructions, line), Scope::Lines(expected.0, expected.1), "{line}");
        }
        assert_eq!(lines_of(&[], 1), Scope::Lines(0, 0));
    }
}
