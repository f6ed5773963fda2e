//! Real programs, recorded at three sizes: `tests/recordings/NAME-COLSxROWS.bytes` is what they wrote, the `.txt` beside
//! it is what tmux showed of it (which prints line drawing as letters: dialog's were turned into the lines).

use super::testing::lines;
use super::{Emulator, Size};

/// Compares the screen after `bytes`, in one piece and byte by byte, with `expected`.
fn shows(cols: u16, rows: u16, bytes: &[u8], expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
    let mut whole = Emulator::new(Size::new(cols, rows));
    whole.feed(bytes);
    let mut single = Emulator::new(Size::new(cols, rows));
    bytes.chunks(1).for_each(|byte| single.feed(byte));
    for emulator in [whole, single] {
        assert_eq!(
            lines(&emulator).join("\n").trim_end(),
            expected.join("\n").trim_end()
        );
    }
}

macro_rules! recordings {
    ($($name:ident: $program:literal at $cols:literal x $rows:literal;)*) => {$(
        #[test]
        fn $name() {
            shows(
                $cols,
                $rows,
                include_bytes!(concat!("../../tests/recordings/", $program, "-", $cols, "x", $rows, ".bytes")),
                include_str!(concat!("../../tests/recordings/", $program, "-", $cols, "x", $rows, ".txt")),
            );
        }
    )*};
}

recordings! {
    vim_80: "vim" at 80 x 24;
    vim_120: "vim" at 120 x 40;
    vim_40: "vim" at 40 x 12;
    less_80: "less" at 80 x 24;
    less_120: "less" at 120 x 40;
    less_40: "less" at 40 x 12;
    dialog_80: "dialog" at 80 x 24;
    dialog_120: "dialog" at 120 x 40;
    dialog_40: "dialog" at 40 x 12;
}
