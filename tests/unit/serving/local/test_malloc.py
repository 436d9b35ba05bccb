"""Memory that was freed is kept for the next picture."""

import json
import os
import subprocess
import sys

from serving.local import malloc

MEASURE = """
import resource, sys
import torch
from serving.local import malloc
if sys.argv[1] == "kept":
    assert malloc.keep_freed()
def use():
    for _ in range(20):
        parts = [torch.ones(2_500_000) for _ in range(4)]  # 10 MB each
        del parts
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = use()
print(use() - first)
"""
CROWD = """
import json, threading
import psutil, torch
from serving.local import malloc
malloc.keep_freed()
pile, together, start = malloc.Pile(), threading.Barrier(16), psutil.Process().memory_info().rss
assert not pile.clear(), "nothing has piled up yet"
def use():
    together.wait()
    parts = [torch.ones(2_500_000) for _ in range(10)]  # 100 MB in each of 16 threads at once
    together.wait()
threads = [threading.Thread(target=use) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
given_back = pile.clear()
print(json.dumps([given_back, (psutil.Process().memory_info().rss - start) // 2**20]))
"""
FIXED = {
    "MALLOC_MMAP_THRESHOLD_": "131072"
}  # glibc's default, else it moves it, and by chance keeps the buffers itself


def test_buffers_are_not_cleared_by_the_system_again_and_again():
    faults = {
        how: int(
            subprocess.run(
                [sys.executable, "-c", MEASURE, how], capture_output=True, check=True, text=True, env=os.environ | FIXED
            ).stdout
        )
        for how in ("given back", "kept")
    }
    assert faults["given back"] > 100_000  # pages of 4 kB
    assert faults["kept"] < 1_000


def test_it_says_whether_the_c_library_understood():
    assert malloc.keep_freed() == (sys.platform == "linux")


def test_what_a_crowd_has_used_is_given_back_where_the_c_library_can():
    output = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, check=True, text=True).stdout
    given_back, left = json.loads(output)
    assert given_back == (sys.platform == "linux"), "elsewhere nothing is done"
    assert left < 300 or not given_back, "MB, of the 1,600 that the threads had used"
