"""Look after the weights: `python -m models.hub list|verify|pull|where`."""

from __future__ import annotations

import argparse
import sys

from models.errors import WeightsError
from models.hub import manifest, partial
from models.hub.loading import download, entries, entry_of, locate, verify


def main() -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.hub", description="Look after the weights.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every model of the manifest")
    commands.add_parser("verify", help="hash every bundled file again and check that it fits its model")
    for command, text in (("pull", "download a model's files from the Hub"), ("where", "the file that is loaded")):
        commands.add_parser(command, help=text).add_argument("name")
    options = parser.parse_args()
    try:
        return _run(options)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    failed = 0
    if options.command == "list":
        for name, entry in entries().items():
            size = sum(file.bytes for file in entry.files) / 1e6
            unverified = entry.partial is not None and not entry.partial.recorded
            bundled = f"{size:6.1f} MB" if entry.files else "  remote "
            print(f"{name:18} {bundled}  {entry.licence:13} {entry.title}{', not verified here' * unverified}")
    elif options.command == "verify":
        for name in (name for name, entry in entries().items() if entry.files):
            try:
                verify(name)
                print(f"{name:18} ok")
            except WeightsError as error:
                failed = 1
                print(f"{name:18} {error}")
    elif options.command == "pull":
        entry = entry_of(options.name, manifest.FOLDER)
        if entry.partial is not None:
            print(partial.fetch(options.name, entry))
        for file in entry.files:
            print(download(options.name, entry, file))
    else:
        located = locate(options.name)
        print(f"{located.path} ({located.source})", *filter(None, [located.notice]), sep="\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
