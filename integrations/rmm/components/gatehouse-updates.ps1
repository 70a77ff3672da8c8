<#
.SYNOPSIS
    Lists the Windows updates a device misses, installs updates, or restarts the device, and tells it as one
    line of JSON.

.DESCRIPTION
    gatehouse-updates 2.1.0. The contract of its variables and its output is docs/components.md.

    It speaks to the Windows Update Agent of the device and to nothing else: it downloads no code, loads no
    module, changes no setting and removes nothing, and restarts nothing but in mode restart. What it prints
    on stdout is one line of JSON in plain ASCII; why it gave up goes to stderr.

    Installing without naming updates takes what the device's update source offers, except for what is hidden
    or held, optional, or asks a person: security and critical updates, update rollups and updates. Drivers,
    definitions and feature updates are installed only where they are named.

    A restart comes five minutes after it was told to whoever is signed in; programs that are open then are
    closed. It is refused while an installation runs, and where another restart is on its way already.

    Exit codes: 0 done; 1 nothing of what was attempted went in; 2 it could not start; 3 its time was over.

.PARAMETER Mode
    scan (the default), install or restart. As every parameter, taken from the environment where it is not given.

.PARAMETER RequestId
    Comes back unchanged, so that output and request can be matched: letters, digits and hyphens, at most 64.

.PARAMETER Kbs
    Mode install: the updates to install, such as KB5000001,KB5000002. Empty: all that is approved.

.PARAMETER Hold
    Updates that are never approved, in the same form; an administrator sets it. A named update is not held.
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string] $Mode = $env:mode,
    [string] $RequestId = $env:requestId,
    [string] $Kbs = $env:kbs,
    [string] $Hold = $env:hold
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# Minutes after which nothing more is begun; a run is given up a quarter of an hour later.
$limits = @{ scan = 30; install = 150; restart = 5 }
$grace = 15

function Stop-Run([string] $Why, [int] $Code) {
    $line = $Why -replace '[^\x20-\x7e]+', ' '
    [Console]::Error.WriteLine('gatehouse-updates: ' + $line)
    exit $Code
}

