//! One table row per construct that the splitter has to know.

use super::super::*;
use super::check;
use Dialect::{Bash, Posix};

#[test]
fn operators_and_lists() {
    check(
        "a; b & c\nd || e |& f",
        Posix,
        "0 Start: [a] Sequence\n0 Sequence: [b] Background\n0 Background: [c] Sequence\n0 Sequence: [d] Or\n0 Or: [e] PipeBoth\n0 PipeBoth: [f] End",
    );
    check("a &&\n\n b |\nc\n\n", Posix, "0 Start: [a] And\n0 And: [b] Pipe\n0 Pipe: [c] Sequence");
    check("! a | b; c", Posix, "0! Start: [a] Pipe\n0! Pipe: [b] Sequence\n0 Sequence: [c] End");
    check(
        "a && (b; { c; }) || d",
        Posix,
        "0 Start: [a] And\n1s Start: [b] Sequence\n2s Start: [c] Sequence\n0 Or: [d] End",
    );
}

#[test]
fn lists_carry_the_operators_of_their_group() {
    let script = parse("a && { b; (c) & } | d", Posix);
    let lists: Vec<_> = script.lists.iter().map(|l| (l.kind, l.parent, l.before, l.after)).collect();
    use {ListKind as K, Operator as O};
    assert_eq!(
        lists,
        [
            (K::Text, None, O::Start, O::End),
            (K::Brace, Some(0), O::And, O::Pipe),
            (K::Subshell, Some(1), O::Sequence, O::Background),
        ]
    );
    assert_eq!(script.lists[1].span, crate::source::Span::new(5, 17));
}

#[test]
fn reserved_words_only_in_command_position() {
    check(
        "echo if then fi done { }; x=1 if",
        Posix,
        "0 Start: [echo] [if] [then] [fi] [done] [{] [}] Sequence\n0 Sequence: x=1 [if] End",
    );
    check(
        "\"if\" a; {a; iffy",
        Posix,
        "0 Start: [if] [a] Sequence\n0 Sequence: [{a] Sequence\n0 Sequence: [iffy] End",
    );
    check("for x do a; done", Posix, "0 Start: [for] [x] Sequence\n1r Start: [a] Sequence");
    check("for x\ndo a\ndone", Posix, "0 Start: [for] [x] Sequence\n1r Start: [a] Sequence");
    check(
        "case x\nin\n# no\na) ;; b|\"c d\") e\nesac",
        Posix,
        "0 Start: [case] [x] [in] Sequence\n2c Start: [e] Sequence",
    );
    check("f()\n{\na; }", Posix, "1c Start: [a] Sequence");
    check("f() if a; then b; fi", Posix, "1c? Start: [a] Sequence\n2c Start: [b] Sequence");
    check(
        "f() for x in a; do b; done",
        Posix,
        "0 Start: [for] [x] [in] [a] Sequence\n1cr Start: [b] Sequence",
    );
}

#[test]
fn dialects_differ() {
    check("[[ a && b ]]", Posix, "0 Start: [[[] [a] And\n0 And: [b] []]] End");
    check("[[ a && b\n|| (c) ]]&& d", Bash, "0 Start: [[[] [a] [&&] [b] [||] [(c)] []]] And\n0 And: [d] End");
    check("a &>x", Posix, "0 Start: [a] Background\n0 Background: >(x) End");
    check("a &>>x", Bash, "0 Start: [a] &>>(x) End");
    check("\"it's ${a:-it's} ${a#'}'}\"", Posix, "0 Start: [it's ${a:-it's} ${a#'}'}] End");
    check("\"it's ${a:-'}'}\"", Bash, "0 Start: [it's ${a:-'}'}] End");
    check("$'a\\n'", Posix, "0 Start: [$a\\n] End");
    check("$'a\\t\\101\\x' $\"b\"", Bash, "0 Start: [a\tA\0] [b] End");
    check("((a); b)", Posix, "2s Start: [a] End\n1s Sequence: [b] End");
    check("((a); b)", Bash, "2s Start: [a] End\n1s Sequence: [b] End");
    let script = parse("a b", Dialect::Other);
    assert_eq!((script.commands.len(), script.opaque.len()), (0, 1));
    assert!(parse("", Dialect::Other).opaque.is_empty());
}

#[test]
fn redirections() {
    check("a 2>&1 >b 12<c 2x>d", Posix, "0 Start: [a] [2x] 2>&(1) >(b) 12<(c) >(d) End");
    check(">a b; <c", Posix, "0 Start: [b] >(a) Sequence\n0 Sequence: <(c) End");
    check("a >&- <&3 >\"b c\"$D", Posix, "0 Start: [a] >&(-) <&(3) >(b c$D) End");
    check("pip install pkg>=1.2", Posix, "0 Start: [pip] [install] [pkg] >(=1.2) End");
    check("a <<<\"b\" <<E", Bash, "0 Start: [a] <<<(b) <<(E) End");
}

