//! The stack of open lists: opening and closing groups and substitutions, and giving up on unbalanced ones.

use super::parser::{Frame, Kind, MAX_DEPTH, Marks, Parser, span};
use super::skip::skip;
use super::tree::*;

impl Parser<'_> {
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
}
