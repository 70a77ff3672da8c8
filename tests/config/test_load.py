"""The configuration: everything right, or everything wrong in one list with the key's path."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from config.errors import ConfigurationError
from config.load import Configuration, load
from core.domain.clients import GroupKind
from core.domain.patching import DeviceKind, Severity
from core.domain.people import Role

EXAMPLE = Path(__file__).parents[2] / "config" / "example.toml"
SECRETS = (
    "slack-bot-token", "slack-app-token", "entra-read.pem", "entra-write.pem", "ninja-read",
    "ninja-write", "datto-key", "datto-secret",
)  # fmt: skip

PEM = trustme.CA().issue_cert("gatehouse.example").private_key_and_cert_chain_pem.bytes().decode()

Write = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """The example file with its secrets beside it, after (old, new) replacements."""

    def write(*changes: tuple[str, str]) -> Path:
        folder = tmp_path / "secrets"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in SECRETS:
            secret = folder / name
            secret.write_text(PEM if name.endswith(".pem") else f"the-{name}-itself")
            secret.chmod(0o600)
        text = EXAMPLE.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        file = tmp_path / "gatehouse.toml"
        file.write_text(text)
        return file

    return write


def problems(file: Path) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    return {problem.path: str(problem) for problem in caught.value.problems}


def test_the_example_file_is_a_good_configuration(written: Write) -> None:
    loaded: Configuration = load(written())

    client = loaded.clients[0]
    assert client.rmm[0].vendor == "ninjaone"
    assert client.maintenance_window is not None
    assert client.maintenance_window.days == {5, 6}
    assert loaded.policy.overdue.days[DeviceKind.SERVER][Severity.CRITICAL] == 14
    assert [p.role_for(client.key) for p in loaded.people] == [
        Role.TECHNICIAN,
        Role.OWNER,
        Role.APPROVER,
    ]


def test_all_mistakes_are_told_at_once_with_their_paths(written: Write) -> None:
    found = problems(
        written(
            ('time_zone = "America/New_York"', 'time_zone = "America/Gotham"'),
            ('digest_at = "07:00"', 'digest_at = "7 o\'clock"'),
            ("scan_minutes = 60", "scan_minuets = 60"),
            ('vendor = "datto"', 'vendor = "dato"'),
            ('role = "technician"', 'role = "boss"'),
        )
    )

    assert set(found) == {
        "clients[0].time_zone",
        "clients[0].digest_at",
        "engine.scan_minuets",
        "rmm.datto.vendor",
        "people[0].role",
    }
    assert "IANA" in found["clients[0].time_zone"]
    assert "ninjaone" in found["rmm.datto.vendor"]


def test_a_secret_in_the_file_itself_is_refused(written: Write) -> None:
    found = problems(
        written(
            ('{ file = "secrets/slack-bot-token" }', '"xoxb-inline"'),
            ('{ file = "secrets/datto-secret" }', '"hush"'),
        )
    )

    assert "reference" in found["slack.bot_token"]
    assert "reference" in found["rmm.datto.api_secret"]


def test_a_secret_file_that_others_may_read_is_refused(written: Write, tmp_path: Path) -> None:
    file = written()
    (tmp_path / "secrets" / "ninja-read").chmod(0o644)

    assert "chmod 600" in problems(file)["rmm.ninja.client_secret"]


def test_a_missing_secret_says_which_file_or_variable(
    written: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    file = written(('{ file = "secrets/slack-app-token" }', '{ env = "NO_SUCH_TOKEN" }'))
    (tmp_path / "secrets" / "datto-key").unlink()

    found = problems(file)

    assert "NO_SUCH_TOKEN" in found["slack.app_token"]
    assert "datto-key" in found["rmm.datto.api_key"]


def test_an_empty_secret_file_is_no_secret(written: Write, tmp_path: Path) -> None:
    file = written()
    (tmp_path / "secrets" / "slack-bot-token").write_text("\n")

    assert "is empty" in problems(file)["slack.bot_token"]


def test_a_misspelt_reference_is_shown_how_to_write_one(written: Write) -> None:
    found = problems(
        written(
            ('{ file = "secrets/slack-bot-token" }', '{ fil = "secrets/slack-bot-token" }'),
            ('{ file = "secrets/datto-secret" }', '{ file = "secrets/x", env = "X" }'),
        )
    )

    assert '{ env = "NAME" }' in found["slack.bot_token"]
    assert '{ env = "NAME" }' in found["rmm.datto.api_secret"]


def test_a_credential_that_cannot_be_read_is_not_called_missing_as_well(
    written: Write, tmp_path: Path
) -> None:
    file = written()
    (tmp_path / "secrets" / "entra-read.pem").unlink()

    assert set(problems(file)) == {"entra.read.certificate"}


@pytest.mark.parametrize("text", [None, "not a certificate"])
def test_an_authority_that_cannot_be_read_is_told_before_anything_starts(
    written: Write, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "ca.pem").write_text(text)
    found = problems(written(('vendor = "datto"', 'vendor = "datto"\nca_file = "ca.pem"')))

    assert set(found) == {"rmm.datto.ca_file"}
    assert str(tmp_path / "ca.pem") in found["rmm.datto.ca_file"]


@pytest.mark.parametrize(
    ("change", "path", "sentence"),
    [
        (("poll_seconds = 15", "poll_seconds = 0"), "engine.poll_seconds", "must be at least 0.2."),
        (("audit_days = 400", 'audit_days = "many"'), "engine.audit_days", "must be a number."),
        (('"07:00"', '"7 sharp"'), "clients[0].digest_at", 'must be a time such as "07:30".'),
        (('key = "acme-dental"', 'key = "Acme"'), "clients[0].key", "may only have small letters, digits and hyphens."),
        (("00000000-0000-0000-0000-00000000000b", "our-group"), "clients[0].mfa_group", "must be an id such as 00000000-0000-0000-0000-00000000000a."),
        (('key = "tess"\n', ""), "people[0].key", "is missing. Add it."),
        (("[engine]", "[engine]\nspeed = 3"), "engine.speed", "is no setting of this table. Check its spelling or remove it."),
        (('role = "owner"', 'role = "boss"'), "people[1].role", "must be 'viewer', 'technician', 'approver' or 'owner'."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_words_that_say_what_to_write(
    written: Write, change: tuple[str, str], path: str, sentence: str
) -> None:
    assert problems(written(change)) == {path: f"{path}: {sentence}"}


def test_a_secret_may_come_from_the_environment(
    written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "xoxb-from-environment")
    file = written(('{ file = "secrets/slack-bot-token" }', '{ env = "MY_TOKEN" }'))

    assert load(file).settings.slack.bot_token.get_secret_value() == "xoxb-from-environment"


def test_no_secret_shows_when_a_configuration_is_printed(written: Write) -> None:
    loaded = load(written())

    assert "-itself" not in repr(loaded)
    assert "PRIVATE KEY" not in repr(loaded)
    plain = {f"the-{name}-itself" for name in SECRETS if not name.endswith(".pem")}
    assert plain <= set(loaded.secrets())


def test_the_environment_goes_before_the_file(
    written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEHOUSE_ENGINE__SCAN_MINUTES", "5")

    assert load(written()).settings.engine.scan_minutes == 5


def test_the_write_app_takes_a_certificate_only(written: Write) -> None:
    file = written(
        (
            'certificate = { file = "secrets/entra-write.pem" }',
            'client_secret = { file = "secrets/entra-write.pem" }',
        )
    )

    assert any(path.startswith("entra.write") for path in problems(file))


def test_the_read_app_may_use_a_secret_and_its_owner_is_warned(written: Write) -> None:
    file = written(
        (
            'certificate = { file = "secrets/entra-read.pem" }',
            'client_secret = { file = "secrets/entra-read.pem" }',
        )
    )

    assert any("certificate is safer" in warning for warning in load(file).warnings)


def test_without_a_write_app_the_owner_is_told_it_is_read_only(written: Write) -> None:
    table = EXAMPLE.read_text()
    start = table.index("[entra.write]")
    end = table.index("# One table per RMM account")

    loaded = load(written((table[start:end], "")))

    assert any("cannot be enforced" in warning for warning in loaded.warnings)


def test_retention_below_six_months_is_refused(written: Write) -> None:
    assert "engine.audit_days" in problems(written(("audit_days = 400", "audit_days = 90")))


def test_lowering_protection_may_not_need_fewer_approvals(written: Write) -> None:
    found = problems(written(("approvals_lower = 2 ", "approvals_lower = 1 "), ("approvals_raise = 1 ", "approvals_raise = 2 ")))  # fmt: skip

    assert "approvals_lower" in found["policy.approval"]


def test_the_share_that_goes_first_can_be_set_within_reason(written: Write) -> None:
    loaded = load(written(("canary_percent = 5 ", "canary_percent = 20 ")))
    refused = problems(written(("canary_percent = 5 ", "canary_percent = 0 ")))

    assert loaded.policy.rings.canary_percent == 20
    assert loaded.policy.rings.failure_devices == 2
    assert "policy.rings.canary_percent" in refused


def test_servers_that_are_kept_apart_are_named_with_their_host(written: Write) -> None:
    (acme,) = load(written()).clients
    refused = problems(written(('host = "ACME-HV01"\n', "")))

    controllers, hosting = acme.server_groups
    assert controllers.devices == {"acme-dc01", "acme-dc02"}
    assert (hosting.kind, hosting.host) == (GroupKind.HOST_AND_GUESTS, "acme-hv01")
    assert any("needs a host" in why for why in refused.values()), refused


def test_a_clock_offset_is_refused_where_any_host_is_real(written: Write) -> None:
    found = problems(written(('data_dir = "data"', 'data_dir = "data"\nclock.offset_file = "c"')))

    assert "sandbox" in found["clock"]


def test_clients_that_share_a_channel_share_its_time(written: Write) -> None:
    other = (
        '[[clients]]\nkey = "bravo"\nname = "Bravo"\nchannel = "acme-dental"\n'
        'time_zone = "Europe/London"\ndigest_at = "07:00"\n\n[policy.approval]'
    )

    found = problems(written(("[policy.approval]", other)))

    assert any("share time_zone" in text for text in found.values())


def test_one_account_belongs_to_one_person(written: Write) -> None:
    found = problems(written(('["U0000MAYA"]', '["U0000TESS"]')))

    assert "U0000TESS" in found["people.slack_ids"]


def test_a_binding_needs_its_account(written: Write) -> None:
    found = problems(written(('account = "ninja"', 'account = "nina"')))

    assert "[rmm.nina]" in found["clients.acme-dental.rmm"]


def test_update_scripts_list_by_themselves_only_where_the_file_says_how_often(
    written: Write,
) -> None:
    assert load(written()).list_every == {}
    vendor = 'vendor = "datto"'
    often = load(written((vendor, f"{vendor}\ncomponent_scan_hours = 24")))
    assert often.list_every == {"datto": timedelta(hours=24)}


def test_a_file_that_is_not_toml_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "gatehouse.toml"
    file.write_text("= what")

    assert "is not TOML" in problems(file)[str(file)]
