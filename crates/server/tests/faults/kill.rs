//! kill -9 under load, again and again: nothing acknowledged is lost, nothing goes to a second buyer, and all books agree.

use std::time::Duration;

use super::{
    draw::times,
    world::{World, alone},
};

/// How long the exchange was away, in two senses.
#[derive(Default)]
struct Recoveries {
    ready: Vec<Duration>,
    sold: Vec<Duration>,
}

impl Recoveries {
    fn print(&mut self) {
        for (what, times) in [("ready again", &mut self.ready), ("first lead sold", &mut self.sold)] {
            times.sort_unstable();
            let (median, most) = (times[times.len() / 2].as_secs_f64(), times[times.len() - 1].as_secs_f64());
            println!("  from kill to {what}: median {median:.3} s, at most {most:.3} s");
        }
    }
}

fn kill_at_random(mut world: World) {
    let kills = times("PINGPOST_TEST_KILLS", 10);
    let mut recoveries = Recoveries::default();
    world.start();
    for _ in 0..kills {
        world.sleep_ms(30..900);
        let node = world.draw.within(0..world.exchange.nodes() as u64) as usize;
        let killed = world.exchange.kill(node);
        world.exchange.start_node(node);
        recoveries.ready.push(killed.elapsed());
        recoveries.sold.push(world.first_sold_after(killed));
    }
    println!("  killed {kills} times");
    recoveries.print();
    world.end().must_agree();
}

#[test]
fn killed_again_and_again_on_sqlite() {
    let _alone = alone();
    kill_at_random(World::new("kill -9, SQLite"));
}

/// One of the two is killed at a time; suppliers go on with the other.
#[test]
fn one_of_two_nodes_killed_again_and_again_on_postgres() {
    let _alone = alone();
    let Some(cluster) = cluster::Cluster::start(&[]) else { return };
    let database = cluster.database();
    kill_at_random(World::on_postgres("kill -9, two nodes on PostgreSQL", &database.url()));
}
