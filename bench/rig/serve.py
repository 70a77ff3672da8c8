"""The sandbox over a measured estate, in a process of its own: `python -m bench.rig.serve FOLDER one 2000`."""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from bench.rig.estates import Grow, many_tenants, one_tenant
from bench.rig.truth import truth_of
from sandbox.app import Options, Sandbox, announce_on_stdout, serve

SEED = 1


def options(folder: Path, what: str, *rest: str) -> Options:
    """`one USERS` or `many TENANTS USERS`."""
    match what, *rest:
        case "one", users:
            return _options(folder, 1, one_tenant(int(users)))
        case "many", tenants, users:
            return _options(folder, int(tenants), many_tenants(int(users)))
        case _:
            raise SystemExit(f"there is no estate {what} {' '.join(rest)}")


def _options(folder: Path, clients: int, grow: Grow) -> Options:
    return Options(port=0, seed=SEED, clients=clients, write_config=folder, grow=grow)


def announce(folder: Path, sandbox: Sandbox) -> None:
    """What the estate holds is written first, for comparison with what was read."""
    (folder / "truth.json").write_text(json.dumps(truth_of(sandbox.world)))
    announce_on_stdout(sandbox)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    asyncio.run(serve(options(place, *sys.argv[2:]), partial(announce, place)))
