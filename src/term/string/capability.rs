//! XTGETTCAP: what the terminal can do, by the names that terminfo and termcap have for it (xterm ctlseqs, "Request
//! Termcap/Terminfo String"; terminfo(5); user_caps(5) for those that programs have added).

use super::super::limits::MAX_CAPABILITIES;
use super::super::terminal::Terminal;

/// What a capability comes to.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// It is there.
    Flag,
    /// This, with its escapes as they are.
    Text(&'static str),
}

use Value::{Flag, Text};

/// Each capability by its names. Keys are as in application mode, as terminfo has them.
const KNOWN: &[(&[&str], Value)] = &[
    (&["TN", "name"], Text("xterm-256color")),
    (&["Co", "colors"], Text("256")),
    (&["RGB"], Text("8/8/8")),
    (&["Tc"], Flag),
    (&["Su"], Flag),
    (&["XT"], Flag),
    (&["AX"], Flag),
    (&["bce", "ut"], Flag),
    (&["am"], Flag),
    (&["xenl", "xn"], Flag),
    (&["Smulx"], Text("\x1b[4:%p1%dm")),
    (
        &["Setulc"],
        Text("\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm"),
    ),
    (&["setrgbf"], Text("\x1b[38:2:%p1%d:%p2%d:%p3%dm")),
    (&["setrgbb"], Text("\x1b[48:2:%p1%d:%p2%d:%p3%dm")),
    (&["Smol"], Text("\x1b[53m")),
    (&["Rmol"], Text("\x1b[55m")),
    (&["smxx"], Text("\x1b[9m")),
    (&["rmxx"], Text("\x1b[29m")),
    (&["sitm", "ZH"], Text("\x1b[3m")),
    (&["ritm", "ZR"], Text("\x1b[23m")),
    (&["Ms"], Text("\x1b]52;%p1%s;%p2%s\x1b\\")),
    (&["Ss"], Text("\x1b[%p1%d q")),
    (&["Se"], Text("\x1b[0 q")),
    (&["Cs"], Text("\x1b]12;%p1%s\x1b\\")),
    (&["Cr"], Text("\x1b]112\x1b\\")),
    (&["Sync"], Text("\x1b[?2026%?%p1%{1}%-%tl%eh%;")),
    (&["BE"], Text("\x1b[?2004h")),
    (&["BD"], Text("\x1b[?2004l")),
    (&["PS"], Text("\x1b[200~")),
    (&["PE"], Text("\x1b[201~")),
    (&["fe"], Text("\x1b[?1004h")),
    (&["fd"], Text("\x1b[?1004l")),
    (&["indn", "SF"], Text("\x1b[%p1%dS")),
    (&["rin", "SR"], Text("\x1b[%p1%dT")),
    (&["E3"], Text("\x1b[3J")),
    (&["kbs", "kb"], Text("\x7f")),
    (&["kcuu1", "ku"], Text("\x1bOA")),
    (&["kcud1", "kd"], Text("\x1bOB")),
    (&["kcuf1", "kr"], Text("\x1bOC")),
    (&["kcub1", "kl"], Text("\x1bOD")),
    (&["khome", "kh"], Text("\x1bOH")),
    (&["kend", "@7"], Text("\x1bOF")),
    (&["kich1", "kI"], Text("\x1b[2~")),
    (&["kdch1", "kD"], Text("\x1b[3~")),
    (&["kpp", "kP"], Text("\x1b[5~")),
    (&["knp", "kN"], Text("\x1b[6~")),
    (&["kcbt", "kB"], Text("\x1b[Z")),
    (&["kHOM", "#2"], Text("\x1b[1;2H")),
    (&["kEND", "*7"], Text("\x1b[1;2F")),
    (&["kLFT", "#4"], Text("\x1b[1;2D")),
    (&["kRIT", "%i"], Text("\x1b[1;2C")),
    (&["kDC", "*4"], Text("\x1b[3;2~")),
    (&["kIC", "#3"], Text("\x1b[2;2~")),
    (&["kf1", "k1"], Text("\x1bOP")),
    (&["kf2", "k2"], Text("\x1bOQ")),
    (&["kf3", "k3"], Text("\x1bOR")),
    (&["kf4", "k4"], Text("\x1bOS")),
    (&["kf5", "k5"], Text("\x1b[15~")),
    (&["kf6", "k6"], Text("\x1b[17~")),
    (&["kf7", "k7"], Text("\x1b[18~")),
    (&["kf8", "k8"], Text("\x1b[19~")),
    (&["kf9", "k9"], Text("\x1b[20~")),
    (&["kf10", "k;"], Text("\x1b[21~")),
    (&["kf11", "F1"], Text("\x1b[23~")),
    (&["kf12", "F2"], Text("\x1b[24~")),
];

impl Terminal {
    /// Answers each name (in hexadecimal, between semicolons) by a string of its own: programs take one at a time.
    pub(super) fn capability_report(&mut self, names: &[u8]) {
        let names = names.split(|byte| *byte == b';');
        for name in names.filter(|name| !name.is_empty()).take(MAX_CAPABILITIES) {
            // What is no hexadecimal is not sent back: it could be anything.
            let Some(plain) = from_hex(name) else {
                return self.effects.reply(b"\x1bP0+r\x1b\\");
            };
            let name = String::from_utf8_lossy(name);
            let answer = match known(&plain) {
                None => format!("\x1bP0+r{name}\x1b\\"),
                Some(Flag) => format!("\x1bP1+r{name}\x1b\\"),
                Some(Text(text)) => format!("\x1bP1+r{name}={}\x1b\\", to_hex(text)),
            };
            self.effects.reply(answer.as_bytes());
        }
    }
}

fn known(name: &[u8]) -> Option<Value> {
    let has = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
    let found = KNOWN.iter().find(|(names, _)| has(names));
    found.map(|(_, value)| *value)
}

/// At most as many bytes as a name may have.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    const MAX_NAME: usize = 64;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.chunks(2).map(|pair| match pair {
        [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
        _ => None,
    });
    pairs
        .collect::<Option<Vec<u8>>>()
        .filter(|name| name.len() <= MAX_NAME)
}

fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{fed, replies};
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = KNOWN.iter().flat_map(|(names, _)| *names).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn each_name_is_answered_as_it_was_asked() {
        for (asked, answer) in [
            ("436F", "\x1bP1+r436F=323536\x1b\\"),
            ("5463", "\x1bP1+r5463\x1b\\"),
            ("5375;6b31", "\x1bP1+r5375\x1b\\\x1bP1+r6b31=1B4F50\x1b\\"),
            ("7878", "\x1bP0+r7878\x1b\\"),
            ("xyz", "\x1bP0+r\x1b\\"),
            ("123", "\x1bP0+r\x1b\\"),
            ("", ""),
        ] {
            let mut emulator = fed(9, 1, &format!("\x1bP+q{asked}\x1b\\"));
            assert_eq!(replies(&mut emulator), answer, "{asked}");
        }
    }
}
