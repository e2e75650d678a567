//! The words that an enum's values are written down, read and told by.

/// Gives an enum of plain values its `WORDS` in their order, the `word` of each, and the value `of_word`.
macro_rules! words {
    ($of:ident { $($value:ident = $word:literal),+ $(,)? }) => {
        impl $of {
            pub const WORDS: [(&'static str, Self); [$($word),+].len()] = [$(($word, Self::$value)),+];

            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }

            #[must_use]
            pub fn of_word(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$value),)+
                    _ => None,
                }
            }
        }
    };
}
