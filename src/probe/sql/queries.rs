//! What we ask SQL Server. Each query stands on its own, so that a missing
//! right costs one subject only; each begins with a comment that tells a
//! database administrator who asks. Everything is cast to text: half of it is
//! sql_variant, and text is what all of it becomes.

/// Public.
pub(super) const CLOCK: &str = "/* sspi-doctor: the server's clock */ \
SELECT CONVERT(nvarchar(40), SYSUTCDATETIME(), 126) AS server_time";

/// Public: no right is needed.
pub(super) const CONNECTION: &str = "/* sspi-doctor: this connection */ \
SELECT CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(40)) AS auth_scheme, \
CAST(CONNECTIONPROPERTY('net_transport') AS nvarchar(40)) AS net_transport, \
CAST(CONNECTIONPROPERTY('local_net_address') AS nvarchar(48)) AS local_address, \
CAST(CONNECTIONPROPERTY('local_tcp_port') AS nvarchar(12)) AS local_port, \
CAST(ORIGINAL_LOGIN() AS nvarchar(256)) AS login";

/// Public.
pub(super) const SERVER: &str = "/* sspi-doctor: the server's names */ \
SELECT CAST(@@SERVERNAME AS nvarchar(256)) AS server_name, \
CAST(SERVERPROPERTY('MachineName') AS nvarchar(256)) AS machine_name, \
CAST(SERVERPROPERTY('ComputerNamePhysicalNetBIOS') AS nvarchar(256)) AS physical_machine_name, \
CAST(SERVERPROPERTY('InstanceName') AS nvarchar(256)) AS instance, \
CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(40)) AS version, \
CAST(SERVERPROPERTY('IsClustered') AS nvarchar(12)) AS clustered, \
CAST(SERVERPROPERTY('IsHadrEnabled') AS nvarchar(12)) AS always_on, \
CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS nvarchar(12)) AS windows_only";

/// VIEW SERVER STATE, since SQL Server 2022 VIEW SERVER SECURITY STATE.
pub(super) const ENCRYPTED: &str = "/* sspi-doctor: this connection's encryption */ \
SELECT CAST(encrypt_option AS nvarchar(40)) AS encrypted \
FROM sys.dm_exec_connections WHERE session_id = @@SPID";

/// VIEW SERVER STATE, since SQL Server 2022 VIEW SERVER SECURITY STATE.
/// `last_startup_time` has its offset, so that it can be compared with
/// pwdLastSet of the account; style 127 is UTC.
pub(super) const SERVICES: &str = "/* sspi-doctor: services and their accounts */ \
SELECT CAST(servicename AS nvarchar(256)) AS service, \
CAST(service_account AS nvarchar(256)) AS account, \
CONVERT(nvarchar(40), last_startup_time, 127) AS started_at, \
CAST(status_desc AS nvarchar(40)) AS state \
FROM sys.dm_server_services";

/// Public; since SQL Server 2017.
pub(super) const HOST: &str = "/* sspi-doctor: the operating system */ \
SELECT CAST(host_platform AS nvarchar(256)) AS host_platform FROM sys.dm_os_host_info";

/// VIEW SERVER STATE.
pub(super) const LISTENERS: &str = "/* sspi-doctor: TCP listeners */ \
SELECT CAST(ip_address AS nvarchar(48)) AS address, CAST(port AS nvarchar(12)) AS port, \
CAST(type_desc AS nvarchar(40)) AS type, CAST(state_desc AS nvarchar(40)) AS state \
FROM sys.dm_tcp_listener_states ORDER BY listener_id";

/// VIEW SERVER STATE; Windows only.
pub(super) const REGISTRY: &str = "/* sspi-doctor: network settings in the registry */ \
SELECT CAST(registry_key AS nvarchar(512)) AS registry_key, \
CAST(value_name AS nvarchar(256)) AS value_name, \
CAST(value_data AS nvarchar(1024)) AS value_data \
FROM sys.dm_server_registry WHERE registry_key LIKE N'%SuperSocketNetLib%' \
AND value_name IN (N'TcpPort', N'TcpDynamicPorts', N'ExtendedProtection', N'AcceptedSPNs', \
N'ForceEncryption', N'HideInstance')";

/// VIEW ANY DEFINITION for all rows.
pub(super) const GROUP_LISTENERS: &str = "/* sspi-doctor: availability group listeners */ \
SELECT CAST(l.dns_name AS nvarchar(256)) AS name, CAST(l.port AS nvarchar(12)) AS port, \
CAST(i.ip_address AS nvarchar(48)) AS address \
FROM sys.availability_group_listeners AS l \
LEFT JOIN sys.availability_group_listener_ip_addresses AS i ON i.listener_id = l.listener_id \
ORDER BY l.dns_name";

/// VIEW ANY DEFINITION for all rows. The endpoint has the replica's full name.
pub(super) const GROUP_REPLICAS: &str = "/* sspi-doctor: availability group replicas */ \
SELECT CAST(r.replica_server_name AS nvarchar(256)) AS replica, \
CAST(r.endpoint_url AS nvarchar(512)) AS endpoint, CAST(g.name AS nvarchar(256)) AS name \
FROM sys.availability_replicas AS r \
JOIN sys.availability_groups AS g ON g.group_id = r.group_id \
ORDER BY g.name, r.replica_server_name";

/// Public for the servers; ALTER ANY LINKED SERVER or sysadmin for the logins
/// of others. A provider string with a password in it never leaves the server.
pub(super) const LINKED_SERVERS: &str = "/* sspi-doctor: linked servers and their logins */ \
SELECT CAST(s.name AS nvarchar(256)) AS name, CAST(s.product AS nvarchar(256)) AS product, \
CAST(s.provider AS nvarchar(256)) AS provider, \
CAST(s.data_source AS nvarchar(1024)) AS data_source, \
CASE WHEN s.provider_string LIKE N'%pwd%' OR s.provider_string LIKE N'%password%' \
THEN N'(holds a password)' ELSE CAST(s.provider_string AS nvarchar(1024)) END AS provider_string, \
CAST(p.name AS nvarchar(256)) AS local_login, \
CAST(l.local_principal_id AS nvarchar(12)) AS local_principal_id, \
CAST(l.uses_self_credential AS nvarchar(12)) AS uses_self_credential, \
CAST(l.remote_name AS nvarchar(256)) AS remote_login \
FROM sys.servers AS s LEFT JOIN sys.linked_logins AS l ON l.server_id = s.server_id \
LEFT JOIN sys.server_principals AS p ON p.principal_id = l.local_principal_id \
WHERE s.is_linked = 1 ORDER BY s.name";

/// VIEW SERVER STATE, since SQL Server 2022 VIEW SERVER SECURITY STATE.
pub(super) const AUTHENTICATIONS: &str = "/* sspi-doctor: how connections authenticated */ \
SELECT CAST(net_transport AS nvarchar(40)) AS net_transport, \
CAST(auth_scheme AS nvarchar(40)) AS auth_scheme, \
CAST(COUNT(*) AS nvarchar(12)) AS connections \
FROM sys.dm_exec_connections GROUP BY net_transport, auth_scheme \
ORDER BY net_transport, auth_scheme";

/// Member of securityadmin, or VIEW ANY ERROR LOG since SQL Server 2022. The
/// text is the third column.
pub(super) const SPN_REGISTRATION: &str = "/* sspi-doctor: SPN registration in the error log */ \
EXEC sys.xp_readerrorlog 0, 1, N'Service Principal Name'";
