//! Numbers as words that are easy to say and to tell apart: pairing codes, check words, fingerprints.
//!
//! The list is part of what codes and fingerprints mean: it is never changed, only replaced together with them.

/// The words, in the order of the alphabet: each four to eight letters, and told from all others by its first four.
#[rustfmt::skip]
pub const WORDS: [&str; 512] = [
    "acorn", "actor", "album", "alley", "almond", "amber", "anchor", "angle", "ankle", "anthem", "apple",
    "apron", "arbor", "arch", "arctic", "armor", "arrow", "artist", "aspen", "atlas", "attic", "autumn",
    "avenue", "axle", "azure", "badge", "bagel", "baker", "balcony", "ballad", "bamboo", "banjo", "banner",
    "barley", "barrel", "basil", "basket", "beacon", "beaver", "bell", "bench", "berry", "bicycle", "birch",
    "bishop", "bison", "blanket", "blossom", "bobcat", "bonfire", "bonnet", "border", "bottle", "boulder",
    "breeze", "brick", "bridge", "bronze", "brook", "bubble", "bucket", "buffalo", "bugle", "bundle", "burrow",
    "butter", "cabin", "cable", "cactus", "camel", "canal", "candle", "canoe", "canvas", "canyon", "captain",
    "caramel", "cargo", "carpet", "carrot", "castle", "cedar", "cellar", "chalk", "chapel", "cherry", "chess",
    "chimney", "cider", "cinema", "cipher", "clarinet", "cliff", "clover", "cobalt", "coffee", "comet",
    "compass", "copper", "coral", "cosmos", "cottage", "cougar", "crater", "crayon", "cricket", "crimson",
    "crossbow", "crystal", "cuckoo", "cupboard", "curtain", "cushion", "cypress", "daisy", "dancer", "dawn",
    "delta", "denim", "desert", "dinner", "dolphin", "donkey", "doorway", "dragon", "drawer", "drum", "dune",
    "dynamo", "eagle", "easel", "echo", "eclipse", "elbow", "elder", "emerald", "empire", "engine", "evening",
    "fable", "falcon", "fennel", "fern", "ferry", "fiddle", "figure", "finch", "flagpole", "flannel", "flint",
    "flute", "forest", "fossil", "fountain", "freckle", "fudge", "funnel", "furnace", "gadget", "galaxy",
    "gallop", "garden", "garlic", "garnet", "gazelle", "geyser", "ginger", "giraffe", "glacier", "glider",
    "goblet", "golden", "gondola", "gopher", "granite", "grape", "gravel", "grotto", "guitar", "gull",
    "hamlet", "hammer", "harbor", "harness", "harvest", "hatchet", "hawk", "hazel", "heather", "hedgehog",
    "helmet", "heron", "hickory", "hollow", "honey", "horizon", "hornet", "hunter", "husky", "iceberg",
    "igloo", "indigo", "inkwell", "iris", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly", "jersey",
    "jewel", "jigsaw", "journey", "jubilee", "jungle", "juniper", "kayak", "kernel", "kettle", "kingdom",
    "kiosk", "kitchen", "kite", "kiwi", "knapsack", "koala", "ladder", "lagoon", "lamp", "lantern", "larch",
    "lasso", "lattice", "laurel", "lavender", "lemon", "leopard", "lettuce", "library", "lilac", "lily",
    "linen", "lizard", "lobster", "locket", "lodge", "lotus", "lumber", "lunar", "lynx", "lyric", "magnet",
    "magpie", "mallard", "mammoth", "mango", "mansion", "maple", "marble", "marmot", "marsh", "mason",
    "meadow", "melody", "mercury", "meteor", "midnight", "mill", "mimosa", "minnow", "mirror", "mitten",
    "monsoon", "moose", "morning", "mosaic", "mountain", "muffin", "museum", "mustard", "narwhal", "nebula",
    "nectar", "needle", "nest", "nickel", "noodle", "notebook", "novel", "nugget", "nutmeg", "oasis",
    "oatmeal", "ocean", "octopus", "olive", "onion", "opal", "opera", "orange", "orbit", "orchard", "organ",
    "osprey", "otter", "outpost", "oven", "oxygen", "oyster", "paddle", "pagoda", "palace", "palm", "pancake",
    "panda", "panther", "papaya", "paper", "paprika", "parade", "parrot", "parsley", "pasture", "peach",
    "peanut", "pebble", "pelican", "pencil", "pepper", "petal", "piano", "picnic", "pigeon", "pilgrim",
    "pillow", "pilot", "pine", "pirate", "planet", "plaza", "plum", "pocket", "polar", "pollen", "pony",
    "poplar", "poppy", "porch", "postcard", "potato", "prairie", "prism", "pudding", "puffin", "pumpkin",
    "puppet", "puzzle", "pyramid", "quail", "quarry", "quill", "quince", "quiver", "rabbit", "raccoon",
    "radar", "radish", "raft", "rainbow", "raisin", "ranch", "raven", "ribbon", "ridge", "ripple", "river",
    "robin", "rocket", "rooster", "rosemary", "ruby", "rudder", "rustic", "sable", "saddle", "saffron", "sail",
    "salmon", "salt", "sandal", "sapphire", "satin", "saturn", "sauna", "scarf", "scooter", "sequoia",
    "shadow", "shamrock", "shelter", "shovel", "silk", "silver", "skate", "sketch", "sleigh", "slipper",
    "smoke", "snail", "sonata", "sorrel", "spade", "spaniel", "sparrow", "spinach", "spiral", "sponge",
    "spring", "spruce", "squash", "squirrel", "stable", "stadium", "starling", "station", "steam", "stone",
    "stork", "stream", "sugar", "summit", "sunset", "swallow", "swan", "syrup", "table", "tailor", "tango",
    "tapestry", "teapot", "temple", "tennis", "terrace", "thicket", "thimble", "thistle", "thunder", "tiger",
    "timber", "toast", "tomato", "topaz", "torch", "tortoise", "tower", "tractor", "trail", "treasure",
    "trolley", "trout", "trumpet", "tulip", "tundra", "tunnel", "turbine", "turnip", "turtle", "tuxedo",
    "twig", "umbrella", "unicorn", "urchin", "vacuum", "valley", "vanilla", "vase", "velvet", "vessel",
    "victory", "village", "vine", "vista", "volcano", "voyage", "vulture", "waffle", "wagon", "walnut",
    "walrus", "waltz", "weasel", "whale", "wheat", "whisper", "willow", "window", "winter", "wizard", "wolf",
    "wombat", "wood", "wool", "wren", "yacht", "yarn", "yellow", "yogurt", "zebra", "zenith", "zephyr", "zinc",
];

