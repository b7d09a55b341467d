//! Errors: what is reported, where, and what BuildKit would say to it.

use plimsoll::syntax::dockerfile::{SyntaxErrorKind as Kind, dump, parse};

/// Each error as its kind, its step (`P`arser, `I`nstructions, `B`uild) and the text it points at.
fn errors(text: &str) -> Vec<(Kind, char, &str)> {
    let tree = parse(text.as_bytes());
    let step = |in_parser, at_build| match (in_parser, at_build) {
        (true, _) => 'P',
        (_, true) => 'B',
        _ => 'I',
    };
    tree.errors.iter().map(|it| (it.kind, step(it.in_parser, it.at_build), &text[it.span.range()])).collect()
}

#[test]
fn every_check_points_at_its_place_and_reading_goes_on() {
    use Kind::{BeforeFrom, Flag, Heredoc, MissingEquals, NoStage, Other, UnknownInstruction};
    let cases = [
        ("FROM", Other, 'I', "FROM"),
        ("FROM a # c", Other, 'I', "# c"),
        ("FROM a AS 1x", Other, 'I', "1x"),
        ("FROM a AS ${V}", Other, 'I', "${V}"),
        ("FROM --platfrom=x a", Flag, 'I', "--platfrom=x"),
        ("COPY x", Other, 'I', "x"),
        ("ADD", Other, 'I', "ADD"),
        ("COPY a <<EOF\nEOF", Other, 'I', "<<EOF"),
        ("COPY --from=$X a b", Flag, 'B', "$X"),
        ("COPY --from=a --from=b x y", Flag, 'I', "--from=b"),
        ("COPY --link=yes x y", Flag, 'I', "--link=yes"),
        ("COPY --link= x y", Flag, 'I', "--link="),
        ("COPY --from x y", Flag, 'I', "--from"),
        ("CMD --x y", Flag, 'I', "--x"),
        ("USER", Other, 'I', "USER"),
        ("WORKDIR", Other, 'I', "WORKDIR"),
        ("STOPSIGNAL", Other, 'I', "STOPSIGNAL"),
        ("MAINTAINER", Other, 'I', "MAINTAINER"),
        ("EXPOSE", Other, 'I', "EXPOSE"),
        ("VOLUME", Other, 'I', "VOLUME"),
        ("VOLUME [\"/a\", \" \"]", Other, 'I', "\" \""),
        ("SHELL /bin/sh -c", Other, 'I', "/bin/sh -c"),
        ("SHELL []", Other, 'I', "SHELL"),
        ("ENV", Other, 'I', "ENV"),
        ("ENV A", MissingEquals, 'P', "A"),
        ("LABEL a=b c", MissingEquals, 'P', "c"),
        ("ENV =x", Other, 'I', "=x"),
        ("ARG =x", Other, 'I', "=x"),
        ("ARG", Other, 'I', "ARG"),
        ("CMD [\"a\", 1]", Other, 'P', "1"),
        ("COPY [\"a\", [\"b\"]]", Other, 'P', "["),
        ("HEALTHCHECK", Other, 'I', "HEALTHCHECK"),
        ("HEALTHCHECK NONE x", Other, 'I', "NONE"),
        ("HEALTHCHECK CMD", Other, 'I', "CMD"),
        ("HEALTHCHECK CMD []", Other, 'I', "CMD"),
        ("HEALTHCHECK RUN x", Other, 'I', "RUN"),
        ("HEALTHCHECK --interval=3 CMD x", Flag, 'I', "3"),
        ("HEALTHCHECK --timeout=1us CMD x", Flag, 'I', "1us"),
        ("HEALTHCHECK --retries=-1 CMD x", Flag, 'I', "-1"),
        ("HEALTHCHECK --retries=many CMD x", Flag, 'I', "many"),
        ("ONBUILD", Other, 'I', "ONBUILD"),
        ("ONBUILD ONBUILD RUN x", Other, 'I', "ONBUILD"),
        ("ONBUILD FROM x", Other, 'I', "FROM"),
        ("ONBUILD MAINTAINER x", Other, 'I', "MAINTAINER"),
        ("ONBUILD --x RUN x", Flag, 'I', "--x"),
        ("ONBUILD ENV A", MissingEquals, 'P', "A"),
        ("RUN --mount=type=cache,size=1 x", Flag, 'B', "type=cache,size=1"),
        ("RUN --mount=from=$X,target=/y x", Flag, 'I', "from=$X,target=/y"),
        ("RUN --network=all x", Flag, 'I', "all"),
        ("RUN --security=none x", Flag, 'I', "none"),
        ("RUN --device=a,b x", Flag, 'I', "a,b"),
        ("RUN <<EOF\nx", Heredoc, 'P', "<<EOF"),
        ("RNU x", UnknownInstruction, 'I', "RNU"),
    ];
    for (text, kind, step, place) in cases {
        let file = format!("FROM a\n{text}\nUSER 1\n");
        assert_eq!(errors(&file), [(kind, step, place)], "{text}");
        let tree = parse(file.as_bytes());
        assert_eq!(tree.instructions.last().unwrap().name, "USER", "{text}");
        let row = dump("x", &tree);
        assert!(row.contains(&format!("\"ok\":{}", step != 'P')), "{row}");
        assert!(row.contains(&format!("\"oki\":{}", step == 'B')), "{row}");
    }
    let whole = [
        ("ARG A\n", NoStage, 'I', "ARG"),
        ("RUN x\nUSER 1\n", BeforeFrom, 'I', "RUN"),
        ("# escape=x\nFROM a\n", Other, 'P', "x"),
        ("# check=a\n# CHECK=b\nFROM a\n", Other, 'P', "# CHECK=b"),
    ];
    for (text, kind, step, place) in whole {
        assert_eq!(errors(text), [(kind, step, place)], "{text}");
    }
    assert_eq!(errors("RUN x\nUSER 1\nFROM a\n").len(), 2);
}

