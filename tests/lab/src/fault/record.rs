//! Which faults are in a lab: injecting, undoing, and the way back to health.

use std::fs;
use std::path::PathBuf;

use crate::error::{LabError, Result};
use crate::fault::Fault;
use crate::lab::Lab;

impl Lab {
    /// The faults that are in the lab now, in the order in which they came.
    pub fn faults(&self) -> Vec<Fault> {
        let text = fs::read_to_string(self.faults_file()).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    fn faults_file(&self) -> PathBuf {
        self.dir().join("faults")
    }

    fn set_faults(&self, faults: &[Fault]) -> Result<()> {
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let path = self.faults_file();
        fs::write(&path, text.join("\n")).map_err(LabError::file("write", &path))
    }

    /// Injects a fault; one that is there already is left alone.
    pub fn inject(&self, fault: Fault) -> Result<()> {
        let mut faults = self.faults();
        if faults.contains(&fault) {
            return Ok(());
        }
        // Written down first, so that what fails half way is restored too.
        faults.push(fault);
        self.set_faults(&faults)?;
        fault.inject(self)
    }

    /// Undoes a fault; the others stay.
    pub fn undo(&self, fault: Fault) -> Result<()> {
        let mut faults = self.faults();
        let Some(position) = faults.iter().position(|other| *other == fault) else {
            return Ok(());
        };
        faults.remove(position);
        self.set_faults(&faults)?;
        fault.undo(self)?;
        if fault.needs_reset() {
            // The reset has taken the other ones away as well.
            faults
                .iter()
                .filter(|other| other.is_in_directories())
                .try_for_each(|other| other.inject(self))?;
        }
        Ok(())
    }

    /// Undoes every fault, and gives alice a new cache without service tickets:
    /// the baseline between two tests.
    pub fn restore(&self) -> Result<()> {
        let faults = self.faults();
        self.set_faults(&[])?;
        let (directory, other): (Vec<Fault>, Vec<Fault>) = faults
            .into_iter()
            .partition(|fault| fault.is_in_directories());
        let reset = directory.iter().any(|fault| fault.needs_reset())
            || directory
                .iter()
                .rev()
                .try_for_each(|fault| fault.undo(self))
                .is_err();
        if reset {
            self.reset_directories()?;
        }
        other.iter().rev().try_for_each(|fault| fault.undo(self))?;
        for fault in &directory {
            fault.after_reset(self)?;
        }
        self.sign_in("alice")
    }
}
