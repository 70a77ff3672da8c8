"""Turn "scan", "install on" or "restart these devices" into an exact plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict, Snapshot
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RebootControl
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import Action, JobKind, Options, Plan, Skipped, Target, When
from core.errors import BadInput, Refused
from core.ports import Clock, Rmm
from core.rules.approval_policy import direction_of
from core.rules.binding import mismatch
from core.rules.jobs import kind_of
from core.rules.nights import acts_as_server
from core.rules.openings import first_opening
from core.rules.patch_turns import in_turns
from core.rules.patch_warnings import warnings
from core.usecases.request_plan import check_window

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
        ask = _Ask(
            client=client,
            action=action,
            options=options,
            rmm=rmm,
            known=known,
            now=self.clock.now(),
            previews=rmm.preview(client, kind_of(action), wanted),
        )
        reasons = {item: ask.skip_reason(item) for item in wanted}
        fit = [
            self._target(known[item], ask.previews[item], server=ask.is_server(item))
            for item, why in reasons.items()
            if why is None
        ]
        targets, unserved = self._in_turns(fit, client, action, options)
        skipped = (*_left_out(reasons, known), *unserved)
        _check_left(targets, skipped)
        return ask.plan(targets, skipped)

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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ask:
    """What is asked for at one account, and what it would meet there right now."""

    client: Client
    action: Action
    options: Options
    rmm: Rmm
    known: Mapping[DeviceId, DeviceVerdict]
    previews: Mapping[DeviceId, DevicePreview]
    now: datetime

    def skip_reason(self, item: DeviceId) -> str | None:
        verdict, preview = self.known.get(item), self.previews.get(item)
        if verdict is None:
            return "not in the newest scan; refresh and try again"
        if preview is None:
            return f"{self.rmm.vendor_name} does not know it any more"
        if verdict.protected:
            return "protected in the configuration"
        if preview.online is not Fact.YES and not self.options.wait_for_offline:
            return "offline or not known to be online; tick the option to wait for it"
        return self._nothing_to_do(preview) or self._shut(item)

    def is_server(self, item: DeviceId) -> bool:
        return item in self.known and acts_as_server(self.known[item], self.client)

    def plan(self, targets: tuple[Target, ...], skipped: tuple[Skipped, ...]) -> Plan:
        options, told = self.options, self._warnings(targets)
        if options.when is When.NOW and any(self._restarts(DeviceId(t.id)) for t in targets):
            # The window is open now; by the time it is approved and run it may have ended.
            options, told = replace(options, when=When.WINDOW), (IN_WINDOW, *told)
        return Plan(
            client=self.client.key,
            client_name=self.client.name,
            account=self.rmm.account,
            vendor_name=self.rmm.vendor_name,
            action=self.action,
            direction=direction_of(self.action),
            options=options,
            targets=targets,
            skipped=skipped,
            warnings=told,
            time_zone=self.client.time_zone,
            opening=first_opening(self.client, options, self.now),
            made_at=self.now,
        )

    def _nothing_to_do(self, preview: DevicePreview) -> str | None:
        if self.action is Action.INSTALL_PATCHES and preview.count == 0:
            return "nothing approved is waiting to be installed"
        if self.action is Action.INSTALL_PATCHES and self._names_none(preview):
            return "it is not known which updates it misses, so none can be named to be installed"
        if self.action is Action.RESTART_DEVICES and preview.reboot_needed is Fact.NO:
            return "it waits for no restart"
        return None

    def _names_none(self, preview: DevicePreview) -> bool:
        """Whether an install has to name its updates, and cannot here."""
        can = self.rmm.capabilities
        return can.install_chosen and not can.installs_all_approved and not preview.chosen

    def _shut(self, item: DeviceId) -> str | None:
        """Servers are restarted in the maintenance window only."""
        if self.options.when is not When.NOW or not self._restarts(item):
            return None
        window = self.client.maintenance_window
        if window is not None and window.opening_on(self.now) is not None:
            return None
        return SERVER_IN_WINDOW_ONLY if self.action is Action.RESTART_DEVICES else IN_WINDOW_ONLY

    def _restarts(self, item: DeviceId) -> bool:
        """Whether a server is restarted, or may be by somebody else's decision."""
        ours = self.rmm.capabilities.reboot_control is RebootControl.OURS
        restarts = self.action is Action.RESTART_DEVICES or (
            self.action is Action.INSTALL_PATCHES and not ours
        )
        return restarts and self.is_server(item)

    def _warnings(self, targets: Sequence[Target]) -> tuple[str, ...]:
        return warnings(
            self.client,
            self.action,
            targets,
            vendor_name=self.rmm.vendor_name,
            can=self.rmm.capabilities,
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


def _left_out(
    reasons: Mapping[DeviceId, str | None], known: Mapping[DeviceId, DeviceVerdict]
) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(id=item, name=known[item].name if item in known else item, reason=why)
        for item, why in reasons.items()
        if why is not None
    )


def _check_left(targets: Sequence[Target], skipped: Sequence[Skipped]) -> None:
    if not targets:
        named = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
        raise Refused(f"No device is left to work on. {named}")
