//! Who signs in to the console: people, links that open something once, sessions.

use exchange::{
    id::PersonName,
    person::{LinkKind, MOST_PEOPLE, MOST_SESSIONS, NewLink, PersonCommand, PersonRole, Proof, SESSION_LIVES, SESSION_SEEN_EVERY, TokenHash, UsedUp},
};

use super::super::{
    batch::{Batch, Pending},
    column::packed,
    db::params,
    failure::Result,
};

pub(super) fn apply(batch: &Batch<'_>, command: &PersonCommand) -> Result<Pending> {
    match command {
        PersonCommand::Add { person, role, email, link } => add(batch, person, role, email.as_deref(), link),
        PersonCommand::Link { person, link } => make_link(batch, person, link),
        PersonCommand::Enrol { link, proof, session } => enrol(batch, *link, proof, *session),
        PersonCommand::Enter { link, session } => enter(batch, *link, *session),
        PersonCommand::SignIn { person, proof, used_up, session } => sign_in(batch, person, *proof, *used_up, *session),
        PersonCommand::Seen { session } => seen(batch, *session),
        PersonCommand::SignOut { session } => {
            batch.db.write("DELETE FROM console_sessions WHERE token = ?1", params![&session.0])?;
            Ok(Pending::done())
        }
        PersonCommand::SignOutEverywhere { person } => {
            end_sessions(batch, person)?;
            Ok(Pending::done())
        }
        PersonCommand::SetRole { person, role } => set_role(batch, person, role),
        PersonCommand::Disable { person } => disable(batch, person),
        PersonCommand::Enable { person } => enable(batch, person),
    }
}

fn add(batch: &Batch<'_>, person: &PersonName, role: &PersonRole, email: Option<&str>, link: &NewLink) -> Result<Pending> {
    if batch.db.exists("SELECT 1 FROM console_people WHERE name = ?1", params![person.as_str()])? {
        let same = batch.db.exists("SELECT 1 FROM console_links WHERE token = ?1 AND person = ?2", params![&link.token.0, person.as_str()])?;
        return Ok(if same { Pending::done() } else { Pending::conflict(format!("there is a person {person} already")) });
    }
    let people = batch.db.one("SELECT count(*) FROM console_people", params![], |row| row.value::<u64>(0))?.unwrap_or_default();
    if people >= u64::from(MOST_PEOPLE) {
        return Ok(Pending::conflict(format!("there are {MOST_PEOPLE} people already, as many as there may be")));
    }
    let sql = "INSERT INTO console_people (name, role, email, recovery, proof, used_step, added_at) VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)";
    let none: Vec<[u8; 32]> = Vec::new();
    batch.db.write(sql, params![person.as_str(), role.to_string(), email, packed(&none)?, batch.now.micros()])?;
    make_link(batch, person, link)
}

fn make_link(batch: &Batch<'_>, person: &PersonName, link: &NewLink) -> Result<Pending> {
    if !is_enabled(batch, person)? {
        return Ok(unknown(person));
    }
    batch.db.write("DELETE FROM console_links WHERE person = ?1 AND kind = ?2", params![person.as_str(), link.kind.word()])?;
    let sql = "INSERT INTO console_links (token, person, kind, ends_at) VALUES (?1, ?2, ?3, ?4)";
    batch.db.write(sql, params![&link.token.0, person.as_str(), link.kind.word(), batch.now.plus(link.lives).micros()])?;
    Ok(Pending::done())
}

const USED: &str = "this link was used before, or is too old";