#[test]
fn what_buildkit_takes_is_no_error() {
    for text in [
        "RUN",
        "CMD",
        "CMD []",
        "ENTRYPOINT []",
        "WORKDIR /a b",
        "ENV A b c",
        "ENV A=",
        "LABEL \"a b\"=c",
        "ARG A B=2",
        "ARG --x A",
        "STOPSIGNAL --x 9",
        "HEALTHCHECK --x NONE",
        "HEALTHCHECK --interval=0 CMD x",
        "EXPOSE x",
        "ONBUILD FOO x",
        "ONBUILD COPY x",
        "RUN [ -f x ] && y",
        "CMD ['a']",
        "COPY -- --a b",
        "FROM b as C.d-e_f",
        "RUN <<''",
        "RUN echo ' <<EOF",
        "COPY --link --exclude=a --exclude=b --parents=TRUE x y",
        "FROM a AS b",
        "ADD --unpack --keep-git-dir=false --checksum=sha256:0 x y",
        "RUN --mount=type=secret,id=x --network=none y",
    ] {
        let file = format!("FROM a\n{text}\n");
        assert_eq!(errors(&file), [], "{text}");
    }
}

/// The word that shows the fault, and the orphaned lines.
type Lost = (&'static str, &'static [&'static str]);

#[test]
fn a_lost_continuation_is_one_error_for_each_backslash() {
    let cases: [(&str, &[Lost]); 9] = [
        ("ENV A=1\n    B=2 \\\n    C=3\nRUN x", &[("A=1", &["B=2 \\", "C=3"])]),
        ("ENV A=1\nB=2\nRUN x", &[("A=1", &["B=2"])]),
        ("RUN a\n && b\n && c", &[("a", &["&& b"]), ("b", &["&& c"])]),
        ("RUN apt-get install \\\n  curl\n  wget \\\n  git\nUSER 1", &[("curl", &["wget \\", "git"])]),
        ("RUN a &&\nb", &[("&&", &["b"])]),
        ("COPY a \\\n b\n /c", &[("b", &["/c"])]),
        ("RUN pip install x\n\n# why\n--no-cache-dir y", &[("x", &["--no-cache-dir y"])]),
        ("HEALTHCHECK --interval=3s CMD x\n    || exit 1", &[("x", &["|| exit 1"])]),
        ("LABEL a=\"x\"\r\n  \"b c\"=\"y\"\r\nRUN x", &[("a=\"x\"", &["\"b c\"=\"y\""])]),
    ];
    for (text, expected) in cases {
        let file = format!("FROM a\n{text}\n");
        let tree = parse(file.as_bytes());
        assert!(tree.errors.iter().all(|it| it.kind == Kind::LostContinuation), "{text}: {:?}", tree.errors);
        let found: Vec<_> = tree
            .errors
            .iter()
            .map(|it| {
                (&file[it.span.range()], it.related.iter().map(|it| &file[it.range()]).collect::<Vec<_>>())
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(at, lines)| (*at, lines.to_vec())).collect();
        assert_eq!(found, expected, "{text}");
        assert!(dump("x", &tree).contains("\"ok\":true,\"oki\":false"));
    }
}

#[test]
fn other_unknown_lines_are_unknown_instructions() {
    for text in
        ["RUN x\nRNU y", "RUN x\n  COPPY a b", "RUN x\nmake all", "CMD [\"a\"]\n./x", "RUN <<E\nE\n && x"]
    {
        let file = format!("FROM a\n{text}\nUSER 1\n");
        let tree = parse(file.as_bytes());
        let kinds: Vec<_> = tree.errors.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [Kind::UnknownInstruction], "{text}");
    }
    let tree = parse(b"FROM a\nCOPPY a b\n");
    assert_eq!(tree.errors[0].message, "unknown instruction `COPPY` (did you mean COPY?)");
}

#[test]
fn templates_are_found_where_they_are_no_shell() {
    let cases: [(&str, &[&str]); 10] = [
        ("{% if x %}\nRUN x\n{%- endif %}", &["{% if x %}", "{%- endif %}"]),
        ("{{- if .X }}\nUSER {{ u }}{{v}}", &["{{- if .X }}", "{{ u }}", "{{v}}"]),
        ("RUN docker inspect -f '{{.Id}}' x", &[]),
        ("CMD [\"{{.Id}}\"]\nHEALTHCHECK CMD {% x %}", &[]),
        ("RUN echo ${{ secrets.X }} ${A:-{{b}}}", &["${{ secrets.X }}"]),
        ("ENV A=${{ x }}", &["${{ x }}"]),
        ("LABEL a=\"<%= y %>\" b=\"{{ open\"", &["<%= y %>", "{{ open\""]),
        ("{# note #}\nENV A=${#B}", &["{# note #}"]),
        ("# {{ x }}\nENV A=1 \\\n# {{ y }}\nB={{z}}", &["{{z}}"]),
        ("COPY <<EOF /x\n{{ x }}\nEOF\nONBUILD RUN {{x}}\nONBUILD USER {{x}}", &["{{x}}"]),
    ];
    for (text, expected) in cases {
        let file = format!("FROM a\n{text}\n");
        let tree = parse(file.as_bytes());
        let found: Vec<_> = tree.templates.iter().map(|it| &file[it.range()]).collect();
        assert_eq!(found, expected, "{text}");
        assert!(tree.errors.iter().all(|it| it.kind == Kind::MissingEquals), "{text}: {:?}", tree.errors);
    }
    assert!(dump("x", &parse(b"FROM a\n{% if x %}\n")).contains("\"oki\":false"));
}
