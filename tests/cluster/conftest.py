"""Tests of the cluster run in a thread: in a process that ran browser tests, Playwright keeps a loop in the main one.

Ray Serve refuses to wait for an answer in a thread that runs a loop. The app calls its engine from threads without one.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pyfuncitem.obj, **arguments).result()
    return True
