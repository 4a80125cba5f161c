//! Expressions and templates, compiled once: a walk evaluates the same few
//! thousand over and over, and to compile one takes longer than to evaluate it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use minijinja::{Environment, Expression, Template};

use super::ExpressionFault;
use super::environment::{ENVIRONMENT, GLOBALS, KNOWN_ONLY};
use super::token::{self, Source, Uses};

/// How many are kept; the shipped flows and causes have about two thousand.
/// They are kept to the end of the program, what comes later is compiled anew
/// each time.
const MOST: usize = 8192;

/// What a source uses of its scope.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Dotted, without the functions that every expression has.
    pub(super) dotted: BTreeSet<String>,
    /// By the first part of each, and of what else may be one: the fields that are
    /// used, or none when it is used as a whole.
    pub(super) parts: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Those that must be there, and where they stand: whether the others are
    /// is asked by the source itself.
    pub(super) required: Vec<(String, Option<Range<usize>>)>,
}

impl Names {
    fn of(
        undeclared: impl IntoIterator<Item = String>,
        source: Source<'_>,
    ) -> Result<Self, ExpressionFault> {
        let uses = Uses::of(source)?;
        let mut names = Self::default();
        for name in undeclared {
            names.part(&name);
            if !GLOBALS.contains(&name.as_str()) {
                names.dotted.insert(name);
            }
        }
        // The library does not tell what is cut: `name` of `name[:19]`.
        for used in &uses.0 {
            names.part(&used.name);
        }
        names.required = names
            .dotted
            .iter()
            .filter(|name| !uses.is_guarded(name))
            .map(|name| (name.clone(), uses.range(name)))
            .collect();
        Ok(names)
    }

    fn part(&mut self, name: &str) {
        let mut words = name.split('.');
        let first = words.next().unwrap_or_default().to_owned();
        let fields = self
            .parts
            .entry(first)
            .or_insert_with(|| Some(BTreeSet::new()));
        match words.next() {
            Some(field) => {
                if let Some(fields) = fields {
                    fields.insert(field.to_owned());
                }
            }
            None => *fields = None,
        }
    }
}

/// Code and what it uses.
pub(super) struct Compiled<T> {
    pub(super) code: T,
    pub(super) names: Names,
}

/// What was compiled, by source.
struct Kept<T>(RwLock<HashMap<&'static str, Arc<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> Kept<T> {
    fn get(&self, source: &str) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(source).cloned()
    }

    fn is_full(&self) -> bool {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.len() >= MOST
    }

    fn keep(&self, source: &'static str, compiled: T) -> Arc<T> {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster.
        Arc::clone(kept.entry(source).or_insert_with(|| Arc::new(compiled)))
    }
}

static EXPRESSIONS: LazyLock<Kept<Compiled<Expression<'static, 'static>>>> =
    LazyLock::new(Kept::default);

/// An expression, compiled.
pub(super) fn expression(
    source: &str,
) -> Result<Arc<Compiled<Expression<'static, 'static>>>, ExpressionFault> {
    if let Some(kept) = EXPRESSIONS.get(source) {
        return Ok(kept);
    }
    token::check(Source::Expression(source))?;
    let code = ENVIRONMENT
        .compile_expression_owned(source.to_owned())
        .map_err(|error| ExpressionFault::of(&error, source))?;
    let names = Names::of(code.undeclared_variables(true), Source::Expression(source))?;
    let compiled = Compiled { code, names };
    if EXPRESSIONS.is_full() {
        return Ok(Arc::new(compiled));
    }
    Ok(EXPRESSIONS.keep(source.to_owned().leak(), compiled))
}

static LONE: LazyLock<Kept<Option<Range<usize>>>> = LazyLock::new(Kept::default);

/// What a text was found to be, looked for only once.
pub(super) fn lone(
    text: &str,
    look: impl FnOnce() -> Option<Range<usize>>,
) -> Option<Range<usize>> {
    if let Some(kept) = LONE.get(text) {
        return (*kept).clone();
    }
    let found = look();
    if !LONE.is_full() {
        LONE.keep(text.to_owned().leak(), found.clone());
    }
    found
}

/// The templates of one environment.
pub(super) struct Templates {
    environment: &'static LazyLock<Environment<'static>>,
    kept: LazyLock<Kept<Compiled<Template<'static, 'static>>>>,
}

/// Templates for people: null reads "unknown".
pub(super) static FOR_PEOPLE: Templates = Templates {
    environment: &ENVIRONMENT,
    kept: LazyLock::new(Kept::default),
};

/// Templates for machines: a part that is null is a fault.
pub(super) static FOR_MACHINES: Templates = Templates {
    environment: &KNOWN_ONLY,
    kept: LazyLock::new(Kept::default),
};

impl Templates {
    /// Does something with a template, compiled.
    pub(super) fn with<R>(
        &'static self,
        source: &str,
        act: impl FnOnce(&Template<'_, '_>, &Names) -> Result<R, ExpressionFault>,
    ) -> Result<R, ExpressionFault> {
        if let Some(kept) = self.kept.get(source) {
            return act(&kept.code, &kept.names);
        }
        token::check(Source::Template(source))?;
        if self.kept.is_full() {
            let code = self
                .environment
                .template_from_str(source)
                .map_err(|error| ExpressionFault::of(&error, source))?;
            let names = Names::of(code.undeclared_variables(true), Source::Template(source))?;
            return act(&code, &names);
        }
        // Only what compiles is kept to the end of the program.
        self.environment
            .template_from_str(source)
            .map_err(|error| ExpressionFault::of(&error, source))?;
        let kept: &'static str = source.to_owned().leak();
        let code = self
            .environment
            .template_from_str(kept)
            .map_err(|error| ExpressionFault::of(&error, source))?;
        let names = Names::of(code.undeclared_variables(true), Source::Template(source))?;
        let compiled = self.kept.keep(kept, Compiled { code, names });
        act(&compiled.code, &compiled.names)
    }
}
