//! How a shell that wt starts comes to read its integration: by what is put before its own files, so that it reads
//! those as ever, and in the same order.

use crate::disk::shells::{Installed, Shell};

/// The environment of a program, by name.
pub(super) type Env = std::collections::BTreeMap<String, String>;

/// The folders that fish looks through if XDG_DATA_DIRS is not set (XDG Base Directory Specification).
const DATA_DIRS: &str = "/usr/local/share:/usr/share";

/// Arguments that a shell may have and still read its files as an interactive one.
const USUAL: [&str; 4] = ["-l", "--login", "-i", "--interactive"];

/// What has to be known to start a shell that is in no need of arguments: its program. Empty words are the login shell,
/// which the environment names.
fn program<'a>(argv: &'a [String], env: &'a Env) -> Option<&'a str> {
    let is_usual = |word: &String| USUAL.contains(&word.as_str());
    match argv.split_first() {
        None => env.get("SHELL").map(String::as_str),
        Some((program, rest)) => rest.iter().all(is_usual).then_some(program),
    }
}

/// The shell that these words start, if there is a script for it.
pub(super) fn shell_of(argv: &[String], env: &Env) -> Option<Shell> {
    Shell::of_program(program(argv, env)?)
}

/// Changes words and environment so that `shell` reads its script. Nothing is changed where that cannot work.
pub(super) fn inject(shell: Shell, installed: &Installed, argv: &mut Vec<String>, env: &mut Env) {
    let script = installed.script(shell).to_string_lossy().into_owned();
    match shell {
        Shell::Bash => inject_bash(&script, argv, env),
        Shell::Zsh => {
            if let Some(own) = env.remove("ZDOTDIR") {
                env.insert("WT_ZSH_ZDOTDIR".into(), own);
            }
            let dir = installed.zsh_dir().to_string_lossy().into_owned();
            env.insert("ZDOTDIR".into(), dir);
            env.insert("WT_ZSH_INTEGRATION".into(), script);
        }
        Shell::Fish => {
            let dir = installed.data_dir().to_string_lossy().into_owned();
            if dir.contains(':') {
                return;
            }
            let own = env.remove("XDG_DATA_DIRS");
            let dirs = own.as_deref().unwrap_or(DATA_DIRS);
            env.insert("XDG_DATA_DIRS".into(), format!("{dir}:{dirs}"));
            if let Some(own) = own {
                env.insert("WT_FISH_DATA_DIRS".into(), own);
            }
            env.insert("WT_FISH_START".into(), "1".into());
        }
    }
}

/// In POSIX mode an interactive bash reads the file that ENV names, and no other, also as a login shell (bash(1),
/// "Invocation"). The script leaves that mode and reads what bash would have read.
fn inject_bash(script: &str, argv: &mut Vec<String>, env: &mut Env) {
    // The shell expands what ENV says.
    if script.contains(['$', '`', '\\', '"', '\'']) {
        return;
    }
    if argv.is_empty() {
        argv.extend(env.get("SHELL").cloned());
        argv.push("-l".into());
    }
    // Long options stand before short ones.
    argv.insert(1, "--posix".into());
    if let Some(own) = env.insert("ENV".into(), script.to_owned()) {
        env.insert("WT_BASH_ENV".into(), own);
    }
    env.insert("WT_BASH_START".into(), "1".into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn env(text: &str) -> Env {
        let pair = |word: &str| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        text.split_whitespace().filter_map(pair).collect()
    }

    #[test]
    fn a_shell_with_unusual_arguments_is_left_alone() {
        let login = env("SHELL=/bin/zsh");
        let of = |argv: &str| shell_of(&words(argv), &login);
        assert_eq!(of(""), Some(Shell::Zsh));
        assert_eq!(of("/usr/bin/bash -l"), Some(Shell::Bash));
        assert_eq!(of("bash --norc"), None);
        assert_eq!(of("bash -c ls"), None);
        assert_eq!(of("htop"), None);
        assert_eq!(shell_of(&[], &Env::new()), None);
    }

    #[test]
    fn bash_reads_the_script_in_place_of_its_files() {
        let (mut argv, mut own) = (Vec::new(), env("SHELL=/bin/bash ENV=~/.shrc"));
        inject_bash("/s/wt.bash", &mut argv, &mut own);
        assert_eq!(argv, ["/bin/bash", "--posix", "-l"]);
        let expected = "SHELL=/bin/bash ENV=/s/wt.bash WT_BASH_ENV=~/.shrc WT_BASH_START=1";
        assert_eq!(own, env(expected));
        let (mut argv, mut own) = (words("bash -i"), Env::new());
        inject_bash("/s/wt.bash", &mut argv, &mut own);
        assert_eq!(argv, ["bash", "--posix", "-i"]);
        let (mut argv, mut own) = (words("bash"), Env::new());
        inject_bash("/$HOME/wt.bash", &mut argv, &mut own);
        assert_eq!((argv, own), (words("bash"), Env::new()));
    }
}
