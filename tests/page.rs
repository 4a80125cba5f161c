//! The HTML page in a real browser: light and dark, on paper, without a script
//! or a request, and with hostile names that stay names.
//!
//! `SSPI_PICTURES=FOLDER` keeps the pictures.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "page/browser.rs"]
mod browser;

use std::path::{Path, PathBuf};
use std::process::Command;

use browser::Browser;
use serde_json::{Value, json};
use sspi_doctor::transcript::{self, SessionDocument, reading};

const WORLDS: &[(&str, &str)] = &[
    (
        "spn-on-wrong-account",
        include_str!("../flows/worlds/spn-on-wrong-account.jsonl"),
    ),
    (
        "delegation-not-trusted",
        include_str!("../flows/worlds/delegation-not-trusted.jsonl"),
    ),
    ("healthy", include_str!("../flows/worlds/healthy.jsonl")),
];

fn document(world: &str) -> SessionDocument {
    SessionDocument::of(&reading::parse(world.as_bytes(), "s").unwrap())
}

fn write(directory: &Path, name: &str, document: &SessionDocument) -> PathBuf {
    let path = directory.join(format!("{name}.html"));
    std::fs::write(&path, transcript::html::render(document)).unwrap();
    path
}

/// Bytes of a base64 text (RFC 4648 4).
fn bytes(base64: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in base64.bytes().filter(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// The relative luminance of `rgb(r, g, b)` (WCAG 2.1).
fn luminance(colour: &Value) -> f64 {
    let text = colour.as_str().unwrap();
    let parts: Vec<f64> = text
        .trim_start_matches("rgba(")
        .trim_start_matches("rgb(")
        .trim_end_matches(')')
        .split(',')
        .map(|part| part.trim().parse::<f64>().unwrap() / 255.0)
        .map(|part| {
            if part <= 0.03928 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
        .collect();
    0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
}

fn contrast(one: &Value, other: &Value) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn picture(browser: &mut Browser, name: &str) {
    let Some(folder) = std::env::var_os("SSPI_PICTURES") else {
        return;
    };
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        json!({"width": 1000, "height": 1400, "deviceScaleFactor": 1, "mobile": false}),
    );
    let png = browser.call("Page.captureScreenshot", json!({"format": "png"}));
    let path = Path::new(&folder).join(format!("{name}.png"));
    std::fs::write(path, bytes(png["data"].as_str().unwrap())).unwrap();
}

#[test]
fn the_page_is_good_in_light_in_dark_and_on_paper() {
    let home = tempfile::tempdir().unwrap();
    let mut browser = Browser::start();
    for (name, world) in WORLDS {
        let document = document(world);
        let file = write(home.path(), name, &document);
        let mut grounds = Vec::new();
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            browser.open(&file);
            assert_eq!(
                browser.requests(),
                [format!("file://{}", file.display())],
                "{name}"
            );
            assert_eq!(browser.complaints(), [""; 0], "{name}");
            let ground = browser.value("getComputedStyle(document.body).backgroundColor");
            for part in ["body", ".quiet", ".mark", "h2", "summary", "code"] {
                let colour = browser.value(&format!(
                    "[...document.querySelectorAll('{part}')].map(e => getComputedStyle(e).color)[0]"
                ));
                if colour.is_string() {
                    let contrast = contrast(&ground, &colour);
                    assert!(contrast >= 4.5, "{name} {scheme} {part}: {contrast:.1}");
                }
            }
            grounds.push(luminance(&ground));
            picture(&mut browser, &format!("{name}-{scheme}"));
        }
        assert!(grounds[0] > 0.8 && grounds[1] < 0.2, "{grounds:?}");
        accessible(&mut browser, name);
        paper(&mut browser, home.path(), name, &document);
    }
}

fn accessible(browser: &mut Browser, name: &str) {
    assert_eq!(browser.value("document.documentElement.lang"), "en");
    assert_eq!(
        browser.value(
            "document.querySelectorAll('script, link[rel=stylesheet], img, iframe, form').length"
        ),
        0
    );
    assert_eq!(browser.value("document.querySelectorAll('h1').length"), 1);
    assert_eq!(browser.value("document.querySelectorAll('main').length"), 1);
    assert_eq!(
        browser.value("[...document.querySelectorAll('th')].every(e => e.scope)"),
        true
    );
    // What can scroll can be reached by the keyboard, and nothing is cut off.
    assert_eq!(
        browser.value("[...document.querySelectorAll('pre')].every(e => e.tabIndex == 0)"),
        true
    );
    for width in [1000, 360] {
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}),
        );
        let wide = browser.value("document.documentElement.scrollWidth");
        assert!(wide.as_i64().unwrap() <= width, "{name}: {wide} of {width}");
    }
    // The answers stand at the top.
    let short = browser.value("document.querySelector('.short').innerText");
    let short = short.as_str().unwrap();
    for label in [
        "What is wrong",
        "How sure",
        "What to do",
        "Who does it",
        "What stays unknown",
    ] {
        assert!(short.contains(label), "{name}: {short}");
    }
}

fn paper(browser: &mut Browser, directory: &Path, name: &str, document: &SessionDocument) {
    let printed = browser.call("Page.printToPDF", json!({"printBackground": false}));
    let file = directory.join(format!("{name}.pdf"));
    std::fs::write(&file, bytes(printed["data"].as_str().unwrap())).unwrap();
    let output = Command::new("pdftotext")
        .args(["-layout"])
        .arg(&file)
        .arg("-")
        .output();
    let text =
        String::from_utf8(output.expect("poppler-utils is in tests/packages").stdout).unwrap();
    let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("What is wrong"), "{name}");
    assert!(words.contains(&document.title), "{name}");
    // What is folded on the screen is there on paper.
    assert!(
        words.contains("/etc/krb5.conf"),
        "{name}: the evidence is not printed"
    );
    if !document.findings.is_empty() {
        assert!(
            words.contains("#!/bin/sh"),
            "{name}: the script is not printed"
        );
    }
}

#[test]
fn a_hostile_name_is_a_name() {
    let hostile = [
        "<script>window.hit=1</script>",
        "<img src=x onerror=window.hit=1>",
        "\\\"><svg onload=window.hit=1>",
        "</code></pre></details><h1>Healthy</h1>",
        "</style><style>body{display:none}</style>",
        "javascript:window.hit=1",
        "&lt;b&gt; &amp; <!-- ",
    ];
    let home = tempfile::tempdir().unwrap();
    let mut browser = Browser::start();
    for (number, name) in hostile.iter().enumerate() {
        let world = WORLDS[0].1.replace("svc_sql", name);
        let document = document(&world);
        let file = write(home.path(), &number.to_string(), &document);
        browser.open(&file);
        assert_eq!(browser.value("window.hit === undefined"), true, "{name}");
        assert_eq!(
            browser.requests().len(),
            1,
            "{name}: {}",
            browser.requests().join(" ")
        );
        assert_eq!(browser.complaints(), [""; 0], "{name}");
        assert_eq!(
            browser.value("document.querySelectorAll('h1').length"),
            1,
            "{name}"
        );
        assert_eq!(
            browser.value("document.querySelectorAll('script, img, svg, a').length"),
            0,
            "{name}"
        );
        assert_eq!(
            browser.value("document.querySelectorAll('style').length"),
            1,
            "{name}"
        );
        let text = browser.value("document.body.textContent");
        let plain = name.replace("\\\"", "\"");
        assert!(
            text.as_str().unwrap().contains(&plain),
            "{plain} is not shown as it is"
        );
    }
}
