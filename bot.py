#!/usr/bin/env python3
"""Gatehouse: the command line, and the one place where settings become adapters, handlers and an engine."""

import asyncio
import getpass
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from config.errors import ConfigurationError
from config.load import Configuration, load
from core.domain.remediation import Request
from core.errors import GatehouseError, Refused
from core.ports import Clock, Listings, Post, Requests, Switch
from engine.announce import AnnouncedRequests, AnnouncedSwitch
from engine.clock import OffsetClock, SystemClock
from engine.control import ControlServer, NotRunning, ask
from engine.executor import Executor
from engine.life import leave, until_stopped
from engine.parallel import ThreadParallel
from engine.ticker import Ticker
from handlers.cli import checks, output, printing
from handlers.cli.demo import run_demo
from handlers.cli.printing import Format
from handlers.clock.clockwork import Clockwork
from handlers.clock.digests import clients_of
from handlers.console import Console
from handlers.front import Front
from handlers.reactions import Reactions
from handlers.sources import Sources
from integrations.entra import connect as connect_entra
from integrations.http import ssl_context
from integrations.rmm import VENDORS
from integrations.rmm.listings import NoListings, keeping
from integrations.rmm.locked import Proven
from integrations.rmm.locked import connect as connect_rmm
from integrations.slack.chat import SlackChat
from integrations.slack.directory import Workspace
from integrations.slack.manifest import manifest as slack_manifest
from integrations.slack.posting import Poster
from integrations.slack.web import SlackWeb
from storage import Data, open_data, read_only
from storage.audit_verify import verify as verify_audit

FINE, FINDING, USAGE = 0, 1, 2
DRAIN_SECONDS = 20
#: The vendors whose install is locked until proven.
UNSURE = tuple(vendor.key for vendor in VENDORS if vendor.unsure is not None)


def clock_of(configuration: Configuration) -> Clock:
    file = configuration.clock_file
    return SystemClock() if file is None else OffsetClock(file)


def sources_of(
    configuration: Configuration, clock: Clock, *, proven: Proven, listings: Listings
) -> Sources:
    """`listings`: where accounts keep what their update scripts list."""
    growth, parallel = configuration.policy.approval.growth_percent, ThreadParallel()
    made = {
        account.name: connect_rmm(
            account.vendor,
            account.name,
            account.settings,
            clock=clock,
            proven=proven,
            growth_percent=growth,
        )
        for account in configuration.rmm
    }
    return Sources(
        directory=connect_entra(configuration.settings.entra, clock=clock, parallel=parallel),
        rmms={name: keeping(rmm, listings) for name, rmm in made.items()},
        parallel=parallel,
    )


def slack_web(configuration: Configuration) -> SlackWeb:
    slack = configuration.settings.slack
    return SlackWeb(
        token=slack.bot_token.get_secret_value(),
        base_url=slack.base_url,
        context=ssl_context(slack.ca_file),
    )


