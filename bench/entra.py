"""Reading tenants: calls beside the fewest possible, speed beside a loop over users, and many tenants at once."""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.rig.entra_rows import floor, lost
from bench.rig.loop import Loop
from bench.rig.memory import peak_rss_mb
from bench.rig.process import Beside, sandbox
from bench.rig.product import CLOCK, Product, product
from core.domain.facts import Fact
from core.domain.findings import Requirement
from core.domain.identity import DirectoryReading, UserId
from core.rules.mfa_gaps import judge_mfa

IN_FLIGHT = 16


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What is measured. `pause_s` lets a tenant's throttles run empty between two reads of it."""

    users: int = 2000
    latency_s: float = 0.05
    reads: int = 5
    pause_s: float = 10.5
    tenants: int = 200
    users_each: int = 50
    fleet_latency_s: float = 0.15


QUICK = Sizes(
    users=60, latency_s=0.01, reads=1, pause_s=1.2, tenants=5, users_each=20, fleet_latency_s=0.01
)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What reading some tenants once took. A batch is one request, its items are counted apart."""

    tenants: int
    seconds: float
    floor: int
    requests: int
    items: int
    login: int
    throttled: int
    lost: int

    @property
    def above_floor(self) -> float:
        """Requests per tenant."""
        return (self.requests - self.floor) / self.tenants


@dataclass(frozen=True, kw_only=True)
class Race:
    """One tenant read first, then as it is read mostly (last sign-ins are kept for hours), and by the loop."""

    first: Scenario
    usual: Scenario
    loop_seconds: float
    loop_calls: int


def _noted(
    beside: Beside, made: Product, seconds: float, *, with_sign_ins: bool = False
) -> Scenario:
    """The scenario that was just read."""
    truths = beside.truth()["tenants"]
    pairs = [(truths[reading.tenant_id], reading) for reading in made.readings.values()]
    graph, batch, login = map(beside.traffic, ("graph", "graph-batch", "login"))
    return Scenario(
        tenants=len(pairs),
        seconds=seconds,
        floor=sum(floor(*pair, with_sign_ins=with_sign_ins) for pair in pairs),
        requests=graph.requests,
        items=batch.requests,
        login=login.requests,
        throttled=graph.throttled + batch.throttled + login.throttled,
        lost=sum(lost(*pair) for pair in pairs),
    )


def _read_one(beside: Beside, made: Product, *, with_sign_ins: bool = False) -> Scenario:
    beside.forget_traffic()
    (client,) = made.clients
    started = time.perf_counter()
    made.read(client)
    seconds = time.perf_counter() - started
    return _noted(beside, made, seconds, with_sign_ins=with_sign_ins)


def one_tenant(beside: Beside, sizes: Sizes) -> tuple[Scenario, Scenario, DirectoryReading]:
    """The first read, signing in included, and the median of those that follow."""
    with product(beside, in_flight=IN_FLIGHT) as made:
        (client,) = made.clients
        beside.slow_down(sizes.latency_s, "graph")
        first = _read_one(beside, made, with_sign_ins=True)
        later = []
        for _ in range(sizes.reads):
            time.sleep(sizes.pause_s)
            later.append(_read_one(beside, made))
        usual = sorted(later, key=lambda scenario: scenario.seconds)[len(later) // 2]
        return first, usual, made.readings[client.key]


def many_tenants(sizes: Sizes) -> Scenario:
    """The scan after a start: nobody is signed in anywhere."""
    with (
        sandbox("many", str(sizes.tenants), str(sizes.users_each)) as beside,
        product(beside, in_flight=IN_FLIGHT) as made,
        TemporaryDirectory() as folder,
    ):
        beside.slow_down(sizes.fleet_latency_s, "graph", "login")
        started = time.perf_counter()
        made.scan(Path(folder))
        return _noted(beside, made, time.perf_counter() - started, with_sign_ins=True)


def by_loop(beside: Beside) -> tuple[DirectoryReading, float, int]:
    """The reading, its seconds, its calls."""
    configuration = beside.configuration()
    (client,) = configuration.clients
    loop = Loop(
        settings=configuration.settings.entra,
        tenant_id=client.tenant_id or "",
        client_secret=beside.truth()["read_secret"],
    )
    reading, seconds = loop.read(CLOCK.now())
    return reading, seconds, loop.calls


Answer = Mapping[UserId, tuple[Fact, Requirement, Fact]]


def answer(beside: Beside, reading: DirectoryReading) -> Answer:
    """Who is a gap, what is demanded of them, and whether they could satisfy it."""
    configuration = beside.configuration()
    (client,) = configuration.clients
    section = judge_mfa(reading, client, configuration.policy.mfa, now=CLOCK.now())
    return {v.user_id: (v.gap, v.requirement, v.capable) for v in section.verdicts}


def race(beside: Beside, first: Scenario, usual: Scenario, reading: DirectoryReading) -> Race:
    """Have the loop read the same tenant. Its answer must be the same."""
    looped, seconds, calls = by_loop(beside)
    if answer(beside, looped) != answer(beside, reading):
        raise SystemExit("the loop came to another answer")
    return Race(first=first, usual=usual, loop_seconds=seconds, loop_calls=calls)


def figures(run: Race, fleet: Scenario, sizes: Sizes, rss_mb: float) -> dict[str, float]:
    """What `--json` prints; calls per tenant are those of the scenario further above its floor."""
    everything = (run.first, run.usual, fleet)
    worse = max(run.usual, fleet, key=lambda scenario: scenario.above_floor)
    asked = sum(s.requests + s.login + s.items for s in everything)
    ideal = (fleet.requests + fleet.login) * sizes.fleet_latency_s / IN_FLIGHT
    return {
        "floor_per_tenant": round(worse.floor / worse.tenants, 2),
        "requests_per_tenant": round(worse.requests / worse.tenants, 2),
        "items_per_tenant": round(worse.items / worse.tenants, 2),
        "login_requests": sum(s.login for s in everything),
        "speedup_vs_sequential": round(run.loop_seconds / run.usual.seconds, 1),
        "fleet_efficiency": round(ideal / fleet.seconds, 3),
        "throttled_share": round(sum(s.throttled for s in everything) / asked, 5),
        "rows_lost": sum(s.lost for s in everything),
        "peak_rss_mb": round(rss_mb, 1),
    }


def show(run: Race, fleet: Scenario, sizes: Sizes, found: Mapping[str, float]) -> None:
    one = f"1 tenant x {sizes.users:,} users, {sizes.latency_s * 1000:.0f} ms"
    many = (
        f"{sizes.tenants} tenants x {sizes.users_each} users, {sizes.fleet_latency_s * 1000:.0f} ms"
    )
    print(
        f"{'':<44} {'seconds':>8} {'requests':>9} {'floor':>7} {'items':>7} {'login':>6} {'429':>4} {'lost':>5}"
    )
    for name, s in (
        (f"{one}: first read", run.first),
        (f"{one}: usual read", run.usual),
        (many, fleet),
    ):
        print(
            f"{name:<44} {s.seconds:8.2f} {s.requests:9,} {s.floor:7,} {s.items:7,} {s.login:6,} {s.throttled:4} {s.lost:5}"
        )
    print(f"{f'{one}: loop over users':<44} {run.loop_seconds:8.2f} {run.loop_calls:9,}")
    first = run.loop_seconds / run.first.seconds
    print(
        f"{found['speedup_vs_sequential']:.0f} x as fast as the loop ({first:.0f} x at the first read, "
        f"median of {sizes.reads} otherwise), same answer"
    )
    print(
        f"{found['fleet_efficiency']:.0%} of what {IN_FLIGHT} requests in flight allow; "
        f"at most {found['peak_rss_mb']:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: the shape, not the figures"
    )
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else Sizes()
    with sandbox("one", str(sizes.users)) as beside:
        first, usual, reading = one_tenant(beside, sizes)
        fleet = many_tenants(sizes)
        rss_mb = peak_rss_mb()  # before the loop: of the product alone
        run = race(beside, first, usual, reading)
    found = figures(run, fleet, sizes, rss_mb)
    if asked.json:
        print(json.dumps(found))
    else:
        show(run, fleet, sizes, found)


if __name__ == "__main__":
    main()
