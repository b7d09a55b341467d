//! Health commands: what they ask, whether they can fail, and which programs they need.
//!
//! The command of a HEALTHCHECK (or of a pod's exec probe) goes in, [`Understood`] comes out. What cannot be followed
//! gives no probe and counts as able to fail. Nothing here knows a plan.

mod clients;
mod code;
mod status;
mod url;

use smol_str::{SmolStr, format_smolstr};

use crate::model::{CommandLine, Form, Probe, ShellText, Value};
use crate::source::Span;
use crate::syntax::shell::{
    self, Command, Dialect, Operator, Script, ShellOptions, Word, command_name, inline_script, unwrap,
};

/// How deep `sh -c "sh -c …"` is followed.
const MAX_NESTED: usize = 4;
/// Probes and programs that are listed of one command.
const MAX_LISTED: usize = 64;
/// Expanded words longer than this stay as written, in bytes.
const MAX_WORD: usize = 1 << 16;

/// What a health command does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Understood {
    /// The requests it makes, in order.
    pub probes: Vec<Probe>,
    /// Whether its failure reaches the caller.
    pub can_fail: bool,
    /// Whether an HTTP answer of any status passes: curl without `--fail`, whose output nothing looks at.
    pub ignores_status: bool,
    /// Programs, script paths and Python packages (`python:requests`) that it needs.
    pub tools: Vec<SmolStr>,
}

/// Values of variables when the container runs; `None` for a name that nobody sets.
type Values<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// Reads a health command. `texts` is the split text of a shell form, when the caller has it; `value_of` gives what ENV
/// says, for the shell expands variables when the command runs (an exec form expands nothing).
#[must_use]
pub fn understand(command: &CommandLine, texts: Option<&ShellText>, value_of: Values<'_>) -> Understood {
    let mut reader = Reader { value_of, out: Understood::default() };
    match (command.form, texts) {
        (Form::Shell, Some(text)) => reader.top(&text.script, &text.options),
        (Form::Shell, None) => {
            let text = command.words.first().map_or("", SmolStr::as_str);
            let script = shell::parse(text, Dialect::Posix);
            reader.top(&script, &shell::options(&script, ShellOptions::default()));
        }
        (Form::Exec, _) => reader.exec(&command.words),
    }
    reader.out
}

struct Reader<'a> {
    value_of: Values<'a>,
    out: Understood,
}

/// One program with its arguments, variables put in.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<SmolStr>,
    /// Whether something looks at its output: a pipe, or the command that its `$( )` is part of.
    output_used: bool,
}

impl Reader<'_> {
    fn exec(&mut self, words: &[SmolStr]) {
        let words: Vec<Word> = words.iter().map(|text| literal(text)).collect();
        let command = unwrap(&words);
        let inner = inline_script(command);
        if let Some((at, dialect)) = inner.filter(|(_, dialect)| *dialect != Dialect::Other) {
            self.tool(&words[0]);
            self.tool(&command[0]);
            let script = shell::parse(&command[at].text, dialect);
            self.top(&script, &shell::options(&script, ShellOptions::default()));
            return;
        }
        self.out.can_fail = !status::is_certain_success(command);
        self.call(&words, false, false);
    }

    /// Reads a whole script.
    fn top(&mut self, script: &Script, options: &[ShellOptions]) {
        self.out.can_fail = can_fail(script, options);
        // A stack of scripts and positions in place of recursion: texts behind `sh -c` stand where they are called.
        let mut inner: Vec<(Script, usize)> = Vec::new();
        let mut at = 0;
        while at < script.commands.len() {
            if let Some(nested) = self.command(script, at) {
                inner.push((nested, 0));
            }
            at += 1;
            while let Some((nested, next)) = inner.pop() {
                if next >= nested.commands.len() {
                    continue;
                }
                let deeper = self.command(&nested, next).filter(|_| inner.len() < MAX_NESTED);
                inner.push((nested, next + 1));
                inner.extend(deeper.map(|script| (script, 0)));
            }
        }
    }

    /// Reads one simple command; gives the script behind its `sh -c`.
    fn command(&mut self, script: &Script, index: usize) -> Option<Script> {
        let command = &script.commands[index];
        for redirection in script.redirections(command) {
            let target = self.expand(&redirection.target);
            let probe = clients::dev_tcp(&target);
            self.probe(probe);
        }
        let words = script.words(command);
        let real = unwrap(words);
        if let Some((at, dialect)) = inline_script(real).filter(|(_, it)| *it != Dialect::Other) {
            self.tool(words.first()?);
            self.tool(real.first()?);
            return Some(shell::parse(&real[at].text, dialect));
        }
        self.call(words, output_used(script, command), true);
        None
    }

    fn call(&mut self, words: &[Word], output_used: bool, expands: bool) {
        let mut real = unwrap(words);
        if real.len() < words.len() {
            self.tool(&words[0]);
        }
        if let Some(count) = launcher(real) {
            self.tool(&real[0]);
            real = &real[count..];
        }
        let Some((first, rest)) = real.split_first() else { return };
        self.tool(first);
        let text = |word: &Word| if expands { self.expand(word) } else { word.text.clone() };
        let arguments = rest.iter().map(text).collect();
        let call = Call { name: command_name(first), arguments, output_used };
        let name = call.name;
        match name {
            "curl" => self.curl(&call),
            "wget" => clients::wget(&call).into_iter().for_each(|probe| self.probe(Some(probe))),
            "nc" | "ncat" | "netcat" => self.probe(clients::netcat(&call)),
            "grpc_health_probe" => self.probe(clients::grpc(&call)),
            "node" | "nodejs" | "bun" | "deno" => self.code(&call, "node"),
            _ if code::is_python(name) => self.code(&call, "python"),
            _ => {}
        }
    }

    fn curl(&mut self, call: &Call<'_>) {
        let curl = clients::curl(call);
        self.out.ignores_status |= !curl.probes.is_empty() && !curl.fails && !call.output_used;
        curl.probes.into_iter().for_each(|probe| self.probe(Some(probe)));
    }

    fn code(&mut self, call: &Call<'_>, language: &'static str) {
        let Some((text, rest)) = code::of(call, language) else { return };
        for probe in code::probes(text, language) {
            self.probe(Some(probe));
        }
        // The text may take its address from an argument.
        for argument in rest.iter().filter(|it| it.starts_with("http://") || it.starts_with("https://")) {
            self.probe(url::request(argument, language));
        }
        if language == "python" {
            for module in code::modules(text) {
                self.list(format_smolstr!("python:{module}"));
            }
        }
    }

    fn probe(&mut self, probe: Option<Probe>) {
        if self.out.probes.len() < MAX_LISTED {
            self.out.probes.extend(probe);
        }
    }

    /// Lists a program, unless the shell brings it.
    fn tool(&mut self, word: &Word) {
        let text = word.text.as_str();
        if !word.literal || text.is_empty() {
            return;
        }
        let (folder, name) = text.rsplit_once('/').unwrap_or(("/bin", text));
        let usual = matches!(folder, "/bin" | "/sbin")
            || folder.starts_with("/usr/") && (folder.ends_with("/bin") || folder.ends_with("/sbin"));
        let is_script = SCRIPTS.iter().any(|extension| name.ends_with(extension));
        if text.contains('/') && (is_script || !usual) {
            self.list(text.into());
        } else if !BUILTINS.contains(&name) {
            self.list(name.into());
        }
    }

    fn list(&mut self, tool: SmolStr) {
        if self.out.tools.len() < MAX_LISTED && !self.out.tools.contains(&tool) {
            self.out.tools.push(tool);
        }
    }

    /// The word with the values of its variables; what has none stays as written.
    fn expand(&self, word: &Word) -> SmolStr {
        let mut text = String::new();
        let mut from = 0;
        for variable in &word.variables {
            let (start, end) = (variable.at.0 as usize, variable.at.1 as usize);
            let Some(before) = word.text.get(from..start) else { return word.text.clone() };
            let Some(value) = self.value(&variable.name, &variable.modifier) else { continue };
            text.push_str(before);
            text.push_str(&value);
            from = end;
            if text.len() > MAX_WORD {
                return word.text.clone();
            }
        }
        if from == 0 {
            return word.text.clone();
        }
        text.push_str(word.text.get(from..).unwrap_or_default());
        text.into()
    }

    fn value(&self, name: &str, modifier: &str) -> Option<SmolStr> {
        let value = (self.value_of)(name);
        let default = modifier.strip_prefix(":-").or_else(|| modifier.strip_prefix('-'));
        match (value, default) {
            (None, Some(default)) => Some(default.into()),
            (Some(value), Some(default)) if value.certain() == Some("") && modifier.starts_with(':') => {
                Some(default.into())
            }
            (Some(value), default) if modifier.is_empty() || default.is_some() => {
                value.certain().map(SmolStr::from)
            }
            _ => None,
        }
    }
}

