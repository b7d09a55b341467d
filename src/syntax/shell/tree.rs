//! The flat tree of one script. All spans are byte offsets into the text that was parsed; the caller maps them to the
//! file (`dockerfile::Text::source_span`).

use smol_str::SmolStr;

use crate::source::Span;

/// Which shell reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// POSIX `sh`, dash, busybox: the default.
    #[default]
    Posix,
    /// bash, zsh, ksh: `[[`, arrays, `<(`, `$'…'`, here-strings.
    Bash,
    /// Something else (PowerShell, cmd, python): nothing is split, the whole text is opaque.
    Other,
}

/// One parsed text.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Simple commands in the order of the text; those inside `$( )` and groups stand where they are written, after the
    /// command whose word holds them. The heads of `for`, `select` and `case` (`for x in a b`) stand as commands of that
    /// name, so that their words are seen; so do `[[ … ]]` and `(( … ))`. A redirection behind a group (`done <x`) is a
    /// command without words.
    pub commands: Vec<Command>,
    /// Words of all commands; a command refers to a range of them.
    pub words: Vec<Word>,
    /// Assignments of all commands; a command refers to a range of them.
    pub assignments: Vec<Assignment>,
    /// Redirections of all commands; a command refers to a range of them.
    pub redirections: Vec<Redirection>,
    /// Parts that were not split: nesting too deep, unbalanced quotes, another language.
    pub opaque: Vec<Span>,
    /// Comments (`#` at the start of a word to the end of the logical line).
    pub comments: Vec<Span>,
    /// The lists that [`Command::list`] numbers; number 0 is the text itself. Empty when nothing was split.
    pub lists: Vec<List>,
}

/// A list of commands: the text itself, the body of a group or of a substitution, or one branch of a compound command.
#[derive(Debug, Clone)]
pub struct List {
    /// What makes it a list.
    pub kind: ListKind,
    /// Number of the list around it; `None` for the text itself.
    pub parent: Option<u32>,
    /// From its opening word or bracket to its end (for a branch: to the start of the next one).
    pub span: Span,
    /// The operator before the whole group.
    pub before: Operator,
    /// The operator behind the whole group; for `(a; b) | c` a pipe.
    pub after: Operator,
}

/// What makes a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// The text itself.
    Text,
    /// `( )`
    Subshell,
    /// `{ }`
    Brace,
    /// The condition of `if`, `elif`, `while` or `until`.
    Condition,
    /// A branch of `if` or `case`.
    Branch,
    /// The body of a loop.
    Loop,
    /// The body of a function.
    Function,
    /// `$( )`, backticks, `<( )` or `>( )`.
    Substitution,
}

impl Script {
    /// One command of words that no shell has read: exec form. The words are literal.
    #[must_use]
    pub fn of_words(words: impl Iterator<Item = (SmolStr, Span)>) -> Self {
        let words: Vec<Word> = words
            .map(|(text, span)| Word {
                text,
                span,
                literal: true,
                quoted: true,
                variables: Vec::new(),
                substitution: false,
                glob: false,
            })
            .collect();
        let span = words.iter().map(|word| word.span).reduce(Span::to).unwrap_or_default();
        let command = Command {
            words: (0, words.len() as u32),
            assignments: (0, 0),
            redirections: (0, 0),
            span,
            before: Operator::Start,
            after: Operator::End,
            depth: 0,
            list: 0,
            within: Within::default(),
            substituted_in: None,
        };
        let list =
            List { kind: ListKind::Text, parent: None, span, before: Operator::Start, after: Operator::End };
        let commands = if words.is_empty() { Vec::new() } else { vec![command] };
        Self { commands, words, lists: vec![list], ..Self::default() }
    }

    /// The words of a command: its name first.
    #[must_use]
    pub fn words(&self, command: &Command) -> &[Word] {
        &self.words[command.words.0 as usize..command.words.1 as usize]
    }

    /// The assignments before a command's name (`A=1 B=2 make`), or the bare ones.
    #[must_use]
    pub fn assignments(&self, command: &Command) -> &[Assignment] {
        &self.assignments[command.assignments.0 as usize..command.assignments.1 as usize]
    }

    /// The redirections of a command.
    #[must_use]
    pub fn redirections(&self, command: &Command) -> &[Redirection] {
        &self.redirections[command.redirections.0 as usize..command.redirections.1 as usize]
    }
}

