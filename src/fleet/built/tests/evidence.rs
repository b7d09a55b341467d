//! What is said of an image that no layers link to the base it should have, or whose claims say otherwise.

use super::{NO_BASE, PLAN, five, hold, image};
use crate::fleet::testing::Made;

/// The hierarchy with another last image.
fn but(last: Made) -> Vec<Made> {
    let mut images = five();
    images.pop();
    images.push(last);
    images
}

const WEB: &str = "ghcr.io/example/web:2";

#[test]
fn squashed_outdated_and_flattened_images_are_told_apart() {
    let squashed = "its layers are squashed into one";
    let digest = "sha256:0123456789abcdef";
    let older = "older 3: its history begins with the 5 steps of an older build";
    hold(vec![
        ("squashed, one step", PLAN, but(image(WEB, "s").history("-W -x S")), squashed),
        ("squashed, all steps", PLAN, but(image(WEB, "s").history("-P -e -U -C -F W")), squashed),
        ("squashed, steps that made layers", PLAN, but(image(WEB, "s").history("P -e U C F W")), squashed),
        ("squashed, no plan", "", but(image(WEB, "s").history("P -e U C F W")), squashed),
        (
            "squashed into two",
            PLAN,
            but(image(WEB, "s t").history("P -e U C F W")),
            "its layers are squashed into fewer",
        ),
        (
            "squashed with a digest that no registry has",
            PLAN,
            but(image(WEB, "s")
                .history("S")
                .annotation("name", "ghcr.io/example/family-web:2")
                .annotation("digest", digest)),
            squashed,
        ),
        ("one layer on nothing", "", but(image(WEB, "s").history("S -x")), NO_BASE),
        ("single-layer build", PLAN, but(image(WEB, "p u c f w").history("P -e U C F -W -x Y")), "on 3"),
        // The family was rebuilt by the same commands: its parents were not.
        (
            "rebuilt",
            PLAN,
            {
                let mut images = but(image(WEB, "p u c old w").history("P -e U C F W"));
                images[3] = image("ghcr.io/example/family-web:3", "p u c f").history("P -e U C F@2");
                images
            },
            older,
        ),
        (
            "rebuilt from the root",
            PLAN,
            {
                let steps = ["P@2", "P@2 -e@2 U@2", "P@2 -e@2 U@2 C@2", "P@2 -e@2 U@2 C@2 F@2"];
                let mut images = but(image(WEB, "a b c d w").history("P -e U C F W"));
                for (at, steps) in steps.into_iter().enumerate() {
                    images[at].0.history = image("", "").history(steps).0.history;
                }
                images
            },
            older,
        ),
        (
            "the call holds the older build",
            PLAN,
            but(image(WEB, "a b c d w").history("P@2 -e@2 U@2 C@2 F@2 W@3")),
            "its history begins with that of a newer build than `ghcr.io/example/family-web:2`",
        ),
        (
            "by a digest",
            PLAN,
            but(image(WEB, "p u c old w")
                .annotation("name", "ghcr.io/example/family-web")
                .annotation("digest", digest)),
            "older 3: its annotation names the digest `sha256:0123456789ab`",
        ),
        (
            "by the digest of a label",
            PLAN,
            but(image(WEB, "p u c old w").label("name", "localhost/family-web:1").label("digest", digest)),
            "older 3: its label names the digest `sha256:0123456789ab`",
        ),
        (
            "by a tag",
            PLAN,
            but(image(WEB, "p u c old w").history("Z W/FROM-ghcr.io/example/family-web:1")),
            "older 3: its history names the tag `1`, not `2`",
        ),
        ("an id is no name", PLAN, but(image(WEB, "p u c old w").history("Z W/FROM-0123456789ab")), "on 2"),
        (
            "the digest is its own",
            PLAN,
            but(image(WEB, "p u c x w")
                .annotation("name", "ghcr.io/example/family-web")
                .annotation("digest", "sha256:manifest-ghcr.io/example/family-web:2-p u c f")),
            "on 2, not ghcr.io/example/family-web",
        ),
        // `COPY --from=builder / /` onto base-utils.
        ("flattened", PLAN, but(image(WEB, "p u x").history("P -e U X")), "on 1"),
        (
            "planned elsewhere, without evidence",
            PLAN,
            but(image(WEB, "p u c x w").history("P -e U C X W")),
            "on 2",
        ),
        (
            "services of one template",
            "",
            vec![image("one", "a b").history("-w C R"), image("two", "c d").history("-w C R -x")],
            NO_BASE,
        ),
        (
            "a base of one template that is no base",
            "",
            vec![image("one", "a b").history("-w C R").candidate(), image("two", "c d").history("-w C R -x")],
            "older 0: its history begins with the 3 steps of an older build",
        ),
        (
            "an older build of itself",
            "",
            vec![
                image("two:1", "a b").history("-w C R").candidate(),
                image("two:2", "c d").history("-w C R -x"),
            ],
            NO_BASE,
        ),
    ]);
}

#[test]
fn claims_are_claims() {
    let by = "annotation `org.opencontainers.image.base.name`";
    let claims = |name: &str| format!("claims {name} by {by}");
    hold(vec![
        ("nobody to ask", "", vec![image("web", "a b").annotation("name", "x/base:1")], &claims("x/base:1")),
        (
            "its layers are others",
            "",
            vec![image("base:1", "z"), image("web", "a b").annotation("name", "base:1")],
            "claims base:1 = 0 by annotation `org.opencontainers.image.base.name`",
        ),
        ("scratch is no base", "", vec![image("web", "a b").annotation("name", "scratch")], NO_BASE),
        (
            "only a digest",
            "",
            vec![image("web", "a b").annotation("digest", "sha256:ab")],
            "claims sha256:ab by annotation `org.opencontainers.image.base.digest`",
        ),
        (
            "buildah's note",
            "",
            vec![image("web", "a b").history("A/FROM-base:1 B/FROM-aabbccddeeff")],
            "claims base:1 by a comment of its history",
        ),
        (
            "proof is stronger",
            "",
            vec![image("x", "a"), image("y", "q"), image("web", "a b").annotation("name", "y")],
            "on 0, not y",
        ),
        (
            "an indirect base",
            "",
            vec![image("x", "a"), image("y", "a b"), image("web", "a b c").annotation("name", "x")],
            "on 1",
        ),
        (
            "inherited",
            "",
            vec![
                image("old", "q"),
                image("x", "a").label("name", "old:1").label("digest", "sha256:ab"),
                image("web", "a b").label("name", "old:1").label("digest", "sha256:ab"),
            ],
            "on 1",
        ),
        (
            "a name of the plan that is not in the call",
            PLAN,
            vec![image("family-web", "p"), image("other", "p u").annotation("name", "base-utils:1")],
            "on 0, not base-utils:1",
        ),
        (
            "one that may stand between",
            PLAN,
            vec![image("base-python", "p"), image("other", "p u").annotation("name", "base-utils:1")],
            "on 0",
        ),
    ]);
}
