//! Themes: those that are built in, and what a user's own may do wrong.

use super::*;

fn own(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |&(name, text): &(&str, &str)| Source {
        name: name.to_owned(),
        file: format!("themes/{name}.toml"),
        text: Ok(text.to_owned()),
    };
    files.iter().map(source).collect()
}

fn load(text: &str) -> (Option<Theme>, Vec<String>) {
    let asked = |message| ConfigError {
        file: "config.toml".to_owned(),
        line: 1,
        message,
    };
    let (theme, problems) = Theme::load("mine", &own(&[("mine", text)]), asked);
    (theme, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn every_built_in_theme_is_whole_and_can_be_read() {
    let mut faults = Vec::new();
    for known in BUILT_IN {
        let asked = |message| panic!("{message}");
        let (theme, problems) = Theme::load(known.name, &[], asked);
        assert_eq!(problems, [], "{}", known.name);
        let theme = theme.expect(known.name);
        for depth in [ColorDepth::True, ColorDepth::Indexed256] {
            let theme = theme.clone().for_depth(depth);
            for (doc, face) in FACES.iter().zip(theme.faces()) {
                let contrast = contrast(face.0, theme.kind);
                let least = if doc.shows == Shows::Text { 4.5 } else { 1.5 };
                if contrast < least {
                    faults.push(format!(
                        "{} at {depth}: {}: {contrast:.1}",
                        known.name, doc.name
                    ));
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_file_of_themes_is_built_in() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/themes");
    let files = std::fs::read_dir(dir).expect("themes").count();
    assert_eq!(files, BUILT_IN.len());
}

#[test]
fn what_means_two_things_never_looks_the_same() {
    for known in BUILT_IN {
        let theme = Theme::built_in(known.name);
        for depth in [
            ColorDepth::True,
            ColorDepth::Indexed256,
            ColorDepth::Ansi16,
            ColorDepth::Mono,
        ] {
            let faces = theme.clone().for_depth(depth).faces();
            let face = |name| faces[FACES.iter().position(|f| f.name == name).expect("a face")];
            for (quiet, striking) in TWINS {
                let name = known.name;
                assert_ne!(
                    face(quiet),
                    face(striking),
                    "{name} at {depth}: {quiet}, {striking}"
                );
            }
        }
    }
}

#[test]
fn sixteen_colours_can_still_be_read() {
    for known in BUILT_IN {
        let theme = Theme::built_in(known.name).for_depth(ColorDepth::Ansi16);
        for (doc, face) in FACES.iter().zip(theme.faces()) {
            let contrast = contrast(face.0, theme.kind);
            let is_read = contrast >= 3.0 || doc.shows == Shows::Lines;
            assert!(is_read, "{} {}: {contrast}", known.name, doc.name);
        }
    }
}

#[test]
fn without_colours_a_background_becomes_inverse() {
    let theme = Theme::built_in("default").for_depth(ColorDepth::Mono);
    assert!(theme.status.0.attrs.contains(Attrs::INVERSE));
    assert!(!theme.border.0.attrs.contains(Attrs::INVERSE));
}

#[test]
fn a_palette_alone_colours_all_faces() {
    let (theme, problems) = load("[palette]\naccent = '#ff0080'\n");
    let theme = theme.expect("a theme");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(theme.tab.0.bg, Color::Rgb(255, 0, 128));
    assert_eq!(theme.border_focused.0.fg, Color::Rgb(255, 0, 128));
    assert_eq!(theme.status, Theme::built_in("default").status);
}

#[test]
fn what_is_missing_comes_from_the_theme_of_that_kind() {
    let (theme, _) = load("kind = 'light'\n[tab]\nfg = 'white'\nbg = 4\n");
    let theme = theme.expect("a theme");
    assert_eq!(theme.status, Theme::built_in("light").status);
    assert_eq!(theme.tab.0.bg, Color::Index(4));
    let (theme, _) = load("fresh = true\n[tab]\nbold = true\n");
    assert_eq!(theme.expect("a theme").status, Face::default());
}

#[test]
fn every_wrong_thing_is_said_with_its_line_and_what_was_meant() {
    let text = "[statsu]\nfg = 'red'\n[tab]\nfgg = 'red'\n[mode]\nbg = 'acent'\n[hint]\nbold = 1\n[palette]\nx = 'beige'\n[fate]\nfg = 300\n";
    let (theme, problems) = load(text);
    assert_eq!(theme, None);
    let tail = "; a colour is also a name such as \"red\", 0 to 255, \"#rrggbb\" or \"default\"";
    let of_mode = "themes/mine.toml:5: `mode`: there is no colour `acent`; is `accent` meant?";
    assert_eq!(problems[..5], [
        "themes/mine.toml:1: there is no face `statsu`; is `status` meant?",
        "themes/mine.toml:3: `tab`: there is no attribute `fgg`; is `fg` meant?",
        &format!("{of_mode}{tail}"),
        "themes/mine.toml:7: `hint`: bold is 1; it takes true or false",
        "themes/mine.toml:10: [palette] `x` is \"beige\"; it takes a name such as \"red\", 0 to 255, \"#rrggbb\" or \"default\"",
    ].map(str::to_owned));
    assert!(problems[5].starts_with("themes/mine.toml:11: `fate`: there is no colour `300`"));
    assert_eq!(problems.len(), 6);
}

#[test]
fn text_that_cannot_be_read_is_said_and_drawn_all_the_same() {
    let (theme, problems) =
        load("[status]\nfg = '#202020'\nbg = '#303030'\n[border]\nfg = 'black'\n");
    assert!(theme.is_some());
    assert_eq!(
        problems,
        [
            "themes/mine.toml:1: theme mine: `status`: text cannot be read (contrast 1.2, at least 3 is needed)",
            "themes/mine.toml:4: theme mine: `border`: lines cannot be seen (contrast 1.0, at least 1.5 is needed)",
        ]
    );
}

#[test]
fn what_says_so_can_be_read() {
    let grey = "fg = '#808080'\nbg = '#808080'\n";
    let (theme, _) = load(&format!("[message]\n{grey}[dialog]\n{grey}[clock]\n{grey}"));
    for depth in [ColorDepth::True, ColorDepth::Indexed256, ColorDepth::Ansi16] {
        let theme = theme.clone().expect("a theme").for_depth(depth);
        for face in [theme.message, theme.dialog] {
            assert!(contrast(face.0, theme.kind) >= 3.0, "{depth:?}: {face:?}");
        }
    }
    let theme = theme.expect("a theme").for_depth(ColorDepth::True);
    assert_eq!(theme.clock.0.fg, theme.clock.0.bg, "as it is written");
}

#[test]
fn a_terminal_is_dark_or_light_by_its_background() {
    assert_eq!(Scheme::of_background((0, 0, 0)), Scheme::Dark);
    assert_eq!(Scheme::of_background((0x28, 0x2c, 0x34)), Scheme::Dark);
    assert_eq!(Scheme::of_background((0xfd, 0xf6, 0xe3)), Scheme::Light);
}
