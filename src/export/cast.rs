//! A history as a recording, after the asciicast v2 format of asciinema: a header, then one event a line, each a JSON
//! array of seconds since the beginning, `"o"` and what is printed. Pauses are as long as they were.

use super::{After, Setting, hex};
use crate::term::palette::xterm;
use crate::term::{Cell, Tables, ansi};
use serde_json::json;

/// Bytes of text from which on lines of one moment go into another event.
const EVENT_BYTES: usize = 16 << 10;

/// A recording that is being written.
pub(super) struct Cast {
    setting: Setting,
    /// When it begins, in Unix ms; `None` before the first line.
    start_ms: Option<u64>,
    /// When the event begins that is being gathered.
    at_ms: u64,
    /// What that event prints.
    gathered: Vec<u8>,
}

impl Cast {
    pub fn new(setting: Setting) -> Cast {
        Cast {
            setting,
            start_ms: None,
            at_ms: 0,
            gathered: Vec::new(),
        }
    }

    /// Takes a line, or a piece of one that goes on. Time never goes backwards, whatever the clock did; a line whose
    /// time nobody knows is of the time before it.
    pub fn line(
        &mut self,
        at_ms: u64,
        cells: &[Cell],
        after: After,
        tables: &Tables,
        out: &mut Vec<u8>,
    ) {
        if self.start_ms.is_none() {
            self.start_ms = Some(at_ms);
            self.at_ms = at_ms;
            self.header(at_ms, out);
        }
        // What had no time before the first that is known belongs to its moment.
        if self.start_ms == Some(0) && at_ms > 0 {
            self.flush(out);
            (self.start_ms, self.at_ms) = (Some(at_ms), at_ms);
        }
        if at_ms > self.at_ms || self.gathered.len() > EVENT_BYTES {
            self.flush(out);
            self.at_ms = self.at_ms.max(at_ms);
        }
        ansi::put_cells(cells, tables, &mut self.gathered);
        if after == After::Line {
            self.gathered.extend_from_slice(b"\r\n");
        }
    }

    /// Writes the last event; an empty recording is its header alone.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.start_ms.is_none() {
            self.header(0, out);
        }
        self.flush(out);
    }

    fn header(&self, start_ms: u64, out: &mut Vec<u8>) {
        let palette: Vec<_> = (0..16).map(|index| hex(xterm(index))).collect();
        let (fore, back) = self.setting.colors;
        let mut header = json!({
            "version": 2,
            "width": self.setting.size.cols,
            "height": self.setting.size.rows,
            "title": self.setting.title,
            "env": { "TERM": "xterm-256color" },
            "theme": { "fg": hex(fore), "bg": hex(back), "palette": palette.join(":") },
        });
        if start_ms > 0 {
            header["timestamp"] = json!(start_ms / 1000);
        }
        out.extend_from_slice(header.to_string().as_bytes());
        out.push(b'\n');
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.gathered.is_empty() {
            return;
        }
        let since = self.at_ms - self.start_ms.unwrap_or(self.at_ms);
        let text = String::from_utf8_lossy(&self.gathered);
        let (seconds, ms) = (since / 1000, since % 1000);
        let event = format!("[{seconds}.{ms:03}, \"o\", {}]\n", json!(text));
        out.extend_from_slice(event.as_bytes());
        self.gathered.clear();
    }
}
