"""Reading a vendor's fleet in a sandbox of this process, where what the product waits for is over at once."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from unittest.mock import patch

from bench.rig.estates import fleet
from config.load import load
from core.domain.clients import RmmBinding
from core.domain.patching import RmmReading
from integrations.http import Pace
from integrations.rmm.vendor import RmmAccount, Vendor, VendorSettings
from sandbox.app import Options, running
from sandbox.estate.model import RmmVendor
from sandbox.frame.clock import SandboxClock
from sandbox.frame.world import World

#: What the sandbox's configuration sets differently for its own server; measured is what operators get.
_AS_SHIPPED = ("requests_per_five_minutes", "requests_per_minute", "requests_per_second", "rows_of")


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One account at one vendor, connected. Nothing was asked yet."""

    world: World
    account: RmmAccount
    bindings: tuple[RmmBinding, ...]

    def read(self) -> Mapping[str, RmmReading]:
        return self.account.read(self.bindings)


@contextmanager
def connected(vendor: Vendor[Any], devices: int) -> Iterator[Fleet]:
    """An account over so many devices. Both sides count their limits on the sandbox's clock, which waiting moves."""
    grow = fleet(cast("RmmVendor", vendor.key), devices)
    with TemporaryDirectory() as place:
        folder = Path(place)
        options = Options(port=0, clients=1, write_config=folder, grow=grow)
        with running(options) as sandbox:
            configuration, clock = load(folder / "gatehouse.toml"), sandbox.world.clock
            (found,) = (item for item in configuration.rmm if item.vendor is vendor)
            with patch.dict(Pace.__init__.__kwdefaults__ or {}, _leaping(clock)):
                account = vendor.connect(found.name, _as_shipped(found.settings), clock=clock)
            bindings = tuple(b for client in configuration.clients for b in client.rmm)
            yield Fleet(world=sandbox.world, account=account, bindings=bindings)
            account.close()


def _leaping(clock: SandboxClock) -> dict[str, object]:
    lock = threading.Lock()

    def leap(seconds: float) -> None:
        with lock:
            clock.advance(seconds)

    return {"monotonic": clock.timestamp, "sleep": leap}


def _as_shipped(settings: VendorSettings) -> VendorSettings:
    fields = type(settings).model_fields
    shipped = {name: fields[name].default for name in _AS_SHIPPED if name in fields}
    return settings.model_copy(update=shipped)
