//! A search for more entries than should be held: page after page, each entry
//! handed on as it comes.

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Scope, SearchStream};
use tokio::time::Instant;

use crate::probe::ldap::bind::library_fault;
use crate::probe::ldap::connection::Connection;
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::fault::{self, DirectoryFault};

/// How many entries a page has: the most that a domain controller gives.
pub const PAGE: i32 = 1000;
/// LDAP result: no such object.
const NO_SUCH_OBJECT: u32 = 32;

/// Entries on their way.
pub struct Pull {
    stream: SearchStream<'static, String, Vec<String>>,
    ldap: ldap3::Ldap,
    server: String,
}

impl std::fmt::Debug for Pull {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Pull")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Begins to pull everything below `base` that fits; an empty base is the
    /// whole forest for a global catalog.
    pub async fn pull(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        deadline: Instant,
    ) -> Result<Pull, DirectoryFault> {
        let mut ldap = self.searching_handle();
        let adapters: Vec<Box<dyn Adapter<'static, String, Vec<String>>>> = vec![
            Box::new(EntriesOnly::new()),
            Box::new(PagedResults::new(PAGE)),
        ];
        let attributes: Vec<String> = attributes.iter().map(|&name| name.to_owned()).collect();
        let server = self.server();
        let begin = ldap.streaming_search_with(adapters, base, Scope::Subtree, filter, attributes);
        let stream = tokio::time::timeout_at(deadline, begin)
            .await
            .map_err(|_| DirectoryFault::TimedOut(server.clone()))?
            .map_err(|error| library_fault(&server, &error))?;
        Ok(Pull {
            stream,
            ldap: self.searching_handle(),
            server,
        })
    }
}

impl Pull {
    /// The next entry, with all values of long attributes; nothing when all
    /// have come.
    pub async fn next(&mut self, deadline: Instant) -> Result<Option<Entry>, DirectoryFault> {
        let next = async {
            loop {
                let entry = self.stream.next().await;
                let Some(entry) = entry.map_err(|error| library_fault(&self.server, &error))?
                else {
                    return Ok(None);
                };
                if let Some(mut entry) = Entry::read(entry) {
                    super::complete(&self.ldap, &self.server, &mut entry).await?;
                    return Ok(Some(entry));
                }
            }
        };
        let next = tokio::time::timeout_at(deadline, next)
            .await
            .map_err(|_| DirectoryFault::TimedOut(self.server.clone()))??;
        if next.is_none() {
            let result = self.stream.finish().await;
            if !matches!(result.rc, 0 | NO_SUCH_OBJECT) {
                return Err(DirectoryFault::Search {
                    server: self.server.clone(),
                    what: fault::result_words(result.rc, &result.text),
                });
            }
        }
        Ok(next)
    }
}
