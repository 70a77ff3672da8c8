"""CSV files: whole, and harmless in a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from integrations.slack.rendering.csv_files import mfa_csv, patch_csv, safe_cell
from tests.rendering import making as make
from tests.rendering.making import HOSTILE


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\u200b=", "\uff1d", "\uff20"]
)
def test_a_cell_cannot_start_a_formula(start: str) -> None:
    assert safe_cell(f"{start}HYPERLINK(1)").startswith("'")


@given(st.text(max_size=300))
def test_a_cell_is_one_line_that_no_spreadsheet_runs(text: str) -> None:
    cell = safe_cell(text)
    assert "\n" not in cell
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_ordinary_cells_stay_as_they_are() -> None:
    assert safe_cell("ann@acmedental.example") == "ann@acmedental.example"
    assert safe_cell("2026-11-23") == "2026-11-23"


def test_an_account_has_its_three_facts_and_the_reasons() -> None:
    [row] = rows(mfa_csv(make.client(), make.snapshot(make.mfa(make.verdict(admin=True)))))
    assert row["account"] == "ann.archer@acmedental.example"
    assert (row["registered"], row["capable"], row["enforced"], row["gap"]) == (
        "no",
        "no",
        "no",
        "yes",
    )
    assert row["admin"] == "yes"
    narrow = make.verdict(admin=True, part_admin=True)
    [row] = rows(mfa_csv(make.client(), make.snapshot(make.mfa(narrow))))
    assert row["admin"] == "of a part"
    assert row["strength"] == "unknown"
    assert "No policy in force" in row["why"]
    assert row["observed at"].startswith("2026-11-23T06:55")


def test_a_device_in_two_rmms_names_both() -> None:
    section = make.patches(make.device("A", also_in=("datto", "beta-ltd")), make.device("B"))
    bound = tuple(
        RmmBinding(account=account, vendor=account, organisation="7")
        for account in ("ninja", "datto")
    )
    found = rows(patch_csv(make.client(rmm=bound), make.snapshot(patches=section)))
    # What another client's account is called is not for this one's file.
    assert [row["in"] for row in found] == ["ninja datto", "ninja"]


def test_a_device_has_a_row_per_missing_line_and_one_where_nothing_is_missing() -> None:
    section = make.patches(
        make.device("A", make.line(), make.line("Edge")),
        make.device("B", overdue=Fact.UNKNOWN),
    )
    found = rows(patch_csv(make.client(), make.snapshot(patches=section)))
    assert [(row["device"], row["product line"]) for row in found] == [
        ("A", "Windows 11 24H2 cumulative"),
        ("A", "Edge"),
        ("B", ""),
    ]
    assert found[0]["age in days"] == "40"
    assert found[2]["overdue"] == "unknown"


def test_vulnerabilities_are_told_whole_or_counted() -> None:
    many = tuple(f"CVE-2026-{n:07}" for n in range(50))
    lines = [make.line(cves=("CVE-2026-2", "CVE-2026-1")), make.line("Edge", cves=many)]
    section = make.patches(make.device("A", *lines, make.line("Zoom")))
    cells = [row["cves"] for row in rows(patch_csv(make.client(), make.snapshot(patches=section)))]
    assert cells == ["CVE-2026-2 CVE-2026-1", " ".join((*many[:40], "+10 more")), ""]


def test_hostile_names_keep_to_their_cells() -> None:
    named = make.snapshot(
        make.mfa(make.verdict(HOSTILE, upn='a",b\n=c')), make.patches(make.device('x","y\n=1+1'))
    )
    [account] = rows(mfa_csv(make.client(), named))
    [device] = rows(patch_csv(make.client(), named))
    assert account["account"] == 'a",b =c'
    assert device["device"] == 'x","y =1+1'
    assert None not in account


def test_a_thousand_devices_all_get_into_the_file() -> None:
    full = make.full_snapshot(1_000, "WS")
    assert len(rows(patch_csv(make.client(), full))) == 3_000
    assert len(rows(mfa_csv(make.client(), full))) == 1_000


def test_a_section_that_was_never_read_gives_a_file_of_headings_only() -> None:
    assert rows(mfa_csv(make.client(), make.snapshot())) == []
    assert rows(patch_csv(make.client(), make.snapshot())) == []
