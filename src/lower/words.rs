//! What the words of a RUN's commands say once variables are put in.
//!
//! In: the split texts of one RUN, and ARG and ENV. Out: values and fields, each with the reason why it is not certain.
//! Nothing is run; what only a running shell knows (`$(date)`, the result of `read`) stays as written and is unknown.

use std::cell::Cell;

use smol_str::SmolStr;

use super::expansion::{modified, strip_home};
use super::paths;
use super::scope::RunScope;
use super::settings::{Bound, Setting, Settings};
use crate::model::{Fact, ShellText, Unknown, Value};
use crate::syntax::shell::{Command, Dialect, Script, Variable, Word};

/// Bytes that all expansions of one RUN may add up to; a text that doubles itself ends here.
const BUDGET: usize = 1 << 20;
/// What one round of a `for` loop takes off the budget beside its text.
const ROUND: usize = 32;

/// The texts of one RUN, and what the variables in them stand for.
pub struct Words<'a> {
    /// The RUN and what its meaning depends on.
    pub scope: RunScope<'a>,
    /// An exec form as a text of one command.
    exec: Option<ShellText>,
    /// What each text assigns.
    settings: Vec<Settings>,
    budget: Cell<usize>,
}

/// One word after field splitting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The text; where a part is unknown, that part stays as written.
    pub text: SmolStr,
    /// Why the text is not certain.
    pub unknown: Option<Unknown>,
    /// The word it comes from, as an index into the command's words.
    pub word: usize,
    /// Whether the word holds an unquoted `*`, `?` or `[…]`, which may match files.
    pub glob: bool,
}

/// A part of a word: what is written, or what a variable gives.
struct Part {
    text: SmolStr,
    unknown: Option<Unknown>,
    /// An unquoted expansion: blanks in it split fields, and alone it may give none.
    splits: bool,
}

impl<'a> Words<'a> {
    /// Reads what the texts of a RUN assign.
    #[must_use]
    pub fn new(scope: RunScope<'a>) -> Self {
        let exec = exec_text(&scope);
        let count = scope.run.texts.len() + usize::from(exec.is_some());
        let settings = Vec::with_capacity(count);
        let mut words = Self { scope, exec, settings, budget: Cell::new(BUDGET) };
        for index in 0..words.count() {
            words.settings.push(Settings::default());
            super::settings::read(&mut words, index);
        }
        words
    }

    /// How many texts there are: those of the RUN, and one more for an exec form.
    #[must_use]
    pub fn count(&self) -> usize {
        self.scope.run.texts.len() + usize::from(self.exec.is_some())
    }

    /// A text by index; the exec form is behind the RUN's own texts.
    #[must_use]
    pub fn text(&self, index: usize) -> &ShellText {
        match (self.scope.run.texts.get(index), &self.exec) {
            (Some(text), _) => text,
            (None, Some(exec)) => exec,
            (None, None) => &self.scope.run.texts[index],
        }
    }

    /// The word's text with variables put in. A word that stands for several values (the variable of a `for` loop) is
    /// unknown.
    #[must_use]
    pub fn value(&self, text: usize, command: usize, word: &Word) -> Value {
        let many = self.many(text, command, word);
        let parts = self.parts(text, command, word, many.map(|(at, _)| (at, None)));
        let mut joined = String::new();
        let mut unknown = None;
        for part in parts {
            joined.push_str(&part.text);
            unknown = unknown.or(part.unknown);
        }
        Value { text: joined.into(), unknown }
    }

    /// The fields that the shell makes of a word: none for an unquoted empty variable, several for one with blanks, and
    /// one per round for the variable of a `for` loop.
    #[must_use]
    pub fn fields(&self, text: usize, command: usize, word: &Word) -> Vec<(SmolStr, Option<Unknown>)> {
        if word.literal && !word.glob {
            return vec![(word.text.clone(), None)];
        }
        let mut fields = Vec::new();
        match self.many(text, command, word) {
            Some((at, items)) => {
                for item in items {
                    if !self.pay(ROUND + word.text.len()) {
                        fields.push((word.text.clone(), Some(Unknown::TooLarge)));
                        break;
                    }
                    split(self.parts(text, command, word, Some((at, Some(item)))), word, &mut fields);
                }
            }
            None => split(self.parts(text, command, word, None), word, &mut fields),
        }
        if word.glob && self.text(text).dialect == Dialect::Bash {
            fields = fields.into_iter().flat_map(|field| self.braces(field)).collect();
        }
        fields
    }

    /// The fields of all words of a command from `first` on.
    #[must_use]
    pub fn all_fields(&self, text: usize, command: usize, words: &[Word], first: usize) -> Vec<Field> {
        let mut all = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate().skip(first) {
            if word.literal && !word.glob {
                all.push(Field { text: word.text.clone(), unknown: None, word: index, glob: false });
                continue;
            }
            for (value, unknown) in self.fields(text, command, word) {
                all.push(Field { text: value, unknown, word: index, glob: word.glob });
            }
        }
        all
    }

