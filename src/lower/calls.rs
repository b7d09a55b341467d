//! The programs that a RUN calls: each simple command with wrappers (`sudo`, `env`) taken off and its name known.

use std::borrow::Cow;
use std::ops::Range;

use super::paths::base_name;
use super::words::{Field, Words};
use crate::model::{ShellText, Unknown};
use crate::source::{Place, Span};
use crate::syntax::shell::{Command, Word};

/// One call of a program.
#[derive(Clone)]
pub(super) struct Call<'w> {
    /// Index of the text.
    pub(super) text: usize,
    /// Index of the command in it.
    pub(super) command: usize,
    /// The program's name as written, variables put in.
    pub(super) program: Cow<'w, str>,
    /// Why that is not certain.
    pub(super) unknown: Option<Unknown>,
    /// Where the name without its folder stands in `program`.
    name: Range<usize>,
    /// Its words, the program's first; never empty.
    pub(super) words: &'w [Word],
    /// The wrappers before it.
    pub(super) wrappers: &'w [Word],
    /// All of the command.
    pub(super) line: &'w Command,
    source: &'w ShellText,
}

impl Call<'_> {
    /// The program's name without its folder.
    pub(super) fn name(&self) -> &str {
        &self.program[self.name.clone()]
    }

    /// Whether an argument may hold one of the words; those with variables may hold any.
    pub(super) fn may_hold(&self, is_it: impl Fn(&str) -> bool) -> bool {
        !self.words[0].literal || self.words[1..].iter().any(|word| !word.literal || is_it(&word.text))
    }

    /// From the program's name to its last word.
    pub(super) fn place(&self) -> Place {
        let last = self.words[self.words.len() - 1].span;
        self.source.place(self.words[0].span.to(last))
    }

    /// The place of a field's word.
    pub(super) fn place_of(&self, field: &Field) -> Place {
        self.place_at(self.words.get(field.word).map_or(self.words[0].span, |word| word.span))
    }

    /// The place of a span of the text.
    pub(super) fn place_at(&self, span: Span) -> Place {
        self.source.place(span)
    }

    /// Whether `xargs` adds arguments that only the run knows.
    pub(super) fn is_fed_by_xargs(&self) -> bool {
        self.wrappers.iter().any(|word| base_name(&word.text) == "xargs")
    }

    /// Text and command, as facts name it.
    pub(super) fn at(&self) -> (usize, usize) {
        (self.text, self.command)
    }
}

/// Where the last part of a path stands.
fn name_in(path: &str) -> Range<usize> {
    let end = path.trim_end_matches('/').len();
    end - base_name(path).len()..end
}

impl Words<'_> {
    /// The calls of a RUN in order.
    pub(super) fn calls(&self) -> Vec<Call<'_>> {
        let calls = (0..self.count()).flat_map(move |text| {
            let source = self.text(text);
            source.script.commands.iter().enumerate().filter_map(move |(command, line)| {
                let words = source.command_words(line);
                let first = words.first()?;
                let all = source.script.words(line);
                let (program, unknown) = self.first_value(text, command, first);
                let wrappers = &all[..all.len() - words.len()];
                let name = name_in(&program);
                Some(Call { text, command, program, unknown, name, words, wrappers, line, source })
            })
        });
        calls.collect()
    }

    /// The name that a command's first word gives: the first of its fields.
    fn first_value<'w>(
        &self,
        text: usize,
        command: usize,
        word: &'w Word,
    ) -> (Cow<'w, str>, Option<Unknown>) {
        if word.literal {
            return (Cow::Borrowed(&word.text), None);
        }
        match self.fields(text, command, word).into_iter().next() {
            Some((text, unknown)) => (Cow::Owned(text.into()), unknown),
            None => (Cow::Borrowed(""), None),
        }
    }

    /// The arguments of a call, split into fields.
    pub(super) fn arguments(&self, call: &Call) -> Vec<Field> {
        if call.words[0].literal {
            return self.all_fields(call.text, call.command, call.words, 1);
        }
        // `$PIP install`, where the variable holds `python -m pip`: what follows its first field is arguments.
        let mut fields = self.all_fields(call.text, call.command, &call.words[..1], 0);
        if !fields.is_empty() {
            fields.remove(0);
        }
        fields.extend(self.all_fields(call.text, call.command, call.words, 1));
        fields
    }
}
