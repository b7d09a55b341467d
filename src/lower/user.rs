//! `USER` to numbers: names through the accounts of the chain, as the runtime does through passwd and group.

use smol_str::SmolStr;

use crate::model::{Account, ChainEnd, Container, Unknown, User, Value};

/// The first number that `useradd` gives to an ordinary account (`UID_MIN` of login.defs).
const FIRST_ORDINARY_ID: u32 = 1000;

/// The user that a `USER` value means in a container whose layers so far are given.
///
/// A number needs no account; its group is the one written, else the primary group of the account with that number, else
/// 0 when the whole chain is known (runc: `user.GetExecUser`).
///
/// # Errors
/// The value itself is uncertain, or empty.
pub(crate) fn resolve(value: &Value, container: &Container) -> Result<User, Unknown> {
    if let Some(why) = &value.unknown {
        return Err(why.clone());
    }
    let (name, group) = match value.text.split_once(':') {
        Some((name, group)) => (name, Some(SmolStr::new(group)).filter(|group| !group.is_empty())),
        None => (value.text.as_str(), None),
    };
    let account = match name.parse::<u32>() {
        Ok(uid) => container.account_by_id(uid, false),
        Err(_) => container.account(name, false),
    };
    let uid = name.parse().ok().or_else(|| account.as_ref().and_then(|account| number(account, container)));
    let gid = match &group {
        Some(group) => group_number(group, container),
        None => match &account {
            Some(account) => primary_group(account, uid, container),
            None => match &container.end {
                // The passwd of an unread base may know this number.
                ChainEnd::Unknown { .. } => None,
                _ if uid.is_some() => Some(0),
                _ => None,
            },
        },
    };
    let made = account.filter(|account| uid.is_none() && account.id.is_none() && !account.numbered);
    let (unnumbered, system) = (made.is_some(), made.is_some_and(|account| account.system));
    Ok(User { name: name.into(), group, uid, gid, system, unnumbered })
}

/// The number of an account; of one without a written number, the next free one when the whole chain is known.
fn number(account: &Account, container: &Container) -> Option<u32> {
    if account.id.is_some()
        || account.system
        || account.numbered
        || matches!(container.end, ChainEnd::Unknown { .. })
    {
        return account.id;
    }
    let ordinary = |other: &Account| {
        !other.is_group && other.id.is_some_and(|id| (FIRST_ORDINARY_ID..60_000).contains(&id))
    };
    let others: Vec<&Account> =
        container.layers.iter().flat_map(|layer| &layer.accounts).map(|said| &said.value).collect();
    // A second account without a number makes the order matter: then it cannot be told.
    let unnumbered =
        others.iter().filter(|other| !other.is_group && other.id.is_none() && other.name != account.name);
    if unnumbered.count() > 0 || others.iter().any(|other| ordinary(other)) {
        return None;
    }
    let taken = container.account_by_id(FIRST_ORDINARY_ID, false).is_some();
    (!taken).then_some(FIRST_ORDINARY_ID)
}

fn group_number(group: &str, container: &Container) -> Option<u32> {
    group.parse().ok().or_else(|| container.account(group, true).and_then(|account| account.id))
}

/// The primary group's number: written, or that of a group of the chain, or the account's own number for the group of the
/// same name that `useradd` makes (Debian's `USERGROUPS_ENAB yes`).
fn primary_group(account: &Account, uid: Option<u32>, container: &Container) -> Option<u32> {
    match &account.primary_group {
        Some(group) => match group_number(group, container) {
            Some(gid) => Some(gid),
            None if account.own_group || *group == account.name => uid,
            None => None,
        },
        None => uid,
    }
}
