$ErrorActionPreference = 'Stop'
$Backup = Join-Path (Get-Location) "sspi-doctor-backup-$Session"
$Record = Join-Path $Backup 'done.txt'

# Runs a program and stops when it fails.
function Invoke-Tool {
    param([string]$Program, [string[]]$Arguments)
    Write-Output "   $Program $($Arguments -join ' ')"
    & $Program @Arguments | ForEach-Object { "   $_" }
    if ($LASTEXITCODE -ne 0) { throw "$Program failed with code $LASTEXITCODE; nothing after this step was done" }
}

# A domain controller of a domain: the one named above, or the nearest.
function Get-Controller {
    param([string]$Domain)
    if ($Controllers[$Domain]) { return $Controllers[$Domain] }
    return [string](Get-ADDomainController -DomainName $Domain -Discover -Writable).HostName
}

# The distinguished name of the account with a SID.
function Find-Account {
    param([string]$Domain, [string]$Sid)
    $found = @(Get-ADObject -LDAPFilter "(objectSid=$Sid)" -Server (Get-Controller $Domain))
    if ($found.Count -ne 1) { throw "$Domain has no account with the SID $Sid" }
    return $found[0].DistinguishedName
}

# The longest zone of a DNS server that a name is in.
function Get-Zone {
    param([string]$Server, [string]$Name)
    $zones = @(Get-DnsServerZone -ComputerName $Server | ForEach-Object { $_.ZoneName })
    $labels = $Name.Split('.')
    for ($i = 0; $i -lt $labels.Length; $i++) {
        $candidate = $labels[$i..($labels.Length - 1)] -join '.'
        if ($zones -contains $candidate) { return $candidate }
    }
    throw "$Server has no zone for $Name; it has to be made first: Add-DnsServerPrimaryZone"
}

# Adds or removes a DNS record; returns whether something was changed.
function Set-Record {
    param([string]$Action, [string]$Domain, [string]$Server, [string]$Name, [string]$Type, [string]$Data)
    if (-not $Server) { $Server = Get-Controller $Domain }
    $zone = Get-Zone $Server $Name
    $label = if ($Name -eq $zone) { '@' } else { $Name.Substring(0, $Name.Length - $zone.Length - 1) }
    $now = @(Get-DnsServerResourceRecord -ComputerName $Server -ZoneName $zone -Name $label -RRType $Type -ErrorAction SilentlyContinue)
    $now | Out-String | Add-Content -Path (Join-Path $Backup 'dns-before.txt')
    $same = @($now | Where-Object {
            $value = switch ($Type) {
                'A' { [string]$_.RecordData.IPv4Address }
                'AAAA' { [string]$_.RecordData.IPv6Address }
                default { $_.RecordData.PtrDomainName.TrimEnd('.') }
            }
            $value -eq $Data
        })
    if (($Action -eq 'Add') -eq ($same.Count -gt 0)) { return $false }
    if ($Action -eq 'Remove') {
        $same | ForEach-Object { Remove-DnsServerResourceRecord -ComputerName $Server -ZoneName $zone -InputObject $_ -Force }
    } else {
        switch ($Type) {
            'A' { Add-DnsServerResourceRecordA -ComputerName $Server -ZoneName $zone -Name $label -IPv4Address $Data }
            'AAAA' { Add-DnsServerResourceRecordAAAA -ComputerName $Server -ZoneName $zone -Name $label -IPv6Address $Data }
            default { Add-DnsServerResourceRecordPtr -ComputerName $Server -ZoneName $zone -Name $label -PtrDomainName "$Data." }
        }
    }
    return $true
}

# Whether an account holds a value of an attribute.
function Test-Value {
    param([string]$Domain, [string]$Account, [string]$Attribute, [string]$Value)
    $object = Get-ADObject -Identity $Account -Server (Get-Controller $Domain) -Properties $Attribute
    return @($object.$Attribute) -contains $Value
}

