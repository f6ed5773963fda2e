//! A viewer's place in scrollback: moved by its commands, searched on another thread where the lines are on disk.

use super::world::World;
use super::{Server, copy};
use crate::pane::Window;
use crate::protocol::command::ScrollCommand;
use crate::protocol::{Event, PaneId, SurfaceId, ViewerId};
use crate::scrollback::search::{Direction, Match, Pattern, Position};
use crate::sync::Urgency;

/// Does a scroll command for `viewer`.
pub(super) async fn run(server: &Server, viewer: ViewerId, pane: PaneId, command: ScrollCommand) {
    match command {
        ScrollCommand::Live => server.with(|world| world.leave_window(viewer, pane)),
        ScrollCommand::Copy(extent) => {
            if let Err(error) = copy::run(server, viewer, pane, extent).await {
                server.with(|world| world.tell_viewer(viewer, format!("{error:#}")));
            }
        }
        ScrollCommand::Search {
            pattern,
            backwards,
            row,
            col,
        } => {
            let direction = if backwards {
                Direction::Backward
            } else {
                Direction::Forward
            };
            search(server, viewer, pane, &pattern, direction, (row, col)).await;
            server.with(|world| world.note_followed(viewer, pane));
        }
        command => {
            server.with(|world| {
                world.with_window(viewer, pane, |window, hosted| {
                    window.scroll(&command, &hosted.pane, &hosted.history);
                    window.followed();
                })
            });
        }
    }
}

/// Looks for `pattern` (empty: the one before) from a cell of the window on, round the end, and shows what it finds.
async fn search(
    server: &Server,
    viewer: ViewerId,
    pane: PaneId,
    pattern: &str,
    direction: Direction,
    cell: (u16, u16),
) {
    let from = server.with(|world| {
        world.with_window(viewer, pane, |window, hosted| {
            if let Some(pattern) = Pattern::new(pattern) {
                window.set_pattern(pattern);
            }
            window
                .pattern()
                .is_some()
                .then(|| window.position_at(cell.0, cell.1, &hosted.pane, &hosted.history))
        })
    });
    let Some(Some(from)) = from else { return };
    // A repeated search goes on behind the match that the cursor stands on.
    let from = match direction {
        Direction::Forward => Position {
            byte: from.byte + 1,
            ..from
        },
        Direction::Backward => from,
    };
    let around = match direction {
        Direction::Forward => Position::default(),
        Direction::Backward => Position {
            line: u64::MAX,
            byte: 0,
        },
    };
    let mut note = "";
    let mut found = find(server, viewer, pane, from, direction).await;
    if found == Some(None) {
        note = "round the end";
        found = find(server, viewer, pane, around, direction).await;
    }
    let Some(found) = found else { return };
    let note = if found.is_none() { "not found" } else { note };
    server.with(|world| {
        world.with_window(viewer, pane, |window, hosted| {
            window.show(found, note, &hosted.pane, &hosted.history)
        });
    });
}

/// The next match from `from` on; `None` if the search was given up.
async fn find(
    server: &Server,
    viewer: ViewerId,
    pane: PaneId,
    from: Position,
    direction: Direction,
) -> Option<Option<Match>> {
    let in_memory = |server: &Server, from| {
        server.with(|world| {
            world.with_window(viewer, pane, |window, hosted| {
                window.find_in_memory(&hosted.pane, &hosted.history, from, direction)
            })
        })
    };
    if direction == Direction::Backward
        && let Some(found) = in_memory(server, from)?
    {
        return Some(Some(found));
    }
    if let Some(found) = find_on_disk(server, viewer, pane, from, direction).await? {
        return Some(Some(found));
    }
    if direction == Direction::Forward {
        in_memory(server, from)
    } else {
        Some(None)
    }
}

async fn find_on_disk(
    server: &Server,
    viewer: ViewerId,
    pane: PaneId,
    from: Position,
    direction: Direction,
) -> Option<Option<Match>> {
    let (searcher, pattern, cancel) = server.with(|world| {
        let searcher = world.panes.get(&pane)?.history.searcher();
        let viewer = world.viewers.get_mut(&viewer)?;
        let pattern = viewer.windows.get(&pane)?.1.pattern()?.clone();
        Some((searcher, pattern, viewer.new_search()))
    })?;
    let flag = cancel.clone();
    let search =
        tokio::task::spawn_blocking(move || searcher.find(&pattern, from, direction, &flag))
            .await
            .ok()?;
    if cancel.load(std::sync::atomic::Ordering::Relaxed) {
        return None;
    }
    match search {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::warn!(%error, "scrollback cannot be searched");
            Some(None)
        }
    }
}

impl World {
    /// Lets `act` on the viewer's place in the scrollback of `pane`, which it enters if need be.
    pub(super) fn with_window<T>(
        &mut self,
        viewer: ViewerId,
        pane: PaneId,
        act: impl FnOnce(&mut Window, &super::hosted::Hosted) -> T,
    ) -> Option<T> {
        let surface = SurfaceId::scrolled(self.next_window());
        let hosted = self.panes.get(&pane)?;
        let viewer = self.viewers.get_mut(&viewer)?;
        let (_, window) = viewer
            .windows
            .entry(pane)
            .or_insert_with(|| (surface, Window::new(&hosted.pane, &hosted.history)));
        let result = act(window, hosted);
        viewer.renew();
        Some(result)
    }

    /// Lets the viewer know that its search is over, if it is still there.
    fn note_followed(&mut self, viewer: ViewerId, pane: PaneId) {
        if let Some(viewer) = self.viewers.get_mut(&viewer)
            && let Some((_, window)) = viewer.windows.get_mut(&pane)
        {
            window.followed();
            viewer.touch(Urgency::AtOnce);
        }
    }

    fn tell_viewer(&mut self, viewer: ViewerId, words: String) {
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.tell(Event::Message(words));
        }
    }

    fn leave_window(&mut self, viewer: ViewerId, pane: PaneId) {
        if let Some(viewer) = self.viewers.get_mut(&viewer) {
            viewer.new_search();
            viewer.windows.remove(&pane);
            viewer.renew();
        }
    }
}
