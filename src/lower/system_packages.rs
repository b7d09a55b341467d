//! Which system packages a RUN installs: apt, apk, dnf and its kin, zypper, and programs from npm and gem.

mod package;

use smol_str::SmolStr;

use super::arguments::{Argument, Options, has, operands, parse, value_of};
use super::calls::Call;
use super::words::{Field, Words};
use crate::model::{PackageManager, SystemInstall, SystemPackage, Unknown};

/// What one program's command line looks like.
struct Program {
    manager: PackageManager,
    /// Words that mean "install".
    verbs: &'static [&'static str],
    options: Options,
    /// Options that mean "ask nothing".
    yes: &'static [&'static str],
    /// Whether it never asks.
    silent: bool,
}

const APT: Options = Options {
    short: "otcaP",
    long: &[
        "--option",
        "--target-release",
        "--default-release",
        "--config-file",
        "--host-architecture",
        "--build-profiles",
        "--solver",
    ],
    flags: &[],
};
const APK: Options = Options {
    short: "tXp",
    long: &[
        "--virtual",
        "--repository",
        "--root",
        "--keys-dir",
        "--repositories-file",
        "--arch",
        "--cache-dir",
        "--cache-max-age",
        "--wait",
        "--timeout",
        "--progress-fd",
    ],
    flags: &[],
};
const DNF: Options = Options {
    short: "cdexR",
    long: &[
        "--setopt",
        "--enablerepo",
        "--disablerepo",
        "--repo",
        "--repoid",
        "--config",
        "--releasever",
        "--installroot",
        "--exclude",
        "--excludepkgs",
        "--forcearch",
        "--advisory",
        "--comment",
        "--downloaddir",
        "--destdir",
        "--color",
        "--disableexcludes",
        "--enableplugin",
        "--disableplugin",
    ],
    flags: &[],
};
const ZYPPER: Options = Options {
    short: "rtRCD",
    long: &[
        "--repo",
        "--type",
        "--root",
        "--from",
        "--config",
        "--reposd-dir",
        "--cache-dir",
        "--name",
        "--capability",
    ],
    flags: &[],
};
const NPM: Options = Options {
    short: "C",
    long: &[
        "--registry",
        "--prefix",
        "--cache",
        "--loglevel",
        "--location",
        "--tag",
        "--userconfig",
        "--fetch-retries",
    ],
    flags: &[],
};
const GEM: Options = Options {
    short: "vinsPpBt",
    long: &[
        "--version",
        "--install-dir",
        "--bindir",
        "--source",
        "--trust-policy",
        "--platform",
        "--http-proxy",
    ],
    flags: &[],
};

fn program(name: &str) -> Option<Program> {
    use PackageManager::{Apk, Apt, Dnf, Gem, Microdnf, Npm, Yum, Zypper};
    let yes: &[&str] = &["-y", "--yes", "--assumeyes", "--assume-yes"];
    let (manager, verbs, options, silent): (_, &[&str], _, _) = match name {
        "apt-get" | "apt" | "aptitude" => (Apt, &["install"], APT, false),
        "apk" => (Apk, &["add"], APK, true),
        // tdnf is dnf's twin on Photon and Azure Linux: same words, same options.
        "dnf" | "dnf5" | "tdnf" => (Dnf, &["install", "reinstall", "localinstall"], DNF, false),
        "yum" => (Yum, &["install", "reinstall", "localinstall"], DNF, false),
        "microdnf" => (Microdnf, &["install", "reinstall"], DNF, false),
        "zypper" => (Zypper, &["install", "in"], ZYPPER, false),
        "npm" => (Npm, &["install", "i", "in", "add"], NPM, true),
        "gem" => (Gem, &["install", "i"], GEM, true),
        _ => return None,
    };
    let yes = if manager == Zypper { &["-n", "--non-interactive", "-y", "--no-confirm"] } else { yes };
    Some(Program { manager, verbs, options, yes, silent })
}

/// The manager that a program's name calls for.
pub(super) fn manager_of(name: &str) -> Option<PackageManager> {
    program(name).map(|program| program.manager)
}

/// The arguments of a package manager's call, taken apart; the subcommand is the first operand.
pub(super) fn manager_arguments(words: &Words, call: &Call) -> Vec<Argument> {
    let options = program(call.name()).map_or(Options::default(), |program| program.options);
    parse(words.arguments(call), &options)
}

/// The installs of a RUN in order.
pub(super) fn installs(words: &Words, calls: &[Call]) -> Vec<SystemInstall> {
    calls.iter().filter_map(|call| install(words, call)).collect()
}

