//! The user's configuration as the client has it: read when it starts, and again when a file changes.

use crate::config::{Config, ConfigError, Sources};
use crate::disk::places::Places;
use crate::ui::Settings;

/// Files of configuration, and what was made of them.
#[derive(Debug)]
pub struct Configuration {
    places: Places,
    config: Config,
    problems: Vec<ConfigError>,
    sources: Sources,
    settings: Settings,
}

/// What reading again found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reread {
    /// The files say what they said before.
    Same,
    /// They say something else.
    Changed,
}

impl Configuration {
    /// Reads the files of these places. What is wrong in them is kept for [`Configuration::problem`].
    pub fn read(places: &Places) -> Self {
        let (config, mut problems) = places.read_config();
        let sources = places.read_sources();
        let (settings, wrong) = Settings::load(&config, &sources, None);
        problems.extend(wrong);
        Self {
            places: places.clone(),
            config,
            problems,
            sources,
            settings,
        }
    }

    /// Reads the files again. A file that cannot be used changes nothing: what it said before holds on.
    pub fn reread(&mut self) -> Reread {
        let (config, mut problems) = self.places.read_config();
        let sources = self.places.read_sources();
        if problems.is_empty() {
            self.config = config;
        }
        let (settings, wrong) = Settings::load(&self.config, &sources, Some(&self.settings));
        problems.extend(wrong);
        let is_same =
            (&settings, &sources, &problems) == (&self.settings, &self.sources, &self.problems);
        (self.settings, self.sources, self.problems) = (settings, sources, problems);
        match is_same {
            true => Reread::Same,
            false => Reread::Changed,
        }
    }

    /// What holds.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the files are.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The first problem and how many more there are, in one line; files are named from their directory on.
    pub fn problem(&self) -> Option<String> {
        let dir = format!("{}/", self.places.config_dir().display());
        let line = ConfigError::summary(&self.problems)?;
        Some(line.replace(&dir, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::places::Roots;
    use std::fs;

    #[test]
    fn a_bad_file_changes_nothing_and_is_named_from_the_directory_on() {
        let home = tempfile::tempdir().expect("a directory");
        let at = |name: &str| home.path().join(name);
        let roots = Roots {
            tmp: home.path().to_owned(),
            config: at("config"),
            state: at("state"),
        };
        let places = Places::under("default", &roots).expect("places");
        let mut configuration = Configuration::read(&places);
        assert_eq!(configuration.problem(), None);
        assert_eq!(configuration.reread(), Reread::Same);

        fs::create_dir_all(at("config/wt/keymaps")).expect("a directory");
        fs::write(
            at("config/wt/config.toml"),
            "keymap = 'mine'\nmouse = false\n",
        )
        .expect("a file");
        fs::write(at("config/wt/keymaps/mine.toml"), "include = 'vi'\n").expect("a file");
        assert_eq!(configuration.reread(), Reread::Changed);
        assert_eq!(configuration.problem(), None);
        assert!(!configuration.settings().mouse);
        let before = configuration.settings().clone();

        fs::write(
            at("config/wt/keymaps/mine.toml"),
            "[root]\n'x' = 'zom'\n'y' = 1\n",
        )
        .expect("a file");
        assert_eq!(configuration.reread(), Reread::Changed);
        assert_eq!(configuration.settings(), &before);
        let problem = configuration.problem().expect("a problem");
        assert!(
            problem.starts_with("keymaps/mine.toml:2: [root] `x`: there is no action `zom`"),
            "{problem}"
        );
        assert!(problem.ends_with("(+1 more: wt config check)"), "{problem}");

        fs::write(at("config/wt/config.toml"), "mouse = 'off'\n").expect("a file");
        assert_eq!(configuration.reread(), Reread::Changed);
        assert_eq!(
            configuration.settings(),
            &before,
            "the config that was good holds on"
        );
    }
}
