//! `suppliers/NAME.toml`: who sends leads, and on what terms.

use exchange::{
    id::{SupplierName, VerticalName},
    money::{Margin, Money},
    supplier::Supplier,
};

use super::{
    address,
    context::Context,
    inbound,
    keys::{At, Found, Key, Keys},
    problem::Wrong,
    settings::quote,
    values::{name_schema, read_name},
};

pub(super) fn supplier(keys: &mut Keys<'_>, name: Option<SupplierName>, context: &Context) -> Option<Supplier> {
    let currency = context.settings.currency;
    let label = keys.text(Key::optional("label", "What people call the supplier. Default: its name."), 128);
    let verticals = Key::required("verticals", "The kinds of leads that it may send.", "verticals = [\"mortgage\"]");
    let verticals = keys.list(verticals, None, 1..=1000, name_schema, |found: Found<'_>| -> Result<_, Wrong> { context.check_vertical(read_name(found)?) });
    let margin = keys.table(Key::optional("margin", "What the exchange keeps of each sale. Default: nothing."), |keys| {
        let percent = keys.percent(Key::optional("percent", "Percent of the bid, rounded up to the cent."), 0);
        let min = keys.money_or_zero(Key::optional("min", "At least this much."), currency);
        Margin { percent, min }
    });
    let min_price = keys.money(Key::optional("min_price", "Net, per lead: below it a lead isn't sold. Default: none."), currency);
    let rate_limit = keys.integer(Key::optional("rate_limit_per_s", "Requests per second. Default: no limit."), 1..=1_000_000);
    let accept_requote = keys.boolean(Key::optional("accept_requote", "After a quote expired: auction again instead of refusing the post."), false);
    let accept_lower = Key::optional("accept_lower", "Settle below the quoted net when the quoted buyer falls away.");
    let accept_lower = keys.boolean(accept_lower, false);
    let disclosures = Key::optional("max_disclosures", "Lowers how many buyers may get a contact.");
    let disclosures = keys.integer(disclosures, 1..=super::tree::MOST_DISCLOSURES);
    let quote = quote(keys, "What a quote promises this supplier. Default: as in market.toml.");
    let notify_url = Key::optional("notify_url", "Told of a pending lead's end and of returns, by a signed webhook.");
    let notify_url = address::url(keys, notify_url, &context.settings.egress_allow);
    let notify_secret = address::secret(keys, Key::optional("notify_secret", "Signs the calls to `notify_url`: `env:NAME` or a literal `whsec_…`."));
    let sent = sent_verticals(verticals.as_ref(), context);
    let inbound = Key::optional("inbound", "How its own system names things, where it was built for another exchange's dialect.");
    let inbound = keys.table(inbound, |keys| inbound::inbound(keys, &sent, context));
    let suspended = keys.boolean(Key::optional("suspended", "Its keys are refused."), false);
    match (&notify_url, &notify_secret) {
        (Some(url), None) => keys.warning(url.line, "`notify_url` has no secret that signs its calls", "write notify_secret = \"env:NAME\""),
        (None, Some(secret)) => keys.warning(secret.line, "`notify_secret` signs nothing", "write `notify_url`, or take it out"),
        _ => {}
    }
    let name = name?;
    Some(Supplier {
        label: label.map_or_else(|| name.to_string(), |at| at.value.to_owned()),
        name,
        verticals: verticals.map_or_else(Vec::new, |list| list.value.into_iter().map(|at| at.value).collect()),
        margin: margin.map_or(Margin::default(), |at| at.value),
        min_price: min_price.map_or(Money::ZERO, |at| at.value),
        rate_limit_per_s: rate_limit.and_then(|at| u32::try_from(at.value).ok()),
        accept_requote,
        accept_lower,
        max_disclosures: disclosures.and_then(|at| u32::try_from(at.value).ok()),
        quote,
        notify_url: notify_url.map(|at| at.value),
        notify_secret: notify_secret.map(|at| at.value),
        inbound: inbound.map(|at| at.value).unwrap_or_default(),
        suspended,
    })
}

fn sent_verticals(list: Option<&At<Vec<At<VerticalName>>>>, context: &Context) -> Vec<VerticalName> {
    let named = list.iter().flat_map(|list| list.value.iter().map(|at| at.value.clone()));
    named.filter(|name| context.verticals.contains_key(name)).collect()
}
