"""Jobs for the tests of `demos.parts.beside`; run by it as `python -m tests.support.beside.work`."""

import os
import sys
import time

from demos.parts.beside import Asking, serve


class PickyError(Exception):
    """An error that pickle can't build again."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


class Work:
    def __init__(self, beginning: str, app: Asking) -> None:
        self._beginning, self._app = beginning, app

    def where(self) -> tuple[int, int, str]:
        assert "torch" not in sys.modules
        return os.getpid(), os.getpriority(os.PRIO_PROCESS, 0), self._beginning

    def double(self, number: int) -> int:
        return 2 * number

    def ask_for_sum(self, count: int) -> int:
        return sum(self._app.ask(number) for number in range(1, count + 1))

    def fail(self) -> None:
        raise KeyError("no such thing")

    def fail_pickily(self) -> None:
        raise PickyError("one", "two")

    def die(self) -> None:
        os._exit(1)

    def never_end(self) -> None:
        while True:
            time.sleep(0.1)

    def work_while_wanted(self) -> None:
        self._app.ask()
        while True:
            self._app.check()
            time.sleep(0.05)


if __name__ == "__main__":
    serve(Work)
