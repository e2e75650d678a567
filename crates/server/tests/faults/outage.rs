//! PostgreSQL goes away under load, and comes back: nothing acknowledged is lost, nothing happens twice, and the nodes go on by themselves.

use std::{process::Command, time::Duration};

use cluster::Cluster;

use super::world::{World, alone};
use crate::support::now;

#[test]
fn postgres_stops_and_starts_again_under_load() {
    let _alone = alone();
    let Some(cluster) = Cluster::start(&[]) else { return };
    let database = cluster.database();
    let mut world = World::on_postgres("PostgreSQL stopped and started", &database.url());
    world.start();
    for how in ["immediate", "fast", "stopped still", "immediate"] {
        world.sleep_ms(500..1500);
        let began = now();
        if how == "stopped still" {
            let backends = cluster.sql("postgres", "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
            let signal = |signal: &str| assert!(Command::new("kill").arg(signal).args(backends.split_whitespace()).status().unwrap().success());
            signal("-STOP");
            std::thread::sleep(Duration::from_secs(3));
            signal("-CONT");
        } else {
            cluster.stop(how);
            world.sleep_ms(200..2000);
            cluster.start_again();
        }
        let back = now();
        let sold = world.first_sold_after(back);
        println!("  {how}: away {:.1} s, and {:.3} s after it was back a lead was sold", (back - began).as_secs_f64(), sold.as_secs_f64());
    }
    world.end().must_agree();
}
