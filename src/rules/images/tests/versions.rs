//! What an image is called, what it exposes, and which versions it holds.

use serde_json::json;

use super::hold;
use crate::image::LayerChoice;

#[test]
fn versions() {
    const PYTHON: &str = "[python]\nversion = \"3.11\"\nlegacy = { version = \"3.10\", base = \"legacy\" }\n[images.hierarchy]\nlegacy = { from = \"scratch\" }\nold-web = { from = \"legacy\" }\n[services.rows]\nold = { base = \"old-web\" }\n";
    const PINS: &str = "[pins]\ntorch = \"2.2.2+cu121\"\n[services.rows]\nweb = { needs = \"GPU\" }\ntool = { needs = \"CPU\" }\n";
    let python = |tag: &str, version: &str| json!({"tag": tag, "config": {"Env": [format!("PYTHON_VERSION={version}")]}});
    let torch = |tag: &str, version: &str| {
        let folder = format!("/opt/venv/lib/python3.11/site-packages/torch-{version}.dist-info/METADATA");
        json!({"tag": tag, "config": {}, "layers": [{folder: "Name: torch\n"}], "history": [{"created_by": format!("RUN /bin/sh -c pip install 'torch=={version}' # buildkit")}]})
    };
    hold(
        LayerChoice::Always,
        vec![
            ("the legacy base", "python-version", PYTHON, python("legacy:1.0", "3.10.14"), None),
            ("a service on a child of it", "python-version", PYTHON, python("old:1.0", "3.10.14"), None),
            (
                "another service",
                "python-version",
                PYTHON,
                python("web:1.0", "3.10.14"),
                Some("says Python `3.10.14`"),
            ),
            (
                "packages of a Python that is not there",
                "python-version",
                PYTHON,
                json!({"config": {}, "layers": [
                    {"/usr/local/bin/python3.11": {"mode": "755", "text": ""}, "/usr/local/bin/python3": {"link": "python3.11"}},
                    {"/usr/local/lib/python3.10/site-packages/a-1.0.dist-info/METADATA": "Name: a\n"}
                ]}),
                Some("packages of Python `3.10`, and the image has `3.11`"),
            ),
            ("as pinned", "torch-pin", PINS, torch("web:1.0", "2.2.2+cu121"), None),
            (
                "another variant",
                "torch-pin",
                PINS,
                torch("web:1.0", "2.2.2+cpu"),
                Some("`torch` is `2.2.2+cpu`"),
            ),
            ("that of a service without a GPU", "torch-pin", PINS, torch("tool:1.0", "2.2.2+cpu"), None),
            (
                "no variant",
                "torch-pin",
                PINS,
                torch("web:1.0", "2.2.2"),
                Some("`torch` is `2.2.2`, planned `2.2.2+cu121`"),
            ),
        ],
    );
    hold(
        LayerChoice::Never,
        vec![
            ("the history tells", "torch-pin", PINS, torch("web:1.0", "2.1.0"), Some("`torch` is `2.1.0`")),
            ("an index may choose the variant", "torch-pin", PINS, torch("web:1.0", "2.2.2"), None),
            (
                "nothing tells",
                "torch-pin",
                PINS,
                json!({"config": {}}),
                Some("open: cannot tell the versions of the pinned packages"),
            ),
            ("nothing needs to", "torch-pin", PINS, json!({"tag": "tool:1.0", "config": {}}), None),
        ],
    );
}

#[test]
fn names_and_ports() {
    const TAG: &str = "[images]\nregistry = \"ghcr.io/org\"\ntag = '^\\d{8}-[0-9a-f]{7,40}$'\n[services.rows]\nweb = { ports = \"7113/8113\" }\n";
    let called = |tag: &str| json!({"tag": tag, "config": {}});
    let exposes = |ports: serde_json::Value| json!({"config": {"ExposedPorts": ports}});
    hold(
        LayerChoice::Always,
        vec![
            ("as planned", "image-tag", TAG, called("localhost:5000/web:20250812-abcdef0"), None),
            (
                "no day of a calendar",
                "image-tag",
                TAG,
                called("web:20250230-abcdef0"),
                Some("the tag `20250230-abcdef0` of `web` starts with a date"),
            ),
            (
                "an image of the registry",
                "image-tag",
                TAG,
                called("ghcr.io/org/tool:1.0"),
                Some("the tag `1.0` of `tool` is not as planned"),
            ),
            ("an image of others", "image-tag", TAG, called("ghcr.io/organ/tool:1.0"), None),
            (
                "a word of an OCI layout",
                "image-tag",
                TAG,
                json!({"oci": true, "tag": "web", "config": {}}),
                None,
            ),
            ("both", "service-ports", TAG, exposes(json!({"7113/tcp": {}, "8113": {}})), None),
            (
                "none",
                "service-ports",
                TAG,
                exposes(json!({})),
                Some("exposes no port of the plan, planned `7113` and `8113`"),
            ),
            (
                "a wrong one stands for a missing one",
                "service-ports",
                TAG,
                exposes(json!({"7113/tcp": {}, "8114/tcp": {}})),
                Some("exposes `8114`, planned `8113`"),
            ),
            (
                "one too many",
                "service-ports",
                TAG,
                exposes(json!({"7113/tcp": {}, "8113/tcp": {}, "9/udp": {}})),
                Some("exposes `9/udp`, planned only `7113` and `8113`"),
            ),
        ],
    );
}
