//! Lists that come in pages: the tags of a repository (distribution specification, "Listing tags").

use serde_json::Value;

use super::address::{Repository, is_tag};

/// Most tags of a repository that are read.
pub(super) const MAX_TAGS: usize = 10_000;
/// Most pages that are asked for.
pub(super) const MAX_PAGES: usize = 200;
/// Longest page, in bytes.
pub(super) const MAX_PAGE: u64 = 4 << 20;

/// The tags of one page; `None` when it is no list of tags. What may be no tag is left out.
pub(super) fn tags(body: &[u8]) -> Option<Vec<String>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let Value::Object(object) = value else { return None };
    match object.get("tags") {
        None => None,
        // A repository without tags.
        Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(tags)) => {
            let texts = tags.iter().filter_map(Value::as_str).filter(|tag| is_tag(tag));
            Some(texts.map(str::to_owned).collect())
        }
        Some(_) => None,
    }
}

/// The path of the next page, with its query, that a `Link` header names; `None`: there is none, or it lies anywhere but
/// in the same list of the same registry.
pub(super) fn next(link: &str, origin: &str, repository: &Repository) -> Option<String> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| {
        let (key, value) = parameter.split_once('=').unwrap_or_default();
        key.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
    });
    let path = target.strip_prefix(origin).unwrap_or(target);
    let query = path.strip_prefix(&format!("/v2/{}/tags/list?", repository.path()))?;
    let is_plain = query.len() <= 1024 && query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    (is_next && is_plain).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Repository, next, tags};

    #[test]
    fn pages_are_read_as_they_are_meant() {
        assert_eq!(tags(br#"{"name":"a","tags":["1","2"]}"#), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(tags(br#"{"name":"a","tags":null}"#), Some(vec![]));
        assert_eq!(tags(br#"{"tags":["1",2,"../x",""]}"#), Some(vec!["1".to_owned()]));
        for bad in [&b"{}"[..], b"[]", b"", b"{\"tags\":\"x\"}", b"<html>", b"{\"tags\":[\"1\""] {
            assert_eq!(tags(bad), None);
        }
    }

    #[test]
    fn the_next_page_is_of_the_same_list() {
        let repository = Repository::new(Some("r.example"), "a/b").unwrap();
        let it = |link: &str| next(link, "https://r.example", &repository);
        let path = "/v2/a/b/tags/list?last=x&n=2";
        assert_eq!(it(&format!("<{path}>; rel=\"next\"")).as_deref(), Some(path));
        assert_eq!(it(&format!("<https://r.example{path}>;rel=next")).as_deref(), Some(path));
        for bad in [
            "",
            "<",
            "</v2/a/b/tags/list?last=x>; rel=\"prev\"",
            "</v2/a/c/tags/list?last=x>; rel=\"next\"",
            "</v2/a/b/tags/list/../../c?last=x>; rel=\"next\"",
            "<https://evil.example/v2/a/b/tags/list?last=x>; rel=\"next\"",
            "<http://r.example/v2/a/b/tags/list?last=x>; rel=\"next\"",
            "<https://r.example.evil/v2/a/b/tags/list?x>; rel=\"next\"",
            "</v2/a/b/tags/list?last=x y>; rel=\"next\"",
        ] {
            assert_eq!(it(bad), None, "{bad}");
        }
    }
}
