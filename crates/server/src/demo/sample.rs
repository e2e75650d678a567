//! The sample market and the sample data, as they stand in the repository's `sample` folder.

use rust_embed::RustEmbed;
use wire::market::{Bundle, Place};

#[derive(RustEmbed)]
#[folder = "../../sample/market"]
struct MarketFiles;

#[derive(RustEmbed)]
#[folder = "../../sample/data"]
struct DataFiles;

/// Where the sample's buyers are reached, until they really are somewhere.
const ADDRESS: &str = "http://127.0.0.1:9001/";

/// The sample market with all its buyers at another port of this machine.
pub fn market(port: u16) -> Bundle {
    let mut bundle = Bundle::default();
    for path in MarketFiles::iter().filter(|path| Place::of(path).is_market_file()) {
        if let Some(file) = MarketFiles::get(&path) {
            let text = String::from_utf8_lossy(&file.data).replace(ADDRESS, &format!("http://127.0.0.1:{port}/"));
            bundle.files.insert(path.into_owned(), text);
        }
    }
    bundle
}

/// The rows of a data file, without its heading.
pub fn rows(name: &str) -> Vec<Vec<String>> {
    let Some(file) = DataFiles::get(name) else { return Vec::new() };
    String::from_utf8_lossy(&file.data).lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}
