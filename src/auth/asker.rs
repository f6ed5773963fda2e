//! Who asked a server to listen for clients in the network: it does so nowhere by itself.

use std::fmt;
use std::str::FromStr;

/// Who asked a server to listen somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// `wt server run --listen`.
    Flag,
    /// `listen` in config.toml.
    Config,
    /// `wt ssh`, from elsewhere.
    Ssh,
    /// `wt pair`.
    Pairing,
}

impl Asker {
    const ALL: [(Asker, &str); 4] = [
        (Asker::Flag, "--listen"),
        (Asker::Config, "config.toml"),
        (Asker::Ssh, "wt-ssh"),
        (Asker::Pairing, "wt-pair"),
    ];
}

/// In one word.
impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::ALL.iter().find(|(asker, _)| asker == self);
        f.write_str(named.map_or("", |(_, word)| word))
    }
}

/// That is no word for anybody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nobody;

impl FromStr for Asker {
    type Err = Nobody;

    fn from_str(word: &str) -> Result<Self, Nobody> {
        let named = Self::ALL.iter().find(|(_, known)| *known == word);
        named.map(|(asker, _)| *asker).ok_or(Nobody)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for (asker, _) in Asker::ALL {
            assert_eq!(asker.to_string().parse(), Ok(asker));
        }
        assert_eq!("".parse::<Asker>(), Err(Nobody));
    }
}
