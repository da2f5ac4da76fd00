"""Time that passes only while everybody sleeps: the threads of a run take turns, always in the same order.

A run of hours takes seconds, and takes the same hours each time.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")


class SimulatedTime:
    """The clock, and whose turn it is. What is given to `run` may sleep, start workers and wait for their results."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stop = _Stop(self)
        self._ready: deque[_Turn] = deque()
        self._sleeping: list[tuple[float, int, _Turn]] = []
        self._number = count()
        self._current: _Turn | None = None
        self._at_rest = threading.Event()

    def clock(self) -> float:
        """The seconds so far."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the others have their turn until so many seconds are over."""
        me = self._own()
        heapq.heappush(self._sleeping, (self.now + max(0.0, seconds), next(self._number), me))
        self._pass_on()
        me.wait()

    def pool(self, workers: int) -> Executor:
        """So many workers, in place of a ThreadPoolExecutor."""
        return _Pool(self, workers)

    def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, whose time is this one."""
        future = _Future[T](self)
        self._at_rest.clear()
        self.start(lambda: _fulfil(future, work))
        self._pass_on()
        self._at_rest.wait()
        assert future.done(), "everybody waits for somebody else"
        return future.result()

    def start(self, work: Callable[[], None]) -> None:
        """Have a thread begin when it is its turn."""
        turn = _Turn()

        def thread() -> None:
            turn.wait()
            work()
            self._pass_on()

        self._ready.append(turn)
        threading.Thread(target=thread, daemon=True).start()

    def park(self, parked: list[_Turn]) -> None:
        """Wait until somebody calls `wake` with what is added to the list."""
        me = self._own()
        parked.append(me)
        self._pass_on()
        me.wait()

    def wake(self, turn: _Turn) -> None:
        """Let one that is parked go on when it is its turn."""
        self._ready.append(turn)

    def _own(self) -> _Turn:
        assert self._current is not None, "only what `run` was given may wait"
        return self._current

    def _pass_on(self) -> None:
        if self._ready:
            following: _Turn | None = self._ready.popleft()
        elif self._sleeping:
            self.now, _, following = heapq.heappop(self._sleeping)
        else:
            following = None
            self._at_rest.set()
        self._current = following
        if following is not None:
            following.come()


class _Turn:
    """A thread's turn."""

    def __init__(self) -> None:
        self._semaphore = threading.Semaphore(0)

    def wait(self) -> None:
        self._semaphore.acquire()

    def come(self) -> None:
        self._semaphore.release()


class _Stop(threading.Event):
    """An event whose waits take simulated time, and are never ended early."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        self._time.sleep(timeout or 0.0)
        return self.is_set()


class _Future(Future[T]):
    """A result; whoever waits for it lets the others have their turn."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time

    def result(self, timeout: float | None = None) -> T:
        if not self.done():
            waiting: list[_Turn] = []
            self.add_done_callback(lambda _: self._time.wake(waiting[0]))
            self._time.park(waiting)
        return super().result(timeout)


class _Pool(Executor):
    def __init__(self, time: SimulatedTime, workers: int) -> None:
        self._time = time
        self._free = workers
        self._work: deque[tuple[_Future[Any], Callable[[], Any]]] = deque()
        self._idle: list[_Turn] = []
        self._open = True

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        assert self._open, "the pool was shut down"
        future = _Future[T](self._time)
        self._work.append((future, lambda: fn(*args, **kwargs)))
        if self._idle:
            self._time.wake(self._idle.pop())
        elif self._free:
            self._free -= 1
            self._time.start(self._worker)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - nobody here waits
        self._open = False
        while self._work and cancel_futures:
            self._work.popleft()[0].cancel()
        while self._idle:
            self._time.wake(self._idle.pop())

    def _worker(self) -> None:
        while self._open or self._work:
            if self._work:
                _fulfil(*self._work.popleft())
            else:
                self._time.park(self._idle)


def _fulfil(future: _Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