    /// What a variable holds at a command: what the text assigned before, else ARG and ENV. `None`: nobody sets it.
    #[must_use]
    pub fn variable(&self, text: usize, command: usize, name: &str) -> Option<Value> {
        match self.bound(text, command, name) {
            Some(Bound::Value(value)) => Some(value.clone()),
            Some(Bound::Items(_) | Bound::Unknown) => {
                Some(Value { text: format!("${name}").into(), unknown: Some(Unknown::Variable(name.into())) })
            }
            None => self.declared(name),
        }
    }

    /// The working directory at a command: the RUN's, moved by the `cd`s before it.
    #[must_use]
    pub fn directory(&self, text: usize, command: usize) -> Value {
        match self.bound(text, command, "PWD") {
            Some(Bound::Value(value)) => value.clone(),
            Some(_) => Value { text: ".".into(), unknown: Some(Unknown::Dynamic("cd".into())) },
            None => self.scope.run.workdir.clone(),
        }
    }

    /// A path made absolute by the working directory at a command.
    #[must_use]
    pub fn absolute(&self, text: usize, command: usize, path: &Value) -> Value {
        if path.text.starts_with('/') {
            return Value { text: paths::join("/", &path.text), unknown: path.unknown.clone() };
        }
        let base = self.directory(text, command);
        let unknown = path.unknown.clone().or(base.unknown);
        Value { text: paths::join(&base.text, &path.text), unknown }
    }

    /// The home folder of the user who runs this, when it can be told.
    #[must_use]
    pub fn home(&self) -> Option<SmolStr> {
        if let Some(home) = self.scope.variables.value("HOME") {
            return home.certain().map(SmolStr::new);
        }
        match &*self.scope.run.user {
            Fact::Absent => Some("/root".into()),
            Fact::Known { value, .. } if value.uid == Some(0) || value.name == "root" => Some("/root".into()),
            _ => None,
        }
    }

    pub(super) fn settings_of(&mut self, text: usize) -> &mut Settings {
        &mut self.settings[text]
    }

    fn declared(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.scope.variables.value(name) {
            return Some(value);
        }
        match name {
            "HOME" => self.home().map(Value::known),
            "PWD" => Some(self.scope.run.workdir.clone()),
            _ => None,
        }
    }

    fn bound(&self, text: usize, command: usize, name: &str) -> Option<&Bound> {
        let settings = self.settings.get(text)?;
        if let Some(found) = settings.at(&self.text(text).script, command, name) {
            return Some(found);
        }
        // A text behind `sh -c` sees what its outer text set; where exactly it stands there is not looked at, so only a
        // variable that is set once and for certain counts.
        let mut inner = text;
        for _ in 0..8 {
            let outer = self.text(inner).parent.filter(|outer| *outer < inner)?;
            match self.settings[outer].all(name) {
                [] => inner = outer,
                [Setting { bound, command, .. }] => {
                    let within = self.text(outer).script.commands[*command as usize].within;
                    return Some(if within.conditional { &Bound::Unknown } else { bound });
                }
                _ => return Some(&Bound::Unknown),
            }
        }
        None
    }

    /// The first variable of the word that stands for several values, with them.
    fn many(&self, text: usize, command: usize, word: &Word) -> Option<(usize, &[Value])> {
        word.variables.iter().enumerate().find_map(|(at, variable)| {
            match self.bound(text, command, &variable.name) {
                Some(Bound::Items(items)) => Some((at, &items[..])),
                _ => None,
            }
        })
    }

    /// What the word is made of. `many`: which variable stands for one of several values, and for which.
    fn parts(
        &self,
        text: usize,
        command: usize,
        word: &Word,
        many: Option<(usize, Option<&Value>)>,
    ) -> Vec<Part> {
        let mut parts = Vec::with_capacity(2 * word.variables.len() + 1);
        let mut at = 0;
        for (index, variable) in word.variables.iter().enumerate() {
            let (start, end) = (variable.at.0 as usize, variable.at.1 as usize);
            let (Some(before), Some(written)) = (word.text.get(at..start), word.text.get(start..end)) else {
                break;
            };
            push_written(before, word, &mut parts);
            let value = match many {
                Some((many, None)) if many == index => unknown_variable(variable, written),
                Some((many, item)) if many == index => self.paid(variable, written, item.cloned()),
                _ => self.paid(variable, written, self.variable(text, command, &variable.name)),
            };
            parts.push(Part { text: value.text, unknown: value.unknown, splits: !variable.quoted });
            at = end;
        }
        push_written(&word.text[at.min(word.text.len())..], word, &mut parts);
        if word.glob
            && let Some(first) = parts.first_mut()
            && !first.splits
            && let Some(home) = self.home()
        {
            strip_home(&mut first.text, &home);
        }
        if word.substitution
            && let Some(first) = parts.first_mut()
        {
            first.unknown.get_or_insert_with(|| Unknown::Dynamic(shortened(&word.text)));
        }
        parts
    }

