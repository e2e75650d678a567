//! From a bid to what the supplier gets, step by step.

use exchange::{
    market::Market,
    money::{Currency, Money},
};
use store::SaleRow;

use super::super::components::Amount;

pub struct Step {
    pub says: String,
    pub amount: Amount,
    /// What it all comes to.
    pub is_sum: bool,
}

/// The steps of a sale's price, by the supplier's terms in the market that it was sold under.
pub fn steps(sale: &SaleRow, supplier: &str, market: Option<&Market>) -> Vec<Step> {
    let kept = sale.price - sale.net;
    let terms = market.and_then(|market| supplier.parse().ok().and_then(|name| market.supplier(&name)).map(|supplier| (supplier.margin, market.currency())));
    let mut steps = vec![step("The buyer pays what it bid", sale.price)];
    match terms {
        Some((margin, currency)) if margin.net(sale.price, currency) == Some(sale.net) => steps.extend(margin_steps(margin, currency, sale.price)),
        // The quote that it was sold under promised this much.
        _ => steps.push(step("The exchange keeps, as was quoted", -kept)),
    }
    steps.push(Step { is_sum: true, ..step("The supplier gets", sale.net) });
    steps
}

fn margin_steps(margin: exchange::money::Margin, currency: Currency, price: Money) -> Vec<Step> {
    let share = margin.percent.of_rounded_up(price, currency.cent());
    if share >= margin.min {
        return vec![step(&format!("The exchange keeps {} %, rounded up to the cent", margin.percent), -share)];
    }
    vec![step(&format!("The exchange keeps {} %, which would be {share}, but at least", margin.percent), -margin.min)]
}

fn step(says: &str, amount: Money) -> Step {
    Step { says: says.to_owned(), amount: Amount::of(amount), is_sum: false }
}

#[cfg(test)]
mod tests {
    use exchange::money::{Margin, Percent};

    use super::*;

    fn told(price: &str, percent: u32, min: &str) -> Vec<String> {
        let usd = |text: &str| Money::parse(text, 2).unwrap();
        let margin = Margin { percent: Percent::of_whole(percent).unwrap(), min: usd(min) };
        margin_steps(margin, Currency::USD, usd(price)).into_iter().map(|step| format!("{} {}", step.says, step.amount)).collect()
    }

    #[test]
    fn a_share_is_rounded_up_and_the_minimum_stands_where_it_is_more() {
        assert_eq!(told("12.51", 20, "1.00"), ["The exchange keeps 20 %, rounded up to the cent <span class=\"amount negative\">\u{2212}2.51</span>"]);
        assert_eq!(
            told("3.00", 20, "1.00"),
            ["The exchange keeps 20 %, which would be 0.60, but at least <span class=\"amount negative\">\u{2212}1.00</span>"]
        );
    }
}
