//! `service-coverage`: every planned service has one Dockerfile, and one deployment when the plan asks for it.

mod deployed;
mod live;

use crate::finding::Findings;
use crate::fleet::{Fleet, Member};
use crate::model::Role;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Fleet(check), Check::Fleet(deployed::check), Check::Live(live::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.services.is_empty()
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    if !fleet.whole {
        return;
    }
    let mut found: Vec<Vec<&Member>> = vec![Vec::new(); plan.services.len()];
    for member in fleet.members.iter().filter(|member| member.role == Role::Service) {
        if let Some(list) = member.service.and_then(|row| found.get_mut(row)) {
            list.push(member);
        }
    }
    for (row, members) in plan.services.iter().zip(found) {
        let name = &row.name.value;
        let Some(first) = members.first() else {
            out.add(&row.name.place, format!("no Dockerfile of the fleet builds `{name}`"))
                .help(format!("name its folder after it, or say where it is: `[services.rows.\"{name}\"] paths = [\"…\"]`"))
                .service(name.clone());
            continue;
        };
        // `Dockerfile` and `Dockerfile.gpu` of one folder are variants of one service.
        for second in members.iter().skip(1).filter(|second| folder(&second.path) != folder(&first.path)) {
            out.add(&second.place, format!("builds `{name}`, which `{}` builds already", first.path))
                .related(&first.place, "the other Dockerfile of this service")
                .help("remove one of them, or name another row with `paths`")
                .planned(&row.name)
                .service(name.clone());
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
