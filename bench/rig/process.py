"""A sandbox in another process, and what can be asked of it behind the scenes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import requests

from config.load import Configuration, load

_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What stand-ins were asked. A batch is one request; its items are counted apart."""

    requests: int
    throttled: int

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> Self:
        return cls(
            requests=sum(row["count"] for row in rows),
            throttled=sum(row["by_status"].get("429", 0) for row in rows),
        )


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The sandbox beside us. `folder` holds the configuration to reach it with, and the truth about it."""

    url: str
    folder: Path

    def configuration(self) -> Configuration:
        return load(self.folder / "gatehouse.toml")

    def truth(self) -> Any:
        return json.loads((self.folder / "truth.json").read_text())

    def slow_down(self, seconds: float, *targets: str) -> None:
        """Have every call to the stand-ins take so long."""
        for target in targets:
            fault = {"target": target, "kind": "latency", "seconds": seconds}
            requests.post(f"{self.url}/faults", json=fault, timeout=10).raise_for_status()

    def traffic(self, target: str) -> Traffic:
        answer = requests.get(f"{self.url}/calls", params={"target": target}, timeout=10)
        return Traffic.of(answer.json()["calls"])

    def forget_traffic(self) -> None:
        requests.delete(f"{self.url}/calls", timeout=10).raise_for_status()


@contextmanager
def sandbox(*what: str) -> Iterator[Beside]:
    """Start one over an estate (see bench.rig.serve), and stop it."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.rig.serve", folder, *what]
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            if not line:
                raise SystemExit(f"the sandbox over {' '.join(what)} did not start")
            yield Beside(url=json.loads(line)["url"], folder=Path(folder))
        finally:
            process.terminate()
            process.communicate()
