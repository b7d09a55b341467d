use smol_str::SmolStr;

use super::super::dotenv::parse;

fn outside(name: &str) -> Option<SmolStr> {
    (name == "OUTSIDE").then(|| "given".into())
}

fn read(text: &str) -> Result<Vec<(String, String)>, (String, usize)> {
    let mut budget = 1 << 20;
    let found = parse(text, &outside, &mut budget).map_err(|error| (error.message, error.line))?;
    Ok(found.iter().map(|it| (it.name.to_string(), it.value.to_string())).collect())
}

#[test]
fn values() {
    for (text, want) in [
        ("FOO=bar", "bar"),
        ("FOO =bar", "bar"),
        ("FOO= bar ", "bar"),
        ("  \tFOO=bar", "bar"),
        ("FOO: bar", "bar"),
        ("FOO: a=b", "a=b"),
        ("FOO=1:B", "1:B"),
        ("FOO=a=", "a="),
        ("FOO=", ""),
        ("FOO=\"bar\"", "bar"),
        ("FOO='bar'", "bar"),
        ("FOO=\"it's\"", "it's"),
        ("FOO=\"a\\\"b\"", "a\"b"),
        ("FOO='a\\'b'", "a'b"),
        ("export FOO=2", "2"),
        ("export\tFOO='\\n'", "\\n"),
        ("FOO=\"a\\nb\\tc\"", "a\nb\tc"),
        ("FOO=a\\tb", "a\\tb"),
        ("FOO=\"\\\\ \\x07 \\ b\\0123\"", "\\ \\x07 \\ bS"),
        ("FOO=bar # comment", "bar"),
        ("FOO=bar #", "bar"),
        ("FOO=12#3", "12#3"),
        ("FOO=\"a#b\"#c", "a#b"),
        ("FOO='a # b' # c", "a # b"),
        ("FOO=\"one\ntwo\"", "one\ntwo"),
        ("# c\n\n  # d\nFOO=x\r\n", "x"),
        ("\u{FEFF}FOO=x", "x"),
        ("A=1\nFOO=${A}2$A", "121"),
        ("FOO=$NO.", "."),
        ("FOO=${NO:-d}${NO-e}", "de"),
        ("FOO=\"$OUTSIDE\"", "given"),
        ("FOO='$OUTSIDE'", "$OUTSIDE"),
        ("FOO=\"a\\$B \\${C}\"", "a$B ${C}"),
        ("FOO=1\nFOO=2", "2"),
    ] {
        let found = read(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let value = found.iter().find(|(name, _)| name == "FOO").map(|(_, value)| value.as_str());
        assert_eq!(value, Some(want), "{text}");
    }
}

#[test]
fn names() {
    for (text, want) in [
        ("exportFOO=2", "exportFOO"),
        ("export_FOO =2", "export_FOO"),
        ("a.b-c[0]=1", "a.b-c[0]"),
        ("OUTSIDE\n", "OUTSIDE"),
    ] {
        assert_eq!(read(text).unwrap()[0].0, want, "{text}");
    }
    // Nobody gives the first one, and the second starts with a digit.
    for text in ["NOWHERE\n", "1A=2", "", "# only"] {
        assert_eq!(read(text).unwrap(), [], "{text}");
    }
}

#[test]
fn mistakes_have_a_line() {
    for (text, line) in [
        ("A=1\nlol$wut\n", 2),
        ("A=\"x", 1),
        ("A='x\\'", 1),
        ("A=\"x\\\"", 1),
        ("A=1\nB=2\nA B=1", 3),
        ("A=${", 1),
        ("A=${NO:?m}", 1),
    ] {
        assert_eq!(read(text).unwrap_err().1, line, "{text}");
    }
}

#[test]
fn values_that_double_end() {
    let mut text = String::from("A0=0123456789\n");
    for at in 1..64 {
        text += &format!("A{at}=${{A{0}}}${{A{0}}}\n", at - 1);
    }
    assert!(read(&text).unwrap_err().0.contains("limit"));
}
