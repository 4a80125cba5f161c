//! Under which account SQL Server runs, and since when: the answers of
//! `Get-CimInstance Win32_Service`, `sc qc`, `Win32_Process` and `systemctl show`.

use super::text::value;
use super::told::{Service, Told};

/// Reads an answer; none when it is none of these.
pub(super) fn read(text: &str, from: &str) -> Option<Told> {
    let services = records(text)
        .or_else(|| table(text))
        .or_else(|| linux(text))
        .or_else(|| process(text))
        .or_else(|| process_table(text))?;
    let mut told = Told::default();
    told.sources.push(format!("the service ({from})"));
    for mut service in services {
        from.clone_into(&mut service.source);
        told.services.push(service);
    }
    Some(told)
}

/// `MSSQLSERVER` or `MSSQL$INSTANCE`; the instance, none for the default one.
fn instance(name: &str) -> Option<Instance> {
    let upper = name.to_uppercase();
    if upper == "MSSQLSERVER" {
        return Some(Instance(None));
    }
    upper
        .strip_prefix("MSSQL$")
        .filter(|name| !name.is_empty())
        .map(|name| Instance(Some(name.to_owned())))
}

/// An instance by its name in upper case; none is the default one.
struct Instance(Option<String>);

/// `Name : MSSQLSERVER` and `StartName : CORP\svc_sql`, one a line; `sc qc` has
/// SERVICE_NAME and SERVICE_START_NAME.
fn records(text: &str) -> Option<Vec<Service>> {
    let mut services: Vec<Service> = Vec::new();
    let mut current: Option<Instance> = None;
    for line in text.lines() {
        if let Some(name) = value(line, "SERVICE_NAME").or_else(|| value(line, "Name")) {
            current = instance(name);
        } else if let Some(account) =
            value(line, "SERVICE_START_NAME").or_else(|| value(line, "StartName"))
            && let Some(Instance(instance)) = current.take()
            && !account.is_empty()
        {
            services.push(windows(instance, account));
        }
    }
    (!services.is_empty()).then_some(services)
}

/// The states of Win32_Service, which Windows does not translate.
const STATES: &[&str] = &[
    "Running",
    "Stopped",
    "Paused",
    "Start Pending",
    "Stop Pending",
    "Pause Pending",
    "Continue Pending",
];

/// The table of PowerShell: a head, dashes, and rows.
fn table(text: &str) -> Option<Vec<Service>> {
    let mut lines = text.lines();
    let head = lines.find(|line| line.contains("StartName") && line.contains("Name"))?;
    let column = head.find("StartName")?;
    let end = head[column..]
        .find(" State")
        .map_or(usize::MAX, |offset| column + offset);
    // Mail and chat move columns, and an account's name may have spaces: what
    // stands between the name and the state is the account.
    let is_ours = head.split_whitespace().eq(["Name", "StartName", "State"]);
    let mut services = Vec::new();
    for line in lines {
        let Some(name) = line.split_whitespace().next() else {
            continue;
        };
        let Some(Instance(instance)) = instance(name) else {
            continue;
        };
        let between = || {
            let rest = line.trim().strip_prefix(name)?.trim();
            let state = STATES.iter().find(|state| rest.ends_with(*state))?;
            rest.strip_suffix(state)
        };
        let account = between().filter(|_| is_ours).unwrap_or_else(|| {
            let columns = column..end.min(line.len());
            line.get(columns).unwrap_or_default()
        });
        let account = account.trim();
        if !account.is_empty() {
            services.push(windows(instance, account));
        }
    }
    (!services.is_empty()).then_some(services)
}

fn windows(instance: Option<String>, account: &str) -> Service {
    Service {
        instance,
        account: Some(account.to_owned()),
        platform: "Windows".to_owned(),
        ..Service::default()
    }
}

/// `User=mssql` and `ActiveEnterTimestamp=…`. The user of Linux is no account of
/// the domain, so only the platform and the start are told.
fn linux(text: &str) -> Option<Vec<Service>> {
    let find = |name: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(name))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let started = find("ActiveEnterTimestamp=").map(str::to_owned);
    if started.is_none() && find("User=") != Some("mssql") {
        return None;
    }
    Some(vec![Service {
        started,
        platform: "Linux".to_owned(),
        ..Service::default()
    }])
}

/// `CommandLine : …sqlservr.exe -sMSSQLSERVER` and `CreationDate : …`.
fn process(text: &str) -> Option<Vec<Service>> {
    let mut services: Vec<Service> = Vec::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(command) = value(line, "CommandLine") {
            current = command
                .rsplit(" -s")
                .next()
                .map(|name| name.trim().trim_matches('"').to_uppercase())
                .filter(|_| command.to_ascii_lowercase().contains("sqlservr"))
                .map(|name| Instance((name != "MSSQLSERVER").then_some(name)));
        } else if let Some(started) = value(line, "CreationDate")
            && let Some(Instance(instance)) = current.take()
        {
            services.push(Service {
                instance,
                started: Some(started.to_owned()),
                platform: "Windows".to_owned(),
                ..Service::default()
            });
        }
    }
    (!services.is_empty()).then_some(services)
}

