//! What other emulators show for the same bytes. None of them is always right: the author of a recording looks at each
//! difference and notes who is.

use super::shown::{self, Shown, ShownRow};
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use anyhow::{Context, Result, ensure};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use wt::term::{Attrs, Color, Size, Style};

/// How one emulator sees a recording.
pub struct Opinion {
    name: String,
    /// Why it could not be asked, or what it shows.
    rows: Result<Seen>,
}

/// Rows with styles, or the text alone from those that tell no more.
enum Seen {
    Cells(Vec<ShownRow>),
    Text(Vec<String>),
}

/// Asks all that are at hand.
pub fn of(path: &Path, bytes: &[u8], size: Size) -> Vec<Opinion> {
    let opinion = |name: &str, rows| Opinion {
        name: name.to_owned(),
        rows,
    };
    vec![
        opinion("alacritty", Ok(Seen::Cells(alacritty(bytes, size)))),
        opinion("vt100", Ok(Seen::Cells(vt100(bytes, size)))),
        opinion("tmux", tmux(path, size).map(Seen::Text)),
        opinion("pyte", pyte(path, size).map(Seen::Text)),
    ]
}

impl Opinion {
    /// What differs from `ours`, in words.
    pub fn differences(&self, ours: &[ShownRow]) -> Vec<String> {
        match &self.rows {
            Err(_) => Vec::new(),
            Ok(Seen::Cells(theirs)) => cells_apart(ours, theirs, &self.name),
            Ok(Seen::Text(theirs)) => {
                let rows = ours.iter().zip(theirs).enumerate();
                let apart = rows.filter(|(_, (ours, theirs))| text(ours) != theirs.trim_end());
                apart
                    .map(|(y, (ours, theirs))| format!("row {y}: {:?}, not {theirs:?}", text(ours)))
                    .collect()
            }
        }
    }

    /// One line for the head of the golden screen.
    pub fn summary(&self, differences: &[String]) -> String {
        let name = &self.name;
        match (&self.rows, differences.len()) {
            (Err(error), _) => format!("{name} was not asked: {error:#}"),
            (Ok(Seen::Cells(_)), 0) => format!("{name} agrees on text and styles"),
            (Ok(Seen::Text(_)), 0) => format!("{name} agrees on the text"),
            (Ok(Seen::Cells(_)), n) => format!("{name} differs in {n} cells"),
            (Ok(Seen::Text(_)), n) => format!("{name} differs in {n} rows"),
        }
    }
}

/// The style as far as an emulator can hold it at all.
fn known(cell: &Shown, name: &str) -> Style {
    let mut style = cell.style;
    for attr in [Attrs::BLINK, Attrs::OVERLINE, Attrs::PROTECTED] {
        style.attrs.set(attr, false);
    }
    if name == "vt100" {
        style.attrs.set(Attrs::HIDDEN, false);
        style.attrs.set(Attrs::STRIKE, false);
        style.attrs.set_underline(style.attrs.underline().min(1));
        style.underline = Color::Default;
    }
    match (name, &*cell.text) {
        // It erases with all attributes, not the background alone.
        ("vt100", " ") => Style {
            bg: style.bg,
            ..Style::default()
        },
        // The right half of a wide character has none of its own there.
        ("vt100", "") => Style::default(),
        _ => style,
    }
}

fn cells_apart(ours: &[ShownRow], theirs: &[ShownRow], name: &str) -> Vec<String> {
    let mut apart = Vec::new();
    for (y, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        for (x, (a, b)) in ours.cells.iter().zip(&theirs.cells).enumerate() {
            let (style, their_style) = (known(a, name), known(b, name));
            if (&a.text, a.width) != (&b.text, b.width) {
                apart.push(format!("{y},{x}: {:?}, not {:?}", a.text, b.text));
            } else if style != their_style {
                apart.push(format!(
                    "{y},{x} {:?}: {style:?}, not {their_style:?}",
                    a.text
                ));
            }
        }
    }
    apart
}

