//! The view: one value holding all that a viewer may see.

use super::geometry::Rect;
use super::surface::Surface;
use super::{PaneId, SurfaceId, TabId};
use crate::term::{Size, Tables};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything around the panes' contents. Small, and sent whole when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chrome {
    /// The session's name.
    pub session: String,
    /// The server's machine.
    pub host: String,
    /// The session's tabs in order.
    pub tabs: Vec<TabLabel>,
    /// The panes that are shown, in order.
    pub panes: Vec<PaneBox>,
    /// The area that the panes and the lines between them fill (the viewer's terminal less the status line, or less
    /// where another viewer's size decides); `None` before anything is shown.
    pub area: Option<Size>,
    /// Whether one pane is shown alone though the tab has more.
    pub zoomed: bool,
}

/// A tab as the status line names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabLabel {
    /// Which.
    pub id: TabId,
    /// Its name.
    pub name: String,
    /// Whether the viewer looks at it.
    pub active: bool,
    /// Whether a pane in it rang since it was last looked at.
    pub bell: bool,
}

/// Where a pane is shown, and which surface shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneBox {
    /// Which pane.
    pub pane: PaneId,
    /// Its screen, or the viewer's place in its scrollback.
    pub surface: SurfaceId,
    /// Where, within the area; the lines between panes belong to none.
    pub area: Rect,
    /// Whether keys go there.
    pub focused: bool,
}

/// What a viewer sees: the client's replica.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// What stands around the panes.
    pub chrome: Chrome,
    /// The surfaces that `chrome` names, and some that it named shortly before.
    pub surfaces: BTreeMap<SurfaceId, Surface>,
    /// What the surfaces' cells index.
    pub tables: Tables,
}

impl View {
    /// The box that has the focus.
    pub fn focused(&self) -> Option<&PaneBox> {
        self.chrome.panes.iter().find(|pane| pane.focused)
    }

    /// The surface of the pane that has the focus.
    pub fn focused_surface(&self) -> Option<&Surface> {
        self.surfaces.get(&self.focused()?.surface)
    }
}
