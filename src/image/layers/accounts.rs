//! Rows of `/etc/passwd`, `/etc/group` and `/etc/shadow`, as libc reads them: `+` and `-` rows of NIS, comments and damaged
//! rows are none.

use smol_str::SmolStr;

use crate::model::{GroupRow, UserRow};

/// Bytes of such a file that are read; the rest of a longer one is left out.
pub(super) const MAX_FILE: usize = 1 << 20;

/// The fields of every row that has at least `least` of them.
fn rows(text: &[u8], least: usize) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines
        .filter(|line| !line.starts_with(['#', '+', '-']))
        .map(|line| line.trim_end_matches('\r').split(':').collect::<Vec<_>>())
        .filter(move |fields| fields.len() >= least && !fields[0].is_empty())
}

/// `name:password:uid:gid:…`
pub(super) fn users(text: &[u8]) -> Vec<UserRow> {
    let user = |fields: Vec<&str>| {
        Some(UserRow {
            name: fields[0].into(),
            uid: fields[2].parse().ok()?,
            gid: fields[3].parse().ok()?,
            empty_password: fields[1].is_empty(),
        })
    };
    rows(text, 4).filter_map(user).collect()
}

/// `name:password:gid:members`
pub(super) fn groups(text: &[u8]) -> Vec<GroupRow> {
    rows(text, 3)
        .filter_map(|fields| Some(GroupRow { name: fields[0].into(), gid: fields[2].parse().ok()? }))
        .collect()
}

/// Names of `name:password:…` whose password is empty.
pub(super) fn empty_passwords(text: &[u8]) -> Vec<SmolStr> {
    rows(text, 3).filter(|fields| fields[1].is_empty()).map(|fields| fields[0].into()).collect()
}
