//! Somebody scrolls through the history of a pane over a simulated link, in virtual time: window, view, endpoints, carriers
//! and the user's interface are the real ones; the clock, the wire and the file of history are not.

use super::trial::End;
use std::collections::VecDeque;
use wt::pane::{Origin, Pane, Stored, Window};
use wt::protocol::command::ScrollCommand;
use wt::protocol::scrolled::Scrolled;
use wt::protocol::view::PaneBox;
use wt::protocol::{Chrome, Command, Echo, Input, InputLog, InputReceiver, PaneId, Rect, Surface};
use wt::protocol::{SurfaceId, View, ViewMark, ViewSource};
use wt::scrollback::search::Pattern;
use wt::server::margin::{Leisure, Margin};
use wt::sync::wire::{Chance, Conditions};
use wt::sync::{Handled, Time, Urgency};
use wt::term::input::Decoder;
use wt::term::{Cell, Size, Style, StyleId, Tables, codec};
use wt::ui::{ColorDepth, Effect, Event, Options, Settings, Ui};

const PANE: PaneId = PaneId(1);
const PLACE: u64 = 7;
/// The first line that is not in the file.
const STORED: u64 = 4000;

/// A file of history: some lines wrap, some are blank, some have colours.
pub struct Lines;

impl Lines {
    fn body(line: u64) -> Vec<u8> {
        let mut chance = Chance::new(line);
        let mut tables = Tables::default();
        let len = match chance.below(10) {
            0 => 0,
            1 => 80 + chance.below(200),
            _ => 20 + chance.below(60),
        };
        let style = tables.style_id(Style {
            fg: wt::term::Color::Index(chance.below(16) as u8),
            ..Style::default()
        });
        let words = [
            "error",
            "warning:",
            "src/main.rs",
            "compiling",
            "ok",
            "0x1f",
        ];
        let mut text = format!("{line:06}");
        while (text.len() as u64) < len {
            text.push(' ');
            text.push_str(words[chance.below(6) as usize]);
        }
        let text = if len == 0 { "" } else { &text };
        let cells = text.chars().enumerate().map(|(at, c)| {
            let style = if at < 6 { style } else { StyleId::DEFAULT };
            Cell::new(c, 1, style)
        });
        let mut body = Vec::new();
        codec::encode_line(&cells.collect::<Vec<_>>(), false, &tables, &mut body);
        body
    }
}

impl Stored for Lines {
    fn first_line(&self) -> u64 {
        0
    }

    fn end_line(&self) -> u64 {
        STORED
    }

    fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8])) {
        (start..STORED)
            .take(max)
            .for_each(|line| each(line, &Self::body(line)));
    }
}

/// Whether the server sends what lies around the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// It does.
    Sent,
    /// It does not.
    Never,
}

/// Both ends.
pub struct Pager {
    ahead: Ahead,
    client: End<u64>,
    server: End<ViewMark>,
    ui: Ui,
    decoder: Decoder,
    log: InputLog,
    view: View,
    input: InputReceiver,
    pane: Pane,
    window: Option<(Window, Margin)>,
    chrome: Chrome,
    version: u64,
    now: Time,
    /// What the server shows to somebody beside it who does the same.
    beside: Option<Window>,
    /// Rows of margin that the client held at most.
    pub held: usize,
}

impl Pager {
    /// A pane of that size with a long history, and a viewer behind `link`.
    pub fn new(link: &Conditions, size: Size, ahead: Ahead, seed: u64) -> Self {
        let mut pane = Pane::new(PANE, Origin::default(), size);
        for line in 0..60 {
            pane.output(format!("line {line} of the screen\r\n").as_bytes());
        }
        pane.output(b"$ ");
        let mut pager = Self {
            ahead,
            client: End::new(link.clone(), seed * 10),
            server: End::new(link.clone(), seed * 10 + 5),
            ui: Ui::new(Options {
                size: Size::new(size.cols, size.rows + 1),
                settings: Settings::default(),
                colors: ColorDepth::True,
            }),
            decoder: Decoder::new(),
            log: InputLog::default(),
            view: View::default(),
            input: InputReceiver::default(),
            pane,
            window: None,
            chrome: Chrome::default(),
            version: 0,
            now: Time(0),
            beside: None,
            held: 0,
        };
        pager.show(SurfaceId::live(PANE));
        pager.wait(2000);
        pager
    }

