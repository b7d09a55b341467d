//! Machines: their names, and tables and sentences with their values.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::cells::{is_nothing, names, unquoted};
use super::super::names::normalise;
use super::super::stated::{self, is_key_header};
use super::super::types::Stated;
use super::claims::{Claims, Value, Voice, key};
use super::names::{MAX_MACHINES, Names};
use super::statements::{Pattern, Statement, heading_above};
use super::text::architectures;
use crate::source::Source;
use crate::syntax::markdown::{Cell, Markdown, Table};

static ARGUMENT: Pattern =
    Pattern::new("machine=", r"\bmachine=(?:\{([a-z0-9_|, -]+)\}|([a-z0-9_][a-z0-9_-]*))");
static SM: Pattern = Pattern::new("sm", r"\bsm[ _]?(\d{1,2}\.?\d)\s*(?:\(|for\s+)(?:the\s+)?([a-z0-9_-]+)");
static PAIR: Pattern = Pattern::new("=", r#"\b([a-z][a-z0-9_]*_[a-z0-9_]+)=(?:"([^"]*)"|([^\s"'`,;]+))"#);
static ON: Pattern =
    Pattern::new(" on ", r"^`?([a-z][a-z0-9_]*)`?\s*(?:=|:| is)\s*(`?[a-z0-9_.:-]+`? on .+)$");
static EACH: Pattern =
    Pattern::new(" on ", r"(?:^|,\s*|\band\s+)`?([a-z0-9_.:-]+)`?\s+on\s+`?([a-z0-9_-]+)`?");

#[cfg(test)]
pub(super) static ALL: [&Pattern; 5] = [&ARGUMENT, &SM, &PAIR, &ON, &EACH];

/// Finds the machines and the tables that give their values; `cells` are the machine cells of the service table.
pub(super) fn tables<'a>(
    document: &'a Markdown,
    statements: &[Statement],
    cells: &[String],
    claims: &mut Claims,
) -> (Names, Vec<&'a Table>) {
    let mut machines = Names::new(arguments(statements));
    let mut read = Vec::new();
    let used: HashSet<String> =
        cells.iter().flat_map(|cell| names(cell)).map(|(name, _)| normalise(name)).collect();
    for table in &document.tables {
        let heading = heading_above(document, table.span.start);
        let heading = heading.map(|heading| heading.text.to_lowercase()).unwrap_or_default();
        let taken =
            by_key(table, &heading, &used, &mut machines, claims) || by_machine(table, &mut machines, claims);
        if taken {
            read.push(table);
        }
    }
    machines.add_used(cells);
    for (name, aliases) in &machines.list {
        for (alias, at) in aliases {
            claims.add(key(["machines", name, "alias"]), Value::Item(alias.clone()), *at, Voice::Text);
        }
    }
    (machines, read)
}

fn arguments(statements: &[Statement]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for statement in statements {
        for groups in ARGUMENT.find_all(&statement.lower) {
            let Some(range) = groups.iter().skip(1).flatten().next().cloned() else { continue };
            let names = statement.text.get(range).unwrap_or("").split(['|', ',']).map(str::trim);
            for name in names.filter(|name| !name.is_empty()) {
                if found.len() >= MAX_MACHINES {
                    return found;
                }
                found.entry(normalise(name)).or_insert_with(|| name.to_owned());
            }
        }
    }
    found
}

