//! Holds the map in `src/lib.rs` true: who may import whom, what is pure, which file names which outside crate, how
//! long a file may be. A rule that building shows to be wrong is changed here and in the map, in a commit of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each folder of `src` may import of ours.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("varint", &[]),
    ("when", &[]),
    ("term", &["varint"]),
    ("sync", &["varint"]),
    ("scrollback", &["varint", "term"]),
    ("protocol", &["varint", "term", "sync"]),
    ("export", &["varint", "term"]),
    // Keys have names in configuration, and lengths of time are written as on the command line.
    ("config", &["when", "term"]),
    ("pane", &["varint", "term", "scrollback", "protocol"]),
    ("session", &["protocol", "term"]),
    (
        "ui",
        &["when", "protocol", "config", "term", "sync", "scrollback"],
    ),
    ("auth", &["varint", "when", "protocol"]),
    (
        "disk",
        &["varint", "config", "scrollback", "session", "auth"],
    ),
    ("net", &["varint", "sync", "protocol", "auth"]),
    // Both sides copy files and forward connections alike.
    ("carry", &["protocol", "net"]),
    ("holder", &["term", "sync", "protocol", "disk"]),
    (
        "server",
        &[
            "varint",
            "when",
            "term",
            "sync",
            "scrollback",
            "protocol",
            "config",
            "pane",
            "session",
            "auth",
            "disk",
            "net",
            "carry",
            "holder",
        ],
    ),
    (
        "client",
        &[
            "varint", "when", "term", "sync", "protocol", "config", "ui", "auth", "disk", "net",
            "carry",
        ],
    ),
    (
        "cli",
        &[
            "varint",
            "when",
            "term",
            "sync",
            "scrollback",
            "ui",
            "protocol",
            "export",
            "config",
            "pane",
            "auth",
            "disk",
            "net",
            "carry",
            "holder",
            "server",
            "client",
        ],
    ),
];

/// Folders that know no clock, socket, file, process or randomness.
const PURE: &[&str] = &[
    "varint",
    "when",
    "term",
    "sync",
    "scrollback",
    "protocol",
    "export",
    "config",
    "pane",
    "session",
    "ui",
    "auth",
];

/// What a pure folder may not name.
const WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "std::os",
    "Instant::now",
    "SystemTime",
    "tokio::",
    "rustix::",
    "tracing::",
    "println!",
    "eprintln!",
];

/// Which files (by the beginning of their path below `src`) may name an outside crate.
const NAMED_IN: &[(&str, &[&str])] = &[
    // The tests alone: an oracle, and the law that sequences are read as that parser reads them.
    ("vt100", &[]),
    ("vte", &[]),
    // The tests alone: the law that clusters end where that crate ends them.
    ("unicode_segmentation", &["term/width"]),
    ("aes_gcm", &["scrollback/seal"]),
    // The key that a passphrase gives.
    ("argon2", &["disk/key"]),
    // New keys, and what makes every sealing differ.
    ("getrandom", &["disk/random"]),
    ("quinn", &["net/quic"]),
    ("quinn_proto", &["net/quic"]),
    ("rustls", &["net/quic"]),
    // Signatures, hashes and derived keys; the certificate of a connection is one of those keys.
    ("ring", &["auth/", "net/quic", "carry/"]),
    ("spake2", &["auth/pairing"]),
    // What spake2 takes its random bytes through.
    ("rand_core", &["auth/pairing"]),
    // Changes a file of hosts and leaves what its user wrote.
    ("toml_edit", &["auth/hosts"]),
    ("if_addrs", &["net/"]),
    ("zstd", &["scrollback/", "disk/writer", "sync/"]),
    ("regex_automata", &["scrollback/search"]),
    (
        "regex_syntax",
        &["scrollback/search", "scrollback/filter/query"],
    ),
    ("postcard", &["protocol/", "holder/wire", "server/"]),
    ("portable_pty", &["holder/"]),
    ("crossterm", &["client/terminal"]),
    ("ratatui", &["ui/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/args/", "cli/pages"]),
    ("clap_mangen", &["cli/pages"]),
    ("toml", &["config/", "ui/"]),
    (
        "tokio",
        &[
            "net/",
            "carry/",
            "server/",
            "client/",
            "disk/watch",
            "holder/link",
            "cli/enter",
        ],
    ),
    ("signal_hook", &["holder/", "client/"]),
    // The calendar is the one part that computes with dates; the time and the zone come from the clock.
    ("jiff", &["client/clock", "when"]),
    ("notify", &["disk/watch"]),
    ("tracing_subscriber", &["disk/log"]),
];

/// Files that may hold `unsafe`, each block with a `// SAFETY:`.
const UNSAFE: &[&str] = &["net/watched.rs", "holder/spawn.rs", "server/start.rs"];

const MAX_LINES: usize = 700;

struct Source {
    /// Below `src`, with `/`.
    path: String,
    /// The folder or file name at the top: `term`, `varint`, …
    part: String,
    /// What stands before the unit tests.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src can be listed") {
            let path: PathBuf = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&root, &path));
            }
        }
    }
    assert!(found.len() > 40, "src was found");
    let tests_only = only_for_tests(&found);
    found.retain(|source| !tests_only.contains(&source.path));
    found
}

