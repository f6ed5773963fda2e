//! OSC 133: the shell says where prompts, commands and their output begin (FinalTerm's semantic prompts).

use super::super::effect::{Effect, Mark};
use super::super::terminal::Terminal;
use super::split;

impl Terminal {
    /// A letter, then parameters: `k=` says what kind of prompt begins, `D` has the exit code first. What else may stand
    /// there (`aid=`, `cl=`, …) is for terminals that move the cursor by mouse.
    pub(super) fn mark(&mut self, body: &[u8]) {
        let (kind, rest) = split(body);
        let mark = match kind {
            b"A" | b"P" if begins(rest) => Mark::Prompt,
            b"B" => Mark::Command,
            b"C" => Mark::Output,
            b"D" => {
                let code = std::str::from_utf8(split(rest).0).ok();
                Mark::End(code.and_then(|code| code.parse().ok()))
            }
            _ => return,
        };
        self.effects.push(Effect::Mark(mark));
    }
}

/// Whether the prompt is the first of its line: not one at the right (`k=r`), nor one that goes on (`k=c`, `k=s`).
fn begins(params: &[u8]) -> bool {
    let mut params = params.split(|byte| *byte == b';');
    let kind = params.find_map(|param| param.strip_prefix(b"k="));
    kind.is_none_or(|kind| kind == b"i")
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::fed;
    use super::*;

    #[test]
    fn parameters_are_read_or_passed_over() {
        let said = [
            "A;aid=7;cl=line",
            "P;k=i",
            "A;k=s",
            "P;k=r",
            "B",
            "C;cmdline=ls",
            "D;130;aid=7",
            "D;err=x",
            "D",
            "Z",
        ];
        let text: String = said.map(|mark| format!("\x1b]133;{mark}\x07")).concat();
        let mut emulator = fed(9, 1, &text);
        let marks: Vec<_> = std::iter::from_fn(|| emulator.poll()).collect();
        let expected = [
            Mark::Prompt,
            Mark::Prompt,
            Mark::Command,
            Mark::Output,
            Mark::End(Some(130)),
            Mark::End(None),
            Mark::End(None),
        ];
        assert_eq!(marks, expected.map(Effect::Mark));
    }
}
