/* Draws the grid of digits and reports which one was picked. See digit_grid.py. */

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const drawn = JSON.stringify(data);
  if (grid.dataset.drawn === drawn) return;
  grid.dataset.drawn = drawn;

  const active = grid.getRootNode().activeElement;
  const focused = grid.contains(active) ? active.dataset.value : null;
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--tile", `${data.tile}px`);

  const buttons = data.tiles.map((tile) => tileButton(tile, tile.value === data.selected));
  for (const button of buttons) button.onclick = () => setTriggerValue("picked", Number(button.dataset.value));
  const find = (value) => buttons.find((button) => button.dataset.value === String(value));
  const tabStop = find(data.selected) ?? buttons[0];
  for (const button of buttons) button.tabIndex = button === tabStop ? 0 : -1;
  grid.replaceChildren(...buttons);
  if (focused !== null) (find(focused) ?? tabStop)?.focus();

  grid.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return; // The browser's own, such as Alt and Left for Back.
    const at = buttons.indexOf(event.target);
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      Home: -at,
      End: buttons.length - 1 - at,
    };
    const next = buttons[at + steps[event.key]];
    if (at < 0 || !next) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
}

function tileButton(tile, isSelected) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.value = tile.value;
  // The name begins with the text that can be seen, so that whoever speaks to the computer can say it.
  button.setAttribute("aria-label", [...tile.lines, tile.spoken].join(", "));
  button.setAttribute("aria-pressed", isSelected);
  button.append(picture(tile));
  for (const line of tile.lines) {
    const span = document.createElement("span");
    span.textContent = line;
    span.title = line;
    button.append(span, " ");
  }
  return button;
}

function picture(tile) {
  const element = document.createElement(tile.picture ? "img" : "div");
  if (tile.picture) {
    element.src = tile.picture;
    element.alt = "";
  } else {
    element.className = "none";
    element.textContent = tile.letter;
  }
  return element;
}
