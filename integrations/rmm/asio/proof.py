"""What an account at ConnectWise RMM can prove: its scopes by reading with each, the script, and its bindings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.asio import mapping
from integrations.rmm.asio.jobs import Jobs
from integrations.rmm.asio.reading import FleetReader
from integrations.rmm.proving import Found, likeliest, may, organisations, proof
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_READING, _ACTING = "reading", "scanning and installing"
_HEARTBEAT_REMEDY = "Give the key platform.devices.read. Without it nobody knows who is online."
_SUMMARY_REMEDY = (
    "Give the key platform.ospatching.management.read, and turn patching on for these companies. Without it no "
    "device's updates are read."
)
_PATCHES_REMEDY = "Give the key platform.patching.read."
_SOFTWARE_REMEDY = "Give the key platform.tppatching.management.read, or set third_party to false."
_SCRIPT_REMEDY = (
    "Put the update script into the library as docs/vendors/asio.md says and set its id."
)
_RUN_REMEDY = "Give the key platform.automation.create. It shows when a script runs."
_TASKS_REMEDY = "Give the key platform.automation.read. Without the list of tasks a call that is cut off is left to a person."


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    jobs: Jobs
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.jobs.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names = self.reader.names()
        known = [item for item in bound_organisations(bindings) if item in names]
        devices = self._devices(known)
        permissions = (*self._reading(known, devices), *self._acting())
        return permissions, organisations(bindings, names, devices)

    def _devices(self, companies: Sequence[str]) -> list[Device]:
        account, source = self.jobs.account, self.jobs.api.source
        return [mapping.device(account, source, row) for row in self.reader.rows(companies)]

    def _reading(self, known: Sequence[str], devices: Sequence[Device]) -> tuple[Permission, ...]:
        api = self.jobs.api
        one = devices[0].vendor_id if devices else None
        return (
            Permission(name="companies and devices", present=Fact.YES, purpose=_READING),
            Permission(
                name="who is online (heartbeat)",
                present=_tells(lambda: api.heartbeats(known)) if known else Fact.UNKNOWN,
                purpose=_READING,
                remedy=_HEARTBEAT_REMEDY,
            ),
            Permission(
                name="counts of missing updates (compliance summary)",
                present=_tells(lambda: api.compliance(known)) if known else Fact.UNKNOWN,
                purpose=_READING,
                remedy=_SUMMARY_REMEDY,
            ),
            Permission(
                name="updates of a device",
                present=may(lambda: api.patches(one)) if one is not None else Fact.UNKNOWN,
                purpose=_READING,
                remedy=_PATCHES_REMEDY,
            ),
            *self._software(known),
        )

    def _software(self, known: Sequence[str]) -> tuple[Permission, ...]:
        api = self.jobs.api.software
        if api is None:
            return ()
        return (
            Permission(
                name="updates of other makers' software (third_party)",
                present=_tells(lambda: api.software_counts(known)) if known else Fact.UNKNOWN,
                purpose=_READING,
                remedy=_SOFTWARE_REMEDY,
            ),
        )

    def _acting(self) -> tuple[Permission, ...]:
        if self.jobs.script is None:
            return ()
        # Whether a script may be run shows when one is.
        run = Permission(
            name="run scripts", present=Fact.UNKNOWN, purpose=_ACTING, remedy=_RUN_REMEDY
        )
        tasks = Permission(
            name="list of tasks",
            present=may(self.jobs.api.tasks),
            purpose=_ACTING,
            remedy=_TASKS_REMEDY,
        )
        return (self._script(), tasks, run)

    def _script(self) -> Permission:
        try:
            listed = self.jobs.api.scripts()
        except (VendorForbidden, VendorRefused) as failure:
            return _lacking("script", f"{failure.reason} {failure.remedy}")
        script = next((row for row in listed if row.get("id") == self.jobs.script), None)
        if script is None:
            remedy = f"{_SCRIPT_REMEDY} The library has: {likeliest(_named(listed))}."
            return _lacking("script (not found)", remedy)
        name = f"script ({text(script.get('name')) or self.jobs.script})"
        return Permission(name=name, present=Fact.YES, purpose=_ACTING)


def _tells(read: Callable[[], Sequence[Row]]) -> Fact:
    """Whether a list may be read and holds anything: an empty one is answered like one that is not there."""
    try:
        return Fact.YES if read() else Fact.UNKNOWN
    except (VendorForbidden, VendorRefused):
        return Fact.NO


def _lacking(name: str, remedy: str) -> Permission:
    return Permission(name=name, present=Fact.NO, purpose=_ACTING, remedy=remedy)


def _named(scripts: Sequence[Row]) -> Iterator[tuple[str, str]]:
    return ((text(row.get("name")), text(row.get("id"))) for row in scripts)
