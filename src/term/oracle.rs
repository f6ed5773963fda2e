//! The vt100 crate as an oracle, on streams of what both do alike. Left out, as vt100 does otherwise: erasing with
//! attributes (it keeps more than the background), pending wrap before BS and CUB (one column off), DECSTBM's home
//! (the top margin), CUD from above the margins (it passes the lower one), 1049's cursor (vt100 keeps two) and 1049 without its other half, the column after IL and DL (ECMA-48 §8.3.67 has line home), tabs, charsets, insert mode, IND, NEL and SCORC (missing), characters of no width on their own, and
//! wide characters at the margin.

use super::testing::lines;
use super::{Emulator, Size};
use proptest::prelude::*;

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof!["[a-z ]{1,14}", "[a-zéß]{1,6}"].prop_map(String::into_bytes);
    let control = prop::sample::select(vec!["\r", "\r\n", "\r\n\r\n", "\x1b[r\x1b[2;3H\x1bM\x1bM"])
        .prop_map(|c| c.as_bytes().to_vec());
    let place =
        (1..7u16, 1..13u16).prop_map(|(row, col)| format!("\x1b[{row};{col}H").into_bytes());
    let csi = (1..5u16, prop::sample::select(b"@ABCGLMPSTXd".to_vec())).prop_map(|(n, end)| {
        // Leaving the pending wrap first by going to a known column keeps vt100 on the same one.
        format!("\x1b[3G\x1b[{n}{}\x1b[3G", char::from(end)).into_bytes()
    });
    let erase = (0..3u16, prop::sample::select(b"JK".to_vec()))
        .prop_map(|(n, end)| format!("\x1b[4G\x1b[{n}{}", char::from(end)).into_bytes());
    let other = prop::sample::select(vec![
        "\x1b[31m",
        "\x1b[m",
        "\x1b[1;44m",
        "\x1b[1;4r\x1b[1;1H",
        "\x1b[2;4r\x1b[4;1H\n\n\x1b[2;1H\x1bM\x1b[3;1H\x1b[L\x1b[r\x1b[1;1H",
        "\x1b[r\x1b[1;1H",
        "\x1b[?1049h\x1b[1;1Hxyz\x1b[?1049l",
        "\x1b[2G\x1b7",
        "\x1b8",
    ])
    .prop_map(|s| s.as_bytes().to_vec());
    let piece = prop_oneof![6 => text, 3 => control, 3 => place, 4 => csi, 2 => erase, 1 => other];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn the_screen_is_that_of_vt100(bytes in stream()) {
        let mut ours = Emulator::new(Size::new(12, 6));
        ours.feed(&bytes);
        let rows = std::num::NonZeroU16::new(6).expect("6 is not 0");
        let cols = std::num::NonZeroU16::new(12).expect("12 is not 0");
        let mut theirs = vt100::Parser::new(rows, cols, 0);
        theirs.process(&bytes);
        let shown: Vec<String> = theirs
            .screen()
            .rows(0, 12)
            .map(|row| row.trim_end().to_owned())
            .collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        prop_assert_eq!(lines(&ours), shown, "{:?}", text);
        let (row, col) = theirs.screen().cursor_position();
        let cursor = ours.cursor();
        prop_assert_eq!((cursor.row, cursor.col), (row, col.min(11)), "{:?}", text);
    }
}
