#!/usr/bin/env python3
"""Gatehouse: the command line, and the one place where settings become adapters, handlers and an engine."""

import asyncio
import getpass
import json
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from slack_bolt import App

from config.errors import ConfigurationError
from config.load import Configuration, load
from core.domain.clients import Client
from core.domain.findings import Offers
from core.domain.remediation import Request, RequestId
from core.errors import GatehouseError, NotFound, Refused
from core.ports import (
    Chat,
    Clock,
    Effector,
    Listings,
    Parallel,
    Post,
    Received,
    Requests,
    ShownSnapshots,
)
from core.usecases.advance_request import AdvanceRequest
from core.usecases.build_digest import BuildDigest
from core.usecases.evidenced_snapshots import EvidencedSnapshots
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.freeze import FreezeSwitch
from core.usecases.keep_exemptions import ExemptionKeeper
from core.usecases.list_updates import ListUpdates
from core.usecases.plan_exemptions import ACCOUNT as EXEMPTIONS
from core.usecases.prove_write import Provable, ProveWrite
from core.usecases.read_evidence import ReadEvidence
from core.usecases.scan import Scanner
from engine.announce import AnnouncedRequests
from engine.cards import CardPump
from engine.clock import OffsetClock, SystemClock
from engine.control import ControlServer, NotRunning, ask
from engine.executor import Executor
from engine.intake import Intake
from engine.life import leave, until_stopped
from engine.parallel import ThreadParallel
from engine.ticker import Ticker
from handlers.cli import checks, output, printing
from handlers.cli.demo import run_demo
from handlers.cli.printing import Format
from handlers.clock.digests import Digests, clients_of
from handlers.clock.evidence import EvidenceReads
from handlers.clock.progress import Progress, wakes
from handlers.clock.reminders import Reminders
from handlers.clock.scans import Scans
from handlers.clock.upkeep import Upkeep
from handlers.console import Console
from handlers.desk import Desk
from handlers.door import Door
from handlers.features import Features
from handlers.refusals import Refusals
from integrations.entra import EntraDirectory
from integrations.entra import connect as connect_entra
from integrations.http import in_background, ssl_context
from integrations.rmm import VENDORS
from integrations.rmm.listings import KeepsListings
from integrations.rmm.locked import LockedAccount, Proven
from integrations.rmm.locked import connect as connect_rmm
from integrations.rmm.vendor import RmmAccount, ScriptSettings
from integrations.slack.chat import SlackChat
from integrations.slack.directory import Workspace
from integrations.slack.inbound import Inbound, parse
from integrations.slack.manifest import manifest as slack_manifest
from integrations.slack.posting import Poster
from integrations.slack.rendering.sentences import refusal
from integrations.slack.socket_mode import SocketIntake
from integrations.slack.web import SlackWeb
from storage import Data, open_data, read_only
from storage.audit_verify import verify as verify_audit

