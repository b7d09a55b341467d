//! The page that a team opens first: every service of the plan, every finding at its service, and nothing that input says is
//! markup. What a browser does with it is tried by `tests/browser.sh`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{folder, plimsoll, repository, write};

fn page(fleet: &str) -> String {
    let run = plimsoll(&repository(&format!("testdata/fleets/{fleet}")), &["check", ".", "--format", "html"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    run.stdout
}

/// The values of an attribute of every element that starts in a certain way.
fn values(page: &str, start: &str, attribute: &str) -> Vec<String> {
    let attribute = format!(" {attribute}=\"");
    let tags = page.split(start).skip(1).map(|rest| rest.split('>').next().unwrap());
    let value = |tag: &str| Some(tag.split_once(&attribute)?.1.split('"').next()?.to_owned());
    tags.filter_map(value).collect()
}

#[test]
fn every_finding_and_every_service_is_in_the_matrix() {
    let page = page("blueprint-broken");
    let run = plimsoll(&repository("testdata/fleets/blueprint-broken"), &["check", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let articles = values(&page, "<article ", "data-rule");
    assert_eq!(articles.len(), findings.len() + report["open"].as_array().unwrap().len());
    // Each article has a cell, and each cell an article.
    let pair = |start| -> BTreeSet<(String, String)> {
        values(&page, start, "data-service").into_iter().zip(values(&page, start, "data-rule")).collect()
    };
    let cells: BTreeSet<(String, String)> = page
        .split("<td class=\"")
        .skip(1)
        .map(|cell| cell.split("</td>").next().unwrap())
        .map(|cell| {
            (values(cell, "<a ", "data-service").remove(0), values(cell, "<a ", "data-rule").remove(0))
        })
        .collect();
    assert_eq!(cells, pair("<article "));
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    for rule in rules {
        assert!(page.contains(&format!("<a href=\"#r-{rule}\" data-rule=\"{rule}\"")), "{rule}");
        assert!(page.contains(&format!("id=\"r-{rule}\" data-rule=\"{rule}\"")), "{rule}");
        assert!(page.contains(&format!("<code class=\"command\">plimsoll explain {rule}</code>")), "{rule}");
    }
    // Whoever has nothing is there too.
    let (rows, clean) =
        (page.matches("<th scope=\"row\">").count(), page.matches("<tr class=\"clean\">").count());
    assert!(rows > 65 && clean > 5, "{rows} rows, {clean} clean");
    // The worst comes first.
    let badge = |class: &str| page.find(&format!("<span class=\"badge\">{class}</span>"));
    assert!(badge("error").unwrap() < badge("warning").unwrap_or(usize::MAX));
}

#[test]
fn a_clean_fleet_is_said_to_be_clean() {
    let page = page("blueprint");
    assert!(page.contains("<title>plimsoll check: no findings</title>"));
    assert!(page.contains("services, all clean"), "{}", &page[page.find("<main>").unwrap()..][..400]);
    assert!(!page.contains("<article") && !page.contains("<form") && !page.contains("<table"));
}

#[test]
fn one_file_of_a_fleet_says_nothing_of_the_others() {
    let folder = folder("html-one");
    write(
        &folder.join("plimsoll.toml"),
        "[user]\nuid = 10001\n[services.rows]\nweb = { ports = \"1/2\" }\napi = { ports = \"3/4\" }\n",
    );
    write(&folder.join("web/Dockerfile"), "FROM debian:12\nUSER 10001:10001\n");
    let run = plimsoll(&folder, &["check", "web/Dockerfile", "--format", "html", "--select", "runtime-user"]);
    assert!(run.stdout.contains("1 planned service has no file among what was checked."), "{}", run.stdout);
    assert!(run.stdout.contains("1 service, all clean"), "{}", run.stdout);
}

#[test]
fn input_is_neither_markup_nor_script() {
    let folder = folder("html-hostile");
    let name = "a\"><script>alert(1)<";
    write(
        &folder.join(name).join("Dockerfile"),
        "FROM debian\nLABEL a=\"</script><img src=x onerror=alert(1)>\"\nUSER '</style>\u{202e}\nRUN sudo javascript:alert(1)\n",
    );
    write(&folder.join("b&quot;/Dockerfile"), "FROM debian\nUSER \"' onclick='alert(1)\n");
    let run = plimsoll(&folder, &["check", ".", "--pack", "strict", "--format", "html"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let page = run.stdout;
    assert!(page.contains("a&quot;&gt;&lt;script&gt;alert(1)&lt;/Dockerfile"), "{page}");
    assert!(page.contains("b&amp;quot;/Dockerfile"), "a name that looks escaped is not");
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert_eq!(page.matches("</script").count(), 1, "{page}");
    assert_eq!(page.matches("</style").count(), 1, "{page}");
    for word in ["<img", "\u{202e}", " onerror=\"", "href=\"javascript", "href=\"/", "onclick='"] {
        assert!(!page.contains(word), "{word}");
    }
    for target in values(&page, "<a ", "href") {
        assert!(target.starts_with('#') && page.contains(&format!("id=\"{}\"", &target[1..])), "{target}");
    }
}
