"""Pictures from anywhere become the digit that is on them."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from mnist_core.data import pictures
from mnist_core.data.pictures import find_ink, from_picture, open_picture
from mnist_core.data.preprocessing import from_ink
from mnist_core.errors import PictureError


def seven(
    side: int = 200,
    ink: int | tuple[int, ...] = 0,
    paper: int | tuple[int, ...] = 255,
    mode: str = "L",
    width: int = 14,
) -> Image.Image:
    """A 7 drawn with a pen."""
    image = Image.new(mode, (side, side), paper)
    scale = side / 200
    ImageDraw.Draw(image).line(
        [(60 * scale, 50 * scale), (140 * scale, 50 * scale), (90 * scale, 160 * scale)],
        fill=ink,
        width=round(width * scale),
    )
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def difference(image: Image.Image) -> float:
    return float(np.abs(from_picture(image) - from_picture(seven())).mean())


def test_dark_on_light_and_light_on_dark_are_the_same_digit() -> None:
    assert difference(seven(ink=255, paper=0)) < 0.002
    assert difference(seven(ink=210, paper=60)) < 0.01
    assert difference(seven(ink=90, paper=230)) < 0.01


@pytest.mark.parametrize("side", [80, 200, 560, 1000, 2000])
@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255), (40, 160)])
def test_a_small_digit_on_a_large_picture_is_found_whichever_way_round(side: int, ink: int, paper: int) -> None:
    small = Image.new("L", (side, side), paper)
    small.paste(seven(60, ink=ink, paper=paper), (side // 3 - 20, side // 3 - 20))
    assert np.abs(from_picture(small) - from_picture(seven(60))).mean() < 0.05


@pytest.mark.parametrize(("side", "width"), [(3000, 4), (3000, 16), (1000, 3), (400, 1)])
def test_the_thin_lines_of_a_large_scan_reach_the_models_as_ink(side: int, width: int) -> None:
    scan = Image.new("L", (side, side), 250)
    scale = side / 200
    ImageDraw.Draw(scan).line(
        [(60 * scale, 50 * scale), (140 * scale, 50 * scale), (90 * scale, 160 * scale)], fill=20, width=width
    )
    digit = from_picture(scan)
    assert digit.max() > 0.8
    assert 30 < digit.sum() < 90


def test_what_is_shown_of_a_transparent_picture_is_what_is_read() -> None:
    shown = pictures.shown(seven(ink=(0, 0, 0, 255), paper=(0, 0, 0, 0), mode="RGBA"), 448)
    assert max(shown.size) == 448
    assert shown.getpixel((2, 2)) == 255
    assert np.asarray(shown).min() < 30


@pytest.mark.parametrize("ink", [(200, 30, 30), (20, 20, 160), (0, 90, 20)])
def test_coloured_ink_is_ink(ink: tuple[int, ...]) -> None:
    assert difference(seven(ink=ink, paper=(250, 248, 240), mode="RGB")) < 0.01


@pytest.mark.parametrize("ink", [(0, 0, 0, 255), (255, 255, 255, 255), (200, 30, 30, 255)])
def test_transparent_pictures_show_their_ink(ink: tuple[int, ...]) -> None:
    assert difference(seven(ink=ink, paper=(0, 0, 0, 0), mode="RGBA")) < 0.01


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "I;16"])
def test_every_pixel_format_is_read(mode: str) -> None:
    picture = seven().convert("I").convert(mode) if mode == "I;16" else seven().convert(mode)
    assert difference(picture) < 0.02


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 40}), ("WEBP", {"quality": 40})])
def test_png_jpeg_and_webp_are_read(kind: str, options: dict[str, object]) -> None:
    assert difference(open_picture(encoded(seven(), kind, **options))) < 0.03


def test_a_photograph_with_a_shadow_noise_and_specks_is_read() -> None:
    random = np.random.default_rng(1)
    side = 900
    paper = np.asarray(seven(side, ink=60, paper=215), np.float64)
    rows, columns = np.mgrid[:side, :side] / side
    light = 0.55 + 0.45 * columns - 0.2 * rows * columns
    photograph = paper * light + random.normal(0, 4, paper.shape)
    photograph[30:38, 800:808] = 40
    assert difference(Image.fromarray(photograph.clip(0, 255).astype(np.uint8))) < 0.03


def test_a_turned_photograph_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn clockwise
    upright = open_picture(encoded(seven().rotate(90), "JPEG", exif=exif, quality=95))
    assert difference(upright) < 0.02


def test_a_broken_note_of_the_camera_does_not_lose_the_picture() -> None:
    data = bytearray(encoded(seven(), "JPEG", quality=95))
    note = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\xff\xff"
    data[2:2] = b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note
    assert difference(open_picture(bytes(data))) < 0.02


def test_a_small_white_on_black_digit_is_itself() -> None:
    small = seven(28, ink=254, paper=0, width=20)
    ink = np.asarray(small, np.float32) / 254
    assert np.array_equal(from_picture(small), from_ink(ink))


@pytest.mark.parametrize("level", [0, 127, 255])
def test_an_even_picture_has_no_digit(level: int) -> None:
    with pytest.raises(PictureError, match="nothing drawn"):
        from_picture(Image.new("L", (120, 90), level))


def test_noise_alone_has_no_digit() -> None:
    noise = np.random.default_rng(0).normal(230, 3, (300, 300)).clip(0, 255).astype(np.uint8)
    with pytest.raises(PictureError, match="nothing drawn"):
        from_picture(Image.fromarray(noise))


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(PictureError, match="0 x 0"):
        find_ink(Image.new("L", (0, 0)))


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3000, 20)])
def test_odd_sizes_give_a_digit_or_a_clear_error(size: tuple[int, int]) -> None:
    image = Image.new("L", size, 255)
    image.putpixel((0, 0), 0)
    if not find_ink(image).any():
        with pytest.raises(PictureError, match="nothing drawn"):
            from_picture(image)
    else:
        assert 0 < from_picture(image).max() <= 1


def test_a_picture_of_20000_by_20000_is_refused_before_it_is_decoded() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 1_000_000
    with pytest.raises(PictureError, match="million"):
        open_picture(bomb)


def test_a_large_but_reasonable_picture_is_read() -> None:
    assert difference(open_picture(encoded(seven(3400)))) < 0.03
    assert difference(open_picture(encoded(seven(4800), "JPEG"))) < 0.03


@pytest.mark.parametrize(
    ("side", "kind", "options"),
    [(3500, "PNG", {}), (3500, "WEBP", {}), (7100, "JPEG", {}), (4950, "JPEG", {"progressive": True})],
)
def test_more_pixels_than_a_kind_of_file_may_have_are_refused_with_both_numbers(
    side: int, kind: str, options: dict[str, object]
) -> None:
    with pytest.raises(PictureError, match=rf"{side:,} x {side:,} pixels, expected at most \d+ million in a .*{kind}"):
        open_picture(encoded(Image.new("L", (side, side)), kind, **options))


def test_a_decoded_picture_is_small_whatever_it_was() -> None:
    for mode in ("RGBA", "P", "1", "I;16"):
        assert max(open_picture(encoded(Image.new(mode, (3000, 2500)))).size) <= pictures.LARGEST_SIDE


@pytest.mark.parametrize("data", [b"", b"not a picture", b"%PDF-1.7", encoded(seven(), "GIF"), encoded(seven(), "BMP")])
def test_other_files_are_refused_with_what_is_expected(data: bytes) -> None:
    with pytest.raises(PictureError, match="PNG, JPEG or WebP"):
        open_picture(data)


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0.05, 0.98), kind=st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_a_broken_picture_is_read_or_refused_but_never_more(cut: float, kind: str) -> None:
    data = encoded(seven(), kind)
    with contextlib.suppress(PictureError):
        open_picture(data[: int(len(data) * cut)])


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_bytes_flipped_in_a_picture_never_raise_anything_else(data: st.DataObject) -> None:
    good = bytearray(encoded(seven(60), data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))))
    for position in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=5)):
        good[position] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(PictureError):
        from_picture(open_picture(bytes(good)))
