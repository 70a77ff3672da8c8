"""Turn "scan", "install on" or "restart these devices" into an exact plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.clients import Client, MaintenanceWindow
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict, Snapshot
from core.domain.patching import (
    Capabilities,
    DeviceId,
    DevicePreview,
    Family,
    RebootControl,
)
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import (
    Action,
    JobKind,
    Options,
    Plan,
    Skipped,
    Target,
    When,
)
from core.errors import BadInput, Refused
from core.ports import Clock, Rmm
from core.rules.approval_policy import direction_of
from core.rules.binding import mismatch
from core.rules.jobs import kind_of
from core.rules.nights import acts_as_server
from core.rules.openings import first_opening
from core.rules.patch_turns import in_turns, later_nights
from core.usecases.request_plan import check_window

REBOOT_WORDS: Mapping[RebootControl, str] = {
    RebootControl.OURS: "Gatehouse does not restart the devices; a restart that is owed is shown afterwards.",
    RebootControl.VENDOR_POLICY: "The RMM's own policy decides whether and when these devices restart.",
    RebootControl.UNKNOWN: "It is not known who decides about restarts: expect the devices to restart.",
}
RESTART_WORDS = "Whoever works on one of these devices then loses what is not saved."
SERVER_IN_WINDOW_ONLY = "a server: it is restarted only in the maintenance window"
IN_WINDOW_ONLY = "a server whose restart is not ours: only in the maintenance window"
IN_WINDOW = "Because of the servers among them, all of it runs in the maintenance window only."


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchPlanner:
    """Plans patch work on the devices of one client. Raises Refused, or VendorError."""

    rmms: Mapping[str, Rmm]
    policy: ApprovalPolicy
    rings: RingPolicy
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
        _check(client, action, options, snapshot)
        self._check_nights(options)
        known = _known(snapshot)
        wanted = [DeviceId(item) for item in dict.fromkeys(device_ids)]
        rmm = self._one_account(wanted, known)
        _check_capable(rmm, action)
        now = self.clock.now()
        previews = rmm.preview(client, kind_of(action), wanted)
        shut = options.when is When.NOW and not _is_open(client.maintenance_window, now)
        servers = {item for item in wanted if item in known and acts_as_server(known[item], client)}
        restarted = servers if _restarts(rmm, action) else set()
        reasons = {
            item: _skip_reason(known.get(item), previews.get(item), rmm, action, options)
            or (_window_only(action) if shut and item in restarted else None)
            for item in wanted
        }
        fit = [
            self._target(known[item], previews[item], server=item in servers)
            for item, why in reasons.items()
            if why is None
        ]
        targets, unserved = self._in_turns(fit, client, action, options)
        skipped = (*_left_out(reasons, known), *unserved)
        if not targets:
            named = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
            raise Refused(f"No device is left to work on. {named}")
        warnings = _warnings(rmm, action, targets, client)
        if options.when is When.NOW and any(target.id in restarted for target in targets):
            # The window is open now; by the time it is approved and run it may have ended.
            options, warnings = replace(options, when=When.WINDOW), (IN_WINDOW, *warnings)
        return Plan(
            client=client.key,
            client_name=client.name,
            account=rmm.account,
            vendor_name=rmm.vendor_name,
            action=action,
            direction=direction_of(action),
            options=options,
            targets=targets,
            skipped=skipped,
            warnings=warnings,
            time_zone=client.time_zone,
            opening=first_opening(client, options, now),
            made_at=now,
        )

    def _one_account(
        self, device_ids: Sequence[DeviceId], known: Mapping[DeviceId, DeviceVerdict]
    ) -> Rmm:
        accounts = {known[item].account for item in device_ids if item in known}
        if not accounts:
            raise Refused("None of these devices is in the newest scan. Refresh and try again.")
        if len(accounts) > 1:
            raise Refused(
                f"These devices belong to {len(accounts)} RMM accounts ({', '.join(sorted(accounts))}). "
                "Make one request per account."
            )
        account = accounts.pop()
        if account not in self.rmms:
            raise Refused(f"The RMM account {account} is no longer in the configuration.")
        return self.rmms[account]

    def _check_nights(self, options: Options) -> None:
        """Raise BadInput for more nights than may be asked for."""
        most = self.rings.nights if options.when is When.WINDOW else 1
        if not 1 <= options.nights <= most:
            raise BadInput

    def _in_turns(
        self, fit: Sequence[Target], client: Client, action: Action, options: Options
    ) -> tuple[tuple[Target, ...], tuple[Skipped, ...]]:
        """A scan changes nothing: nothing has to go first then, and all may go together."""
        if action is Action.SCAN_PATCHES:
            return tuple(fit), ()
        return in_turns(fit, client, self.rings, nights=options.nights)

    def _target(self, verdict: DeviceVerdict, preview: DevicePreview, *, server: bool) -> Target:
        before = {} if preview.count is None else {"to install": str(preview.count)}
        return Target(
            id=verdict.device_id,
            name=verdict.name,
            weight=self.policy.server_weight if server else 1,
            before=before,
            basis=preview.patch_keys,
            count=preview.count,
            chosen=preview.chosen,
            families=preview.families,
            is_server=server,
            online=preview.online is Fact.YES,
            roles=verdict.roles,
        )


def _check(client: Client, action: Action, options: Options, snapshot: Snapshot) -> None:
    if not action.on_devices:
        raise BadInput
    check_window(client, options.when)
    wrong = mismatch(snapshot.mfa, snapshot.patches, client)
    if wrong is not None:
        raise Refused(wrong)


def _known(snapshot: Snapshot) -> Mapping[DeviceId, DeviceVerdict]:
    if snapshot.patches is None:
        raise Refused(
            "This client's devices have not been read yet. Try again after the next scan."
        )
    return {device.device_id: device for device in snapshot.patches.devices}


def _check_capable(rmm: Rmm, action: Action) -> None:
    if not _is_able(rmm.capabilities, action):
        raise Refused(
            f"{rmm.vendor_name} as configured ({rmm.account}) cannot do this; "
            "its page in docs/vendors says what to set up."
        )


def _is_able(can: Capabilities, action: Action) -> bool:
    able = {
        JobKind.SCAN: can.scan,
        JobKind.INSTALL: can.install,
        JobKind.RESTART: can.reboot,
    }
    return able[kind_of(action)]


def _skip_reason(
    verdict: DeviceVerdict | None,
    preview: DevicePreview | None,
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
    if action is Action.INSTALL_PATCHES and _names_none(rmm, preview):
        return "it is not known which updates it misses, so none can be named to be installed"
    if action is Action.RESTART_DEVICES and preview.reboot_needed is Fact.NO:
        return "it waits for no restart"
    return None


def _names_none(rmm: Rmm, preview: DevicePreview) -> bool:
    """Whether an install has to name its updates, and cannot here."""
    can = rmm.capabilities
    return can.install_chosen and not can.installs_all_approved and not preview.chosen


def _left_out(
    reasons: Mapping[DeviceId, str | None], known: Mapping[DeviceId, DeviceVerdict]
) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(id=item, name=known[item].name if item in known else item, reason=why)
        for item, why in reasons.items()
        if why is not None
    )


def _is_open(window: MaintenanceWindow | None, now: datetime) -> bool:
    return window is not None and window.opening_on(now) is not None


def _restarts(rmm: Rmm, action: Action) -> bool:
    """Whether devices are restarted, or may be by somebody else's decision."""
    ours = rmm.capabilities.reboot_control is RebootControl.OURS
    return action is Action.RESTART_DEVICES or (action is Action.INSTALL_PATCHES and not ours)


