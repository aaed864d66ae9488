"""What the doctor says of the webhooks' secrets: each provider's by what it asks of one, and never the secret."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.toolbox import Toolbox
from cli.doctor import _hooks
from cli.examination import Finding
from config.settings import load_settings

WHSEC = "whsec_xUmwgoNAdAqoiJGs90pdBiux0ULvfsOTovXGLJaMMgA="
PLAIN = "a-fictitious-secret-of-some-length"


def found(**secrets: Any) -> list[Finding]:
    """The findings on these secrets."""
    settings = load_settings(hook_secrets=secrets)
    return list(_hooks(cast("Toolbox", SimpleNamespace(settings=settings))))


def said(**secrets: Any) -> list[tuple[str, str]]:
    return [(one.what, one.said) for one in found(**secrets)]


def test_strong_secrets_of_every_provider_are_not_mentioned() -> None:
    strong = {
        "standard": WHSEC,
        "alliance-2021/google-forms": [WHSEC, WHSEC],
        "typeform": PLAIN,
        "alliance-2021/tally": PLAIN,
        "jotform": PLAIN,
        "ms-forms": [PLAIN, PLAIN],
        "postmark": PLAIN,
        "mailgun": [PLAIN],
    }
    assert found(**strong) == []


@pytest.mark.parametrize("name", ["standard", "google-forms", "alliance-2021/standard"])
@pytest.mark.parametrize("secret", [PLAIN, "whsec_c2hvcnQ=", "whsec_é", "", []])
def test_a_standard_webhooks_secret_has_24_bytes(name: str, secret: Any) -> None:
    assert said(**{name: secret}) == [(f"webhook {name}", "the secret is no whsec_ with 24 bytes or more")]


@pytest.mark.parametrize("name", ["typeform", "tally", "jotform", "alliance-2021/ms-forms"])
def test_other_secrets_have_20_characters(name: str) -> None:
    weak = (f"webhook {name}", "the secret has less than 20 characters")
    assert said(**{name: ["x" * 19, PLAIN, ""]}) == [weak]


@pytest.mark.parametrize(
    "secret", ["ein-Geheimnis-für-lange-Zeit", " a-secret-with-a-blank-before-it", "line\nends-in-the-middle"]
)
def test_a_secret_that_does_not_arrive_as_it_is_written_is_named(secret: str) -> None:
    assert said(typeform=secret) == [
        ("webhook typeform", "the secret has characters that do not arrive as they are written")
    ]


def test_a_secret_in_an_address_needs_no_escaping() -> None:
    secret = "with+signs/that&addresses=escape"
    assert said(typeform=secret) == []
    assert said(jotform=secret) == [
        ("webhook jotform", "the secret has characters that do not arrive as they are written")
    ]


@pytest.mark.parametrize("name", ["typeforms", "alliance-2021", "typeform/alliance-2021"])
def test_a_provider_that_is_not_known_is_named(name: str) -> None:
    assert found(**{name: PLAIN}) == [
        Finding(f"webhook {name}", "wrong", "no provider has this name",
                "write standard, google-forms, typeform, tally, jotform, ms-forms, postmark, mailgun"),
    ]  # fmt: skip


def test_no_secret_at_all_is_a_note() -> None:
    assert [one.state for one in found()] == ["note"]


def test_a_secret_is_never_repeated() -> None:
    assert "too-short" not in repr(found(typeform="too-short", standard="too-short", nothing="too-short"))
