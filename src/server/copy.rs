//! Copies a part of a pane's text for a viewer: read on another thread, as a million lines take their time.

use super::Server;
use super::hosted::Hosted;
use super::world::World;
use crate::pane::{Extract, Extracted, Window};
use crate::protocol::count::grouped;
use crate::protocol::{Event, Extent, PaneId, ViewerId};
use crate::scrollback::lines::Lines;
use anyhow::{Context, Result};
use std::ops::Range;

/// Copies `extent` of `pane` into the clipboard of the viewer, and keeps it to be pasted.
pub(super) async fn run(
    server: &Server,
    viewer: ViewerId,
    pane: PaneId,
    extent: Extent,
) -> Result<()> {
    let mut extract = Extract::new(extent);
    // What is in memory is taken in the same moment as what is on disk, so no line is there twice or missing.
    let parts = server.with(|world| {
        let searcher = world.panes.get(&pane)?.history.searcher();
        let window = world.viewers.get(&viewer)?.windows.get(&pane);
        let searcher = match window.is_some_and(|(_, window)| window.reaches_back()) {
            true => searcher.reaching_back(),
            false => searcher,
        };
        let recent = world.recent(viewer, pane, extract.range())?;
        Some((searcher, recent))
    });
    let Some((searcher, recent)) = parts else {
        return Ok(());
    };
    let copied = tokio::task::spawn_blocking(move || {
        searcher.read(extract.range(), &mut |number, body| {
            extract.line(number, body)
        })?;
        let _ = recent
            .iter()
            .try_for_each(|(number, body)| extract.line(number, body));
        anyhow::Ok(extract.finish())
    });
    let copied = copied.await.context("copying")?.context("copying")?;
    server.with(|world| world.hand_over(viewer, copied));
    Ok(())
}

impl World {
    /// The lines of `range` that are in memory, as the viewer sees them: in its place in scrollback, if it has one.
    fn recent(&self, viewer: ViewerId, pane: PaneId, range: Range<u64>) -> Option<Lines> {
        let Hosted {
            pane: own, history, ..
        } = self.panes.get(&pane)?;
        let window = self.viewers.get(&viewer)?.windows.get(&pane);
        Some(match window {
            Some((_, window)) => window.recent(range, own, history),
            None => Window::new(own, history).recent(range, own, history),
        })
    }

    fn hand_over(&mut self, viewer: ViewerId, copied: Extracted) {
        let words = in_words(&copied);
        let bytes = copied.text.into_bytes();
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.tell(Event::Message(words));
            if !bytes.is_empty() {
                viewer.tell(Event::Clipboard {
                    selection: "c".to_owned(),
                    bytes: bytes.clone(),
                });
            }
        }
        if !bytes.is_empty() {
            self.copied(bytes);
        }
    }
}

/// Says what was copied, in one line.
fn in_words(copied: &Extracted) -> String {
    let is_whole_lines = copied.rows > 1 || copied.text.ends_with('\n');
    let (count, noun) = match is_whole_lines {
        true => (copied.rows, "line"),
        false => (copied.text.chars().count() as u64, "character"),
    };
    let plural = if count == 1 { "" } else { "s" };
    let words = match copied.text.is_empty() {
        true => "nothing but blanks there: nothing copied".to_owned(),
        false => format!("copied {} {noun}{plural}", grouped(count)),
    };
    match copied.is_cut {
        true => format!("{words}: the rest is more than one copy may have (16 MiB)"),
        false => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_copied() {
        let words = |text: &str, rows| {
            in_words(&Extracted {
                text: text.into(),
                rows,
                is_cut: false,
            })
        };
        assert_eq!(words("x", 1), "copied 1 character");
        assert_eq!(words("世界", 1), "copied 2 characters");
        assert_eq!(words("x\n", 1), "copied 1 line");
        assert_eq!(words("x\ny", 1_234_567), "copied 1,234,567 lines");
        assert_eq!(words("", 1), "nothing but blanks there: nothing copied");
    }

    #[test]
    fn says_that_the_end_is_missing() {
        let cut = Extracted {
            text: "x\ny".into(),
            rows: 2,
            is_cut: true,
        };
        assert!(in_words(&cut).starts_with("copied 2 lines: "));
    }
}
