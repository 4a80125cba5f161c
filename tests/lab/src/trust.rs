//! The two-way forest trust between CORP and PARTNER.

use crate::accounts::ADMINISTRATOR_PASSWORD;
use crate::error::Result;
use crate::host::Host;
use crate::topology::PARTNER;

fn credentials() -> String {
    format!("Administrator@{}%{ADMINISTRATOR_PASSWORD}", PARTNER.realm)
}

/// Makes both sides of the trust, from CORP's controller, and validates both.
pub(crate) fn create(controller: &Host) -> Result<()> {
    controller
        .run(&[
            "samba-tool",
            "domain",
            "trust",
            "create",
            PARTNER.name,
            "--type=forest",
            "--direction=both",
            "--create-location=both",
            "-U",
            &credentials(),
        ])
        .map(drop)
}

/// Deletes both sides of the trust, from CORP's controller.
pub(crate) fn delete(controller: &Host) -> Result<()> {
    controller
        .run(&[
            "samba-tool",
            "domain",
            "trust",
            "delete",
            PARTNER.name,
            "--delete-location=both",
            "-U",
            &credentials(),
        ])
        .map(drop)
}
