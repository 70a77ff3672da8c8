"""Syncro's API v1, as JSON rows: customers, assets and their patches, page by page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import MalformedAnswer, VendorAuthError, VendorForbidden, VendorNotFound
from integrations.http import Http
from integrations.rmm.rows import Row, count, row, rows

_MAX_PAGES = 10_000
#: Assets asked about side by side; the limit of requests is the true bound.
AT_ONCE = 4

_KEY_REMEDY = (
    "Check api_token (the secret that Admin > API Tokens showed once; it may have been revoked) and base_url "
    "(the account's own address)."
)
_ALL_ASSETS = "api/v1/customer_assets"


@dataclass(frozen=True, kw_only=True)
class SyncroApi:
    """Speaks to one Syncro account with one token. Everything raises VendorError."""

    http: Http

    @property
    def source(self) -> str:
        return self.http.source

    def customers(self) -> list[Row]:
        pages = self._pages("api/v1/customers", "meta", {})
        return [
            item for page in pages for item in rows(self.source, page.get("customers"), "customers")
        ]

    def assets(self, customer: str) -> list[Row]:
        """All assets of one customer, those without an agent too."""
        pages = self._pages(_ALL_ASSETS, "meta", {"customer_id": customer})
        return [item for page in pages for item in rows(self.source, page.get("assets"), "assets")]

    def asset(self, asset_id: str) -> Row | None:
        """One asset; None where there is none."""
        try:
            answer = self._get(f"{_ALL_ASSETS}/{asset_id}", {})
        except VendorNotFound:
            return None
        return row(self.source, row(self.source, answer, "answer").get("asset"), "asset")

    def patches(self, asset_id: str) -> list[Row]:
        """What is available to and was lately installed on one asset.

        Available ones come in pages. How a further page is asked for is not described: as everywhere else.
        """
        found: list[Row] = []
        path = f"{_ALL_ASSETS}/{asset_id}/patches"
        for page in self._pages(path, "available_patches_meta", {}):
            if not found:
                found += rows(self.source, page.get("installed_patches"), "installed patches")
            found += rows(self.source, page.get("available_patches"), "available patches")
        return found

    def is_admin(self) -> bool | None:
        """Whether the token's user is an administrator, which is more than we need; None where it is not told."""
        try:
            answer = self._get("api/v1/me", {})
        except (VendorForbidden, VendorNotFound):
            return None
        told = row(self.source, answer, "user").get("admin")
        return told if isinstance(told, bool) else None

    def _pages(self, path: str, meta: str, params: Mapping[str, str]) -> Iterator[Row]:
        """Page after page, to the number of the last one as each page tells it."""
        for number in range(1, _MAX_PAGES):
            asked = params if number == 1 else {**params, "page": str(number)}
            page = row(self.source, self._get(path, asked), "page")
            yield page
            told = page.get(meta)
            last = count(told.get("total_pages")) if isinstance(told, dict) else None
            if last is None:
                raise MalformedAnswer(self.source, "A list does not say how many pages it has.")
            if number >= last:
                return
        raise MalformedAnswer(self.source, "A list does not end.")

    def _get(self, path: str, params: Mapping[str, str]) -> object:
        with _token_named():
            answer: object = self.http.get_json(path, params=params)
            return answer


@contextmanager
def _token_named() -> Iterator[None]:
    try:
        yield
    except VendorAuthError as failure:
        raise VendorAuthError(
            failure.source,
            failure.reason,
            remedy=_KEY_REMEDY,
            status=failure.status,
            code=failure.code,
        ) from failure
