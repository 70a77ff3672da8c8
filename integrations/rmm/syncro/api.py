"""Syncro's API v1, as JSON rows: customers, assets and their patches, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.errors import MalformedAnswer, VendorForbidden, VendorNotFound
from integrations.http import Http
from integrations.rmm.refused_key import key_named
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
        return self._all("api/v1/customers", "customers", {})

    def assets(self, customer: str) -> list[Row]:
        """All assets of one customer, those without an agent too."""
        return self._all(_ALL_ASSETS, "assets", {"customer_id": customer})

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
        path = f"{_ALL_ASSETS}/{asset_id}/patches"
        pages = list(self._pages(path, "available_patches_meta", {}))
        available = [
            item
            for page in pages
            for item in rows(self.source, page.get("available_patches"), "available patches")
        ]
        self._check_whole(len(available), pages[-1].get("available_patches_meta"), "patches")
        installed = rows(self.source, pages[0].get("installed_patches"), "installed patches")
        return [*installed, *available]

    def is_admin(self) -> bool | None:
        """Whether the token's user is an administrator, which is more than we need; None where it is not told."""
        try:
            answer = self._get("api/v1/me", {})
        except (VendorForbidden, VendorNotFound):
            return None
        told = row(self.source, answer, "user").get("admin")
        return told if isinstance(told, bool) else None

    def _all(self, path: str, field: str, params: Mapping[str, str]) -> list[Row]:
        pages = list(self._pages(path, "meta", params))
        found = [item for page in pages for item in rows(self.source, page.get(field), field)]
        # Rows that came or went meanwhile shift the rest: one seen twice stands for one not seen.
        self._check_whole(len({item.get("id") for item in found}), pages[-1].get("meta"), field)
        return found

    def _check_whole(self, found: int, meta: object, what: str) -> None:
        total = count(meta.get("total_entries")) if isinstance(meta, dict) else None
        if total is not None and found < total:
            raise MalformedAnswer(self.source, f"Only {found} of {total} {what} were delivered.")

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
        with key_named(_KEY_REMEDY):
            answer: object = self.http.get_json(path, params=params)
            return answer
