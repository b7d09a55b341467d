//! The driver: lists, operators, and the stack of open groups. Words are in `word.rs`, reserved words in `compound.rs`.
//!
//! One pass over the bytes. What is open is kept on explicit stacks, never on the call stack; commands get their number
//! when they start and their words when they end, so that commands of substitutions come after the command they are in.

use super::class::{BLANK, META, PLAIN, class};
use super::skip::skip;
use super::tree::*;
use super::word::{Mode, Role, WordState};
use crate::source::Span;

/// How deep groups, substitutions, quotes and `${` may nest before the rest is opaque.
pub(super) const MAX_DEPTH: usize = 32;

/// The kind of an open list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Root,
    Subshell,
    Brace,
    If,
    /// The condition of `while` or `until`.
    LoopCondition,
    LoopBody,
    Case,
    Substitution,
    /// Ends where [`Parser::limit`] says, so unbalanced parts inside do not reach beyond it.
    Backtick,
}

impl Kind {
    fn is_boundary(self) -> bool {
        matches!(self, Self::Root | Self::Backtick)
    }

    fn is_substitution(self) -> bool {
        matches!(self, Self::Substitution | Self::Backtick)
    }
}

/// What the open command is the head of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Head {
    #[default]
    None,
    For,
    Case,
    Test,
}

/// A command that has started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) index: u32,
    pub(super) words: usize,
    pub(super) assignments: usize,
    pub(super) redirections: usize,
    pub(super) end: usize,
}

/// How much output there was at some point: what is dropped when the part behind it turns out to be unbalanced.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    commands: usize,
    words: usize,
    assignments: usize,
    redirections: usize,
    opaque: usize,
    comments: usize,
    lists: usize,
    pending: (usize, usize, usize),
    heredocs: usize,
}

