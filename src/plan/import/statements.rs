//! The document as statements: paragraphs, items of lists, rows of tables and headings, each with what it stands under.

use std::ops::Range;
use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};
use std::sync::OnceLock;

use super::claims::Voice;
use crate::source::Source;
use crate::syntax::markdown::{Heading, Markdown, Prose, Table};

/// Bytes before a value that may belong to its sentence.
const MAX_SENTENCE: usize = 600;
/// Headings whose sections are told apart.
const MAX_HEADINGS: usize = 20_000;
/// A longer paragraph is no rule of a plan.
const MAX_STATEMENT: usize = 4 << 10;
/// Text that is looked through, in bytes: a hundred pages.
const MAX_TEXT: usize = 512 << 10;

/// One thing that the document says.
pub(super) struct Statement {
    /// As written, code between backticks.
    pub(super) text: String,
    /// The same in lower case, with the same offsets.
    pub(super) lower: String,
    /// What it stands under, in lower case: the headings above it and the line that leads a list.
    pub(super) under: String,
    /// How deep in lists; 0: not in one.
    pub(super) depth: usize,
    /// Where it is.
    place: Place,
    /// Why nothing here is sure, for the section it stands in.
    doubt: Option<String>,
}

enum Place {
    /// Every part has its own place.
    Pieces(Prose),
    /// One line.
    Line(u32),
}

impl Statement {
    /// The offset in the file of an offset in the text.
    pub(super) fn offset(&self, at: usize) -> u32 {
        match &self.place {
            Place::Pieces(prose) => prose.offset(at),
            Place::Line(start) => *start,
        }
    }

    /// Whether the statement or what it stands under has one of the words.
    pub(super) fn speaks_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word) || self.under.contains(word))
    }

    /// The sentence around an offset.
    pub(super) fn sentence(&self, at: usize) -> Range<usize> {
        let ends = [". ", "; ", "! ", "? "];
        // A sentence is short; looking back without end would make a long paragraph slow.
        let on_edge = |from: &usize| self.lower.is_char_boundary(*from);
        let from = (0..4).filter_map(|more| at.checked_sub(MAX_SENTENCE + more)).find(on_edge).unwrap_or(0);
        let before = self.lower.get(from..at).unwrap_or_default();
        let start = ends.iter().filter_map(|end| before.rfind(end).map(|at| from + at + end.len())).max();
        let behind = self.lower.get(at..).unwrap_or_default();
        let end = ends.iter().filter_map(|end| behind.find(end)).min();
        start.unwrap_or(from)..end.map_or(self.lower.len(), |end| at + end)
    }

    /// The sentences, in order.
    pub(super) fn sentences(&self) -> Vec<Range<usize>> {
        let (mut list, mut at) = (Vec::new(), 0);
        while at < self.lower.len() {
            let sentence = self.sentence(at);
            at = sentence.end.max(at) + 2;
            list.push(sentence);
        }
        list
    }

    /// How sure a value at an offset is. `but` are words that mean no doubt about this value.
    pub(super) fn voice(&self, at: usize, but: &[&str]) -> Voice {
        if let Some(why) = &self.doubt {
            return Voice::Doubtful(why.clone());
        }
        let range = self.sentence(at);
        let before = self.lower.get(range.start..at).unwrap_or_default();
        let sentence = self.lower.get(range).unwrap_or_default();
        let example = EXAMPLES.iter().find(|word| has_word(before, word));
        let found =
            example.or_else(|| DOUBTS.iter().find(|word| !but.contains(word) && has_word(sentence, word)));
        match found {
            Some(word) => Voice::Doubtful(format!("the sentence says `{word}`")),
            None if sentence.ends_with('?') => Voice::Doubtful("it is a question".to_owned()),
            None => Voice::Text,
        }
    }
}

/// Words that say that something is not so, not yet, not always, or only one way to do it.
const DOUBTS: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "without",
    "n't",
    "instead of",
    "rather than",
    "formerly",
    "previously",
    "used to",
    "was",
    "were",
    "until",
    "maybe",
    "perhaps",
    "optional",
    "optionally",
    "consider",
    "proposed",
    "proposal",
    "draft",
    "todo",
    "tbd",
    "might",
    "could",
    "would",
    "recommendation",
    "if possible",
    "if needed",
    "where needed",
    "as needed",
    "ready for",
    "unless",
    "except",
    "deprecated",
    "obsolete",
    "later",
    "eventually",
    "planned",
    "once",
    "may",
    "old",
    "prefer",
];

