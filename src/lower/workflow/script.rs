//! Build steps that are scripts: `docker build`, `docker buildx build`, `podman build`, `docker push`.

use std::collections::HashMap;

use super::{Stated, Step};
use crate::source::{Place, Span};
use crate::syntax::shell::{self, Command, Dialect, Script, Word, unwrap};
use crate::syntax::yaml::Node;

/// Options of `docker build` and its like that take the next word.
const WITH_VALUE: [&str; 46] = [
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--authfile",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--call",
    "--cgroup-parent",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares",
    "--cpus",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--creds",
    "--file",
    "--format",
    "--iidfile",
    "--isolation",
    "--label",
    "--memory",
    "--memory-swap",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--output",
    "--platform",
    "--progress",
    "--provenance",
    "--sbom",
    "--secret",
    "--security-opt",
    "--shm-size",
    "--ssh",
    "--tag",
    "--target",
    "--ulimit",
    "--volume",
    "-f",
    "-m",
    "-o",
    "-t",
];

/// Builds and pushes of one script.
const MAX_COMMANDS: usize = 256;
/// Longest value of a variable that is followed, in bytes.
const MAX_VALUE: usize = 2048;

/// What stands for a part that only the run knows.
const UNKNOWN: &str = "${{ shell }}";

/// The builds of a script; what it pushes goes to `pushed`.
pub(super) fn read(
    step: &Step<'_>,
    job: &Node,
    run: &Node,
    pushed: &mut Vec<(String, Place)>,
) -> Vec<Stated> {
    let Some(text) = run.text() else { return Vec::new() };
    // Few scripts build images, and splitting one costs more than looking for the words.
    if !["docker", "podman", "buildah"].iter().any(|tool| text.contains(tool)) {
        return Vec::new();
    }
    let folder =
        step.node.get("working-directory").or_else(|| job.at(&["defaults", "run", "working-directory"]));
    let folder = folder.and_then(Node::text).unwrap_or(".").to_owned();
    let masked = Masked::new(text);
    let script = shell::parse(&masked.text, Dialect::Bash);
    let lines = Lines { run, text };
    let mut reader =
        Reader { masked: &masked, script: &script, folder: Some(folder), assigned: HashMap::new() };
    let mut found = Vec::new();
    for command in &script.commands {
        if found.len() + pushed.len() >= MAX_COMMANDS {
            break;
        }
        reader.assign(command);
        let words = unwrap(script.words(command));
        let names: Vec<&str> = words.iter().take(3).map(|word| word.text.as_str()).collect();
        match names.as_slice() {
            ["cd" | "pushd", ..] => reader.folder = None,
            ["docker" | "podman" | "buildah", "build" | "bud", ..] => {
                found.push(reader.build(&words[2..], lines.place(command.span), &lines));
            }
            ["docker" | "podman", "buildx" | "image" | "builder", "build"] => {
                found.push(reader.build(&words[3..], lines.place(command.span), &lines));
            }
            ["docker" | "podman" | "buildah", "push", ..] => {
                let last = words[2..].iter().rfind(|word| !word.text.starts_with('-'));
                pushed.extend(last.map(|word| (reader.value(word), lines.place(word.span))));
            }
            _ => {}
        }
    }
    found
}

/// A script whose expressions are words for the shell, at the same offsets.
struct Masked {
    text: String,
    expressions: Vec<String>,
}

/// Starts the word that stands for an expression; its number follows, filled up with the same character.
const MASK: char = '@';

impl Masked {
    fn new(text: &str) -> Self {
        let mut masked = Self { text: text.to_owned(), expressions: Vec::new() };
        for (range, _) in super::expression::find(text) {
            // `${{}}` is the shortest, so three digits fit; a script with more is not followed beyond.
            let number = masked.expressions.len().min(999).to_string();
            let length = range.len();
            let mut word = format!("{MASK}{number}");
            word.extend(std::iter::repeat_n(MASK, length - word.len()));
            masked.expressions.push(text[range.clone()].to_owned());
            masked.text.replace_range(range, &word);
        }
        masked
    }

