//! The whole state of an emulator as bytes, for a server that restarts: both screens, history, modes, and what the
//! parser was in the midst of. Effects and spill not yet taken are not part of it: take them first.

use super::caret::{Caret, Switches};
use super::charset::{Charset, Charsets};
use super::codec::{decode_cells, encode_cells, put_style, read_style};
use super::emulator::Emulator;
use super::history::HISTORY_ROWS;
use super::keyboard::Keyboard;
use super::limits::{MAX_LABEL, MAX_TITLES};
use super::row::{Row, RowId};
use super::scan::Scanner;
use super::screen::Which;
use super::settings::{LEVEL, MAX_SAVED_MODES, Protection};
use super::string::{Colors, Notices};
use super::terminal::Terminal;
use super::width::Join;
use super::{Modes, Size, Tables, Version};
use crate::varint::{self, Malformed, Reader};
use std::collections::{HashSet, VecDeque};

/// What a snapshot begins with; the format follows as one byte.
const MAGIC: &[u8] = b"wtscreen";
/// The format written. Those before, each of which ends earlier, are still read: a server that is replaced by a newer
/// one loses nothing.
const FORMAT: u8 = 3;

impl Emulator {
    /// Appends everything that [`Emulator::restore`] needs to go on as if nothing had happened.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        let terminal = &self.terminal;
        let screen = &terminal.screen;
        out.extend_from_slice(MAGIC);
        out.push(FORMAT);
        for number in [
            screen.size.cols,
            screen.size.rows,
            screen.top,
            screen.bottom,
        ] {
            varint::put(out, u64::from(number));
        }
        for number in [
            screen.now.0,
            screen.next_id,
            u64::from(terminal.modes.0),
            u64::from(terminal.switches.0),
            u64::from(terminal.shape),
            u64::from(screen.shown == Which::Alternate),
        ] {
            varint::put(out, number);
        }
        for caret in [terminal.caret, terminal.saved[0], terminal.saved[1]] {
            put_caret(&caret, &terminal.tables, out);
        }
        for rows in [&screen.rows, &screen.hidden, &screen.history.rows] {
            varint::put(out, rows.len() as u64);
            rows.iter()
                .for_each(|row| put_row(row, &terminal.tables, out));
        }
        put_rest(terminal, out);
        varint::put_bytes(out, &self.scanner.unfinished());
        out.push(u8::from(self.scanner.overflown));
        put_choices(terminal, out);
        put_below(terminal, out);
        put_times(terminal, out);
    }

    /// Reads what [`Emulator::snapshot`] wrote.
    pub fn restore(bytes: &[u8]) -> Result<Emulator, Malformed> {
        let rest = bytes.strip_prefix(MAGIC);
        let mut reader = Reader::new(rest.ok_or(Malformed("snapshot format"))?);
        let format = reader.u8()?;
        if !(1..=FORMAT).contains(&format) {
            return Err(Malformed("snapshot format"));
        }
        let (cols, rows) = (reader.u16()?, reader.u16()?);
        let size = Size::new(cols, rows);
        if (size.cols, size.rows) != (cols, rows) {
            return Err(Malformed("size"));
        }
        let mut terminal = Terminal::new(size);
        read_screen(&mut reader, &mut terminal)?;
        read_rest(&mut reader, &mut terminal, format)?;
        let scanner = read_scanner(&mut reader)?;
        match format {
            1 => terminal.switches.set(Switches::CLUSTERS, true),
            _ => {
                read_choices(&mut reader, &mut terminal)?;
                read_below(&mut reader, &mut terminal)?;
            }
        }
        if format >= 3 {
            read_times(&mut reader, &mut terminal)?;
        }
        check_ids(&terminal)?;
        if !reader.is_empty() {
            return Err(Malformed("snapshot length"));
        }
        Ok(Emulator::of(terminal, scanner))
    }
}

