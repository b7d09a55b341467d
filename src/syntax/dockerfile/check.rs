//! What BuildKit's `instructions.Parse` refuses: instructions in, errors out. The tree is not changed.
//!
//! BuildKit: `instructions/parse.go`. Substitutions of variables are not looked at here.

use super::instruction::shorten;
use super::{
    Arguments, Dockerfile, Flag, Instruction, Keyword, SyntaxError, SyntaxErrorKind, Text, duration, heredoc,
    mount,
};
use crate::source::Span;

/// Checks one instruction of a known keyword.
pub(super) fn instruction(it: &Instruction<'_>, errors: &mut Vec<SyntaxError>) {
    let mut check = Check { it, errors };
    check.flags();
    match it.keyword {
        Keyword::From => check.from(),
        Keyword::Copy | Keyword::Add => check.copy(),
        Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer => {
            check.needs("exactly one argument")
        }
        Keyword::Expose | Keyword::Env | Keyword::Label | Keyword::Arg => {
            check.needs("at least one argument")
        }
        Keyword::Volume => check.volume(),
        Keyword::Shell => check.shell(),
        Keyword::Healthcheck => check.health(),
        Keyword::Onbuild => check.onbuild(),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Unknown => {}
    }
    check.blank_names();
}

/// How often a flag may be given, and what it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Bool,
    Text,
    List,
}

fn known_flag(keyword: Keyword, name: &str) -> Option<Takes> {
    Some(match (keyword, name) {
        (Keyword::From, "platform")
        | (Keyword::Add, "checksum")
        | (Keyword::Add | Keyword::Copy, "chown" | "chmod")
        | (Keyword::Copy, "from")
        | (Keyword::Run, "network" | "security")
        | (Keyword::Healthcheck, "interval" | "timeout" | "start-period" | "start-interval" | "retries") => {
            Takes::Text
        }
        (Keyword::Add, "keep-git-dir" | "unpack")
        | (Keyword::Add | Keyword::Copy, "link")
        | (Keyword::Copy, "parents") => Takes::Bool,
        (Keyword::Add | Keyword::Copy, "exclude") | (Keyword::Run, "mount" | "device") => Takes::List,
        _ => return None,
    })
}

struct Check<'c, 'a> {
    it: &'c Instruction<'a>,
    errors: &'c mut Vec<SyntaxError>,
}

impl Check<'_, '_> {
    fn refuse(&mut self, message: impl Into<String>, span: Span) {
        self.errors.push(SyntaxError::new(SyntaxErrorKind::Other, message, span));
    }

    fn refuse_flag(&mut self, message: String, span: Span) {
        self.errors.push(SyntaxError::new(SyntaxErrorKind::Flag, message, span));
    }

