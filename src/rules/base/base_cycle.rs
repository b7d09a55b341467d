//! `base-cycle`: no image stands on itself.

use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Names that a message spells out; the rest is counted.
const SHOWN: usize = 5;

fn check(fleet: &Fleet, _plan: &Plan, out: &mut Findings) {
    for cycle in &fleet.cycles {
        for (start, (name, place)) in cycle.iter().enumerate() {
            let way = cycle.iter().cycle().skip(start + 1).take(cycle.len());
            let mut names: Vec<String> = way.clone().take(SHOWN).map(|(name, _)| format!("`{name}`")).collect();
            if cycle.len() > SHOWN {
                names.push(format!("{} more", cycle.len() - SHOWN));
            }
            let message = format!("`{name}` stands on itself: it is built on {}", names.join(", which is built on "));
            let finding = out.add(place, message);
            for (_, other) in way.take(SHOWN).filter(|(_, other)| other != place) {
                finding.related(other, "this FROM is part of the circle");
            }
        }
    }
}
