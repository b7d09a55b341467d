//! Plans that somebody wrote to break the loader: they end soon, with an answer.

use super::testing::load_text;
use super::*;

#[test]
fn hostile_plans_end_soon() {
    let names = |count: usize, form: &str| -> String {
        (0..count).map(|i| form.replace('@', &i.to_string())).collect()
    };
    let cases = [
        format!("[pins]\n{}", names(40_000, "p@ = \"1\"\n")),
        format!("[images.hierarchy]\n{}", names(30_000, "p@ = \"p\"\n")),
        format!("[services.rows]\n{}", names(30_000, "r@ = { port = 1 }\n")),
        names(30_000, "[machines.m@]\n"),
        names(60_000, "k@ = 1\n"),
        format!("a = {}", "[".repeat(5000)),
        format!("[cuda]\narch = [{}]", "\"x\",".repeat(100_000)),
        format!("[images]\ntag = '{}'", "(a{1,1000}){1,1000}".repeat(10)),
        format!("[services.contracts.x]\na = {}1{}", "[".repeat(14), "]".repeat(14)),
        "\"".repeat(10_000),
        "[[waivers]]\n".repeat(50_000),
    ];
    for case in &cases {
        let start = std::time::Instant::now();
        let _ =
            load_text(case).map(|plan| (show(&plan).len(), PlanIndex::new(&plan).service_of("a/Dockerfile")));
        assert!(start.elapsed().as_secs() < 20, "{:?}: {:?}", &case[..20], start.elapsed());
    }
}

/// Random sequences of the tokens of TOML: nothing panics, whatever their order.
#[test]
fn any_order_of_tokens_is_an_answer() {
    const ROUNDS: usize = 5_000;
    const TOKENS: [&str; 34] = [
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        "\n",
        "\r\n",
        " ",
        "#",
        "\"",
        "\"\"\"",
        "'",
        "'''",
        "\\u12",
        "a",
        "b",
        "1",
        "2027-01-31",
        "1e5",
        "0x",
        "-",
        "+",
        "inf",
        "\u{e9}",
        "services",
        "rows",
        "table",
        "waivers",
        "user",
        "\t",
    ];
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut good = 0;
    for _ in 0..ROUNDS {
        let len = 1 + next(24);
        let text: String = (0..len).map(|_| TOKENS[next(TOKENS.len())]).collect();
        good += usize::from(load_text(&text).is_ok());
    }
    assert!(good > 0 && good < ROUNDS);
}

/// Lines of TOML in random order: whole headers and assignments meet each other.
#[test]
fn any_order_of_lines_is_an_answer() {
    const LINES: [&str; 20] = [
        "[a]",
        "[[a]]",
        "[a.b]",
        "[[a.b]]",
        "a = 1",
        "a.b = 1",
        "b.c = 1",
        "a = {b = 1}",
        "a = []",
        "[a.b.c]",
        "b = {c.d = 1}",
        "[[waivers]]",
        "[services.rows]",
        "X = {}",
        "[services.rows.X]",
        "port = 1",
        "[services]",
        "rows.X.port = 2",
        "until = 2027-01-31",
        "[user]",
    ];
    let mut state = 11_u64;
    for _ in 0..5_000 {
        let mut text = String::new();
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(LINES[(state >> 33) as usize % LINES.len()]);
            text.push('\n');
        }
        if let Err(errors) = load_text(&text) {
            assert!(errors.iter().all(|error| error.place.is_some() && !error.message.is_empty()));
        }
    }
}