    fn name(&self) -> &'static str {
        self.it.keyword.name()
    }

    fn flags(&mut self) {
        // BuildKit never looks at the flags of these.
        let unchecked = match &self.it.arguments {
            Arguments::Health { kind, .. } => kind.text.eq_ignore_ascii_case("NONE"),
            _ => matches!(self.it.keyword, Keyword::Arg | Keyword::Stopsignal),
        };
        if unchecked {
            return;
        }
        let it = self.it;
        let mut seen: Vec<&str> = Vec::new();
        for flag in &it.flags {
            let Some(takes) = known_flag(it.keyword, &flag.name) else {
                let message = format!("{} has no flag `--{}`", self.name(), shorten(&flag.name));
                self.refuse_flag(message, flag.raw.span);
                continue;
            };
            if takes != Takes::List {
                if seen.contains(&flag.name.as_ref()) {
                    self.refuse_flag(format!("the flag `--{}` is given twice", flag.name), flag.raw.span);
                    continue;
                }
                seen.push(flag.name.as_ref());
            }
            self.flag_value(flag, takes);
        }
    }

    fn flag_value(&mut self, flag: &Flag<'_>, takes: Takes) {
        match (&flag.value, takes) {
            (None, Takes::Bool) => {}
            (Some(value), Takes::Bool) => {
                if !value.text.eq_ignore_ascii_case("true") && !value.text.eq_ignore_ascii_case("false") {
                    let message = format!("the flag `--{}` takes true or false", flag.name);
                    self.refuse_flag(message, flag.raw.span);
                }
            }
            (None, _) => self.refuse_flag(format!("the flag `--{}` needs a value", flag.name), flag.raw.span),
            (Some(value), _) => self.flag_text(flag, value),
        }
    }

    fn flag_text(&mut self, flag: &Flag<'_>, value: &Text<'_>) {
        match (self.it.keyword, flag.name.as_ref()) {
            (Keyword::Run, _) => mount::check(flag, self.errors),
            (Keyword::Copy, "from") if mount::has_variable(&value.text) => {
                let message = "`--from` takes no variables; name a stage instead";
                self.errors.push(SyntaxError::new(SyntaxErrorKind::Flag, message, value.span).at_build());
            }
            (Keyword::Healthcheck, "retries") if !value.text.is_empty() => match value.text.parse::<i32>() {
                Ok(0..) => {}
                Ok(_) => self.refuse_flag("`--retries` must not be negative".to_owned(), value.span),
                Err(_) => self.refuse_flag("`--retries` needs a whole number".to_owned(), value.span),
            },
            (Keyword::Healthcheck, _) => {
                if let Err(message) = duration::check(&value.text) {
                    self.refuse_flag(format!("`--{}`: {message}", flag.name), value.span);
                }
            }
            _ => {}
        }
    }

    /// Refuses an instruction without arguments.
    fn needs(&mut self, what: &str) {
        if matches!(self.it.arguments, Arguments::None) {
            self.refuse(format!("{} needs {what}", self.name()), self.it.name_span);
        }
    }

    fn arguments(&self) -> &[Text<'_>] {
        match &self.it.arguments {
            Arguments::Words(words) | Arguments::Json(words) => words,
            _ => &[],
        }
    }

    fn from(&mut self) {
        let it = self.it;
        let Arguments::Words(words) = &it.arguments else {
            return self.refuse("FROM needs an image: `FROM image` or `FROM image AS name`", it.name_span);
        };
        match words.as_slice() {
            [_] => {}
            [_, word, name] if word.text.eq_ignore_ascii_case("as") => {
                if !is_stage_name(&name.text) {
                    let message = format!(
                        "`{}` is no stage name: a letter first, then letters, digits, `-`, `_` and `.`",
                        shorten(&name.text)
                    );
                    self.refuse(message, name.span);
                }
            }
            [_, rest @ ..] => {
                let span = rest
                    .iter()
                    .fold(rest.first().map_or(it.span, |it| it.span), |sum, word| sum.to(word.span));
                self.refuse("FROM needs one or three arguments: `FROM image` or `FROM image AS name`", span);
            }
            [] => {}
        }
    }

    fn copy(&mut self) {
        let count = self.arguments().len();
        if count < 2 {
            let span = self.arguments().first().map_or(self.it.name_span, |it| it.span);
            return self.refuse(format!("{} needs at least a source and a destination", self.name()), span);
        }
        let Some(last) = self.arguments().last() else { return };
        let (opens, span) = (heredoc::is_opening(&last.text), last.span);
        if opens {
            self.refuse(format!("{} cannot take a heredoc as its destination", self.name()), span);
        }
    }

    fn volume(&mut self) {
        if self.arguments().is_empty() {
            return self.refuse("VOLUME needs at least one argument", self.it.name_span);
        }
        let blank = self.arguments().iter().find(|it| it.text.trim().is_empty()).map(|it| it.span);
        if let Some(span) = blank {
            self.refuse("a VOLUME must not be blank", span);
        }
    }

    fn shell(&mut self) {
        match &self.it.arguments {
            Arguments::Json(words) if !words.is_empty() => {}
            Arguments::Text(text) => {
                self.refuse("SHELL needs the JSON form: `SHELL [\"/bin/sh\", \"-c\"]`", text.span)
            }
            _ => self.refuse("SHELL needs at least one argument", self.it.name_span),
        }
    }

    fn health(&mut self) {
        let Arguments::Health { kind, command } = &self.it.arguments else {
            return self.refuse("HEALTHCHECK needs CMD or NONE", self.it.name_span);
        };
        let empty = match command.as_ref() {
            Arguments::None => true,
            Arguments::Json(words) => words.is_empty(),
            _ => false,
        };
        if kind.text.eq_ignore_ascii_case("NONE") {
            if !empty {
                self.refuse("HEALTHCHECK NONE takes no arguments", kind.span);
            }
        } else if !kind.text.eq_ignore_ascii_case("CMD") {
            self.refuse(
                format!("HEALTHCHECK needs CMD or NONE, and not `{}`", shorten(&kind.text)),
                kind.span,
            );
        } else if empty {
            self.refuse("HEALTHCHECK CMD needs a command", kind.span);
        }
    }

    fn onbuild(&mut self) {
        let Arguments::Onbuild { inner: Some(inner), .. } = &self.it.arguments else {
            return self.refuse("ONBUILD needs an instruction", self.it.name_span);
        };
        match inner.keyword {
            Keyword::Onbuild => self.refuse("ONBUILD cannot hold another ONBUILD", inner.name_span),
            Keyword::From | Keyword::Maintainer => {
                self.refuse(format!("ONBUILD cannot hold {}", inner.keyword.name()), inner.name_span);
            }
            _ => {}
        }
    }

    fn blank_names(&mut self) {
        let Arguments::Pairs(pairs) = &self.it.arguments else { return };
        for pair in pairs.iter().filter(|pair| pair.key.text.is_empty()) {
            let span = pair
                .value
                .as_ref()
                .map_or(pair.key.span, |value| Span::new(pair.key.span.start, value.span.end));
            self.refuse(format!("a name in {} must not be blank", self.name()), span);
        }
    }
}