/// Words that make an example of what follows them.
const EXAMPLES: &[&str] = &["for example", "for instance", "e.g", "such as"];

/// Sections that tell of something else than what is planned.
const ASIDES: [&str; 23] = [
    "example",
    "risk",
    "rollback",
    "roll back",
    "going back",
    "history",
    "changelog",
    "change log",
    "alternative",
    "rejected",
    "open question",
    "future",
    "next step",
    "todo",
    "pending",
    "troubleshoot",
    "usage",
    "quick start",
    "deprecated",
    "idea",
    "faq",
    "migration",
    "waiver",
];

/// Whether a text has a word or words, not only as a part of another word.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let letter =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '`'));
    text.match_indices(word).any(|(at, found)| {
        let starts = word.starts_with("n't") || !letter(text[..at].chars().next_back());
        starts && !letter(text[at + found.len()..].chars().next())
    })
}

/// A pattern over lower-case text, compiled when it is first asked.
pub(super) struct Pattern {
    /// A text that every match has: patterns are slow, finding a text is not.
    needle: &'static str,
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) const fn new(needle: &'static str, text: &'static str) -> Self {
        Self { needle, text, compiled: OnceLock::new() }
    }

    /// The groups of every match, the whole match first; `None` for a group that took no part.
    pub(super) fn find_all(&self, text: &str) -> Vec<Vec<Option<Range<usize>>>> {
        if memchr::memmem::find(text.as_bytes(), self.needle.as_bytes()).is_none() {
            return Vec::new();
        }
        let compiled = self.compiled.get_or_init(|| RegexBuilder::new(self.text).unicode(false).build().ok());
        let Some(compiled) = compiled else { return Vec::new() };
        let groups = |found: regex::bytes::Captures<'_>| {
            found.iter().map(|group| group.map(|group| group.range())).collect()
        };
        compiled.captures_iter(text.as_bytes()).map(groups).collect()
    }

    /// The groups of the first match, as text of `written`, which has the offsets of `text`.
    pub(super) fn first<'t>(&self, text: &str, written: &'t str) -> Option<(usize, Vec<&'t str>)> {
        let found = self.find_all(text).into_iter().next()?;
        let start = found.first()?.as_ref()?.start;
        let part =
            |range: &Option<Range<usize>>| range.clone().and_then(|range| written.get(range)).unwrap_or("");
        Some((start, found.iter().map(part).collect()))
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        self.text
    }

    #[cfg(test)]
    pub(super) fn is_valid(&self) -> bool {
        RegexBuilder::new(self.text).unicode(false).build().is_ok()
    }
}

/// The statements of a document, and how much of its text was left out because it is too long.
pub(super) struct Statements {
    pub(super) list: Vec<Statement>,
    pub(super) left_out: usize,
}

/// Reads them in document order. `skip` are tables that somebody else reads.
pub(super) fn read(document: &Markdown, source: &Arc<Source>, skip: &dyn Fn(&Table) -> bool) -> Statements {
    let mut out = Statements { list: Vec::new(), left_out: 0 };
    let mut taken = 0;
    let sections = Sections::new(document);
    let mut add = |statement: Statement| {
        taken += statement.text.len();
        match statement.text.len() > MAX_STATEMENT || taken > MAX_TEXT {
            true => out.left_out += 1,
            false => out.list.push(statement),
        }
    };
    for heading in document.headings.iter().take(MAX_HEADINGS) {
        add(statement(heading.text.clone(), Place::Line(heading.span.start), &sections, "", 0));
    }
    let mut leads: Vec<String> = Vec::new();
    for prose in &document.prose {
        leads.truncate(prose.depth);
        let lead = leads.join(" ");
        leads.resize(prose.depth, String::new());
        let is_lead = prose.text.trim_end().ends_with(':') && prose.text.len() < 200;
        leads.push(if is_lead { prose.text.to_ascii_lowercase() } else { String::new() });
        add(statement(prose.text.clone(), Place::Pieces(prose.clone()), &sections, &lead, prose.depth));
    }
    for table in document.tables.iter().filter(|table| !skip(table)) {
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(|cell| raw(source, cell.span)).collect();
            let start = row.first().map_or(table.span.start, |cell| cell.span.start);
            let text = match &cells[..] {
                [first, rest @ ..] => format!("{first}: {}", rest.join("; ")),
                [] => continue,
            };
            add(statement(text, Place::Line(start), &sections, "", 0));
        }
    }
    out
}

