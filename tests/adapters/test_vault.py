"""Personal fields, sealed for their place; and keyed hashes."""

import json
import stat
from pathlib import Path

import pytest

from adapters.vault import KeyRing, Vault, VaultError, new_key_ring, open_key_ring


@pytest.fixture
def vault() -> Vault:
    return Vault(new_key_ring())


def test_what_is_sealed_opens_in_its_place_and_reads_nowhere(vault: Vault) -> None:
    sealed = vault.seal("participants:par_1:address", b"olga@mission.example.org")
    assert b"olga" not in sealed
    assert vault.open("participants:par_1:address", sealed) == b"olga@mission.example.org"


def test_the_same_text_is_sealed_differently_each_time(vault: Vault) -> None:
    assert vault.seal("a:b:c", b"same") != vault.seal("a:b:c", b"same")


@pytest.mark.parametrize("elsewhere", ["participants:par_2:address", "participants:par_1:profile"])
def test_a_value_that_was_moved_to_another_row_or_column_does_not_open(vault: Vault, elsewhere: str) -> None:
    sealed = vault.seal("participants:par_1:address", b"olga@mission.example.org")
    with pytest.raises(VaultError):
        vault.open(elsewhere, sealed)


@pytest.mark.parametrize("byte", [0, 3, 10, 20, -1])
def test_a_value_that_was_changed_does_not_open(vault: Vault, byte: int) -> None:
    sealed = bytearray(vault.seal("a:b:c", b"olga@mission.example.org"))
    sealed[byte] ^= 1
    with pytest.raises(VaultError):
        vault.open("a:b:c", bytes(sealed))


def test_after_a_new_key_was_put_first_old_values_still_open() -> None:
    old = new_key_ring()
    sealed = Vault(old).seal("a:b:c", b"before")
    newer = new_key_ring()
    both = Vault(KeyRing({**newer.encryption, **old.encryption}, old.index, old.signing))
    assert both.open("a:b:c", sealed) == b"before"
    assert both.seal("a:b:c", b"after")[1:5] == next(iter(newer.encryption))


def test_hashes_of_one_value_differ_by_purpose_and_by_key_ring(vault: Vault) -> None:
    one, same = vault.index("participants.address", "x"), vault.index("participants.address", "x")
    others = {vault.index("suppressions", "x"), Vault(new_key_ring()).index("participants.address", "x")}
    assert one == same
    assert one not in others


def test_a_key_ring_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "keys.json"
    first = open_key_ring(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert open_key_ring(file) == first
    assert [one.name for one in file.parent.iterdir()] == ["keys.json"]


def test_a_key_ring_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    open_key_ring(file)
    file.chmod(0o640)
    with pytest.raises(VaultError, match="others may read"):
        open_key_ring(file)


@pytest.mark.parametrize("content", ["", "{}", '{"version": 1, "encryption": [], "index": "", "signing": ""}'])
def test_a_broken_key_ring_is_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(VaultError):
        open_key_ring(file)
    assert file.read_text() == content


def test_a_key_of_a_wrong_length_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    open_key_ring(file)
    ring = json.loads(file.read_text())
    ring["encryption"][0]["key"] = "c2hvcnQ="
    file.write_text(json.dumps(ring))
    with pytest.raises(VaultError, match="wrong size"):
        open_key_ring(file)


def test_a_key_ring_shows_no_key(vault: Vault) -> None:
    ring = new_key_ring()
    assert repr(ring) == "KeyRing(1 encryption keys)"
