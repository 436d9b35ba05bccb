"""The dataset card of a release: what each file and column is, with the metadata that the Hub reads."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from evaluation.qualitative.results.cached import Analysis

FILES = {
    "votes.csv": "one row for each answer, in the order they came, with the reasons that exclude it",
    "participants.csv": "one row for each rater, with the stages that the rater reached",
    "answers.csv": "answers to the questions besides the ballots, failed tries at the comprehension check among them",
    "flow.json": "how many people reached each stage; those who withdrew are counted here and nowhere else",
    "published.json": "settings and numbers of the analysis",
    "analysis.py": "computes all of these numbers anew: `pip install numpy scipy && python analysis.py`",
    "methods.txt": "the paragraph for a paper's methods section",
    "study.toml": "the study file: question, arms, items, rules of the session",
    "preregistration.json": "what was declared before the first vote, with its digest",
    "pictures.csv": "the pictures that were shown, with digests of their pixels",
    "seeds.csv": "from which seed the pictures of each seed in the votes were drawn",
    "weights.csv": "the files of weights that drew them, with their digests",
    "metrics.csv": "scores of the arms that need no raters: Inception Score, Fréchet distances, coverage, GAM",
    "provenance.json": "version and commit of the software, versions of its packages, digests of the study",
    "figures/": "the figures of the results page",
    "SHA256SUMS": "digests of all files: `sha256sum -c SHA256SUMS`",
}
TAGS = {
    "pairwise": "paired-comparison",
    "best_worst": "best-worst-scaling",
    "real_or_fake": "real-or-fake",
    "timed": "real-or-fake",
}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card(
    analysis: Analysis,
    *,
    licence: str,
    files: Mapping[str, bytes],
    columns: Mapping[str, Mapping[str, str]],
    paragraph: str,
) -> str:
    """Return the README.md of a release.

    Args:
        analysis: the study, its votes, and their summary.
        licence: as the Hub spells it, such as `cc-by-4.0`.
        files: the content of all other files, by path.
        columns: what each column means, by the name of its table.
        paragraph: the methods paragraph.
    """
    study, votes = analysis.study, len(analysis.votes)
    tables = [name for name in columns if name in files]
    metadata = {
        "license": licence,
        "pretty_name": study.title,
        "tags": ["human-evaluation", TAGS[study.protocol], "just-look"],
        "size_categories": [next((size for most, size in _SIZES if votes < most), "1M<n<10M")],
        "configs": [
            {"config_name": name.removesuffix(".csv"), "data_files": name, **({"default": True} if not i else {})}
            for i, name in enumerate(name for name in tables if files[name].count(b"\n") > 1)  # the Hub wants rows
        ],
    }
    front = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    present = {path.split("/")[0] + ("/" if "/" in path else "") for path in files} | {"SHA256SUMS"}
    listed = "\n".join(f"| `{name}` | {text} |" for name, text in FILES.items() if name in present)
    tabled = "\n\n".join(_columns(name, columns[name]) for name in tables)
    return f"""---
{front}---

# {_plain(study.title)}

{_plain(study.question)}

{votes:,} answers by {analysis.votes["rater"].nunique():,} raters on {len(analysis.summary.arms)} arms, analysed with
Just Look. Raters are pseudonyms that are made for this study alone; no name, no account, no id of a platform and no
network address is in these files.

## Methods

{_plain(paragraph)}

## Files

| file | content |
|---|---|
{listed}

## Columns

{tabled}
"""


def _columns(name: str, columns: Mapping[str, str]) -> str:
    rows = "\n".join(f"| `{column}` | {text} |" for column, text in columns.items())
    return f"### {name}\n\n| column | |\n|---|---|\n{rows}"


def _plain(text: str) -> str:
    """Escape what Markdown or HTML would take for markup in a study's own words."""
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
