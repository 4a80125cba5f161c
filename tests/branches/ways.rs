//! Ways through the graph of a flow's steps.

use std::collections::HashMap;

use sspi_doctor::flow::{Branch, Flow, Step};

use super::dice::Dice;

/// Steps, each with the branch that leads on.
pub type Way<'a> = Vec<(&'a Step, &'a Branch)>;

/// A way to a step by branches, often a short one.
pub fn way<'a>(
    flow: &'a Flow,
    to: &str,
    leads: &HashMap<&str, usize>,
    dice: &mut Dice,
) -> Option<Way<'a>> {
    let mut way = Vec::new();
    let mut at = flow.start.as_str();
    while at != to {
        let step = flow.steps.get(at)?;
        let mut on: Vec<&Branch> = step
            .branches
            .iter()
            .filter(|branch| leads.contains_key(branch.goto.as_str()))
            .collect();
        let nearest = on
            .iter()
            .filter_map(|branch| leads.get(branch.goto.as_str()))
            .min()?;
        let nearest = *nearest;
        if dice.flip() {
            on.retain(|branch| leads.get(branch.goto.as_str()) == Some(&nearest));
        }
        let branch = *on.get(dice.below(on.len()))?;
        way.push((step, branch));
        at = branch.goto.as_str();
    }
    Some(way)
}

/// The steps from which another one can be reached, with the fewest steps
/// between.
pub fn leading<'a>(flow: &'a Flow, to: &'a str) -> HashMap<&'a str, usize> {
    let mut leads = HashMap::from([(to, 0)]);
    for distance in 1.. {
        let before = leads.len();
        for (id, step) in &flow.steps {
            let leads_on = |branch: &Branch| {
                leads
                    .get(branch.goto.as_str())
                    .is_some_and(|far| *far < distance)
            };
            if !leads.contains_key(id.as_str()) && step.branches.iter().any(leads_on) {
                leads.insert(id, distance);
            }
        }
        if leads.len() == before {
            break;
        }
    }
    leads
}
