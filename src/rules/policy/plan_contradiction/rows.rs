//! Rows against rows, and against the machines.

use std::collections::{BTreeMap, HashMap};

use super::short;
use crate::finding::Findings;
use crate::model::Spanned;
use crate::plan::{Plan, ServiceRow, normalise};

pub(super) fn check(plan: &Plan, out: &mut Findings) {
    for (name, first, second) in &plan.duplicate_rows {
        out.add(second, format!("`{}` has two rows", short(name))).service(name.clone()).related(first, "the first one");
    }
    for row in &plan.services {
        disagreements(row, out);
    }
    aliases(plan, out);
    unknown_machines(plan, out);
    ports(plan, out);
    label(plan, out);
}

fn disagreements(row: &ServiceRow, out: &mut Findings) {
    for (field, table, entry) in &row.disagreements {
        let (here, there) = (entry.text(), table.text());
        let message = format!(
            "the {field} of `{}` is `{}` here and `{}` in the table",
            short(&row.name.value),
            short(&here),
            short(&there)
        );
        out.add(entry, message).service(row.name.value.clone()).related(table, "the table's row");
    }
}

/// One name for two machines.
fn aliases(plan: &Plan, out: &mut Findings) {
    let mut names: HashMap<String, (usize, &Spanned<_>)> = HashMap::new();
    for (at, machine) in plan.machines.iter().enumerate() {
        for name in std::iter::once(&machine.name).chain(&machine.alias) {
            let first = *names.entry(normalise(&name.value)).or_insert((at, name));
            if first.0 != at {
                let message = format!("the name `{}` means two machines", short(&name.value));
                out.add(&name.place, message).related(&first.1.place, "the other one");
            }
        }
    }
}

fn unknown_machines(plan: &Plan, out: &mut Findings) {
    if plan.machines.is_empty() {
        return;
    }
    let known: Vec<_> = plan.machines.iter().take(10).map(|machine| format!("`{}`", machine.name.value)).collect();
    for row in &plan.services {
        for name in &row.unknown_machines {
            let message =
                format!("`{}` runs on `{}`, which is no machine of the plan", short(&row.name.value), short(&name.value));
            let help = format!("machines: {}", known.join(", "));
            out.add(&name.place, message).service(row.name.value.clone()).help(help);
        }
    }
}

/// A machine as ports are compared: by index, by the name that no machine has, or every machine.
#[derive(Clone, PartialEq, Eq, Hash)]
enum On {
    Machine(usize),
    Unknown(String),
    Everywhere,
}

/// Who has a port: row, and what it is to the row.
type User = (usize, &'static str);

/// Two rows that want one port on one machine: one finding for each pair of rows.
fn ports(plan: &Plan, out: &mut Findings) {
    let mut taken: HashMap<(u16, On), User> = HashMap::new();
    // The first user of a port on any machine, for rows that run everywhere.
    let mut anywhere: HashMap<u16, (User, On)> = HashMap::new();
    for (at, row) in plan.services.iter().enumerate() {
        let machines = machines(row);
        let mut clashes: BTreeMap<usize, Vec<Clash<'_>>> = BTreeMap::new();
        let both = [("service port", &row.service_port), ("health port", &row.health_port)];
        for (kind, port) in both.iter().filter_map(|(kind, port)| Some((*kind, port.as_ref()?))) {
            let clash = machines.iter().find_map(|on| match on {
                On::Everywhere => anywhere.get(&port.value).cloned(),
                on => {
                    let user = taken.get(&(port.value, on.clone()));
                    let user = user.or_else(|| taken.get(&(port.value, On::Everywhere)));
                    user.map(|user| (*user, on.clone()))
                }
            });
            if let Some((user, on)) = clash.filter(|(user, _)| user.0 != at) {
                clashes.entry(user.0).or_default().push(Clash { port, user, on });
            }
            for on in &machines {
                taken.entry((port.value, on.clone())).or_insert((at, kind));
                anywhere.entry(port.value).or_insert(((at, kind), on.clone()));
            }
        }
        for (other, clashes) in clashes {
            report(plan, row, &plan.services[other], &clashes, out);
        }
    }
}

struct Clash<'a> {
    port: &'a Spanned<u16>,
    user: User,
    on: On,
}

fn machines(row: &ServiceRow) -> Vec<On> {
    let Some(on) = &row.on else { return vec![On::Everywhere] };
    let unknown = row.unknown_machines.iter().map(|name| On::Unknown(normalise(&name.value)));
    on.value.iter().map(|at| On::Machine(*at)).chain(unknown).collect()
}

fn report(plan: &Plan, row: &ServiceRow, other: &ServiceRow, clashes: &[Clash<'_>], out: &mut Findings) {
    let first = &clashes[0];
    let on = match &first.on {
        On::Machine(at) => format!(" on `{}`", plan.machines[*at].name.value),
        On::Unknown(name) => format!(" on `{}`", short(name)),
        On::Everywhere => String::new(),
    };
    let (name, theirs) = (short(&row.name.value), short(&other.name.value));
    let message = match clashes {
        [one] => format!("`{name}` wants port {}{on}, the {} of `{theirs}`", one.port.value, one.user.1),
        many => {
            let ports: Vec<_> = many.iter().map(|clash| clash.port.value.to_string()).collect();
            format!("`{name}` wants ports {}{on}, which `{theirs}` has", ports.join(" and "))
        }
    };
    let port = if first.user.1 == "health port" { &other.health_port } else { &other.service_port };
    let place = port.as_ref().map_or(&other.name.place, |port| &port.place);
    out.add(&first.port.place, message)
        .service(row.name.value.clone())
        .related(place, format!("the {} of `{theirs}`", first.user.1));
}

/// The health label with one value for all, while the rows have other health ports.
fn label(plan: &Plan, out: &mut Findings) {
    let Some(label) = &plan.health.label else { return };
    let fixed = plan.labels.values.iter().find(|(name, _)| *name == label.value);
    let Some((_, value)) = fixed else { return };
    let other = plan.services.iter().find_map(|row| {
        let port = row.health_port.as_ref()?;
        (port.value.to_string() != value.value).then_some((row, port))
    });
    if let Some((row, port)) = other {
        let message = format!(
            "the label `{}` is `{}` for every service, but the health port of `{}` is {}",
            short(&label.value),
            short(&value.value),
            short(&row.name.value),
            port.value
        );
        out.add(&value.place, message).related(&port.place, "the health port").planned(label);
    }
}
