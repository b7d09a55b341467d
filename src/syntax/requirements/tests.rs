//! Requirement files, line by line.

use super::*;

/// Text, name, specifier, pinned version, marker.
type Row = (&'static str, &'static str, &'static str, Option<&'static str>, Option<&'static str>);

fn requirements(text: &str) -> Vec<(ParsedRequirement, bool, usize)> {
    let tree = parse(text.as_bytes());
    assert_eq!(tree.errors, [], "{text}");
    tree.items
        .into_iter()
        .filter_map(|item| match item {
            RequirementsItem::Requirement { requirement, editable, hashes, .. } => {
                Some((requirement, editable, hashes.len()))
            }
            RequirementsItem::Option { .. } => None,
        })
        .collect()
}

#[test]
fn names_versions_and_markers() {
    let rows: &[Row] = &[
        ("Flask", "flask", "", None, None),
        ("zope.interface==5.0", "zope-interface", "==5.0", Some("5.0"), None),
        ("prometheus_client == 0.20.0", "prometheus-client", "==0.20.0", Some("0.20.0"), None),
        ("uvicorn[standard]==0.29.0", "uvicorn", "==0.29.0", Some("0.29.0"), None),
        ("torch==2.2.2+cu121 # gpu", "torch", "==2.2.2+cu121", Some("2.2.2+cu121"), None),
        ("a (>=1, <2)", "a", ">=1,<2", None, None),
        ("a===1", "a", "===1", Some("1"), None),
        ("a==1.*", "a", "==1.*", None, None),
        ("a==1,!=1.5", "a", "==1,!=1.5", Some("1"), None),
        ("a==1,==2", "a", "==1,==2", None, None),
        ("a~=1.4; python_version < '3.9'", "a", "~=1.4", None, Some("python_version < '3.9'")),
        ("torch==${V}", "torch", "==${V}", None, None),
    ];
    for (text, name, specifier, pinned, marker) in rows {
        let found = requirements(text);
        assert_eq!(found.len(), 1, "{text}");
        let requirement = &found[0].0;
        assert_eq!(requirement.name, *name, "{text}");
        assert_eq!(requirement.specifier, *specifier, "{text}");
        assert_eq!(requirement.pinned.as_deref(), *pinned, "{text}");
        assert_eq!(requirement.marker.as_deref(), *marker, "{text}");
        assert!(!requirement.local && requirement.url.is_none(), "{text}");
    }
}

#[test]
fn urls_and_paths() {
    let rows: &[(&str, &str, bool, bool, bool)] = &[
        ("a @ https://x/a.whl", "a", true, false, false),
        ("a[b] @ git+https://x/a@v1 ; python_version > '3'", "a", true, false, false),
        ("git+https://x/a.git@v1#egg=My_Pkg", "my-pkg", true, false, false),
        ("https://x/a-1.0.tar.gz", "", true, false, false),
        ("./pkg", "", false, true, false),
        (".", "", false, true, false),
        (".[dev]", "", false, true, false),
        ("dist/x-1.0-py3-none-any.whl", "", false, true, false),
        ("x-1.0-py3-none-any.whl", "", false, true, false),
        ("-e .", "", false, true, true),
        ("--editable=git+https://x/a#egg=a", "a", true, false, true),
        ("-e file:///src", "", true, true, true),
    ];
    for (text, name, url, local, editable) in rows {
        let found = requirements(text);
        assert_eq!(found.len(), 1, "{text}");
        let (requirement, is_editable, _) = &found[0];
        assert_eq!(requirement.name, *name, "{text}");
        assert_eq!(requirement.url.is_some(), *url, "{text}");
        assert_eq!(requirement.local, *local, "{text}");
        assert_eq!(is_editable, editable, "{text}");
    }
}

#[test]
fn hashes_on_joined_lines_have_their_own_spans() {
    let text = "a==1 \\\r\n    --hash=sha256:11 \\\r\n    --hash sha256:22\r\nb==2\r\n";
    let tree = parse(text.as_bytes());
    assert_eq!(tree.items.len(), 2);
    let RequirementsItem::Requirement { hashes, span, .. } = &tree.items[0] else { panic!("no requirement") };
    assert_eq!(&text[span.range()], "a==1");
    let written: Vec<_> = hashes.iter().map(|(value, span)| (value.as_str(), &text[span.range()])).collect();
    assert_eq!(written, [("sha256:11", "sha256:11"), ("sha256:22", "sha256:22")]);
    let RequirementsItem::Requirement { span, .. } = &tree.items[1] else { panic!("no requirement") };
    assert_eq!(&text[span.range()], "b==2");
}

#[test]
fn options_in_all_spellings() {
    let rows = [
        ("-r a.txt", "--requirement", "a.txt"),
        ("-ra.txt", "--requirement", "a.txt"),
        ("--requirement=a.txt", "--requirement", "a.txt"),
        ("--requirement a.txt  # x", "--requirement", "a.txt"),
        ("-c 'a b.txt'", "--constraint", "a b.txt"),
        ("-i https://x/simple", "--index-url", "https://x/simple"),
        ("--pypi-url=https://x", "--index-url", "https://x"),
        ("--extra-index https://x", "--extra-index-url", "https://x"),
        ("-f dir", "--find-links", "dir"),
        ("--require-hashes", "--require-hashes", ""),
        ("--no-binary :all:", "--no-binary", ":all:"),
        ("--pre", "--pre", ""),
    ];
    for (text, name, value) in rows {
        let tree = parse(text.as_bytes());
        assert_eq!(tree.errors, [], "{text}");
        let [RequirementsItem::Option { name: found, value: is, .. }] = &tree.items[..] else {
            panic!("{text}: {:?}", tree.items)
        };
        assert_eq!((*found, is.as_str()), (name, value), "{text}");
    }
}

#[test]
fn what_is_no_requirement_is_an_error_and_the_rest_is_read() {
    let text = "a=1\n--nope x\n!!\nb==1\nc d\n-r\n";
    let tree = parse(text.as_bytes());
    let places: Vec<_> = tree.errors.iter().map(|(_, span)| &text[span.range()]).collect();
    assert_eq!(places, ["a=1", "--nope", "!!", "c d", "-r"]);
    assert_eq!(tree.items.len(), 1);
}

#[test]
fn encodings_are_tolerated() {
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain("a==1\r\n# \u{e4}\nb".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [&b"\xEF\xBB\xBFa==1\nb"[..], b"# caf\xE9\na==1\rb", &wide] {
        let tree = parse(bytes);
        assert_eq!(tree.errors, []);
        assert_eq!(tree.items.len(), 2);
    }
    let tree = parse(&wide);
    let RequirementsItem::Requirement { span, .. } = &tree.items[0] else { panic!("no requirement") };
    assert_eq!((span.start, span.end), (2, 10));
}

#[test]
fn comments_end_joined_lines() {
    assert_eq!(requirements("a \\\n# x\nb\n").len(), 2);
    assert_eq!(requirements("# a \\\nb\n").len(), 1);
    assert_eq!(parse(b"a#b==1").errors.len(), 1);
}

#[test]
fn hostile_bytes_do_no_harm() {
    for text in [
        "\\", "\\\n\\\n", "-", "--", "=", "[", "a[", "a @", "-e", "--=", "'", "a;", ";", "\0", "a==\0",
        "-\u{e4}",
    ] {
        let _ = parse(text.as_bytes());
    }
    let long = "a==1 \\\n".repeat(50_000);
    assert!(parse(long.as_bytes()).items.len() <= 1);
}
