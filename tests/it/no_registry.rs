//! A program without the feature `registry` asks nobody.

use crate::support::{folder, plimsoll, write};

#[test]
fn registries_and_engines_are_named_in_an_error() {
    let place = folder("no_registry");
    write(
        &place.join("plimsoll.toml"),
        "[user]\nuid = 10001\ngid = 10001\n[images]\nregistry = \"ghcr.io/x\"\n",
    );
    for (arguments, words) in [
        (&["image", "ghcr.io/org/web:1"][..], "asks no registry"),
        (&["image", "docker-daemon:web:1"], "asks no Docker Engine"),
        (&["image", "--planned"], "asks no registry"),
    ] {
        let run = plimsoll(&place, arguments);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{run:?}");
    }
}