fn is_variable(text: &str) -> bool {
    text.len() > 2
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// `| Key | mainpc (4090) | pc2 (3060) |`
fn by_key(
    table: &Table,
    heading: &str,
    used: &HashSet<String>,
    machines: &mut Names,
    claims: &mut Claims,
) -> bool {
    const OTHER: [&str; 14] = [
        "value",
        "values",
        "default",
        "description",
        "meaning",
        "note",
        "notes",
        "example",
        "type",
        "required",
        "allowed",
        "allowed values",
        "unit",
        "comment",
    ];
    let [first, rest @ ..] = &table.header[..] else { return false };
    let variables =
        table.rows.iter().filter_map(|row| row.first()).filter(|cell| is_variable(&cell.text)).count();
    if !is_key_header(&first.text) || variables == 0 || variables * 2 < table.rows.len() {
        return false;
    }
    let section = ["machine", "host", "hardware", "profile"].iter().any(|word| heading.contains(word));
    let is_machine = |cell: &Cell| {
        let lower = cell.text.to_lowercase();
        let words = || std::iter::once(cell.text.as_str()).chain(cell.text.split(['(', ')', ',']));
        let known = words().any(|word| {
            let word = normalise(word);
            used.contains(&word) || machines.is_spelled(&word)
        });
        !cell.text.is_empty() && !OTHER.contains(&lower.as_str()) && (known || section)
    };
    let columns: Vec<bool> = rest.iter().map(is_machine).collect();
    let mut taken = false;
    for (at, cell) in rest.iter().enumerate().filter(|(at, _)| columns[*at]) {
        let Some(name) = machines.add(&cell.text, cell.span.start) else { continue };
        taken = true;
        for row in &table.rows {
            let (Some(variable), Some(value)) = (row.first(), row.get(at + 1)) else { continue };
            machine_value(&name, &variable.text, value, claims);
        }
    }
    taken
}

/// A value of a machine; CUDA architectures count for the plan as well.
fn machine_value(machine: &str, variable: &str, cell: &Cell, claims: &mut Claims) {
    if cell.text.is_empty()
        || is_nothing(&cell.text)
        || variable.is_empty()
        || variable.contains(char::is_whitespace)
    {
        return;
    }
    let (at, text) = (cell.span.start, unquoted(&cell.text));
    if variable == "TORCH_CUDA_ARCH_LIST"
        && let Some(list) = architectures(&text)
    {
        claims.add(key(["machines", machine, "cuda-arch"]), Value::List(list), at, Voice::Text);
    }
    claims.add(key(["machines", machine, "values", variable]), Value::Text(text), at, Voice::Text);
}

/// `| Machine | Alias | Host | Profile | OMP_NUM_THREADS |`
fn by_machine(table: &Table, machines: &mut Names, claims: &mut Claims) -> bool {
    let [first, rest @ ..] = &table.header[..] else { return false };
    let is_machine = ["machine", "machine name", "node"].contains(&first.text.to_lowercase().as_str());
    if !is_machine
        || rest.iter().any(|cell| cell.text.to_lowercase().contains("port"))
        || table.rows.len() > MAX_MACHINES
    {
        return false;
    }
    for row in &table.rows {
        let Some(name) = row.first().and_then(|cell| machines.add(&cell.text, cell.span.start)) else {
            continue;
        };
        for (header, cell) in rest.iter().zip(&row[1..]) {
            if is_nothing(&cell.text) {
                continue;
            }
            let (at, text) = (cell.span.start, cell.text.as_str());
            let lower = header.text.to_lowercase();
            let items = |field: &str, claims: &mut Claims| {
                for item in text.split([',', ' ']).filter(|item| !item.is_empty()) {
                    claims.add(
                        key(["machines", &name, field]),
                        Value::Item(item.to_owned()),
                        at,
                        Voice::Text,
                    );
                }
            };
            let is_host = || !text.contains(char::is_whitespace) && !text.contains(['/', '(']);
            match lower.as_str() {
                "alias" | "aliases" | "also called" => {
                    let Some(machine) = machines.position(&name) else {
                        continue;
                    };
                    for alias in text.split(',').map(str::trim).filter(|alias| !alias.is_empty()) {
                        machines.alias(machine, alias.to_owned(), at);
                    }
                }
                "host" | "address" | "ip" if is_host() => {
                    claims.add(
                        key(["machines", &name, "host"]),
                        Value::Text(text.to_owned()),
                        at,
                        Voice::Text,
                    );
                }
                "profile" | "machine profile" if text.ends_with(".json") => {
                    claims.add(
                        key(["machines", &name, "profile"]),
                        Value::Text(text.to_owned()),
                        at,
                        Voice::Text,
                    );
                }
                "compose" | "compose file" | "compose files" => items("compose", claims),
                "cuda architectures" | "cuda architecture" | "cuda arch" | "sm" | "compute capability" => {
                    if let Some(list) = architectures(text) {
                        claims.add(key(["machines", &name, "cuda-arch"]), Value::List(list), at, Voice::Text);
                    }
                }
                _ if is_variable(&header.text) => machine_value(&name, &header.text, cell, claims),
                _ => {}
            }
        }
    }
    true
}

/// What running text says of the machines.
pub(super) fn text(statements: &[Statement], machines: &Names, claims: &mut Claims) {
    for statement in statements {
        for found in SM.find_all(&statement.lower) {
            let (Some(number), Some(name)) = (found[1].clone(), found[2].clone()) else { continue };
            let at = number.start;
            let machine = statement.text.get(name).and_then(|name| machines.of(name));
            let list = statement.text.get(number).and_then(architectures);
            if let (Some(machine), Some(list)) = (machine, list) {
                let voice = statement.voice(at, &[]);
                claims.add(
                    key(["machines", machine, "cuda-arch"]),
                    Value::List(list),
                    statement.offset(at),
                    voice,
                );
            }
        }
        for sentence in statement.sentences() {
            let Some(text) = statement.text.get(sentence.clone()) else { continue };
            let lower = text.to_ascii_lowercase();
            if let Some(machine) = leads(text, machines) {
                for found in PAIR.find_all(&lower) {
                    let value = found.get(2).cloned().flatten().or_else(|| found.get(3).cloned().flatten());
                    let (Some(name), Some(value)) = (found[1].clone(), value) else { continue };
                    let at = sentence.start + name.start;
                    let (Some(name), Some(value)) = (text.get(name), text.get(value)) else { continue };
                    said(statement, at, machine, name, value.trim_end_matches('.'), claims);
                }
            }
            each(statement, sentence.start, text, machines, claims);
        }
    }
}

/// The machine that a statement such as `mainpc: …` is about.
fn leads<'n>(text: &str, machines: &'n Names) -> Option<&'n str> {
    let (head, _) = text.split_once(':')?;
    let head = head.trim_matches(['`', '*', ' ']);
    let plain = head.split('(').next().unwrap_or_default().trim();
    if head.len() > 80 { None } else { machines.of(plain) }
}

