//! Reads `config.toml`, and says in one line what is wrong where.

use super::faults::{ConfigError, Faults, describe, no_such};
use super::{Config, History, KEYS, KeyDoc, Layer};
use toml::de::DeValue;

pub(super) fn parse(text: &str, file: &str) -> (Config, Vec<ConfigError>) {
    let mut config = Config::default();
    file.clone_into(&mut config.origin.file);
    let (table, mut faults) = Faults::read(text, file);
    for entry in faults.entries(&table) {
        match set(entry.name, entry.value, &mut config) {
            Ok(key) => config.origin.lines.push((key.name, entry.line)),
            Err(message) => faults.push(entry.line, message),
        }
        match (entry.name, entry.value) {
            ("keys", DeValue::Table(tables)) => {
                config.keys.overlay = Layer::read_tables(tables, file, &mut faults);
            }
            ("history", DeValue::Table(table)) => {
                config.history = History::read(table, &mut faults);
            }
            _ => {}
        }
    }
    (config, faults.finish())
}

fn set(name: &str, value: &DeValue, config: &mut Config) -> Result<&'static KeyDoc, String> {
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        return Err(no_such("key", name, KEYS.iter().map(|key| key.name)));
    };
    (key.set)(value, config).ok_or_else(|| {
        let found = describe(value);
        format!("`{name}` is {found}; it takes {}", key.expects)
    })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::super::{Clipboard, Clock, Origin, Predict};
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        let (_, errors) = Config::parse(text, "config.toml");
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
            shell = ["zsh", "-l"]
            predict = "never"
            term = "screen-256color"
            mouse = false
            theme = { dark = "dusk", light = "paper" }
            prefix = "C-a"
            clock = "off"
            clipboard = ["wl-copy"]
            repeat-time = 1_000
            listen = ['[::]:60001', '127.0.0.1:7', '[::]:60001']
            [env]
            EDITOR = "vim"
            [keys.prefix]
            "x" = "zoom"
        "#;
        let (config, errors) = Config::parse(text, "config.toml");
        assert_eq!(errors, []);
        assert_eq!(config.shell, Some(vec!["zsh".into(), "-l".into()]));
        assert_eq!(config.predict, Predict::Never);
        assert_eq!(config.term, "screen-256color");
        assert!(!config.mouse);
        assert_eq!(config.env, [("EDITOR".into(), "vim".into())]);
        let look = (&*config.look.dark, &*config.look.light, config.look.clock);
        assert_eq!(look, ("dusk", "paper", Clock::Off));
        assert_eq!(config.keys.prefix, "C-a".parse().ok());
        assert_eq!(config.keys.repeat_ms, 1000);
        assert_eq!(config.clipboard, Clipboard::Command(vec!["wl-copy".into()]));
        let listen: Vec<String> = config.listen.iter().map(ToString::to_string).collect();
        assert_eq!(listen, ["127.0.0.1:7", "[::]:60001"]);
        assert_eq!(config.keys.overlay.tables[0].bindings[0].line, 15);
        let problem = config.problem("theme", "x".into());
        assert_eq!(problem.to_string(), "config.toml:6: x");
    }

    #[test]
    fn an_empty_file_and_the_documented_defaults_are_the_default() {
        assert_eq!(Config::parse("", "").0, Config::default());
        let keys = KEYS.iter().filter(|key| !key.default.is_empty());
        let text: Vec<String> = keys
            .map(|key| format!("{} = {}", key.name, key.default))
            .collect();
        let (mut config, errors) = Config::parse(&text.join("\n"), "");
        config.origin = Origin::default();
        assert_eq!((config, errors), (Config::default(), vec![]));
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_the_nearest_right_one() {
        assert_eq!(
            lines("mouse = true\nshel = 'zsh'\n"),
            ["config.toml:2: there is no key `shel`; is `shell` meant?"]
        );
        assert_eq!(
            lines("colour = 1"),
            [
                "config.toml:1: there is no key `colour`; there are theme, keymap, prefix, keys, mouse, pane-titles, \
                 clock, activity, silence, bell, notify-after, repeat-time, message-time, clipboard, \
                 clipboard-read, ssh-agent, update-environment, history, listen, open, predict, shell, \
                 shell-integration, term, env"
            ]
        );
    }

    #[test]
    fn a_wrong_value_is_said_with_what_is_expected() {
        assert_eq!(
            lines("\n\nmouse = 'on'"),
            ["config.toml:3: `mouse` is \"on\"; it takes true or false"]
        );
        assert_eq!(
            lines("predict = 3"),
            ["config.toml:1: `predict` is 3; it takes \"auto\", \"always\" or \"never\""]
        );
        for wrong in [
            "shell = []",
            "shell = ['']",
            "shell = [1]",
            "term = ''",
            "env = { A = 1 }",
            "theme = { dark = 'a' }",
            "prefix = 'C-bb'",
            "silence = -1",
            "repeat-time = 1e3",
            "message-time = 0xff",
            "clipboard = 'wl-copy'",
            "clipboard = []",
            "clipboard-read = true",
            "ssh-agent = 'yes'",
            "listen = '0.0.0.0:60001'",
            "listen = ['60001']",
            "listen = ['desk:60001']",
            "listen = ['0.0.0.0:0']",
            "update-environment = 'DISPLAY'",
            "update-environment = ['A=B']",
            "update-environment = ['$(x)']",
            "keys = 1",
            "keys = { prefix = 1 }",
            "[keys.prefix]\n'C-bb' = 'zoom'",
        ] {
            assert_eq!(lines(wrong).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn what_is_right_holds_beside_what_is_wrong() {
        let (config, errors) = Config::parse("shell = 1\nmouse = false\nterm = 'vt100'\nx = ", "f");
        assert!(!config.mouse);
        assert_eq!(config.term, "vt100");
        let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [1, 4]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_every_problem_is_one_line(text in "[\\PC\n=\"\\[\\]{}#']{0,200}") {
            for error in Config::parse(&text, "f").1 {
                prop_assert!(!error.to_string().contains('\n'));
                prop_assert!(error.line <= 1 + text.matches('\n').count());
            }
        }
    }
}
