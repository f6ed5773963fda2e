//! A pair of clients, the first of which acts by its keys.

use super::{CONFIG, KEYS};
use crate::support::Pair;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

/// Makes a test of each function named, and the list of what they drive.
macro_rules! driving {
    ($($test:ident: $($action:literal),+;)+) => {
        /// The actions that each test here drives.
        pub const DRIVEN: &[&[&str]] = &[$(&[$($action),+]),+];

        mod tests {
            $(#[test]
            fn $test() {
                super::super::acting::Acting::drive(&[$($action),+], super::$test);
            })+
        }
    };
}

/// The clients, and what the first one has done.
pub struct Acting {
    pair: Pair,
    done: BTreeSet<&'static str>,
}

impl Acting {
    /// Runs a test, which has to do just these actions.
    pub fn drive(actions: &[&str], test: fn(&mut Acting)) {
        let mut acting = Self {
            pair: Pair::open(CONFIG),
            done: BTreeSet::new(),
        };
        test(&mut acting);
        let wanted: BTreeSet<&str> = actions.iter().copied().collect();
        assert_eq!(acting.done, wanted, "what was done and what should be");
    }

    /// Types the keys of that action in the first client.
    pub fn act(&mut self, name: &'static str) {
        let known = KEYS.iter().find(|(known, _)| *known == name);
        self.pair.one.send(known.expect("an action with a key").1);
        self.done.insert(name);
    }
}

impl Deref for Acting {
    type Target = Pair;

    fn deref(&self) -> &Pair {
        &self.pair
    }
}

impl DerefMut for Acting {
    fn deref_mut(&mut self) -> &mut Pair {
        &mut self.pair
    }
}
