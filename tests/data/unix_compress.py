"""Unix `compress` for tests: LZW with codes of 9 to 16 bits, the format of .Z files."""


def compressed(data: bytes) -> bytes:
    """The content of a .Z file. A decoder's table is one entry behind, so its codes grow one code later."""
    codes, width, bits, filled, out = {bytes([k]): k for k in range(256)}, 9, 0, 0, bytearray()
    written = 0

    def write(code: int) -> None:
        nonlocal bits, filled, written
        bits |= code << filled
        filled += width
        written += 1
        while filled >= 8:
            out.append(bits & 255)
            bits >>= 8
            filled -= 8

    next_code, prefix = 257, b""  # code 256 clears the table
    for value in data:
        longer = prefix + bytes([value])
        if longer in codes:
            prefix = longer
            continue
        write(codes[prefix])
        if next_code < 1 << 16:
            codes[longer] = next_code
            next_code += 1
            if next_code > (1 << width) and width < 16:
                while written % 8:  # compress fills up the group of eight codes before their width grows
                    write(0)
                width += 1
        prefix = bytes([value])
    if prefix:
        write(codes[prefix])
    if filled:
        out.append(bits & 255)
    return b"\x1f\x9d\x90" + bytes(out)
