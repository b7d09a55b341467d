//! A Markdown plan turned into TOML: the text of a document in, the text of a plan out.
//!
//! People write plans for people: tables, trees, lists and sentences. Readers (`text`, `health`, `images`, `hierarchy`,
//! `machines`, `services`, `settings`, `examples`) claim values, each with its place; `claims` settles them; `writer`
//! writes what is sure, and as a comment what is not. A wrong value is worse than a missing one: a sentence that negates,
//! looks back or offers a choice, an example, and two places that disagree take nothing. What is written is loaded once, so
//! that an import never hands out a plan that cannot be used. Knows no file but through [`Files`].

mod claims;
mod examples;
mod health;
mod hierarchy;
mod images;
mod machines;
mod names;
mod services;
mod settings;
mod statements;
mod text;
mod writer;

use std::collections::HashSet;
use std::sync::Arc;

use claims::{Claims, Key, Value, Voice, key};
use names::Names;
use services::Services;
use writer::{Composed, Line, Material};

use super::error::PlanError;
use super::load::{PlanRequest, load};
use super::names::{join, relative};
use super::toml_text::comment;
use crate::lower::{FileKind, Files};
use crate::source::{Place, Source, Span};
use crate::syntax::markdown::{Markdown, Table};

/// Largest document, in bytes; the same as for a plan that names it.
const MAX_DOCUMENT: usize = 4 << 20;
/// Times that a plan is mended before it is given up.
const MAX_ROUNDS: usize = 16;
/// Notes at the end.
const MAX_NOTES: usize = 40;

/// What to import.
pub struct ImportRequest<'a> {
    /// The document.
    pub source: &'a Arc<Source>,
    /// Folder of the plan that will be written, relative to the working directory.
    pub folder: &'a str,
    /// A part of the heading above the service table.
    pub heading: Option<&'a str>,
    /// Rows into the plan instead of a reference to the table.
    pub inline: bool,
}

/// A plan, and what an import has to say about it.
#[derive(Debug)]
pub struct Imported {
    /// The plan file.
    pub toml: String,
    /// Values that were taken; each service row counts as one.
    pub taken: usize,
    /// Values that are commented out because they are not sure.
    pub doubtful: usize,
    /// What the document says in two ways, one sentence each.
    pub contradictions: Vec<String>,
    /// Further remarks, one sentence each.
    pub notes: Vec<String>,
}

/// Turns a document into a plan.
///
/// # Errors
/// When it is no text, holds nothing of a plan, or does not tell which table lists the services.
pub fn import(request: &ImportRequest<'_>, files: &dyn Files) -> Result<Imported, PlanError> {
    let source = request.source;
    checked(source)?;
    let document = Markdown::parse_with_prose(source.bytes());
    let mut services = services::find(&document, source, request.heading)?;
    let mut read = Read { claims: Claims::default(), machines: Names::default(), notes: Vec::new() };
    read.document(&document, source, &mut services);
    read.profiles(&document, request, files);
    if read.claims.keys().next().is_none() && services.rows.is_empty() {
        return Err(nothing(source));
    }
    read.about_services(&services, source, request);
    let file = relative(request.folder, source.path());
    let inline = request.inline
        || services.table.is_none()
        || services.heading.is_none()
        || !services.faults.is_empty();
    let material = Material {
        source,
        claims: &read.claims,
        machines: &read.machines,
        services: &services,
        file: &file,
        inline,
    };
    let composed = writer::compose(&material);
    finish(composed, read.notes, request, files)
}

fn checked(source: &Arc<Source>) -> Result<(), PlanError> {
    let fail = |span: Span, message: String| Err(PlanError::new(Some(Place::new(source, span)), message));
    if source.bytes().len() > MAX_DOCUMENT {
        return fail(Span::default(), format!("the document is larger than {} MiB", MAX_DOCUMENT >> 20));
    }
    match std::str::from_utf8(source.bytes()) {
        Ok(_) => Ok(()),
        Err(error) => {
            let at = error.valid_up_to() as u32;
            fail(Span::new(at, at + 1), "the document is not UTF-8 text".to_owned())
        }
    }
}

fn nothing(source: &Arc<Source>) -> PlanError {
    PlanError {
        place: Some(Place::new(source, Span::default())),
        message: "nothing of a plan was found: no service table, and no value that a plan has".to_owned(),
        help: Some(
            "a service table has a `Service` column beside `Ports`, `Base family` or `Machine(s)`; \
             `plimsoll plan show --format markdown` prints a plan in the form that an import reads"
                .to_owned(),
        ),
    }
}

/// What the readers put together.
struct Read {
    claims: Claims,
    machines: Names,
    notes: Vec<String>,
}

