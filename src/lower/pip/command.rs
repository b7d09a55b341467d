//! Tells a pip command from other commands and takes its arguments apart.

use smol_str::SmolStr;

use super::super::arguments::{Argument, Options, operands, parse};
use super::super::calls::Call;
use super::super::words::{Field, Words};

/// A call of pip that installs, downloads or builds.
pub(super) struct PipCall {
    /// `install`, `wheel`, `download` or `sync`.
    pub(super) subcommand: SmolStr,
    /// Whether it is uv's.
    pub(super) uv: bool,
    /// Everything but the subcommand.
    pub(super) arguments: Vec<Argument>,
}

/// pip 25's options; it takes long names cut short, as optparse does.
const PIP: Options = Options {
    short: "rceitfCwdb",
    long: &[
        "--requirement",
        "--constraint",
        "--build-constraint",
        "--editable",
        "--target",
        "--platform",
        "--python-version",
        "--implementation",
        "--abi",
        "--root",
        "--prefix",
        "--src",
        "--source",
        "--source-dir",
        "--source-directory",
        "--upgrade-strategy",
        "--config-settings",
        "--global-option",
        "--install-option",
        "--build-option",
        "--no-binary",
        "--only-binary",
        "--progress-bar",
        "--root-user-action",
        "--report",
        "--index-url",
        "--pypi-url",
        "--extra-index-url",
        "--find-links",
        "--group",
        "--wheel-dir",
        "--dest",
        "--destination-dir",
        "--build",
        "--cache-dir",
        "--log",
        "--log-file",
        "--proxy",
        "--retries",
        "--timeout",
        "--default-timeout",
        "--exists-action",
        "--trusted-host",
        "--cert",
        "--client-cert",
        "--python",
        "--keyring-provider",
        "--use-feature",
        "--use-deprecated",
        "--resume-retries",
        "--uploaded-prior-to",
        "--requirements-from-script",
    ],
    flags: &[
        "--no-deps",
        "--no-dependencies",
        "--pre",
        "--dry-run",
        "--user",
        "--no-user",
        "--upgrade",
        "--force-reinstall",
        "--ignore-installed",
        "--ignore-requires-python",
        "--no-build-isolation",
        "--use-pep517",
        "--no-use-pep517",
        "--check-build-dependencies",
        "--break-system-packages",
        "--compile",
        "--no-compile",
        "--no-warn-script-location",
        "--no-warn-conflicts",
        "--prefer-binary",
        "--require-hashes",
        "--no-clean",
        "--no-index",
        "--no-verify",
        "--no-cache-dir",
        "--no-input",
        "--no-color",
        "--no-python-version-warning",
        "--disable-pip-version-check",
        "--isolated",
        "--require-virtualenv",
        "--verbose",
        "--version",
        "--quiet",
        "--debug",
        "--help",
    ],
};
const UV: Options = Options {
    short: "rceifCbpPt",
    long: &[
        "--requirement",
        "--requirements",
        "--constraint",
        "--constraints",
        "--build-constraint",
        "--build-constraints",
        "--override",
        "--overrides",
        "--exclude",
        "--excludes",
        "--editable",
        "--extra",
        "--group",
        "--index",
        "--default-index",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--python",
        "--target",
        "--prefix",
        "--cache-dir",
        "--no-binary",
        "--only-binary",
        "--no-binary-package",
        "--no-build-package",
        "--index-strategy",
        "--keyring-provider",
        "--resolution",
        "--prerelease",
        "--fork-strategy",
        "--exclude-newer",
        "--exclude-newer-package",
        "--link-mode",
        "--config-setting",
        "--config-settings",
        "--config-settings-package",
        "--torch-backend",
        "--python-version",
        "--python-platform",
        "--allow-insecure-host",
        "--trusted-host",
        "--upgrade-package",
        "--refresh-package",
        "--reinstall-package",
        "--no-build-isolation-package",
        "--no-sources-package",
        "--color",
        "--config-file",
        "--directory",
        "--project",
        "--python-preference",
    ],
    flags: &[],
};

/// The words behind the program's name that are pip's own, and whether it is uv's pip; `None` for other programs.
fn pip_fields(words: &Words, call: &Call) -> Option<(Vec<Field>, bool)> {
    let name = call.name();
    if is_versioned(name, "pip") {
        return Some((words.arguments(call), false));
    }
    let is_python = is_versioned(name, "python") || is_versioned(name, "pypy");
    if !is_python && name != "uv" {
        return None;
    }
    let mut fields = words.arguments(call).into_iter();
    let mut is_uv = name == "uv";
    if is_python {
        match module(&mut fields)?.as_str() {
            "pip" => return Some((fields.collect(), false)),
            "uv" => is_uv = true,
            _ => return None,
        }
    }
    // uv's own options may stand before `pip`.
    let mut before = Vec::new();
    let found = is_uv
        && loop {
            let Some(field) = fields.next() else { break false };
            if field.text == "pip" {
                break true;
            }
            if !field.text.starts_with('-')
                && !before.last().is_some_and(|last: &Field| takes_value(&last.text))
            {
                break false;
            }
            before.push(field);
        };
    found.then(|| (before.into_iter().chain(fields).collect(), true))
}

fn takes_value(option: &str) -> bool {
    UV.long.contains(&option)
}

/// The module that `python … -m module` runs; `fields` then stand behind it.
fn module(fields: &mut impl Iterator<Item = Field>) -> Option<SmolStr> {
    loop {
        let field = fields.next()?;
        let text = field.text.as_str();
        match text {
            "-W" | "-X" => {
                fields.next();
            }
            _ if !text.starts_with('-') || text.starts_with("-c") || text == "-" => return None,
            // `-m`, or at the end of other letters: `-Im`.
            _ if text.starts_with("-m") && text.len() > 2 => return Some(text[2..].into()),
            _ if !text.starts_with("--") && text.ends_with('m') => {
                return fields.next().map(|module| module.text);
            }
            _ => {}
        }
    }
}

/// `pip`, `pip3`, `pip3.11`, `pip-3.11`.
fn is_versioned(name: &str, program: &str) -> bool {
    name.strip_prefix(program)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')))
}

/// The pip call in a call, when it is one that fetches packages.
pub(super) fn read(words: &Words, call: &Call) -> Option<PipCall> {
    let (fields, uv) = pip_fields(words, call)?;
    let mut arguments = parse(fields, if uv { &UV } else { &PIP });
    let at = arguments.iter().position(|argument| matches!(argument, Argument::Operand(_)))?;
    let Argument::Operand(verb) = arguments.remove(at) else { return None };
    let known: &[&str] = if uv { &["install", "sync"] } else { &["install", "wheel", "download"] };
    known.contains(&verb.text.as_str()).then_some(PipCall { subcommand: verb.text, uv, arguments })
}

/// The operands of `pip uninstall`.
pub(super) fn uninstalled(words: &Words, call: &Call) -> Vec<Field> {
    if !call.may_hold(|word| word == "uninstall") {
        return Vec::new();
    }
    let Some((fields, uv)) = pip_fields(words, call) else { return Vec::new() };
    let arguments = parse(fields, if uv { &UV } else { &PIP });
    let mut named = operands(&arguments);
    match named.next() {
        Some(verb) if verb.text == "uninstall" => named.cloned().collect(),
        _ => Vec::new(),
    }
}