/// An open list.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) marks: Marks,
    pub(super) list: u32,
    pub(super) first_list: u32,
    pub(super) within: Within,
    pub(super) before: Option<Operator>,
    pub(super) negated: bool,
    pub(super) last_command: Option<u32>,
    pub(super) last_group: Option<u32>,
    pub(super) open: Option<Open>,
    pub(super) head: Head,
    /// Start of a compound command or function whose body is still to come.
    pub(super) awaiting: Option<(usize, Marks)>,
    /// Whether that is a function.
    pub(super) function: bool,
    /// In `case`: whether a pattern is next.
    pub(super) pattern: bool,
    /// The word that holds the substitution.
    suspended: WordState,
    outer_limit: usize,
    holder: Option<u32>,
    heredocs_from: usize,
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    pub(super) limit: usize,
    pub(super) dialect: Dialect,
    pub(super) out: Script,
    pub(super) frame: Frame,
    pub(super) stack: Vec<Frame>,
    pub(super) word: WordState,
    pub(super) in_word: bool,
    pub(super) modes: Vec<Mode>,
    pub(super) buffer: String,
    pub(super) words: Vec<Word>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) redirections: Vec<Redirection>,
    heredocs: Vec<usize>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        let mut out = Script::default();
        out.lists.push(List {
            kind: ListKind::Text,
            parent: None,
            span: span(0, text.len()),
            before: Operator::Start,
            after: Operator::End,
        });
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            limit: text.len(),
            dialect,
            out,
            frame: Frame::default(),
            stack: Vec::new(),
            word: WordState::default(),
            in_word: false,
            modes: Vec::new(),
            buffer: String::new(),
            words: Vec::new(),
            assignments: Vec::new(),
            redirections: Vec::new(),
            heredocs: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Script {
        loop {
            if self.in_word {
                self.word_step();
                continue;
            }
            self.skip_blanks();
            if self.at < self.limit {
                self.token();
            } else if self.at_limit() {
                return self.out;
            }
        }
    }

    #[inline]
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.limit { Some(self.bytes[at]) } else { None }
    }

    /// Skips spaces, tabs and joined lines.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\\' if self.byte(self.at + 1) == Some(b'\n') => self.at += 2,
                _ => return,
            }
        }
    }

    /// The text or a backtick part is at its end; whether all is done.
    fn at_limit(&mut self) -> bool {
        let pending = self.frame.awaiting.is_some() || self.frame.head != Head::None;
        if pending || !self.frame.kind.is_boundary() {
            self.fail(self.limit);
            return false;
        }
        self.finish_command();
        if self.frame.kind == Kind::Root {
            return true;
        }
        self.at += 1;
        self.close();
        false
    }

    fn token(&mut self) {
        match (self.frame.head, self.frame.pattern) {
            (Head::Test, _) => return self.test_token(),
            (_, true) => return self.pattern_token(),
            _ => {}
        }
        let byte = self.bytes[self.at];
        if class(byte) != META {
            if byte == b'#' {
                self.comment()
            } else {
                self.start_word()
            }
            return;
        }
        let next = self.byte(self.at + 1);
        match (byte, next) {
            (b'\n', _) => self.newline(),
            (b'&', Some(b'&')) => self.operator(Operator::And, 2),
            (b'&', Some(b'>')) if self.dialect == Dialect::Bash => self.redirection(None, self.at),
            (b'&', _) => self.operator(Operator::Background, 1),
            (b'|', Some(b'|')) => self.operator(Operator::Or, 2),
            (b'|', Some(b'&')) => self.operator(Operator::PipeBoth, 2),
            (b'|', _) => self.operator(Operator::Pipe, 1),
            (b';', Some(b';' | b'&')) => self.arm_end(),
            (b';', _) => self.operator(Operator::Sequence, 1),
            (b'(', _) => self.open_paren(),
            (b')', _) => self.close_paren(),
            (_, Some(b'(')) => self.process_substitution(),
            _ => self.redirection(None, self.at),
        }
    }

    pub(super) fn comment(&mut self) {
        let rest = &self.bytes[self.at..self.limit];
        let end = self.at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.out.comments.push(span(self.at, end));
        self.at = end;
    }

    pub(super) fn operator(&mut self, operator: Operator, length: usize) {
        self.at += length;
        self.finish_command();
        let frame = &mut self.frame;
        if let Some(command) = frame.last_command.take() {
            if let Some(command) = self.out.commands.get_mut(command as usize) {
                command.after = operator;
            }
        }
        if let Some(first) = frame.last_group.take() {
            let parent = Some(frame.list);
            for list in self.out.lists.iter_mut().skip(first as usize) {
                if list.parent == parent {
                    list.after = operator;
                }
            }
        }
        frame.before = Some(operator);
        if !matches!(operator, Operator::Pipe | Operator::PipeBoth) {
            frame.negated = false;
        }
    }

    /// A line end separates commands, unless an operator before it waits for more.
    fn newline(&mut self) {
        let frame = &self.frame;
        let head = frame.open.map_or(0, |open| self.words.len() - open.words);
        let waits_for_in = frame.head == Head::Case && head < 3;
        if waits_for_in
            || (frame.open.is_none() && frame.last_command.is_none() && frame.last_group.is_none())
        {
            self.at += 1;
        } else {
            self.operator(Operator::Sequence, 1);
        }
        self.heredoc_bodies();
    }

    pub(super) fn heredoc_bodies(&mut self) {
        let from = self.frame.heredocs_from;
        if self.heredocs.len() <= from {
            return;
        }
        for index in self.heredocs.split_off(from) {
            let Some(redirection) = self.out.redirections.get_mut(index) else { continue };
            let start = self.at;
            let (end, behind) = heredoc_end(&self.bytes[..self.limit], start, redirection);
            redirection.body = Some(span(start, end));
            self.at = behind;
        }
    }

    /// Gives the command that starts here its number.
    pub(super) fn open_command(&mut self, start: usize) {
        if self.frame.open.is_some() {
            return;
        }
        let frame = &mut self.frame;
        let before = frame.before.unwrap_or(Operator::Start);
        // A group and what follows it without an operator (a redirection) are not one command.
        frame.before = Some(Operator::Sequence);
        let mut within = frame.within;
        within.negated |= frame.negated;
        frame.open = Some(Open {
            index: self.out.commands.len() as u32,
            words: self.words.len(),
            assignments: self.assignments.len(),
            redirections: self.redirections.len(),
            end: start,
        });
        self.out.commands.push(Command {
            words: (0, 0),
            assignments: (0, 0),
            redirections: (0, 0),
            span: span(start, start),
            before,
            after: Operator::End,
            depth: self.stack.len() as u16,
            list: frame.list,
            within,
            substituted_in: frame.holder,
        });
    }

    pub(super) fn finish_command(&mut self) {
        self.frame.head = Head::None;
        let Some(open) = self.frame.open.take() else { return };
        let parts = [
            self.words.len() - open.words,
            self.assignments.len() - open.assignments,
            self.redirections.len() - open.redirections,
        ];
        let index = open.index as usize;
        if parts == [0; 3] {
            if index + 1 == self.out.commands.len() {
                let dropped = self.out.commands.pop();
                self.frame.before = dropped.map(|command| command.before);
            }
            return;
        }
        let words = append(&mut self.out.words, &mut self.words, open.words);
        let assignments = append(&mut self.out.assignments, &mut self.assignments, open.assignments);
        let redirections = append(&mut self.out.redirections, &mut self.redirections, open.redirections);
        for index in redirections.0..redirections.1 {
            if matches!(self.out.redirections[index as usize].operator, "<<" | "<<-") {
                self.heredocs.push(index as usize);
            }
        }
        let command = &mut self.out.commands[index];
        command.words = words;
        command.assignments = assignments;
        command.redirections = redirections;
        command.span.end = open.end as u32;
        self.frame.last_command = Some(open.index);
    }

    /// How many groups, substitutions, quotes and `${` are open.
    pub(super) fn is_full(&self) -> bool {
        self.stack.len() + self.modes.len() >= MAX_DEPTH
    }

    pub(super) fn marks(&self) -> Marks {
        Marks {
            commands: self.out.commands.len(),
            words: self.out.words.len(),
            assignments: self.out.assignments.len(),
            redirections: self.out.redirections.len(),
            opaque: self.out.opaque.len(),
            comments: self.out.comments.len(),
            lists: self.out.lists.len(),
            pending: (self.words.len(), self.assignments.len(), self.redirections.len()),
            heredocs: self.heredocs.len(),
        }
    }

    fn truncate(&mut self, marks: Marks) {
        self.out.commands.truncate(marks.commands);
        self.out.words.truncate(marks.words);
        self.out.assignments.truncate(marks.assignments);
        self.out.redirections.truncate(marks.redirections);
        self.out.opaque.truncate(marks.opaque);
        self.out.comments.truncate(marks.comments);
        self.out.lists.truncate(marks.lists);
        self.words.truncate(marks.pending.0);
        self.assignments.truncate(marks.pending.1);
        self.redirections.truncate(marks.pending.2);
        self.heredocs.truncate(marks.heredocs);
    }

    /// A new list in the group on top.
    pub(super) fn open_list(&mut self, kind: ListKind, start: usize) {
        let (parent, before) = match self.stack.last() {
            Some(outer) => (Some(outer.list), outer.before.unwrap_or(Operator::Start)),
            None => (None, Operator::Start),
        };
        self.frame.list = self.out.lists.len() as u32;
        self.frame.before = None;
        self.frame.negated = false;
        self.frame.last_command = None;
        self.frame.last_group = None;
        let after = Operator::End;
        self.out.lists.push(List { kind, parent, span: span(start, self.limit), before, after });
    }

    pub(super) fn end_list(&mut self, end: usize) {
        self.finish_command();
        // Before its first pattern ends, a `case` has no list of its own.
        if self.frame.list < self.frame.first_list {
            return;
        }
        if let Some(list) = self.out.lists.get_mut(self.frame.list as usize) {
            list.span.end = end as u32;
        }
    }

    /// Opens a group at `start`; the caller opens its first list. Says `false` when it is nested too deep: then it has
    /// been skipped.
    pub(super) fn open_group(&mut self, kind: Kind, start: usize) -> bool {
        if self.is_full() {
            match skip(self.bytes, start, self.limit, false) {
                Some(end) => {
                    self.out.opaque.push(span(start, end));
                    self.at = end;
                    self.frame.awaiting = None;
                    self.frame.function = false;
                }
                None => self.fail(start),
            }
            return false;
        }
        let (start, marks) = self.frame.awaiting.take().unwrap_or_else(|| (start, self.marks()));
        let mut within = self.frame.within;
        within.negated |= self.frame.negated;
        let function = std::mem::take(&mut self.frame.function);
        within.conditional |= function;
        self.push(Frame {
            kind,
            start,
            marks,
            within,
            holder: self.frame.holder,
            function,
            ..Frame::default()
        });
        true
    }

    /// Opens a substitution in the current word. `inner` is where its commands start, `limit` where a backtick part ends.
    pub(super) fn open_substitution(&mut self, kind: Kind, start: usize, inner: usize, limit: usize) {
        let within = Within { subshell: true, substitution: true, ..self.frame.within };
        let holder = self.frame.open.map(|open| open.index).or(self.frame.holder);
        let suspended = std::mem::take(&mut self.word);
        self.in_word = false;
        let outer_limit = std::mem::replace(&mut self.limit, limit);
        let marks = self.marks();
        self.push(Frame { kind, start, marks, within, suspended, outer_limit, holder, ..Frame::default() });
        self.frame.heredocs_from = self.heredocs.len();
        self.open_list(ListKind::Substitution, start);
        self.at = inner;
    }

    fn push(&mut self, frame: Frame) {
        let heredocs_from = self.frame.heredocs_from;
        let mut outer = std::mem::replace(&mut self.frame, frame);
        outer.last_command = outer.last_command.filter(|_| outer.open.is_some());
        self.stack.push(outer);
        self.frame.heredocs_from = heredocs_from;
        self.frame.first_list = self.out.lists.len() as u32;
    }

    /// Closes the group on top; `at` is already behind its closing word or bracket.
    pub(super) fn close(&mut self) {
        self.end_list(self.at);
        let Some(outer) = self.stack.pop() else { return };
        let inner = std::mem::replace(&mut self.frame, outer);
        if !inner.kind.is_substitution() {
            self.frame.last_group = Some(inner.first_list);
            self.frame.before = Some(Operator::Sequence);
            return;
        }
        self.heredocs.truncate(inner.heredocs_from);
        self.limit = inner.outer_limit;
        let vanishes =
            self.out.commands.len() == inner.marks.commands && self.out.opaque.len() == inner.marks.opaque;
        self.word = inner.suspended;
        self.in_word = true;
        self.end_substitution(inner.start, vanishes);
    }

    /// Something is unbalanced at `at`: all from the outermost bracket that is open in this text (or backtick part) to
    /// the end is opaque, and what had been split of it is dropped.
    pub(super) fn fail(&mut self, at: usize) {
        let mut from = at.min(self.limit);
        let limit = self.limit;
        while !self.frame.kind.is_boundary() {
            let Some(outer) = self.stack.pop() else { break };
            self.drop_word();
            let inner = std::mem::replace(&mut self.frame, outer);
            from = inner.start;
            self.truncate(inner.marks);
            if inner.kind.is_substitution() {
                self.word = inner.suspended;
                self.in_word = true;
                self.limit = inner.outer_limit;
            }
        }
        self.limit = limit;
        if let Some(start) = self.drop_word() {
            from = from.min(start);
        }
        if let Some((start, marks)) = self.frame.awaiting.take() {
            from = from.min(start);
            self.truncate(marks);
        }
        self.frame.function = false;
        self.frame.open = self.frame.open.filter(|open| (open.index as usize) < self.out.commands.len());
        self.finish_command();
        self.out.opaque.push(span(from, limit));
        self.at = limit;
    }

    /// Forgets the word in progress; where it started.
    fn drop_word(&mut self) -> Option<usize> {
        if !std::mem::take(&mut self.in_word) {
            return None;
        }
        self.buffer.truncate(self.word.text_from);
        self.modes.truncate(self.word.modes_from);
        Some(std::mem::take(&mut self.word).start)
    }

    /// `<(cmd)` or `>(cmd)` at the start of a word.
    fn process_substitution(&mut self) {
        if self.dialect == Dialect::Bash {
            self.begin_word(Role::Word, self.at);
            self.substitution(self.at, self.at + 1);
        } else {
            self.redirection(None, self.at);
        }
    }

    /// A redirection whose descriptor (already read) starts at `start`; `at` points at its operator.
    pub(super) fn redirection(&mut self, descriptor: Option<u32>, start: usize) {
        let operator = self.redirection_operator();
        self.at += operator.len();
        self.skip_blanks();
        self.begin_word(Role::Redirection { operator, descriptor }, start);
        let next = self.byte(self.at);
        if matches!(next, Some(b'<' | b'>')) && self.byte(self.at + 1) == Some(b'(') {
            self.substitution(self.at, self.at + 1);
        }
    }

    fn redirection_operator(&self) -> &'static str {
        let bash = self.dialect == Dialect::Bash;
        let byte = |offset| self.byte(self.at + offset).unwrap_or(0);
        match (byte(0), byte(1), byte(2)) {
            (b'<', b'<', b'<') if bash => "<<<",
            (b'<', b'<', b'-') => "<<-",
            (b'<', b'<', _) => "<<",
            (b'<', b'>', _) => "<>",
            (b'<', b'&', _) => "<&",
            (b'<', ..) => "<",
            (b'&', b'>', b'>') => "&>>",
            (b'&', ..) => "&>",
            (_, b'>', _) => ">>",
            (_, b'|', _) => ">|",
            (_, b'&', _) => ">&",
            _ => ">",
        }
    }

    /// The end of the run of ordinary bytes at `at`.
    #[inline]
    pub(super) fn plain_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..self.limit];
        at + rest.iter().position(|byte| class(*byte) != PLAIN).unwrap_or(rest.len())
    }

    /// Whether a word may end at `at`.
    pub(super) fn is_word_end(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| matches!(class(byte), BLANK | META))
    }
}

/// Where the body ends that starts at `start`, and where the line behind its end word starts.
fn heredoc_end(bytes: &[u8], start: usize, redirection: &Redirection) -> (usize, usize) {
    let word = redirection.target.text.as_bytes();
    let mut at = start.min(bytes.len());
    while at < bytes.len() {
        let end = at + memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
        let mut line = &bytes[at..end];
        while redirection.operator == "<<-" && line.first() == Some(&b'\t') {
            line = &line[1..];
        }
        if line == word {
            return (at, (end + 1).min(bytes.len()));
        }
        at = (end + 1).min(bytes.len());
    }
    (at, at)
}

/// Moves what `from` holds behind `start` to the end of `to`; its range there.
fn append<T>(to: &mut Vec<T>, from: &mut Vec<T>, start: usize) -> (u32, u32) {
    let first = to.len() as u32;
    to.extend(from.drain(start..));
    (first, to.len() as u32)
}

pub(super) fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}
