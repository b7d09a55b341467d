//! Which users and groups a RUN creates or changes.
//!
//! The tools differ: shadow's `useradd`, Debian's `adduser` script, BusyBox' `adduser` (where `-g` is a comment), and
//! lines that are written into `/etc/passwd` directly. A number that is not written is not guessed.

mod passwd;

use smol_str::SmolStr;

use super::arguments::{Argument, Options, has, operands, parse, value_of};
use super::calls::Call;
use super::words::{Field, Words};
use crate::model::{Account, Spanned};

const USERADD: Options = Options {
    short: "bcdefgGkKpRPsuZ",
    long: &[
        "--base-dir",
        "--comment",
        "--home-dir",
        "--home",
        "--expiredate",
        "--inactive",
        "--gid",
        "--groups",
        "--skel",
        "--key",
        "--password",
        "--root",
        "--prefix",
        "--shell",
        "--uid",
        "--selinux-user",
        "--selinux-range",
    ],
    flags: &[
        "--create-home",
        "--no-create-home",
        "--no-log-init",
        "--no-user-group",
        "--user-group",
        "--non-unique",
        "--system",
        "--badname",
        "--defaults",
        "--btrfs-subvolume-home",
        "--add-subids-for-system",
        "--help",
    ],
};
const USERMOD: Options = Options {
    short: "cdefgGlpPRsuvwVWZ",
    long: &[
        "--comment",
        "--home",
        "--expiredate",
        "--inactive",
        "--gid",
        "--groups",
        "--login",
        "--password",
        "--prefix",
        "--root",
        "--shell",
        "--uid",
        "--add-subuids",
        "--add-subgids",
        "--selinux-user",
    ],
    flags: &["--append", "--lock", "--unlock", "--move-home", "--non-unique", "--remove", "--badname"],
};
const GROUP: Options = Options {
    short: "gKnpPRU",
    long: &["--gid", "--key", "--new-name", "--password", "--prefix", "--root", "--users"],
    flags: &["--force", "--system", "--non-unique", "--append", "--help"],
};
/// Debian's script and BusyBox in one; RHEL's `adduser`, which is `useradd`, is told by its letters.
const ADDUSER: Options = Options {
    short: "hgsGuk",
    long: &[
        "--uid",
        "--gid",
        "--ingroup",
        "--home",
        "--shell",
        "--gecos",
        "--comment",
        "--skel",
        "--conf",
        "--firstuid",
        "--lastuid",
        "--firstgid",
        "--lastgid",
    ],
    flags: &[],
};
const ADDGROUP: Options =
    Options { short: "g", long: &["--gid", "--conf", "--firstgid", "--lastgid"], flags: &[] };

/// The accounts that a RUN creates or changes, in order. Guarded ones (`getent group x || groupadd x`) count: behind the
/// guard the account is there one way or the other.
pub(super) fn accounts(words: &Words, calls: &[Call]) -> Vec<Spanned<Account>> {
    let mut found = Vec::new();
    for call in calls {
        match call.name() {
            "useradd" => found.extend(useradd(words, call)),
            "adduser" => found.extend(adduser(words, call)),
            "groupadd" => found.extend(group(words, call, &GROUP)),
            "addgroup" => found.extend(group(words, call, &ADDGROUP)),
            "usermod" => found.extend(usermod(words, call)),
            "groupmod" => found.extend(groupmod(words, call)),
            _ => passwd::read(words, call, &mut found),
        }
    }
    found
}

fn number(field: Option<&Field>) -> Option<u32> {
    field.filter(|field| field.unknown.is_none()).and_then(|field| field.text.parse().ok())
}

fn written(field: Option<&Field>) -> Option<SmolStr> {
    field.map(|field| field.text.clone())
}

/// A new user. `group`: the primary group as written; without one, `own` says whether the tool makes one of its own.
fn user(
    call: &Call,
    name: &Field,
    id: Option<u32>,
    group: Option<SmolStr>,
    own: bool,
    (system, numbered): (bool, bool),
) -> Spanned<Account> {
    let own_group = own && group.is_none();
    let primary_group = if own_group { Some(name.text.clone()) } else { group };
    let account = Account {
        name: name.text.clone(),
        id,
        primary_group,
        own_group,
        system,
        numbered,
        ..Account::default()
    };
    Spanned::new(account, call.place())
}

/// Whether it is a system account, and whether a number is written.
fn kind(arguments: &[Argument], system: &[&str]) -> (bool, bool) {
    (has(arguments, system), value_of(arguments, &["-u", "--uid"]).is_some())
}