#[test]
fn heredoc_bodies() {
    let text = "cat <<A 3<<-'B' && x\n$(a \"\nA\n\tb\n\tB\ny $(cat <<C\nc)\nC\n) z\n";
    check(
        text,
        Posix,
        "0 Start: [cat] <<(A) 3<<-(B) And\n0 And: [x] Sequence\n0 Sequence: [y] [$(cat <<C\nc)\nC\n)] [z] Sequence\n1s$ Start: [cat] <<(C) Sequence",
    );
    let script = parse(text, Posix);
    let bodies: Vec<&str> = script.redirections.iter().map(|r| &text[r.body.unwrap().range()]).collect();
    assert_eq!(bodies, ["$(a \"\n", "\tb\n", "c)\n"]);
    assert!(script.redirections[1].target.quoted && !script.redirections[0].target.quoted);
    let joined = parse("cat <<EOF > x && y", Posix);
    assert!(joined.redirections[0].body.is_none());
    let open = parse("cat <<EOF\na\nb", Posix);
    assert_eq!(open.redirections[0].body, Some(crate::source::Span::new(10, 13)));
}

#[test]
fn assignments() {
    check(
        "A=1 B=\"2 3\" c D=4; E=; F+=g",
        Posix,
        "0 Start: A=1 B=2 3 [c] [D=4] Sequence\n0 Sequence: E= Sequence\n0 Sequence: F=g End",
    );
    check("A=(x 'y)' $(z)) b", Bash, "0 Start: A=(x 'y)' $(z)) [b] End\n1s$ Start: [z] End");
    check(
        "export A=1; 1A=2; A-B=3",
        Posix,
        "0 Start: [export] [A=1] Sequence\n0 Sequence: [1A=2] Sequence\n0 Sequence: [A-B=3] End",
    );
    let script = parse("A+=x B=$C D=(e)", Bash);
    let found: Vec<_> = script.assignments.iter().map(|a| (a.append, a.value.literal)).collect();
    assert_eq!(found, [(true, true), (false, false), (false, false)]);
    assert_eq!(script.assignments[1].span, crate::source::Span::new(5, 9));
    assert_eq!(script.assignments[1].value.span, crate::source::Span::new(7, 9));
    check("A[1]=x b", Bash, "0 Start: A[1]=x [b] End");
}

#[test]
fn words_are_resolved() {
    // text, value, literal, quoted, glob, substitution
    let table = [
        ("abc", "abc", true, false, false, false),
        ("a'b c'd", "ab cd", true, true, false, false),
        ("\"a\\\"b\\$\\c\"", "a\"b$\\c", true, true, false, false),
        ("a\\ b\\é", "a bé", true, true, false, false),
        ("a\\\nb", "ab", true, true, false, false),
        ("'$A'", "$A", true, true, false, false),
        ("$A", "$A", false, false, false, false),
        ("a$", "a$", true, false, false, false),
        ("\"*?{a,b}\"", "*?{a,b}", true, true, false, false),
        ("*.c", "*.c", false, false, true, false),
        ("a?", "a?", false, false, true, false),
        ("[ab]", "[ab]", false, false, true, false),
        ("[", "[", true, false, false, false),
        ("]", "]", true, false, false, false),
        ("{a,b}", "{a,b}", false, false, true, false),
        ("{1..3}", "{1..3}", false, false, true, false),
        ("{}", "{}", true, false, false, false),
        ("~/x", "~/x", false, false, true, false),
        ("a~", "a~", true, false, false, false),
        ("$(a)", "$(a)", false, false, false, true),
        ("\"x`a`\"", "x`a`", false, true, false, true),
        ("$((1<<2))", "$((1<<2))", false, false, false, false),
        ("''", "", true, true, false, false),
    ];
    for (text, value, literal, quoted, glob, substitution) in table {
        let text = format!("echo {text}");
        let script = parse(&text, Bash);
        let word = &script.words(&script.commands[0])[1];
        assert_eq!(word.text, value, "{text}");
        let found = (word.literal, word.quoted, word.glob, word.substitution);
        assert_eq!(found, (literal, quoted, glob, substitution), "{text}");
        assert_eq!(word.span, crate::source::Span::new(5, text.len() as u32), "{text}");
    }
}

#[test]
fn variables_have_exact_places() {
    let text = "echo 'q'\"$A\"${B:-c $D}$1x\"${#E}\"${!F}\\$G$(h $I)${J}${@}'$K'";
    let script = parse(text, Posix);
    let word = &script.words(&script.commands[0])[1];
    let found: Vec<_> = word
        .variables
        .iter()
        .map(|v| {
            (v.name.as_str(), &word.text[v.at.0 as usize..v.at.1 as usize], v.modifier.as_str(), v.quoted)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("A", "$A", "", true),
            ("B", "${B:-c $D}", ":-c $D", false),
            ("1", "$1", "", false),
            ("E", "${#E}", "#", true),
            ("F", "${!F}", "!", false),
            ("J", "${J}", "", false),
            ("@", "${@}", "", false),
        ]
    );
}

