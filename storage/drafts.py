"""Plans shown in a preview and not yet asked for; they expire by themselves."""

from datetime import datetime

from core.domain.people import PersonKey
from core.domain.remediation import Plan, RequestId
from core.ports import Clock
from storage.codec import decode, encode
from storage.tinydb_storage import Database

TABLE = "drafts"


class DraftTable:
    """A few rows; whoever puts one in sweeps the expired ones out."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._storage = database.storage
        self._rows = database.rows(TABLE)
        self._clock = clock

    def put(self, draft_id: RequestId, plan: Plan, *, owner: PersonKey, until: datetime) -> None:
        """Keep a plan for its owner, under the id its request will have."""
        row = {"plan": encode(plan), "owner": owner, "until": encode(until)}
        now = self._clock.now()
        with self._storage.transaction():
            expired = [str(r.doc_id) for r in self._rows if decode(datetime, r["until"]) <= now]
            self._rows.drop(*expired)
            self._rows.put(draft_id, row)

    def get(self, draft_id: RequestId, *, owner: PersonKey, now: datetime) -> Plan | None:
        """The plan; None where it expired or is someone else's."""
        row = self._rows.raw().get(draft_id)
        if row is None or row["owner"] != owner or decode(datetime, row["until"]) <= now:
            return None
        return decode(Plan, row["plan"])
