//! Files that a command puts at a known path: downloads, copies, links. What is only made executable is not new.

use super::super::arguments::{Argument, Options, has, operands, parse, value_of};
use super::super::calls::Call;
use super::super::paths;
use super::super::words::{Field, Words};
use super::Ledger;
use crate::model::Value;

const CURL: Options = Options {
    short: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    long: &[
        "--output",
        "--output-dir",
        "--header",
        "--user-agent",
        "--user",
        "--retry",
        "--retry-delay",
        "--retry-max-time",
        "--max-time",
        "--connect-timeout",
        "--request",
        "--data",
        "--proto",
        "--proxy",
        "--cacert",
        "--write-out",
        "--config",
        "--cookie",
        "--referer",
        "--url",
        "--form",
        "--upload-file",
    ],
    flags: &[],
};
const WGET: Options = Options {
    short: "aoOPeitTwUQlARDIXB",
    long: &[
        "--output-document",
        "--directory-prefix",
        "--output-file",
        "--tries",
        "--timeout",
        "--header",
        "--user-agent",
        "--user",
        "--password",
        "--waitretry",
        "--progress",
        "--ca-certificate",
        "--execute",
    ],
    flags: &[],
};
const COPY: Options = Options {
    short: "tSgmo",
    long: &["--target-directory", "--suffix", "--mode", "--owner", "--group"],
    flags: &[],
};
const LINK: Options = Options { short: "tS", long: &["--target-directory", "--suffix"], flags: &[] };
const REMOVE: Options = Options { short: "", long: &[], flags: &[] };

/// Folders that are there in every image, so that a file put "at" them lands inside.
const FOLDERS: [&str; 10] = [
    "/",
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/tmp",
    "/opt",
    "/usr/local",
];

/// Notes the files that a call makes or removes.
pub(super) fn read(words: &Words, call: &Call, ledger: &mut Ledger) {
    let place = Placer { words, call };
    match call.name() {
        "curl" => {
            let arguments = parse(words.arguments(call), &CURL);
            let folder = value_of(&arguments, &["--output-dir"]);
            for output in values_of(&arguments, &["-o", "--output"]) {
                place.add(folder, &output.text, output, ledger);
            }
            if has(&arguments, &["-O", "--remote-name", "--remote-name-all"]) {
                for url in operands(&arguments) {
                    place.add(folder, url_name(&url.text), url, ledger);
                }
            }
        }
        "wget" => {
            let arguments = parse(words.arguments(call), &WGET);
            let folder = value_of(&arguments, &["-P", "--directory-prefix"]);
            match value_of(&arguments, &["-O", "--output-document"]) {
                Some(output) => place.add(None, &output.text, output, ledger),
                None => {
                    for url in operands(&arguments) {
                        place.add(folder, url_name(&url.text), url, ledger);
                    }
                }
            }
        }
        "cp" | "install" | "mv" => {
            // `install -d` makes folders, and `-o`, `-g`, `-m` take values with it alone.
            let options = if call.name() == "install" { &COPY } else { &LINK };
            let arguments = parse(words.arguments(call), options);
            if !(call.name() == "install" && has(&arguments, &["-d", "--directory"])) {
                place.copied(&arguments, ledger);
            }
        }
        "ln" => place.copied(&parse(words.arguments(call), &LINK), ledger),
        "rm" => {
            for field in operands(&parse(words.arguments(call), &REMOVE)) {
                if field.unknown.is_none() && field.text.starts_with('/') && !field.glob {
                    ledger.remove(paths::join("/", &field.text), &call.place_of(field));
                }
            }
        }
        "pipx" => {
            let arguments = parse(
                words.arguments(call),
                &Options {
                    short: "i",
                    long: &["--python", "--index-url", "--pip-args", "--suffix"],
                    flags: &[],
                },
            );
            let mut named = operands(&arguments);
            if named.next().is_some_and(|verb| verb.text == "install") {
                for field in named {
                    let end = field.text.find(['=', '<', '>', '[', '~', '!']).unwrap_or(field.text.len());
                    ledger.add(&field.text[..end], &call.place_of(field));
                }
            }
        }
        _ => {}
    }
    place.redirected(ledger);
}

struct Placer<'w, 'a> {
    words: &'w Words<'a>,
    call: &'w Call<'w>,
}

impl Placer<'_, '_> {
    /// Adds a path. One that is not certain is left out: it may be any name, and is then nobody's.
    fn add(&self, folder: Option<&Field>, path: &str, field: &Field, ledger: &mut Ledger) {
        let mut value = Value { text: path.into(), unknown: field.unknown.clone() };
        if let Some(folder) = folder {
            value.unknown = value.unknown.or_else(|| folder.unknown.clone());
            value.text = paths::join(&format!("/{}", folder.text.trim_start_matches('/')), path);
        }
        let absolute = self.words.absolute(self.call.text, self.call.command, &value);
        if absolute.unknown.is_none() && !matches!(path, "" | "-") && !absolute.text.starts_with("/dev/") {
            ledger.add(absolute.text, &self.call.place_of(field));
        }
    }

    /// `cp a b`, `cp a b dir`, `cp -t dir a b`, `ln -s a b`.
    fn copied(&self, arguments: &[Argument], ledger: &mut Ledger) {
        let mut named: Vec<&Field> = operands(arguments).collect();
        if let Some(folder) = value_of(arguments, &["-t", "--target-directory"]) {
            for source in named {
                self.add_into(folder, source, ledger);
            }
            return;
        }
        let Some(target) = named.pop() else { return };
        let text = target.text.as_str();
        if named.len() > 1 || text.ends_with('/') || text == "." || FOLDERS.contains(&text) {
            for source in named {
                self.add_into(target, source, ledger);
            }
        } else if !named.is_empty() {
            self.add(None, text, target, ledger);
        }
    }

    fn add_into(&self, folder: &Field, source: &Field, ledger: &mut Ledger) {
        if folder.unknown.is_none() && !source.glob {
            let path = paths::join(&folder.text, paths::base_name(&source.text));
            let path = if folder.text.starts_with('/') { path } else { path.trim_start_matches('/').into() };
            self.add(None, &path, source, ledger);
        }
    }

    /// `curl … > /usr/local/bin/x`, `cat > /entrypoint.sh <<EOF`.
    fn redirected(&self, ledger: &mut Ledger) {
        let script = &self.words.text(self.call.text).script;
        for redirection in script.redirections(self.call.line) {
            if !matches!(redirection.operator, ">" | ">|")
                || redirection.descriptor.is_some_and(|number| number != 1)
            {
                continue;
            }
            let target = self.words.value(self.call.text, self.call.command, &redirection.target);
            let target = self.words.absolute(self.call.text, self.call.command, &target);
            if target.unknown.is_none() && !target.text.starts_with("/dev/") {
                ledger.add(target.text, &self.call.place_at(redirection.span));
            }
        }
    }
}

fn values_of<'a>(arguments: &'a [Argument], names: &'a [&str]) -> impl Iterator<Item = &'a Field> {
    arguments.iter().filter_map(|argument| match argument {
        Argument::Option { name, value, .. } if names.contains(&name.as_str()) => value.as_ref(),
        _ => None,
    })
}

/// The file name of a URL, as `wget` and `curl -O` take it.
fn url_name(url: &str) -> &str {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    path.split(['?', '#'])
        .next()
        .and_then(|path| path.split_once('/'))
        .map_or("", |(_, path)| path.rsplit_once('/').map_or(path, |(_, name)| name))
}
