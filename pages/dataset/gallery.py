"""The view "Gallery": all digits of MNIST, by split, digit and order, a page at a time."""

import streamlit as st

from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.ordering import ORDERS, arranged
from mnist_core.dataset_statistics.statistics import Statistics
from pages.dataset import digit_card
from pages.parts import cached_digits
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.download_offer import offer_download

PAGE = 60
SPLITS = {"Training": "train", "Test": "test"}
ALL = "All"


def show_gallery(statistics: Statistics) -> None:
    """Show the filters, the digits, and the way to the other pages of the gallery. Offers the download where MNIST is
    missing.

    Raises DatasetError if MNIST is damaged.
    """
    if not cached_digits.has_mnist():
        st.write("Browse all 70,000 digits, in the order of their number, slant, ink, aspect or stroke width.")
        offer_download("dataset")
        return
    with st.container(horizontal=True, vertical_alignment="top", key="dataset_filters"):
        split = SPLITS[
            st.segmented_control(
                "Split",
                list(SPLITS),
                default="Training",
                required=True,
                key="dataset_split",
                bind="query-params",
                on_change=_to_first_page,
            )
        ]
        digit = st.segmented_control(
            "Digit",
            [ALL, *"0123456789"],
            default=ALL,
            required=True,
            key="dataset_digit",
            bind="query-params",
            on_change=_to_first_page,
        )
        order = st.selectbox(
            "Order", list(ORDERS), key="dataset_order", bind="query-params", on_change=_to_first_page, width=190
        )
    digits = cached_digits.mnist_splits()[split]
    shown = arranged(digits.labels, statistics.features(split), digit=None if digit == ALL else int(digit), order=order)
    pages = -(-len(shown) // PAGE)
    page = _page(pages)
    by = ORDERS[order]
    tiles = []
    for index in shown[(page - 1) * PAGE : page * PAGE]:
        measure = "" if by is None else FEATURES[by[0]].shown(float(statistics.features(split)[index, by[0]]))
        label = int(digits.labels[index])
        spoken = f"{digit_card.WORDS[split]} {index}, labelled {label}{', ' + measure if measure else ''}"
        tiles.append(
            Tile(
                int(index),
                str(label),
                (f"{label} · #{index}", *([measure] if measure else [])),
                spoken,
                digits.images[index],
            )
        )
    found = digit_card.picked(statistics)
    selected = found[1] if found and found[0] == split else None
    many, one = digit_card.beside()
    with many:
        caption = f"{len(tiles)} digits, page {page} of {pages}"
        show_grid(
            tiles,
            label=caption,
            key="dataset_gallery",
            selected=selected,
            on_pick=lambda index: digit_card.pick(split, index),
        )
        with st.container(horizontal=True, vertical_alignment="bottom", key="dataset_pages"):
            st.button(
                "Previous",
                icon=":material/chevron_left:",
                key="dataset_previous",
                disabled=page <= 1,
                on_click=_turn,
                args=(page - 1,),
            )
            st.button(
                "Next",
                icon=":material/chevron_right:",
                icon_position="right",
                key="dataset_next",
                disabled=page >= pages,
                on_click=_turn,
                args=(page + 1,),
            )
            st.number_input(f"Page, of {pages:,}", 1, pages, key="dataset_page", bind="query-params", width=140)
        st.caption(f"{len(shown):,} digits. Arrow keys move from one to the next, Enter picks.")
    with one:
        digit_card.show_card(statistics, (split, tiles[0].value))


def _page(pages: int) -> int:
    """The page that was asked for, if there is one. The field below the grid shows it."""
    asked = st.session_state.get("dataset_page", st.query_params.get("dataset_page", "1"))
    page = int(asked) if str(asked).isascii() and str(asked).isdigit() and len(str(asked)) < 6 else 1
    page = min(max(page, 1), pages)
    if "dataset_page" in st.session_state:
        st.session_state.dataset_page = page
    return page


def _turn(page: int) -> None:
    st.session_state.dataset_page = page


def _to_first_page() -> None:
    st.session_state.dataset_page = 1
