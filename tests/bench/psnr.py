# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peak signal-to-noise ratio of two PNG pictures of ours (8 bit RGB, not interlaced), in dB:

    psnr.py A B [LEAST]      fails when it is below LEAST (40)"""
import math
import struct
import sys
import zlib


def unfilter(kind, line, above, bpp):
    for i in range(len(line)):
        left, up = (line[i - bpp], above[i - bpp]) if i >= bpp else (0, 0), above[i]
        a, c = left
        if kind == 1:
            line[i] = (line[i] + a) & 255
        elif kind == 2:
            line[i] = (line[i] + up) & 255
        elif kind == 3:
            line[i] = (line[i] + (a + up) // 2) & 255
        elif kind == 4:
            estimate = a + up - c
            nearest = min((abs(estimate - a), 0, a), (abs(estimate - up), 1, up), (abs(estimate - c), 2, c))[2]
            line[i] = (line[i] + nearest) & 255
    return line


def read(path):
    data = open(path, "rb").read()
    at, packed, size = 8, b"", None
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + n]
        if kind == b"IHDR":
            *size, depth, color = struct.unpack(">IIBB", body[:10])
            if (depth, color) != (8, 2):
                sys.exit(f"psnr.py: {path} is not 8 bit RGB")
        elif kind == b"IDAT":
            packed += body
        at += 12 + n
    raw, stride = zlib.decompress(packed), 3 * size[0]
    rows, above = [], bytearray(stride)
    for y in range(size[1]):
        begin = y * (stride + 1)
        above = unfilter(raw[begin], bytearray(raw[begin + 1:begin + 1 + stride]), above, 3)
        rows.append(bytes(above))
    return size, b"".join(rows)


def main():
    (size_a, a), (size_b, b) = read(sys.argv[1]), read(sys.argv[2])
    if size_a != size_b:
        sys.exit("psnr.py: the pictures have different sizes")
    error = sum((x - y) ** 2 for x, y in zip(a, b)) / len(a)
    db = math.inf if error == 0 else 10 * math.log10(255 ** 2 / error)
    print(f"PSNR {db:.1f} dB")
    return db < (float(sys.argv[3]) if len(sys.argv) > 3 else 40)


if __name__ == "__main__":
    sys.exit(main())