def _window_only(action: Action) -> str:
    return SERVER_IN_WINDOW_ONLY if action is Action.RESTART_DEVICES else IN_WINDOW_ONLY


def _how_much(rmm: Rmm, targets: Sequence[Target]) -> list[str]:
    """What an install takes: the listed updates where they can be named, else whatever is approved by then."""
    named = [target for target in targets if target.chosen]
    counts = [target.count for target in targets if not target.chosen]
    words = []
    if named:
        updates = _several(sum(len(target.chosen) for target in named), "update")
        others = "no others of the system's" if _with_software(named) else "no others"
        words.append(
            f"On {_several(len(named), 'device')} exactly the {updates} listed there are installed, {others}."
        )
    if counts and rmm.capabilities.installs_all_approved:
        words.append(
            f"{rmm.vendor_name} installs everything approved when it runs: {_today(counts)}."
        )
    software = _with_software(targets)
    if software:
        words.append(
            f"On {_several(len(software), 'device')} other makers' software is updated, too: "
            "whatever is approved of it by then."
        )
    return words


def _with_software(targets: Sequence[Target]) -> list[Target]:
    return [target for target in targets if Family.SOFTWARE in target.families]


def _today(counts: Sequence[int | None]) -> str:
    """How much would be taken now, never counting a device whose updates are not known as one without."""
    known = [count for count in counts if count is not None]
    unknown = len(counts) - len(known)
    parts = []
    if known:
        parts.append(
            f"today that is {_several(sum(known), 'update')} on {_several(len(known), 'device')}"
        )
    if unknown:
        parts.append(f"how much that is on {_several(unknown, 'device')} is not known")
    return ", and ".join(parts)


def _several(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else f'{one}s'}"


def _warnings(
    rmm: Rmm,
    action: Action,
    targets: Sequence[Target],
    client: Client,
) -> tuple[str, ...]:
    if action is Action.SCAN_PATCHES:
        return ()
    if action is Action.RESTART_DEVICES:
        return (RESTART_WORDS, *later_nights(targets, client))
    words = [REBOOT_WORDS[rmm.capabilities.reboot_control]]
    words += _how_much(rmm, targets)
    words.append("Installed updates cannot be taken out again from here.")
    return (*words, *later_nights(targets, client))