/// `^[a-z][a-z0-9-_.]*$` on the name in lower case.
fn is_stage_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) && name.bytes().all(rest)
}

/// Checks the order: something must be there, and only ARG before the first FROM.
pub(super) fn order(tree: &mut Dockerfile<'_>) {
    let Some(last) = tree.instructions.last() else {
        let error =
            SyntaxError::new(SyntaxErrorKind::Empty, "the file holds no instruction", Span::default());
        return tree.errors.push(error.in_parser());
    };
    let from = tree.instructions.iter().position(|it| it.keyword == Keyword::From);
    let before = &tree.instructions[..from.unwrap_or(tree.instructions.len())];
    // A mistyped FROM is reported as such, and only as such.
    let is_from = |it: &Instruction<'_>| {
        it.keyword == Keyword::Unknown && Keyword::nearest(&it.name) == Some(Keyword::From)
    };
    if before.iter().any(is_from) {
        return;
    }
    let misplaced = before.iter().filter(|it| !matches!(it.keyword, Keyword::Arg | Keyword::Unknown));
    let count = if from.is_some() { usize::MAX } else { 1 };
    let errors: Vec<_> = misplaced
        .take(count)
        .map(|it| {
            let message = match from {
                Some(_) => {
                    format!("{} stands before the first FROM, where only ARG may stand", it.keyword.name())
                }
                None => format!("{} belongs to no stage: the file has no FROM", it.keyword.name()),
            };
            SyntaxError::new(SyntaxErrorKind::BeforeFrom, message, it.name_span)
        })
        .collect();
    if from.is_none() && errors.is_empty() && tree.instructions.iter().all(|it| it.keyword == Keyword::Arg) {
        let error = SyntaxError::new(SyntaxErrorKind::NoStage, "the file has no FROM", last.name_span);
        tree.errors.push(error);
    }
    tree.errors.extend(errors);
}
