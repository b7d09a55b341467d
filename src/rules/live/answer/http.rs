//! Status, end, framing, media type, headers and time of an answer.

use super::text::{either, excerpt, milliseconds, phrase, seconds, target};
use super::{Fault, shown};
use crate::model::{BodyEnd, BodyFormat, EndpointContract, HttpAnswer};
use crate::rules::run::is_secret;
use crate::source::Place;

/// Headers whose values are nobody's business.
const SECRET: [&str; 6] = [
    "set-cookie",
    "cookie",
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "authentication-info",
];

/// Judges an answer. `body` is asked only where the body is what the contract speaks of: the whole body of a planned
/// status.
pub(in crate::rules::live) fn judge(
    contract: &EndpointContract,
    answer: &HttpAnswer,
    out: &mut Vec<Fault>,
    body: impl FnOnce(&mut Vec<Fault>),
) {
    if !contract.allows_status(answer.status) {
        out.push(status(contract, answer));
    } else if let Some(fault) = end(contract, answer).or_else(|| encoding(contract, answer)) {
        out.push(fault);
    } else {
        body(out);
        out.extend(media_type(contract, answer).or_else(|| several_types(contract, answer)));
        headers(contract, answer, out);
    }
    out.extend(framing(answer, &contract.place));
    if let Some(max) = &contract.max_time
        && answer.time.as_millis() > u128::from(max.value)
    {
        let (took, most) = (seconds(answer.time), milliseconds(max.value));
        out.push(Fault::new(format!("takes {took}, planned {most} at most"), &max.place));
    }
}

fn status(contract: &EndpointContract, answer: &HttpAnswer) -> Fault {
    let codes: Vec<String> = contract.status.iter().map(|status| status.value.to_string()).collect();
    let planned = if codes.is_empty() { "200".to_owned() } else { either(&codes) };
    let place = contract.status.first().map_or(&contract.place, |status| &status.place);
    let code = answer.status;
    match answer.header("location").filter(|_| (300..400).contains(&code)) {
        Some(location) => {
            let what = format!("answers {code} and sends to `{}`, planned {planned}", target(location));
            Fault::new(what, place).help("redirects are not followed: answer at the planned path itself")
        }
        None => Fault::new(format!("answers {code}{}, planned {planned}", excerpt(answer)), place),
    }
}