FINE, FINDING, USAGE = 0, 1, 2
DRAIN_SECONDS = 20
DIGEST_SECONDS = 5
UPKEEP_SECONDS = 600
LISTING_SECONDS = 60
#: Reminders and sign-in logs are looked for with every so many looks at running work.
REMINDERS_EVERY = 4
CARD_DAYS = 1
#: The vendors whose install is locked until proven.
UNSURE = tuple(vendor.key for vendor in VENDORS if vendor.unsure is not None)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is read and changed outside, and how many reads go side by side."""

    directory: EntraDirectory
    rmms: Mapping[str, RmmAccount]
    parallel: Parallel

    def offers(self, client: Client) -> Offers:
        """What can be asked for at a client with the credentials and settings there are."""
        rmms = [self.rmms[binding.account].capabilities for binding in client.rmm]
        return Offers(
            enforce_mfa=self.directory.can_write and client.mfa_group is not None,
            per_user_mfa=self.directory.can_write,
            patch=any(can.install or can.scan for can in rmms),
        )

    @property
    def provables(self) -> Mapping[str, Provable]:
        """The accounts whose install is locked until proven, without their locks."""
        return {
            name: Provable(doubt=rmm.doubt, rmm=rmm.real, trial=rmm.trial)
            for name, rmm in self.rmms.items()
            if isinstance(rmm, LockedAccount) and rmm.provable
        }

    @property
    def effectors(self) -> Mapping[str, Effector]:
        return {"entra": self.directory, **self.rmms}

    def close(self) -> None:
        """Close kept connections."""
        self.directory.close()
        for rmm in self.rmms.values():
            rmm.close()


def clock_of(configuration: Configuration) -> Clock:
    file = configuration.clock_file
    return SystemClock() if file is None else OffsetClock(file)


def sources_of(
    configuration: Configuration, clock: Clock, listings: Listings | None = None, *, proven: Proven
) -> Sources:
    """`listings`: where accounts keep what their update scripts list; None outside a running bot."""
    growth, parallel = configuration.policy.approval.growth_percent, ThreadParallel()
    return Sources(
        directory=connect_entra(configuration.settings.entra, clock=clock, parallel=parallel),
        rmms={
            account.name: _with_listings(
                connect_rmm(
                    account.vendor,
                    account.name,
                    account.settings,
                    clock=clock,
                    proven=proven,
                    growth_percent=growth,
                ),
                listings,
            )
            for account in configuration.rmm
        },
        parallel=parallel,
    )


def _with_listings(rmm: RmmAccount, listings: Listings | None) -> RmmAccount:
    if listings is not None and isinstance(rmm, KeepsListings):
        kept: RmmAccount = rmm.keeping(listings)
        return kept
    return rmm


def scans_of(configuration: Configuration, data: Data, sources: Sources, clock: Clock) -> Scans:
    scanner = Scanner(
        clients=configuration.clients,
        directory=sources.directory,
        rmms=sources.rmms,
        snapshots=data.snapshots,
        policy=configuration.policy,
        clock=clock,
        parallel=sources.parallel,
    )
    return Scans(
        clients=configuration.clients,
        scanner=scanner,
        snapshots=shown_snapshots(configuration, data, clock),
        clock=clock,
        every=timedelta(minutes=configuration.settings.engine.scan_minutes),
    )


def shown_snapshots(configuration: Configuration, data: Data, clock: Clock) -> ShownSnapshots:
    return ExemptedSnapshots(
        snapshots=data.snapshots,
        exemptions=data.exemptions,
        clients=configuration.clients,
        clock=clock,
    )


class Bot:
    """The running product."""

    def __init__(self, configuration: Configuration, data: Data, clock: Clock) -> None:
        self.configuration, self.data, self.clock = configuration, data, clock
        self.sources = sources_of(configuration, clock, data.listings, proven=data.proofs.find)
        self.scans = scans_of(configuration, data, self.sources, clock)
        self.executor = Executor()
        self.ticker = Ticker(self.executor)
        self.cards = CardPump(self._show_card)
        self.requests: Requests = AnnouncedRequests(data.requests, self._changed)
        self.evidence = self._evidence()
        self.snapshots = EvidencedSnapshots(
            snapshots=shown_snapshots(configuration, data, clock), evidence=self.evidence.of
        )
        self.refusals = Refusals(audit=data.audit)
        slack = configuration.settings.slack
        self.tls = ssl_context(slack.ca_file)
        self.web = SlackWeb(
            token=slack.bot_token.get_secret_value(), base_url=slack.base_url, context=self.tls
        )
        self.chat = self._chat()
        self.progress = self._progress()
        self.digests = self._digests(self.chat)
        self.socket = self._socket()
        self.console = self._console()

    # Putting together.

    def _evidence(self) -> EvidenceReads:
        read = ReadEvidence(
            directory=self.sources.directory,
            days=self.configuration.policy.mfa.evidence_days,
            clock=self.clock,
        )
        return EvidenceReads(
            clients=self.configuration.clients,
            read=read,
            snapshots=self.data.snapshots,
            is_scanning=self.scans.is_scanning,
            clock=self.clock,
        )

    def _chat(self) -> SlackChat:
        workspace = Workspace(self.web)
        poster = Poster(
            web=self.web,
            outbox=self.data.outbox,
            clock=self.clock,
            lost=self._lost,
        )
        return SlackChat(
            web=self.web,
            workspace=workspace,
            poster=poster,
            people=self.configuration.people,
            clock=self.clock,
            approval_channel=self.configuration.settings.slack.approval_channel.removeprefix("#"),
        )

    def _progress(self) -> Progress:
        keeper = ExemptionKeeper(
            exemptions=self.data.exemptions, requests=self.requests, clock=self.clock
        )
        advance = AdvanceRequest(
            requests=self.requests,
            effectors={**self.sources.effectors, EXEMPTIONS: keeper},
            rmms=self.sources.rmms,
            clients={client.key: client for client in self.configuration.clients},
            switch=self.data.switch,
            policy=self.configuration.policy.approval,
            rings=self.configuration.policy.rings,
            clock=self.clock,
        )
        return Progress(requests=self.requests, advance=advance, executor=self.executor)

    def _digests(self, chat: Chat) -> Digests:
        build = BuildDigest(
            snapshots=self.snapshots,
            requests=self.data.requests,
            slots=self.data.slots,
            switch=self.data.switch,
            audit=self.data.audit,
            clock=self.clock,
            exemptions=self.data.exemptions,
            remind_days=self.configuration.policy.mfa.remind_days,
            offers=self.sources.offers,
            vendor_names={vendor.key: vendor.name for vendor in VENDORS},
        )
        return Digests(
            clients=self.configuration.clients,
            build=build,
            chat=chat,
            slots=self.data.slots,
            snapshots=self.snapshots,
            clock=self.clock,
        )

    def _console(self) -> Console:
        return Console(
            clients=self.configuration.clients,
            scans=self.scans,
            digests=self.digests,
            freeze_switch=FreezeSwitch(switch=self.data.switch, clock=self.clock),
            prove_write=self._prove_write(),
            slots=self.data.slots,
            clock=self.clock,
        )

    def _prove_write(self) -> ProveWrite:
        return ProveWrite(
            provables=self.sources.provables,
            clients=self.configuration.clients,
            snapshots=self.data.snapshots,
            proofs=self.data.proofs,
            switch=self.data.switch,
            audit=self.data.audit,
            clock=self.clock,
            pause=time.sleep,
        )

    def _socket(self) -> SocketIntake:
        slack = self.configuration.settings.slack
        bolt = App(client=self.web.client, token_verification_enabled=False)
        door = Door(
            bolt, clock=self.clock, ours=self._is_ours, turned_away=self.refusals.turned_away
        )
        self._features().register(door)
        self.intake = Intake(
            inbox=self.data.inbox,
            executor=self.executor,
            handlers=door.kinds(),
            apologise=self._apologise,
        )
        door.open(self.intake)
        return SocketIntake(bolt, app_token=slack.app_token.get_secret_value(), context=self.tls)

    def _features(self) -> Features:
        desk = Desk(
            clients=self.configuration.clients,
            people=self.configuration.people,
            chat=self.chat,
            snapshots=self.snapshots,
            requests=self.requests,
            clock=self.clock,
            scan=self.scans.scan,
            refusals=self.refusals,
        )
        return Features(
            desk=desk,
            directory=self.sources.directory,
            rmms=self.sources.rmms,
            requests=self.requests,
            snapshots=self.snapshots,
            drafts=self.data.drafts,
            switch=self.data.switch,
            exemptions=self.data.exemptions,
            evidence=self.evidence.of,
            policy=self.configuration.policy.approval,
            mfa_policy=self.configuration.policy.mfa,
            rings=self.configuration.policy.rings,
            clock=self.clock,
            parallel=self.sources.parallel,
            sockets=lambda: self.socket.sockets,
        )

    # Reacting.

    def _changed(self, request: Request) -> None:
        self.cards.touch(request.id, urgent=request.state.final or not request.state.in_flight)
        if wakes(request):
            self.progress.soon(request.id)
        if request.state.final and request.started_at is not None:
            self._rescan(request)

    def _lost(self, post: Post) -> None:
        self.chat.tell_owners_of_lost(post)

    def _rescan(self, request: Request) -> None:
        """What a request changed shall show in the lists, not only on its card."""
        mine = [c for c in self.configuration.clients if c.key == request.plan.client]
        self.executor.submit(f"rescan:{request.plan.client}", lambda: self.scans.scan(mine))

    def _show_card(self, request_id: str) -> None:
        request = self.data.requests.get(RequestId(request_id))
        if request is not None:
            self.chat.show_request(request)

    def _apologise(self, item: Received, error: GatehouseError) -> None:
        inbound = parse(item.payload)
        self.refusals.note(inbound, item.kind, error)
        self.chat.answer(inbound, refusal(error.sentence))

    def _is_ours(self, inbound: Inbound) -> bool:
        own = self.chat.workspace.own()
        grid = own.get("enterprise_id")
        same_grid = grid is not None and inbound.enterprise_id == grid
        return inbound.team_id == own["team_id"] or same_grid

    # Living.

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what runs by then is drained and everything is on the disk."""
        engine = self.configuration.settings.engine
        control = ControlServer(self.data.path, self.console.words())
        self.ticker.every(engine.poll_seconds, "requests", self.progress.advance_open)
        self.ticker.every(
            min(DIGEST_SECONDS, engine.poll_seconds), "digests", self.digests.post_due
        )
        self.ticker.every(
            engine.poll_seconds * REMINDERS_EVERY, "reminders", self._reminders().tell_due
        )
        self.ticker.every(
            engine.poll_seconds * REMINDERS_EVERY, "evidence", self.evidence.read_next
        )
        self.ticker.every(UPKEEP_SECONDS, "upkeep", self._upkeep().once_a_day)
        self.ticker.every(min(60, engine.scan_minutes * 60), "scans", self.scans.scan_if_due)
        self.ticker.every(LISTING_SECONDS, "listings", in_background(self._listing().__call__))
        self.data.audit.append(
            "started", actor="gatehouse", configuration=self.configuration.fingerprint
        )
        until_stopped(
            starts=(
                self.cards.start,
                self._show_all_cards,
                self.intake.resume,
                self.socket.start,
                control.start,
                self.ticker.start,
                self._first_scan,
            ),
            stops=(
                self.socket.stop,
                self.ticker.stop,
                control.stop,
                lambda: self.executor.drain(DRAIN_SECONDS),
                lambda: self.cards.stop(DRAIN_SECONDS / 4),
                lambda: self.data.audit.append("stopped", actor="gatehouse"),
            ),
        )

    def _first_scan(self) -> None:
        self.executor.submit("first scan", self.scans.scan_if_due)

    def _show_all_cards(self) -> None:
        """Cards are projections: after a restart each is shown as its request now stands."""
        recent = self.clock.now() - timedelta(days=CARD_DAYS)
        for request in (*self.data.requests.open(), *self.data.requests.finished_since(recent)):
            self.cards.touch(request.id, urgent=False)

    def _reminders(self) -> Reminders:
        return Reminders(
            clients=self.configuration.clients,
            exemptions=self.data.exemptions,
            chat=self.chat,
            days=self.configuration.policy.mfa.remind_days,
            clock=self.clock,
        )

    def _listing(self) -> ListUpdates:
        accounts = ((account.name, account.settings) for account in self.configuration.rmm)
        hours = {
            name: settings.component_scan_hours
            for name, settings in accounts
            if isinstance(settings, ScriptSettings) and self.sources.rmms[name].capabilities.scan
        }
        return ListUpdates(
            every={name: timedelta(hours=number) for name, number in hours.items() if number},
            rmms=self.sources.rmms,
            clients=self.configuration.clients,
            snapshots=self.snapshots,
            listings=self.data.listings,
            runs=self.data.script_runs,
            switch=self.data.switch,
            audit=self.data.audit,
            clock=self.clock,
        )

    def _upkeep(self) -> Upkeep:
        days = self.configuration.settings.engine.audit_days
        return Upkeep(audit=self.data.audit, audit_days=days, clock=self.clock)


