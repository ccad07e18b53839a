/* Shows a table that the server has made, and reports which of its cells was pressed. See pressable_table.py. */

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".box");
  if (box.dataset.drawn === data.html) return;
  box.dataset.drawn = data.html;

  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.cell : undefined;
  const scrolled = box.querySelector(".scrolling")?.scrollLeft ?? 0;
  box.innerHTML = data.html;
  if (box.querySelector(".scrolling")) box.querySelector(".scrolling").scrollLeft = scrolled;

  const rows = [...box.querySelectorAll("tr")]
    .map((row) => [...row.querySelectorAll("button")])
    .filter((row) => row.length);
  const buttons = rows.flat();
  const find = (cell) => buttons.find((button) => button.dataset.cell === cell);
  const tabStop = find(focused) ?? box.querySelector("[aria-pressed=true]") ?? buttons[0];
  for (const button of buttons) button.tabIndex = button === tabStop ? 0 : -1;
  // Without preventScroll, this would end the scrolling to the digits below.
  if (focused !== undefined) find(focused)?.focus({ preventScroll: true });
  if (box.dataset.pointed) scrollTo(data.leads_to); // By now the server has answered, and the page is long enough.
  delete box.dataset.pointed;

  box.onclick = (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    setTriggerValue("picked", pressed.dataset.cell);
    // The digits stand below the table. A pointer is taken there; the keyboard (detail 0) stays in the table.
    if (event.detail === 0) return;
    box.dataset.pointed = "yes";
    scrollTo(data.leads_to);
  };

  box.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return; // The browser's own, such as Alt and Left for Back.
    const at = rows.findIndex((row) => row.includes(event.target));
    if (at < 0) return;
    const column = rows[at].indexOf(event.target);
    const next = {
      ArrowRight: rows[at][column + 1],
      ArrowLeft: rows[at][column - 1],
      ArrowDown: rows[at + 1]?.[column],
      ArrowUp: rows[at - 1]?.[column],
      Home: rows[at][0],
      End: rows[at].at(-1),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
}

function scrollTo(container) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  document.querySelector(`.${container}`)?.scrollIntoView({ behavior, block: "start" });
}
