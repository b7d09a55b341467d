//! Every answer of a registry.

use crate::finding::{Findings, Kind};
use crate::model::{ImageSet, PlannedImage, Platform, RegistryAnswer};
use crate::plan::Plan;

const PLAN: &str = "[images]\nregistry = \"registry.example/org\"\ntag = '^\\d{8}-[0-9a-f]{7,40}$'\nPLATFORMS\n\
    [services.rows]\nweb = {}\n";

fn said(plan: &Plan, reference: &str, answer: RegistryAnswer) -> Vec<(Kind, String)> {
    let image = PlannedImage {
        place: plan.services[0].name.place.clone(),
        planned: "web".into(),
        is_service: true,
        references: vec![reference.into()],
        answer,
    };
    let mut out = Findings::new();
    super::check(&ImageSet { presence: vec![image], ..ImageSet::default() }, plan, &mut out);
    out.into_vec()
        .into_iter()
        .map(|one| {
            assert_eq!((one.service.as_deref(), one.place.start().line), (Some("web"), 7), "{one:?}");
            (one.kind, one.message)
        })
        .collect()
}

#[test]
fn every_answer_is_said_at_the_plans_line() {
    let found = |platforms: Option<&[&str]>| RegistryAnswer::Found {
        reference: "registry.example/org/web:1".into(),
        platforms: platforms.map(|list| list.iter().map(|text| Platform::parse(text)).collect()),
    };
    let tags = |tags: &[&str]| RegistryAnswer::NoSuchTag(tags.iter().map(|tag| (*tag).into()).collect());
    let two = "platforms = [\"linux/amd64\", \"linux/arm64\"]";
    let wanted = "registry.example/org/web:20250812-abcdef0";
    let bare = "registry.example:5000/org/web";
    let cases = [
        ("", wanted, found(None), None),
        ("", wanted, found(Some(&["linux/amd64"])), None),
        (two, wanted, found(Some(&["linux/amd64", "linux/arm64/v8"])), None),
        (two, wanted, found(Some(&["linux/amd64"])), Some((Kind::Finding, "`registry.example/org/web:1` lacks `linux/arm64`"))),
        (two, wanted, found(Some(&[])),
            Some((Kind::Finding, "`registry.example/org/web:1` lacks `linux/amd64`, `linux/arm64`"))),
        (two, wanted, found(None),
            Some((Kind::Open, "cannot tell the platforms of `registry.example/org/web:1`: it is no index, or nobody read it"))),
        ("platforms = [\"linux/amd64\"]", wanted, found(None), None),
        ("", wanted, RegistryAnswer::Absent, Some((Kind::Finding, "the registry has no image `registry.example/org/web`"))),
        ("", bare, RegistryAnswer::Absent, Some((Kind::Finding, "the registry has no image `registry.example:5000/org/web`"))),
        ("", wanted, RegistryAnswer::Denied("no login".into()),
            Some((Kind::Open, "cannot tell whether `registry.example/org/web:20250812-abcdef0` is there: the registry wants a login"))),
        ("", wanted, RegistryAnswer::Unreachable("it does not answer".into()),
            Some((Kind::Open, "cannot tell whether `registry.example/org/web:20250812-abcdef0` is there: it does not answer"))),
        ("", wanted, tags(&["latest", "20250701-abcdef0", "20250812-fedcba9", "20250811-abcdef0"]),
            Some((Kind::Finding, "`registry.example/org/web` has no tag `20250812-abcdef0`; the nearest are \
                `20250812-fedcba9`, `20250811-abcdef0`, `20250701-abcdef0`"))),
        ("", wanted, tags(&[]),
            Some((Kind::Finding, "`registry.example/org/web` has no tag `20250812-abcdef0`; it has none"))),
        ("", bare, tags(&["latest"]),
            Some((Kind::Finding, "no tag of `registry.example:5000/org/web` is one that the plan allows; it has `latest`"))),
    ];
    for (platforms, reference, answer, want) in cases {
        let plan = crate::plan::testing::load_text(&PLAN.replace("PLATFORMS", platforms)).expect("a plan");
        let want: Vec<_> = want.map(|(kind, message)| (kind, message.to_owned())).into_iter().collect();
        assert_eq!(said(&plan, reference, answer.clone()), want, "{answer:?}");
    }
}
