#!/bin/sh
# Install Debian packages that the tests need, or say what to install by hand.
set -e
if ! command -v apt-get >/dev/null; then
    echo "Please install: $* (no apt-get here to do it)" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Please install as root: apt-get install $*" >&2; exit 1; }
    as_root=sudo
fi
seconds=300 # a fresh cloud machine may be installing its own updates
wait_for_lock="DPkg::Lock::Timeout=$seconds"
echo "Installing $* with apt-get; if another package manager is at work, this waits for it up to $seconds seconds"
$as_root apt-get update -qq -o "$wait_for_lock"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o "$wait_for_lock" "$@" >/dev/null
