"""Jobs for the workers of a dask cluster, where one machine's cores are not enough.

The workers have wakeful installed and see the same folders under the same names. A worker that dies
loses nothing: what it had begun is done again by another. One job at a time in a worker, so it is
started for one thread: ``dask worker ADDRESS --nthreads 1 --nworkers auto``.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ..models.errors import WakefulError

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_PATIENCE_S = 10.0
_ALLOWED_DEATHS = 5
"""A job in which so many workers died is what kills them."""


class ClusterError(WakefulError):
    """The cluster can't be reached, or can't do it."""


def by_workers(
    address: str,
    begin: Callable[..., None],
    shared: tuple[Any, ...],
    work: Callable[[Job], Answer],
    jobs: Sequence[Job],
) -> Iterator[Answer]:
    """``work(job)`` of each, in the jobs' order; each worker calls ``begin(*shared)`` once first.

    Both must be functions of a module, as for a pool of processes. Raises what they raise, and
    `ClusterError`.
    """
    distributed = _distributed()
    told = pickle.dumps((begin, shared, work))
    try:
        with distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
            options = {"pure": False, "retries": 0}
            futures = [client.submit(_done, told, job, **options) for job in jobs]
            for number, future in enumerate(futures):
                yield future.result()
                # What has been taken need not be kept by anybody.
                futures[number] = None
                del future
    except distributed.KilledWorker as error:
        raise ClusterError(
            f"{address}: workers died again and again over one job, likely for memory; "
            "start them with more of it"
        ) from error
    except (TimeoutError, OSError) as error:
        raise ClusterError(
            f"{address}: no scheduler with a worker answers; start  dask scheduler  there and  "
            f"dask worker {address} --nthreads 1"
        ) from error


def _distributed() -> Any:
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise ClusterError(
            "--scheduler needs dask, which is not installed: pip install 'wakeful[cluster]'"
        ) from error
    return distributed


_one_at_a_time = threading.Lock()
_begun: dict[str, Callable[[Any], Any]] = {}


def _done(told: bytes, job: Any) -> Any:
    """In a worker: ready itself if this is the first job of its kind, and do it."""
    with _one_at_a_time:
        digest = hashlib.sha256(told).hexdigest()
        if digest not in _begun:
            begin, shared, work = pickle.loads(told)
            begin(*shared)
            # A worker lives longer than what it was asked: only the latest is kept.
            _begun.clear()
            _begun[digest] = work
        return _begun[digest](job)
