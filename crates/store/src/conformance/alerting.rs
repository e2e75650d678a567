//! Alerts: one node watches, each stands once, and each change is told until it was heard.

use std::time::Duration;

use exchange::{
    alerts::{AlertChange, AlertChanges, AlertKey, AlertKind, AlertWay, KeepAlertTry, KeepAlerts, KeepWatch},
    command::Command,
    figures::Keep,
    notice::TryResult,
};

use super::{Bench, world::*};
use crate::reader::Reader;

const MINUTE: Duration = Duration::from_secs(60);

fn watch(of: u32) -> Command {
    Command::Keep(Keep::Watch(KeepWatch { node: node(of), lives: MINUTE * 3 }))
}

fn key(about: &str) -> AlertKey {
    AlertKey { kind: AlertKind::CreditLow, about: about.into() }
}

fn change(of: u32, raise: &[&str], clear: &[&str]) -> Command {
    let raise = raise.iter().map(|about| (key(about), format!("{about} is low"))).collect();
    let changes = AlertChanges { raise, clear: clear.iter().map(|about| key(about)).collect() };
    Command::Keep(Keep::Alerts(KeepAlerts { node: node(of), changes, ways: vec![AlertWay::Webhook] }))
}

pub(super) fn one_node_watches<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert!(world.say(change(1, &["acme"], &[])).starts_with("Conflict"), "nobody watches");
    assert_eq!(world.say(watch(1)), "Done");
    assert!(world.say(watch(2)).starts_with("Conflict"));
    world.pass(MINUTE * 2);
    assert_eq!(world.say(watch(1)), "Done", "it goes on");
    world.pass(MINUTE * 2);
    assert!(world.say(watch(2)).starts_with("Conflict"));
    world.pass(MINUTE);
    assert_eq!(world.say(watch(2)), "Done", "its holder was silent");
    assert_eq!(world.say(Command::Keep(Keep::Watch(KeepWatch { node: node(2), lives: Duration::ZERO }))), "Done", "it gives it up");
    assert_eq!(world.say(watch(1)), "Done");
    world.pass(MINUTE * 3);
    assert_eq!(world.say(watch(2)), "Done");
    assert!(world.say(change(1, &["acme"], &[])).starts_with("Conflict"), "and writes nothing any more");
    assert_eq!(world.say(change(2, &["acme"], &[])), "Done");
}

pub(super) fn an_alert_stands_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(watch(1));
    world.say(change(1, &["acme", "harbor"], &[]));
    world.pass(MINUTE);
    world.say(change(1, &["acme"], &["harbor", "never raised"]));
    let told = |world: &mut World<B>| {
        let standing = world.reader.standing_alerts().unwrap().into_iter().map(|alert| alert.key.about).collect::<Vec<_>>();
        let cleared =
            world.reader.cleared_alerts(9).unwrap().into_iter().map(|alert| format!("{} {}", alert.says, alert.cleared_at.is_some())).collect::<Vec<_>>();
        (standing, cleared)
    };
    assert_eq!(told(&mut world), (vec!["acme".into()], vec!["harbor is low true".into()]));
    world.pass(MINUTE);
    world.say(watch(1));
    world.say(change(1, &["harbor"], &["acme"]));
    assert_eq!(told(&mut world).0, ["harbor"], "raised anew");
    assert_eq!(told(&mut world).1.len(), 2);
}

pub(super) fn each_change_is_told_until_it_was_heard<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(watch(1));
    world.say(change(1, &["acme"], &[]));
    let due = |world: &mut World<B>| world.reader.due_alert_messages(world.now, 9).unwrap();
    let row = due(&mut world).remove(0);
    assert_eq!((row.message.change, row.message.way, row.alert.says.as_str()), (AlertChange::Raised, AlertWay::Webhook, "acme is low"));
    let note = |message: &exchange::alerts::AlertMessage, result| Command::Keep(Keep::AlertTry(KeepAlertTry { message: message.clone(), result }));
    assert_eq!(world.say(note(&row.message, TryResult::Failed("timeout".into()))), "Done");
    assert_eq!(due(&mut world), [], "not at once again");
    world.pass(MINUTE);
    world.say(change(1, &[], &["acme"]));
    assert_eq!(due(&mut world).iter().map(|row| row.message.change).collect::<Vec<_>>(), [AlertChange::Raised, AlertChange::Cleared]);
    assert_eq!(world.say(note(&row.message, TryResult::Delivered)), "Done");
    assert!(world.say(note(&row.message, TryResult::Delivered)).starts_with("Conflict"), "it was heard");
    let cleared = due(&mut world).remove(0).message;
    world.pass(DAY * 4);
    assert_eq!(world.say(note(&cleared, TryResult::Failed("timeout".into()))), "Done");
    world.pass(DAY);
    assert_eq!(due(&mut world), [], "given up");
}

pub(super) fn old_alerts_are_forgotten<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(watch(1));
    world.say(change(1, &["told", "untold", "standing"], &[]));
    world.pass(MINUTE);
    world.say(change(1, &[], &["told", "untold"]));
    for row in world.reader.due_alert_messages(world.now, 9).unwrap() {
        if row.message.key != key("untold") {
            world.say(Command::Keep(Keep::AlertTry(KeepAlertTry { message: row.message, result: TryResult::Delivered })));
        }
    }
    let kept = |world: &mut World<B>| {
        world.say(Command::Sweep);
        let (standing, cleared) = (world.reader.standing_alerts().unwrap(), world.reader.cleared_alerts(9).unwrap());
        standing.into_iter().chain(cleared).map(|alert| alert.key.about).collect::<Vec<_>>()
    };
    world.pass(DAY * 89);
    assert_eq!(kept(&mut world), ["standing", "told", "untold"]);
    world.pass(DAY * 2);
    assert_eq!(kept(&mut world), ["standing", "untold"], "somebody is to be told of it");
    world.say(watch(1));
    for row in world.reader.due_alert_messages(world.now, 9).unwrap() {
        world.say(Command::Keep(Keep::AlertTry(KeepAlertTry { message: row.message, result: TryResult::Unwanted })));
    }
    assert_eq!(kept(&mut world), ["standing"]);
}
