"""An exemption: a recorded exception from "everybody signs in with MFA"."""

from dataclasses import dataclass
from datetime import date, datetime

from core.domain.clients import ClientKey
from core.domain.people import PersonKey
from core.domain.remediation import RequestId


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Who, why, until when, approved by whom."""

    client: ClientKey
    user_id: str
    #: The account as its request named it: "Ann Lee (ann@acme.example)".
    name: str
    reason: str
    #: The last day it holds, by the client's calendar.
    until: date
    since: datetime
    #: The request that was approved for it.
    request: RequestId
    asked_by: PersonKey
    asked_by_name: str
    approved_by: tuple[PersonKey, ...]
    approved_by_names: tuple[str, ...]

    def holds_on(self, day: date) -> bool:
        return day <= self.until


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """For one person who wanted it: these exemptions of one request end soon. `key` names it for once and all."""

    key: str
    to: PersonKey
    client_name: str
    exemptions: tuple[Exemption, ...]
