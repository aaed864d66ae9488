"""Settings from the environment: defaults, refusals that name the variable, and secrets that no repr shows."""

from pathlib import Path

import pytest

from config.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(f"CONVENOR_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return str(refused.value)


def test_without_any_variable_there_are_safe_defaults() -> None:
    settings = load_settings()
    assert (settings.database_url, settings.bind) == ("sqlite:///var/convenor.db", "127.0.0.1:8080")
    assert (settings.smtp.host, settings.smtp.port, settings.smtp.security) == ("127.0.0.1", 25, "plain")
    assert (settings.redis_url, settings.clock, settings.keys) == (None, None, Path("var/keys.json"))


def test_a_wrong_value_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, BIND="secret-thing") == "CONVENOR_BIND: must be HOST:PORT, such as 127.0.0.1:8080"


def test_every_wrong_variable_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = refusal(monkeypatch, BIND="x", LOG_LEVEL="loud", DATABASE_URL="mysql://x").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "CONVENOR_DATABASE_URL",
        "CONVENOR_BIND",
        "CONVENOR_LOG_LEVEL",
    ]


def test_a_setting_that_is_not_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, HOOK_SECRETS="{oops") == "CONVENOR_HOOK_SECRETS: is not JSON"


def test_plain_smtp_to_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, SMTP_URL="smtp://mail.example.org").startswith("CONVENOR_SMTP_URL is plain")


def test_plain_smtp_to_another_machine_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENOR_SMTP_URL", "smtp://mail.example.org")
    monkeypatch.setenv("CONVENOR_SMTP_ALLOW_PLAIN", "1")
    assert load_settings().smtp.security == "plain"


def test_passwords_of_the_mail_server_are_decoded_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENOR_SMTP_URL", "smtp+starttls://user:p%40ss@mail.example.org")
    smtp = load_settings().smtp
    assert (smtp.user, smtp.port, smtp.security) == ("user", 587, "starttls")
    assert smtp.password is not None
    assert smtp.password.get_secret_value() == "p@ss"
    assert "p@ss" not in repr(load_settings())


def test_personal_links_need_https_in_public(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "https" in refusal(monkeypatch, PUBLIC_URL="http://convenor.at")


@pytest.mark.parametrize(
    ("public", "accounts", "emulated"),
    [
        ("http://127.0.0.1:8080", "{}", True),
        ("https://convenor.example.org", "{}", True),
        ("https://convenor.at", "{}", False),
        ("http://127.0.0.1:8080", '{"a": {"account_id": "1", "client_id": "2", "client_secret": "3"}}', False),
    ],
)
def test_links_to_this_machine_never_go_to_real_participants(
    monkeypatch: pytest.MonkeyPatch, public: str, accounts: str, *, emulated: bool
) -> None:
    monkeypatch.setenv("CONVENOR_PUBLIC_URL", public)
    monkeypatch.setenv("CONVENOR_ZOOM_ACCOUNTS", accounts)
    assert load_settings().emulates_zoom is emulated


def test_with_a_mail_server_of_the_street_no_link_leads_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENOR_SMTP_URL", "smtps://mail.osce.at")
    assert not load_settings().emulates_zoom


def test_a_conferences_own_secret_goes_before_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "CONVENOR_HOOK_SECRETS", '{"standard": "whsec_a", "alliance-2021/standard": ["whsec_b", "whsec_c"]}'
    )
    settings = load_settings()
    assert settings.secrets_for("alliance-2021", "standard") == ("whsec_b", "whsec_c")
    assert settings.secrets_for("shdm-2022", "standard") == ("whsec_a",)
    assert settings.secrets_for("shdm-2022", "google-forms") == ()
    assert "whsec_a" not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    ["bounces", "@example.org", "Bounces <bounces@example.org>", "bounces+x@example.org", "бюро@example.org",
     "bounces@пример.example.org", f"{'b' * 18}@example.org", "bounces@example.org\r\nRCPT TO:<b@example.org>"],
)  # fmt: skip
def test_an_address_for_bounces_must_leave_room_for_the_letters_name(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    assert refusal(monkeypatch, MAIL_BOUNCES=wrong) == (
        "CONVENOR_MAIL_BOUNCES: must be a bare ASCII address, with 17 letters at most before its @"
    )


def test_bounces_go_to_the_sender_unless_they_have_an_address_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().mail_bounces is None
    monkeypatch.setenv("CONVENOR_MAIL_BOUNCES", "bounces@mail.example.org")
    assert load_settings().mail_bounces == "bounces@mail.example.org"


@pytest.mark.parametrize("which", ["bounces", "answers"])
def test_a_mailbox_is_taken_apart(which: str) -> None:
    written = "imaps://bounces%40mail.example.org:p%40ss%2Fword@imap.example.org/Reports/New"
    found = getattr(load_settings(**{f"{which}_imap_url": written}), f"{which}_imap")
    assert found is not None
    assert found.password.get_secret_value() == "p@ss/word"
    assert found.model_dump(exclude={"password"}) == {
        "host": "imap.example.org", "port": 993, "tls": True, "user": "bounces@mail.example.org",
        "folder": "Reports/New",
    }  # fmt: skip
    assert getattr(load_settings(), f"{which}_imap") is None


@pytest.mark.parametrize(
    "written",
    [
        "imap://user:secret-word@imap.example.org/INBOX", "https://user:secret-word@imap.example.org", "imaps://imap.example.org",
        "imaps://user:secret-word@imap.example.org:x/INBOX", "imaps://user@imap.example.org",
    ],
)  # fmt: skip
@pytest.mark.parametrize("which", ["bounces", "answers"])
def test_a_mailbox_that_cannot_be_is_named_and_its_password_is_not(which: str, written: str) -> None:
    with pytest.raises(SettingsError, match=f"CONVENOR_{which.upper()}_IMAP_URL") as refusal:
        load_settings(**{f"{which}_imap_url": written})
    assert "secret-word" not in str(refusal.value)


def test_an_issuer_takes_a_client_and_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CLIENT_ID and ROLES" in refusal(monkeypatch, ADMIN_OIDC_ISSUER="https://login.example.org/realm/")
    monkeypatch.setenv("CONVENOR_ADMIN_OIDC_CLIENT_ID", "convenor")
    monkeypatch.setenv("CONVENOR_ADMIN_OIDC_ROLES", '{"staff": "viewer", "board": "admin"}')
    settings = load_settings()
    assert settings.admin_oidc_issuer == "https://login.example.org/realm"
    assert list(settings.admin_oidc_roles.items()) == [("staff", "viewer"), ("board", "admin")]


def test_an_issuer_is_asked_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, ADMIN_OIDC_ISSUER="http://login.example.org").startswith("CONVENOR_ADMIN_OIDC_ISSUER:")


def test_a_role_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, ADMIN_OIDC_ROLES='{"staff": "king"}')
    assert said.startswith("CONVENOR_ADMIN_OIDC_ROLES:")
    assert "king" not in said
