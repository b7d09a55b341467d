//! Types of scalars, per consumer.

use super::*;
use crate::syntax::yaml::{Resolved, Scalar, Typing};

fn kind(resolved: &Resolved) -> String {
    match resolved {
        Resolved::Null => "null".to_owned(),
        Resolved::Bool(value) => value.to_string(),
        Resolved::Int(value) => value.to_string(),
        Resolved::Float(value) => format!("{value:?}"),
        Resolved::Text(_) => "text".to_owned(),
        Resolved::Timestamp(_) => "time".to_owned(),
    }
}

/// What Compose, Kubernetes and the core schema see.
#[test]
fn plain_scalars() {
    for (text, expected) in [
        ("", ["null"; 3]),
        ("~", ["null"; 3]),
        ("Null", ["null"; 3]),
        ("nUll", ["text"; 3]),
        ("True", ["true"; 3]),
        ("tRue", ["text"; 3]),
        ("yes", ["text", "true", "text"]),
        ("n", ["text", "false", "text"]),
        ("Off", ["text", "false", "text"]),
        ("8", ["8"; 3]),
        ("-8", ["-8"; 3]),
        ("+8", ["8"; 3]),
        ("010", ["8", "8", "10"]),
        ("-010", ["-8", "-8", "-10"]),
        ("08", ["8.0", "8.0", "8"]),
        ("0o10", ["8"; 3]),
        ("0o18", ["text"; 3]),
        ("-0o10", ["-8", "-8", "text"]),
        ("0x1F", ["31"; 3]),
        ("0X1F", ["31", "31", "text"]),
        ("+0x1F", ["31", "31", "text"]),
        ("0b101", ["5", "5", "text"]),
        ("1_000", ["1000", "1000", "text"]),
        ("0x_1", ["1", "1", "text"]),
        ("_1", ["text"; 3]),
        ("1e3", ["1000.0"; 3]),
        ("1.0", ["1.0"; 3]),
        ("1.", ["1.0"; 3]),
        (".5", ["0.5"; 3]),
        ("+.5e-1", ["0.05"; 3]),
        (".", ["text"; 3]),
        ("1e", ["text"; 3]),
        ("-", ["text"; 3]),
        ("+", ["text"; 3]),
        ("1.2.3", ["text"; 3]),
        ("22:22", ["text"; 3]),
        ("1:2:3", ["text"; 3]),
        (".inf", ["inf"; 3]),
        ("-.INF", ["-inf"; 3]),
        ("+.Inf", ["inf"; 3]),
        (".NaN", ["NaN"; 3]),
        ("inf", ["text"; 3]),
        ("nan", ["text"; 3]),
        ("9223372036854775807", ["9223372036854775807"; 3]),
        ("-9223372036854775808", ["-9223372036854775808"; 3]),
        ("9223372036854775808", ["9.223372036854776e18"; 3]),
        ("2024-01-01", ["time", "text", "text"]),
        ("2024-1-1", ["time", "text", "text"]),
        ("2024-02-30", ["text"; 3]),
        ("2023-02-29", ["text"; 3]),
        ("2024-02-29 10:00:00", ["time", "text", "text"]),
        ("2024-01-01T10:00:00Z", ["time", "text", "text"]),
        ("2024-01-01t1:2:3.5+01:00", ["time", "text", "text"]),
        ("2024-01-01T10:00:00", ["text"; 3]),
        ("2024-01-01 10:00:00Z", ["text"; 3]),
        ("2024-01-01 25:00:00", ["text"; 3]),
        ("24-01-01", ["text"; 3]),
        ("2024-01", ["text"; 3]),
        ("10m", ["text"; 3]),
        ("\u{663}", ["text"; 3]),
    ] {
        let scalar = Scalar::plain(text);
        let found =
            [Typing::Compose, Typing::Kubernetes, Typing::Core].map(|typing| kind(&scalar.resolve(typing)));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn tags_are_honoured() {
    for (text, expected) in [
        ("!!str 10", "text"),
        ("!!int \"3\"", "3"),
        ("!!int x", "text"),
        ("!!float 3", "3.0"),
        ("!!bool 'true'", "true"),
        ("!!null ''", "null"),
        ("!<tag:yaml.org,2002:int> '7'", "7"),
        ("!!timestamp '2024-01-01'", "time"),
        ("! 10", "text"),
        ("!reset 10", "text"),
        ("\"10\"", "text"),
        ("'true'", "text"),
        ("|\n  10\n", "text"),
        ("10", "10"),
    ] {
        let stream = read(text);
        let resolved = stream.documents[0].root.resolve(Typing::Compose).unwrap();
        assert_eq!(kind(&resolved), expected, "{text}");
    }
    assert_eq!(read("[1]").documents[0].root.resolve(Typing::Core), None);
}