fn install(words: &Words, call: &Call) -> Option<SystemInstall> {
    let program = program(call.name())?;
    if !call.may_hold(|word| program.verbs.contains(&word)) {
        return None;
    }
    let arguments = parse(words.arguments(call), &program.options);
    let manager = program.manager;
    let mut named = operands(&arguments);
    let verb = named.next()?;
    if !program.verbs.contains(&verb.text.as_str())
        || (manager == PackageManager::Npm && !is_global(&arguments))
    {
        return None;
    }
    let shared =
        if manager == PackageManager::Gem { value_of(&arguments, &["-v", "--version"]) } else { None };
    let mut packages: Vec<SystemPackage> = named
        .filter(|field| !field.text.is_empty())
        .filter_map(|field| package::read(manager, field, shared, call.place_of(field)))
        .collect();
    if call.is_fed_by_xargs() {
        packages.push(SystemPackage {
            name: "xargs".into(),
            version: None,
            unknown: Some(Unknown::Dynamic("xargs".into())),
            local: false,
            place: call.place(),
        });
    }
    Some(SystemInstall {
        manager,
        place: call.place(),
        run: words.scope.index,
        at: call.at(),
        packages,
        no_recommends: leaves_recommends_out(manager, &arguments),
        assume_yes: program.silent || has(&arguments, program.yes) || is_very_quiet(manager, &arguments),
        no_cache: manager == PackageManager::Apk && has(&arguments, &["--no-cache"]),
        virtual_name: match manager {
            PackageManager::Apk => value_of(&arguments, &["-t", "--virtual"]).map(|field| field.text.clone()),
            _ => None,
        },
    })
}

fn is_global(arguments: &[Argument]) -> bool {
    has(arguments, &["-g", "--global"])
        || value_of(arguments, &["--location"]).is_some_and(|place| place.text == "global")
}

/// apt: `-qq` answers yes, and so does `-q=2`.
fn is_very_quiet(manager: PackageManager, arguments: &[Argument]) -> bool {
    let quiet = |argument: &&Argument| match argument {
        Argument::Option { name, field, .. } => {
            matches!(name.as_str(), "-q" | "--quiet")
                && !field.text.ends_with("=1")
                && !field.text.ends_with("=0")
        }
        Argument::Operand(_) => false,
    };
    let twice = |argument: &Argument| matches!(argument, Argument::Option { field, .. } if field.text.ends_with("q=2"));
    manager == PackageManager::Apt
        && (arguments.iter().filter(quiet).count() > 1 || arguments.iter().any(twice))
}

fn leaves_recommends_out(manager: PackageManager, arguments: &[Argument]) -> bool {
    let (flags, names, key): (&[&str], &[&str], &str) = match manager {
        PackageManager::Apt => (
            &["--no-install-recommends", "-R", "--without-recommends"],
            &["-o", "--option"],
            "apt::install-recommends",
        ),
        PackageManager::Zypper => (&["--no-recommends"], &[], ""),
        PackageManager::Dnf | PackageManager::Yum | PackageManager::Microdnf => {
            (&[], &["--setopt"], "install_weak_deps")
        }
        PackageManager::Apk | PackageManager::Npm | PackageManager::Gem => return false,
    };
    has(arguments, flags)
        || arguments.iter().any(|argument| match argument {
            Argument::Option { name, value: Some(value), .. } => {
                names.contains(&name.as_str()) && says_no(&value.text, key)
            }
            _ => false,
        })
}

/// Whether `Key=value` sets the key to a false value.
fn says_no(setting: &str, key: &str) -> bool {
    let Some((name, value)) = setting.split_once('=') else { return false };
    let value = value.trim_matches(['"', '\'']).to_ascii_lowercase();
    name.eq_ignore_ascii_case(key)
        && matches!(value.as_str(), "0" | "false" | "no" | "off" | "without" | "disable")
}

/// Whether a manager's call may take packages away or bring any number of them; its verb is not looked for.
pub(super) fn may_remove(call: &Call) -> bool {
    call.may_hold(|word| {
        word.ends_with('-')
            || matches!(
                word,
                "remove"
                    | "purge"
                    | "autoremove"
                    | "autopurge"
                    | "del"
                    | "erase"
                    | "rm"
                    | "uninstall"
                    | "groupinstall"
                    | "group"
                    | "module"
                    | "build-dep"
            )
    })
}

/// The packages of an apt command line that it takes away: `remove` and `purge`, or a name with a `-` behind it.
pub(super) fn removes(manager: PackageManager, verb: &str, field: &Field) -> Option<SmolStr> {
    let all = match manager {
        PackageManager::Apt => matches!(verb, "remove" | "purge" | "autoremove" | "autopurge"),
        PackageManager::Apk => verb == "del",
        PackageManager::Dnf | PackageManager::Yum | PackageManager::Microdnf => {
            matches!(verb, "remove" | "erase" | "autoremove")
        }
        PackageManager::Zypper => matches!(verb, "remove" | "rm"),
        PackageManager::Npm | PackageManager::Gem => matches!(verb, "uninstall" | "remove" | "rm"),
    };
    if all {
        return Some(
            field.text.trim_end_matches(['+', '-']).split(['=', ':']).next().unwrap_or_default().into(),
        );
    }
    let taken = manager == PackageManager::Apt && verb == "install";
    field.text.strip_suffix('-').filter(|name| taken && !name.is_empty()).map(SmolStr::new)
}

#[cfg(test)]
mod tests;
