//! Who else may run the service: the accounts that hold other SPNs of its host.

use serde_json::Value;

/// Of the SPNs of the host ([`super::classify::related`]), the first of each
/// account for which a KDC can give a ticket, without those of the holder.
pub(super) fn than(holder: &Value, related: &[Value]) -> Vec<Value> {
    let mut others: Vec<Value> = Vec::new();
    for record in related {
        let account = &record["account"]["distinguished_name"];
        let usable = record["kind"] != "malformed" && record["account_disabled"] != true;
        let is_known = |one: &Value| one["account"]["distinguished_name"] == *account;
        if usable && *account != holder["distinguished_name"] && !others.iter().any(is_known) {
            others.push(record.clone());
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_other_account_is_named_once_by_an_spn_of_which_there_are_tickets() {
        let record = |account: &str, spn: &str, kind: &str, disabled: Option<bool>| {
            json!({
                "account": { "distinguished_name": account }, "spn": spn, "kind": kind,
                "account_disabled": disabled,
            })
        };
        let related = [
            record("old", "MSSQLSvc/sql1:1433", "asked", Some(false)),
            record("svc", "MSSQLSvc/sql1\\INST1", "malformed", Some(false)),
            record("svc", "MSSQLSvc/sql1:INST1", "other-instance", Some(false)),
            record("svc", "MSSQLSvc/sql1:14331", "other-port", Some(false)),
            record("gone", "MSSQLSvc/sql1:INST2", "other-instance", Some(true)),
            record("unread", "MSSQLSvc/sql1:INST3", "other-instance", None),
        ];
        let holder = json!({ "distinguished_name": "old" });
        let others = than(&holder, &related);
        let spns: Vec<&str> = others
            .iter()
            .filter_map(|one| one["spn"].as_str())
            .collect();
        assert_eq!(spns, ["MSSQLSvc/sql1:INST1", "MSSQLSvc/sql1:INST3"]);
    }
}
