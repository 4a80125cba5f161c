//! Journals and session documents, from this machine or by mail, and all that
//! is made of them.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::driver::{Past, restore};
use sspi_doctor::engine::Beginning;
use sspi_doctor::fix::System;
use sspi_doctor::flow::Library;
use sspi_doctor::probe::recorded::World;
use sspi_doctor::transcript::{
    Line, Reading, SessionDocument, chronicle, html, json, markdown, privacy, reading, text,
};
use sspi_doctor::tui::playback::Playback;

use super::screen;

/// The name of the journals that are read here.
const NAME: &str = "20261122T101530Z-x-sql1-4f9a";

/// A journal is read as far as it is sound, and told and shown step by step.
pub fn journal(data: &[u8]) {
    if let Err(fault) = World::parse(NAME, &String::from_utf8_lossy(data)) {
        screen::assert_clean(&fault.to_string());
    }
    let reading = match reading::parse(data, NAME) {
        Ok(reading) => reading,
        Err(fault) => return screen::assert_clean(&fault.to_string()),
    };
    assert!(!reading.lines.is_empty());
    assert!(reading.lines.len() <= data.len());
    if !reading.is_document {
        sound_part(data, &reading);
        reading.lines.iter().for_each(written_again);
    }
    screen::assert_clean(&chronicle::render(&reading));
    played(&reading);
}

/// What is made of a whole journal is clean: exports with names and without,
/// the document that is mailed, and the walk that goes on.
pub fn session(data: &[u8]) {
    let Ok(reading) = reading::parse(data, NAME) else {
        return;
    };
    let document = SessionDocument::of(&reading);
    exports(&document);
    if let Some(private) = privacy::without_names(&document) {
        exports(&private);
    }
    mailed(&document);
    went_on(&reading);
}

/// What is kept when a damaged journal is gone on with says the same.
fn sound_part(data: &[u8], reading: &Reading) {
    let sound = usize::try_from(reading.sound_bytes).unwrap_or(usize::MAX);
    assert!(sound <= data.len());
    let again = reading::parse(&data[..sound], NAME).map_err(|fault| fault.to_string());
    let again = again.as_ref();
    assert_eq!(again.map(|again| &again.lines), Ok(&reading.lines));
    assert_eq!(again.map(|again| &again.damage), Ok(&None));
}

/// A line that was read is written so that it is read again.
fn written_again(line: &Line) {
    let mut fields = Map::new();
    fields.insert("seq".to_owned(), Value::from(line.seq));
    fields.insert("at".to_owned(), Value::from(line.at.to_string()));
    if let Ok(Value::Object(entry)) = serde_json::to_value(&line.entry) {
        fields.extend(entry);
    }
    let written = Value::from(fields).to_string();
    let again: Option<Line> = serde_json::from_str(&written).ok();
    assert_eq!(again.as_ref(), Some(line), "{written}");
}

fn exports(document: &SessionDocument) {
    screen::assert_clean(&text::render(document));
    screen::assert_clean(&markdown::render(document));
    screen::assert_clean(&html::render(document));
    for system in [System::Windows, System::Linux] {
        screen::assert_clean(&document.script(system));
    }
    for width in [20, 80] {
        for line in document.drawing(width) {
            screen::assert_clean(&line);
        }
    }
}

/// The JSON export is read back as the same document, and replayed.
fn mailed(document: &SessionDocument) {
    let written = json::render(document);
    let read: Option<SessionDocument> = serde_json::from_str(&written).ok();
    assert_eq!(read.as_ref(), Some(document));
    let reading = reading::parse(written.as_bytes(), "export");
    assert!(reading.is_ok_and(|reading| reading.is_document));
}

/// The wizard shows it, moment by moment.
fn played(reading: &Reading) {
    let Some(mut playback) = Playback::of(reading.clone()) else {
        return;
    };
    let mut moments = 1;
    while playback.forward() {
        let _ = playback.now();
        moments += 1;
    }
    assert!(moments <= (2 * reading.lines.len() + 2).min(1002));
    while playback.back() {}
}

static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| {
    let causes = Catalogue::embedded().known();
    Arc::new(Library::shipped(&causes).unwrap_or_default())
});
static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(Catalogue::embedded().clone()));

/// The engine takes the walk to where it ends, or says why it cannot.
fn went_on(reading: &Reading) {
    let past = Past::of(reading);
    let beginning = Beginning::default();
    let restored = restore::restore(&LIBRARY, &CATALOGUE, &beginning, &past, None);
    if let Ok(restored) = restored {
        assert!(restored.standing <= past.visits.len());
    }
}
