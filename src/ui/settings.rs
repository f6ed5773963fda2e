//! What the user interface takes from configuration, as one value: made of the files as they were read, without a look
//! at the disk.

use super::keymap::Keymap;
use super::theme::{Scheme, Theme};
use crate::config::{Alerts, Clipboard, Config, ConfigError, Look, Predict, Sharing, Sources};

/// All that the user interface takes from configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What keys do.
    pub keymap: Keymap,
    /// How long a key that repeats may be repeated, in milliseconds.
    pub repeat_ms: u64,
    /// The look of a dark terminal.
    pub dark: Theme,
    /// The look of a light terminal.
    pub light: Theme,
    /// Titles, clock, messages.
    pub look: Look,
    /// Whether mouse events are taken.
    pub mouse: bool,
    /// What is to be noticed.
    pub alerts: Alerts,
    /// Where copied text goes.
    pub clipboard: Clipboard,
    /// What programs get of the client.
    pub sharing: Sharing,
    /// What opens a link.
    pub open: Option<Vec<String>>,
    /// Whether keys are drawn before the server has answered.
    pub predict: Predict,
}

impl Settings {
    /// Makes settings of the files as they were read. Where a theme or the keymap cannot be used, that of `kept` stays,
    /// or the built-in one where nothing held before. What is wrong comes beside.
    pub fn load(
        config: &Config,
        sources: &Sources,
        kept: Option<&Settings>,
    ) -> (Self, Vec<ConfigError>) {
        let mut problems = Vec::new();
        let problem = |name: &'static str, message| config.problem(name, message);
        let (keymap, wrong) = Keymap::load(&config.keys, &sources.keymaps, problem);
        problems.extend(wrong);
        let mut theme = |name: &str| {
            let asked = |message| problem("theme", message);
            let (theme, wrong) = Theme::load(name, &sources.themes, asked);
            problems.extend(wrong);
            theme
        };
        let dark = theme(&config.look.dark);
        let light = match config.look.light == config.look.dark {
            true => dark.clone(),
            false => theme(&config.look.light),
        };
        let settings = Self {
            keymap: keymap
                .or_else(|| Some(kept?.keymap.clone()))
                .unwrap_or_default(),
            repeat_ms: config.keys.repeat_ms,
            dark: dark
                .or_else(|| Some(kept?.dark.clone()))
                .unwrap_or_else(|| Theme::built_in(&Look::default().dark)),
            light: light
                .or_else(|| Some(kept?.light.clone()))
                .unwrap_or_else(|| Theme::built_in(&Look::default().light)),
            look: config.look.clone(),
            mouse: config.mouse,
            alerts: config.alerts,
            clipboard: config.clipboard.clone(),
            sharing: config.sharing.clone(),
            open: config.open.clone(),
            predict: config.predict,
        };
        (settings, problems)
    }

    /// The theme for a terminal of that scheme.
    pub fn theme(&self, scheme: Scheme) -> &Theme {
        match scheme {
            Scheme::Dark => &self.dark,
            Scheme::Light => &self.light,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let config = Config::default();
        Self {
            keymap: Keymap::default(),
            repeat_ms: config.keys.repeat_ms,
            dark: Theme::built_in(&config.look.dark),
            light: Theme::built_in(&config.look.light),
            look: config.look,
            mouse: config.mouse,
            alerts: config.alerts,
            clipboard: config.clipboard,
            sharing: config.sharing,
            open: config.open,
            predict: config.predict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn sources(themes: &[(&str, &str)]) -> Sources {
        let source = |&(name, text): &(&str, &str)| Source {
            name: name.to_owned(),
            file: format!("themes/{name}.toml"),
            text: Ok(text.to_owned()),
        };
        Sources {
            themes: themes.iter().map(source).collect(),
            keymaps: Vec::new(),
        }
    }

    #[test]
    fn an_empty_configuration_is_the_default() {
        let (settings, problems) = Settings::load(&Config::default(), &Sources::default(), None);
        assert_eq!((settings, problems), (Settings::default(), vec![]));
    }

    #[test]
    fn what_cannot_be_used_at_the_start_is_built_in() {
        let (config, _) = Config::parse("theme = 'none'\nkeymap = 'none'", "config.toml");
        let (settings, problems) = Settings::load(&config, &Sources::default(), None);
        let built_in = Settings::default();
        assert_eq!(problems.len(), 2);
        assert_eq!(settings.keymap, built_in.keymap);
        assert_eq!(
            (settings.dark, settings.light),
            (built_in.dark, built_in.light)
        );
    }

    #[test]
    fn a_bad_theme_leaves_the_old_one_and_changes_nothing_else() {
        let (config, _) = Config::parse("theme = 'mine'\nmouse = false", "config.toml");
        let good = sources(&[("mine", "[tab]\nfg = 'red'\n")]);
        let (first, problems) = Settings::load(&config, &good, None);
        assert_eq!(problems, []);
        let (config, _) = Config::parse("theme = 'mine'\nkeymap = 'vi'", "config.toml");
        let bad = sources(&[("mine", "[tab]\nfg = 'beige'\n")]);
        let (second, problems) = Settings::load(&config, &bad, Some(&first));
        assert_eq!(problems.len(), 1, "said once, though both schemes use it");
        assert_eq!(second.dark, first.dark);
        assert!(second.mouse);
        assert_eq!(second.keymap, Keymap::builtin("vi").expect("a keymap"));
    }

    #[test]
    fn the_terminal_decides_between_two_themes() {
        let settings = Settings::default();
        assert_eq!(settings.theme(Scheme::Dark).kind, Scheme::Dark);
        assert_eq!(settings.theme(Scheme::Light).kind, Scheme::Light);
    }
}
