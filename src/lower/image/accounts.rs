//! Who an image runs as: `User` of the config through passwd and group of the layers, as the runtime reads them.

use smol_str::{SmolStr, ToSmolStr};

use crate::model::{Account, Contents, ImageFiles, Spanned, Unknown, User};
use crate::source::Place;

/// The user that `User` means (runc: `user.GetExecUser`): a number needs no row of passwd, the first row that fits counts,
/// its group is the primary one, and a number without a row has group 0.
///
/// # Errors
/// A name without a row, so that nothing starts; or the layers were not read.
pub(super) fn user(said: &str, contents: &Contents) -> Result<User, Unknown> {
    let (name, group) = said.split_once(':').unwrap_or((said, ""));
    let group = Some(group).filter(|group| !group.is_empty());
    let unknown = User {
        name: name.into(),
        group: group.map(SmolStr::new),
        uid: None,
        gid: None,
        system: false,
        unnumbered: false,
    };
    let number = name.parse::<u32>().ok();
    let Some(files) = contents.read().filter(|files| files.truncated.is_none() || files.users.is_some())
    else {
        return unread(unknown, number, group);
    };
    let mut users = files.users.iter().flatten();
    let row = users.find(|row| number.map_or(row.name == name, |number| row.uid == number));
    // Every engine's default, though an image without passwd has no such name.
    let root = || matches!(name, "" | "root").then_some((0, 0));
    let (uid, gid) = match row {
        Some(row) => (row.uid, row.gid),
        None => number.map(|uid| (uid, 0)).or_else(root).ok_or_else(|| Unknown::Account(name.into()))?,
    };
    let gid = match group {
        None => gid,
        Some(group) => self::group(group, files).ok_or_else(|| Unknown::Account(group.into()))?,
    };
    Ok(User { uid: Some(uid), gid: Some(gid), ..unknown })
}

fn group(said: &str, files: &ImageFiles) -> Option<u32> {
    let number = said.parse::<u32>().ok();
    let mut groups = files.groups.iter().flatten();
    let row = groups.find(|row| number.map_or(row.name == said, |number| row.gid == number));
    row.map(|row| row.gid).or(number).or_else(|| (said == "root").then_some(0))
}

/// What can be told without the layers: written numbers, and `root`.
fn unread(unknown: User, number: Option<u32>, group: Option<&str>) -> Result<User, Unknown> {
    let is_root = matches!(unknown.name.as_str(), "" | "root");
    let uid = number.or_else(|| is_root.then_some(0)).ok_or(Unknown::Layers)?;
    let gid = match group {
        None if uid == 0 => Some(0),
        None => None,
        Some("root") => Some(0),
        Some(group) => group.parse().ok(),
    };
    Ok(User { uid: Some(uid), gid, ..unknown })
}

/// The accounts of passwd and group, the first row last: of several the first counts, and of a layer's accounts the last.
pub(super) fn accounts(files: &ImageFiles, place: &Place) -> Vec<Spanned<Account>> {
    let users = files.users.iter().flatten().map(|row| Account {
        name: row.name.clone(),
        id: Some(row.uid),
        primary_group: Some(row.gid.to_smolstr()),
        numbered: true,
        ..Account::default()
    });
    let groups = files.groups.iter().flatten().map(|row| Account {
        name: row.name.clone(),
        is_group: true,
        id: Some(row.gid),
        numbered: true,
        ..Account::default()
    });
    let mut accounts: Vec<Spanned<Account>> =
        users.chain(groups).map(|account| Spanned::new(account, place.clone())).collect();
    accounts.reverse();
    accounts
}
