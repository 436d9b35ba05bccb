"""ICC profiles of colour spaces that cameras and phones write, made from their primaries."""

from __future__ import annotations

import struct

import numpy as np

GAMMA = 563 / 256  # as Adobe RGB (1998) writes 2.2

PRIMARIES = {  # X, Y, Z of red, green and blue, adapted to D50
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
}
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def profile(name: str) -> bytes:
    """A matrix profile of version 2 (ICC.1:2001-04) with the gamma `GAMMA`."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256)) + b"\0\0"
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {
        b"desc": description + bytes(-len(description) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), (xyz(*primary) for primary in PRIMARIES[name]), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, content, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">2I", offset + len(content), len(data))
        content += data
    size = offset + len(content)
    header = struct.pack(">I4s4s4s4s4s12x4s", size, b"none", b"\2\x10\0\0", b"mntr", b"RGB ", b"XYZ ", b"acsp")
    illuminant = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return (header.ljust(68, b"\0") + illuminant).ljust(128, b"\0") + table + content


def in_srgb(colour: tuple[int, int, int], name: str) -> tuple[int, int, int]:
    """What a colour of a profile is in sRGB, computed from the definitions and without a colour library."""
    light = np.array(PRIMARIES[name]).T @ (np.array(colour) / 255) ** GAMMA
    linear = (np.linalg.inv(np.array(SRGB).T) @ light).clip(0, 1)
    levels = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (255 * levels).round().astype(int).tolist()
    return red, green, blue
