"""Modules that load from a folder or a Hub repository, in the layout of `PyTorchModelHubMixin`, but strictly.

The mixin's own `from_pretrained` ignores keys that don't match and falls back to a pickle; this one does neither.
https://huggingface.co/docs/huggingface_hub/package_reference/mixins
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self, cast

import torch
from huggingface_hub import PyTorchModelHubMixin, hf_hub_download
from torch import nn

from models import checkpoint
from models.errors import WeightsError
from models.layout import CONFIG, WEIGHTS, read_config


class Pretrained(nn.Module, PyTorchModelHubMixin, library_name="pytorch"):
    """A module whose constructor takes plain keyword arguments: `save_pretrained` writes them to config.json.

    Each subclass sets `architecture`, the name by which config.json and the manifest call it.
    """

    architecture: ClassVar[str]

    @property
    def config(self) -> dict[str, Any]:
        """What config.json holds: the architecture and the constructor's arguments."""
        return {"architecture": self.architecture, **cast("dict[str, Any]", self._hub_mixin_config or {})}

    def save_pretrained(self, save_directory: str | Path, *, config: Any = None, **options: Any) -> str | None:
        """Write config.json, model.safetensors and, where there is none, a README.md; see the mixin for options."""
        return super().save_pretrained(save_directory, config=config or self.config, **options)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        revision: str | None = None,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        **download: Any,
    ) -> Self:
        """Load a folder or a Hub repository that holds config.json and model.safetensors.

        Args:
            pretrained_model_name_or_path: a local folder, or a repository as `org/name`.
            revision: commit, tag or branch of the repository; pin a commit wherever you can.
            device: where the tensors go.
            dtype: floating-point type to compute in.
            download: further options of `huggingface_hub.hf_hub_download`, such as `token` or `cache_dir`.

        Returns:
            The module in evaluation mode, its parameters frozen.

        Raises:
            WeightsError: config.json or the weights don't fit this class, or are damaged.
            huggingface_hub.errors.HfHubHTTPError: the repository could not be had.
        """
        folder = Path(pretrained_model_name_or_path)
        if folder.is_dir():
            paths = [folder / CONFIG, folder / WEIGHTS]
        else:
            repo_id = str(pretrained_model_name_or_path)
            paths = [Path(hf_hub_download(repo_id, file, revision=revision, **download)) for file in (CONFIG, WEIGHTS)]
        config = read_config(paths[0])
        if (named := config.pop("architecture", cls.architecture)) != cls.architecture:
            raise WeightsError(f"{paths[0]} names the architecture {named!r}, {cls.__name__} is {cls.architecture!r}")
        return checkpoint.load(cls, config, paths[1], device=device, dtype=dtype)
