//! `check` asks nobody: not the registries that files name, not the endpoints of the plan, and not the engine; only `--image` and
//! `validate-fleet` do.

use std::net::TcpListener;

use crate::support::{folder, plimsoll, write};

/// A fleet whose every file names an image of one registry, and whose service answers at the same address.
fn fleet(name: &str, registry: &str) -> std::path::PathBuf {
    let folder = folder(name);
    let image = format!("{registry}/web:20250812-abcdef0");
    let port = registry.rsplit(':').next().unwrap();
    write(
        &folder.join("web/Dockerfile"),
        format!("FROM {image}\nCOPY --from={image} /a /a\nUSER 10001:10001\n"),
    );
    write(&folder.join("compose.yaml"), format!("services:\n  web:\n    image: {image}\n"));
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: {image}\n"
    );
    write(&folder.join("pod.yaml"), pod);
    write(
        &folder.join("plimsoll.toml"),
        format!(
            "extends = [\"strict\"]\n[user]\nuid = 10001\n[images]\nregistry = \"{registry}\"\n\
             [images.hierarchy]\nbase = \"{image}\"\n[health]\npath = \"/health\"\n\
             [services.rows]\nweb = {{ base = \"base\", ports = \"{port}/{port}\" }}\n"
        ),
    );
    folder
}

#[test]
fn only_images_that_are_named_are_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let registry = listener.local_addr().unwrap().to_string();
    let folder = fleet("no-network", &registry);
    let calls: [&[&str]; 5] = [
        &["check", "."],
        &["check", ".", "--strict", "--select", "registry-presence,drift,image-secret,base-proof"],
        &["plan", "check"],
        &["graph", "."],
        &["dump", "web/Dockerfile", "compose.yaml"],
    ];
    for call in calls {
        let run = plimsoll(&folder, call);
        assert!(matches!(run.code, Some(0 | 1)), "{call:?}: {run:?}");
        assert!(listener.accept().is_err(), "{call:?} asks the registry");
    }
    // The same listener hears of calls that name an image or ask the fleet, so that the test can fail.
    if cfg!(feature = "registry") {
        let image = format!("web={registry}/web:20250812-abcdef0");
        let run =
            plimsoll(&folder, &["check", ".", "--image", &image, "--timeout", "300ms", "--deadline", "1s"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(listener.accept().is_ok(), "nobody asks the registry");
        while listener.accept().is_ok() {}
        let run = plimsoll(&folder, &["validate-fleet", "--timeout", "300ms"]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(listener.accept().is_ok(), "nobody asks the endpoint");
    }
}
