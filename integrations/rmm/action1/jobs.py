"""Installing at Action1: one run of an automation per device, which names every update it is to install.

Nothing else is installed by it, and nothing is restarted. What is ordered is fixed, and on record, before
the call: of the updates the request names, those that are approved and missing on the device at that moment.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId, Patch
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.errors import VendorNotFound, VendorRefused
from core.ports import Evidence, Recheck, Report, Truth
from integrations.rmm.action1 import mapping, runs, verdicts
from integrations.rmm.action1.api import Action1Api
from integrations.rmm.action1.mapping import Version
from integrations.rmm.action1.runs import Reference
from integrations.rmm.action1.verdicts import result
from integrations.rmm.read_back import is_approved
from integrations.rmm.rows import Row

_ORGANISATION = "organisation"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a target is at Action1, and its row there."""

    organisation: str
    endpoint: str
    row: Row


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """The effector of one account. A job is one device, so that each has a run of its own."""

    api: Action1Api
    account: str
    retry_minutes: int

    # Before.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Read the devices again. A plan names what it takes, so nothing can make it wider."""
        places = self.places(client, targets)
        return Recheck(
            gone={t: "no longer in Action1" for t in targets if t not in places},
            offline=frozenset(
                t for t, place in places.items() if mapping.online(place.row) is Fact.NO
            ),
        )

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        """Where the device is, and exactly what the job is to install on it: key -> version."""
        target = _target(job)
        place = self.places(client, [target]).get(target)
        if place is None:
            raise VendorNotFound(self.api.source, f"{target} is no longer in Action1.")
        taken = self.taken(target, place) if job.kind is JobKind.INSTALL else []
        order = {version.key: version.name for version, _ in taken if version.key in job.chosen}
        return {_ORGANISATION: place.organisation, **order}

    # The call.

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """Run the automation; its name carries the job's id, and its run is the reference."""
        endpoint, packages = self.endpoint_id(_target(job)), _packages(job)
        if job.kind is not JobKind.INSTALL:
            raise VendorRefused(self.api.source, "Action1 cannot have a single device look anew.")
        organisation = job.mark.get(_ORGANISATION)
        if organisation is None or not job.chosen:
            raise VendorRefused(self.api.source, "The request names no updates to install.")
        if not packages:
            words = "nothing of it was missing and approved any more, so nothing was ordered"
            return Report(state=JobState.DONE, detail=words)
        instance = self.api.deploy(
            organisation,
            endpoint,
            packages,
            name=runs.name_of(job.id),
            retry_minutes=str(self.retry_minutes),
        )
        reference = Reference(organisation=organisation, instance=instance)
        return Report(
            state=JobState.DISPATCHED, reference=str(reference), detail="accepted by Action1"
        )

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        """SENT where a run bears the job's name. Never NOT_SENT: how soon the list knows is not documented."""
        found = self._find(job)
        if found is None:
            words = "Action1 lists no automation of this job's name on the device, but may be late"
            return Evidence(truth=Truth.UNKNOWN, detail=words)
        words = "an automation at Action1 bears this job's name"
        return Evidence(truth=Truth.SENT, reference=str(found), detail=words)

    # After.

    def follow(self, client: Client, job: Job) -> Report:
        told = self._result(job)
        if told is None:
            return Report(state=JobState.DISPATCHED, detail="not yet picked up by the device")
        # Words we do not know end nothing; the caller's time limit does.
        return Report(state=runs.state(told) or job.state, detail=runs.words(told))

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        """What the run came to, what is missing still, and whether a restart is owed."""
        target = _target(job)
        place = self.places(client, [target]).get(target)
        if place is None:
            return (result(target, StepState.NOT_VERIFIED, "no longer in Action1"),)
        if mapping.online(place.row) is not Fact.YES:
            return (result(target, StepState.DONE, "offline since; nothing can be read back"),)
        told = self._result(job)
        verdict = verdicts.of_install(
            plan.target(target).basis,
            frozenset(job.mark),
            [patch for _, patch in self.missing(target, place)],
            state=None if told is None else runs.state(told),
            reboot_needed=mapping.reboot_needed(place.row),
        )
        return (replace(verdict, target=target),)

    # Reading for jobs.

    def places(self, client: Client, targets: Sequence[str]) -> dict[str, Place]:
        """Those targets that still are in one of the client's organisations."""
        bound = sorted({b.organisation for b in client.rmm if b.account == self.account})
        wanted = {self.endpoint_id(target): target for target in targets}
        return {
            wanted[place.endpoint]: place
            for organisation in bound
            for place in self._in(organisation, list(wanted))
        }

    def _in(self, organisation: str, wanted: Sequence[str]) -> list[Place]:
        """One endpoint is asked for by itself, several are looked up in the list."""
        if len(wanted) == 1:
            row = self.api.endpoint(organisation, wanted[0])
            found = [] if row is None else [row]
        elif any(item.get("id") == organisation for item in self.api.organizations()):
            found = self.api.endpoints(organisation)
        else:
            found = []
        return [
            Place(organisation=organisation, endpoint=str(row["id"]), row=row)
            for row in found
            if row.get("id") in wanted
        ]

    def missing(self, target: str, place: Place) -> list[tuple[Version, Patch]]:
        """What the device misses now."""
        packages = self.api.missing_updates(place.organisation, place.endpoint)
        found = mapping.versions(self.api.source, packages)
        return [(version, version.patch(DeviceId(target))) for version in found]

    def taken(self, target: str, place: Place) -> list[tuple[Version, Patch]]:
        """What an install would be asked for now; definitions come and go daily and are left out."""
        return [pair for pair in self.missing(target, place) if is_approved(pair[1])]

    def endpoint_id(self, target: str) -> str:
        """Action1's id in a target's. Raises VendorNotFound for any other id."""
        account, _, endpoint = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[\w-]+", endpoint):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return endpoint

    def _result(self, job: Job) -> Row | None:
        reference = self._find(job) if job.reference is None else Reference.read(job.reference)
        if reference is None:
            return None
        return self.api.result(
            reference.organisation, reference.instance, self.endpoint_id(_target(job))
        )

    def _find(self, job: Job) -> Reference | None:
        """The run that bears the job's name."""
        organisation = job.mark.get(_ORGANISATION)
        if organisation is None:
            return None
        recent = self.api.recent_instances(organisation, self.endpoint_id(_target(job)))
        instance = runs.named(recent, job.id)
        return None if instance is None else Reference(organisation=organisation, instance=instance)


def _packages(job: Job) -> list[tuple[str, str]]:
    """The order in a job's mark: packages and their versions."""
    return [
        (key.removesuffix(f" {version}"), version)
        for key, version in job.mark.items()
        if key != _ORGANISATION
    ]


def _target(job: Job) -> str:
    (target,) = job.targets
    return target
