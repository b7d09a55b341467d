use super::*;
use crate::model::{ImageForm, MediaKind};

fn parts(config: &[u8]) -> ImageParts {
    ImageParts {
        form: ImageForm::DockerArchive,
        reference: None,
        manifest: None,
        media: MediaKind::Docker,
        platforms: None,
        config: config.to_vec(),
        config_digest: "sha256:0".into(),
        layers: Vec::new(),
    }
}

fn record(config: &[u8]) -> Result<Record, ImageError> {
    write("docker-archive:web.tar", &parts(config))
}

fn refused(config: &[u8]) -> String {
    record(config).map(|_| ()).unwrap_err().message
}

#[test]
fn it_is_indented_json_in_the_stored_order() {
    let mut parts =
        parts(br#"{"os":"linux","config":{"Cmd":["a","b\/c\u001b\ud83d\ude00"],"Labels":{}},"n":1e99}"#);
    parts.manifest = Some(ManifestBytes {
        bytes: br#"{"schemaVersion":2,"config":{"size":1},"layers":[{"digest":"sha256:1"}],"annotations":{"a":"b"}}"#
            .to_vec(),
        digest: "sha256:9".into(),
        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
    });
    let record = write("oci:web", &parts).unwrap();
    let want = r#"{
  "reference": "oci:web",
  "manifest": {
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "digest": "sha256:9",
    "annotations": {
      "a": "b"
    },
    "layers": [
      {
        "digest": "sha256:1"
      }
    ]
  },
  "image": {
    "os": "linux",
    "config": {
      "Cmd": [
        "a",
        "b/c\u001b😀"
      ],
      "Labels": {}
    },
    "n": 1e99
  }
}
"#;
    assert_eq!(String::from_utf8_lossy(record.source.bytes()), want);
    assert!(record.problems.is_empty());
    let word = &record.tree.at(&["image", "config", "Cmd"]).unwrap().items()[1];
    assert_eq!(word.text(), Some("b/c\u{1b}😀"));
    assert_eq!(word.place.text(), "\"b/c\\u001b😀\"");
    assert_eq!((word.place.start().line, word.place.start().column), (20, 9));
    let list = record.tree.at(&["image", "config", "Cmd"]).unwrap();
    assert!(list.place.text().starts_with('[') && list.place.text().ends_with(']'));
}

#[test]
fn every_text_comes_back_as_it_was() {
    let hard =
        "a\"b\\c/\u{0}\u{1f}\u{7f}\u{85}\u{2028}\u{feff}\u{fffe}é😀\n\t\r\u{8}\u{c} # : - {{ x }} <% $X";
    let long = "k".repeat(5000);
    let config = serde_json::json!({ hard: hard, long.clone(): hard, "<<": {"a": 1}, "null": "null" });
    let record = record(config.to_string().as_bytes()).unwrap();
    let image = record.tree.get("image").unwrap();
    assert_eq!(image.get(hard).and_then(Node::text), Some(hard));
    assert_eq!(image.get(&long).and_then(Node::text), Some(hard));
    assert_eq!(image.at(&["<<", "a"]).and_then(Node::text), Some("1"));
    assert_eq!(image.get("null").and_then(Node::text), Some("null"));
    let read: serde_json::Value = serde_json::from_slice(record.source.bytes()).unwrap();
    assert_eq!(read["image"], config);
}

#[test]
fn what_is_odd_with_the_bytes_is_told() {
    for (config, want) in [
        (&b"\xEF\xBB\xBF{}"[..], Some("the config begins with a byte order mark")),
        (b"{\"a\": \"\xFF\"}", Some("the config holds bytes that are no UTF-8")),
        (br#"{"User": "1", "User": "0"}"#, Some("the key `User` stands twice")),
        (br#"{"User": "1", "\u0055ser": "0"}"#, Some("the key `User` stands twice")),
        (br#"{"a": {"x": 1}, "b": {"x": 1}}"#, None),
        (br#"{"a": "\ud800 \udc00\ud800"}"#, None),
    ] {
        let record = record(config).unwrap();
        let said: Vec<&str> = record.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(said.len(), usize::from(want.is_some()), "{said:?}");
        assert!(want.is_none_or(|want| said[0].starts_with(want)), "{said:?}");
    }
    let record = record(br#"{"a": "\ud800 \udc00\ud800"}"#).unwrap();
    let text = record.tree.at(&["image", "a"]).and_then(Node::text);
    assert_eq!(text, Some("\u{fffd} \u{fffd}\u{fffd}"));
}

#[test]
fn what_is_no_config_is_refused() {
    for (config, want) in [
        (&b""[..], "its config is no JSON: "),
        (b"\0", "its config is no JSON: "),
        (b"[]", "its config is no JSON object"),
        (b"\"{\"", "its config is no JSON object"),
        (b"null", "its config is no JSON object"),
        (b"{} {}", "its config is no JSON: "),
        (b"{\"a\": \"\0\"}", "its config is no JSON: "),
        (b"{\"a\": \"\\\xC3\xA9\"}", "its config is no JSON: "),
        (b"\xFF\xFE{\0}\0", "its config is no JSON: "),
        (b"{\"a\":", "its config is no JSON: "),
    ] {
        let said = refused(config);
        assert!(said.starts_with(want), "{:?}: {said}", String::from_utf8_lossy(config));
    }
}

#[test]
fn caps_end_hostile_configs() {
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(record(deep(60).as_bytes()).is_ok());
    assert!(refused(deep(100).as_bytes()).contains("deeper than 64 levels"));
    assert!(refused(deep(3_000_000).as_bytes()).contains("deeper than 64 levels"));
    let wide = |text: &str, count: usize| format!("{{\"a\":[{}{text}]}}", format!("{text},").repeat(count));
    assert!(record(wide("1", 100_000).as_bytes()).is_ok());
    assert!(refused(wide("1", 3_000_000).as_bytes()).contains("more than 250000 keys and values"));
    let indented = format!("{{\"a\":{}1{}{}}}", "[".repeat(62), ",12345678".repeat(248_000), "]".repeat(62));
    assert!(refused(indented.as_bytes()).contains("indented it has more than 33554432 bytes"));
    assert!(refused(&vec![b' '; (8 << 20) + 1]).contains("more than 8388608 bytes"));
    let text = format!("{{\"a\":\"{}\"}}", "\\u0001".repeat(1_300_000));
    assert!(record(text.as_bytes()).is_ok(), "one long text");
    let history = |steps: usize| format!("{{\"history\":[{}{{}}]}}", "{},".repeat(steps - 1));
    assert!(record(history(10_000).as_bytes()).is_ok());
    assert!(refused(history(10_001).as_bytes()).contains("its history has more than 10000 steps"));
}

#[test]
fn diff_ids_keep_their_order() {
    let record = record(br#"{"rootfs": {"diff_ids": ["sha256:1", null, "sha256:2"]}}"#).unwrap();
    assert_eq!(diff_ids(&record.tree), ["sha256:1", "", "sha256:2"]);
}
