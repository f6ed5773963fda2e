//! Composes a picture from a view: panes, the lines between them, highlights, what lies over them, the status line.
//!
//! Each row of the picture carries a key over all that it is made from. A row whose key stays is not looked at again;
//! a row that only moved keeps its tiles.

use super::borders::Borders;
use super::chrome::status::{Status, StatusLine};
use super::chrome::{self, Drawing};
use super::copier::Copier;
use super::copy::Copy;
use super::margin::Thumb;
use super::offset::{Offset, cursor_in_area, pane_rows};
use super::page::Page;
use super::picture::{Picture, Tile};
use super::place::Place;
use super::predict::{Overlay, Slot, Underline};
use super::shift;
use super::theme::Theme;
use crate::protocol::scrolled::MarkKind;
use crate::protocol::view::PaneBox;
use crate::protocol::{PaneId, Surface, View};
use crate::term::palette::Palette;
use crate::term::{Attrs, Color, Cursor, Modes, Row, Size, Style};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// All that a picture is made from.
pub struct Scene<'a> {
    /// What the server shows.
    pub view: &'a View,
    /// Which part of it.
    pub offset: Offset,
    /// The viewer's places in scrollback.
    pub copies: &'a BTreeMap<PaneId, Copy>,
    /// What the status line says.
    pub status: Status<'a>,
    /// What is guessed of the pane with the focus.
    pub guesses: Option<&'a Overlay>,
    /// What lies over the panes.
    pub over: Option<&'a Drawing>,
    /// The colours.
    pub theme: &'a Theme,
}

/// Whether the picture's tiles may be compared with those of the picture before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// They may.
    Kept,
    /// Clusters and links were numbered afresh.
    Lost,
}

/// Keeps the picture and makes what changed of it.
#[derive(Debug)]
pub struct Composer {
    picture: Picture,
    borders: Borders,
    spans: Vec<Span>,
}

/// Columns of a pane's row that look otherwise.
#[derive(Debug, Clone, Copy, Hash)]
struct Span {
    from: u16,
    to: u16,
    look: Look,
}

#[derive(Debug, Clone, Copy, Hash)]
enum Look {
    Found,
    FoundFirst,
    Selected,
    /// The first cell of a command that failed.
    Failed,
    /// A row that stands for lines that are folded.
    Fold,
}

impl Composer {
    /// Starts with a blank picture.
    pub fn new(size: Size) -> Self {
        Self {
            picture: Picture::new(size),
            borders: Borders::default(),
            spans: Vec::new(),
        }
    }

    /// The picture as composed last.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Starts anew with that size.
    pub fn resize(&mut self, size: Size) {
        self.picture = Picture::new(size);
    }

    /// Makes the picture of the scene.
    pub fn compose(&mut self, scene: &Scene) -> Continuity {
        let full = self.picture.tables.are_crowded();
        if full {
            self.resize(self.picture.size);
        }
        let place = |pane: &PaneBox| place(scene.view, scene.copies, pane);
        self.borders.update(scene.view, place);
        self.panes(scene);
        let prompt = self.status(scene);
        self.place_cursor(scene, prompt);
        match full {
            true => Continuity::Lost,
            false => Continuity::Kept,
        }
    }

    fn panes(&mut self, scene: &Scene) {
        let rows = pane_rows(self.picture.size);
        let keys: Vec<u64> = (0..rows).map(|y| self.row_key(scene, y)).collect();
        let old = &self.picture.rows;
        if let Some(shift) = shift::find(|y| old[y].key, |y| keys[y], keys.len()) {
            shift.rotate(&mut self.picture.rows);
        }
        for (y, key) in (0..rows).zip(keys) {
            let row = &mut self.picture.rows[usize::from(y)];
            if row.key != key {
                let mut row = std::mem::take(row);
                row.key = key;
                self.row(scene, y, &mut row.tiles);
                self.picture.rows[usize::from(y)] = row;
            }
        }
    }

