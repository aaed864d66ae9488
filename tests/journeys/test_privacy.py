"""Personal data live in the encrypted columns and in the mail itself, and nowhere else."""

from pathlib import Path

import httpx2
import redis
from sqlalchemy import inspect, text

from adapters.broker.embedded import EmbeddedBroker
from tests.journeys.town import Town, eventually

MARKED = {
    "full_name": "Marker Quixotica",
    "email": "marker.person@quixotic.example.org",
    "organisation": "Quixotic Marker Society",
    "needs": "a quixotic need",
    "alias": "Quixote Alias",
}
MARKERS = [b"quixot", "quixot".encode("utf-16-le"), b"marker.person"]


def holds_a_marker(content: bytes) -> bool:
    lowered = content.lower()
    return any(marker in lowered for marker in MARKERS)


def test_nothing_personal_is_in_broker_logs_metrics_addresses_or_database(town: Town, database_url: str) -> None:
    receipt = town.register(1, **MARKED)
    town.register(2, **(MARKED | {"email": "marker.person@quixotic", "sessions": ["marker-quixot"]}))
    client = redis.Redis.from_url(EmbeddedBroker(town.folder / "var" / "broker").client_url)
    held: list[bytes] = []
    for number in range(3, 40):
        town.register(number, **(MARKED | {"email": f"marker.person{number}@quixotic.example.org"}))
        held += everything_in(client)
    eventually(lambda: len(town.catcher.caught) >= 38)
    client.close()
    assert any(holds_a_marker(file.read_bytes()) for file in town.catcher.caught)  # the mail itself does
    assert not any(holds_a_marker(one) for one in held)
    assert not holds_a_marker(town.log().encode())
    for path in ("/metrics", f"/receipts/{receipt}", "/readyz"):
        assert not holds_a_marker(httpx2.get(town.address + path).content)
    dumped = dump(town, database_url)
    assert len(dumped) > 1000
    assert not holds_a_marker(dumped)
    # The folder holds the database's file and its log, the broker's files and logs, the key ring.
    # Not looked at is what the emulated Zoom knows: Zoom is a neighbour, and knows who comes.
    for file in files_below(town.folder / "var"):
        if file.parent.name == "zoom-emulator":
            continue
        assert not holds_a_marker(file.read_bytes()), file.name


def everything_in(client: "redis.Redis") -> list[bytes]:
    """What the broker's memory holds at this moment."""
    found: list[object] = []
    for key in client.keys("*"):
        kind = client.type(key)
        if kind == b"list":
            found += client.lrange(key, 0, -1)
        elif kind == b"hash":
            found += client.hgetall(key).values()
        found.append(key)
    return [one for one in found if isinstance(one, bytes)]


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def dump(town: Town, database_url: str) -> bytes:
    """Every value of every table, as the database gives it out."""
    engine = town.toolbox.database.engine
    found = b""
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608 - a name of our own
                found += b"\n".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )
    return found