/// The same as a table: `4711 "C:\…\sqlservr.exe" -sMSSQLSERVER 11/1/2026 6:00:00 AM`.
/// Where PowerShell cuts the command, its folder names the instance:
/// `C:\…\MSSQL16.MSSQLSERVER\MSSQL\Bin… 11/1/2026 6:00:00 AM`.
fn process_table(text: &str) -> Option<Vec<Service>> {
    let mut lines = text.lines();
    lines.find(|line| {
        line.split_whitespace()
            .eq(["ProcessId", "CommandLine", "CreationDate"])
    })?;
    let services: Vec<Service> = lines.filter_map(process_row).collect();
    (!services.is_empty()).then_some(services)
}

fn process_row(line: &str) -> Option<Service> {
    let (id, rest) = line.trim().split_once(' ')?;
    id.parse::<u32>().ok()?;
    let (name, after) = if let Some((_, after)) = rest.split_once(" -s") {
        after.split_once(' ')?
    } else {
        let (_, folder) = rest.split_once("\\MSSQL")?;
        let (name, after) = folder.split_once('.')?.1.split_once('\\')?;
        (name, after.split_once(' ')?.1)
    };
    let name = name.trim_matches('"').to_uppercase();
    let started = after.trim();
    started
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| Service {
            instance: (name != "MSSQLSERVER").then_some(name),
            started: Some(started.to_owned()),
            platform: "Windows".to_owned(),
            ..Service::default()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_powershell() {
        let text = "Name            StartName                   State\n----            ---------                   -----\n\
            MSSQLSERVER     CORP\\svc_sql                Running\n\
            MSSQL$INST1     NT Service\\MSSQL$INST1      Running\n";
        let told = read(text, "a").unwrap();
        assert_eq!(told.services.len(), 2);
        assert_eq!(told.services[0].account.as_deref(), Some(r"CORP\svc_sql"));
        assert_eq!(told.services[1].instance.as_deref(), Some("INST1"));
        assert_eq!(
            told.services[1].account.as_deref(),
            Some(r"NT Service\MSSQL$INST1")
        );
    }

    #[test]
    fn tables_whose_columns_have_moved() {
        let head = "Name        StartName     State\n----        ---------     -----\n";
        for (row, account) in [
            (r"MSSQLSERVER .\sqlsvc  Running", r".\sqlsvc"),
            (
                r"MSSQLSERVER NT AUTHORITY\NETWORK SERVICE  Running",
                r"NT AUTHORITY\NETWORK SERVICE",
            ),
            (r"MSSQLSERVER CORP\svc_sql Start Pending", r"CORP\svc_sql"),
        ] {
            let told = read(&format!("{head}{row}\n"), "a").unwrap();
            assert_eq!(told.services[0].account.as_deref(), Some(account));
        }
    }

    #[test]
    fn processes_as_a_table() {
        let head = "ProcessId CommandLine CreationDate\n--------- ----------- ------------\n";
        for (row, instance) in [
            (
                r#"4711 "C:\x y\sqlservr.exe" -sMSSQLSERVER  11/21/2026 8:00:00 AM"#,
                None,
            ),
            (
                r#"4711 "C:\Program Files\Microsoft SQL Server\MSSQL16.INST1\MSSQL\Binn\sql... 11/21/2026 8:00:00 AM"#,
                Some("INST1"),
            ),
        ] {
            let told = read(&format!("{head}     {row}\n"), "a").unwrap();
            assert_eq!(told.services[0].instance.as_deref(), instance);
            let started = told.services[0].started.as_deref();
            assert_eq!(started, Some("11/21/2026 8:00:00 AM"));
        }
    }

    #[test]
    fn lists_services_of_linux_and_processes() {
        let told = read(
            "SERVICE_NAME: MSSQLSERVER\n        TYPE : 10 WIN32\n        SERVICE_START_NAME : CORP\\gmsa$\n",
            "a",
        )
        .unwrap();
        assert_eq!(told.services[0].account.as_deref(), Some(r"CORP\gmsa$"));
        let told = read("User=mssql\n", "a").unwrap();
        assert_eq!(told.services[0].platform, "Linux");
        let told = read(
            "ProcessId    : 4242\nCommandLine  : \"C:\\x\\sqlservr.exe\" -sINST1\nCreationDate : 11/1/2026 6:00:00 AM\n",
            "a",
        )
        .unwrap();
        assert_eq!(told.services[0].instance.as_deref(), Some("INST1"));
        assert!(read("Name : Spooler\nStartName : LocalSystem\n", "a").is_none());
    }
}
