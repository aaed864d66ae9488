"""The embedded broker: private, durable enough, and neither outliving its owner nor stopping at spoilt data."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
import redis

from adapters.broker import keeper
from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.errors import BrokerMisconfigured, BrokerUnavailable
from adapters.broker.folder import LONGEST_SOCKET_PATH, BrokerFolder
from tests.servers.broker import a_broker, ended_with, keeper_pid, kill, restart, server_pid
from tests.servers.waiting import until

ROOT = Path(__file__).resolve().parents[2]

STARTER = """
import sys, time
from pathlib import Path
from adapters.broker.embedded import EmbeddedBroker

broker = EmbeddedBroker(Path(sys.argv[1]))
broker.start()
time.sleep(600)
"""


def put(broker: EmbeddedBroker, *messages: str) -> None:
    with broker.address.client() as client:
        client.lpush("delivery", *messages)
        client.waitaof(1, 0, 1000)


def held(broker: EmbeddedBroker) -> list[bytes]:
    with broker.address.client() as client:
        return [cast("bytes", message) for message in client.lrange("delivery", 0, -1)]


def ends(pid: int) -> None:
    """Wait until a process is gone; whoever buries it."""
    until(lambda: not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text())


def spoil(folder: Path, text: bytes) -> Path:
    """Put bytes where a valid command should stand, at the end of the append-only file."""
    (file,) = (folder / "appendonlydir").glob("*.incr.aof")
    with file.open("ab") as out:
        out.write(text)
    return file


def test_only_its_owner_may_enter_and_there_is_no_port(broker: EmbeddedBroker, tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "socket").stat().st_mode) == 0o700
    with broker.address.client() as client:
        assert client.info("server")["tcp_port"] == 0


def test_its_addresses_are_those_of_its_readers(broker: EmbeddedBroker, tmp_path: Path) -> None:
    assert broker.url == f"redis+socket://{tmp_path}/broker/socket?virtual_host=0"
    assert broker.client_url == f"unix://{tmp_path}/broker/socket?db=0"


def test_what_it_took_is_there_after_kill_9(broker: EmbeddedBroker) -> None:
    put(broker, "let_1", "let_2")
    kill(broker)
    restart(broker)
    assert held(broker) == [b"let_2", b"let_1"]


def test_what_it_took_is_there_after_an_orderly_end(broker: EmbeddedBroker) -> None:
    put(broker, "let_1")
    broker.stop()
    restart(broker)
    assert held(broker) == [b"let_1"]


def test_a_file_cut_short_by_a_crash_is_read_as_far_as_it_goes(broker: EmbeddedBroker, tmp_path: Path) -> None:
    put(broker, "let_1")
    kill(broker)
    spoil(tmp_path / "broker", b"*3\r\n$5\r\nLPUSH\r\n$8\r\ndeli")
    restart(broker)
    assert held(broker) == [b"let_1"]


def test_data_that_cannot_be_read_are_put_aside_and_it_starts_empty(broker: EmbeddedBroker, tmp_path: Path) -> None:
    put(broker, "let_1")
    kill(broker)
    spoilt = spoil(tmp_path / "broker", b"no command\r\n" * 100)
    restart(broker)
    assert held(broker) == []
    assert b"no command" in (tmp_path / "broker" / "refused" / spoilt.name).read_bytes()
    put(broker, "let_2")
    kill(broker)
    restart(broker)
    assert held(broker) == [b"let_2"]


def test_with_its_folder_deleted_it_ends_and_can_be_started_again(broker: EmbeddedBroker, tmp_path: Path) -> None:
    (tmp_path / "broker").rename(tmp_path / "elsewhere")
    assert ended_with(broker) == 0
    restart(broker)
    assert held(broker) == []


def test_ctrl_c_on_the_terminal_does_not_reach_it(broker: EmbeddedBroker) -> None:
    os.kill(keeper_pid(broker), signal.SIGINT)
    put(broker, "let_1")
    assert os.getpgid(server_pid(broker)) != os.getpgid(0)
    assert held(broker) == [b"let_1"]


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, tmp_path / "broker"], cwd=ROOT)
    broker = EmbeddedBroker(tmp_path / "broker")
    broker.wait_ready()
    server = server_pid(broker)
    starter.kill()
    starter.wait()
    ends(server)


def test_a_command_whose_asker_is_gone_runs_nothing_for_long(tmp_path: Path) -> None:
    command = EmbeddedBroker(tmp_path / "broker").command()
    asker = [part if not part.startswith("--parent=") else "--parent=1" for part in command]
    assert subprocess.run(asker, check=False, timeout=30).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
def test_it_ends_when_its_keeper_is_killed(broker: EmbeddedBroker) -> None:
    server = server_pid(broker)
    os.kill(keeper_pid(broker), signal.SIGKILL)
    ended_with(broker)
    ends(server)
    restart(broker)


def test_a_server_left_without_keeper_makes_way(tmp_path: Path) -> None:
    folder = BrokerFolder(tmp_path / "broker")
    folder.prepare()
    with keeper.sole_holder(folder) as lock:
        os.pwrite(lock, b"%-20d" % _a_pid_that_is_gone(), 0)
        orphan = subprocess.Popen(keeper.server_command(folder, "64mb"), pass_fds=[lock])
    broker = EmbeddedBroker(tmp_path / "broker")
    try:
        broker.start()
        assert orphan.wait(20) == 0
        broker.wait_ready()
    finally:
        broker.stop()
        orphan.kill()
        orphan.wait()


def _a_pid_that_is_gone() -> int:
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def test_two_brokers_never_share_a_folder(
    broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_PATIENCE", 0.5)
    put(broker, "let_1")
    with (
        pytest.raises(BrokerMisconfigured, match="another broker is running in"),
        keeper.sole_holder(BrokerFolder(tmp_path / "broker")),
    ):
        pass
    assert held(broker) == [b"let_1"]


def test_who_waits_for_a_broker_that_ended_is_told(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path / "broker", max_memory="plenty")
    broker.start()
    with pytest.raises(BrokerUnavailable, match="the embedded broker ended with 1"):
        broker.wait_ready()
    broker.stop()


def test_who_waits_for_a_broker_that_nobody_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(BrokerUnavailable, match=r"the embedded broker did not answer within 0\.1 s"):
        EmbeddedBroker(tmp_path / "broker").wait_ready(0.1)


def test_when_it_is_full_it_refuses_and_forgets_nothing(tmp_path: Path) -> None:
    with a_broker(tmp_path / "broker", max_memory="3mb") as broker, broker.address.client() as client:
        messages = [b"x" * 10_000] * 1000
        with pytest.raises(redis.OutOfMemoryError):  # noqa: PT012
            for message in messages:
                client.lpush("delivery", message)
        taken = client.llen("delivery")
        assert 0 < taken < len(messages)


def test_a_folder_with_spaces_and_letters_of_all_kinds_will_do(tmp_path: Path) -> None:
    with a_broker(tmp_path / "Конференция für alle; 100 %") as broker:
        put(broker, "let_1")
        assert held(broker) == [b"let_1"]


def test_where_the_path_is_too_long_for_a_socket_a_private_folder_under_tmp_takes_it(tmp_path: Path) -> None:
    long = tmp_path / ("a" * LONGEST_SOCKET_PATH)
    socket = BrokerFolder(long).socket
    with a_broker(long) as broker:
        put(broker, "let_1")
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        kill(broker)
        restart(broker)
        assert held(broker) == [b"let_1"]
    assert not socket.parent.exists()


def test_a_folder_under_tmp_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    folder = BrokerFolder(tmp_path / ("b" * LONGEST_SOCKET_PATH))
    folder.socket.parent.mkdir(mode=0o755)
    try:
        with pytest.raises(BrokerMisconfigured, match="is not a private folder of this user"):
            folder.prepare()
    finally:
        folder.socket.parent.rmdir()
