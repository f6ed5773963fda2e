//! A viewer's place in scrollback, moved by its commands.

use super::search::{Hunt, Matches};
use super::world::World;
use super::{Server, commands, copy};
use crate::pane::Window;
use crate::protocol::command::{OutputCommand, ScrollCommand};
use crate::protocol::{Event, Extent, PaneId, SurfaceId, ViewerId};
use crate::sync::Urgency;

/// Does a scroll command for `viewer`.
pub(super) async fn run(server: &Server, viewer: ViewerId, pane: PaneId, command: ScrollCommand) {
    match command {
        ScrollCommand::Live => server.with(|world| world.leave_window(viewer, pane)),
        ScrollCommand::Copy(extent) => copy(server, viewer, pane, extent).await,
        ScrollCommand::Output(OutputCommand::CopyLast) => copy_last(server, viewer, pane).await,
        ScrollCommand::Search(wanted) => {
            let hunt = Hunt::begin(server, viewer, pane);
            let matches = hunt.follow(wanted).await;
            server.with(|world| world.note_followed(viewer, pane));
            if matches == Matches::Many {
                hunt.count().await;
            }
        }
        command => {
            if let ScrollCommand::Output(wanted) = command {
                commands::look_back(server, viewer, pane, wanted).await;
            }
            server.with(|world| {
                world.with_window(viewer, pane, |window, hosted| {
                    window.scroll(&command, &hosted.pane, &hosted.history);
                    window.followed();
                })
            });
        }
    }
}

/// Copies what the last command printed.
async fn copy_last(server: &Server, viewer: ViewerId, pane: PaneId) {
    let output = server.with(|world| world.panes.get(&pane)?.pane.commands.last_output());
    match output {
        Some(extent) => copy(server, viewer, pane, extent).await,
        None => server.with(|world| {
            world.tell_viewer(
                viewer,
                "no command is known that printed anything".to_owned(),
            );
        }),
    }
}

async fn copy(server: &Server, viewer: ViewerId, pane: PaneId, extent: Extent) {
    if let Err(error) = copy::run(server, viewer, pane, extent).await {
        server.with(|world| world.tell_viewer(viewer, format!("{error:#}")));
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
        let (surface, now) = (SurfaceId::scrolled(self.next_window()), self.now());
        let hosted = self.panes.get(&pane)?;
        let viewer = self.viewers.get_mut(&viewer)?;
        let (_, window) = viewer
            .windows
            .entry(pane)
            .or_insert_with(|| (surface, Window::new(&hosted.pane, &hosted.history)));
        let before = window.top();
        let result = act(window, hosted);
        viewer.travelled(pane, before, now);
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
            viewer.search.begin();
            viewer.search.forget(pane);
            viewer.windows.remove(&pane);
            viewer.renew();
        }
        let mut viewers = self.viewers.values();
        if !viewers.any(|viewer| viewer.windows.contains_key(&pane))
            && let Some(hosted) = self.panes.get_mut(&pane)
        {
            hosted.pane.commands.forget_older();
        }
    }
}