    /// Stands for all that the row at `y` is made from; says nothing of where it stands.
    fn row_key(&mut self, scene: &Scene, y: u16) -> u64 {
        let mut hasher = DefaultHasher::new();
        for layer in layers(scene) {
            layer.key(y).hash(&mut hasher);
        }
        let y = y.saturating_add(scene.offset.y);
        (self.picture.size.cols, scene.offset.x).hash(&mut hasher);
        match scene.view.chrome.area {
            Some(area) if y < area.rows => area.cols.hash(&mut hasher),
            Some(area) => (area.cols, y == area.rows).hash(&mut hasher),
            None => {}
        }
        self.borders.row(y).0.hash(&mut hasher);
        self.borders.labels(y).hash(&mut hasher);
        for pane in panes_at(scene.view, y) {
            (pane.pane, pane.surface, pane.area.x, pane.area.cols).hash(&mut hasher);
            let Some(surface) = scene.view.surface(pane.surface) else {
                continue;
            };
            let row = row_at(surface, y - pane.area.y);
            row.map(|row| (row.id.0, row.changed_at().0))
                .hash(&mut hasher);
            flipped(surface).hash(&mut hasher);
            palette(surface).hash(&mut hasher);
            fate(pane, surface, y).hash(&mut hasher);
            guesses_at(scene, pane, y).hash(&mut hasher);
            self.find_spans(scene, pane, y - pane.area.y);
            self.spans.hash(&mut hasher);
            Thumb::at(scene.view, scene.copies, pane, y).hash(&mut hasher);
        }
        // 0 stands for a blank row.
        hasher.finish() | 1
    }

    /// What looks otherwise in the pane's row at `y`.
    fn find_spans(&mut self, scene: &Scene, pane: &PaneBox, y: u16) {
        self.spans.clear();
        let surface = scene.view.surface(pane.surface);
        let header = surface.and_then(|surface| surface.header.as_ref());
        if let Some(scrolled) = header.and_then(|header| header.scrolled.as_ref()) {
            self.spans.extend(scrolled.mark_at(y).and_then(mark));
            for (index, found) in scrolled.matches.iter().enumerate() {
                let rows = found.y..found.y.saturating_add(found.rows.max(1));
                if rows.contains(&y) {
                    self.spans.push(Span {
                        from: found.x,
                        to: found.x.saturating_add(found.cols),
                        look: if index == 0 {
                            Look::FoundFirst
                        } else {
                            Look::Found
                        },
                    });
                }
            }
        }
        let copy = scene.copies.get(&pane.pane);
        let selection = copy.and_then(Copy::selection);
        let page = selection.and_then(|_| Page::of(scene.view, pane.pane));
        let columns = selection
            .zip(page)
            .and_then(|(selection, page)| selection.columns(&page, y));
        if let Some((from, to)) = columns {
            let look = Look::Selected;
            self.spans.push(Span { from, to, look });
        }
    }

    fn row(&mut self, scene: &Scene, y: u16, tiles: &mut Vec<Tile>) {
        tiles.clear();
        tiles.resize(usize::from(self.picture.size.cols), Tile::BLANK);
        self.area_row(scene, y.saturating_add(scene.offset.y), tiles);
        for layer in layers(scene) {
            mend(tiles);
            layer.put(y, &mut self.picture.tables, tiles);
        }
        mend(tiles);
    }

    /// The row at `y` of the area: panes, and the lines between them.
    fn area_row(&mut self, scene: &Scene, y: u16, tiles: &mut [Tile]) {
        self.fill(scene, y, tiles);
        for segment in self.borders.row(y).1 {
            let face = match segment.focused {
                true => scene.theme.border_focused,
                false => scene.theme.border,
            };
            let x = segment.x.checked_sub(scene.offset.x).map(usize::from);
            if let Some(tile) = x.and_then(|x| tiles.get_mut(x)) {
                *tile = Tile::char(segment.c, face.0);
            }
        }
        self.labels(scene, y, tiles);
        for pane in panes_at(scene.view, y) {
            self.pane_row(scene, pane, y, tiles);
        }
        for pane in panes_at(scene.view, y) {
            if let Some(thumb) = Thumb::at(scene.view, scene.copies, pane, y) {
                thumb.put(scene.offset.x, scene.theme, tiles);
            }
        }
    }

    /// What the lines of the row say.
    fn labels(&mut self, scene: &Scene, y: u16, tiles: &mut [Tile]) {
        for label in self.borders.labels(y) {
            let face = match label.focused {
                true => scene.theme.title_focused,
                false => scene.theme.title,
            };
            let cols = label.cols.len();
            let mut drawn = vec![Tile::BLANK; cols];
            chrome::put_text(&label.text, face, &mut self.picture.tables, &mut drawn);
            for (x, tile) in label.cols.clone().zip(drawn) {
                let shown = x.checked_sub(scene.offset.x).map(usize::from);
                if let Some(shown) = shown.and_then(|x| tiles.get_mut(x)) {
                    *shown = tile;
                }
            }
        }
    }

