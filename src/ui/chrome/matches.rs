//! How many matches a search has, in words.

use crate::protocol::count::grouped;
use crate::protocol::scrolled::Tally;

/// Such as `17 of 3,204`, or how far the counting has come.
pub fn words(tally: Tally) -> String {
    match tally {
        Tally::Counting(percent) => format!("counting {percent} %"),
        Tally::Counted { at, of } => format!("{} of {}", grouped(at), grouped(of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let counted = |at, of| words(Tally::Counted { at, of });
        assert_eq!(counted(1, 1), "1 of 1");
        assert_eq!(counted(17, 3204), "17 of 3,204");
        assert_eq!(counted(100, 12_345_678), "100 of 12,345,678");
        assert_eq!(words(Tally::Counting(43)), "counting 43 %");
    }
}
