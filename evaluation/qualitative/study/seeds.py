"""The seeds from which a study's pictures are drawn: those of its ballots, moved by a secret of the study.

The app also draws samples of any seed for anybody. If a ballot's pictures came from the seeds that the study file
lists, somebody could draw those and look the pictures up before voting. So each seed is moved by an offset of its own,
a keyed hash. The secret comes from the vote database, and stays the same for all processes of one database and after a
restart; `JUST_LOOK_SEED_SECRET` replaces it, for pictures that are built elsewhere. After the study has closed,
`published` says which seed became which.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from evaluation.qualitative.study.schema import Study
from models.gan.seeds import MAX_SEED

SETTING = "JUST_LOOK_SEED_SECRET"


@dataclass(frozen=True)
class Seeds:
    """The seeds of one study.

    Attributes:
        secret: of the study; None draws from the seeds as they are.
    """

    secret: bytes | None = None

    @classmethod
    def of(cls, study: Study, key: str) -> Self:
        """Return the seeds of a study.

        Args:
            study: the study.
            key: the vote database's key.
        """
        if study.items.kind != "seeds" or not study.items.offset:
            return cls()
        secret = os.environ.get(SETTING) or key
        return cls(hmac.new(secret.encode(), f"seeds\n{study.name}".encode(), hashlib.sha256).digest())

    def drawn(self, seed: int) -> int:
        """Return the seed from which the pictures of a ballot with this seed are drawn, 0 … `MAX_SEED`."""
        if self.secret is None:
            return seed
        offset = hmac.new(self.secret, str(seed).encode(), hashlib.sha256).digest()
        return (seed + int.from_bytes(offset[:4])) % (MAX_SEED + 1)

    def published(self, seeds: Iterable[int]) -> str:
        """Return a table of seeds, as CSV, with the columns `seed` (as in the votes) and `drawn_from`."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["seed", "drawn_from"])
        table.writerows((seed, self.drawn(seed)) for seed in sorted(set(seeds)))
        return text.getvalue()
