"""/patch: overdue updates, and work on chosen devices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict
from core.domain.patching import Capabilities
from core.domain.remediation import Action, Options, Plan, When
from core.errors import BadInput, Refused
from core.ports import Rmm
from core.usecases.plan_patches import PatchPlanner
from handlers.asking import Asking, options
from handlers.desk import Asker, Desk, check_technician
from handlers.door import Door
from handlers.lists import Lists
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms, guide
from integrations.slack.rendering.ids import Act, Command, Field, Form, Option

PRESELECTED = 20
SUGGESTIONS = 100


@dataclass(frozen=True, kw_only=True)
class Patches:
    """Answers /patch, opens the form and plans what it asks for."""

    desk: Desk
    lists: Lists
    asking: Asking
    planner: PatchPlanner
    rmms: Mapping[str, Rmm]

    def register(self, door: Door) -> None:
        door.command(Command.PATCH, self.command)
        door.action(Act.PATCH_FORM, self.open_from_button)
        door.suggestions(Field.DEVICES, self.suggest)
        door.submission(
            Form.PATCH, self.plan, check=self.asking.check, then=forms.working("Patch request")
        )

    def command(self, inbound: Inbound) -> None:
        verb, _, words = inbound.text.partition(" ")
        match verb.lower():
            case "overdue" | "list":
                self.lists.patches_named(inbound, words.strip())
            case "run" | "install" | "scan":
                self._open(inbound, words.strip())
            case "restart":
                self._open(inbound, words.strip(), restart=True)
            case _:
                self.desk.reader(inbound)
                self.desk.answer(inbound, guide.usage(Command.PATCH, verb))

    def _open(self, inbound: Inbound, words: str, *, restart: bool = False) -> None:
        asker = self.desk.reader(inbound)
        if not words:
            verb = "restart" if restart else "run"
            raise BadInput(f"Say for which client, as in: /patch {verb} acme")
        self._show_form(inbound, asker, self.desk.named(words, asker.person), restart=restart)

    def open_from_button(self, inbound: Inbound) -> None:
        asker = self.desk.reader(inbound)
        self._show_form(inbound, asker, self.desk.readable(inbound.value, asker.person))

    def _show_form(
        self, inbound: Inbound, asker: Asker, client: Client, *, restart: bool = False
    ) -> None:
        """For a restart that comes first, and the devices that wait for one are chosen beforehand."""
        check_technician(asker, client)
        actions = _offered([self.rmms[item.account].capabilities for item in client.rmm])
        if not actions:
            raise Refused(
                f"The RMM of {client.name} is read-only here, so patch work has to be done there. "
                "Its page in docs/vendors says whether more can be set up."
            )
        if restart and Action.RESTART_DEVICES not in actions:
            raise Refused(
                f"The RMM of {client.name} cannot restart devices from here: restart them there."
            )
        found = self._devices(client)
        if not found:
            raise Refused(
                f"No device of {client.name} has been read yet. /gatehouse status says what is missing."
            )
        devices = self._worth_restarting(found) if restart else _worth_patching(found)
        view = forms.patch_form(
            client,
            devices=devices[:PRESELECTED],
            actions=sorted(actions, key=_is_restart, reverse=restart),
            window=client.maintenance_window,
            nights=self.planner.rings.nights,
            now=self.desk.clock.now(),
            channel=inbound.channel_id,
        )
        self.desk.chat.open_form(inbound.trigger_id or "", view)

    def _worth_restarting(self, devices: list[DeviceVerdict]) -> list[DeviceVerdict]:
        return [
            d
            for d in devices
            if DeviceTrouble.WAITING_FOR_REBOOT in d.troubles
            and d.online is Fact.YES
            and not d.protected
            and d.account in self.rmms
            and self.rmms[d.account].capabilities.reboot
        ]

    def suggest(self, inbound: Inbound) -> Sequence[dict[str, Any]]:
        """Devices of the form's client whose name contains what was typed, the overdue ones first."""
        client = self.desk.menu_of(inbound)
        typed = inbound.value.lower()
        found = [d for d in self._devices(client) if typed in d.name.lower()]
        found.sort(key=lambda d: (d.overdue is not Fact.YES, d.name.lower()))
        return forms.device_options(found[:SUGGESTIONS])

    def plan(self, inbound: Inbound) -> None:
        """A form was sent: plan it and show the preview in its place."""

        def make(asker: Asker, client: Client) -> Plan:
            check_technician(asker, client)
            return self.planner.plan(
                client,
                _action(inbound),
                inbound.field_list(Field.DEVICES),
                self._options(inbound),
                self.desk.snapshot(client),
            )

        self.asking.preview(inbound, inbound.view_id or "", make)

    def _options(self, inbound: Inbound) -> Options:
        chosen = options(inbound)
        if inbound.field_text(Field.WHEN) != Option.SEVERAL_WINDOWS:
            return chosen
        return replace(chosen, when=When.WINDOW, nights=self.planner.rings.nights)

    def _devices(self, client: Client) -> list[DeviceVerdict]:
        section = self.desk.snapshot(client).patches
        return list(section.devices) if section is not None else []


def _action(inbound: Inbound) -> Action:
    """Raise BadInput on anything but one of the form's own choices."""
    chosen = inbound.field_text(Field.PATCH_ACTION)
    if chosen not in (Action.INSTALL_PATCHES, Action.SCAN_PATCHES, Action.RESTART_DEVICES):
        raise BadInput
    return Action(chosen)


def _offered(accounts: Sequence[Capabilities]) -> list[Action]:
    """What at least one of the accounts can do, in the form's order."""
    able = {
        Action.INSTALL_PATCHES: any(can.install for can in accounts),
        Action.SCAN_PATCHES: any(can.scan for can in accounts),
        Action.RESTART_DEVICES: any(can.reboot for can in accounts),
    }
    return [action for action, can in able.items() if can]


def _is_restart(action: Action) -> bool:
    return action is Action.RESTART_DEVICES


def _worth_patching(devices: list[DeviceVerdict]) -> list[DeviceVerdict]:
    return [
        d for d in devices if d.overdue is Fact.YES and d.online is Fact.YES and not d.protected
    ]
