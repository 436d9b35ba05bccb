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
echo "Installing $* with apt-get"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