#[test]
fn substitutions_name_their_command() {
    let script = parse("a \"$(b | c $(d))\" ${X:-`e`} && A=$(f)", Posix);
    let name = |c: &Command| script.words(c).first().map_or("A=", |word| word.text.as_str()).to_owned();
    let found: Vec<_> = script
        .commands
        .iter()
        .map(|c| (name(c), c.substituted_in.map(|i| name(&script.commands[i as usize])), c.depth))
        .collect();
    let row = |own: &str, holder: Option<&str>, depth| (own.to_owned(), holder.map(str::to_owned), depth);
    assert_eq!(
        found,
        [
            row("a", None, 0),
            row("b", Some("a"), 1),
            row("c", Some("a"), 1),
            row("d", Some("c"), 2),
            row("e", Some("a"), 1),
            row("A=", None, 0),
            row("f", Some("A="), 1),
        ]
    );
}

#[test]
fn comments() {
    let text = "a # b && c\nd#e `# f` '#g' # h";
    check(text, Posix, "0 Start: [a] Sequence\n0 Sequence: [d#e] [#g] End");
    let found: Vec<&str> = parse(text, Posix).comments.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, ["# b && c", "# f", "# h"]);
}

#[test]
fn unbalanced_parts_are_opaque() {
    // text, commands that are left, the opaque part
    let table = [
        ("a 'b", "a", "'b"),
        ("a b; c \"d $(e", "a c", "\"d $(e"),
        ("a; b x$(c; d", "a b", "x$(c; d"),
        ("a; (b; c", "a", "(b; c"),
        ("a; { b", "a", "{ b"),
        ("a; if b; then c", "a", "if b; then c"),
        ("a; for x in b; c", "a", "for x in b; c"),
        ("a; case x in b) c", "a", "case x in b) c"),
        ("a; f() ", "a", "f() "),
        ("a `b ( c` d; e", "a b e", "( c"),
        ("a ) b", "a", ") b"),
        ("a; fi; b", "a", "fi; b"),
        ("a;; b", "a", ";; b"),
        ("a b ( c", "a", "( c"),
        ("a; [[ b", "a", "[[ b"),
        ("a ${b", "a", "${b"),
        ("a $((1", "a", "$((1"),
        ("a `b", "a", "`b"),
    ];
    for (text, names, opaque) in table {
        let script = parse(text, Bash);
        let found: Vec<&str> = script.commands.iter().map(|c| script.words(c)[0].text.as_str()).collect();
        assert_eq!(found.join(" "), names, "{text}");
        let parts: Vec<&str> = script.opaque.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(parts, [opaque], "{text}");
    }
}

#[test]
fn nesting_beyond_the_limit_is_opaque_and_the_rest_is_not() {
    let pairs = [
        ("(", ")"),
        ("{ ", "; }"),
        ("echo $(", ")"),
        ("if ", "; then y; fi"),
        ("while ", "; do y; done"),
        ("case x in a) ", ";; esac"),
        ("for x in a; do ", "; done"),
        ("echo \"$(", ")\""),
        ("echo ${a:-$(", ")}"),
    ];
    for (open, close) in pairs {
        for (count, opaque) in [(15, 0), (40, 1)] {
            let text = format!("{}x{}; last", open.repeat(count), close.repeat(count));
            let script = parse(&text, Posix);
            assert_eq!(script.opaque.len(), opaque, "{open} x {count}");
            let last = script.commands.last().unwrap();
            assert_eq!((script.words(last)[0].text.as_str(), last.list), ("last", 0), "{open} x {count}");
        }
    }
}

/// `bash -n` and the splitter agree on which bodies are balanced.
#[test]
fn bash_agrees_on_what_is_balanced() {
    use std::process::Command as Process;
    if Process::new("bash").arg("--version").output().is_err() {
        println!("skipped: no bash here");
        return;
    }
    let mut bodies: Vec<String> = super::bodies().iter().map(ToString::to_string).collect();
    // Cut off in the middle, most of them are unbalanced, some are not.
    let cut: Vec<String> =
        bodies.iter().map(|b| b.chars().take(b.chars().count() * 2 / 3).collect()).collect();
    bodies.extend(cut);
    for body in bodies {
        let accepts = Process::new("bash").args(["-O", "extglob", "-n", "-c", &body]).output().unwrap();
        let stderr = String::from_utf8_lossy(&accepts.stderr);
        // A list that ends in an operator is balanced.
        let ends_early = stderr.contains("unexpected end of file") && body.trim_end().ends_with(['&', '|']);
        let expected = accepts.status.success() || ends_early;
        let script = parse(&body, Bash);
        assert_eq!(script.opaque.is_empty(), expected, "{body}\n{stderr}\n{:?}", script.opaque);
    }
}
