//! What people type to name a SQL Server, parsed once and here only.
