//! What somebody reaches who accepts what is proposed, and knows nothing.

use sspi_doctor::probe::recorded::worlds;
use sspi_doctor::tui::Start;
use sspi_doctor::tui::model::Place;

use super::harness::Wizard;

/// More than the longest walk has steps.
const MANY: usize = 80;

#[tokio::test]
async fn accepting_what_is_proposed_leads_to_the_cause_of_every_recorded_world() {
    for world in worlds() {
        let name = world.name.as_str();
        let mut wizard = Wizard::in_world_at(Start::Inputs, name).await;
        let mut keys = 0;
        while wizard.model().place() != Place::End {
            assert!(keys < MANY, "{name}: no end\n{}", wizard.screen());
            wizard.press("Enter").await;
            keys += 1;
        }
        let first = wizard.screen();
        let end = first.clone() + &wizard.press("PageDown").await.screen();
        let model = wizard.model();
        let findings = &model.walking().unwrap().state.findings;
        let causes: Vec<&str> = findings.iter().map(|one| one.cause.as_str()).collect();
        // A world has the name of its cause.
        if name == "healthy" {
            assert!(causes.is_empty(), "{causes:?}");
            assert!(end.contains("Nothing is wrong"), "{end}");
            continue;
        }
        assert_eq!(causes, [name], "{end}");
        // Without a further key: the cause, the fix, who runs it, the next key.
        for words in [
            &findings[0].title,
            "The fix",
            "Who may run it",
            "Enter fix script",
        ] {
            assert!(first.contains(words), "{name}: no `{words}`\n{first}");
        }
        assert!(end.contains("Kept in"), "{name}\n{end}");
        wizard.press("Enter").await;
        assert_eq!(wizard.model().place(), Place::Script, "{name}");
    }
}