fn alacritty(bytes: &[u8], size: Size) -> Vec<ShownRow> {
    let dimensions = TermSize::new(size.cols.into(), size.rows.into());
    let config = Config {
        scrolling_history: 0,
        ..Config::default()
    };
    let mut term = Term::new(config, &dimensions, VoidListener);
    Processor::<alacritty_terminal::vte::ansi::StdSyncHandler>::new().advance(&mut term, bytes);
    let grid = term.grid();
    let cells = |line| (0..size.cols.into()).map(move |col| &grid[Line(line)][Column(col)]);
    let lines = 0..i32::from(size.rows);
    lines
        .map(|line| shown::alacritty_row(cells(line)))
        .collect()
}

fn vt100(bytes: &[u8], size: Size) -> Vec<ShownRow> {
    let side = |side: u16| NonZeroU16::new(side).expect("a size is never 0");
    let mut parser = vt100::Parser::new(side(size.rows), side(size.cols), 0);
    parser.process(bytes);
    let screen = parser.screen();
    let cell = |row, col| screen.cell(row, col).map(vt100_cell).expect("a cell");
    let row = |row| ShownRow {
        cells: (0..size.cols).map(|col| cell(row, col)).collect(),
        wrapped: screen.row_wrapped(row),
    };
    (0..size.rows).map(row).collect()
}

fn vt100_cell(cell: &vt100::Cell) -> Shown {
    let color = |color| match color {
        vt100::Color::Default => Color::Default,
        vt100::Color::Idx(index) => Color::Index(index),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    };
    let mut attrs = Attrs::default();
    for (attr, is_set) in [
        (Attrs::BOLD, cell.bold()),
        (Attrs::DIM, cell.dim()),
        (Attrs::ITALIC, cell.italic()),
        (Attrs::INVERSE, cell.inverse()),
    ] {
        attrs.set(attr, is_set);
    }
    attrs.set_underline(u8::from(cell.underline()));
    let (text, width) = match (cell.is_wide_continuation(), cell.has_contents()) {
        (true, _) => (String::new(), 0),
        (false, true) => (cell.contents().to_owned(), 1 + u8::from(cell.is_wide())),
        (false, false) => (" ".to_owned(), 1),
    };
    Shown {
        text,
        width,
        style: Style {
            fg: color(cell.fgcolor()),
            bg: color(cell.bgcolor()),
            underline: Color::Default,
            attrs,
            link: 0,
        },
        link: String::new(),
    }
}

/// tmux, of whatever version is there, shows the bytes in a pane of that size. It tells line drawing by SO and SI.
fn tmux(path: &Path, size: Size) -> Result<Vec<String>> {
    const SCRIPT: &str = r#"
t="tmux -u -L wt-opinion-$$ -f /dev/null"
$t new-session -d -x "$2" -y "$3" 'sleep 60' \; set -g status off || exit
$t resize-window -x "$2" -y "$3"
$t respawn-pane -k "stty raw -echo; cat '$1'; $t wait-for -S shown; sleep 60"
$t wait-for shown; sleep 0.3
$t capture-pane -ep; $t kill-server"#;
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "sh"]).arg(path);
    command.args([size.cols.to_string(), size.rows.to_string()]);
    command.env_remove("TMUX").env("LC_ALL", "C.UTF-8");
    let told = lines(command)?.join("\r\n");
    let shown = alacritty(format!("\x1b)0{told}").as_bytes(), size);
    Ok(shown.iter().map(text).collect())
}

/// pyte, a terminal in Python.
fn pyte(path: &Path, size: Size) -> Result<Vec<String>> {
    const SCRIPT: &str = r#"
import pyte, sys
screen = pyte.Screen(int(sys.argv[2]), int(sys.argv[3]))
pyte.ByteStream(screen).feed(open(sys.argv[1], "rb").read())
print("\n".join(screen.display))"#;
    let mut command = Command::new("python3");
    command.args(["-c", SCRIPT]).arg(path);
    command.args([size.cols.to_string(), size.rows.to_string()]);
    command.env("PYTHONIOENCODING", "utf-8");
    lines(command)
}

fn lines(mut command: Command) -> Result<Vec<String>> {
    let output = command.output().context("starting it")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.lines().last().unwrap_or_default().to_owned();
    ensure!(output.status.success(), "{last}");
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(str::to_owned).collect())
}

/// The text of a row without the blanks at its end.
fn text(row: &ShownRow) -> String {
    let text: String = row.cells.iter().map(|cell| &*cell.text).collect();
    text.trim_end_matches(' ').to_owned()
}
