//! What lies under the mouse and can be opened: a hyperlink that a program set (OSC 8), or text that reads like an
//! address.

use super::page::{Page, Point};
use crate::term::Tables;
use crate::term::cell::Glyph;

/// How an address begins.
const SCHEMES: [&str; 6] = [
    "https://", "http://", "ftp://", "file://", "mailto:", "www.",
];
/// Rows of one line that are looked at on either side.
const MAX_ROWS: u16 = 40;

/// The address at `at`, if there is one.
pub fn at(page: &Page, tables: &Tables, at: Point) -> Option<String> {
    let cell = page.row(at.row)?.cell(at.col);
    let link = tables.style(cell.style).link;
    if link != 0 {
        return Some(tables.link(link).uri.clone());
    }
    let (text, under) = line(page, tables, at);
    let found = addresses(&text).find(|found| found.contains(&under))?;
    let address = &text[found];
    match address.starts_with("www.") {
        true => Some(format!("https://{address}")),
        false => Some(address.to_owned()),
    }
}

/// The text of the line that `at` is part of, and where in it `at` is.
fn line(page: &Page, tables: &Tables, at: Point) -> (String, usize) {
    let wraps = |row: u16| page.row(row).is_some_and(|row| row.wrapped);
    let goes_on_from = |row: &u16| *row > 0 && wraps(*row - 1) && at.row - *row < MAX_ROWS;
    let first = (0..=at.row)
        .rev()
        .find(|row| !goes_on_from(row))
        .unwrap_or(at.row);
    let (mut text, mut under) = (String::new(), 0);
    for y in first..page.rows.min(at.row.saturating_add(MAX_ROWS)) {
        let Some(row) = page.row(y) else { break };
        for x in 0..page.cols {
            if (y, x) == (at.row, at.col) {
                under = text.len();
            }
            match row.cell(x).glyph() {
                Glyph::Char(c) => text.push(c),
                Glyph::Cluster(index) => text.push_str(tables.cluster(index)),
                Glyph::Continuation => {}
            }
        }
        if !row.wrapped {
            break;
        }
    }
    (text, under)
}

/// Where in `text` addresses stand.
fn addresses(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let begins = |scheme: &&str| {
            text[from..]
                .find(*scheme)
                .map(|at| (from + at, scheme.len()))
        };
        let (start, scheme) = SCHEMES.iter().filter_map(begins).min()?;
        let goes_on =
            |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"`{}|\\^│".contains(c);
        let end = text[start..]
            .find(|c| !goes_on(c))
            .map_or(text.len(), |at| start + at);
        let end = start + without_punctuation(&text[start..end]).len();
        from = end.max(start + scheme);
        Some(start..if end > start + scheme { end } else { start })
    })
}

/// An address without the marks that end a sentence, and without a bracket that it does not open.
fn without_punctuation(address: &str) -> &str {
    let mut address = address;
    loop {
        let Some(last) = address.chars().next_back() else {
            return address;
        };
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '…' => None,
            _ => return address,
        };
        if opening.is_some_and(|opening| {
            address.matches(opening).count() >= address.matches(last).count()
        }) {
            return address;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_end_where_a_reader_would_end_them() {
        for (text, wanted) in [
            (
                "see https://example.org/a?b=c#d.",
                &["https://example.org/a?b=c#d"][..],
            ),
            (
                "(http://x.org/a_(b)), \"ftp://y.org/\"",
                &["http://x.org/a_(b)", "ftp://y.org/"],
            ),
            ("<mailto:a@b.c>; www.x.org!", &["mailto:a@b.c", "www.x.org"]),
            ("https:// nothing", &[""]),
            ("no address", &[]),
        ] {
            let found: Vec<&str> = addresses(text).map(|at| &text[at]).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_end(text in "(https://|www\\.|[a-z)(.界 ]){0,40}") {
            let mut last = 0;
            for found in addresses(&text) {
                prop_assert!(found.start >= last && text.get(found.clone()).is_some());
                last = found.end;
            }
        }
    }
}