class Bot:
    """The running product."""

    def __init__(self, configuration: Configuration, data: Data, clock: Clock) -> None:
        self.configuration, self.data, self.clock = configuration, data, clock
        self.sources = sources_of(
            configuration, clock, proven=data.proofs.find, listings=data.listings
        )
        self.executor = Executor()
        self.requests: Requests = AnnouncedRequests(data.requests, self._changed)
        self.switch: Switch = AnnouncedSwitch(data.switch, self._turned)
        self.web = slack_web(configuration)
        self.chat = self._chat()
        self.clockwork = self._clockwork()
        self.reactions = self._reactions()
        self.front = self._front()
        self.console = self._console()

    def _changed(self, request: Request) -> None:
        self.reactions.changed(request)

    def _turned(self) -> None:
        self.reactions.turned()

    def _lost(self, post: Post) -> None:
        self.chat.tell_owners_of_lost(post)

    # Putting together.

    def _chat(self) -> SlackChat:
        poster = Poster(web=self.web, outbox=self.data.outbox, clock=self.clock, lost=self._lost)
        return SlackChat(
            web=self.web,
            workspace=Workspace(self.web),
            poster=poster,
            people=self.configuration.people,
            clock=self.clock,
            approval_channel=self.configuration.settings.slack.approval_channel.removeprefix("#"),
            frozen=self.switch.frozen,
        )

    def _clockwork(self) -> Clockwork:
        engine = self.configuration.settings.engine
        return Clockwork(
            clients=self.configuration.clients,
            policy=self.configuration.policy,
            sources=self.sources,
            data=self.data,
            requests=self.requests,
            chat=self.chat,
            executor=self.executor,
            clock=self.clock,
            scan_every=timedelta(minutes=engine.scan_minutes),
            poll_seconds=engine.poll_seconds,
            audit_days=engine.audit_days,
            list_every=self.configuration.list_every,
        )

    def _reactions(self) -> Reactions:
        return Reactions(
            clients=self.configuration.clients,
            requests=self.data.requests,
            switch=self.data.switch,
            chat=self.chat,
            progress=self.clockwork.progress,
            scans=self.clockwork.scans,
            executor=self.executor,
            clock=self.clock,
        )

    def _console(self) -> Console:
        return Console(
            clients=self.configuration.clients,
            clockwork=self.clockwork,
            sources=self.sources,
            data=self.data,
            switch=self.switch,
            clock=self.clock,
        )

    def _front(self) -> Front:
        slack = self.configuration.settings.slack
        return Front(
            clients=self.configuration.clients,
            people=self.configuration.people,
            policy=self.configuration.policy,
            sources=self.sources,
            data=self.data,
            requests=self.requests,
            switch=self.switch,
            clockwork=self.clockwork,
            chat=self.chat,
            web=self.web,
            app_token=slack.app_token.get_secret_value(),
            tls=ssl_context(slack.ca_file),
            executor=self.executor,
            clock=self.clock,
        )

    # Living.

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what runs by then is drained and everything is on the disk."""
        control = ControlServer(self.data.path, self.console.words())
        ticker, cards = Ticker(self.executor), self.reactions.cards
        intake, socket = self.front.intake, self.front.socket
        self.clockwork.register(ticker)
        self.data.audit.append(
            "started", actor="gatehouse", configuration=self.configuration.fingerprint
        )
        until_stopped(
            starts=(
                cards.start,
                self.reactions.show_all,
                intake.resume,
                socket.start,
                control.start,
                ticker.start,
                self.clockwork.begin,
            ),
            stops=(
                socket.stop,
                ticker.stop,
                control.stop,
                lambda: self.executor.drain(DRAIN_SECONDS),
                lambda: cards.stop(DRAIN_SECONDS / 4),
                lambda: self.data.audit.append("stopped", actor="gatehouse"),
            ),
        )


# The command line.

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
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
    proven = checks.proven_in(configuration.data_dir, clock)
    sources = sources_of(configuration, clock, proven=proven, listings=NoListings())
    check_all = checks.Check(
        clients=configuration.clients,
        approval_channel=configuration.settings.slack.approval_channel,
        directory=sources.directory,
        rmms=sources.rmms,
        workspace=Workspace(slack_web(configuration)),
        clock=clock,
    )
    with closing(sources):
        rows = check_all.rows()
    checks.show(rows, configuration.warnings, as_json=as_json)
    raise typer.Exit(FINE if all(row.fine for row in rows) else FINDING)


@app.command(epilog="Example: `python bot.py scan --config gatehouse.toml`")
def scan(config: ConfigFile) -> None:
    """Read every client now and print the headline numbers as JSON."""
    answer = _handed(_configured(config), "scan", {})
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
    output.say_json(_handed(_configured(config), "freeze", {"why": why}))


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


Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port of the page; 0 lets the system choose.")
]


@app.command(epilog="Example: `python bot.py sandbox --write-config demo`")
def sandbox(
    *,
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
    leeway: Annotated[
        float, typer.Option(help="How many times Slack's three seconds the bot has to answer.")
    ] = 1,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M"], help="When its time begins (UTC).", show_default="now"
        ),
    ] = None,
) -> None:
    """Stand-ins for Slack, Entra and the RMMs, with a page to use them; keeps serving."""
    from sandbox.app import Options, serve

    output.show_log("WARNING")
    options = Options(
        port=port,
        seed=seed,
        clients=clients or Options.clients,
        pace=pace,
        leeway=leeway,
        at=at and at.replace(tzinfo=UTC),
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
        output.note(error.advice)
        return FINDING
    return FINE


if __name__ == "__main__":
    sys.exit(main())
