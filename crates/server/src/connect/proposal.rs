//! What is to be written, and what was chosen of what an answer may mean.

use exchange::id::VerticalName;
use wire::connect::{Candidate, Chosen, Guess, Meaning, RequestFormat, Sample, Words, are_forms, endpoint, guess, meaning_of, texts_at};

use super::Questions;
use crate::commands::Failure;

pub struct Proposal {
    pub buyer: String,
    pub contract: String,
    pub vertical: VerticalName,
    pub ping_url: String,
    pub post_url: String,
    pub preset: Option<String>,
    pub own: Vec<(String, String)>,
    /// `[endpoint.ping]` and `[endpoint.post]`, where no preset says them.
    pub endpoint: String,
}

impl Proposal {
    pub fn toml(&self, samples: usize) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let own: String = self.own.iter().map(|(name, value)| format!("{} = {}\n", text(name), text(value))).collect();
        let own = if own.is_empty() { own } else { format!("[endpoint.own]\n{own}") };
        format!(
            "# Made by `pingpost connect` of {samples} answer{}. docs/mapping.md has what else can be said.\nlabel = {}\n\
             # How far its balance may go below zero. Without it, it buys for what it has paid in (`pingpost credit`).\n# credit = \"1000.00\"\n\
             [endpoint]\nprotocol = {}\nping_url = {}\n\
             post_url = {}\n{own}{}[contracts.{}]\nvertical = {}\nprice = \"bid\"\n",
            if samples == 1 { "" } else { "s" },
            text(&self.buyer),
            text(self.preset.as_deref().unwrap_or("mapped")),
            text(&self.ping_url),
            text(&self.post_url),
            self.endpoint,
            self.contract,
            text(self.vertical.as_str()),
        )
    }
}

/// The endpoint's tables, of places that seem right, asked about where others seem as right.
pub fn choose(pings: &[Sample], posts: &[Sample], format: Option<&str>, questions: &mut Questions) -> Result<String, Failure> {
    let of_pings = guess(pings);
    let status = one(&of_pings.status, "Where does its answer to a ping say yes or no?", questions)?
        .ok_or_else(|| Failure("no word of yes or no was found in its answers to pings: write the file by hand, as docs/mapping.md tells".into()))?;
    let words = meanings(pings, &status.place, questions)?;
    let price = one(&of_pings.price, "Where is its price?", questions)?;
    let reference = one(&of_pings.reference, "Where is its reference, to be given back with the post?", questions)?;
    let of_posts = guess(posts);
    let post_status = match one(&of_posts.status, "Where does its answer to a post say yes or no?", questions)? {
        Some(candidate) => (candidate.place.clone(), meanings(posts, &candidate.place, questions)?),
        None => (status.place.clone(), words.clone()),
    };
    let places = |candidates: &[Candidate]| candidates.iter().take(3).map(|candidate| candidate.place.clone()).collect::<Vec<String>>();
    Ok(endpoint(&Chosen {
        format: request_format(pings, format, questions)?,
        answers_by_form: (are_forms(pings), are_forms(if posts.is_empty() { pings } else { posts })),
        status: (status.place, words),
        post_status,
        price: price.map(|candidate| (candidate.place, candidate.text)),
        reference: reference.map(|candidate| candidate.place),
        post_reason: places(if posts.is_empty() { &of_pings.reason } else { &of_posts.reason }),
        reason: places(&of_pings.reason),
    }))
}

fn one(candidates: &[Candidate], question: &str, questions: &mut Questions) -> Result<Option<Candidate>, Failure> {
    let options: Vec<String> = candidates.iter().map(|candidate| format!("{} (here: {})", candidate.place, candidate.text)).collect();
    let options: Vec<String> = options.into_iter().chain(["nowhere".to_owned()]).collect();
    let chosen = if Guess::is_open(candidates) { questions.choose(question, &options)? } else { 0 };
    Ok(candidates.get(chosen).cloned())
}

fn meanings(samples: &[Sample], place: &str, questions: &mut Questions) -> Result<Words, Failure> {
    let mut words = Vec::new();
    for word in texts_at(samples, place) {
        let meaning = match meaning_of(&word) {
            Some(meaning) => meaning,
            None => {
                let options = Meaning::ALL.map(|meaning| meaning.to_string());
                // Taken for a yes, what is a no would sell a lead to nobody.
                let likely = if word == "1" { 0 } else { 1 };
                let (first, others) = if likely == 0 { (0, [1, 2, 3]) } else { (1, [0, 2, 3]) };
                let order: Vec<usize> = std::iter::once(first).chain(others).collect();
                let texts: Vec<String> = order.iter().map(|place| options[*place].clone()).collect();
                Meaning::ALL[order[questions.choose(&format!("What does {word:?} at {place} mean?"), &texts)?]]
            }
        };
        words.push((word, meaning));
    }
    Ok(with_opposite(words))
}

/// Of a flag, the other value is known as well.
fn with_opposite(mut words: Words) -> Words {
    const OPPOSITES: [(&str, &str); 4] = [("true", "false"), ("yes", "no"), ("1", "0"), ("success", "failed")];
    let has = |words: &Words, meaning| words.iter().any(|(_, known)| *known == meaning);
    let found = OPPOSITES.iter().find(|(yes, _)| words.iter().any(|(word, meaning)| word.eq_ignore_ascii_case(yes) && *meaning == Meaning::Accepted));
    if let (Some((_, no)), false) = (found, has(&words, Meaning::Rejected)) {
        words.push(((*no).to_owned(), Meaning::Rejected));
    }
    words
}

/// Most interfaces are spoken to in what they answer in.
fn request_format(samples: &[Sample], said: Option<&str>, questions: &mut Questions) -> Result<RequestFormat, Failure> {
    let first = samples.first().map(Sample::text).unwrap_or_default();
    let likely = match first.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => "json",
        Some(b'<') => "xml",
        _ => "form",
    };
    let word = match said {
        Some(said) => said.to_owned(),
        None => questions.ask("How are its requests written: json, xml, form or query?", Some(likely), "--format")?,
    };
    let known = RequestFormat::WORDS.iter().find(|(known, _)| *known == word);
    known.map(|(_, format)| *format).ok_or_else(|| Failure(format!("{word:?} is none of json, xml, form, query")))
}