/// The heading above a place.
pub(super) fn heading_above(document: &Markdown, at: u32) -> Option<&Heading> {
    let next = document.headings.partition_point(|heading| heading.span.start < at);
    document.headings.get(next.checked_sub(1)?)
}

/// A cell with the marks of its code and without those of strong emphasis; `**/` is a pattern of paths.
fn raw(source: &Source, span: crate::source::Span) -> String {
    let text = String::from_utf8_lossy(source.slice(span)).replace("\\|", "|");
    text.replace("**/", "\u{0}").replace("**", "").replace('\u{0}', "**/")
}

fn statement(text: String, place: Place, sections: &Sections, lead: &str, depth: usize) -> Statement {
    let at = match &place {
        Place::Pieces(prose) => prose.offset(0),
        Place::Line(start) => *start,
    };
    let (headings, doubt) = sections.of(at);
    let under = format!("{headings} {lead}");
    Statement { lower: text.to_ascii_lowercase(), text, under, depth, place, doubt }
}

/// The headings above each place of the document.
struct Sections {
    /// Start, the headings in lower case, and what they make doubtful.
    list: Vec<(u32, String, Option<String>)>,
}

impl Sections {
    fn new(document: &Markdown) -> Self {
        let mut open: Vec<(u8, String)> = Vec::new();
        let mut list = Vec::with_capacity(document.headings.len());
        for heading in document.headings.iter().take(MAX_HEADINGS) {
            while open.last().is_some_and(|(level, _)| *level >= heading.level) {
                open.pop();
            }
            let short: String = heading.text.chars().take(200).collect();
            open.push((heading.level, short.to_ascii_lowercase()));
            // The title is about the whole document: it says nothing about one statement.
            let names: Vec<&str> =
                open.iter().filter(|(level, _)| *level > 1).map(|(_, text)| text.as_str()).collect();
            let aside = ASIDES.iter().find(|word| names.iter().any(|name| name.contains(**word)));
            let doubt = aside.map(|_| format!("the section is `{short}`"));
            list.push((heading.span.start, names.join(" / "), doubt));
        }
        Self { list }
    }

    fn of(&self, at: u32) -> (&str, Option<String>) {
        match self.list.partition_point(|(start, _, _)| *start <= at) {
            0 => ("", None),
            next => {
                self.list.get(next - 1).map_or(("", None), |(_, text, doubt)| (text.as_str(), doubt.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Statement> {
        let source = Source::new("p.md", text.as_bytes().to_vec());
        read(&Markdown::parse_with_prose(text.as_bytes()), &source, &|_| false).list
    }

    #[test]
    fn statements_know_their_place_and_what_they_stand_under() {
        let text = "# Plan\n\n## Health\n\n**Check:**\n\n- Interval: 30 s\n\n## Risks\n\n| A | B |\n|---|---|\n| **x** | `y` |\n";
        let read = of(text);
        let interval = read.iter().find(|it| it.text.starts_with("Interval")).unwrap();
        assert!(
            interval.speaks_of(&["health"])
                && interval.speaks_of(&["check"])
                && !interval.speaks_of(&["plan"])
        );
        assert_eq!(&text[interval.offset(10) as usize..][..4], "30 s");
        let row = read.iter().find(|it| it.text == "x: `y`").unwrap();
        assert!(matches!(row.voice(0, &[]), Voice::Doubtful(why) if why == "the section is `Risks`"));
    }

    #[test]
    fn doubt_stays_in_its_sentence() {
        let text = "The uid is 10001. It was 1000 before. Never as root. Notes. Do we pin 3.11?";
        let statement = &of(text)[0];
        let sure = |part: &str| statement.voice(text.find(part).unwrap(), &[]) == Voice::Text;
        assert!(sure("10001") && !sure("1000 before") && !sure("root") && sure("Notes") && !sure("3.11"));
        assert_eq!(statement.voice(text.find("root").unwrap(), &["never"]), Voice::Text);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("it is not so", "not") && !has_word("notes", "not") && !has_word("`old`", "old"));
        assert!(has_word("don't", "n't") && !has_word("read-once", "once"));
    }
}