/// A simple command: assignments, words and redirections, and how it stands to its neighbours.
#[derive(Debug, Clone)]
pub struct Command {
    /// Range in [`Script::words`]. Empty for a bare assignment or redirection.
    pub words: (u32, u32),
    /// Range in [`Script::assignments`].
    pub assignments: (u32, u32),
    /// Range in [`Script::redirections`].
    pub redirections: (u32, u32),
    /// From the first to the last byte of the command.
    pub span: Span,
    /// The operator before it, that ties it to the command before it in the same list.
    pub before: Operator,
    /// The operator behind it; [`Operator::End`] at the end of the text or of its group.
    pub after: Operator,
    /// How many groups (`( )`, `{ }`, `if`, loops, `$( )`) it stands in.
    pub depth: u16,
    /// Number of the list (the body of one group or substitution, or the text itself = 0) it belongs to. Commands of one
    /// list share working directory, `set` options and variables.
    pub list: u32,
    /// What surrounds it.
    pub within: Within,
    /// Index of the command whose word holds the substitution that this command is in.
    pub substituted_in: Option<u32>,
}

/// What ties two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The start of a list: nothing before.
    Start,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`, `;;` or a line end.
    Sequence,
    /// `|`
    Pipe,
    /// `|&`
    PipeBoth,
    /// `&`
    Background,
    /// The end of a list: nothing behind.
    End,
}

/// What surrounds a command, as flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    /// In a branch of `if`, `case`, or a function body: may not run.
    pub conditional: bool,
    /// In the condition of `if`, `while` or `until`, so its failure is no failure of the script.
    pub condition: bool,
    /// In the body of `for`, `while` or `until`.
    pub repeated: bool,
    /// In `( )` or `$( )`: directory and variables end with it.
    pub subshell: bool,
    /// In `$( )`, backticks or `<( )`.
    pub substitution: bool,
    /// Behind `!`.
    pub negated: bool,
}

/// One word of a command.
#[derive(Debug, Clone)]
pub struct Word {
    /// The value with quotes and escapes resolved; expansions stay as written (`$X`, `${X:-y}`, `$(cmd)`).
    pub text: SmolStr,
    /// Where it is, quotes included.
    pub span: Span,
    /// Whether the value is certain: no expansion, glob or brace in it.
    pub literal: bool,
    /// Whether any part was quoted or escaped (`"x"`, `\*`).
    pub quoted: bool,
    /// Variable expansions in it, in order, those in double quotes included, those in single quotes not. What stands
    /// inside another expansion is not listed: not `$y` of `${x:-$y}`, `$(cmd $y)` or `$((y + $z))`.
    pub variables: Vec<Variable>,
    /// Whether it holds a command substitution (`$( )` or backticks).
    pub substitution: bool,
    /// Whether it holds an unquoted `*`, `?`, `[…]` or `{a,b}`, or starts with an unquoted `~`.
    pub glob: bool,
}

/// A `$name` or `${…}` in a word.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The name: `X` of `${X:-y}`.
    pub name: SmolStr,
    /// Where it is in [`Word::text`]: start and end in bytes, `$` and braces included. Lets a caller put a value in.
    pub at: (u32, u32),
    /// What follows the name in braces (`:-y`), empty for the plain form; `#` of `${#X}` and `!` of `${!X}`.
    pub modifier: SmolStr,
    /// Whether it stands in double quotes.
    pub quoted: bool,
}

/// `NAME=value` before a command or alone.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The name.
    pub name: SmolStr,
    /// The value as a word; its span is empty for `A=`.
    pub value: Word,
    /// Whether the value is appended (`A+=x`).
    pub append: bool,
    /// Name, `=` and value.
    pub span: Span,
}

/// A redirection.
#[derive(Debug, Clone)]
pub struct Redirection {
    /// The operator as written: `>`, `>>`, `<`, `2>&1` has `>&`, `<&`, `<<`, `<<-`, `<<<`, `&>`,
    /// `&>>`, `>|`, `<>`.
    pub operator: &'static str,
    /// The descriptor before it.
    pub descriptor: Option<u32>,
    /// The target word: a file, a descriptor, a heredoc's word or a here-string.
    pub target: Word,
    /// The body of a heredoc that lies inside the parsed text.
    pub body: Option<Span>,
    /// Operator and target.
    pub span: Span,
}