    /// The expansion of a variable, as long as the budget lasts; beyond it, the variable stays as written.
    fn paid(&self, variable: &Variable, written: &str, held: Option<Value>) -> Value {
        let too_large = || Value { text: written.into(), unknown: Some(Unknown::TooLarge) };
        if !self.pay(held.as_ref().map_or(0, |held| held.text.len())) {
            return too_large();
        }
        let value = expanded(variable, written, held);
        if self.pay(value.text.len()) { value } else { too_large() }
    }

    /// Takes bytes off the budget; `false` once it is used up.
    pub(super) fn pay(&self, bytes: usize) -> bool {
        let left = self.budget.get().checked_sub(bytes);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    /// `lib{a,b}-dev` as bash expands it: one level, one pair of braces.
    fn braces(&self, field: (SmolStr, Option<Unknown>)) -> Vec<(SmolStr, Option<Unknown>)> {
        let (text, unknown) = &field;
        let pair = text.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?)));
        let Some((head, (items, tail))) = pair else { return vec![field] };
        let count = items.split(',').count();
        if count == 1
            || head.ends_with('$')
            || items.contains('{')
            || !self.pay(count.saturating_mul(text.len()))
        {
            return vec![field];
        }
        let item = |item: &str| (SmolStr::new(format!("{head}{item}{tail}")), unknown.clone());
        items.split(',').map(item).collect()
    }
}

fn push_written(text: &str, word: &Word, parts: &mut Vec<Part>) {
    if !text.is_empty() || (word.variables.is_empty() && word.quoted) {
        parts.push(Part { text: text.into(), unknown: None, splits: false });
    }
}

fn unknown_variable(variable: &Variable, written: &str) -> Value {
    Value { text: written.into(), unknown: Some(Unknown::Variable(variable.name.clone())) }
}

fn expanded(variable: &Variable, written: &str, value: Option<Value>) -> Value {
    let is_special = !variable.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if is_special || written.starts_with("${#") || written.starts_with("${!") {
        return Value { text: written.into(), unknown: Some(Unknown::Dynamic(written.into())) };
    }
    modified(variable, written, value)
}

/// Splits parts into fields at the blanks of unquoted expansions.
fn split(parts: Vec<Part>, word: &Word, fields: &mut Vec<(SmolStr, Option<Unknown>)>) {
    let mut current = String::new();
    let mut unknown: Option<Unknown> = None;
    let mut exists = word.quoted;
    for part in parts {
        let breaks = part.splits && part.unknown.is_none() && part.text.contains([' ', '\t', '\n']);
        if !breaks {
            exists |= !part.text.is_empty();
            current.push_str(&part.text);
            unknown = unknown.or(part.unknown);
            continue;
        }
        for (index, piece) in part.text.split([' ', '\t', '\n']).enumerate() {
            if index > 0 && exists {
                fields.push((std::mem::take(&mut current).into(), unknown.take()));
                exists = false;
            }
            exists |= !piece.is_empty();
            current.push_str(piece);
        }
    }
    if exists {
        fields.push((current.into(), unknown));
    }
}

fn shortened(text: &str) -> SmolStr {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

/// An exec form as a text of one command whose words are literal. Spans are offsets of the file itself.
fn exec_text(scope: &RunScope) -> Option<ShellText> {
    let elements =
        scope.run.exec.as_ref().filter(|elements| scope.run.texts.is_empty() && !elements.is_empty())?;
    let words = elements.iter().map(|element| Word {
        text: element.value.clone(),
        span: element.place.span,
        literal: true,
        quoted: true,
        variables: Vec::new(),
        substitution: false,
        glob: false,
    });
    let words: Vec<Word> = words.collect();
    let span = words[0].span.to(words[words.len() - 1].span);
    let mut script = Script { words, ..crate::syntax::shell::parse("x", Dialect::Posix) };
    script.commands.truncate(1);
    if let Some(command) = script.commands.first_mut() {
        *command = Command { words: (0, script.words.len() as u32), span, ..command.clone() };
    }
    let options = vec![crate::syntax::shell::ShellOptions::default(); script.commands.len()];
    Some(ShellText {
        script,
        dialect: Dialect::Other,
        initial: crate::syntax::shell::ShellOptions::default(),
        options,
        source: elements[0].place.source.clone(),
        span: crate::source::Span::new(0, span.end),
        segments: Vec::new(),
        parent: None,
    })
}

#[cfg(test)]
mod tests;
