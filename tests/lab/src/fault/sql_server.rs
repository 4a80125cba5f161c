//! Faults of SQL Server itself: it is started again with what the lab's
//! faults make of its scenario.

use crate::error::Result;
use crate::lab::Lab;

pub(super) fn restart(lab: &Lab) -> Result<()> {
    lab.sql("sql1")?.restart()
}