    /// What the server shows in the pane.
    fn show(&mut self, surface: SurfaceId) {
        let size = self.pane.emulator().size();
        let area = Rect {
            x: 0,
            y: 0,
            cols: size.cols,
            rows: size.rows,
        };
        self.chrome.panes = vec![PaneBox {
            pane: PANE,
            surface,
            area,
            focused: true,
            title: String::new(),
        }];
        self.chrome.area = Some(size);
        self.version += 1;
        self.server.endpoint.changed(Urgency::AtOnce, self.now);
    }

    /// The user presses keys, as a terminal sends them.
    pub fn press(&mut self, bytes: &[u8]) {
        self.decoder.feed(bytes, self.now.0);
        while let Some(input) = self.decoder.poll() {
            self.tell(Event::Input(input));
        }
    }

    /// The program prints something.
    pub fn print(&mut self, bytes: &[u8]) {
        self.pane.output(bytes);
        if let Some(beside) = &mut self.beside {
            beside.keep_up(&self.pane, &Lines);
        }
        self.server.endpoint.changed(Urgency::Paced, self.now);
    }

    fn tell(&mut self, event: Event) {
        self.ui.handle(event, &self.view, self.now);
        while self.ui.look_ahead(&mut self.view) {
            self.ui.handle(Event::ViewChanged, &self.view, self.now);
        }
        let mut sent = VecDeque::new();
        while let Some(effect) = self.ui.poll() {
            if let Effect::Send(input) = effect {
                sent.push_back(input);
            }
        }
        for input in sent {
            self.log.push(&input);
            self.client.endpoint.changed(Urgency::AtOnce, self.now);
            if let Input::Command {
                command: Command::Scroll(command),
                ..
            } = &input
            {
                let stays = *command != ScrollCommand::Live;
                let new = || Window::new(&self.pane, &Lines);
                let window = self.beside.take().filter(|_| stays);
                self.beside = stays.then(|| window.unwrap_or_else(new));
                if let Some(window) = &mut self.beside {
                    follow(window, command, &self.pane);
                }
            }
        }
    }

    /// The server follows a command.
    fn follow(&mut self, command: &ScrollCommand) {
        if *command == ScrollCommand::Live {
            self.window = None;
            return self.show(SurfaceId::live(PANE));
        }
        let is_new = self.window.is_none();
        let (pane, now) = (&self.pane, self.now);
        let (window, margin) = self.window.get_or_insert_with(|| {
            let rows = pane.emulator().size().rows;
            (Window::new(pane, &Lines), Margin::new(rows, now))
        });
        let before = window.top();
        follow(window, command, pane);
        margin.travelled(before, window.top(), now);
        self.server.endpoint.changed(Urgency::AtOnce, now);
        if is_new {
            self.show(SurfaceId::scrolled(PLACE));
        }
    }