fn enrol(batch: &Batch<'_>, link: TokenHash, proof: &Proof, session: TokenHash) -> Result<Pending> {
    if is_session(batch, session)? {
        return Ok(Pending::done());
    }
    if proof.codes.is_none() && is_operators(batch, link)? {
        return Ok(Pending::conflict("this role takes codes: open the link again"));
    }
    let Some(person) = use_link(batch, link, LinkKind::Welcome)? else { return Ok(Pending::conflict(USED)) };
    let sql = "UPDATE console_people SET password = ?2, codes = ?3, recovery = ?4, proof = proof + 1, used_step = 0 WHERE name = ?1";
    let codes = proof.codes.as_ref().map(packed).transpose()?;
    let recovery: Vec<[u8; 32]> = proof.recovery.iter().map(|code| code.0).collect();
    batch.db.write(sql, params![person.as_str(), &proof.password, codes, packed(&recovery)?])?;
    end_sessions(batch, &person)?;
    begin(batch, &person, session)
}

/// Whether whoever the link is for works for the exchange: nobody does without codes.
fn is_operators(batch: &Batch<'_>, link: TokenHash) -> Result<bool> {
    let sql = "SELECT console_people.role FROM console_links JOIN console_people ON console_people.name = console_links.person WHERE console_links.token = ?1";
    let role: Option<PersonRole> = batch.db.one(sql, params![&link.0], |row| row.value(0))?;
    Ok(role.is_some_and(|role| role.is_operator()))
}

fn enter(batch: &Batch<'_>, link: TokenHash, session: TokenHash) -> Result<Pending> {
    if is_session(batch, session)? {
        return Ok(Pending::done());
    }
    match use_link(batch, link, LinkKind::Entrance)? {
        Some(person) => begin(batch, &person, session),
        None => Ok(Pending::conflict(USED)),
    }
}

/// Whose link it is; from then on it opens nothing.
fn use_link(batch: &Batch<'_>, link: TokenHash, kind: LinkKind) -> Result<Option<PersonName>> {
    let sql = "SELECT console_links.person FROM console_links JOIN console_people ON console_people.name = console_links.person
        WHERE console_links.token = ?1 AND console_links.kind = ?2 AND console_links.ends_at > ?3 AND console_people.disabled_at IS NULL";
    let person = batch.db.one(sql, params![&link.0, kind.word(), batch.now.micros()], |row| row.value(0))?;
    batch.db.write("DELETE FROM console_links WHERE token = ?1", params![&link.0])?;
    Ok(person)
}

fn sign_in(batch: &Batch<'_>, person: &PersonName, proof: u32, used_up: UsedUp, session: TokenHash) -> Result<Pending> {
    if is_session(batch, session)? {
        return Ok(Pending::done());
    }
    let sql = "SELECT used_step, recovery FROM console_people WHERE name = ?1 AND proof = ?2 AND password IS NOT NULL AND disabled_at IS NULL";
    let row = batch.db.one(sql, params![person.as_str(), proof], |row| Ok((row.value::<u64>(0)?, row.packed::<Vec<[u8; 32]>>(1)?)))?;
    let Some((used_step, mut recovery)) = row else { return Ok(Pending::conflict("what was given proves nothing any more")) };
    match used_up {
        UsedUp::Nothing => {}
        UsedUp::Step(step) if step > used_step => {
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            batch.db.write("UPDATE console_people SET used_step = ?2 WHERE name = ?1", params![person.as_str(), step])?;
        }
        UsedUp::Step(_) => return Ok(Pending::conflict("this code was used before")),
        UsedUp::Recovery(code) => {
            let Some(place) = recovery.iter().position(|known| *known == code.0) else { return Ok(Pending::conflict("this code was used before")) };
            recovery.remove(place);
            batch.db.write("UPDATE console_people SET recovery = ?2 WHERE name = ?1", params![person.as_str(), packed(&recovery)?])?;
        }
    }
    begin(batch, person, session)
}

