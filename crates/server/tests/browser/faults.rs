//! What can be wrong with any page: it is wider than the screen, words are cut or lie over others, the browser complains, or a
//! person with other senses or hands can't use it.

use std::{path::PathBuf, sync::OnceLock};

use crate::browser::Browser;

/// Finds what is cut or overlaps. What scrolls by itself, or is hidden on purpose, may be larger than its place.
const LAYOUT: &str = r#"
const faults = [];
const name = (element) => element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') + (element.classList.length ? '.' + [...element.classList].join('.') : '') + ' ' + JSON.stringify((element.innerText || '').trim().slice(0, 40));
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) faults.push('the page is ' + root.scrollWidth + ' wide on ' + root.clientWidth);
const seen = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !element.closest('.hidden, [hidden], .skip');
const scrolls = (element) => { for (let at = element; at && at !== document.body; at = at.parentElement) { if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true; } return false; };
for (const element of document.querySelectorAll('body *')) {
  if (element.closest('svg') || !seen(element)) continue;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) continue;
  if (!scrolls(element) && (box.right > root.clientWidth + 1 || box.left < -1) && style.position !== 'fixed') faults.push('beyond the edge: ' + name(element));
  // What is typed into a field scrolls by itself.
  if (element.tagName !== 'INPUT' && /hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1) faults.push('cut: ' + name(element));
  if (['BUTTON', 'TH', 'TD', 'LABEL', 'DT', 'DD', 'A', 'P', 'H1', 'H2', 'H3', 'SPAN'].includes(element.tagName) && style.display !== 'inline' && style.overflowX === 'visible' && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !element.closest('.ticks')) faults.push('wider than its place: ' + name(element));
}
// Words that lie over other words.
const words = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode;
  if (!node.data.trim() || !node.parentElement || node.parentElement.closest('svg, script, option, textarea, details:not([open]) > :not(summary)') || !seen(node.parentElement)) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const sticky = node.parentElement.closest('.top, .menu, dialog, [popover]');
  for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) words.push({ box, node, sticky });
}
words.sort((a, b) => a.box.top - b.box.top);
for (let i = 0; i < words.length; i++) {
  for (let j = i + 1; j < words.length && words[j].box.top < words[i].box.bottom - 3; j++) {
    const [a, b] = [words[i], words[j]];
    if (a.node === b.node || a.sticky !== b.sticky) continue;
    if (Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 2 && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 3) {
      // What scrolls sideways may lie beside the screen, under its neighbour.
      if (scrolls(a.node.parentElement) !== scrolls(b.node.parentElement)) continue;
      faults.push('one over the other: ' + JSON.stringify(a.node.data.trim().slice(0, 40)) + ' and ' + JSON.stringify(b.node.data.trim().slice(0, 40)));
    }
  }
}
return [...new Set(faults)].slice(0, 20);
"#;

pub fn layout(browser: &Browser<'_>) -> Vec<String> {
    list(&browser.run(LAYOUT))
}

/// The rules of WCAG 2.2 AA that a program can check. None where axe-core isn't here: `./test` gets it from npm.
pub fn access(browser: &Browser<'_>) -> Option<Vec<String>> {
    let axe = axe()?;
    browser.run(&format!("{axe}; window.axe = axe; return true"));
    let rules = r#"
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const result = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
        return result.violations.filter((found) => ['serious', 'critical'].includes(found.impact)).map((found) => found.id + ': ' + found.help + ' at ' + found.nodes.slice(0, 3).map((node) => node.target.join(' ') + (node.any[0] ? ' (' + node.any[0].message + ')' : '')).join(', '));
    "#;
    Some(list(&browser.run_to_end(rules)))
}

fn axe() -> Option<&'static str> {
    static AXE: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let beside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().map(|target| target.join("npm/node_modules/axe-core/axe.min.js"));
        let read = beside.and_then(|path| std::fs::read_to_string(path).ok());
        if read.is_none() {
            eprintln!("skipped: axe-core isn't in target/npm: ./test gets it");
        }
        read
    };
    AXE.get_or_init(read).as_deref()
}

fn list(value: &serde_json::Value) -> Vec<String> {
    match value.as_array() {
        Some(faults) => faults.iter().map(|fault| fault.as_str().unwrap_or_default().to_owned()).collect(),
        None => vec![format!("the check itself failed: {value}")],
    }
}