/// Files that are modules under `#[cfg(test)]`.
fn only_for_tests(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let folder = source.path.trim_end_matches("mod.rs").trim_end_matches('/');
        for rest in source.code.split("#[cfg(test)]\n").skip(1) {
            let line = rest.lines().next().unwrap_or_default();
            let module = line
                .trim_start_matches("pub(crate) ")
                .strip_prefix("mod ")
                .and_then(|line| line.strip_suffix(';'));
            found.extend(module.map(|module| format!("{folder}/{module}.rs")));
        }
    }
    found
}

fn source(root: &Path, path: &Path) -> Source {
    let name = path
        .strip_prefix(root)
        .expect("below src")
        .to_string_lossy()
        .replace('\\', "/");
    let text = fs::read_to_string(path).expect("sources are text");
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .to_owned();
    let part = name
        .split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs")
        .to_owned();
    Source {
        path: name,
        part,
        code,
    }
}

/// The lines of code that are no comments, with their numbers.
fn lines(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source
        .code
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The names after `crate::` in a line; `crate::{a, b}` gives both.
fn imports(line: &str) -> Vec<String> {
    let name = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(list.split(',').map(|item| name(item.trim()))),
            None => found.push(name(rest)),
        }
    }
    found.retain(|name| !name.is_empty() && name.chars().all(|c| c.is_lowercase() || c == '_'));
    found
}

fn report(what: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

#[test]
fn imports_run_downwards() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut faults = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !matches!(source.part.as_str(), "lib" | "main"))
    {
        let Some(may) = allowed.get(source.part.as_str()) else {
            faults.push(format!("{}: the map does not know this part", source.path));
            continue;
        };
        for (at, line) in lines(source) {
            for name in imports(line)
                .iter()
                .filter(|name| **name != source.part && !may.contains(&name.as_str()))
            {
                faults.push(format!("{}:{at} names {name}", source.path));
            }
        }
    }
    report("a part imports what lies above it", faults);
}

#[test]
fn values_and_machines_do_not_touch_the_world() {
    let mut faults = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| PURE.contains(&source.part.as_str()))
    {
        for (at, line) in lines(source) {
            for word in WORLD.iter().filter(|word| line.contains(*word)) {
                faults.push(format!("{}:{at} names {word}", source.path));
            }
        }
    }
    report("a pure part touches the world", faults);
}

/// Whether a line names a crate: as a word of its own before `::`, or after `use`.
fn is_named(krate: &str, line: &str) -> bool {
    let ends_a_word = |text: &str| text.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut before = line.split(&format!("{krate}::")).collect::<Vec<_>>();
    before.pop();
    let is_imported = |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    before.iter().any(|text| !ends_a_word(text))
        || line.split(&format!("use {krate}")).skip(1).any(is_imported)
}

#[test]
fn outside_crates_are_named_in_few_files() {
    let mut faults = Vec::new();
    for source in &sources() {
        for (krate, places) in NAMED_IN {
            let outside = !places.iter().any(|place| source.path.starts_with(place));
            let names = |line: &str| is_named(krate, line);
            for (at, _) in lines(source).filter(|(_, line)| outside && names(line)) {
                faults.push(format!("{}:{at} names {krate}", source.path));
            }
        }
    }
    report("an outside crate is named elsewhere than agreed", faults);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut faults = Vec::new();
    for source in &sources() {
        let length = source.code.lines().count();
        if length > MAX_LINES {
            faults.push(format!(
                "{}: {length} lines before its tests, {MAX_LINES} at most",
                source.path
            ));
        }
        if !source.code.starts_with("//!") {
            faults.push(format!(
                "{}: does not begin by saying what it is",
                source.path
            ));
        }
    }
    report("a file has become a crossroads", faults);
}

#[test]
fn unsafe_stands_where_it_is_agreed() {
    let mut faults = Vec::new();
    for source in &sources() {
        for (at, line) in lines(source)
            .filter(|(_, line)| line.contains("unsafe ") && !line.contains("unsafe_code"))
        {
            if !UNSAFE.contains(&source.path.as_str()) {
                faults.push(format!("{}:{at} {}", source.path, line.trim()));
            }
        }
        if source.code.matches("unsafe {").count() > source.code.matches("// SAFETY:").count() {
            faults.push(format!(
                "{}: an unsafe block without its reason",
                source.path
            ));
        }
    }
    report("unsafe where nobody expects it", faults);
}

#[test]
fn nothing_unwraps() {
    let mut faults = Vec::new();
    for source in &sources() {
        for (at, line) in
            lines(source).filter(|(_, line)| line.contains(".unwrap()") || line.contains("todo!("))
        {
            faults.push(format!("{}:{at} {}", source.path, line.trim()));
        }
    }
    report("a failure would be a panic without words", faults);
}

#[test]
fn every_test_file_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let all = fs::read_to_string(root.join("all.rs")).expect("tests/all.rs");
    let mut faults = Vec::new();
    for entry in fs::read_dir(root).expect("tests can be listed") {
        let name = entry
            .expect("tests can be listed")
            .file_name()
            .to_string_lossy()
            .into_owned();
        if let Some(module) = name.strip_suffix(".rs")
            && module != "all"
            && !all.contains(&format!("mod {module};"))
        {
            faults.push(name);
        }
    }
    report("a test file that no run includes", faults);
}