# Replaces the one value of an attribute, and keeps the old one for the rollback.
function Set-Value {
    param([int]$Number, [string]$Domain, [string]$Account, [string]$Attribute, $Value)
    $before = (Get-ADObject -Identity $Account -Server (Get-Controller $Domain) -Properties $Attribute).$Attribute
    if ("$before" -eq "$Value") { Write-Output '   already so, nothing done'; return }
    Set-Content -Path (Join-Path $Backup "$Number.before") -Value "$before"
    Set-ADObject -Identity $Account -Server (Get-Controller $Domain) -Replace @{ $Attribute = $Value }
    Add-Done $Number
}

# Clears bits of userAccountControl.
function Clear-Flag {
    param([int]$Number, [string]$Domain, [string]$Account, [int]$Flag)
    $before = (Get-ADObject -Identity $Account -Server (Get-Controller $Domain) -Properties 'userAccountControl').userAccountControl
    Set-Value $Number $Domain $Account 'userAccountControl' ($before -band (-bnot $Flag))
}

# Writes back what Set-Value kept.
function Restore-Value {
    param([int]$Number, [string]$Domain, [string]$Account, [string]$Attribute)
    $before = Get-Content -Path (Join-Path $Backup "$Number.before") -Raw
    if ("$before".Trim()) {
        Set-ADObject -Identity $Account -Server (Get-Controller $Domain) -Replace @{ $Attribute = [long]"$before".Trim() }
    } else {
        Set-ADObject -Identity $Account -Server (Get-Controller $Domain) -Clear $Attribute
    }
}

# Replaces a userPrincipalName that is the SPN, alone or with a realm; an empty
# name clears it. The filter finds who has the name already.
function Reset-PrincipalName {
    param([int]$Number, [string]$Domain, [string]$Account, [string]$Spn, [string]$Name, [string]$Filter)
    $server = Get-Controller $Domain
    $before = [string](Get-ADObject -Identity $Account -Server $server -Properties 'userPrincipalName').userPrincipalName
    if ($before -eq $Name) { Write-Output '   already so, nothing done'; return }
    if ($before -ne $Spn -and -not $before.StartsWith("$Spn@", [System.StringComparison]::OrdinalIgnoreCase)) {
        throw "userPrincipalName of $Account is now '$before'; walk once more before anything is changed"
    }
    if ($Name -and @(Get-ADObject -LDAPFilter $Filter -Server $server).Count -gt 0) {
        throw "another account has the logon name $Name"
    }
    Set-Content -Path (Join-Path $Backup "$Number.before") -Value $before
    if ($Name) {
        Set-ADObject -Identity $Account -Server $server -Replace @{ 'userPrincipalName' = $Name }
    } else {
        Set-ADObject -Identity $Account -Server $server -Clear 'userPrincipalName'
    }
    Add-Done $Number
}

# Writes back what Reset-PrincipalName kept.
function Restore-PrincipalName {
    param([int]$Number, [string]$Domain, [string]$Account)
    $before = (Get-Content -Path (Join-Path $Backup "$Number.before") -Raw).Trim()
    Set-ADObject -Identity $Account -Server (Get-Controller $Domain) -Replace @{ 'userPrincipalName' = $before }
}

# Saves today's values of an account.
function Save-Account {
    param([string]$Domain, [string]$Account)
    Get-ADObject -Identity $Account -Server (Get-Controller $Domain) -Properties 'servicePrincipalName', 'msDS-AllowedToDelegateTo', 'userAccountControl', 'lockoutTime', 'accountExpires', 'msDS-SupportedEncryptionTypes', 'userPrincipalName', 'memberOf' |
        Select-Object 'DistinguishedName', 'servicePrincipalName', 'msDS-AllowedToDelegateTo', 'userAccountControl', 'lockoutTime', 'accountExpires', 'msDS-SupportedEncryptionTypes', 'userPrincipalName', 'memberOf' |
        ConvertTo-Json -Depth 3 | Add-Content -Path (Join-Path $Backup 'before.json')
}

function Add-Done {
    param([int]$Number)
    Add-Content -Path $Record -Value $Number
    Write-Output '   done'
}
