"""The scripts we ship: whole, harmless, the very bytes whose checksums are told, and true to their contract."""

import hashlib
import json
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from core.domain.patching import DeviceId, PatchClass, PatchState, Severity
from core.domain.remediation import JobKind
from integrations.rmm import update_script
from integrations.rmm.update_script import OutputError, command_line, read_output, read_restart
from tests.integrations.rmm.powershell import ScriptError, commands, functions, tokens, types
from tests.integrations.rmm.printed import ENDED
from tests.integrations.rmm.recorded import recorded

HOME = Path(update_script.__file__).parent / "components"
SCRIPTS = sorted(HOME.glob("*.ps1"))
DOCS = Path(__file__).parents[3] / "docs" / "components.md"

#: Everything a script may call besides its own functions; none of it loads code or changes a setting.
CMDLETS = {
    "ConvertTo-Json",
    "ForEach-Object",
    "New-Object",
    "Receive-Job",
    "Select-Object",
    "Set-StrictMode",
    "Start-Job",
    # Of shutdown.exe alone, whose place the system tells: a test below.
    "Start-Process",
    "Start-Sleep",
    "Stop-Job",
    "Test-Path",
    "Wait-Job",
    "Where-Object",
    "Write-Output",
}
TYPES = {
    "CmdletBinding",
    "Console",
    "Environment",
    "Globalization.CultureInfo",
    "Math",
    "System.Threading.AbandonedMutexException",
    "bool",
    "datetime",
    "int",
    "object",
    "ordered",
    "regex",
    "string",
    "void",
}
OBJECTS = {
    "Microsoft.Update.Session",
    "Microsoft.Update.SystemInfo",
    "Microsoft.Update.UpdateColl",
    "System.Threading.Mutex",
}


def text(script: Path) -> str:
    return script.read_text(encoding="ascii")


