//! The vt100 crate and alacritty_terminal as oracles; what is compared, and what is left out, stands in `against`.

use crate::term;
use proptest::prelude::*;

#[path = "../../tests/fuzz/src/against.rs"]
mod against;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_screen_is_that_of_other_emulators(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        against::agrees(&bytes);
    }
}
