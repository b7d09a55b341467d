//! Expressions of GitHub workflows (`${{ matrix.service }}`), as far as the file itself gives their values.

use std::cell::Cell;
use std::collections::HashSet;

use smol_str::SmolStr;

use crate::syntax::yaml::Node;

/// A full commit hash, as an example of one.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// A short commit hash.
pub(super) const SHORT_COMMIT: &str = "0123456";
/// A day.
pub(super) const DAY: &str = "20250101";

/// Longest text that is worked out, in bytes. References and paths are far shorter.
const MAX_TEXT: usize = 2048;

/// What stands for a part that only the run knows. No reference and no path of a workflow holds it.
pub(super) const UNKNOWN: char = '*';

/// What an expression can refer to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The combination of the matrix: keys and values.
    pub(super) matrix: &'a [(SmolStr, &'a Node)],
    /// `env` of step, job and workflow, nearest first.
    pub(super) environments: &'a [&'a Node],
    /// Variables that scripts of the job write for later steps.
    pub(super) written: &'a HashSet<&'a str>,
    /// How many look-ups the file may still cost.
    pub(super) budget: &'a Cell<usize>,
}

impl Scope<'_> {
    /// Takes from the budget; `false` when nothing is left.
    fn pay(&self, cost: usize) -> bool {
        let left = self.budget.get().checked_sub(cost);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Names before a `=` in a script.
pub(super) fn written_in(script: &str) -> impl Iterator<Item = &str> {
    script.split('=').map(|before| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let start = before
            .rfind(|c| !is_name(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        &before[start..]
    })
}

/// One part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Its value.
    Known(String),
    /// An example of its value.
    Form(&'static str),
    /// Only the run knows it.
    Unknown,
}

/// A text with its expressions worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text, with `*` for parts that only the run knows.
    pub(super) text: String,
    /// The text with examples for such parts, when there is one for each.
    pub(super) sample: Option<String>,
}

impl Expanded {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { text: String::new(), sample: Some(String::new()) }
    }

    /// Adds a part.
    pub(super) fn push(&mut self, part: &Part) {
        match part {
            Part::Known(value) => self.push_text(value),
            Part::Form(example) => {
                self.text.push(UNKNOWN);
                if let Some(sample) = &mut self.sample {
                    sample.push_str(example);
                }
            }
            Part::Unknown => {
                self.text.push(UNKNOWN);
                self.sample = None;
            }
        }
    }

    /// Adds what stands between expressions. A text that grows beyond measure is not certain.
    pub(super) fn push_text(&mut self, text: &str) {
        if self.text.len() + text.len() > MAX_TEXT {
            self.sample = None;
            if !self.text.ends_with(UNKNOWN) {
                self.text.push(UNKNOWN);
            }
            return;
        }
        self.text.push_str(text);
        if let Some(sample) = &mut self.sample {
            sample.push_str(text);
        }
    }

    /// The text, when nothing of it is left to the run.
    pub(super) fn certain(&self) -> Option<&str> {
        (!self.text.contains(UNKNOWN)).then_some(self.text.as_str())
    }
}

/// The expressions of a text: from the first `$` to behind the last `}`, and what stands inside.
pub(super) fn find(text: &str) -> Vec<(std::ops::Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("${{").map(|at| from + at) {
        let Some(length) = text[start..].find("}}") else { break };
        found.push((start..start + length + 2, text[start + 3..start + length].trim()));
        from = start + length + 2;
    }
    found
}

/// Puts values into a text.
pub(super) fn expand(text: &str, scope: Scope<'_>) -> Expanded {
    let mut out = Expanded::new();
    if text.len() > MAX_TEXT {
        out.push(&Part::Unknown);
        return out;
    }
    let mut from = 0;
    for (range, inside) in find(text) {
        out.push_text(&text[from..range.start]);
        append(&mut out, inside, scope);
        from = range.end;
    }
    out.push_text(&text[from..]);
    out
}

/// Adds the value of what stands inside `${{ }}`.
pub(super) fn append(out: &mut Expanded, inside: &str, scope: Scope<'_>) {
    if let Some(name) = inside.strip_prefix("env.") {
        return append_variable(out, name, scope);
    }
    out.push(&part(inside, scope));
}

/// Adds the value of a variable of the environment.
pub(super) fn append_variable(out: &mut Expanded, name: &str, scope: Scope<'_>) {
    let cost = 1 + scope.environments.iter().map(|environment| environment.entries().len()).sum::<usize>();
    if scope.written.contains(name) || !scope.pay(cost) {
        return out.push(&Part::Unknown);
    }
    let outer = scope.environments.iter().position(|environment| environment.get(name).is_some());
    let value = outer.and_then(|at| scope.environments[at].get(name)).and_then(Node::text);
    match (outer, value) {
        (Some(at), Some(value)) => {
            // A variable sees those of the environments around its own, of which there are two at most.
            let around = Scope { environments: &scope.environments[at + 1..], ..scope };
            let value = expand(value, around);
            let sample = out.sample.take().zip(value.sample).map(|(before, value)| before + &value);
            out.push_text(&value.text);
            out.sample = sample.filter(|sample| sample.len() <= MAX_TEXT);
        }
        _ => out.push(&part_of_variable(name)),
    }
}

/// Variables that each run has.
fn part_of_variable(name: &str) -> Part {
    match name {
        "GITHUB_SHA" => Part::Form(COMMIT),
        "GITHUB_RUN_NUMBER" | "GITHUB_RUN_ID" => Part::Form("1234"),
        _ => Part::Unknown,
    }
}

fn part(inside: &str, scope: Scope<'_>) -> Part {
    let quoted = inside.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(text) = quoted.filter(|text| !text.contains('\'')) {
        return Part::Known(text.to_owned());
    }
    match inside {
        "github.sha" => return Part::Form(COMMIT),
        "github.run_number" | "github.run_id" => return Part::Form("1234"),
        // What a shell puts in, as `script` writes it.
        "form.short-commit" => return Part::Form(SHORT_COMMIT),
        "form.day" => return Part::Form(DAY),
        _ => {}
    }
    let Some(path) = inside.strip_prefix("matrix.") else { return Part::Unknown };
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default();
    let value = scope.matrix.iter().find(|(key, _)| key == first).map(|(_, node)| *node);
    let value = steps.try_fold(value, |node, step| Some(Some(node?.get(step)?))).flatten();
    // Parts of a value that an expression computes stay unknown.
    match value.and_then(Node::text).filter(|text| !text.contains("${{")) {
        Some(text) => Part::Known(text.to_owned()),
        None => Part::Unknown,
    }
}
