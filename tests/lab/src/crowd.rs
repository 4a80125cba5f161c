//! Many accounts with SPNs, some of them wrong in known ways, as a large forest
//! has them.

use crate::error::Result;
use crate::lab::Lab;
use crate::process;
use crate::topology::CORP;

/// Adds the accounts; see there for what is wrong with which.
const SCRIPT: &str = include_str!("crowd.py");

/// How many problems a thousand accounts have, by the word of the audit.
pub const PROBLEMS_OF_A_THOUSAND: [(&str, u64); 4] = [
    ("duplicate", 1),
    ("malformed", 1),
    ("missing", 2),
    ("orphaned", 4),
];

impl Lab {
    /// Adds so many accounts to CORP: three computers and then one service
    /// account, over and over.
    pub fn add_crowd(&self, count: u32) -> Result<()> {
        let controller = self.controller(&CORP)?;
        let mut python = controller.command("python3");
        python
            .args(["-", CORP.base, CORP.name, &count.to_string()])
            .args(["svc_old", "CLIENT$"])
            .env("KRB5CCNAME", "MEMORY:lab");
        process::run_with_input(controller.spec.name, &mut python, SCRIPT).map(drop)
    }

    /// Sets the directories back to how they were provisioned.
    pub fn remove_crowd(&self) -> Result<()> {
        self.reset_directories()
    }
}