# Runs in a process of its own, so that an agent that hangs can be given up. Gives the line and the exit code.
$work = {
    param([string] $Mode, [string] $RequestId, [string] $Kbs, [string] $Hold, [int] $Minutes)

    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'

    $begun = [datetime]::UtcNow
    $deadline = $begun.AddMinutes($Minutes)
    $named = @($Kbs.Split(',') | Where-Object { $_ -ne '' } | Select-Object -Unique)
    $held = @($Hold.Split(',') | Where-Object { $_ -ne '' })
    $session = New-Object -ComObject 'Microsoft.Update.Session'
    $session.ClientApplicationID = 'gatehouse-updates'

    # Values of the Windows Update Agent's enumerations.
    $succeeded = 2
    $driver = 2
    $installNotAllowed = '0x80240016'
    $noUpdate = '0x80240024'
    $ok = '0x00000000'

    # Titles and names of categories are translated; these ids are the same everywhere.
    $classes = @{
        '0fa1201d-4330-4fa8-8ae9-b877473b6441' = 'security'
        'e6cf1350-c01b-414d-a61f-263d14d133b4' = 'critical'
        '28bc880e-0592-4cbf-8f95-c79b17911d5f' = 'rollup'
        'cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83' = 'update'
        'e0789628-ce08-4437-be74-2495b842f43b' = 'definition'
        'ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0' = 'driver'
        '77835c8d-62a7-41f5-82ad-f28d1af1e3b1' = 'driver'
        '3689bdc8-b205-4af4-8d4a-a63924c5e9d5' = 'feature'
        'b54e7d24-7add-428f-8b75-90a396fa584f' = 'feature'
        '68c5b0a3-d1a6-4553-ae49-01d3a7827828' = 'feature'
    }
    $ordinary = @('security', 'critical', 'rollup', 'update')
    $severities = @('critical', 'important', 'moderate', 'low')

    function Get-Stamp([datetime] $Moment) {
        $Moment.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [Globalization.CultureInfo]::InvariantCulture)
    }

    function Get-Class($Update) {
        if ($Update.Type -eq $driver) { return 'driver' }
        foreach ($category in $Update.Categories) {
            $id = [string] $category.CategoryID
            if ($classes.ContainsKey($id)) { return $classes[$id] }
        }
        return 'unknown'
    }

    function Get-Kb($Update) {
        foreach ($article in $Update.KBArticleIDs) {
            if ([string] $article -match '^[0-9]{5,8}$') { return 'KB' + $article }
        }
        return $null
    }

    function Get-Title($Update) {
        # Whatever a publisher wrote: no control characters, nothing outside the basic plane, an end.
        $title = ([string] $Update.Title) -replace '[\x00-\x1f\x7f-\x9f\ud800-\udfff]', ' '
        $title = $title.Trim()
        if ($title.Length -eq 0) { return 'An update without a title' }
        return $title.Substring(0, [Math]::Min($title.Length, 300)).Trim()
    }

    function Get-Severity($Update) {
        $word = ([string] $Update.MsrcSeverity).ToLowerInvariant()
        if ($severities -contains $word) { return $word }
        return 'none'
    }

    function Get-Release($Update) {
        # The day its source last published it; the agent tells no other.
        $day = $Update.LastDeploymentChangeTime
        if ($day -isnot [datetime] -or $day.Year -lt 2000) { return $null }
        return $day.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)
    }

    function Get-Cve($Update) {
        foreach ($cve in $Update.CveIDs) {
            if ([string] $cve -match '^CVE-[0-9]{4}-[0-9]{4,7}$') { [string] $cve }
        }
    }

    function Test-Approved($Update) {
        if ($Update.IsHidden -or $Update.BrowseOnly -or $Update.RebootRequired) { return $false }
        if ($Update.InstallationBehavior.CanRequestUserInput) { return $false }
        if ($held -contains (Get-Kb $Update)) { return $false }
        return $ordinary -contains (Get-Class $Update)
    }

    function Find-Update {
        $found = $session.CreateUpdateSearcher().Search('IsInstalled=0')
        if ($found.ResultCode -ne $succeeded) {
            throw ('the search for updates ended with result code ' + $found.ResultCode)
        }
        foreach ($update in $found.Updates) { $update }
    }

    function Get-Row($Update) {
        return [ordered]@{
            kb = Get-Kb $Update
            title = Get-Title $Update
            classification = Get-Class $Update
            severity = Get-Severity $Update
            released = Get-Release $Update
            cves = [object[]] @(Get-Cve $Update)
            approved = [bool] (Test-Approved $Update)
            restartPending = [bool] $Update.RebootRequired
        }
    }

    function Get-Attempt([string] $Kb, [string] $Title, [string] $Result, [string] $Code) {
        $article = $null
        if ($Kb -ne '') { $article = $Kb }
        return [ordered]@{ kb = $article; title = $Title; result = $Result; hresult = $Code }
    }

    function Wait-Installer($Installer) {
        # Whether an installation may begin: no other one runs, and none waits for a restart.
        while ($Installer.IsBusy -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Seconds 15 }
        return -not ($Installer.IsBusy -or $Installer.RebootRequiredBeforeInstallation)
    }

    function Install-One($Update) {
        $kb, $title = (Get-Kb $Update), (Get-Title $Update)
        if ([datetime]::UtcNow -ge $deadline) { return Get-Attempt $kb $title 'not_attempted' $ok }
        $installer = $session.CreateUpdateInstaller()
        if (-not (Wait-Installer $installer)) {
            return Get-Attempt $kb $title 'not_attempted' $installNotAllowed
        }
        try {
            $one = New-Object -ComObject 'Microsoft.Update.UpdateColl'
            if (-not $Update.EulaAccepted) { [void] $Update.AcceptEula() }
            [void] $one.Add($Update)
            $outcome = $null
            if (-not $Update.IsDownloaded) {
                $downloader = $session.CreateUpdateDownloader()
                $downloader.Updates = $one
                $outcome = $downloader.Download().GetUpdateResult(0)
            }
            if ($null -eq $outcome -or $outcome.ResultCode -eq $succeeded) {
                $installer.Updates = $one
                $installer.ForceQuiet = $true
                $installer.AllowSourcePrompts = $false
                $outcome = $installer.Install().GetUpdateResult(0)
            }
            $code = '0x{0:X8}' -f [int] $outcome.HResult
            if ($outcome.ResultCode -eq $succeeded) { return Get-Attempt $kb $title 'installed' $code }
            return Get-Attempt $kb $title 'failed' $code
        }
        catch {
            $code = '0x{0:X8}' -f [int] $_.Exception.GetBaseException().HResult
            return Get-Attempt $kb $title 'failed' $code
        }
    }

    function Install-Wanted {
        $offered = @(Find-Update)
        if ($named.Count -eq 0) {
            foreach ($update in $offered) {
                if (Test-Approved $update) { Install-One $update }
            }
            return
        }
        foreach ($kb in $named) {
            $wanted = @($offered | Where-Object { (Get-Kb $_) -eq $kb -and -not $_.RebootRequired })
            if ($wanted.Count -eq 0) { Get-Attempt $kb $kb 'not_offered' $noUpdate }
            foreach ($update in $wanted) { Install-One $update }
        }
    }

    function Test-RestartOwed {
        $information = New-Object -ComObject 'Microsoft.Update.SystemInfo'
        if ($information.RebootRequired) { return $true }
        $version = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
        if (Test-Path -LiteralPath "$version\Component Based Servicing\RebootPending") { return $true }
        return Test-Path -LiteralPath "$version\WindowsUpdate\Auto Update\RebootRequired"
    }

    function Start-Restart {
        if ($session.CreateUpdateInstaller().IsBusy) { throw 'an installation is running' }
        $said = 'Your IT department restarts this computer in 5 minutes to finish updates. Save your work now.'
        $order = '/r /t 300 /d p:2:17 /c "' + $said + '"'
        $tool = [Environment]::SystemDirectory + '\shutdown.exe'
        $ended = Start-Process -FilePath $tool -ArgumentList $order -WindowStyle Hidden -Wait -PassThru
        if ($ended.ExitCode -ne 0) { throw ('Windows refused the restart with code ' + $ended.ExitCode) }
        return [datetime]::UtcNow.AddSeconds(300)
    }

    function Get-Line($Answer) {
        $json = ConvertTo-Json -InputObject $Answer -Depth 4 -Compress
        # Agents pass stdout on in many encodings; ASCII survives all of them.
        return [regex]::Replace($json, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int] $match.Value[0] })
    }

    if ($Mode -eq 'restart') {
        $owed = [bool] (Test-RestartOwed)
        $at = Start-Restart
        Get-Line ([ordered]@{
            component = 'gatehouse-updates'
            version = '2.1.0'
            requestId = $RequestId
            mode = $Mode
            startedAt = Get-Stamp $begun
            finishedAt = Get-Stamp ([datetime]::UtcNow)
            restartsAt = Get-Stamp $at
            rebootRequired = $owed
        })
        return 0
    }
    $attempted = @()
    if ($Mode -eq 'install') { $attempted = @(Install-Wanted) }
    $rows = @(Find-Update | Where-Object { (Get-Class $_) -ne 'definition' } | ForEach-Object { Get-Row $_ })
    $answer = [ordered]@{
        component = 'gatehouse-updates'
        version = '2.1.0'
        requestId = $RequestId
        mode = $Mode
        startedAt = Get-Stamp $begun
        finishedAt = Get-Stamp ([datetime]::UtcNow)
        attempted = [object[]] $attempted
        missing = [object[]] $rows
        rebootRequired = [bool] (Test-RestartOwed)
    }
    Get-Line $answer
    $worked = @($attempted | Where-Object { $_.result -eq 'installed' }).Count
    if ($attempted.Count -gt 0 -and $worked -eq 0) { 1 } else { 0 }
}