def test_there_is_a_script() -> None:
    assert [script.name for script in SCRIPTS] == ["gatehouse-updates.ps1"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_checksums_are_those_of_the_scripts_and_are_told_to_operators(script: Path) -> None:
    digest = hashlib.sha256(script.read_bytes()).hexdigest()
    assert f"{digest}  {script.name}" in (HOME / "SHA256SUMS").read_text().splitlines()
    assert digest in DOCS.read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_is_plain_ascii_with_everything_closed_in_its_order(script: Path) -> None:
    assert tokens(text(script))
    assert "\r" not in text(script)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_calls_nothing_that_is_not_listed_here(script: Path) -> None:
    found = tokens(text(script))
    assert commands(found) <= CMDLETS | functions(found)
    assert types(found) <= TYPES
    made = {
        c.text.strip("'")
        for a, b, c in zip(found, found[1:], found[2:], strict=False)
        if a.text == "New-Object" and b.text in ("-ComObject", "-TypeName")
    }
    assert made == OBJECTS
    assert "&" not in {token.text for token in found}


def test_the_one_program_that_is_started_warns_people_before_it_restarts() -> None:
    (script,) = SCRIPTS
    (line,) = (line for line in text(script).splitlines() if "Start-Process" in line)
    assert "-FilePath $tool -ArgumentList $order" in line
    assert r"$tool = [Environment]::SystemDirectory + '\shutdown.exe'" in text(script)
    assert "$order = '/r /t 300 /d p:2:17 /c \"' + $said + '\"'" in text(script)


def test_a_restart_tells_for_when_it_is_ordered() -> None:
    told = recorded("component", "restart")
    assert read_restart([json.dumps(told)], "R4K7Q-1") == datetime(
        2026, 11, 23, 12, 5, 5, tzinfo=UTC
    )
    (script,) = SCRIPTS
    keys = {a.text for a, b in pairwise(tokens(text(script))) if a.kind == "word" and b.text == "="}
    assert set(told) <= keys


@pytest.mark.parametrize(
    "changed",
    [
        {"requestId": "R4K7Q-2"},
        {"version": "2.0.0"},
        {"mode": "scan", "attempted": [], "missing": []},
        {"restartsAt": "soon"},
        {"missing": []},
    ],
)
def test_any_other_word_on_a_restart_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(OutputError):
        read_restart([json.dumps(recorded("component", "restart") | changed)], "R4K7Q-1")


def test_a_restart_lists_no_updates_as_missing_or_installed() -> None:
    with pytest.raises(OutputError, match="another job"):
        read_output([json.dumps(recorded("component", "restart"))])


@pytest.mark.parametrize(
    "broken",
    [
        "if ($a) { 'b'",
        "f(1))",
        "$a = @( 1, 2 }",
        "$a = 'it's'",
        'Write-Output "open',
        "@'\ntext",
        "<# open",
    ],
)
def test_reading_finds_what_is_left_open(broken: str) -> None:
    with pytest.raises(ScriptError):
        tokens(broken)


@pytest.mark.parametrize(
    "harmful",
    [
        "iex $code",
        "$x = Invoke-Expression $code",
        "if ($a) { Restart-Computer }",
        "Get-Item x | Remove-Item",
        "return (Invoke-WebRequest $url)",
        "gci; ls",
    ],
)
def test_reading_finds_what_is_called(harmful: str) -> None:
    assert not commands(tokens(harmful)) <= CMDLETS


def test_names_in_strings_comments_and_keys_are_not_called() -> None:
    harmless = "# iex\n$a = @{ iex = 'Remove-Item' }\nWrite-Output \"Stop-Computer $a\""
    assert commands(tokens(harmless)) == {"Write-Output"}


def test_script_tells_the_version_and_the_fields_the_product_takes() -> None:
    """The contract in Python is what recorded output is read by; the script has to write the same words."""
    (script,) = SCRIPTS
    keys = {a.text for a, b in pairwise(tokens(text(script))) if a.kind == "word" and b.text == "="}
    told = recorded("component", "install")
    for fields in (told, told["attempted"][0], told["missing"][0]):
        assert set(fields) <= keys
    assert f"version = '{told['version']}'" in text(script)
    assert f"component = '{told['component']}'" in text(script)
    assert told["version"] in text(script).split("\n\n")[1]


def test_recorded_scan_becomes_rows() -> None:
    output = read_output([json.dumps(recorded("component", "scan"))])
    cumulative, driver, feature, hostile = output.listing(DeviceId("datto:u")).patches
    assert (cumulative.kb, cumulative.severity) == ("KB5000001", Severity.CRITICAL)
    assert (cumulative.patch_class, cumulative.state) == (
        PatchClass.CUMULATIVE,
        PatchState.APPROVED,
    )
    assert (cumulative.released, cumulative.cves) == (
        date(2026, 11, 10),
        ("CVE-2026-12345", "CVE-2026-123456"),
    )
    assert (driver.kb, driver.patch_class, driver.state) == (
        None,
        PatchClass.DRIVER,
        PatchState.PENDING,
    )
    assert (feature.patch_class, feature.released) == (PatchClass.FEATURE, None)
    assert (hostile.title, hostile.patch_class) == (
        "<https://evil.example|'&'> \u0412\u0438\u043d\u0434\u043e\u0443\u0441 @here",
        PatchClass.UNKNOWN,
    )
    assert (hostile.state, hostile.raw_state) == (PatchState.PENDING, "waiting for a restart")
    assert len({patch.key for patch in (cumulative, driver, feature, hostile)}) == 4


def test_what_an_install_failed_at_is_a_failed_update() -> None:
    output = read_output([json.dumps(recorded("component", "install"))])
    listing = output.listing(DeviceId("datto:u"))
    assert (listing.listed_at, listing.reboot_needed) == (ENDED, True)
    states = {patch.kb: patch.state for patch in listing.patches}
    assert states == {"KB5000001": PatchState.PENDING, "KB5000002": PatchState.FAILED}


def test_script_is_told_by_its_parameters() -> None:
    assert command_line(JobKind.INSTALL, "R4K7Q-1") == "-Mode install -RequestId R4K7Q-1"
    assert command_line(JobKind.SCAN, "R4K7Q-2") == "-Mode scan -RequestId R4K7Q-2"
    named = command_line(JobKind.INSTALL, "R4K7Q-3", ["KB5000002", "KB5000001"])
    assert named == '-Mode install -RequestId R4K7Q-3 -Kbs "KB5000001,KB5000002"'
