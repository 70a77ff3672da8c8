"""The product's own parts, put together for measuring: a directory, a scanner, and nothing of the chat."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from bench.rig.process import Beside
from config.load import Configuration
from core.domain.clients import Client, ClientKey
from core.domain.identity import DirectoryReading
from core.ports import Directory
from core.usecases.scan import Scanner
from engine.clock import SystemClock
from engine.parallel import ThreadParallel
from integrations.entra import EntraDirectory, connect
from storage import open_data

CLOCK = SystemClock()


@dataclass(kw_only=True)
class Product:
    """Reads tenants, and keeps what it read last of each."""

    configuration: Configuration
    directory: EntraDirectory
    lanes: ThreadParallel
    readings: dict[ClientKey, DirectoryReading] = field(default_factory=dict)

    @property
    def clients(self) -> list[Client]:
        """All clients, without their devices."""
        return [replace(client, rmm=()) for client in self.configuration.clients]

    def read(self, client: Client) -> DirectoryReading:
        self.readings[client.key] = reading = self.directory.read(client)
        return reading

    def scan(self, folder: Path) -> None:
        """Read, judge and store every client."""
        with open_data(folder, clock=CLOCK) as data:
            scanner = Scanner(
                clients=self.clients,
                directory=cast("Directory", self),
                rmms={},
                snapshots=data.snapshots,
                policy=self.configuration.policy,
                clock=CLOCK,
                parallel=self.lanes,
            )
            scanner.scan(self.clients)


@contextmanager
def product(beside: Beside, *, in_flight: int) -> Iterator[Product]:
    """Connected to the sandbox, with at most so many requests under way."""
    configuration, lanes = beside.configuration(), ThreadParallel(in_flight)
    directory = connect(configuration.settings.entra, clock=CLOCK, parallel=lanes)
    yield Product(configuration=configuration, directory=directory, lanes=lanes)
    directory.close()
