//! The steps as a graph: what is reached, what goes in a circle, and which
//! steps have run before another on every way to it.

use std::collections::BTreeSet;

/// Steps by number, in the order of the file.
#[derive(Debug)]
pub struct Graph {
    reached: Vec<bool>,
    circle: Option<Vec<usize>>,
    always_before: Vec<BTreeSet<usize>>,
    sometimes_before: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// The graph of `ways[step]`, walked from `start`.
    pub fn new(ways: &[BTreeSet<usize>], start: Option<usize>) -> Self {
        let count = ways.len();
        let mut graph = Self {
            reached: vec![false; count],
            circle: None,
            always_before: vec![BTreeSet::new(); count],
            sometimes_before: vec![BTreeSet::new(); count],
        };
        let order = graph.order(ways, start);
        for &step in order.iter().rev() {
            let before: Vec<usize> = order
                .iter()
                .copied()
                .filter(|from| ways[*from].contains(&step))
                .collect();
            let including = |sets: &[BTreeSet<usize>], from: usize| {
                let mut set = sets[from].clone();
                set.insert(from);
                set
            };
            graph.always_before[step] = before
                .iter()
                .map(|from| including(&graph.always_before, *from))
                .reduce(|one, other| &one & &other)
                .unwrap_or_default();
            graph.sometimes_before[step] = before
                .iter()
                .flat_map(|from| including(&graph.sometimes_before, *from))
                .collect();
        }
        graph
    }

    /// The steps that are reached, each after all that it leads to (so the
    /// reverse is the order of a walk), and the first circle on the way.
    fn order(&mut self, ways: &[BTreeSet<usize>], start: Option<usize>) -> Vec<usize> {
        let mut done = Vec::new();
        let Some(start) = start else { return done };
        // A stack of its own: a file may have more steps than the thread has
        // stack frames.
        let mut path: Vec<(usize, Vec<usize>)> =
            vec![(start, ways[start].iter().copied().collect())];
        self.reached[start] = true;
        while let Some((step, rest)) = path.last_mut() {
            let step = *step;
            match rest.pop() {
                None => {
                    done.push(step);
                    path.pop();
                }
                Some(next) if !self.reached[next] => {
                    self.reached[next] = true;
                    path.push((next, ways[next].iter().copied().collect()));
                }
                Some(next) => {
                    if let Some(at) = path.iter().position(|(on_path, _)| *on_path == next) {
                        let circle = path[at..].iter().map(|(on_path, _)| *on_path).collect();
                        self.circle.get_or_insert(circle);
                    }
                }
            }
        }
        done
    }

    /// Whether a walk can come here.
    pub fn is_reached(&self, step: usize) -> bool {
        self.reached[step]
    }

    /// Steps that lead back to the first of them.
    pub fn circle(&self) -> Option<&[usize]> {
        self.circle.as_deref()
    }

    /// Whether `earlier` has run whenever a walk comes to `step`.
    pub fn always_before(&self, earlier: usize, step: usize) -> bool {
        self.always_before[step].contains(&earlier)
    }

    /// Whether `earlier` can have run when a walk comes to `step`.
    pub fn sometimes_before(&self, earlier: usize, step: usize) -> bool {
        self.sometimes_before[step].contains(&earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(of: &[&[usize]]) -> Vec<BTreeSet<usize>> {
        of.iter().map(|to| to.iter().copied().collect()).collect()
    }

    #[test]
    fn a_step_after_a_fork_has_only_the_common_steps_always_before_it() {
        // 0 -> 1 -> 3, 0 -> 2 -> 3, 4 is never reached.
        let graph = Graph::new(&ways(&[&[1, 2], &[3], &[3], &[], &[3]]), Some(0));
        assert!(graph.always_before(0, 3));
        assert!(!graph.always_before(1, 3));
        assert!(graph.sometimes_before(1, 3));
        assert!(!graph.sometimes_before(3, 1));
        assert!(!graph.is_reached(4));
        assert!(graph.circle().is_none());
    }

    #[test]
    fn a_circle_is_named_from_its_first_step() {
        let graph = Graph::new(&ways(&[&[1], &[2], &[1, 3], &[]]), Some(0));
        assert_eq!(graph.circle(), Some([1, 2].as_slice()));
    }
}