/// Whether the script can end in failure: of `sh -c '…'` alone, the text behind it.
fn can_fail(script: &Script, options: &[ShellOptions]) -> bool {
    let mut inner: Option<(Script, Vec<ShellOptions>)> = None;
    for _ in 0..MAX_NESTED {
        let script = inner.as_ref().map_or(script, |(script, _)| script);
        let [only] = script.commands.as_slice() else { break };
        let words = unwrap(script.words(only));
        let Some((at, dialect)) = inline_script(words).filter(|_| !only.within.negated) else { break };
        let nested = shell::parse(&words[at].text, dialect);
        let options = shell::options(&nested, ShellOptions::default());
        inner = Some((nested, options));
    }
    match &inner {
        Some((script, options)) => status::can_fail(script, options),
        None => status::can_fail(script, options),
    }
}

fn output_used(script: &Script, command: &Command) -> bool {
    let list_piped = script.lists.get(command.list as usize).is_some_and(|list| is_pipe(list.after));
    is_pipe(command.after) || list_piped || command.within.substitution
}

fn is_pipe(operator: Operator) -> bool {
    matches!(operator, Operator::Pipe | Operator::PipeBoth)
}

/// How many words a program takes that runs the rest: `busybox wget`, `poetry run python`.
fn launcher(words: &[Word]) -> Option<usize> {
    let name = command_name(words.first()?);
    let second = words.get(1)?.text.as_str();
    match name {
        "busybox" if !second.starts_with('-') => Some(1),
        "poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" if second == "run" && words.len() > 2 => {
            (!words[2].text.starts_with('-')).then_some(2)
        }
        _ => None,
    }
}

/// A word of an exec form.
fn literal(text: &str) -> Word {
    Word {
        text: text.into(),
        span: Span::default(),
        literal: true,
        quoted: true,
        variables: Vec::new(),
        substitution: false,
        glob: false,
    }
}

/// Endings of scripts: these come from the fleet and from no package.
const SCRIPTS: [&str; 5] = [".sh", ".py", ".js", ".pl", ".rb"];

/// What every `sh` has in itself, and `sh`.
const BUILTINS: [&str; 41] = [
    "sh", "[", "[[", "((", ":", ".", "source", "test", "exit", "return", "echo", "printf", "true", "false",
    "cd", "set", "unset", "export", "read", "eval", "exec", "command", "type", "wait", "kill", "shift",
    "trap", "local", "readonly", "break", "continue", "for", "case", "select", "let", "declare", "builtin",
    "ulimit", "umask", "times", "getopts",
];

#[cfg(test)]
mod tests;