    /// What no pane fills: an edge, and dots beyond it.
    fn fill(&self, scene: &Scene, y: u16, tiles: &mut [Tile]) {
        let Some(area) = scene.view.chrome.area else {
            return;
        };
        let face = scene.theme.fill.0;
        for (x, tile) in (scene.offset.x..).zip(tiles) {
            let c = match (x >= area.cols, y >= area.rows) {
                (false, false) => continue,
                (true, false) if x == area.cols => '│',
                (false, true) if y == area.rows => '─',
                (true, true) if x == area.cols && y == area.rows => '┘',
                _ => '·',
            };
            *tile = Tile::char(c, face);
        }
    }

    fn pane_row(&mut self, scene: &Scene, pane: &PaneBox, y: u16, tiles: &mut [Tile]) {
        let Some(surface) = scene.view.surface(pane.surface) else {
            return;
        };
        let offset = scene.offset;
        // Columns of the pane that the terminal shows.
        let from = offset.x.saturating_sub(pane.area.x).min(pane.area.cols);
        let start = usize::from((pane.area.x + from).saturating_sub(offset.x)).min(tiles.len());
        let end = (start + usize::from(pane.area.cols - from)).min(tiles.len());
        let tiles = &mut tiles[start..end];
        match fate(pane, surface, y) {
            Some(fate) => chrome::put_text(fate, scene.theme.fate, &mut self.picture.tables, tiles),
            None => {
                let row = row_at(surface, y - pane.area.y);
                let (colors, flipped) = (palette(surface), flipped(surface));
                let tables = &mut self.picture.tables;
                let mut copier = Copier::new(&scene.view.tables, tables, colors, flipped);
                copier.row(row, from, tiles);
                if let Some((cells, underline)) = guesses_at(scene, pane, y) {
                    copier.guesses(cells, underline, from, tiles);
                }
            }
        }
        self.find_spans(scene, pane, y - pane.area.y);
        for span in &self.spans {
            let face = match span.look {
                Look::Found => scene.theme.found,
                Look::FoundFirst => scene.theme.found_first,
                Look::Selected => scene.theme.selection,
                Look::Failed => scene.theme.failed,
                Look::Fold => scene.theme.hint,
            };
            let cols = tiles.len();
            let within = |col: u16| usize::from(col.saturating_sub(from)).min(cols);
            for tile in &mut tiles[within(span.from)..within(span.to)] {
                tile.style = over(tile.style, face.0);
            }
        }
    }

    fn status(&mut self, scene: &Scene) -> Option<u16> {
        let size = self.picture.size;
        // The only row is the panes', unless the user is asked or told something.
        if size.rows < 2 && matches!(scene.status.line, StatusLine::Tabs) {
            return None;
        }
        let row = &mut self.picture.rows[usize::from(size.rows - 1)];
        let chrome = &scene.view.chrome;
        let mut hasher = DefaultHasher::new();
        ("status", size.cols, chrome.zoomed, chrome.unsaved).hash(&mut hasher);
        (&chrome.session, &chrome.host, scene.status).hash(&mut hasher);
        chrome::status::lone_title(chrome).hash(&mut hasher);
        for tab in &chrome.tabs {
            (&tab.name, tab.active, tab.marks).hash(&mut hasher);
        }
        let key = hasher.finish() | 1;
        // What waits for keys is drawn again for its cursor's sake.
        let waits = matches!(
            scene.status.line,
            StatusLine::Prompt(..) | StatusLine::Question(_)
        );
        if row.key == key && !waits {
            return None;
        }
        row.key = key;
        let cursor = chrome::status::draw(
            chrome,
            &scene.status,
            scene.theme,
            &mut self.picture.tables,
            &mut row.tiles,
        );
        mend(&mut row.tiles);
        cursor
    }

    fn place_cursor(&mut self, scene: &Scene, prompt: Option<u16>) {
        let size = self.picture.size;
        let shown = match (prompt, scene.over) {
            (Some(col), _) => Some((col, size.rows - 1, 0)),
            (None, Some(over)) => over.cursor.map(|(col, row)| (col, row, 0)),
            (None, None) => pane_cursor(scene, size),
        };
        let is_panes = prompt.is_none() && scene.over.is_none();
        let focused = scene.view.focused_surface().filter(|_| is_panes);
        self.picture.cursor_color = focused.and_then(palette).and_then(|palette| palette.cursor);
        self.picture.cursor = match shown {
            Some((col, row, shape)) => Cursor {
                row: row.min(size.rows - 1),
                col: col.min(size.cols - 1),
                visible: true,
                shape,
            },
            None => Cursor {
                shape: self.picture.cursor.shape,
                ..Cursor::default()
            },
        };
    }
}