fn read_screen(reader: &mut Reader, terminal: &mut Terminal) -> Result<(), Malformed> {
    let size = terminal.size();
    let (top, bottom) = (reader.u16()?, reader.u16()?);
    if top >= bottom || bottom > size.rows {
        return Err(Malformed("margins"));
    }
    (terminal.screen.top, terminal.screen.bottom) = (top, bottom);
    // Half of all numbers are enough for any program, and leave room to count on.
    terminal.screen.now = Version(reader.at_most(u64::MAX / 2)?);
    terminal.screen.next_id = reader.at_most(u64::MAX / 2)?;
    terminal.modes = Modes(reader.at_most(u64::from(u32::MAX))? as u32);
    terminal.switches = Switches(reader.at_most(u64::from(u32::MAX))? as u32);
    terminal.shape = reader.at_most(6)? as u8;
    if reader.at_most(1)? == 1 {
        terminal.screen.shown = Which::Alternate;
    }
    terminal.caret = read_caret(reader, terminal)?;
    terminal.saved = [read_caret(reader, terminal)?, read_caret(reader, terminal)?];
    if terminal.caret.row >= size.rows || terminal.caret.col >= size.cols {
        return Err(Malformed("cursor"));
    }
    let now = terminal.screen.now;
    let height = usize::from(size.rows);
    let mut rows = |max: usize, exact: bool, cols: u16| -> Result<VecDeque<Row>, Malformed> {
        let count = reader.at_most(max as u64)? as usize;
        if exact && count != max {
            return Err(Malformed("row count"));
        }
        (0..count)
            .map(|_| read_row(reader, &mut terminal.tables, cols, now))
            .collect()
    };
    terminal.screen.rows = rows(height, true, size.cols)?;
    terminal.screen.hidden = rows(height, true, size.cols)?;
    // What is above the screen may be wider than it: a resize leaves it as it is.
    terminal.screen.history.rows = rows(HISTORY_ROWS, false, Size::MAX)?;
    terminal.screen.order_changed_at = now;
    terminal.header_changed_at = now;
    Ok(())
}

/// What a low screen has no room for below its cursor.
fn put_below(terminal: &Terminal, out: &mut Vec<u8>) {
    let rows = terminal.screen.below();
    varint::put(out, rows.len() as u64);
    rows.iter()
        .for_each(|row| put_row(row, &terminal.tables, out));
}

fn read_below(reader: &mut Reader, terminal: &mut Terminal) -> Result<(), Malformed> {
    let now = terminal.screen.now;
    let count = reader.at_most(u64::from(Size::MAX))?;
    let rows: Result<_, _> = (0..count)
        .map(|_| read_row(reader, &mut terminal.tables, Size::MAX, now))
        .collect();
    terminal.screen.put_below(rows?);
    Ok(())
}

/// When the rows were last written: how many in a row at the same time, and how much later that is than the one before.
fn put_times(terminal: &Terminal, out: &mut Vec<u8>) {
    let screen = &terminal.screen;
    let rows = screen.history.rows.iter().chain(&screen.rows);
    let times: Vec<u64> = rows
        .chain(screen.below())
        .chain(&screen.hidden)
        .map(Row::written_ms)
        .collect();
    let runs: Vec<&[u64]> = times.chunk_by(|a, b| a == b).collect();
    varint::put(out, runs.len() as u64);
    let mut before = 0;
    for run in runs {
        varint::put(out, run.len() as u64);
        varint::put(out, varint::zigzag(run[0].wrapping_sub(before) as i64));
        before = run[0];
    }
}

fn read_times(reader: &mut Reader, terminal: &mut Terminal) -> Result<(), Malformed> {
    let screen = &mut terminal.screen;
    let rows = screen.history.rows.iter_mut().chain(&mut screen.rows);
    let rows = rows.chain(&mut screen.below.rows);
    let mut rows = rows.chain(&mut screen.hidden);
    let mut at = 0u64;
    for _ in 0..reader.u64()? {
        let count = reader.u64()?;
        at = at.wrapping_add_signed(varint::unzigzag(reader.u64()?));
        for _ in 0..count {
            rows.next().ok_or(Malformed("row times"))?.written_ms = at;
        }
    }
    Ok(())
}

