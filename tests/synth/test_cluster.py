"""Work for a real cluster on this machine: nothing is lost, whoever dies."""

import threading

import pytest
from cluster_jobs import begin, cluster, until, work
from wakeful.models.errors import WakefulError
from wakeful.synth.cluster import ClusterError, by_workers

pytest.importorskip("distributed")

# Its own event loop is closed by whoever started it; at exit some of its sockets are not.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
def three(tmp_path):
    """A scheduler and three workers."""
    with cluster(tmp_path, 3) as running:
        yield running


def test_a_worker_killed_in_the_middle_loses_nothing(three, tmp_path):
    """Every job has its answer, in order, though one of three workers dies over one of them."""
    jobs = list(range(12))
    victim = []

    def kill_the_first_to_begin():
        until(lambda: any(tmp_path.glob("[0-9]*-*")), tmp_path / "log")
        pid = int(next(iter(tmp_path.glob("[0-9]*-*"))).name.split("-")[1])
        victim.append(pid)
        three.kill(pid)

    killer = threading.Thread(target=kill_the_first_to_begin)
    killer.start()
    found = list(by_workers(three.address, begin, (tmp_path,), work, jobs))
    killer.join()
    assert [square for square, _ in found] == [job * job for job in jobs]
    assert victim[0] not in {pid for _, pid in found}
    begun = (tmp_path / "begun").read_text().split()
    assert len(begun) == len(set(begun)), "a worker gets ready once"


def test_what_a_job_raises_is_what_is_raised_here(three, tmp_path):
    """A user's mistake stays the one line that it is."""
    with pytest.raises(WakefulError, match="thirteen"):
        list(by_workers(three.address, begin, (tmp_path,), work, [1, 13]))


def test_nobody_there_is_one_line(monkeypatch):
    """An address without a scheduler says how to start one."""
    monkeypatch.setattr("wakeful.synth.cluster._PATIENCE_S", 1.0)
    with pytest.raises(ClusterError, match="dask scheduler") as raised:
        list(by_workers("tcp://127.0.0.1:9", begin, (None,), work, [1]))
    assert len(str(raised.value).splitlines()) == 1
