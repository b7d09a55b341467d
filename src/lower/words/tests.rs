//! Values and fields of words, seen through the last command of a text.

use super::super::testing::World;
use super::*;

/// The fields of the words behind the last command's name; an unknown one has a `?` behind it.
fn fields(world: &World, text: &str) -> String {
    let run = world.run(text);
    let words = Words::new(world.scope(&run));
    let last = run.texts.len() - 1;
    let script = &run.texts[last].script;
    let command = script.commands.iter().rposition(|line| !line.within.substitution).unwrap_or_default();
    let line = script.words(&script.commands[command]);
    let fields = words.all_fields(last, command, line, 1);
    let shown = fields.iter().map(|field| {
        format!("{}{}", field.text.replace(' ', "_"), if field.unknown.is_some() { "?" } else { "" })
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn variables_of_the_build_and_of_the_text() {
    let mut world = World::with(&[("V", "1.2"), ("P", "a b"), ("E", "")]);
    world.variables.insert("NONE", None);
    for (text, wanted) in [
        ("x a$V b", "a1.2 b"),
        ("x ${V}-$V", "1.2-1.2"),
        ("x $P", "a b"),
        ("x \"$P\"", "a_b"),
        ("x '$P'", "$P"),
        ("x y$P'z'", "ya bz"),
        ("x $E", ""),
        ("x \"$E\"", ""),
        ("x $NONE", "$NONE?"),
        ("x a=$NOBODY", "a=$NOBODY?"),
        ("x $1", "$1?"),
        ("x $(date)", "$(date)?"),
        ("D=\"python3=3.12\" && x $D", "python3=3.12"),
        ("V=2; x $V", "2"),
        ("export V=2 && x $V", "2"),
        ("V=2 x $V", "1.2"),
        ("x $V; V=2; y $V", "2"),
        ("D=a$V; D=$D-b; x $D", "a1.2-b"),
        ("(V=2); x $V", "1.2"),
        ("(V=2; x $V)", "2"),
        ("{ V=2; }; x $V", "2"),
        ("if t; then V=2; fi; x $V", "$V?"),
        ("if t; then V=2; x $V; fi", "2"),
        ("t || V=2; x $V", "$V?"),
        ("[ t ] && V=2; x $V", "$V?"),
        ("[ t ] && V=2 && x $V", "2"),
        ("apt-get update && V=2 && y; x $V", "2"),
        ("read V; x $V", "$V?"),
        ("unset V; x $V", ""),
        ("echo | V=2; x $V", "1.2"),
        ("V=$(date); x $V", "$(date)?"),
        ("for p in a b; do x $p; done", "a b"),
        ("for p in a b; do x $p=1; done", "a=1 b=1"),
        ("for p in $P $NONE; do x \"$p\"; done", "a b $NONE?"),
        ("for p in a; do x $V; V=3; done; x $V", "$V?"),
        ("V=3; sh -c 'x $V'", "3"),
        ("x ~/a", "/root/a"),
        ("x a{b,c}", "a{b,c}"),
        ("x \"$HOME\" $PWD", "/root /app"),
    ] {
        assert_eq!(fields(&world, text), wanted, "{text}");
    }
}

#[test]
fn modifiers() {
    let mut world = World::with(&[("V", "1.2.3"), ("E", "")]);
    world.variables.insert("NONE", None);
    for (text, wanted) in [
        ("x ${V:-d} ${E:-d} ${Q:-d} ${Q-d}", "1.2.3 d d d"),
        ("x \"${E-d}\"", ""),
        ("x ${V:+d} ${E:+d}b", "d b"),
        ("x ${V:?no}", "1.2.3"),
        ("x ${NONE:-d}", "${NONE:-d}?"),
        ("x ${Q:-$V}", "${Q:-$V}?"),
        ("x ${V%.*} ${V%%.*} ${V#*.} ${V##*.} ${V%.3} ${V#9}", "1.2 1 2.3 3 1.2 1.2.3"),
        ("x ${V%%[0-9]}", "${V%%[0-9]}?"),
        ("x ${V/./-} ${V//./-}", "1-2.3 1-2-3"),
        ("x ${#V}", "${#V}?"),
        ("x ${V:0:3}", "${V:0:3}?"),
    ] {
        assert_eq!(fields(&world, text), wanted, "{text}");
    }
}

#[test]
fn braces_are_for_bash() {
    let world = World { bash: true, ..World::default() };
    assert_eq!(fields(&world, "x lib{a,b}-dev"), "liba-dev libb-dev");
    assert_eq!(fields(&world, "x 'lib{a,b}'"), "lib{a,b}");
}

#[test]
fn directories_follow_cd() {
    let world = World::with(&[("D", "/d")]);
    for (text, wanted) in [
        ("x", "/app"),
        ("cd sub && x", "/app/sub"),
        ("cd $D && cd e; x", "/d/e"),
        ("(cd /q); x", "/app"),
        ("cd && x", "/root"),
        ("cd /q || exit 1; x", "/q"),
        ("cd -; x", "?"),
        ("cd $N; x", "?"),
        ("if t; then cd /q; fi; x", "?"),
    ] {
        let run = world.run(text);
        let words = Words::new(world.scope(&run));
        let directory = words.directory(0, run.texts[0].script.commands.len() - 1);
        assert_eq!(directory.certain().unwrap_or("?"), wanted, "{text}");
    }
}

#[test]
fn what_doubles_itself_is_capped() {
    let mut text = "A=0123456789".to_owned();
    for _ in 0..60 {
        text.push_str("; A=$A$A");
    }
    text.push_str("; x $A");
    assert!(fields(&World::default(), &text).ends_with('?'));
    let wide = format!("for p in {}; do x {}; done", "a ".repeat(20_000), "$p ".repeat(20_000));
    assert!(fields(&World::default(), &wide).ends_with('?'));
}