fn said(statement: &Statement, at: usize, machine: &str, name: &str, value: &str, claims: &mut Claims) {
    if !is_variable(name) || value.is_empty() {
        return;
    }
    let (offset, voice) = (statement.offset(at), statement.voice(at, &[]));
    if name == "TORCH_CUDA_ARCH_LIST"
        && let Some(list) = architectures(value)
    {
        claims.add(key(["machines", machine, "cuda-arch"]), Value::List(list), offset, voice);
        return;
    }
    claims.add(key(["machines", machine, "values", name]), Value::Text(value.to_owned()), offset, voice);
}

/// "`OMP_NUM_THREADS` is 16 on `edge` and 4 on `core`"
fn each(statement: &Statement, start: usize, text: &str, machines: &Names, claims: &mut Claims) {
    for found in ON.find_all(&text.to_ascii_lowercase()) {
        let (Some(name), Some(rest)) = (found[1].clone(), found[2].clone()) else { continue };
        let at = start + name.start;
        let (Some(name), Some(rest)) = (text.get(name), text.get(rest)) else { continue };
        for part in EACH.find_all(&rest.to_ascii_lowercase()) {
            let (Some(value), Some(machine)) = (part[1].clone(), part[2].clone()) else { continue };
            let (Some(value), Some(machine)) = (rest.get(value), rest.get(machine)) else { continue };
            if let Some(machine) = machines.of(machine) {
                said(statement, at, machine, name, value, claims);
            }
        }
    }
}

/// `TORCH_CUDA_ARCH_LIST` in text: of the machine that the statement is about, else of the fleet.
pub(super) fn cuda_lists(
    document: &Markdown,
    source: &Arc<Source>,
    statements: &[Statement],
    machines: &Names,
    claims: &mut Claims,
) {
    let mut lists = Vec::new();
    stated::architectures(source, document, &mut lists);
    for list in lists.into_iter().take(MAX_MACHINES) {
        let Stated::CudaArch(list) = list else { continue };
        let at = list.place.span.start;
        let text = String::from_utf8_lossy(source.slice(line_around(source, at))).into_owned();
        let line = text.trim_start_matches(['-', '*', ' ', '|', '#', '>']);
        if leads(line, machines).is_some() || text.trim_start().starts_with('|') {
            continue;
        }
        let around = statements.iter().rev().find(|statement| statement.offset(0) <= at);
        let within = around.and_then(|statement| {
            let found = statement.text.find("TORCH_CUDA_ARCH_LIST")?;
            Some(statement.voice(found, &[]))
        });
        let voice = within.unwrap_or_else(|| Voice::Doubtful("it stands outside of running text".to_owned()));
        if let Some(architectures) = architectures(&list.value) {
            claims.add(key(["cuda", "arch"]), Value::List(architectures), at, voice);
        }
    }
}

fn line_around(source: &Source, at: u32) -> crate::source::Span {
    let bytes = source.bytes();
    let at = (at as usize).min(bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end).min(start + 4096);
    crate::source::Span::new(start as u32, end as u32)
}
