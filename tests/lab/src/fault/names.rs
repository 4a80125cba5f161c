//! Faults of the DNS records of sql1.

use crate::dns::Record;
use crate::error::Result;
use crate::fault::Pointer;
use crate::lab::Lab;
use crate::topology;

/// A name that the machine had once.
const FORMER_NAME: &str = "legacy.corp.example";

fn forward() -> Result<Record> {
    topology::find("sql1").map(Record::forward)
}

fn reverse() -> Result<Record> {
    topology::find("sql1").map(Record::reverse)
}

fn wrong_reverse() -> Result<Record> {
    Ok(reverse()?.with_data(topology::find("sql2")?.fqdn()))
}

fn second_reverse() -> Result<Record> {
    Ok(reverse()?.with_data(FORMER_NAME))
}

fn wrong_forward() -> Result<Record> {
    Ok(forward()?.with_data(topology::find("sql2")?.address.to_string()))
}

pub(super) fn break_pointer(lab: &Lab, pointer: Pointer) -> Result<()> {
    match pointer {
        Pointer::Missing => lab.dns_delete(&reverse()?),
        Pointer::Wrong => {
            lab.dns_delete(&reverse()?)?;
            lab.dns_add(&wrong_reverse()?)
        }
        Pointer::Several => lab.dns_add(&second_reverse()?),
    }
}

pub(super) fn mend_pointer(lab: &Lab, pointer: Pointer) -> Result<()> {
    match pointer {
        Pointer::Missing => lab.dns_add(&reverse()?),
        Pointer::Wrong => {
            lab.dns_delete(&wrong_reverse()?)?;
            lab.dns_add(&reverse()?)
        }
        Pointer::Several => lab.dns_delete(&second_reverse()?),
    }
}

pub(super) fn point_elsewhere(lab: &Lab) -> Result<()> {
    lab.dns_delete(&forward()?)?;
    lab.dns_add(&wrong_forward()?)
}

pub(super) fn point_back(lab: &Lab) -> Result<()> {
    lab.dns_delete(&wrong_forward()?)?;
    lab.dns_add(&forward()?)
}