if ($env:OS -ne 'Windows_NT') { Stop-Run 'it runs on Windows only' 2 }
if ($Mode -eq '') { $Mode = 'scan' }
if (@('scan', 'install', 'restart') -cnotcontains $Mode) { Stop-Run 'mode must be scan, install or restart' 2 }
if ($RequestId -notmatch '\A[A-Za-z0-9-]{0,64}\z') { Stop-Run 'requestId must be letters, digits and hyphens' 2 }
$list = '\A(KB[0-9]{5,8}(,KB[0-9]{5,8}){0,199})?\z'
if ($Kbs -cnotmatch $list) { Stop-Run 'kbs must be a list such as KB5000001,KB5000002' 2 }
if ($Hold -cnotmatch $list) { Stop-Run 'hold must be a list such as KB5000001,KB5000002' 2 }
if ($Mode -ne 'install' -and $Kbs -ne '') { Stop-Run 'kbs goes with mode install only' 2 }

# One run at a time, whoever asked for it; the operating system lets go where a run was ended from outside.
$turn = New-Object -TypeName 'System.Threading.Mutex' -ArgumentList $false, 'Global\gatehouse-updates'
try { $mine = $turn.WaitOne(0) } catch [System.Threading.AbandonedMutexException] { $mine = $true }
if (-not $mine) { Stop-Run 'another run has not ended yet' 2 }

try {
    $minutes = $limits[$Mode]
    $job = Start-Job -ScriptBlock $work -ArgumentList $Mode, $RequestId, $Kbs, $Hold, $minutes
    $ended = Wait-Job -Job $job -Timeout (60 * ($minutes + $grace))
    if ($null -eq $ended) {
        Stop-Job -Job $job
        Stop-Run ('no end after ' + ($minutes + $grace) + ' minutes; what Windows Update began goes on') 3
    }
    $printed = @(Receive-Job -Job $job -ErrorAction Stop)
}
catch { Stop-Run $_.Exception.Message 2 }
finally { $turn.ReleaseMutex() }
if ($printed.Count -ne 2) { Stop-Run 'the run did not tell its result' 2 }
Write-Output -InputObject ([string] $printed[0])
exit [int] $printed[1]
