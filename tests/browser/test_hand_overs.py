"""What a page shows agrees with the page before: measuring, promoting, deleting, wide tables, how the curves begin."""

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness
from tests.conftest import ROOT

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")
WEAKER = "mlp-weaker"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the shipped runs and a weaker one of its own, on which nothing has been measured yet."""
    folder = tmp_path_factory.mktemp("runs")
    for name in SHIPPED:
        (folder / name).symlink_to(ROOT / "trained_models" / name)
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", folder / WEAKER)
    facts = json.loads((folder / WEAKER / "run.json").read_text())
    facts["test"].update(incorrect=858, accuracy=0.9142)
    (folder / WEAKER / "run.json").write_text(json.dumps(facts))
    with harness.served(TRAINED_MODELS=str(folder), MNIST_NPZ=str(folder / "absent.npz")) as (running, _):
        yield running


def test_nobody_wins_while_a_model_is_being_measured(page: Page, address: str) -> None:
    page.add_init_script(
        """window.said = [];
        new MutationObserver(() => {
            const text = document.querySelector(".conclusion")?.innerText;
            if (text && text !== window.said.at(-1)) window.said.push(text);
        }).observe(document, { childList: true, subtree: true, characterData: true });"""
    )
    page.goto(f"{address}/compare?compare_runs=mlp-specified&compare_runs=cnn-specified")
    expect(page.locator(".conclusion")).to_contain_text("more accurate", timeout=120_000)
    said = page.evaluate("window.said")
    assert "Measuring" in said[0], said
    assert [text for text in said if "Measuring" in text and "more accurate" in text] == []


def test_a_step_down_says_what_changes_and_asks_and_the_way_back_is_one_press(page: Page, address: str) -> None:
    harness.go(page, address, f"train?train_run={WEAKER}")
    shipped = json.loads((ROOT / "trained_models" / "mlp-robust" / "run.json").read_text())["test"]["accuracy"]
    expect(page.get_by_text(f"from {100 * shipped:.2f} % (mlp-robust) to 91.42 % (mlp-weaker)").first).to_be_visible()
    page.get_by_role("button", name="Make it the default MLP").click()
    expect(page.get_by_text("This is a step down")).to_be_visible()
    page.get_by_role("button", name="Make it the default all the same").click()
    expect(page.get_by_text("mlp-weaker is now the default MLP.")).to_be_visible()
    harness.until_run(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("It is in use on the draw page. mlp-robust would take its place there.")).to_be_visible()
    assert "secondary" in (page.get_by_role("button", name="Delete it").get_attribute("data-testid") or "")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Restore the original, mlp-robust").click()
    expect(page.get_by_text("mlp-robust is the default again.")).to_be_visible()


def test_panels_with_the_same_title_show_the_names_of_their_runs(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_left=mlp-specified&draw_right={WEAKER}")
    page.keyboard.press("n")
    page.keyboard.press("t")
    expect(page.locator(".duel .verdict")).not_to_contain_text("Draw a digit", timeout=30_000)
    assert page.get_by_role("combobox", name="Model on the right").input_value() == WEAKER
    page.context.close()


def test_bold_marks_the_best_of_each_digit(page: Page, address: str) -> None:
    harness.go(page, address, "confusion?confusion_view=By+digit")
    table = page.locator("table.scores")
    table.wait_for()
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(10)
    weights = rows.first.locator("td").evaluate_all(
        "cells => cells.map((cell) => [cell.className, Number(getComputedStyle(cell).fontWeight)])"
    )
    assert {weight for name, weight in weights if name == "best"} == {max(weight for _, weight in weights)}
    assert any(name != "best" and weight < 600 for name, weight in weights)


def test_a_wide_table_on_a_phone_scrolls_by_itself_and_keeps_its_first_column(chromium: Browser, address: str) -> None:
    phone = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.add_init_script(harness.TOUR_SEEN)
    harness.go(phone, address, "compare?compare_view=Settings")
    table = phone.locator(".scrolling").first
    table.wait_for()
    first = table.locator("tbody th[scope=row]").first
    before, (width, content) = first.bounding_box(), table.evaluate("box => [box.clientWidth, box.scrollWidth]")
    assert content > width
    assert "gradient" in table.evaluate(
        "box => getComputedStyle(box).backgroundImage + getComputedStyle(box, '::after').backgroundImage"
    )
    table.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    after = first.bounding_box()
    assert before
    assert after
    assert after["x"] == before["x"]
    phone.context.close()


def test_the_curves_open_with_loss_and_accuracy_linear_and_validation_in_front(page: Page, address: str) -> None:
    harness.go(page, address, "curves")
    harness.two_charts(page)
    for title in ("Loss", "Accuracy"):
        expect(page.get_by_text(title, exact=True).first).to_be_visible()
    expect(page.get_by_role("radio", name="Beginning")).to_have_count(0)  # the shipped runs are about equally long
    expect(page.get_by_role("button", name=re.compile("^Values$"))).to_be_visible()
    expect(page.get_by_text("Strong lines are validation digits")).to_be_visible()
