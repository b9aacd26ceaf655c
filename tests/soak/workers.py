"""Threads that do something again and again, and can be held up together."""

import contextlib
import threading


class Workers:
    def __init__(self, jobs):
        """`jobs`: functions that are called again and again, each in a thread; they answer with complaints, or None."""
        self.complaints, self.done = [], 0
        self._lock = threading.Lock()
        self._may_run, self._ended = threading.Event(), False
        self._turns = [threading.Lock() for _ in jobs]
        self._threads = [threading.Thread(target=self._work, args=pair, daemon=True) for pair in zip(jobs, self._turns)]

    def __enter__(self):
        self._may_run.set()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        self._ended = True
        self._may_run.set()
        for thread in self._threads:
            thread.join()

    def _work(self, job, turn):
        while not self._ended:
            self._may_run.wait()
            with turn:
                try:
                    complaints = job() or []
                except Exception as error:  # the test shall fail, not this thread alone
                    complaints = [repr(error)]
            with self._lock:
                self.complaints += complaints
                self.done += 1

    @contextlib.contextmanager
    def paused(self):
        """Within it, nobody does anything."""
        self._may_run.clear()
        with contextlib.ExitStack() as turns:
            for turn in self._turns:
                turns.enter_context(turn)
            yield
        self._may_run.set()
