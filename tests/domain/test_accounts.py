"""Which names and passwords will do."""

import pytest

from domain.accounts import LONGEST, NAME, as_typed, name_elsewhere, weakness


@pytest.mark.parametrize(
    "password",
    ["four invented words together", "correct horse battery staple", "vier unzusammenhängende Wörter",
     "шесть длинных слов",
     "kXq7-Vb2p_Lw9sTz", "これは長い合い言葉であるべきです", "x" * 5 + "four invented words" * 10],
)  # fmt: skip
def test_long_passwords_of_any_signs_will_do(password: str) -> None:
    assert weakness(password, "anna") == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "At least 15"),
        ("fourteen signs", "At least 15"),
        ("five words " * 30, "At most 256"),
        ("four words of anna.k together", "account's name"),
        ("FOUR WORDS OF ANNA.K TOGETHER", "account's name"),
        ("long words about Convenor", "account's name"),
        ("a" * 20, "among the first"),
        ("hunter2hunter2hunter2", "among the first"),
        ("long sentence long sentence ", "among the first"),
        ("123456789012345", "among the first"),
        ("0987654321098765", "among the first"),
        ("qwertyuiopasdfgh", "among the first"),
        ("abcdefghijklmnopqr", "among the first"),
        ("1q2w3e4r5t6y7u8i", "among the first"),
        ("Password123456789!", "among the first"),
        ("passwordpassword", "among the first"),
        ("AdminAdmin2026Secret", "among the first"),
        ("            .    ", "among the first"),
    ],
)
def test_what_somebody_would_try_first_is_refused(password: str, why: str) -> None:
    assert why in weakness(password, "anna.k")


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    assert as_typed("Wo\u0308rter") == as_typed("W\u00f6rter")


def test_the_longest_password_is_some_hundreds_of_signs() -> None:
    sentence = "".join(chr(0x4E00 + one) for one in range(LONGEST))
    assert (weakness(sentence, "anna"), weakness(sentence + "x", "anna")[:7]) == ("", "At most")


@pytest.mark.parametrize(
    "name", ["", "a", "Anna", "anna k", "anna_k", "openid:anna", "adm_1", "<b>", "anna\n", "a" * 41, "1anna"]
)
def test_what_no_account_is_called(name: str) -> None:
    assert NAME.fullmatch(name) is None


def test_no_name_from_another_house_can_be_one_of_ours() -> None:
    said = ["anna", "", "ANNA K", "anna@example.org", "../../x", "\x00", "x" * 200]
    found = [name_elsewhere(one, "0123456789abcdef") for one in said]
    assert found == [
        "openid:anna", "openid:01234567", "openid:anna-k", "openid:anna-example.org", "openid:x", "openid:01234567",
        f"openid:{'x' * 40}",
    ]  # fmt: skip
    assert name_elsewhere("anna", "0123456789abcdef", taken=True) == "openid:anna-01234567"