    /// Milliseconds pass.
    pub fn wait(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now = self.now.after(1);
            self.step();
        }
    }

    fn step(&mut self) {
        let now = self.now;
        for packet in self.server.hear(&mut self.client, now) {
            let handled = self.server.endpoint.handle(&packet, &mut self.input, now);
            if handled.expect("the client's") == Handled::Moved {
                while let Some(input) = self.input.next() {
                    if let Input::Command {
                        command: Command::Scroll(command),
                        ..
                    } = input
                    {
                        self.follow(&command);
                    }
                }
            }
        }
        let mut is_news = false;
        for packet in self.client.hear(&mut self.server, now) {
            let handled = self.client.endpoint.handle(&packet, &mut self.view, now);
            is_news |= handled.expect("the server's") == Handled::Moved;
        }
        if is_news {
            let margin = self.view.surfaces.get(&SurfaceId::scrolled(PLACE).margin());
            self.held = self.held.max(margin.map_or(0, |margin| margin.rows.len()));
            self.ui.look_ahead(&mut self.view);
            self.tell(Event::ViewChanged);
        }
        if self.ui.timeout().is_some_and(|due| due <= now) {
            self.tell(Event::Tick);
        }
        self.send_up();
        self.send_down();
    }

    fn send_up(&mut self) {
        let (client, now) = (&mut self.client, self.now);
        client.endpoint.adapt(&mut client.carrier, now);
        while client.endpoint.timeout().is_some_and(|due| due <= now) {
            let Some(packet) = client.endpoint.poll(&self.log, now) else {
                break;
            };
            client.put(packet, now);
        }
        self.log
            .forget(client.endpoint.acked_mark().copied().unwrap_or(0));
        client.send(now);
    }

    fn send_down(&mut self) {
        let Self { server, now, .. } = self;
        let now = *now;
        server.endpoint.adapt(&mut server.carrier, now);
        let id = SurfaceId::scrolled(PLACE);
        if let Some((window, margin)) = &mut self.window
            && self.ahead == Ahead::Sent
        {
            let lines = (&self.pane, &Lines as &dyn Stored);
            margin.widen(
                (id, window),
                lines,
                (&mut server.endpoint, Leisure::Free),
                now,
            );
        }
        while server.endpoint.timeout().is_some_and(|due| due <= now) {
            if let Some((window, _)) = &mut self.window {
                window.keep_up(&self.pane, &Lines);
            }
            let mut surfaces = match &self.window {
                Some((window, _)) => vec![(id, window.source())],
                None => vec![(SurfaceId::live(PANE), self.pane.source())],
            };
            if let Some((window, margin)) = &self.window
                && self.ahead == Ahead::Sent
            {
                let around = margin.source(id, window, &surfaces[0].1, &server.endpoint);
                surfaces.extend(around);
            }
            let source = ViewSource {
                chrome: &self.chrome,
                chrome_version: self.version,
                echo: Echo::default(),
                surfaces,
            };
            let Some(packet) = server.endpoint.poll(&source, now) else {
                break;
            };
            server.put(packet, now);
            if let Some((_, margin)) = &mut self.window {
                margin.left(id, &server.endpoint, now);
            }
        }
        server.send(now);
    }

    fn shown(&self) -> Option<&Surface> {
        self.view.focused_surface()
    }

    /// How many rows the viewer sees.
    pub fn rows(&self) -> usize {
        let rows = self.shown().map(|shown| {
            let rows = shown.order.iter().filter(|id| shown.rows.contains_key(id));
            rows.count()
        });
        rows.unwrap_or(0)
    }

    fn place(&self) -> Option<&Scrolled> {
        self.shown()?.header.as_ref()?.scrolled.as_ref()
    }

    /// Whether the viewer sees what all that it has done so far leads to.
    pub fn is_there(&self) -> bool {
        let wanted = self.beside.as_ref().map(|beside| beside.source());
        let wanted = wanted.and_then(|source| Some(source.header.scrolled?.followed));
        self.place().map(|place| place.followed) == wanted
    }

    /// If it sees that: it is what the server shows to somebody who is there without any link.
    pub fn assert_right(&self) {
        let Some(beside) = self.beside.as_ref().filter(|_| self.is_there()) else {
            return;
        };
        let (shown, source) = (self.shown().expect("a surface"), beside.source());
        let mut truth = source.header.scrolled.expect("a place");
        let mut place = self.place().expect("a place").clone();
        // How old the lines are, and what was said, follows a round trip later.
        for place in [&mut truth, &mut place] {
            place.written_ms = None;
            place.layout = 0;
            place.lead = None;
        }
        assert_eq!(place, truth);
        let ids = source.rows.iter().map(|row| row.id);
        assert!(shown.order.iter().copied().eq(ids), "other rows");
        for row in &source.rows {
            let text = |row: &wt::term::Row, tables: &Tables| {
                let mut text = String::new();
                for cell in row.cells() {
                    tables.push_text(cell, &mut text);
                    text.push_str(&format!("{:?}", tables.style(cell.style).fg));
                }
                (text, row.wrapped)
            };
            let seen = text(&shown.rows[&row.id], &self.view.tables);
            assert_eq!(seen, text(row, source.tables));
        }
    }

    /// The bytes of IP packets from the server so far.
    pub fn bytes(&self) -> u64 {
        self.server.bytes
    }
}

/// Lets a window follow a command as the server does. A search shows where its pattern stands, and goes nowhere.
fn follow(window: &mut Window, command: &ScrollCommand, pane: &Pane) {
    match command {
        ScrollCommand::Search(wanted) => {
            if let Some(pattern) = Pattern::new(&wanted.pattern) {
                window.set_pattern(pattern);
            }
            window.show(None, "", pane, &Lines);
        }
        command => window.scroll(command, pane, &Lines),
    }
    window.followed();
}