/// Sees to it that each row has an id of its own, and that none is handed out again.
fn check_ids(terminal: &Terminal) -> Result<(), Malformed> {
    let screen = &terminal.screen;
    let rows = screen.rows.iter().chain(&screen.hidden);
    let rows = rows.chain(&screen.history.rows).chain(screen.below());
    let mut ids = HashSet::new();
    let is_taken = |row: &Row| row.id.0 > screen.next_id || !ids.insert(row.id);
    match rows.into_iter().any(is_taken) {
        true => Err(Malformed("row id")),
        false => Ok(()),
    }
}

fn put_row(row: &Row, tables: &Tables, out: &mut Vec<u8>) {
    varint::put(out, row.id.0);
    out.push(u8::from(row.wrapped));
    encode_cells(row.cells(), tables, out);
}

fn read_row(
    reader: &mut Reader,
    tables: &mut Tables,
    max_cells: u16,
    now: Version,
) -> Result<Row, Malformed> {
    let mut row = Row::new(RowId(reader.u64()?), now);
    row.wrapped = reader.u8()? != 0;
    *row.cells_mut() = decode_cells(reader, tables, usize::from(max_cells))?;
    Ok(row)
}

fn put_caret(caret: &Caret, tables: &Tables, out: &mut Vec<u8>) {
    varint::put(out, u64::from(caret.row));
    varint::put(out, u64::from(caret.col));
    out.push(u8::from(caret.pending) | u8::from(caret.origin) << 1);
    put_style(caret.style, tables, out);
    let charsets = &caret.charsets;
    out.extend(charsets.slots.map(|set| set as u8));
    out.push(charsets.active);
    out.push(charsets.once.map_or(0, |slot| slot + 1));
}

fn read_caret(reader: &mut Reader, terminal: &mut Terminal) -> Result<Caret, Malformed> {
    let (row, col) = (reader.u16()?, reader.u16()?);
    if row >= Size::MAX || col >= Size::MAX {
        return Err(Malformed("cursor"));
    }
    let flags = reader.u8()?;
    let id = read_style(reader, &mut terminal.tables)?;
    let mut charsets = Charsets::default();
    for slot in &mut charsets.slots {
        *slot = match reader.u8()? {
            0 => Charset::Ascii,
            1 => Charset::Uk,
            2 => Charset::Drawing,
            _ => return Err(Malformed("charset")),
        };
    }
    charsets.active = reader.at_most(3)? as u8;
    charsets.once = (reader.at_most(4)? as u8).checked_sub(1);
    Ok(Caret {
        row,
        col,
        pending: flags & 1 != 0,
        origin: flags & 2 != 0,
        style: terminal.tables.style(id),
        charsets,
    })
}

/// Tabs, title, directory, the last character, the floor, what programs asked the keyboard for.
fn put_rest(terminal: &Terminal, out: &mut Vec<u8>) {
    let stops: Vec<u16> = terminal.tabs.columns().collect();
    varint::put(out, stops.len() as u64);
    for stop in stops {
        varint::put(out, u64::from(stop));
    }
    let labels = &terminal.labels;
    varint::put_bytes(out, labels.title.as_bytes());
    varint::put_bytes(out, labels.cwd.as_deref().unwrap_or_default().as_bytes());
    varint::put(out, labels.stack.len() as u64);
    for (title, _) in &labels.stack {
        varint::put_bytes(out, title.as_bytes());
    }
    let last = terminal.last;
    varint::put(out, last.char.map_or(0, |c| u64::from(u32::from(c)) + 1));
    out.push(last.join.byte());
}