    /// The text of a word with its expressions back.
    fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(MASK) {
            out.push_str(&rest[..start]);
            let digits = &rest[start + 1..];
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            let number = digits[..length].parse::<usize>().ok();
            let expression = number.and_then(|number| self.expressions.get(number));
            let behind = &digits[length..];
            match expression {
                // Those behind the last number are not told apart.
                Some(_) if number == Some(999) => {
                    out.push_str(UNKNOWN);
                    rest = behind.trim_start_matches(MASK);
                }
                Some(expression) if behind.starts_with(MASK) => {
                    out.push_str(expression);
                    // The mask is as long as the expression.
                    rest = rest[start..].get(expression.len()..).unwrap_or_default();
                }
                _ => {
                    out.push(MASK);
                    rest = digits;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

struct Reader<'a> {
    masked: &'a Masked,
    script: &'a Script,
    folder: Option<String>,
    /// Variables that the script sets.
    assigned: HashMap<String, String>,
}

impl Reader<'_> {
    /// Keeps what a command sets for those behind it.
    fn assign(&mut self, command: &Command) {
        let words = self.script.words(command);
        if words.is_empty() {
            for it in self.script.assignments(command) {
                let value = if it.append { UNKNOWN.to_owned() } else { self.value(&it.value) };
                self.assigned.insert(it.name.to_string(), value);
            }
        }
        let is_set = |name: &str| matches!(name, "export" | "declare" | "readonly" | "local" | "read");
        if words.first().is_some_and(|word| is_set(&word.text)) {
            for word in &words[1..] {
                let value = self.value(word);
                let (name, value) = match value.split_once('=') {
                    Some((name, value)) => (name.to_owned(), value.to_owned()),
                    None if words[0].text == "read" => (value, UNKNOWN.to_owned()),
                    None => continue,
                };
                self.assigned.insert(name, value);
            }
        }
        // A loop variable has many values.
        if words.first().is_some_and(|word| matches!(word.text.as_str(), "for" | "select"))
            && let Some(name) = words.get(1)
        {
            self.assigned.insert(name.text.to_string(), UNKNOWN.to_owned());
        }
    }

    /// A word as text with expressions: its variables and commands are expressions too.
    fn value(&self, word: &Word) -> String {
        let text = word.text.as_str();
        if text.len() > MAX_VALUE {
            return UNKNOWN.to_owned();
        }
        let mut out = String::new();
        let mut from = 0;
        while from < text.len() && out.len() <= MAX_VALUE {
            let variable = word.variables.iter().find(|it| it.at.0 as usize >= from);
            let variable_at = variable.map_or(usize::MAX, |it| it.at.0 as usize);
            let command_at = match word.substitution {
                true => text[from..].find("$(").map_or(usize::MAX, |at| from + at),
                false => usize::MAX,
            };
            let Some(plain) = text.get(from..variable_at.min(command_at).min(text.len())) else { break };
            out.push_str(&self.masked.restore(plain));
            from += plain.len();
            if command_at < variable_at {
                let (inside, length) = command_in(&text[command_at..]);
                out.push_str(form_of(inside));
                from = command_at + length;
            } else if let Some(it) = variable.filter(|it| it.at.0 as usize == from) {
                out.push_str(&self.variable(&it.name, &it.modifier));
                from = (it.at.1 as usize).max(from + 1);
            }
        }
        // Backticks are not followed.
        let is_lost = word.substitution && text.contains('`');
        if is_lost || out.len() > MAX_VALUE { UNKNOWN.to_owned() } else { out }
    }

    fn variable(&self, name: &str, modifier: &str) -> String {
        if name == "GITHUB_SHA" && matches!(modifier, "::7" | ":0:7" | "::8" | ":0:8") {
            return "${{ form.short-commit }}".to_owned();
        }
        match (modifier, self.assigned.get(name)) {
            ("", Some(value)) => value.clone(),
            ("", None) => format!("${{{{ env.{name} }}}}"),
            _ => UNKNOWN.to_owned(),
        }
    }

    fn build(&self, words: &[Word], place: Place, lines: &Lines<'_>) -> Stated {
        let mut stated = Stated::at(place);
        stated.folder.clone_from(&self.folder);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if !text.starts_with('-') || text == "-" {
                stated.context.get_or_insert_with(|| (self.value(word), lines.place(word.span)));
                continue;
            }
            let (name, value) = match (text.split_once('='), self.value(word)) {
                (Some((name, _)), whole) => {
                    let value = whole.split_once('=').map(|(_, value)| value.to_owned());
                    (name, value.map(|value| (value, lines.place(word.span))))
                }
                (None, _) if WITH_VALUE.contains(&text) => {
                    let next = words.next();
                    (text, next.map(|next| (self.value(next), lines.place(next.span))))
                }
                (None, _) => (text, None),
            };
            option(&mut stated, name, value);
        }
        stated
    }
}

fn option(stated: &mut Stated, name: &str, value: Option<(String, Place)>) {
    match (name, value) {
        ("--push", value) => stated.pushes = value.is_none_or(|(value, _)| value != "false"),
        ("-t" | "--tag", Some(tag)) => stated.tags.push(tag),
        ("-f" | "--file", Some(file)) => stated.dockerfile = Some(file),
        ("--platform", Some((list, place))) => {
            stated.platforms.extend(list.split(',').map(|one| (one.to_owned(), place.clone())));
        }
        ("--cache-from" | "--cache-to", Some(cache)) => stated.caches.push(cache),
        ("-o" | "--output", Some((output, _))) => {
            stated.pushes |= output.contains("type=registry") || output.contains("push=true");
        }
        _ => {}
    }
}

/// What stands inside the `$( )` that a text starts with, and how long the whole is.
fn command_in(text: &str) -> (&str, usize) {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return (text[2..at].trim(), at + 1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    ("", text.len())
}

/// An expression for what a command prints.
fn form_of(command: &str) -> &'static str {
    let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    match words.as_slice() {
        ["date", "+%Y%m%d"] | ["date", "-u" | "--utc", "+%Y%m%d"] => "${{ form.day }}",
        ["git", "rev-parse", "HEAD"] => "${{ github.sha }}",
        ["git", "rev-parse", short, "HEAD"] if short.starts_with("--short") => "${{ form.short-commit }}",
        _ => UNKNOWN,
    }
}

/// Places of a script's text in its file.
struct Lines<'a> {
    run: &'a Node,
    text: &'a str,
}

impl Lines<'_> {
    /// The place of a span of the text: the same words on the same line of the file.
    fn place(&self, span: Span) -> Place {
        let start = (span.start as usize).min(self.text.len());
        let before = &self.text.as_bytes()[..start];
        let line = memchr::memchr_iter(b'\n', before).count();
        let source = &self.run.place.source;
        let first = source.lines().line_of(self.run.place.span.start);
        let whole = source.lines().span_of(first + line as u32, source.bytes());
        let column = start - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        let own = rest.get(..span.len() as usize).unwrap_or(rest);
        let own = own.lines().next().unwrap_or_default();
        // A block's lines are indented, those of a quoted text may be folded.
        let bytes = source.slice(whole);
        let finder = memchr::memmem::find_iter(bytes, own.as_bytes());
        match finder.into_iter().find(|at| *at >= column) {
            Some(at) if !own.is_empty() => {
                let from = whole.start + at as u32;
                Place::new(source, Span::new(from, from + own.len() as u32))
            }
            _ => Place::new(source, self.run.place.span),
        }
    }
}
