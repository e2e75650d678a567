//! The instructions as Markdown.

use std::fmt::Write as _;

use super::spec::Spec;

pub fn of(spec: &Spec) -> String {
    let mut text = String::new();
    // Writing to a text can't fail.
    if write(&mut text, spec).is_err() {
        text.clear();
    }
    text
}

fn write(text: &mut String, spec: &Spec) -> std::fmt::Result {
    writeln!(text, "# Posting instructions for {}\n", plain(&spec.label))?;
    writeln!(text, "Made of the market's revision {}. Address: {}\n", spec.revision, spec.address)?;
    writeln!(text, "The operator gives you an API key for the header `Authorization: Bearer KEY`. Bodies are JSON, form or XML; answers JSON or XML, by")?;
    writeln!(
        text,
        "`Accept`. Money is a decimal string in {}. With `\"test\": true` everything is done but booked. `Idempotency-Key` makes a repeat safe for 7 days.\n",
        spec.currency
    )?;
    for term in &spec.terms {
        writeln!(text, "{}\n", plain(term))?;
    }
    for vertical in &spec.verticals {
        writeln!(
            text,
            "## {} (`{}`)\n\n| field | ping | post | rule | buyers see in the ping | example |\n|---|---|---|---|---|---|",
            plain(&vertical.label),
            vertical.name
        )?;
        for field in &vertical.fields {
            let others = if field.others.is_empty() { String::new() } else { format!(", or {}", field.others) };
            let cells = [
                format!("{}{others}", field.name),
                field.ping.into(),
                field.post.into(),
                format!("{}: {}", field.kind, field.rule),
                field.shown.clone(),
                field.example.clone(),
            ];
            writeln!(text, "| {} |", cells.map(|cell| plain(&cell)).join(" | "))?;
        }
        for example in &vertical.examples {
            writeln!(text, "\n### {}\n\n```sh\n{}\n```", example.title, example.command)?;
        }
        writeln!(text)?;
    }
    writeln!(text, "## Answers\n\n| to | status | says |\n|---|---|---|")?;
    for (to, status, says) in &spec.answers {
        writeln!(text, "| {to} | {status} | {says} |")?;
    }
    writeln!(
        text,
        "\n## Errors\n\n`application/problem+json`; `errors` names every field that must be corrected, all at once.\n\n| status | means |\n|---|---|"
    )?;
    for (status, means) in &spec.errors {
        writeln!(text, "| {status} | {means} |")?;
    }
    Ok(())
}

/// Text that stays text: in one line, and in one cell.
fn plain(text: &str) -> String {
    text.replace(['\n', '\r'], " ").chars().fold(String::new(), |mut plain, character| {
        if "|<>*_`[]\\".contains(character) {
            plain.push('\\');
        }
        plain.push(character);
        plain
    })
}