impl Read {
    fn document<'a>(&mut self, document: &'a Markdown, source: &Arc<Source>, services: &mut Services<'a>) {
        let mut taken: HashSet<Span> = services.table.iter().map(|table| table.span).collect();
        for table in &document.tables {
            if let Some(columns) = hierarchy::columns(table).filter(|_| !taken.contains(&table.span)) {
                hierarchy::table(table, columns, &mut self.claims);
                taken.insert(table.span);
            } else if settings::is_settings(table) {
                let unknown = settings::read(table, &mut self.claims);
                taken.insert(table.span);
                if unknown > 0 {
                    let line = source.lines().line_of(table.span.start);
                    self.notes
                        .push(format!("{unknown} rows of the table in line {line} name no key of a plan"));
                }
            } else if settings::pins(table, &mut self.claims) {
                taken.insert(table.span);
            }
        }
        let all = statements::read(document, source, &|table: &Table| taken.contains(&table.span));
        let (cells, bases) = services::used(services);
        let (machines, read) = machines::tables(document, &all.list, &cells, &mut self.claims);
        self.machines = machines;
        taken.extend(read.iter().map(|table| table.span));
        let statements = statements::read(document, source, &|table: &Table| taken.contains(&table.span));
        for statement in &statements.list {
            text::read(statement, &mut self.claims);
            health::read(statement, &mut self.claims);
            images::read(statement, &mut self.claims);
            hierarchy::sentence(statement, &mut self.claims);
        }
        hierarchy::blocks(document, source, &bases, &mut self.claims);
        hierarchy::lists(&statements.list, &mut self.claims);
        machines::text(&statements.list, &self.machines, &mut self.claims);
        machines::cuda_lists(document, source, &statements.list, &self.machines, &mut self.claims);
        self.blocks(document, source);
        self.legacy();
        if services.table.is_none() {
            services.rows = services::listed(&statements.list, source, &self.machines);
            self.machines.add_used(&services::used(services).0);
        }
        if statements.left_out > 0 {
            self.notes.push(format!("{} long paragraphs were not read", statements.left_out));
        }
        self.unread(document, source, &taken, services);
    }

    /// Blocks that list what builds do not get; packages that a tree pins.
    fn blocks(&mut self, document: &Markdown, source: &Arc<Source>) {
        for block in &document.blocks {
            let text = String::from_utf8_lossy(source.slice(block.span));
            let ignore = matches!(block.language().as_str(), "dockerignore" | ".dockerignore" | "gitignore");
            if !ignore || !block.whole || block.language() == "gitignore" {
                continue;
            }
            let mut start = block.span.start;
            for line in text.split_inclusive('\n') {
                let pattern = line.trim();
                if !pattern.is_empty() && !pattern.starts_with(['#', '!']) {
                    let item = Value::Item(pattern.to_owned());
                    self.claims.add(key(["dockerignore", "covers"]), item, start, Voice::Text);
                }
                start += line.len() as u32;
            }
        }
        for block in document.blocks.iter().filter(|block| super::stated::is_plain(block)) {
            text::pins_of_tree(block, source, &mut self.claims);
        }
    }

    /// The version of the image that alone runs another Python, from what it is built from.
    fn legacy(&mut self) {
        let base = key(["python", "legacy", "base"]);
        let Some(Value::Text(name)) = self.claims.settled(&base) else { return };
        let from = key(["images", "hierarchy", &name, "from"]);
        let Some(Value::Text(parent)) = self.claims.settled(&from) else { return };
        let at = self.claims.of(&from).first().map_or(0, |claim| claim.at);
        let version = parent.strip_prefix("python:").map(|tag| tag.split('-').next().unwrap_or(tag));
        let mut parts = version.unwrap_or_default().split('.');
        if let (Some("3"), Some(minor)) = (parts.next(), parts.next())
            && minor.len() <= 2
            && minor.bytes().all(|byte| byte.is_ascii_digit())
        {
            let version = Value::Text(format!("3.{minor}"));
            self.claims.add(key(["python", "legacy", "version"]), version, at, Voice::Text);
        }
    }

    /// Profiles that an example copies, where the files are there.
    fn profiles(&mut self, document: &Markdown, request: &ImportRequest<'_>, files: &dyn Files) {
        let names: Vec<String> = self.machines.list.iter().map(|(name, _)| name.clone()).collect();
        for (template, at) in examples::read(document, request.source, &mut self.claims) {
            for name in &names {
                let path = template.replace("${MACHINE}", name).replace("$MACHINE", name);
                let there = files.kind(&join(request.folder, &path)) == Some(FileKind::File);
                let way: Key = key(["machines", name, "profile"]);
                let voice =
                    if there { Voice::Text } else { Voice::Doubtful("there is no such file".to_owned()) };
                self.claims.add(way, Value::Text(path), at, voice);
            }
        }
    }

    fn about_services(&mut self, services: &Services<'_>, source: &Arc<Source>, request: &ImportRequest<'_>) {
        let line = |span: Span| source.lines().line_of(span.start);
        match services.table {
            Some(table) if services.others > 0 => {
                let note = format!(
                    "the services are those of the table in line {}; {} more have a service column",
                    line(table.span),
                    services.others
                );
                self.notes.push(note);
            }
            None if services.rows.is_empty() => {
                let note = "no service table was found: none has a `Service` column beside `Ports`, `Base family` or `Machine(s)`";
                self.notes.push(note.to_owned());
            }
            _ => {}
        }
        for fault in services.faults.iter().take(10) {
            let at = fault.place.as_ref().map_or(0, |place| line(place.span));
            self.notes.push(format!("line {at}: {}", fault.message));
        }
        if services.table.is_some() && !request.inline {
            if !services.faults.is_empty() {
                self.notes.push(
                    "the rows are written into the plan, because a cell of the table cannot be read"
                        .to_owned(),
                );
            } else if services.heading.is_none() {
                self.notes.push(
                    "the rows are written into the plan, because no heading names the table".to_owned(),
                );
            }
        }
    }

    /// Tables that nobody read as such.
    fn unread(
        &mut self,
        document: &Markdown,
        source: &Arc<Source>,
        taken: &HashSet<Span>,
        services: &Services<'_>,
    ) {
        let service = services.table.map(|table| table.span);
        for table in
            document.tables.iter().filter(|table| !taken.contains(&table.span) && Some(table.span) != service)
        {
            if self.notes.len() < MAX_NOTES {
                let header: Vec<&str> = table.header.iter().take(6).map(|cell| cell.text.as_str()).collect();
                let line = source.lines().line_of(table.span.start);
                let header: String = header.join(" | ").chars().take(120).collect();
                self.notes.push(format!("the table in line {line} ({header}) was read row by row, as text"));
            }
        }
    }
}

