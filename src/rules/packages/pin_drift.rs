//! `pin-drift`: services on one base family have one version of a package.

use std::collections::{BTreeMap, HashMap};

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::fleet::{Fleet, Member, Pin};
use crate::model::Role;
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.services.is_empty()
}

/// One pin with the service that has it.
struct Use<'f> {
    pin: &'f Pin,
    member: &'f Member,
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut families: BTreeMap<&str, BTreeMap<&str, Vec<Use<'_>>>> = BTreeMap::new();
    for member in fleet.members.iter().filter(|member| member.role == Role::Service) {
        let Some(parent) = &member.parent else { continue };
        // The image without its tag: other tags of one image are one family.
        let name = ImageReference::parse(&parent.name).name();
        let family = families.entry(parent.path.as_deref().unwrap_or(name)).or_default();
        // What the plan pins is judged against the plan.
        let own = member.pins.iter().filter(|pin| plan.pins.iter().all(|(name, _)| *name != pin.name));
        for pin in own {
            family.entry(pin.name.as_str()).or_default().push(Use { pin, member });
        }
    }
    let mut everywhere: HashMap<(&str, &str), usize> = HashMap::new();
    for one in families.values().flat_map(BTreeMap::values).flatten() {
        *everywhere.entry((one.pin.name.as_str(), one.pin.version.as_str())).or_default() += 1;
    }
    for packages in families.into_values() {
        packages.into_values().for_each(|uses| judge(&uses, &everywhere, plan, out));
    }
}

fn judge(uses: &[Use<'_>], everywhere: &HashMap<(&str, &str), usize>, plan: &Plan, out: &mut Findings) {
    // Files that several services read are one use of each; members come in the order of their paths.
    let mut versions: Vec<(&SmolStr, usize)> = Vec::new();
    for one in uses {
        match versions.iter_mut().find(|(version, _)| **version == one.pin.version) {
            Some((_, count)) => *count += 1,
            None => versions.push((&one.pin.version, 1)),
        }
    }
    if versions.len() < 2 {
        return;
    }
    let name = uses.first().map_or("", |one| one.pin.name.as_str());
    // Of two that are as frequent, the one that the whole fleet has more often is the rule, else the one that comes first.
    let rank = |version: &str, count: usize| (count, everywhere.get(&(name, version)).copied().unwrap_or(0));
    let usual = versions.iter().rev().max_by_key(|(version, count)| rank(version, *count));
    let Some((usual, count)) = usual else { return };
    let Some(first) = uses.iter().find(|one| one.pin.version == **usual) else { return };
    let key = |one: &Use<'_>| (one.pin.place.source.path().to_owned(), one.pin.place.span.start);
    let mut users: HashMap<(String, u32), usize> = HashMap::new();
    for one in uses {
        *users.entry(key(one)).or_default() += 1;
    }
    for one in uses.iter().filter(|one| one.pin.version != **usual) {
        // Taken out when it is told.
        let Some(users) = users.remove(&key(one)) else { continue };
        let family = one.member.parent.as_ref().map_or("", |parent| ImageReference::parse(&parent.name).name());
        let others = match count {
            1 => "another service".to_owned(),
            count => format!("{count} other services"),
        };
        let message =
            format!("`{}` is `{}` here, and `{usual}` in {others} on `{family}`", one.pin.name, one.pin.version);
        let finding = out.add(&one.pin.place, message);
        finding.related(&first.pin.place, "the other version").help("pin one version in all services of the family");
        if let Some(row) = one.member.service.and_then(|row| plan.services.get(row)).filter(|_| users == 1) {
            finding.service(row.name.value.clone());
        }
    }
}
