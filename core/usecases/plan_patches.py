"""Turn "scan" or "install on these devices" into an exact plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict, Snapshot
from core.domain.patching import DeviceId, DeviceKind, DevicePreview, RebootControl
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import (
    Action,
    Direction,
    JobKind,
    Options,
    Plan,
    Skipped,
    Target,
    When,
)
from core.errors import Refused
from core.ports import Clock, Rmm
from core.rules.binding import mismatch

REBOOT_WORDS: Mapping[RebootControl, str] = {
    RebootControl.OURS: "Gatehouse does not restart the devices; a restart that is owed is shown afterwards.",
    RebootControl.VENDOR_POLICY: "The RMM's own policy decides whether and when these devices restart.",
    RebootControl.UNKNOWN: "It is not known who decides about restarts: expect the devices to restart.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchPlanner:
    """Plans patch work on the devices of one client. Raises Refused, or VendorError."""

    rmms: Mapping[str, Rmm]
    policy: ApprovalPolicy
    clock: Clock

    def plan(
        self,
        client: Client,
        action: Action,
        device_ids: Sequence[str],
        options: Options,
        snapshot: Snapshot,
    ) -> Plan:
        """Plan the action for the devices that may have it; name the others and why."""
        wrong = mismatch(snapshot.mfa, snapshot.patches, client)
        if wrong is not None:
            raise Refused(wrong)
        known = _known(snapshot)
        rmm = self._one_account(device_ids, known)
        _check_capable(rmm, action)
        wanted = [DeviceId(item) for item in dict.fromkeys(device_ids)]
        kind = JobKind.SCAN if action is Action.SCAN_PATCHES else JobKind.INSTALL
        now = self.clock.now()
        servers_later = _servers_only_later(client, options, rmm, now)
        previews = rmm.preview(client, kind, wanted)
        targets: list[Target] = []
        skipped: list[Skipped] = []
        for device_id in wanted:
            verdict, preview = known.get(device_id), previews.get(device_id)
            reason = _skip_reason(verdict, preview, rmm=rmm, action=action, options=options)
            if reason is None and servers_later and _restarts(verdict, action):
                reason = "a server whose restart is not ours: only in the maintenance window"
            if reason is None and verdict is not None and preview is not None:
                targets.append(self._target(verdict, preview))
            else:
                name = verdict.name if verdict is not None else device_id
                skipped.append(Skipped(id=device_id, name=name, reason=reason or "not known"))
        if not targets:
            reasons = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
            raise Refused(f"No device is left to work on. {reasons}")
        return Plan(
            client=client.key,
            client_name=client.name,
            account=rmm.account,
            action=action,
            direction=Direction.RAISES if action is Action.INSTALL_PATCHES else Direction.NEUTRAL,
            options=options,
            targets=tuple(targets),
            skipped=tuple(skipped),
            warnings=_warnings(rmm, action, previews, targets),
            made_at=now,
        )

    def _one_account(self, device_ids: Sequence[str], known: Mapping[str, DeviceVerdict]) -> Rmm:
        accounts = {known[item].account for item in device_ids if item in known}
        if not accounts:
            raise Refused("None of these devices is in the newest scan. Refresh and try again.")
        if len(accounts) > 1:
            raise Refused(
                f"These devices belong to {len(accounts)} RMM accounts ({', '.join(sorted(accounts))}). "
                "Make one request per account."
            )
        return self.rmms[accounts.pop()]

    def _target(self, verdict: DeviceVerdict, preview: DevicePreview) -> Target:
        server = verdict.kind is not DeviceKind.WORKSTATION
        before = {} if preview.count is None else {"to install": str(preview.count)}
        return Target(
            id=verdict.device_id,
            name=verdict.name,
            weight=self.policy.server_weight if server else 1,
            before=before,
            basis=preview.patch_keys,
            count=preview.count,
            is_server=server,
            online=preview.online is Fact.YES,
        )


def _known(snapshot: Snapshot) -> Mapping[str, DeviceVerdict]:
    if snapshot.patches is None:
        raise Refused(
            "This client's devices have not been read yet. Try again after the next scan."
        )
    return {device.device_id: device for device in snapshot.patches.devices}


def _check_capable(rmm: Rmm, action: Action) -> None:
    able = rmm.capabilities.scan if action is Action.SCAN_PATCHES else rmm.capabilities.install
    if not able:
        raise Refused(
            f"{rmm.vendor_name} as configured ({rmm.account}) cannot do this; "
            "its page in docs/vendors says what to set up."
        )


def _skip_reason(
    verdict: DeviceVerdict | None,
    preview: DevicePreview | None,
    *,
    rmm: Rmm,
    action: Action,
    options: Options,
) -> str | None:
    if verdict is None:
        return "not in the newest scan; refresh and try again"
    if preview is None:
        return f"{rmm.vendor_name} does not know it any more"
    if verdict.protected:
        return "protected in the configuration"
    if preview.online is not Fact.YES and not options.wait_for_offline:
        return "offline or not known to be online; tick the option to wait for it"
    if action is Action.INSTALL_PATCHES and preview.count == 0:
        return "nothing approved is waiting to be installed"
    return None


def _restarts(verdict: DeviceVerdict | None, action: Action) -> bool:
    server = verdict is not None and verdict.kind is not DeviceKind.WORKSTATION
    return server and action is Action.INSTALL_PATCHES


def _servers_only_later(client: Client, options: Options, rmm: Rmm, now: datetime) -> bool:
    """Servers whose restart is not ours to decide wait for the maintenance window."""
    if rmm.capabilities.reboot_control is RebootControl.OURS or options.when is When.WINDOW:
        return False
    window = client.maintenance_window
    return window is None or window.opening_on(now) is None


def _warnings(
    rmm: Rmm,
    action: Action,
    previews: Mapping[DeviceId, DevicePreview],
    targets: Sequence[Target],
) -> tuple[str, ...]:
    if action is Action.SCAN_PATCHES:
        return ()
    words = [REBOOT_WORDS[rmm.capabilities.reboot_control]]
    if rmm.capabilities.installs_all_approved:
        counts = [previews[DeviceId(target.id)].count for target in targets]
        today = sum(count for count in counts if count is not None)
        words.append(
            f"{rmm.vendor_name} installs everything approved when it runs: today that is {today} "
            f"{'update' if today == 1 else 'updates'} on {len(targets)} "
            f"{'device' if len(targets) == 1 else 'devices'}."
        )
    words.append("Installed updates cannot be taken out again from here.")
    return tuple(words)