/// A title or directory, which keeps its bounds also in a snapshot that was damaged.
fn read_label(reader: &mut Reader) -> Result<String, Malformed> {
    let text = reader.str()?;
    match text.len() > MAX_LABEL || text.contains(char::is_control) {
        true => Err(Malformed("label")),
        false => Ok(text.to_owned()),
    }
}

fn read_rest(reader: &mut Reader, terminal: &mut Terminal, format: u8) -> Result<(), Malformed> {
    terminal.tabs.clear();
    for _ in 0..reader.at_most(u64::from(Size::MAX))? {
        terminal.tabs.set(reader.u16()?, true);
    }
    terminal.labels.title = read_label(reader)?;
    let cwd = read_label(reader)?;
    terminal.labels.cwd = (!cwd.is_empty()).then_some(cwd);
    for _ in 0..reader.at_most(MAX_TITLES as u64)? {
        let title = read_label(reader)?;
        terminal.labels.stack.push((title, String::new()));
    }
    terminal.last.char = match reader.at_most(0x11_0000)? {
        0 => None,
        c => Some(char::from_u32(c as u32 - 1).ok_or(Malformed("character"))?),
    };
    let join = Join::from_byte(reader.u8()?);
    terminal.last.join = match format {
        // It was told in other words: what comes next joins nothing.
        1 => Join::default(),
        _ => join.ok_or(Malformed("join"))?,
    };
    Ok(())
}

/// What a program chose beyond the modes: side margins, settings, names of icons, what is asked of the keyboard.
fn put_choices(terminal: &Terminal, out: &mut Vec<u8>) {
    let (screen, settings) = (&terminal.screen, &terminal.settings);
    varint::put(out, u64::from(screen.left));
    varint::put(out, u64::from(screen.right));
    out.extend([
        settings.protection as u8,
        settings.level,
        settings.extent,
        settings.checksum,
        u8::from(terminal.effects.are_in_8_bits()),
    ]);
    varint::put(out, settings.saved_modes.len() as u64);
    for (mode, on) in &settings.saved_modes {
        varint::put(out, u64::from(*mode));
        out.push(u8::from(*on));
    }
    varint::put_bytes(out, terminal.labels.icon.as_bytes());
    for (_, icon) in &terminal.labels.stack {
        varint::put_bytes(out, icon.as_bytes());
    }
    terminal.keyboard.put(out);
    terminal.notices.put(out);
    terminal.colors.put(out);
}

fn read_choices(reader: &mut Reader, terminal: &mut Terminal) -> Result<(), Malformed> {
    let (left, right) = (reader.u16()?, reader.u16()?);
    // A wide character has to have room between them.
    let is_narrow = right < left.saturating_add(2) && (left, right) != (0, terminal.size().cols);
    if is_narrow || right > terminal.size().cols {
        return Err(Malformed("margins"));
    }
    (terminal.screen.left, terminal.screen.right) = (left, right);
    let settings = &mut terminal.settings;
    settings.protection = match reader.u8()? {
        0 => Protection::Off,
        1 => Protection::Dec,
        2 => Protection::Iso,
        _ => return Err(Malformed("protection")),
    };
    settings.level = reader.at_most(u64::from(LEVEL))? as u8;
    settings.extent = reader.at_most(2)? as u8;
    settings.checksum = reader.u8()?;
    terminal.effects.answer_in_8_bits(reader.u8()? != 0);
    for _ in 0..reader.at_most(MAX_SAVED_MODES as u64)? {
        let mode = reader.u16()?;
        settings.saved_modes.insert(mode, reader.u8()? != 0);
    }
    terminal.labels.icon = read_label(reader)?;
    for (_, icon) in &mut terminal.labels.stack {
        *icon = read_label(reader)?;
    }
    terminal.keyboard = Keyboard::read(reader)?;
    terminal.notices = Notices::read(reader)?;
    terminal.colors = Colors::read(reader)?;
    Ok(())
}

