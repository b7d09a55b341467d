//! A program that is started in a container: what `docker exec` does. It is only asked for when the user allows it.

use std::io::Read;

use serde_json::{Value, json};

use super::containers::of_container;
use super::{Engine, EngineError, MAX_ANSWER};

/// What is kept of a program's output, in bytes.
const MAX_OUTPUT: u64 = 64 << 10;
/// Length of the head of a frame (Docker's API, attach: stream type, three zeros, length in big-endian order).
const HEAD: usize = 8;

/// What a program printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Standard output, up to 64 KiB; bytes that are no UTF-8 as U+FFFD.
    pub output: String,
    /// The exit code; `None`: the engine does not tell.
    pub code: Option<i64>,
}

impl Engine {
    /// Starts a program in a running container, as its user, and waits for its end.
    ///
    /// # Errors
    /// When the engine cannot be asked, or the program cannot be started.
    pub fn exec(&self, id: &str, words: &[&str]) -> Result<Printed, EngineError> {
        let wanted = json!({"AttachStdout": true, "AttachStderr": false, "Tty": false, "Cmd": words});
        let created = self.post(&of_container(id, "exec")?, &wanted, 201)?;
        let created: Value = serde_json::from_slice(&created).map_err(|_| self.odd())?;
        let exec = created["Id"].as_str().filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let exec = exec.ok_or_else(|| self.odd())?;
        let stream =
            self.post(&format!("/exec/{exec}/start"), &json!({"Detach": false, "Tty": false}), 200)?;
        let ended = self.json(&format!("/exec/{exec}/json"), MAX_ANSWER)?.unwrap_or_default();
        Ok(Printed { output: standard_output(&stream), code: ended["ExitCode"].as_i64() })
    }

    /// The body of the answer to a POST, cut at what is kept.
    fn post(&self, path: &str, body: &Value, good: u16) -> Result<Vec<u8>, EngineError> {
        let call = self.agent.post(format!("http://engine{path}")).content_type("application/json");
        let call = self.timed(call, false).send(body.to_string());
        let answer = call.map_err(|error| self.unreachable(&self.reason(error)))?;
        let status = answer.status().as_u16();
        if status != good {
            return Err(self.refused(status, answer));
        }
        let mut bytes = Vec::new();
        let read = answer.into_body().into_reader().take(MAX_OUTPUT).read_to_end(&mut bytes);
        read.map_err(|error| self.unreachable(&self.reason(error.into())))?;
        Ok(bytes)
    }
}

/// The frames of standard output, put together.
fn standard_output(stream: &[u8]) -> String {
    let (mut rest, mut out) = (stream, Vec::new());
    while let Some((head, behind)) = rest.split_at_checked(HEAD) {
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (frame, next) = behind.split_at(length.min(behind.len()));
        if head[0] == 1 {
            out.extend_from_slice(frame);
        }
        rest = next;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::standard_output;

    #[test]
    fn frames_are_put_together() {
        let frame = |stream: u8, text: &str| {
            let mut bytes = vec![stream, 0, 0, 0];
            bytes.extend((text.len() as u32).to_be_bytes());
            bytes.extend(text.as_bytes());
            bytes
        };
        let whole = [frame(1, "a"), frame(2, "error"), frame(1, "bc"), frame(1, "")].concat();
        assert_eq!(standard_output(&whole), "abc");
        for (bytes, expected) in [
            (&whole[..9], "a"),
            (&whole[..12], "a"),
            (&whole[..whole.len() - 9], "ab"),
            (b"plain", ""),
            (b"", ""),
            (b"\x01\0\0\0\xFF\xFF\xFF\xFFxyz", "xyz"),
        ] {
            assert_eq!(standard_output(bytes), expected, "{bytes:?}");
        }
    }
}