# The command line.

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Gatehouse finds MFA gaps and overdue patches at an MSP's clients and closes them with two pairs of eyes.",
)
audit_app = typer.Typer(no_args_is_help=True, help="Verify and export the audit log.")
app.add_typer(audit_app, name="audit")

ConfigFile = Annotated[
    Path, typer.Option("--config", help="The configuration file.", envvar="GATEHOUSE_CONFIG")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command(epilog="Example: `python bot.py run --config gatehouse.toml`")
def run(config: ConfigFile) -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    configuration = _configured(config)
    clock = clock_of(configuration)
    with open_data(configuration.data_dir, clock=clock) as data:
        Bot(configuration, data, clock).run()
    leave(FINE)


@app.command(epilog="Example: `python bot.py check --config gatehouse.toml --json`")
def check(config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Validate the configuration, then prove every credential and every binding."""
    configuration = _configured(config)
    clock = clock_of(configuration)
    sources = sources_of(configuration, clock, proven=_proven_in(configuration, clock))
    slack = configuration.settings.slack
    web = SlackWeb(
        token=slack.bot_token.get_secret_value(),
        base_url=slack.base_url,
        context=ssl_context(slack.ca_file),
    )
    check_all = checks.Check(
        clients=configuration.clients,
        approval_channel=slack.approval_channel,
        directory=sources.directory,
        rmms=sources.rmms,
        workspace=Workspace(web),
        clock=clock,
    )
    with closing(sources):
        rows = check_all.rows()
    checks.show(rows, configuration.warnings, as_json=as_json)
    raise typer.Exit(FINE if all(row.fine for row in rows) else FINDING)


@app.command(epilog="Example: `python bot.py scan --config gatehouse.toml`")
def scan(config: ConfigFile) -> None:
    """Read every client now and print the headline numbers as JSON."""
    answer = _hand_over(config, "scan", {})
    output.say_json(answer["clients"])
    not_read = any(client["not_read"] for client in answer["clients"])
    raise typer.Exit(FINDING if not_read else FINE)


@app.command(
    epilog="Example: `python bot.py digest --config gatehouse.toml --channel acme-dental --print`"
)
def digest(
    config: ConfigFile,
    channel: Annotated[str, typer.Option(help="The channel's name.")],
    *,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print it instead of posting it.")
    ] = False,
) -> None:
    """Post today's digest of a channel now, or print it."""
    configuration = _configured(config)
    try:
        clients_of(configuration.clients, channel)
    except Refused as error:
        raise typer.BadParameter(error.sentence, param_hint="--channel") from error
    if only_print:
        clock = clock_of(configuration)
        data = read_only(configuration.data_dir, clock=clock)
        policy = configuration.policy.mfa
        output.say(printing.digest_text(configuration.clients, channel, data, clock, policy))
        return
    output.say_json(_handed(configuration, "digest", {"channel": channel}))


@app.command(
    epilog="Example: `python bot.py prove automate --device ACME-WS-012 --config gatehouse.toml`"
)
def prove(
    config: ConfigFile,
    vendor: Annotated[str, typer.Argument(help=f"One of {', '.join(UNSURE)}.")],
    device: Annotated[str, typer.Option(help="A workstation's name, or its id.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it runs.")] = False,
) -> None:
    """Prove an RMM's install on one workstation, and open its lock if it was seen to hit that one alone."""
    if vendor not in UNSURE:
        raise typer.BadParameter(f"{vendor} has nothing to prove. Known: {', '.join(UNSURE)}.")
    configuration, named = _configured(config), {"vendor": vendor, "device": device}
    output.note(printing.proof_asked(_handed(configuration, "prove.ask", named)))
    if not yes:
        typer.confirm("Run it?", abort=True, err=True)
    by = getpass.getuser()
    answer = _handed(configuration, "prove", {**named, "by": by})
    output.say_json(answer)
    raise typer.Exit(FINE if answer["proven"] else FINDING)


@app.command(epilog='Example: `python bot.py freeze --config gatehouse.toml --why "odd requests"`')
def freeze(
    config: ConfigFile, why: Annotated[str, typer.Option(help="Why, for the record.")] = ""
) -> None:
    """Stop everything at once. Works when Slack is down; unfreezing takes two approvers in chat."""
    output.say_json(_hand_over(config, "freeze", {"why": why}))


@app.command(epilog="Example: `python bot.py manifest > manifest.json`")
def manifest() -> None:
    """Print the Slack app's manifest as JSON."""
    output.say(json.dumps(slack_manifest(), indent=2))


@audit_app.command(epilog="Example: `python bot.py audit verify data/audit --json`")
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="A data or audit folder, or one file.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Use its data folder.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check that no entry was edited, dropped, reordered or cut off. Needs no configuration with PATH."""
    if path is None and config is None:
        raise typer.BadParameter("Give a PATH, or --config FILE.")
    result = verify_audit(path or _configured(config or Path()).data_dir)
    printing.verified(result, as_json=as_json)
    raise typer.Exit(FINE if result.ok else FINDING)


@audit_app.command(
    epilog="Example: `python bot.py audit export --config gatehouse.toml --format csv > audit.csv`"
)
def export(
    config: ConfigFile,
    kind: Annotated[Format, typer.Option("--format", help="csv or jsonl.")] = Format.JSONL,
) -> None:
    """Print the whole audit log."""
    configuration = _configured(config)
    data = read_only(configuration.data_dir, clock=clock_of(configuration))
    printing.exported(data.audit.entries(), kind)


Port = Annotated[int, typer.Option(help="Port of the page; 0 lets the system choose.")]


@app.command(epilog="Example: `python bot.py sandbox --write-config demo`")
def sandbox(
    port: Port = 8080,
    seed: Annotated[int, typer.Option(help="The same seed makes the same estate.")] = 1,
    clients: Annotated[
        int | None,
        typer.Option(min=1, help="How many clients.", show_default="all made by hand"),
    ] = None,
    write_config: Annotated[
        Path | None, typer.Option(help="Folder for gatehouse.toml and all it refers to.")
    ] = None,
    pace: Annotated[float, typer.Option(help="How long simulated work takes; 1 is lifelike.")] = 1,
) -> None:
    """Stand-ins for Slack, Entra and the RMMs, with a page to use them; keeps serving."""
    from sandbox.app import Options, serve

    output.show_log("WARNING")
    options = Options(
        port=port,
        seed=seed,
        clients=clients or Options.clients,
        pace=pace,
        write_config=write_config,
        manifest=slack_manifest(),
    )
    try:
        asyncio.run(serve(options))
    except OSError as error:
        raise GatehouseError(f"The sandbox cannot start: {error.strerror or error}") from error


@app.command(epilog="Example: `python bot.py demo --keep demo`")
def demo(
    port: Port = 8080,
    keep: Annotated[Path | None, typer.Option(help="Keep data in this folder.")] = None,
) -> None:
    """Sandbox and bot together, as two processes; prints one URL to open."""
    raise typer.Exit(run_demo(Path(__file__), port=port, keep=keep))


def _configured(file: Path) -> Configuration:
    configuration = load(file)
    output.show_log(configuration.settings.log_level, configuration.secrets())
    for warning in configuration.warnings:
        output.note(f"Note: {warning}")
    return configuration


def _proven_in(configuration: Configuration, clock: Clock) -> Proven:
    """What the data directory knows to be proven, read beside a running bot."""
    try:
        return read_only(configuration.data_dir, clock=clock).proofs.find
    except NotFound:
        return lambda _: None


def _hand_over(file: Path, word: str, details: Mapping[str, object]) -> Mapping[str, Any]:
    return _handed(_configured(file), word, details)


def _handed(
    configuration: Configuration, word: str, details: Mapping[str, object]
) -> Mapping[str, Any]:
    """Let the running bot do it; where none runs, take its place for a moment."""
    try:
        return ask(configuration.data_dir, word, **details)
    except NotRunning:
        clock = clock_of(configuration)
        with open_data(configuration.data_dir, clock=clock) as data:
            bot = Bot(configuration, data, clock)
            with closing(bot.sources):
                return bot.console.words()[word](details)


def main() -> int:
    """Exit codes: 0 fine, 1 finding or failure, 2 usage or configuration."""
    try:
        app()
    except ConfigurationError as error:
        for problem in error.problems:
            output.note(f"✗ {problem}")
        return USAGE
    except GatehouseError as error:
        output.note(error.sentence)
        return FINDING
    return FINE


if __name__ == "__main__":
    sys.exit(main())
