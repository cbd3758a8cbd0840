//! A browser to drive: chromedriver, by the W3C WebDriver protocol.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Chromium's switches: nothing it would fetch on its own.
const SWITCHES: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
];

/// A key that has no letter, as WebDriver writes it.
pub(crate) const RIGHT: &str = "\u{e014}";
pub(crate) const LEFT: &str = "\u{e012}";
pub(crate) const HOME: &str = "\u{e011}";
pub(crate) const END: &str = "\u{e010}";
pub(crate) const SHIFT: &str = "\u{e008}";
pub(crate) const SPACE: &str = " ";
pub(crate) const ESCAPE: &str = "\u{e00c}";

/// A browser with one page, closed when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    session: String,
}

impl Browser {
    /// Starts one with a window of this size, and further switches.
    pub(crate) fn start((width, height): (u32, u32), more: &[&str]) -> Browser {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is on the PATH");
        let root = format!("http://127.0.0.1:{port}");
        let mut browser = Browser { driver, session: root.clone() };
        let ready = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(50));
            ureq::get(format!("{root}/status")).call().is_ok()
        });
        assert!(ready, "chromedriver did not start");
        let mut switches: Vec<String> = SWITCHES.map(str::to_owned).into();
        switches.push(format!("--window-size={width},{height}"));
        switches.extend(more.iter().map(|it| (*it).to_owned()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": switches },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}});
        let session = browser.post("/session", &wanted);
        let id = session["sessionId"].as_str().expect("a session");
        browser.session = format!("{root}/session/{id}");
        // A window cannot be as narrow as a phone; a page can.
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        browser.command("Emulation.setDeviceMetricsOverride", &size);
        browser
    }

    /// Gives a command of the browser's own protocol.
    pub(crate) fn command(&self, name: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }));
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = ureq::post(format!("{}{path}", self.session))
            .config()
            .http_status_as_error(false)
            .build()
            .send_json(body);
        let mut answer = answer.expect("chromedriver answers");
        let value: Value = answer.body_mut().read_json().expect("it answers in JSON");
        let failed = value["value"].get("error").is_some();
        assert!(!failed, "{path}: {}", value["value"]);
        value["value"].clone()
    }

    /// Opens a page.
    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Presses a key while others are held.
    pub(crate) fn press(&self, held: &[&str], key: &str) {
        let down = |key: &&str| json!({ "type": "keyDown", "value": key });
        let up = |key: &&str| json!({ "type": "keyUp", "value": key });
        let mut actions: Vec<Value> = held.iter().map(down).collect();
        actions.extend([down(&key), up(&key)]);
        actions.extend(held.iter().rev().map(up));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// What an expression of JavaScript is in the page.
    pub(crate) fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The same, as text.
    pub(crate) fn text(&self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&self, expression: &str) {
        let is_so = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(25));
            self.value(expression) == Value::Bool(true)
        });
        assert!(is_so, "waited in vain for {expression}");
    }

    /// A picture of the window, as PNG in base64.
    pub(crate) fn screenshot(&self) -> String {
        let url = format!("{}/screenshot", self.session);
        let mut answer = ureq::get(url).call().expect("chromedriver answers");
        let value: Value = answer.body_mut().read_json().expect("it answers in JSON");
        value["value"].as_str().expect("a picture").to_owned()
    }

    /// Everything the console was told that is not mere information.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad = entries.iter().filter(|it| it["level"] != "INFO" && it["level"] != "DEBUG");
        bad.map(|it| it["message"].to_string()).collect()
    }

    /// The addresses of every request the page made but for files and what is in the page.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "performance" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        let messages = entries.iter().filter_map(|entry| {
            let message = entry["message"].as_str()?;
            serde_json::from_str::<Value>(message).ok()
        });
        let sent = messages.filter(|it| it["message"]["method"] == "Network.requestWillBeSent");
        sent.map(|it| it["message"]["params"]["request"]["url"].as_str().unwrap_or("?").to_owned())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session ends the browser; the driver is killed then.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
