//! `pingpost key new | list | revoke`.

use clap::{Args, Subcommand};
use exchange::{
    command::{Operation, Outcome, Role},
    id::{KeyId, check_name},
};
use serde_json::json;

use super::{Done, Failure, Output, StoreArgs, opened::Opened};
use crate::{
    auth,
    screen::{notice, print_json, say, table},
};

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key; it is shown once
    New {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// List the keys, without their secrets
    List {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
    /// Revoke a key: within a second no node takes it any more
    Revoke {
        /// The key's id, key_…
        id: String,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// A supplier of the market
    #[arg(long, value_name = "NAME")]
    supplier: Option<String>,
    /// A buyer of the market
    #[arg(long, value_name = "NAME")]
    buyer: Option<String>,
    /// A person that operates the exchange
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

impl Whose {
    fn role(&self) -> Result<Role, Failure> {
        match (&self.supplier, &self.buyer, &self.operator) {
            (Some(name), _, _) => name.parse().map(Role::Supplier).map_err(Failure::of),
            (_, Some(name), _) => name.parse().map(Role::Buyer).map_err(Failure::of),
            (_, _, Some(name)) => check_name(name).map(|()| Role::Operator(name.clone())).map_err(Failure::of),
            _ => Err(Failure("say whose key it is: --supplier, --buyer or --operator".into())),
        }
    }
}

pub fn key(command: KeyCommand) -> Done {
    match command {
        KeyCommand::New { whose, store, output } => new(&whose, &mut store.open_or_make()?, output),
        KeyCommand::List { store, output } => list(&store.open()?, output),
        KeyCommand::Revoke { id, store, output } => revoke(&id, &mut store.open()?, output),
    }
}

fn new(whose: &Whose, opened: &mut Opened, output: Output) -> Done {
    let role = whose.role()?;
    if !is_in_market(opened, &role)? {
        notice(&format!("note: {} is not in the market yet; the key works once it is", words(&role)));
    }
    let (text, key) = auth::new_key(role.clone());
    let id = key.id;
    opened.operate(Operation::AddKey(key))?;
    if output.json {
        print_json(&json!({ "id": id.to_string(), "key": text.as_str() }));
    } else {
        say!("{}", text.as_str());
        notice(&format!("{id} for {}: the key above is shown this once", words(&role)));
    }
    Ok(())
}

fn is_in_market(opened: &Opened, role: &Role) -> Result<bool, Failure> {
    let market = opened.market()?;
    Ok(match role {
        Role::Supplier(name) => market.is_some_and(|market| market.supplier(name).is_some()),
        Role::Buyer(name) => market.is_some_and(|market| market.buyer_named(name).is_some()),
        Role::Operator(_) => true,
    })
}

fn words(role: &Role) -> String {
    match role {
        Role::Supplier(name) => format!("supplier {name}"),
        Role::Buyer(name) => format!("buyer {name}"),
        Role::Operator(name) => format!("operator {name}"),
    }
}

fn list(opened: &Opened, output: Output) -> Done {
    let keys = opened.readers.read_here(|reader| reader.keys()).map_err(Failure::of)?;
    if output.json {
        let of = |row: &store::KeyRow| json!({ "id": row.id.to_string(), "whose": words(&row.role), "added_at": row.added_at.to_string(), "revoked_at": row.revoked_at.map(|at| at.to_string()) });
        print_json(&keys.iter().map(of).collect::<Vec<_>>());
        return Ok(());
    }
    let mut rows = table(&["id", "whose", "added", "revoked"]);
    for row in keys {
        rows.add_row([row.id.to_string(), words(&row.role), row.added_at.to_string(), row.revoked_at.map(|at| at.to_string()).unwrap_or_default()]);
    }
    say!("{rows}");
    Ok(())
}

fn revoke(id: &str, opened: &mut Opened, output: Output) -> Done {
    let key: KeyId = id.parse().map_err(|error| Failure(format!("{id:?} is {error}")))?;
    match opened.operate(Operation::RevokeKey { key })? {
        Outcome::Revoked(true) if output.json => print_json(&json!({ "id": key.to_string(), "revoked": true })),
        Outcome::Revoked(true) => say!("{key} is revoked"),
        _ => return Err(Failure(format!("there is no key {key}: see `pingpost key list`"))),
    }
    Ok(())
}
