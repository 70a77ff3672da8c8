"""The endpoints of companies, by version 2 of the API where it takes any word of ours for a company, else by version 1."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import VendorNotFound, VendorRefused
from integrations.rmm.asio import mapping
from integrations.rmm.asio.api import AT_ONCE, AsioApi
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row


@dataclass(frozen=True, kw_only=True)
class Devices:
    """Reads endpoints as rows that name their company, themselves and their system. Everything raises VendorError."""

    api: AsioApi

    def rows(self, companies: Sequence[str]) -> list[Row]:
        if self.api.resource_type == "v1":
            return self._by_v1(companies)
        try:
            return self.api.endpoints(companies)
        except VendorRefused:
            return self._by_v1(companies)

    def beats(self, companies: Sequence[str]) -> dict[str, Row]:
        """The heartbeats of companies' endpoints, by endpoint."""
        found = self.api.heartbeats(companies)
        return {mapping.endpoint_id(self.api.source, beat): beat for beat in found}

    def _by_v1(self, companies: Sequence[str]) -> list[Row]:
        """A list for each company, and then each endpoint by itself for its name."""
        listed = {
            mapping.endpoint_id(self.api.source, item): {**item, "companyID": company}
            for company in companies
            for item in self.api.endpoints_v1(company)
        }
        asked = ask_each(listed, self.api.endpoint_v1, at_once=AT_ONCE)
        for failure in asked.failed.values():
            # One that was deleted since it was listed is no failure.
            if not isinstance(failure, VendorNotFound):
                raise failure
        return [{**asked.found[key], **row} for key, row in listed.items() if key in asked.found]
