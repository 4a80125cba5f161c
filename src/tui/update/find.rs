//! Finding words in what was opened.

use super::super::field::Field;
use super::super::model::{Model, Opened};
use super::super::msg::Notice;
use super::super::search::Direction;
use super::super::view;

/// Begins to type the words.
pub(super) fn begin(model: &mut Model) {
    if let Some(opened) = model.opened.last_mut() {
        opened.search.typing = Some(Field::default());
    }
}

/// Takes the words that were typed, and goes to the first place.
pub(super) fn take(model: &mut Model) {
    if let Some(opened) = model.opened.last_mut()
        && let Some(field) = opened.search.typing.take()
    {
        field.text().trim().clone_into(&mut opened.search.words);
        opened.search.at = None;
        if !opened.search.words.is_empty() {
            go(model, Direction::On);
        }
    }
}

/// Goes to the next place, and says which one of how many it is.
pub(super) fn go(model: &mut Model, direction: Direction) {
    let lines = view::matches(model);
    let Some(extent) = view::extent(model) else {
        return;
    };
    let Some(Opened { search, scroll, .. }) = model.opened.last_mut() else {
        return;
    };
    let Some(line) = search.next(&lines, direction, scroll.offset(extent)) else {
        let words = search.words.clone();
        model.notice = Some(Notice::fault(format!("`{words}` does not stand here.")));
        return;
    };
    search.at = Some(line);
    let number = lines.iter().take_while(|other| **other <= line).count();
    let words = format!(
        "`{}`: line {number} of {} with it. n goes on, N goes back.",
        search.words,
        lines.len()
    );
    model.notice = Some(Notice::done(words));
    // The notice takes a line of the text, so the extent is another one now.
    if let Some(extent) = view::extent(model)
        && let Some(opened) = model.opened.last_mut()
    {
        opened.scroll.show(line, extent);
    }
}