/// Finds the scanner's state by reading the unfinished bytes again.
fn read_scanner(reader: &mut Reader) -> Result<Scanner, Malformed> {
    let tail = reader.bytes()?;
    let overflown = reader.u8()? != 0;
    let mut scanner = Scanner::default();
    match tail.split_first() {
        Some((0x1b, rest)) => {
            scanner.begin();
            let mut rest = rest;
            while !rest.is_empty() {
                let (taken, ended) = scanner.scan(rest);
                rest = &rest[taken..];
                if ended.is_some() {
                    return Err(Malformed("parser state"));
                }
            }
            scanner.overflown = overflown;
        }
        Some(_) if tail.len() < 4 && tail.iter().all(|byte| *byte >= 0x80) => {
            scanner.pending.extend_from_slice(tail);
        }
        Some(_) => return Err(Malformed("parser state")),
        None => {}
    }
    Ok(scanner)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, fed, lines};
    use super::*;

    /// What a server of the format before left behind: the same up to the choices, of which it knew none.
    #[test]
    fn the_format_before_is_read() {
        let mut original = fed(
            9,
            3,
            "ab\r\n\x1b[31mc界\x1b]2;t\x07\x1b[22t\x1b[?1h\x1b[2;3r",
        );
        let (mut bytes, mut choices) = (Vec::new(), Vec::new());
        original.snapshot(&mut bytes);
        put_choices(&original.terminal, &mut choices);
        put_below(&original.terminal, &mut choices);
        put_times(&original.terminal, &mut choices);
        bytes.truncate(bytes.len() - choices.len());
        bytes[MAGIC.len()] = 1;
        let mut copy = Emulator::restore(&bytes).expect("the format before");
        assert_eq!(dump(&original), dump(&copy));
        for emulator in [&mut original, &mut copy] {
            emulator.feed("\r\n\x1b]2;u\x07\x1b[23tx❤\u{fe0f}y".as_bytes());
        }
        assert_eq!(dump(&original), dump(&copy));
        bytes[MAGIC.len()] = FORMAT + 1;
        assert!(Emulator::restore(&bytes).is_err());
    }
    fn copy(original: &Emulator) -> Result<Emulator, Malformed> {
        let mut bytes = Vec::new();
        original.snapshot(&mut bytes);
        Emulator::restore(&bytes)
    }

    #[test]
    fn what_a_low_screen_has_no_room_for_is_kept() {
        let mut original = fed(5, 4, "a\r\nb\r\nc\r\nd\x1b[1;1H");
        original.resize(Size::new(5, 2));
        let mut copy = copy(&original).expect("what was written");
        for emulator in [&mut original, &mut copy] {
            emulator.feed(b"\x1b[?1049hx\x1b[?1049l");
            emulator.resize(Size::new(5, 4));
            assert_eq!(lines(emulator), ["a", "b", "c", "d"]);
        }
    }

    #[test]
    fn what_is_wide_in_one_column_is_wide_again() {
        let mut original = fed(4, 2, "1\u{fe0f}\u{20e3}界");
        original.resize(Size::new(1, 2));
        let mut copy = copy(&original).expect("what was written");
        original.resize(Size::new(4, 2));
        copy.resize(Size::new(4, 2));
        assert_eq!(dump(&original), dump(&copy));
    }

    #[test]
    fn two_rows_of_one_id_and_margins_too_narrow_are_refused() {
        let mut twice = fed(5, 3, "a\r\nb");
        twice.terminal.screen.rows[0].id = twice.terminal.screen.rows[1].id;
        assert!(copy(&twice).is_err());
        let mut narrow = fed(5, 3, "a\r\nb");
        assert!(copy(&narrow).is_ok());
        narrow.terminal.screen.right = 1;
        assert!(copy(&narrow).is_err());
        assert!(copy(&fed(1, 1, "a")).is_ok());
    }
}