/// Column, row and shape of the focused pane's cursor, if a terminal of that size shows it.
fn pane_cursor(scene: &Scene, size: Size) -> Option<(u16, u16, u8)> {
    let (cols, rows) = (size.cols, pane_rows(size));
    let (mut cursor, x, y) = cursor_in_area(scene.view, scene.copies)?;
    if let Some(guesses) = scene.guesses {
        (cursor.row, cursor.col) = guesses.cursor;
    }
    let col = x.saturating_add(cursor.col).checked_sub(scene.offset.x)?;
    let row = y.saturating_add(cursor.row).checked_sub(scene.offset.y)?;
    let is_shown = cursor.visible && row < rows && col < cols;
    is_shown.then_some((col, row, cursor.shape.min(6)))
}

/// Where the viewer has scrolled the pane to, if it has; by the cursor's line if it has one there.
pub fn place(view: &View, copies: &BTreeMap<PaneId, Copy>, pane: &PaneBox) -> Option<Place> {
    let copy = copies.get(&pane.pane).filter(|copy| copy.is_active())?;
    let header = view.surface(pane.surface)?.header.as_ref()?;
    let scrolled = header.scrolled.as_ref()?;
    let cursor = copy.cursor().zip(Page::of(view, pane.pane));
    let line = cursor.map(|(cursor, page)| page.spot(cursor).line + 1);
    let mut place = Place::of(scrolled);
    place.line = line.unwrap_or(place.line);
    Some(place)
}

/// How a marked row looks otherwise.
fn mark(kind: MarkKind) -> Option<Span> {
    let (to, look) = match kind {
        MarkKind::Prompt => return None,
        MarkKind::Failed => (1, Look::Failed),
        MarkKind::Fold => (u16::MAX, Look::Fold),
    };
    Some(Span { from: 0, to, look })
}

fn layers<'a>(scene: &Scene<'a>) -> &'a [chrome::Layer] {
    scene.over.map_or(&[], |over| &over.layers)
}

fn panes_at(view: &View, y: u16) -> impl Iterator<Item = &PaneBox> {
    let crosses = move |pane: &&PaneBox| {
        (pane.area.y..pane.area.y.saturating_add(pane.area.rows)).contains(&y)
    };
    view.chrome.panes.iter().filter(crosses)
}

/// What is guessed of the pane's row at `y` of the area, and how that is to look.
fn guesses_at<'a>(
    scene: &Scene<'a>,
    pane: &PaneBox,
    y: u16,
) -> Option<(&'a [(u16, Slot)], Underline)> {
    let guesses = scene.guesses.filter(|guesses| guesses.pane == pane.pane)?;
    let cells = guesses.rows.get(&(y - pane.area.y))?;
    Some((cells, guesses.underline))
}

fn row_at(surface: &Surface, y: u16) -> Option<&Row> {
    surface.rows.get(surface.order.get(usize::from(y))?)
}

/// The attributes that are the other way round on the whole surface.
fn flipped(surface: &Surface) -> Attrs {
    let header = surface.header.as_ref();
    match header.is_some_and(|header| header.modes.contains(Modes::REVERSE_SCREEN)) {
        true => Attrs::INVERSE,
        false => Attrs::default(),
    }
}

/// The colours that the program has changed, if there are any.
fn palette(surface: &Surface) -> Option<&Palette> {
    let header = surface.header.as_ref()?;
    Some(&header.palette).filter(|palette| !palette.is_empty())
}

/// How the pane's program ended, if the row at `y` is the one to say it.
fn fate<'a>(pane: &PaneBox, surface: &'a Surface, y: u16) -> Option<&'a str> {
    let header = surface.header.as_ref()?;
    let last = y + 1 == pane.area.y.saturating_add(pane.area.rows);
    (last && !header.fate.is_empty()).then_some(&*header.fate)
}

/// `style` with what `face` says laid over it.
fn over(style: Style, face: Style) -> Style {
    let mut over = style;
    if face.fg != Color::Default || face.bg != Color::Default {
        over.attrs.set(Attrs::INVERSE, false);
    }
    if face.fg != Color::Default {
        over.fg = face.fg;
    }
    if face.bg != Color::Default {
        over.bg = face.bg;
    }
    over.attrs.0 |= face.attrs.0;
    over
}

/// Blanks the halves of wide tiles that an edge has cut.
fn mend(tiles: &mut [Tile]) {
    for x in 0..tiles.len() {
        let style = tiles[x].style;
        let blank = Tile::char(' ', style);
        match tiles[x].width {
            2 => match tiles.get_mut(x + 1).filter(|next| next.width == 0) {
                Some(half) => half.style = style,
                None => tiles[x] = blank,
            },
            0 if x == 0 || tiles[x - 1].width != 2 => tiles[x] = blank,
            _ => {}
        }
    }
}
