//! Drafts of small repositories, and of hostile ones.

use std::collections::BTreeMap;

use super::count::Count;
use super::draft::render;
use super::fleet::Unfound;
use super::look::{BaseImage, Seen};
use super::service::{Check, Runs, Service};
use super::*;
use crate::lower::MemoryFiles;

fn service(path: &str, uid: u32) -> Service {
    Service {
        path: path.to_owned(),
        name: path.split('/').next().map(Into::into),
        deployed_as: None,
        starts: true,
        user: Some(Runs::As(uid, Some(uid))),
        init: Some(Some("tini".into())),
        two_stages: true,
        pip: None,
        python: None,
        cuda: None,
        check: Some(Some(Check { path: Some("/health".into()), ..Check::default() })),
        labels: ["team".into()].into(),
        gpus: None,
        ports: Some(vec![]),
        pins: Vec::new(),
        base: None,
    }
}

fn seen(services: Vec<Service>) -> Seen {
    Seen { dockerfiles: services.len(), services, ..Seen::default() }
}

fn draft(seen: &Seen, table: Option<&Table>) -> String {
    let files = MemoryFiles::new(BTreeMap::new());
    Drawing { seen, table, name: "repo", packs: packs() }.settled(&files).0
}

/// The draft with its proposals in force.
fn proposals(text: &str) -> String {
    let is_code = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    text.lines().map(|line| if is_code(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_clear_is_in_force_and_what_is_not_is_proposed() {
    let mut services: Vec<Service> = (0..5).map(|at| service(&format!("s{at}/Dockerfile"), 10001)).collect();
    services[4].user = Some(Runs::As(0, Some(0)));
    services[3].init = Some(None);
    services[2].init = Some(None);
    let text = draft(&seen(services), None);
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
    assert!(line("uid = 10001").is_some_and(|line| line.ends_with("# 4 of 5 images; 1 as root")), "{text}");
    assert!(line("gid = 10001").is_some_and(|line| line.ends_with("# 4 of these 4")), "{text}");
    assert!(
        line("#process = \"tini\"").is_some_and(|line| line.contains("3 of 5 images; 2 start without one")),
        "{text}"
    );
    assert!(line("multi-stage = true").is_some_and(|line| line.ends_with("# all 5 images")), "{text}");
    assert!(line("path = \"/health\"").is_some() && line("required = [\"team\"]").is_some(), "{text}");
}

#[test]
fn an_empty_repository_gives_a_plan_without_facts() {
    let text = draft(&Seen::default(), None);
    assert!(
        text.contains("Looked at: no Dockerfile.") && text.contains("extends = [\"recommended\"]"),
        "{text}"
    );
    assert_eq!(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count(), 1, "{text}");
}

#[test]
fn what_was_not_looked_at_is_said() {
    let unread = Some("a\nb is no text".to_owned());
    let text = draft(&Seen { left_out: 1, not_read: 2, unread, ..Seen::default() }, None);
    assert!(text.contains("\n# Not looked at: 1 Dockerfile, 2 files that may deploy.\n"), "{text}");
    assert!(text.contains("\n# Not everything can be read: a\\nb is no text.\n"), "{text}");
}

#[test]
fn two_services_on_one_port_are_proposed_and_contradict_nothing() {
    let mut services: Vec<Service> =
        ["a", "b", "c"].map(|name| service(&format!("{name}/Dockerfile"), 1)).into();
    for (service, ports) in services.iter_mut().zip([vec![8000], vec![8000], vec![7000, 7001]]) {
        service.ports = Some(ports);
    }
    services[2].check = Some(Some(Check { port: Some(7001), ..Check::default() }));
    let text = draft(&seen(services), None);
    assert!(
        text.contains("\n#a = { ports = \"8000\" }") && text.contains("b/Dockerfile exposes 8000 as well"),
        "{text}"
    );
    assert!(text.contains("\nc = { ports = \"7000/7001\" }"), "{text}");
}

#[test]
fn a_port_that_is_exposed_again_and_again_costs_nothing() {
    let mut services: Vec<Service> =
        ["a", "b", "c"].map(|name| service(&format!("{name}/Dockerfile"), 1)).into();
    services[0].ports = Some(vec![80; 50_000]);
    let started = std::time::Instant::now();
    draft(&seen(services.clone()), None);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    services.iter_mut().for_each(|service| service.ports = Some(vec![80]));
    let text = draft(&seen(services), None);
    for reason in ["a/Dockerfile: b", "b/Dockerfile: a", "c/Dockerfile: a"] {
        assert!(text.contains(&format!("# {reason}/Dockerfile exposes 80 as well")), "{reason}\n{text}");
    }
}

#[test]
fn hostile_names_stay_values() {
    let hostile =
        ["a\"]\n[user]\nuid = 0", "\u{1b}[2J", "x\u{202e}y", "'''", "a b", "\u{0}", "..", "é\u{301}", "]=#"];
    let services = hostile.iter().map(|name| Service {
        name: Some((*name).into()),
        deployed_as: Some((*name).into()),
        labels: [(*name).into()].into(),
        init: Some(Some((*name).into())),
        ports: Some(vec![9000 + name.len() as u16]),
        ..service(&format!("{name}/Dockerfile"), 10001)
    });
    let mut seen = seen(services.collect());
    seen.bases = hostile
        .iter()
        .map(|name| BaseImage {
            name: (*name).into(),
            path: format!("{name}/Dockerfile"),
            from: Some(Err((*name).into())),
            children: 1,
        })
        .collect();
    seen.projects = hostile.iter().map(|name| vec![format!("{name}/compose.yaml")]).collect();
    let mut registries: Count<String> = Count::default();
    registries.add(Some("a.example/b".to_owned()));
    seen.registries = registries;
    for table in [
        None,
        Some(Table {
            file: "p\".md".to_owned(),
            heading: Some("a\nb".to_owned()),
            rows: 1,
            found: 1,
            machines: [("m\n]".to_owned(), 1)].into(),
        }),
    ] {
        let text = draft(&seen, table.as_ref());
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text:?}");
        let parsed = toml_span::parse(&text).unwrap_or_else(|error| unreachable!("{error}\n{text}"));
        assert!(
            parsed.pointer("/user/uid").and_then(|uid| uid.as_integer()).is_none_or(|uid| uid == 10001),
            "{text}"
        );
    }
}

#[test]
fn proposals_are_valid_as_well() {
    let mut services: Vec<Service> = (0..4).map(|at| service(&format!("s{at}/Dockerfile"), at)).collect();
    services.iter_mut().for_each(|service| service.ports = Some(vec![80]));
    let mut seen = seen(services);
    seen.projects =
        ["deploy/a/compose.yaml", "deploy/b/compose.yaml"].map(|file| vec![file.to_owned()]).into();
    let text = draft(&seen, None);
    let all = proposals(&text);
    assert!(all.contains("\n[machines.a]\n") && all.contains("\ns1 = { ports = \"80\" }"), "{text}\n{all}");
    let files = MemoryFiles::new(BTreeMap::from([(PLAN.to_owned(), all.clone().into_bytes())]));
    let request = PlanRequest { path: Some(PLAN), packs: &[], known_rule: &crate::rules::known };
    assert!(load(&request, &files).is_ok(), "{:?}\n{all}", load(&request, &files).err());
}

#[test]
fn what_contradicts_or_is_refused_is_taken_back() {
    let mut user = Section::new("user");
    user.set(true, "uid = 99999999999".to_owned(), "seen");
    user.set(true, "gid = 5".to_owned(), "seen");
    let mut sections = vec![user];
    let (text, lines) = render(&[], &sections);
    let files = MemoryFiles::new(BTreeMap::from([(PLAN.to_owned(), text.into_bytes())]));
    let request = PlanRequest { path: Some(PLAN), packs: &[], known_rule: &crate::rules::known };
    let faults: Vec<_> = load(&request, &files)
        .map(|_| ())
        .unwrap_err()
        .into_iter()
        .map(|it| (it.place, it.message))
        .collect();
    assert!(take_back(&mut sections, &lines, &faults));
    assert_eq!(sections[0].settings.iter().map(|setting| setting.on).collect::<Vec<_>>(), [false, true]);
    assert!(sections[0].settings[0].note.contains("not in force"), "{:?}", sections[0]);
    assert!(!take_back(&mut sections, &lines, &faults));
    // Machines go together, and so does what is taken back of them.
    let mut sections: Vec<Section> = ["machines.quay", "machines.shed", "user"].map(Section::new).into();
    sections.iter_mut().for_each(|section| {
        section.counts = true;
        section.set(true, "x = 1".to_owned(), "seen");
    });
    let (text, lines) = render(&[], &sections);
    let source = crate::source::Source::new(PLAN, text.into_bytes());
    let faults =
        [(Some(crate::source::Place::new(&source, crate::source::Span::new(1, 2))), "so".to_owned())];
    assert!(take_back(&mut sections, &lines, &faults));
    let left: Vec<_> = sections.iter().map(|section| (section.counts, section.settings[0].on)).collect();
    assert_eq!(left, [(false, false), (false, false), (true, true)]);
    let unfound = Unfound::default();
    assert!(fleet::rows(&Seen::default(), "x", &unfound).settings.is_empty());
}
