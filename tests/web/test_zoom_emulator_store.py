"""The emulated Zoom's file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.web.zoom_lab import Lab, a_lab
from web.zoom_emulator.store import Store


def test_several_may_make_the_file_at_the_same_moment(tmp_path: Path) -> None:
    together = Barrier(4)

    def write(number: int) -> None:
        store = Store(tmp_path / "zoom")
        together.wait(20)
        with store.transaction() as db:
            db.execute("INSERT INTO deactivated VALUES (?)", (str(number),))
        store.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    with Store(tmp_path / "zoom").transaction() as db:
        assert db.execute("SELECT count(*) FROM deactivated").fetchone()[0] == 4


def test_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    Store(tmp_path / "zoom").close()
    assert not (tmp_path / "zoom").exists()


def test_what_fails_is_rolled_back_whole(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        number = lab.event()
        with pytest.raises(RuntimeError):
            _fail(lab, number)
        assert lab.emulator.event(number)["topic"] == "Rivers across borders"


def _fail(lab: Lab, number: int) -> None:
    with lab.emulator.working() as work:
        work.run("DELETE FROM events WHERE number = ?", number)
        raise RuntimeError
