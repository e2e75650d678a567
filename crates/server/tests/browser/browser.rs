//! The browser, as a test uses it: addresses, clicks, typed words, what can be read.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{command::Command, driver::Driver, support::wait_for};

/// What a page is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

impl Look {
    pub const DESK: Self = Self { width: 1440, height: 900, dark: false };
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false };
    pub const ALL: [Self; 4] = [Self::DESK, Self { dark: true, ..Self::DESK }, Self::PHONE, Self { dark: true, ..Self::PHONE }];

    pub fn name(self) -> String {
        format!("{}-{}", self.width, if self.dark { "dark" } else { "light" })
    }
}

/// A session of Chromium, and the chromedriver that it hangs on.
struct Session {
    client: Option<Client>,
    runtime: Runtime,
    /// Dropped last.
    driver: Driver,
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(self.runtime.block_on(client.close()));
        }
    }
}

/// The session that tests share as long as one of them holds or awaits it. A static is never dropped, so it owns none.
static SHARED: Mutex<Weak<Mutex<Session>>> = Mutex::new(Weak::new());

/// Whether these tests are to be left out.
pub fn is_missing() -> bool {
    let skipped = std::env::var("PINGPOST_TEST_BROWSER").is_ok_and(|value| value == "skip");
    if skipped {
        eprintln!("skipped: no browser");
    }
    skipped
}

/// Runs a test with the browser to itself.
pub fn with(test: impl FnOnce(&Browser<'_>)) {
    if is_missing() {
        return;
    }
    let shared = {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let session = Arc::new(Mutex::new(Session::start()));
            *shared = Arc::downgrade(&session);
            session
        })
    };
    let browser = Browser(shared.lock().unwrap_or_else(PoisonError::into_inner));
    browser.forget();
    test(&browser);
}

impl Session {
    fn start() -> Self {
        let driver = Driver::start();
        let runtime = Runtime::new().unwrap();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--lang=en-US",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", driver.profile.display()));
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } });
        let url = format!("http://127.0.0.1:{}", driver.port);
        let client = wait_for("chromedriver, which is Debian's package chromium-driver: ./test installs it", || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.as_object().unwrap().clone());
            runtime.block_on(builder.connect(&url)).ok()
        });
        Self { client: Some(client), runtime, driver }
    }
}

pub struct Browser<'a>(MutexGuard<'a, Session>);

impl Browser<'_> {
    fn client(&self) -> &Client {
        self.0.client.as_ref().unwrap()
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.runtime.block_on(future)
    }

    fn command(&self, command: Command) -> Value {
        self.wait(self.client().issue_cmd(command)).unwrap()
    }

    fn chromium(&self, method: &str, params: Value) {
        self.command(Command::chromium(method, &params));
    }

    /// Everything of an earlier test is gone.
    pub fn forget(&self) {
        self.go("about:blank");
        self.chromium("Network.clearBrowserCookies", json!({}));
        self.look(Look::DESK);
        self.logged();
    }

    pub fn go(&self, url: &str) {
        self.wait(self.client().goto(url)).unwrap();
    }

    pub fn url(&self) -> String {
        self.wait(self.client().current_url()).unwrap().to_string()
    }

    pub fn look(&self, look: Look) {
        let mobile = look.width < 600;
        self.chromium("Emulation.setDeviceMetricsOverride", json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": mobile }));
        let scheme = if look.dark { "dark" } else { "light" };
        self.chromium(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }] }),
        );
    }

    /// What the browser logged since the last look: errors of pages, and what their policy forbade.
    pub fn logged(&self) -> Vec<String> {
        let entries = self.command(Command::log());
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| format!("{}: {}", entry["level"].as_str().unwrap_or_default(), entry["message"].as_str().unwrap_or_default())).collect()
    }

    /// The body of a function, and what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.wait(self.client().execute(script, Vec::new())).unwrap_or_else(|error| panic!("{error} in {script:.200}"))
    }

    /// The same, of a function that gives a promise.
    pub fn run_to_end(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, (error) => done('' + error));");
        self.wait(self.client().execute_async(&script, Vec::new())).unwrap_or_else(|error| panic!("{error} in {script:.200}"))
    }

    #[track_caller]
    fn element(&self, css: &str) -> Element {
        let found = self.wait(self.client().wait().at_most(Duration::from_secs(20)).every(Duration::from_millis(20)).for_element(Locator::Css(css)));
        found.unwrap_or_else(|error| panic!("{css} at {}: {error}\n{}", self.url(), self.text()))
    }

    #[track_caller]
    pub fn click(&self, css: &str) {
        self.wait(self.element(css).click()).unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    #[track_caller]
    pub fn type_in(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.wait(element.clear()).unwrap();
        self.wait(element.send_keys(text)).unwrap();
    }

    /// An option of a list, by its value.
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) {
        let element = self.element(css);
        self.wait(element.select_by_value(value)).unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// The first element's text, once it is there.
    #[track_caller]
    pub fn text_of(&self, css: &str) -> String {
        self.wait(self.element(css).text()).unwrap()
    }

    /// All that can be read on the page.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// The page as it stands, with all that can't be seen.
    pub fn source(&self) -> String {
        self.wait(self.client().source()).unwrap()
    }

    /// Waits until the page says something.
    #[track_caller]
    pub fn reads(&self, text: &str) {
        let script = format!("return document.body && document.body.innerText.includes({})", json!(text));
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wait_for(text, || self.run(&script).as_bool().filter(|found| *found))));
        assert!(found.is_ok(), "{text:?} isn't at {}:\n{}", self.url(), self.text());
    }

    /// The whole page, from top to bottom.
    pub fn picture(&self, look: Look, name: &str) {
        let size = self.run("return document.documentElement.scrollHeight").as_u64().unwrap_or(0);
        let height = u32::try_from(size).unwrap_or(look.height).clamp(look.height, 4000);
        self.look(Look { height, ..look });
        let bytes = self.wait(self.client().screenshot()).unwrap();
        let directory = pictures();
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{name}-{}.png", look.name())), bytes).unwrap();
    }
}

impl Browser<'_> {
    /// The page from its top down, small: WebP, sharp enough for a screen with more pixels than it says.
    pub fn webp(&self, width: u32, height: u32) -> Vec<u8> {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1.25 });
        let params = json!({ "format": "webp", "quality": 75, "clip": clip });
        let taken = self.command(Command::chromium("Page.captureScreenshot", &params));
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }
}

/// Beside what the build makes: never committed.
pub fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots")
}

#[test]
fn a_browser_ends_with_the_tests_however_they_end() {
    if is_missing() {
        return;
    }
    let mut session = Session::start();
    assert!(session.driver.chromiums() > 0);
    session.driver.end();
    wait_for("the end of Chromium", || (session.driver.chromiums() == 0).then_some(()));
    assert!(!session.driver.profile.exists());
}
