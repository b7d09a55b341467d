//! Reserved words and brackets: what opens, continues and closes a group.

use super::parser::{Head, Kind, Parser, span};
use super::skip::skip;
use super::tree::*;
use super::word::Role;

impl Parser<'_> {
    /// Handles a reserved word at `start`, where a command would start; whether there was one.
    pub(super) fn reserved(&mut self, start: usize) -> bool {
        let mut end = start;
        while end - start < 9
            && self
                .byte(end)
                .is_some_and(|byte| byte.is_ascii_lowercase() || matches!(byte, b'{' | b'}' | b'!' | b'['))
        {
            end += 1;
        }
        if end == start || !self.is_word_end(end) {
            return false;
        }
        let text = self.text;
        match &text[start..end] {
            "!" => {
                self.frame.negated = true;
                self.at = end;
            }
            "{" => self.open_simple(Kind::Brace, ListKind::Brace, start, end),
            "if" => self.open_condition(Kind::If, start, end),
            "while" | "until" => self.open_condition(Kind::LoopCondition, start, end),
            "for" | "select" => self.open_head(Head::For, start, end),
            "case" => self.open_head(Head::Case, start, end),
            "[[" if self.dialect == Dialect::Bash => self.open_head(Head::Test, start, end),
            "function" => self.function_word(end),
            "do" => self.loop_body(start, end),
            "then" | "else" => self.branch(false, start, end),
            "elif" => self.branch(true, start, end),
            "fi" => self.close_kind(Kind::If, start, end),
            "done" => self.close_kind(Kind::LoopBody, start, end),
            "esac" => self.close_kind(Kind::Case, start, end),
            "}" => self.close_kind(Kind::Brace, start, end),
            _ => return false,
        }
        true
    }

    fn open_simple(&mut self, kind: Kind, list: ListKind, start: usize, inner: usize) {
        if self.open_group(kind, start) {
            let list = if self.frame.function { ListKind::Function } else { list };
            self.open_list(list, start);
            self.at = inner;
        }
    }

    fn open_condition(&mut self, kind: Kind, start: usize, end: usize) {
        self.open_simple(kind, ListKind::Condition, start, end);
        if self.at == end && self.frame.kind == kind {
            self.frame.within.condition = true;
        }
    }

    /// `for`, `select`, `case` and `[[` start a command of that name.
    fn open_head(&mut self, head: Head, start: usize, end: usize) {
        if self.frame.awaiting.is_none() {
            self.frame.awaiting = Some((start, self.marks()));
        }
        self.push_plain(start, end);
        self.frame.head = head;
    }

    /// A plain word in the head of `for` or `case` that may end it; whether it did.
    pub(super) fn head_word(&mut self, start: usize, end: usize) -> bool {
        let count = self.frame.open.map_or(0, |open| self.words.len() - open.words);
        let text = self.text;
        match (self.frame.head, count, &text[start..end]) {
            (Head::For, 2, "do") => {
                self.operator(Operator::Sequence, 0);
                self.loop_body(start, end);
            }
            (Head::Case, 2, "in") => {
                self.push_plain(start, end);
                self.operator(Operator::Sequence, 0);
                self.open_case(start, end);
            }
            _ => return false,
        }
        true
    }

    fn open_case(&mut self, start: usize, end: usize) {
        let list = self.frame.list;
        if self.open_group(Kind::Case, start) {
            self.frame.list = list;
            self.frame.pattern = true;
            self.at = end;
        }
    }

    fn loop_body(&mut self, start: usize, end: usize) {
        if self.frame.kind == Kind::LoopCondition && self.frame.awaiting.is_none() {
            self.end_list(start);
            self.frame.kind = Kind::LoopBody;
            self.open_list(ListKind::Loop, start);
        } else if self.frame.awaiting.is_some() {
            self.open_simple(Kind::LoopBody, ListKind::Loop, start, end);
            if self.at != end || self.frame.kind != Kind::LoopBody {
                return;
            }
        } else {
            return self.fail(start);
        }
        self.frame.within.condition = self.outer_condition();
        self.frame.within.repeated = true;
        self.at = end;
    }

    fn outer_condition(&self) -> bool {
        self.stack.last().is_some_and(|outer| outer.within.condition)
    }

    fn branch(&mut self, condition: bool, start: usize, end: usize) {
        if self.frame.kind != Kind::If || self.frame.awaiting.is_some() {
            return self.fail(start);
        }
        self.end_list(start);
        self.open_list(if condition { ListKind::Condition } else { ListKind::Branch }, start);
        self.frame.within.conditional = true;
        self.frame.within.condition = condition || self.outer_condition();
        self.at = end;
    }

    fn close_kind(&mut self, kind: Kind, start: usize, end: usize) {
        if self.frame.kind != kind || self.frame.awaiting.is_some() {
            return self.fail(start);
        }
        self.at = end;
        self.close();
    }

    /// `function name` or `function name()`.
    fn function_word(&mut self, end: usize) {
        self.frame.awaiting = Some((self.at, self.marks()));
        self.frame.function = true;
        self.at = end;
        self.skip_blanks();
        while !self.is_word_end(self.at) {
            self.at += 1;
        }
        self.skip_blanks();
        if self.byte(self.at) == Some(b'(') && self.byte(self.at + 1) == Some(b')') {
            self.at += 2;
        }
    }

    /// `(`: a subshell, `((`, the head of a function, or an error.
    pub(super) fn open_paren(&mut self) {
        let start = self.at;
        let double = self.byte(start + 1) == Some(b'(');
        if let Some(open) = self.frame.open {
            let one_word = self.words.len() == open.words + 1;
            if double && one_word && self.frame.head == Head::For {
                return self.arithmetic_words(start, false);
            }
            if one_word && self.words[open.words].text == "time" {
                self.operator(Operator::Sequence, 0);
            } else {
                return self.function_brackets(start);
            }
        }
        if double && self.dialect == Dialect::Bash {
            match skip(self.bytes, start + 1, self.limit, false) {
                None => return self.fail(start),
                Some(end) if self.byte(end) == Some(b')') => return self.arithmetic_words(start, true),
                Some(_) => {}
            }
        }
        self.open_simple(Kind::Subshell, ListKind::Subshell, start, start + 1);
        if self.at == start + 1 && self.frame.kind == Kind::Subshell {
            self.frame.within.subshell = true;
        }
    }

    /// `((…))` as one command of that name, or as the head of a `for`.
    fn arithmetic_words(&mut self, start: usize, command: bool) {
        let Some(end) = skip(self.bytes, start, self.limit, false) else { return self.fail(start) };
        if command {
            self.push_plain(start, start + 2);
        }
        let from = if command { start + 2 } else { start };
        let to = if command { end.saturating_sub(2).max(from) } else { end };
        self.push_plain(from, to);
        if let Some(word) = self.words.last_mut() {
            word.literal = false;
        }
        if command {
            self.push_plain(to, end);
        }
    }

    /// `name()` makes the one word of the command the name of a function.
    fn function_brackets(&mut self, start: usize) {
        self.at = start + 1;
        self.skip_blanks();
        let Some(open) = self.frame.open else { return self.fail(start) };
        let index = open.index as usize;
        let one_word = self.words.len() == open.words + 1
            && self.assignments.len() == open.assignments
            && self.redirections.len() == open.redirections
            && index + 1 == self.out.commands.len()
            && self.words[open.words].literal;
        if !one_word || self.byte(self.at) != Some(b')') {
            return self.fail(start);
        }
        self.at += 1;
        self.words.truncate(open.words);
        self.frame.open = None;
        let Some(command) = self.out.commands.pop() else { return };
        self.frame.before = Some(command.before);
        self.frame.awaiting = Some((command.span.start as usize, self.marks()));
        self.frame.function = true;
    }

    pub(super) fn close_paren(&mut self) {
        if matches!(self.frame.kind, Kind::Subshell | Kind::Substitution) && self.frame.awaiting.is_none() {
            self.at += 1;
            self.close();
        } else {
            self.fail(self.at);
        }
    }

    /// `;;`, `;&` or `;;&`.
    pub(super) fn arm_end(&mut self) {
        if self.frame.kind != Kind::Case || self.frame.awaiting.is_some() {
            return self.fail(self.at);
        }
        let long = self.text[self.at..self.limit].starts_with(";;&");
        self.operator(Operator::Sequence, if long { 3 } else { 2 });
        self.end_list(self.at);
        self.frame.pattern = true;
    }

    pub(super) fn pattern_token(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b'\n' => {
                self.at += 1;
                self.heredoc_bodies();
            }
            b'#' => self.comment(),
            b'(' | b'|' => self.at += 1,
            b')' => {
                self.at += 1;
                self.frame.pattern = false;
                self.open_list(ListKind::Branch, start);
                self.frame.within.conditional = true;
            }
            b';' | b'&' | b'<' | b'>' => self.fail(start),
            b'e' if self.bytes[start..self.limit].starts_with(b"esac") && self.is_word_end(start + 4) => {
                self.close_kind(Kind::Case, start, start + 4);
            }
            _ => self.begin_word(Role::Pattern, start),
        }
    }

    /// A word of `[[ … ]]`.
    pub(super) fn test_token(&mut self) {
        let start = self.at;
        let closes = self.bytes[start..self.limit].starts_with(b"]]") && self.is_word_end(start + 2);
        match self.bytes[start] {
            b'\n' => self.at += 1,
            b';' => self.fail(start),
            _ if closes => {
                self.push_plain(start, start + 2);
                self.frame.head = Head::None;
                // A `[[` that is the body of a function leaves that waiting no longer either.
                self.frame.awaiting = None;
                self.frame.function = false;
            }
            _ => self.begin_word(Role::Test, start),
        }
    }

    /// The whole text is opaque.
    pub(super) fn opaque(text: &str) -> Script {
        let end = text.len().min(u32::MAX as usize);
        let opaque = if end == 0 { Vec::new() } else { vec![span(0, end)] };
        Script { opaque, ..Script::default() }
    }
}
