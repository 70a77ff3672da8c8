"""What was decided about updates. At Action1 that holds for an organisation, never for one device alone."""

from sandbox.estate.model import Company, Update
from sandbox.rmm.installs import MISSING

_WORDS = {"approved": "Approved", "failed": "Approved", "pending": "New", "rejected": "Declined"}


def agree(company: Company) -> None:
    """Let the devices of a company agree on every update they miss: one approval approves it for all."""
    for device in company.devices:
        for update in device.updates:
            if update.state in ("pending", "rejected"):
                update.state = _decision(company, update)  # type: ignore[assignment]


def approval(company: Company, update: Update) -> str:
    return _WORDS[_decision(company, update)]


def _decision(company: Company, update: Update) -> str:
    states = {
        other.state
        for device in company.devices
        for other in device.updates
        if other.id == update.id and other.state in MISSING
    }
    if states & {"approved", "failed"}:
        return "approved"
    return "rejected" if "rejected" in states else "pending"
