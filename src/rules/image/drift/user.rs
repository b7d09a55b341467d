//! USER: the same numbers, however they are written.

use super::{Drift, said};
use crate::model::{Container, Fact, Unknown, User};
use crate::source::Place;

pub(super) fn compare(drift: &mut Drift<'_>) {
    let field = drift.layer().user.as_ref();
    let at = field.map(|field| &field.place);
    let written = field.map(|field| match &field.value {
        Ok(user) => text_of(user),
        Err(_) => written(&field.place),
    });
    let wanted = match said(drift.own.user()) {
        Ok(wanted) => wanted,
        Err(Some((why, origin))) => return drift.open("User", at, &why, Some(&origin)),
        Err(None) if !drift.is_complete => return,
        Err(None) => {
            let is_root =
                matches!(&drift.held.container.user(), Fact::Known { value, .. } if value.uid == Some(0));
            if at.is_some() && !is_root {
                drift.differs("User", at, written, None, None);
            }
            return;
        }
    };
    let (wanted, origin) = wanted;
    let wanted = through_image(wanted, drift.held.container);
    let text = text_of(&wanted);
    if written.as_deref() == Some(text.as_str()) {
        return;
    }
    let has = match drift.held.container.user() {
        Fact::Known { value, .. } => Ok(value),
        Fact::Absent => Ok(User::root()),
        Fact::Unknown { why, .. } => Err(why),
    };
    match has.map(|has| same(&wanted, &has)) {
        Ok(Some(true)) => {}
        Ok(Some(false)) => drift.differs("User", at, written, Some(wanted.describe()), Some(&origin)),
        Ok(None) => {
            let named =
                if wanted.uid.is_none() || wanted.gid.is_none() { text } else { written.unwrap_or(text) };
            drift.open("User", at, &Unknown::Account(named.into()), Some(&origin));
        }
        Err(why) => drift.open("User", at, &why, Some(&origin)),
    }
}

/// What no Dockerfile says is looked up in passwd and group of the image: the number of a name, the group of a number.
fn through_image(mut user: User, container: &Container) -> User {
    if user.uid.is_none()
        && let Some(account) = container.account(&user.name, false)
    {
        user.uid = account.id;
        let primary = || account.primary_group.as_ref()?.parse().ok();
        user.gid = user.gid.or_else(|| if user.group.is_none() { primary() } else { None });
    }
    if let (Some(uid), None, None) = (user.uid, user.gid, &user.group) {
        let account = container.account_by_id(uid, false);
        user.gid = account.and_then(|account| account.primary_group?.parse().ok());
    }
    if let (None, Some(group)) = (user.gid, &user.group) {
        user.gid = group.parse().ok().or_else(|| container.account(group, true)?.id);
    }
    user
}

/// As the image writes it.
fn written(place: &Place) -> String {
    place.text().trim_matches('"').to_owned()
}

fn text_of(user: &User) -> String {
    match &user.group {
        Some(group) => format!("{}:{group}", user.name),
        None => user.name.to_string(),
    }
}

/// Whether two users are the same; `None`: a number is not known.
fn same(one: &User, other: &User) -> Option<bool> {
    // A made account is never root.
    let is_made = |user: &User| user.unnumbered || user.system;
    let (uid, gid) = match (one.uid, other.uid) {
        (Some(one), Some(other)) if one != other => return Some(false),
        (None, Some(0)) if is_made(one) => return Some(false),
        (Some(0), None) if is_made(other) => return Some(false),
        (uid, other_uid) => (uid.and(other_uid), one.gid.zip(other.gid)),
    };
    match gid {
        Some((one, other)) if one != other => Some(false),
        Some(_) => uid.map(|_| true),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_far_as_they_are_known() {
        let user = |uid, gid| User { uid, gid, ..User::root() };
        for (one, other, want) in [
            (user(Some(1), Some(1)), user(Some(1), Some(1)), Some(true)),
            (user(Some(1), Some(1)), user(Some(2), Some(1)), Some(false)),
            (user(Some(1), Some(1)), user(Some(1), Some(2)), Some(false)),
            (user(Some(1), Some(1)), user(Some(1), None), None),
            (user(None, Some(1)), user(Some(1), Some(1)), None),
            (user(None, Some(2)), user(Some(1), Some(1)), Some(false)),
            (User { unnumbered: true, ..user(None, None) }, user(Some(0), Some(0)), Some(false)),
            (User { unnumbered: true, ..user(None, None) }, user(Some(1000), Some(1000)), None),
        ] {
            assert_eq!(same(&one, &other), want, "{one:?} {other:?}");
        }
    }
}