/// One more session; where there are too many, the oldest ends.
fn begin(batch: &Batch<'_>, person: &PersonName, session: TokenHash) -> Result<Pending> {
    let sql = "DELETE FROM console_sessions WHERE token IN
        (SELECT token FROM console_sessions WHERE person = ?1 ORDER BY started_at DESC, token LIMIT 1000 OFFSET ?2)";
    batch.db.write(sql, params![person.as_str(), MOST_SESSIONS - 1])?;
    let sql = "INSERT INTO console_sessions (token, person, started_at, seen_at, ends_at) VALUES (?1, ?2, ?3, ?3, ?4)";
    batch.db.write(sql, params![&session.0, person.as_str(), batch.now.micros(), batch.now.plus(SESSION_LIVES).micros()])?;
    Ok(Pending::done())
}

fn seen(batch: &Batch<'_>, session: TokenHash) -> Result<Pending> {
    let sql = "UPDATE console_sessions SET seen_at = ?2 WHERE token = ?1 AND seen_at <= ?3";
    batch.db.write(sql, params![&session.0, batch.now.micros(), batch.now.minus(SESSION_SEEN_EVERY).micros()])?;
    Ok(Pending::done())
}

fn set_role(batch: &Batch<'_>, person: &PersonName, role: &PersonRole) -> Result<Pending> {
    if *role != PersonRole::Owner && is_last_owner(batch, person)? {
        return Ok(last_owner(person));
    }
    // A partner may go without codes, and would bring its password alone.
    let is_without_codes = "SELECT 1 FROM console_people WHERE name = ?1 AND password IS NOT NULL AND codes IS NULL";
    if role.is_operator() && batch.db.exists(is_without_codes, params![person.as_str()])? {
        return Ok(Pending::conflict(format!("{person} signs in without codes, which this role takes: have it set some on its account's page first")));
    }
    let changed = batch.db.change("UPDATE console_people SET role = ?2 WHERE name = ?1", params![person.as_str(), role.to_string()])?;
    Ok(if changed == 0 { unknown(person) } else { Pending::done() })
}

fn disable(batch: &Batch<'_>, person: &PersonName) -> Result<Pending> {
    if is_last_owner(batch, person)? {
        return Ok(last_owner(person));
    }
    let sql = "UPDATE console_people SET disabled_at = coalesce(disabled_at, ?2) WHERE name = ?1";
    if batch.db.change(sql, params![person.as_str(), batch.now.micros()])? == 0 {
        return Ok(unknown(person));
    }
    end_sessions(batch, person)?;
    batch.db.write("DELETE FROM console_links WHERE person = ?1", params![person.as_str()])?;
    Ok(Pending::done())
}

fn enable(batch: &Batch<'_>, person: &PersonName) -> Result<Pending> {
    let changed = batch.db.change("UPDATE console_people SET disabled_at = NULL WHERE name = ?1", params![person.as_str()])?;
    Ok(if changed == 0 { unknown(person) } else { Pending::done() })
}

fn end_sessions(batch: &Batch<'_>, person: &PersonName) -> Result<()> {
    batch.db.write("DELETE FROM console_sessions WHERE person = ?1", params![person.as_str()])
}

fn is_session(batch: &Batch<'_>, session: TokenHash) -> Result<bool> {
    batch.db.exists("SELECT 1 FROM console_sessions WHERE token = ?1", params![&session.0])
}

fn is_enabled(batch: &Batch<'_>, person: &PersonName) -> Result<bool> {
    batch.db.exists("SELECT 1 FROM console_people WHERE name = ?1 AND disabled_at IS NULL", params![person.as_str()])
}

/// Nobody could let anybody in any more.
fn is_last_owner(batch: &Batch<'_>, person: &PersonName) -> Result<bool> {
    let sql = "SELECT 1 FROM console_people WHERE role = 'owner' AND disabled_at IS NULL AND (name = ?1) = ?2";
    Ok(batch.db.exists(sql, params![person.as_str(), true])? && !batch.db.exists(sql, params![person.as_str(), false])?)
}

fn last_owner(person: &PersonName) -> Pending {
    Pending::conflict(format!("{person} is the last owner: make another one first"))
}

fn unknown(person: &PersonName) -> Pending {
    Pending::conflict(format!("there is no person {person}, or it is disabled"))
}
