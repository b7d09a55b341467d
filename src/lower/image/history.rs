//! RUNs that the history of an image tells of: `created_by` goes in as it is written in the record, a RUN comes out.
//!
//! Builders write `RUN /bin/sh -c apt-get update # buildkit` (BuildKit), `/bin/sh -c apt-get update` (Docker's old builder,
//! buildah) and `|1 A=b /bin/sh -c …` with the build arguments in force. Line breaks are gone, and so are mounts and the
//! files of the context; variables that only the build knows stay unknown.

use std::sync::Arc;

use crate::lower::run_facts::run_facts;
use crate::lower::{ImageFiles, RequirementsCache, RunScope, Variables};
use crate::model::{Fact, PastRun, Run, ShellText, Spanned, Unknown, Value};
use crate::source::{Place, Source};
use crate::syntax::shell::{Dialect, ShellOptions, options, parse, shell_dialect};
use smol_str::SmolStr;

/// Longer texts are not split, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// The RUN that a step tells of; `None` for any other instruction, or a text that cannot be tied to the record.
pub(super) fn run(said: &Spanned<SmolStr>) -> Option<Arc<PastRun>> {
    let (start, end, dialect, initial) = command_of(&said.value)?;
    let text = &said.value[start..end];
    if text.len() > MAX_TEXT {
        return None;
    }
    let segments = segments(&said.place, start, end)?;
    let script = parse(text, dialect);
    let options = options(&script, initial);
    let source = Arc::clone(&said.place.source);
    let text = ShellText {
        script,
        dialect,
        initial,
        options,
        source,
        span: said.place.span,
        segments,
        parent: None,
    };
    let run = Run {
        place: said.place.clone(),
        order: 0,
        user: Arc::new(Fact::Absent),
        workdir: Value::default(),
        mounts: Vec::new(),
        exec: None,
        texts: vec![text],
    };
    let scope = RunScope { run: &run, index: 0, variables: &Gone, files: &Gone };
    let installs = run_facts(&scope, &RequirementsCache::default()).installs;
    Some(Arc::new(PastRun { run, installs }))
}

/// Where the shell text of a RUN begins and ends, and which shell reads it.
fn command_of(created_by: &str) -> Option<(usize, usize, Dialect, ShellOptions)> {
    let end = created_by.strip_suffix(" # buildkit").unwrap_or(created_by).len();
    let line = &created_by[..end];
    let is_run = line.starts_with("RUN ");
    let mut at = if is_run { "RUN ".len() } else { 0 };
    // Build arguments: their count, then each. A value may hold anything, so the first shell behind them counts.
    if line[at..].starts_with('|') {
        at += line[at..].find(" /")? + 1;
    }
    // Mounts and the like, as some builders write them down.
    while line[at..].starts_with("--") {
        at += line[at..].find(' ')? + 1;
    }
    let rest = &line[at..];
    let shell = rest.split(" -c ").next().filter(|shell| shell.len() < rest.len() && is_shell(shell));
    let Some(shell) = shell else {
        return is_run.then_some((at, end, Dialect::Posix, ShellOptions::default()));
    };
    let start = at + shell.len() + " -c ".len();
    let words: Vec<&str> = shell.split(' ').collect();
    let (dialect, initial) = shell_dialect(&words);
    // `#(nop)`: no shell ran.
    (!line[start..].starts_with("#(nop)")).then_some((start, end, dialect, initial))
}

/// Whether a text is a shell with options: `/bin/bash -o pipefail`.
fn is_shell(text: &str) -> bool {
    let mut words = text.split(' ');
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    program.starts_with('/') && name.ends_with("sh") && text.len() <= 100
}

/// How a part of a JSON string maps to the record, as [`ShellText::segments`]: a new piece behind every escape.
fn segments(place: &Place, start: usize, end: usize) -> Option<Vec<(u32, u32)>> {
    let raw = place.source.slice(place.span);
    let mut segments = Vec::new();
    let (mut at, mut text) = (1, 0);
    let mut is_new = true;
    while text < end {
        if text >= start && is_new {
            segments.push(((text - start) as u32, place.span.start + at as u32));
            is_new = false;
        }
        if text == start && segments.is_empty() {
            segments.push((0, place.span.start + at as u32));
        }
        match raw.get(at)? {
            b'\\' => {
                // The record escapes control characters, quotes and backslashes: one byte each.
                at += if *raw.get(at + 1)? == b'u' { 6 } else { 2 };
                is_new = true;
            }
            _ => at += 1,
        }
        text += 1;
    }
    (text == end).then_some(segments)
}

/// The surroundings of a RUN that is over: nobody knows them.
struct Gone;

impl Variables for Gone {
    fn value(&self, name: &str) -> Option<Value> {
        Some(Value { text: format!("${{{name}}}").into(), unknown: Some(Unknown::Variable(name.into())) })
    }
}

impl ImageFiles for Gone {
    fn open(&self, path: &str) -> Result<Arc<Source>, Unknown> {
        Err(Unknown::File(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn said(created_by: &str) -> Spanned<SmolStr> {
        let json = serde_json::to_string(created_by).unwrap();
        let length = json.len() as u32;
        let source = Source::new("web.tar", format!("  {json}").into_bytes());
        Spanned::new(created_by.into(), Place::new(&source, Span::new(2, 2 + length)))
    }

    /// Source texts of the words of every command.
    fn words(created_by: &str) -> Option<Vec<String>> {
        let past = run(&said(created_by))?;
        let text = &past.run.texts[0];
        let words = text.script.commands.iter().flat_map(|command| text.script.words(command));
        Some(words.map(|word| text.place(word.span).text().into_owned()).collect())
    }

    #[test]
    fn runs_in_the_notations_of_builders() {
        for (created_by, wanted) in [
            ("/bin/sh -c apt-get update", Some("apt-get update")),
            ("RUN /bin/sh -c apt-get update # buildkit", Some("apt-get update")),
            ("RUN |2 A=1 B=x y /bin/sh -c apk add curl # buildkit", Some("apk add curl")),
            ("|1 A=/x /bin/bash -o pipefail -c a | b", Some("a b")),
            ("RUN apt-get update", Some("apt-get update")),
            ("RUN --mount=type=cache,target=/c make", Some("make")),
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", None),
            ("COPY app /app # buildkit", None),
            ("CMD [\"sh\" \"-c\" \"x\"]", None),
            ("", None),
        ] {
            assert_eq!(words(created_by).map(|words| words.join(" ")).as_deref(), wanted, "{created_by}");
        }
    }

    #[test]
    fn places_lie_behind_escapes() {
        let found = words("/bin/sh -c printf \"a\\n\" é\t&& sudo ls").unwrap();
        // A place that ends in an escape ends behind its backslash.
        assert_eq!(found, ["printf", r#"\"a\\n\"#, "é", "sudo", "ls"]);
    }

    #[test]
    fn installs_are_read() {
        let past = run(&said("/bin/sh -c set -eux; \tapk add --no-cache curl; \tapk add git")).unwrap();
        assert_eq!(past.installs.iter().map(|install| install.no_cache).collect::<Vec<_>>(), [true, false]);
        assert_eq!(past.installs[1].place.text(), "apk add git");
    }

    #[test]
    fn hostile_texts_are_read_in_linear_time() {
        let start = std::time::Instant::now();
        for created_by in
            ["|".repeat(60_000), "RUN --".repeat(10_000), "/bin/sh -c ".repeat(5_000), "\\\"".repeat(30_000)]
        {
            run(&said(&created_by));
            run(&said(&format!("/bin/sh -c {created_by}")));
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}
