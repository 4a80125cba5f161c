//! One lab for all tests of a program, to one test at a time.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::lab::Lab;

static LAB: Mutex<Option<Lab>> = Mutex::new(None);

/// The lab, for as long as this value lives.
#[derive(Debug)]
pub struct Exclusive {
    lab: MutexGuard<'static, Option<Lab>>,
}

/// Gives the program's lab to the caller alone, without any fault. The first
/// call brings it up; it goes when the program ends, however that happens.
/// The process number is part of its name, so that programs do not meet.
pub fn exclusive(name: &str) -> Result<Exclusive> {
    // A test that failed has not harmed the lab: it is restored here.
    let mut lab = LAB.lock().unwrap_or_else(PoisonError::into_inner);
    match &*lab {
        Some(lab) => lab.restore()?,
        None => *lab = Some(Lab::start(&format!("{name}-{}", std::process::id()))?),
    }
    Ok(Exclusive { lab })
}

impl Deref for Exclusive {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        match &*self.lab {
            Some(lab) => lab,
            None => unreachable!("`exclusive` has filled it"),
        }
    }
}
