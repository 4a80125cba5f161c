//! What Active Directory means: the grammar of SPNs and which of them an
//! instance needs, account flags, SIDs, security descriptors, trusts and
//! delegation. Pure functions: nothing here opens a socket.
