//! What the benches of the emulator read: output of five kinds, the same in every run.

/// A plain log, a coloured build, CJK and emoji, redraws of a full screen, and lines of 4000 characters.
pub const CORPORA: [&str; 5] = ["log", "build", "cjk", "tui", "longline"];
const LENGTH: usize = 8 << 20;

/// A small generator with a fixed seed: the corpora are the same in every run.
struct Seed(u64);

impl Seed {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn word(&mut self) -> String {
        let length = 2 + self.below(9);
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }

    fn words(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            text += &self.word();
            text.push(' ');
        }
        text
    }
}

/// The output called `name`, one of [`CORPORA`].
pub fn corpus(name: &str) -> Vec<u8> {
    let mut seed = Seed(0x5eed);
    let mut out = String::new();
    while out.len() < LENGTH {
        out += &match name {
            "log" => format!(
                "2026-11-21T06:{:02}:11Z INFO {}\r\n",
                seed.below(60),
                seed.words(44)
            ),
            "build" => format!(
                "\x1b[0m\x1b[1m\x1b[38;5;{}m   Compiling\x1b[0m {} v0.{} (\x1b[4m{}\x1b[24m)\r\n\x1b[33mwarning\x1b[0m: {}\r\n",
                seed.below(16),
                seed.word(),
                seed.below(90),
                seed.word(),
                seed.words(30),
            ),
            "cjk" => {
                let han: String = (0..30)
                    .filter_map(|_| char::from_u32(0x4e00 + seed.below(0x5000) as u32))
                    .collect();
                format!("{han} {} é 👍🏽 ❤\u{fe0f}\r\n", seed.word())
            }
            "tui" => format!(
                "\x1b[{};{}H\x1b[38;2;{};{};40m{}\x1b[m\x1b[K",
                1 + seed.below(24),
                1 + seed.below(60),
                seed.below(8) * 30,
                seed.below(8) * 30,
                seed.words(16),
            ),
            _ => seed.words(4000) + "\r\n",
        };
    }
    out.into_bytes()
}
