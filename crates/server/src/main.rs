mod buyer;
mod egress;

fn main() {}
