//! The driver: lists, operators, and the stack of open groups. Words are in `word.rs`, reserved words in `compound.rs`.
//!
//! One pass over the bytes. What is open is kept on explicit stacks, never on the call stack; commands get their number
//! when they start and their words when they end, so that commands of substitutions come after the command they are in.

use super::class::{BLANK, META, PLAIN, class};
use super::tree::*;
use super::word::{Mode, WordState};
use crate::source::Span;

/// How deep groups, substitutions, quotes and `${` may nest before the rest is opaque.
pub(super) const MAX_DEPTH: usize = 32;

/// The room to make beforehand: a usual word and a usual command have so many bytes, and never for more than that many.
const USUAL_WORD: usize = 10;
const USUAL_COMMAND: usize = 40;
const MOST_RESERVED: usize = 64;

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
    pub(super) fn is_boundary(self) -> bool {
        matches!(self, Self::Root | Self::Backtick)
    }

    pub(super) fn is_substitution(self) -> bool {
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
    pub(super) commands: usize,
    pub(super) words: usize,
    pub(super) assignments: usize,
    pub(super) redirections: usize,
    pub(super) opaque: usize,
    pub(super) comments: usize,
    pub(super) lists: usize,
    pub(super) pending: (usize, usize, usize),
    pub(super) heredocs: usize,
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
    pub(super) suspended: WordState,
    pub(super) outer_limit: usize,
    pub(super) holder: Option<u32>,
    pub(super) heredocs_from: usize,
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
    pub(super) heredocs: Vec<usize>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        let room = |usual: usize| (text.len() / usual).clamp(1, MOST_RESERVED);
        let mut out = Script {
            words: Vec::with_capacity(room(USUAL_WORD)),
            commands: Vec::with_capacity(room(USUAL_COMMAND)),
            ..Script::default()
        };
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
            words: Vec::with_capacity(room(USUAL_WORD).min(16)),
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
        let last = frame.last_command.take();
        if let Some(command) = last.and_then(|last| self.out.commands.get_mut(last as usize)) {
            command.after = operator;
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

/// Moves what `from` holds behind `start` to the end of `to`; its range there.
fn append<T>(to: &mut Vec<T>, from: &mut Vec<T>, start: usize) -> (u32, u32) {
    let first = to.len() as u32;
    to.extend(from.drain(start..));
    (first, to.len() as u32)
}

pub(super) fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}