/// Loads what was written, takes out what does not load, and adds the notes.
fn finish(
    composed: Composed,
    notes: Vec<String>,
    request: &ImportRequest<'_>,
    files: &dyn Files,
) -> Result<Imported, PlanError> {
    let Composed { mut lines, mut taken, mut doubtful, contradictions } = composed;
    for _ in 0..MAX_ROUNDS {
        let toml = print(&lines, &contradictions, &notes);
        let errors = match faults(&toml, request, files) {
            Ok(()) => return Ok(Imported { toml, taken, doubtful, contradictions, notes }),
            Err(errors) => errors,
        };
        let mended = errors.iter().filter(|(line, why)| comment_out(&mut lines, *line, why)).count();
        taken = taken.saturating_sub(mended);
        doubtful += mended;
        if mended == 0 {
            let why = errors.into_iter().next().map_or_else(String::new, |(_, why)| why);
            return Err(PlanError {
                place: Some(Place::new(request.source, Span::default())),
                message: format!("no plan can be made of the document: {why}"),
                help: request
                    .inline
                    .then(|| "without `--inline` the service table stays in the document".to_owned()),
            });
        }
    }
    let message = "no plan can be made of the document: too many of its values are none";
    Err(PlanError::new(Some(Place::new(request.source, Span::default())), message))
}

/// Takes the value of a line, from 1, out of the plan; false when there is none.
fn comment_out(lines: &mut [Line], line: usize, why: &str) -> bool {
    let Some(line) = line.checked_sub(1).and_then(|at| lines.get_mut(at)).filter(|line| line.value) else {
        return false;
    };
    line.text = format!("# {}: {}", line.text, comment(why));
    line.value = false;
    true
}

fn print(lines: &[Line], contradictions: &[String], notes: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.text);
        text.push('\n');
    }
    for (title, list) in [("Said in two ways", contradictions), ("Seen", notes)] {
        if !list.is_empty() {
            text.push_str(&format!("\n# {title}:\n"));
            for note in list.iter().take(MAX_NOTES) {
                text.push_str(&format!("# - {}\n", comment(note)));
            }
        }
    }
    text
}

/// What is wrong with the plan, by line of it; line 0: not in one line of it.
fn faults(toml: &str, request: &ImportRequest<'_>, files: &dyn Files) -> Result<(), Vec<(usize, String)>> {
    let path = join(request.folder, "plimsoll.toml");
    let plan = Source::new(&*path, toml.as_bytes().to_vec());
    let view = WithPlan { files, plan: &plan, document: request.source };
    let loaded = load(&PlanRequest { path: Some(&path), packs: &[], known_rule: &|_| Err(None) }, &view);
    loaded.map(|_| ()).map_err(|errors| {
        let line = |error: &PlanError| {
            let place = error.place.as_ref().filter(|place| place.source.path() == path);
            place.map_or(0, |place| place.start().line as usize)
        };
        errors.iter().map(|error| (line(error), error.message.clone())).collect()
    })
}

/// The files with a plan that nobody has written yet.
struct WithPlan<'a> {
    files: &'a dyn Files,
    plan: &'a Arc<Source>,
    document: &'a Arc<Source>,
}

impl Files for WithPlan<'_> {
    fn read(&self, path: &str) -> Option<Arc<Source>> {
        let own = [self.plan, self.document].into_iter().find(|source| source.path() == path);
        own.map(Arc::clone).or_else(|| self.files.read(path))
    }

    fn kind(&self, path: &str) -> Option<FileKind> {
        self.files.kind(path)
    }

    fn list(&self, folder: &str) -> Arc<Vec<(String, FileKind)>> {
        self.files.list(folder)
    }
}

#[cfg(test)]
mod tests;
