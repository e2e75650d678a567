//! What was measured, for people and for programs.

use std::{fs, process::Command};

use serde_json::{Map, Value, json};

use crate::{Failure, options::Options};

#[derive(Clone, Copy)]
pub enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// A figure to know, without a goal.
    Printed,
}

impl Goal {
    fn words(self) -> String {
        match self {
            Self::AtMost(bound) => format!("≤ {}", digits(bound)),
            Self::AtLeast(bound) => format!("≥ {}", digits(bound)),
            Self::Printed => "printed".into(),
        }
    }

    fn is_met(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtMost(bound) => Some(figure <= bound),
            Self::AtLeast(bound) => Some(figure >= bound),
            Self::Printed => None,
        }
    }
}

pub struct Report {
    quiet: bool,
    /// What a program takes that is watched is no measurement of it: only progress is told.
    is_rehearsal: bool,
    has_failed: bool,
    machine: Value,
    tables: Map<String, Value>,
    goals: Vec<(String, f64, Goal)>,
    void: Vec<String>,
    notes: Vec<String>,
    chart: Option<String>,
    /// The tables, for a document.
    markdown: String,
}

impl Report {
    pub fn of_this_machine(options: &Options) -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism()?.get();
        if cores < 2 {
            return Err(Failure("two processors are needed: one for the server under test, one for its load".into()));
        }
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let after =
            |text: &str, key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim_start_matches([' ', '\t', ':']).to_owned();
        let machine = json!({
            "processors": cores,
            "processor": after(&read("/proc/cpuinfo"), "model name"),
            "memory": after(&read("/proc/meminfo"), "MemTotal"),
            "kernel": read("/proc/sys/kernel/osrelease").trim(),
            "commit": std::env::var("PINGPOST_BENCH_COMMIT").unwrap_or_default(),
            "command": format!("./bench/run {}", std::env::args().skip(2).collect::<Vec<_>>().join(" ")).trim(),
            "rounds": options.rounds,
            "seconds": options.seconds,
            "contracts": options.contracts,
            "date": said("date", &["-u", "+%Y-%m-%d"]),
            "nginx": said("/usr/sbin/nginx", &["-v"]),
        });
        let report = Self {
            quiet: options.json || options.is_rehearsal,
            is_rehearsal: options.is_rehearsal,
            has_failed: false,
            machine,
            tables: Map::new(),
            goals: Vec::new(),
            void: Vec::new(),
            notes: Vec::new(),
            chart: None,
            markdown: String::new(),
        };
        report.say(&format!(
            "The server under test has processor 1 to itself, its load and the buyers processor 0; {} rounds of {} s, servers in turn.",
            options.rounds, options.seconds
        ));
        Ok(report)
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            println!("{text}");
        }
    }

    pub fn progress(&self, text: &str) {
        eprintln!("{text}");
    }

    /// Rows with the columns' figures in their order.
    pub fn table(&mut self, name: &str, title: &str, columns: &[&str], rows: &[Vec<Value>]) {
        let mut lines = vec![columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()];
        lines.extend(rows.iter().map(|row| row.iter().map(cell).collect()));
        self.say(&format!("\n{title}\n\n{}", aligned(&lines)));
        self.markdown += &format!("**{title}**\n\n{}\n", markdown(&lines));
        self.tables.insert(name.into(), json!({ "title": title, "columns": columns, "rows": rows }));
    }

    pub fn goal(&mut self, what: &str, figure: f64, goal: Goal) {
        self.goals.push((what.into(), figure, goal));
    }

    /// What a reader of the figures should know.
    pub fn note(&mut self, text: &str) {
        self.say(&format!("\n{text}"));
        self.notes.push(text.into());
    }

    pub fn chart(&mut self, svg: String) {
        self.chart = Some(svg);
    }

    /// A part of the run says nothing: what it measured is printed, and no goal counts as met.
    pub fn void(&mut self, why: &str) {
        self.void.push(why.into());
    }

    /// A measurement came to no end: a rehearsal, too, is none.
    pub fn failed(&mut self, why: &str) {
        self.has_failed = true;
        self.void(why);
    }

    /// Prints the goals, and writes everything down.
    pub fn finish(self, options: &Options) -> Result<(), Failure> {
        let void = || Err(Failure(format!("this run is void:\n  {}", self.void.join("\n  "))));
        if self.is_rehearsal {
            return if self.has_failed { void() } else { Ok(()) };
        }
        let mut lines = vec![["figure", "measured", "goal", ""].map(str::to_owned).to_vec()];
        for (what, figure, goal) in &self.goals {
            let met = match goal.is_met(*figure) {
                Some(true) if !self.void.is_empty() => "void",
                Some(true) => "met",
                Some(false) => "MISSED",
                None => "",
            };
            lines.push(vec![what.clone(), digits(*figure), goal.words(), met.into()]);
        }
        self.say(&format!("\n{}", aligned(&lines)));
        let goals =
            self.goals.iter().map(|(what, figure, goal)| json!({ "figure": what, "measured": figure, "goal": goal.words(), "met": goal.is_met(*figure) }));
        let all = json!({ "machine": self.machine, "tables": self.tables, "goals": goals.collect::<Vec<_>>(), "notes": self.notes, "void": self.void });
        let text = serde_json::to_string_pretty(&all)?;
        self.record(&text, &lines)?;
        if options.json {
            println!("{text}");
        }
        if self.void.is_empty() { Ok(()) } else { void() }
    }

    fn record(&self, json: &str, goals: &[Vec<String>]) -> Result<(), Failure> {
        fs::create_dir_all("bench/results")?;
        fs::write("bench/results/latest.json", json)?;
        fs::write("bench/results/latest.md", markdown(goals) + &self.markdown)?;
        if let Some(svg) = &self.chart {
            fs::write("bench/results/latest.svg", svg)?;
        }
        Ok(())
    }
}

/// What a program says of itself, on either output.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64().map_or_else(|| digits(number.as_f64().unwrap_or(f64::NAN)), |whole| whole.to_string()),
        other => other.to_string(),
    }
}

/// Three or four digits that matter.
pub fn digits(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        size if size >= 0.1 => format!("{figure:.2}"),
        0.0 => "0".into(),
        _ => format!("{figure:.3}"),
    }
}

fn markdown(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text += &format!("| {} |\n", line.join(" | "));
        if number == 0 {
            text += &format!("|---|{}\n", "---:|".repeat(line.len().saturating_sub(1)));
        }
    }
    text.push('\n');
    text
}

/// The first column to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        for (column, cell) in line.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - cell.chars().count());
            text += &if column == 0 { format!("{cell}{blanks}") } else { format!("  {blanks}{cell}") };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
