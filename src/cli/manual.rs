//! `man`: the manual pages, made from the command line's own definition, from
//! the table of settings, and from the page on flows.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::failure::Failure;
use super::{Cli, ListFormat};
use crate::config::KEYS;
use crate::exit::Exit;
use crate::printer;

/// The page on flow files, written by hand.
const FLOW_PAGE: &str = include_str!("../../docs/sspi-doctor-flow.5");

#[derive(Debug, Args)]
pub(super) struct ManOptions {
    /// The folder, such as ~/.local/share/man
    #[arg(value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
    /// How to print what was written
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

/// Writes every page below the folder, in `man1` and `man5`.
pub(super) fn write(options: &ManOptions) -> Result<Exit, Failure> {
    let mut names = Vec::new();
    for (section, name, text) in pages()? {
        let folder = options.folder.join(format!("man{section}"));
        let path = folder.join(format!("{name}.{section}"));
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|fault| {
                Failure::unfinished(format!("cannot write {}: {fault}", path.display()))
            })?;
        names.push(path);
    }
    match options.format {
        ListFormat::Json => printer::result(&super::list::pretty(&serde_json::json!(names))),
        ListFormat::Text => printer::result(&format!(
            "{} pages are in {}; read one with: man -l {}",
            names.len(),
            options.folder.display(),
            names
                .first()
                .map_or(Path::new(""), PathBuf::as_path)
                .display()
        )),
    }
    Ok(Exit::Healthy)
}

type Page = (u8, String, Vec<u8>);

fn pages() -> Result<Vec<Page>, Failure> {
    let mut pages = Vec::new();
    let mut command = Cli::command();
    command.build();
    collect(&command, "sspi-doctor", &mut pages)
        .map_err(|fault| Failure::unfinished(format!("cannot make the pages: {fault}")))?;
    pages.push((5, "sspi-doctor-flow".to_owned(), FLOW_PAGE.into()));
    pages.push((5, "sspi-doctor-config".to_owned(), settings().into_bytes()));
    Ok(pages)
}

/// The page of a command and of all below it.
fn collect(command: &clap::Command, name: &str, pages: &mut Vec<Page>) -> std::io::Result<()> {
    let mut text = Vec::new();
    let man = clap_mangen::Man::new(command.clone().name(name.to_owned()))
        .title(name.to_uppercase())
        .section("1")
        .date("")
        .source(format!("sspi-doctor {}", env!("CARGO_PKG_VERSION")))
        .manual("sspi-doctor");
    man.render(&mut text)?;
    if name == "sspi-doctor" {
        let mut more = Roff::new();
        more.control("SH", ["FILES"]);
        more.text([roman(
            "sspi-doctor-config(5) describes the configuration file, sspi-doctor-flow(5) the files of flows; \
             `sspi-doctor config` shows every place that is used.",
        )]);
        more.control("SH", ["SEE ALSO"]);
        more.text([roman("sspi-doctor-config(5), sspi-doctor-flow(5), kinit(1), krb5.conf(5), setspn, samba-tool(8)")]);
        text.extend_from_slice(more.render().as_bytes());
    }
    pages.push((1, name.to_owned(), text));
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help")
    {
        collect(below, &format!("{name}-{}", below.get_name()), pages)?;
    }
    Ok(())
}

/// The page on the configuration file.
fn settings() -> String {
    let mut page = Roff::new();
    let line = |page: &mut Roff, words: &[Inline]| {
        page.text(words.to_vec());
    };
    page.control(
        "TH",
        ["SSPI-DOCTOR-CONFIG", "5", "", "sspi-doctor", "sspi-doctor"],
    );
    page.control("SH", ["NAME"]);
    line(
        &mut page,
        &[roman(
            "sspi-doctor-config - the configuration file of sspi-doctor",
        )],
    );
    page.control("SH", ["DESCRIPTION"]);
    line(
        &mut page,
        &[
            roman("A file in TOML for what one would set once. "),
            roman(
                "All of it is optional. The user's file wins over the system's, setting by setting; ",
            ),
            roman(
                "the command line and the environment win over both. A fault is told with line and column, and nothing is done. ",
            ),
            bold("sspi-doctor config"),
            roman(" shows every setting in force and where it comes from."),
        ],
    );
    page.control("SH", ["SETTINGS"]);
    for key in KEYS {
        page.control("TP", []);
        line(&mut page, &[bold(key.name)]);
        line(
            &mut page,
            &[
                roman(format!("{}. Takes {}", key.help, key.kind.words())),
                roman(
                    key.kind
                        .choices()
                        .map_or_else(String::new, |words| format!(": {}", words.join(", "))),
                ),
                roman(". Without it: "),
                roman(key.default),
                roman("."),
            ],
        );
        if !key.won_by.is_empty() {
            line(
                &mut page,
                &[roman("See also "), italic(key.won_by), roman(".")],
            );
        }
    }
    page.control("SH", ["FILES"]);
    for (path, words) in [
        (
            "$XDG_CONFIG_HOME/sspi-doctor/config.toml",
            "the user's; usually below ~/.config",
        ),
        ("/etc/sspi-doctor/config.toml", "the system's"),
    ] {
        page.control("TP", []);
        line(&mut page, &[italic(path)]);
        line(&mut page, &[roman(words)]);
    }
    page.control("SH", ["EXAMPLES"]);
    page.control("nf", []);
    for key in KEYS {
        line(
            &mut page,
            &[roman(format!("{} = {}", key.name, key.example))],
        );
    }
    page.control("fi", []);
    page.control("SH", ["SEE ALSO"]);
    line(&mut page, &[roman("sspi-doctor(1), sspi-doctor-flow(5)")]);
    page.render()
}