fn useradd(words: &Words, call: &Call) -> Option<Spanned<Account>> {
    let arguments = parse(words.arguments(call), &USERADD);
    let name = operands(&arguments).next()?;
    if has(&arguments, &["-D", "--defaults"]) {
        return None;
    }
    let id = number(value_of(&arguments, &["-u", "--uid"]));
    let group = written(value_of(&arguments, &["-g", "--gid"]));
    let kind = kind(&arguments, &["-r", "--system"]);
    // Without `-N`, Debian, RHEL and Alpine's shadow make a group of the user's own (USERGROUPS_ENAB in login.defs).
    Some(user(call, name, id, group, !has(&arguments, &["-N", "--no-user-group"]), kind))
}

fn adduser(words: &Words, call: &Call) -> Option<Spanned<Account>> {
    let fields = words.arguments(call);
    let letters = |wanted: &[char]| {
        fields.iter().any(|field| {
            let text = field.text.as_str();
            text.starts_with('-') && !text.starts_with("--") && text.contains(wanted)
        })
    };
    // `-D`, `-S`, `-H` and `-G` are BusyBox' letters; `-r`, `-m`, `-M`, `-N`, `-U`, `-o`, `-d`, `-c` are those of useradd.
    if !letters(&['D', 'S', 'H']) && letters(&['r', 'm', 'M', 'N', 'U', 'o', 'd', 'c', 'l']) {
        return useradd(words, call);
    }
    let creates = letters(&['D', 'S', 'H', 's', 'h', 'u', 'G']);
    let arguments = parse(fields, &ADDUSER);
    let mut named = operands(&arguments);
    let name = named.next()?;
    // `adduser USER GROUP` adds a member to a group; nothing is created. With options BusyBox creates the user all the
    // same (loginutils/adduser.c).
    if named.next().is_some() && !creates {
        return None;
    }
    let id = number(value_of(&arguments, &["-u", "--uid"]));
    let group = value_of(&arguments, &["-G", "--ingroup", "--gid"]).or_else(|| {
        // A number behind `-g` is a group (useradd's reading); any other text is BusyBox' comment.
        value_of(&arguments, &["-g"]).filter(|field| number(Some(field)).is_some())
    });
    let is_system = has(&arguments, &["-S", "--system"]);
    let own = !is_system || has(&arguments, &["--group"]);
    let group = match written(group) {
        // A system user without a group of its own is put into `nogroup`, by Debian's script and by BusyBox.
        None if !own => Some("nogroup".into()),
        group => group,
    };
    Some(user(call, name, id, group, own, kind(&arguments, &["-S", "--system"])))
}

fn group(words: &Words, call: &Call, options: &Options) -> Option<Spanned<Account>> {
    let arguments = parse(words.arguments(call), options);
    let mut named = operands(&arguments);
    let name = named.next()?;
    // `addgroup USER GROUP` adds a member.
    if named.next().is_some() {
        return None;
    }
    let id = number(value_of(&arguments, &["-g", "--gid"]));
    let name = name.text.clone();
    let system = has(&arguments, &["-r", "-S", "--system"]);
    let numbered = value_of(&arguments, &["-g", "--gid"]).is_some();
    let account = Account { name, is_group: true, id, system, numbered, ..Account::default() };
    Some(Spanned::new(account, call.place()))
}

/// A change. Only what the rules ask of an account is looked at: name, number, primary group.
fn change(
    call: &Call,
    arguments: &[Argument],
    is_group: bool,
    names: [&[&str]; 3],
) -> Option<Spanned<Account>> {
    let was = operands(arguments).next()?.text.clone();
    let [new_name, new_id, new_group] = names.map(|names| value_of(arguments, names));
    if new_name.is_none() && new_id.is_none() && new_group.is_none() {
        return None;
    }
    let account = Account {
        name: written(new_name).unwrap_or_else(|| was.clone()),
        is_group,
        id: number(new_id),
        primary_group: written(new_group),
        was: Some(was),
        numbered: new_id.is_some(),
        ..Account::default()
    };
    Some(Spanned::new(account, call.place()))
}

fn usermod(words: &Words, call: &Call) -> Option<Spanned<Account>> {
    let arguments = parse(words.arguments(call), &USERMOD);
    change(call, &arguments, false, [&["-l", "--login"], &["-u", "--uid"], &["-g", "--gid"]])
}

fn groupmod(words: &Words, call: &Call) -> Option<Spanned<Account>> {
    let arguments = parse(words.arguments(call), &GROUP);
    change(call, &arguments, true, [&["-n", "--new-name"], &["-g", "--gid"], &[]])
}

#[cfg(test)]
mod tests;