fn end(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Fault> {
    let what = match &answer.end {
        BodyEnd::Whole => return None,
        BodyEnd::TooLong(max) => {
            format!("answers {} with a body of more than {} KiB", answer.status, max.div_ceil(1024))
        }
        BodyEnd::Cut(why) => format!("answers {} with a body that is cut: {}", answer.status, phrase(why)),
    };
    Some(Fault::new(what, &contract.place))
}

/// A coding that no request asked for, so that the body is not read.
fn encoding(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Fault> {
    let coding = answer.header("content-encoding").map(str::trim)?;
    if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return None;
    }
    let what =
        format!("answers {} with a body in `{}`, which nobody asked for", answer.status, shown(coding));
    Some(
        Fault::new(what, &contract.place).help("send the body as it is to clients without `Accept-Encoding`"),
    )
}

/// Headers that let two readers disagree about where the body ends (RFC 9112 §6.3).
fn framing(answer: &HttpAnswer, place: &Place) -> Option<Fault> {
    let of = |name: &'static str| answer.headers.iter().filter(move |(known, _)| known == name);
    let first = of("content-length").next();
    let what = if first.is_some() && of("transfer-encoding").next().is_some() {
        "sends Content-Length together with Transfer-Encoding"
    } else if of("content-length").any(|(_, value)| first.is_some_and(|(_, first)| first != value)) {
        "sends several lengths in Content-Length"
    } else {
        return None;
    };
    Some(Fault::new(what, place).help("a proxy in front may take the end of one answer for the next one"))
}

/// A media type that is not the planned one. What says nothing about its type is read as what is planned, unless a type
/// is planned by its name.
fn media_type(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Fault> {
    let found = answer.media_type();
    let (fits, planned, place) = match &contract.content_type {
        Some(planned) => (found == planned.value, planned.value.as_str(), &planned.place),
        // "A body, and nobody says of what" (RFC 9110 §8.3).
        None if matches!(found.as_str(), "" | "application/octet-stream") => return None,
        None => {
            let (fits, planned) = match contract.format {
                BodyFormat::Json | BodyFormat::AimManifest => (is_json(&found), "application/json"),
                BodyFormat::Html => (is_html(&found), "text/html"),
                BodyFormat::Text => (found == "text/plain", "text/plain"),
                // Metrics have versions in their types: their own rule reads them.
                BodyFormat::Any | BodyFormat::Prometheus | BodyFormat::OpenMetrics => return None,
            };
            (fits, planned, &contract.place)
        }
    };
    let what = match found.is_empty() {
        true => format!("names no media type, planned `{planned}`"),
        false => format!("calls its body `{}`, planned `{planned}`", shown(&found)),
    };
    (!fits).then(|| Fault::new(what, place))
}

/// More than one media type, of which readers take one or the other (RFC 9110 §5.3: it is no list).
fn several_types(contract: &EndpointContract, answer: &HttpAnswer) -> Option<Fault> {
    let named = answer.headers.iter().filter(|(name, _)| name == "content-type");
    let mut types = named.map(|(_, value)| value.trim());
    let first = types.next()?;
    let other = types.find(|other| !other.eq_ignore_ascii_case(first))?;
    let what = format!("names two media types, `{}` and `{}`", shown(first), shown(other));
    Some(Fault::new(what, &contract.place).help("a proxy may have added one: send one Content-Type"))
}

/// `application/json`, `application/health+json`, `text/json`.
fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

/// Whether a media type is that of a page.
fn is_html(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

/// Whether a body is a page, whatever it is called.
pub(in crate::rules::live) fn looks_like_html(answer: &HttpAnswer) -> bool {
    let body = answer.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&answer.body).trim_ascii_start();
    let starts = |start: &str| {
        body.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
    };
    ["<!doctype html", "<html", "<head", "<body", "<!--"].into_iter().any(starts)
}

/// Judges a body that is planned to be a page or plain text.
pub(in crate::rules::live) fn judge_page(
    contract: &EndpointContract,
    answer: &HttpAnswer,
    out: &mut Vec<Fault>,
) {
    let wants_page = contract.format == BodyFormat::Html;
    let untyped = answer.media_type().is_empty();
    let planned = if wants_page { "an HTML page" } else { "plain text" };
    let what = if answer.body.trim_ascii().is_empty() {
        format!("answers {} with an empty body, planned {planned}", answer.status)
    } else if wants_page && untyped && !looks_like_html(answer) {
        format!("answers {} with no page{}, planned {planned}", answer.status, excerpt(answer))
    } else if !wants_page && looks_like_html(answer) {
        format!("answers {} with an HTML page{}, planned {planned}", answer.status, excerpt(answer))
    } else {
        return;
    };
    out.push(Fault::new(what, &contract.place));
}

/// Headers that the contract names.
fn headers(contract: &EndpointContract, answer: &HttpAnswer, out: &mut Vec<Fault>) {
    for (name, planned) in &contract.headers {
        let mut found =
            answer.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
        let first = found.next();
        if first.is_some_and(|value| value == planned.value) || found.any(|value| value == planned.value) {
            continue;
        }
        let is_secret = SECRET.contains(&name.as_str()) || first.is_some_and(|value| is_secret(name, value));
        let what = match first {
            None => format!("sends no `{name}`, planned `{}`", planned.value),
            Some(_) if is_secret => format!("sends another `{name}` than planned"),
            Some(value) => format!("sends `{name}: {}`, planned `{}`", shown(value), planned.value),
        };
        out.push(Fault::new(what, &planned.place));
    }
}
