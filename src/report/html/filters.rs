//! The bar of filters, and the page's only script with the policy that lets nothing else run.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::super::Report;
use super::matrix::{CLASSES, Matrix, sign};
use crate::base64;

/// Filters, search and keys; hides what does not match, and keeps the choice in the address.
const SCRIPT: &str = include_str!("script.js");

/// The policy of a page with these style elements: nothing from outside, this script, these styles.
pub(super) fn policy(styles: &[&str]) -> String {
    let styles = styles.iter().filter(|text| !text.is_empty());
    let styles: Vec<String> = styles.map(|text| format!("'sha256-{}'", digest(text))).collect();
    format!(
        "default-src 'none'; style-src {}; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        styles.join(" "),
        digest(&format!("\n{SCRIPT}"))
    )
}

/// Writes the script element, whose text is what [`policy`] allows.
pub(super) fn script(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<script>\n{SCRIPT}</script>")
}

/// Writes the bar, which is hidden until the script shows it.
pub(super) fn write(report: &Report<'_>, matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let count = report.findings.len() + report.open.len();
    if count == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<form id=\"filters\" role=\"search\" aria-label=\"Findings\" hidden>\n\
         <label class=\"search\"><span>Search</span><input id=\"q\" type=\"search\" placeholder=\"rule, service, file or text\" \
         autocomplete=\"off\" spellcheck=\"false\" aria-keyshortcuts=\"/\"></label>\n\
         <label><span>Service</span><select id=\"service\"><option value=\"\">all</option></select></label>\n\
         <label><span>Rule</span><select id=\"rule\"><option value=\"\">all</option></select></label>\n\
         <div class=\"kinds\" role=\"group\" aria-label=\"Severity\">"
    )?;
    for (at, class) in CLASSES.iter().enumerate() {
        let all: usize = matrix.columns.iter().map(|column| column.tally.0[at]).sum();
        if all > 0 {
            // A button hides what is listed; how much more there is has to be said with it.
            let listed = matrix.listed_tally.0[at];
            let count = if listed == all { all.to_string() } else { format!("{listed} of {all}") };
            writeln!(
                out,
                "<button type=\"button\" class=\"{class}\" data-kind=\"{class}\" aria-pressed=\"true\">\
                 <span aria-hidden=\"true\">{}</span> {class} <b>{count}</b></button>",
                sign(class)
            )?;
        }
    }
    writeln!(
        out,
        "</div>\n<p class=\"state\"><span id=\"count\" role=\"status\"></span> \
         <button type=\"button\" id=\"clear\" aria-keyshortcuts=\"Escape\">Clear <kbd>Esc</kbd></button></p>\n</form>\n\
         <p id=\"nothing\" class=\"nothing\" hidden>Nothing matches these filters.</p>"
    )
}

/// SHA-256 as policies write it: in base64.
fn digest(text: &str) -> String {
    base64::encode(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_in_base64() {
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn the_script_is_one_that_browsers_read_as_it_stands() {
        assert!(!SCRIPT.contains('\r'), "browsers hash line feeds");
        assert!(SCRIPT.is_ascii() && SCRIPT.ends_with("}());\n"));
        for word in
            ["</", "<!--", "innerHTML", "eval", "Function(", "http:", "https:", "fetch", "=>", "`", "const "]
        {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
