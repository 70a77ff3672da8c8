"""What a vendor's folder provides, and what an account at a vendor can prove about itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Capabilities
from core.ports import Clock, Rmm, Trial
from integrations.http import Patience


def _https_origin(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be https://host without a path")
    return address.rstrip("/")


#: "https://host[:port]", nothing behind it.
HttpsOrigin = Annotated[str, AfterValidator(_https_origin)]


class VendorSettings(BaseModel):
    """What every vendor's table [rmm.<account>] has. Secrets are SecretStr; their values come by reference."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: HttpsOrigin
    #: PEM file of a certificate authority to trust besides the system's.
    ca_file: Path | None = None


class ScriptSettings(VendorSettings):
    """Of a vendor that only counts: our script lists what is missing.

    `component_scan_hours`: how often Gatehouse runs it by itself to list, on every device that is online;
    without it only when a person's request does. Rows hold for three days, so more would leave gaps.
    """

    component_scan_hours: Annotated[int, Field(ge=4, le=72)] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """One permission of our credentials. `needed` False and `present` YES: more than we need."""

    name: str
    present: Fact
    needed: bool = True
    purpose: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganisationProof:
    """What a binding points at. `name` is None where the vendor knows no such organisation."""

    organisation: str
    name: str | None
    devices: int = 0
    #: The domain most of its devices belong to, lower case; None where none says.
    main_domain: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Something no document promises, told in the vendor's page under the same title.

    Without rows and nothing to look at, Gatehouse takes it either way.
    """

    title: str
    #: How the names of the permissions begin by which `bot.py check` shows it.
    rows: tuple[str, ...] = ()
    #: `bot.py check` shows the lock on installing for it.
    locks: bool = False
    #: Only a person can tell, on the device or in the RMM.
    look: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """Why an account's write is locked, and the sentence that tells how it is opened."""

    why: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountProof:
    """What an account's credentials can see and do. `problem` is a sentence where it could not be reached."""

    account: str
    vendor_name: str
    problem: str | None = None
    remedy: str = ""
    permissions: tuple[Permission, ...] = ()
    organisations: tuple[OrganisationProof, ...] = ()
    #: Installing is set up, and locked until proven.
    lock: Lock | None = None


class RmmAccount(Rmm, Protocol):
    """One account at one vendor: the port, its proof for `bot.py check`, and its end."""

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the vendor the least that proves credentials and bindings. Never raises for the vendor."""

    def close(self) -> None:
        """Close kept connections. They open again when used."""


def bound_organisations(bindings: Sequence[RmmBinding]) -> list[str]:
    """The organisations that bindings point at, each once."""
    return list(dict.fromkeys(binding.organisation for binding in bindings))


S = TypeVar("S", bound=VendorSettings)
S_contra = TypeVar("S_contra", bound=VendorSettings, contravariant=True)


class Connect(Protocol[S_contra]):
    """Makes an account of its settings. Speaks to nobody yet."""

    def __call__(
        self,
        account: str,
        settings: S_contra,
        *,
        clock: Clock,
        growth_percent: int = 25,
        patience: Patience | None = None,
    ) -> RmmAccount:
        """`growth_percent`: how much more than approved an install may take before it is `wider`.

        Raises OSError where `ca_file` cannot be read.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsureWrite(Generic[S_contra]):
    """A vendor's install of which no document says for sure whom it reaches or what it does."""

    #: How an account reads the documents, from its settings; None where they leave that open.
    reading: Callable[[S_contra], str | None]
    #: What a wrong reading could do, in one sentence.
    risk: str
    #: Takes the vendor's own account.
    trial: Callable[[Any], Trial]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor(Generic[S]):
    """An RMM product. `key` is its folder's name and the word `vendor` in the configuration.

    `capabilities` are the most it can; an account without write credentials has less. An `unsure` install
    is locked on each server until it was proven there. `doubts` stand in the vendor's page in this order.
    """

    key: str
    name: str
    capabilities: Capabilities
    settings: type[S]
    connect: Connect[S]
    unsure: UnsureWrite[S] | None = None
    doubts: tuple[Doubt, ...] = ()
