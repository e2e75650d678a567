//! People sign in, as people do: by the link that they were given, a password, and the codes of an app.

use crate::{
    browser::{self, Browser},
    support::{Market, World},
};

pub const PASSWORD: &str = "correct horse battery staple";

/// The code that an app would show now (RFC 6238), worked out in the browser of the key that stands on the page.
const CODE: &str = r#"
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const bits = [...document.querySelector('p.secret').textContent.replace(/[^A-Z2-7]/g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
const key = Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
const step = new DataView(new ArrayBuffer(8));
step.setBigUint64(0, BigInt(Math.floor(Date.now() / 30000)));
const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
const mac = new DataView(await crypto.subtle.sign('HMAC', hmac, step.buffer));
const at = mac.getUint8(19) & 15;
return String((mac.getUint32(at) & 0x7fffffff) % 1000000).padStart(6, '0');
"#;

/// Whoever was signed in is signed out; a new person of this role sets a password and codes, and is in the console. Gives the
/// recovery codes.
pub fn sign_in(browser: &Browser<'_>, world: &World, name: &str, role: &str) -> Vec<String> {
    browser.forget();
    let added = world.run(&["person", "add", name, "--role", role, "--at", &world.at, "--json"]).done().json();
    browser.go(added["link"].as_str().unwrap());
    let code = browser.run_to_end(CODE).as_str().unwrap().to_owned();
    browser.type_in("#password", PASSWORD);
    browser.type_in("#again", PASSWORD);
    browser.type_in("#code", &code);
    browser.click("main form button");
    browser.reads("Keep these codes");
    let codes = browser.run("return [...document.querySelectorAll('.codes li')].map((code) => code.textContent)");
    browser.click("main a.button");
    browser.reads(name);
    codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_person_signs_in_with_password_and_code_and_a_link_or_code_works_once() {
    browser::with(|browser| {
        let world = World::of(Market::of_bids(&["20.00"]));
        let codes = sign_in(browser, &world, "maria", "operations");
        browser.click(".who form button");
        browser.reads("Sign in");
        browser.go(&world.url("/console/leads?status=sold"));
        browser.reads("Sign in");
        let attempt = |password: &str, code: &str| {
            browser.type_in("#name", "maria");
            browser.type_in("#password", password);
            browser.type_in("#code", code);
            browser.click("main form button");
        };
        attempt("wrong horse battery staple", &codes[0]);
        browser.reads("Name, password or code is wrong.");
        attempt(PASSWORD, &codes[0]);
        browser.reads("Leads");
        assert_eq!(browser.url(), world.url("/console/leads?status=sold"), "it goes on to where one wanted to");
        browser.click(".who form button");
        browser.reads("Sign in");
        attempt(PASSWORD, &codes[0]);
        browser.reads("Name, password or code is wrong.");
        let errors: Vec<String> = browser.logged().into_iter().filter(|line| line.starts_with("SEVERE") && !line.contains("401")).collect();
        assert_eq!(errors, Vec::<String>::new());
    });
}
