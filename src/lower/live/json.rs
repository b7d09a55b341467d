//! JSON with what readers swallow: keys that stand twice, and a byte order mark.

use crate::model::JsonReading;

/// Reads a body as JSON.
pub(super) fn read(body: &[u8]) -> JsonReading {
    let value = serde_json::from_slice(body).map_err(|error| error.to_string().into());
    JsonReading { value, duplicates: Vec::new(), has_bom: body.starts_with(b"\xEF\xBB\xBF") }
}
