//! The images of an engine.

use std::io::{self, Read};
use std::time::Instant;

use serde_json::Value;

use super::{Engine, EngineError, MAX_ANSWER, Times, reason};

impl Engine {
    /// What `docker image inspect` prints of an image.
    ///
    /// # Errors
    /// When the engine cannot be asked, or has no such image.
    pub fn image(&self, reference: &str) -> Result<Value, EngineError> {
        self.find_image(reference)?.ok_or_else(|| self.no_image(reference))
    }

    /// The same; `None`: the engine has no such image.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn find_image(&self, reference: &str) -> Result<Option<Value>, EngineError> {
        match self.json(&of_image(reference, "json")?, MAX_ANSWER)? {
            Some(answer) if !answer.is_object() => Err(self.odd()),
            answer => Ok(answer),
        }
    }

    /// The steps of an image's history, oldest first.
    ///
    /// # Errors
    /// When the engine cannot be asked, or has no such image.
    pub fn history(&self, reference: &str) -> Result<Vec<Value>, EngineError> {
        match self.json(&of_image(reference, "history")?, MAX_ANSWER)? {
            Some(Value::Array(mut steps)) => {
                steps.reverse();
                Ok(steps)
            }
            Some(_) => Err(self.odd()),
            None => Err(self.no_image(reference)),
        }
    }

    /// What `docker save` writes of an image, as it comes. Engines pack it up before they send the first byte, so that this
    /// may take all the time there is; later on no wait for a byte is longer than one answer may take.
    ///
    /// # Errors
    /// When the engine cannot be asked, or has no such image. Reading fails when the engine stops, or time is over.
    pub fn archive(&self, reference: &str) -> Result<impl Read + use<>, EngineError> {
        let answer = self.ask(&of_image(reference, "get")?, true)?;
        match answer.status().as_u16() {
            200 => {
                let body = answer.into_body().into_reader();
                Ok(Archive { body, times: self.times, until: self.until })
            }
            404 => Err(self.no_image(reference)),
            status => Err(self.refused(status, answer)),
        }
    }

    fn no_image(&self, reference: &str) -> EngineError {
        let socket = self.socket.display();
        EngineError::new(format!("the engine at {socket} has no image `{reference}`"))
    }
}

/// An archive that an engine sends.
struct Archive<R> {
    body: R,
    times: Times,
    until: Instant,
}

impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| {
            let kind = error.kind();
            let why = reason(error.into(), self.times, self.until);
            io::Error::new(kind, format!("the engine stopped to send it: {why}"))
        })
    }
}

/// A path about an image.
fn of_image(reference: &str, what: &str) -> Result<String, EngineError> {
    match is_reference(reference) {
        true => Ok(format!("/images/{reference}/{what}")),
        false => Err(EngineError::new(format!("`{reference}` is no name of an image in an engine"))),
    }
}

/// Whether a name may stand in a path as it is: never upwards, never anything but an image.
fn is_reference(text: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    text.bytes().all(usual) && text.split('/').all(|part| !part.is_empty() && !matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn names_stay_names() {
        for good in ["web", "org/web:1.0", "localhost:5000/a/b@sha256:00", "sha256:abc"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in
            ["", "/", "../containers/x", "a/../b", "a//b", "a?b", "a b", "a#b", "a%2e", "[::1]/x", "a\r\n"]
        {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