/// How many bits a word stands for.
pub const BITS_PER_WORD: usize = 9;

/// The first `count` words of these bits, the highest bit of a byte first, between hyphens.
///
/// # Panics
/// If there are too few bits.
pub fn spell(bytes: &[u8], count: usize) -> String {
    let word = |nth: usize| {
        let bits = nth * BITS_PER_WORD..(nth + 1) * BITS_PER_WORD;
        let index = bits.fold(0, |index, at| {
            index << 1 | usize::from(bytes[at / 8] >> (7 - at % 8) & 1)
        });
        WORDS[index]
    };
    (0..count).map(word).collect::<Vec<_>>().join("-")
}

/// The word of the list that is meant: written in any case, in full or cut short after four letters.
pub fn known(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let start = text.get(..4)?;
    let at = WORDS.partition_point(|word| &word[..4] < start);
    let word = WORDS.get(at)?;
    word.starts_with(&text).then_some(*word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_told_by_its_first_four_letters() {
        for pair in WORDS.windows(2) {
            assert!(pair[0][..4] < pair[1][..4], "{pair:?}");
        }
        for word in WORDS {
            assert!((4..=8).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
            assert_eq!(known(word), Some(word));
            assert_eq!(known(&word[..4].to_uppercase()), Some(word));
        }
        for unknown in [
            "",
            "aco",
            "acorns",
            "zzzz",
            "\u{e4}\u{e4}\u{e4}",
            "crossbox",
        ] {
            assert_eq!(known(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn nine_bits_make_a_word() {
        assert_eq!(spell(&[0, 0], 1), WORDS[0]);
        assert_eq!(spell(&[0xff, 0xff, 0xff], 2), [WORDS[511]; 2].join("-"));
        assert_eq!(spell(&[0, 0x80, 0], 2), [WORDS[1], WORDS[0]].join("-"));
    }
}
