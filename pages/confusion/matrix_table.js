/* Draws the matrices and reports which cell was picked. See matrix_table.py. */

const CLASSES = 10;

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".box");
  const drawn = JSON.stringify(data);
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;

  const active = box.getRootNode().activeElement;
  const focused = box.contains(active) ? active.dataset.at : null;
  const [focusedMatrix, focusedCell] = (focused ?? ":").split(":").map(Number);
  const button = (number, at) => box.querySelector(`[data-at="${number}:${at}"]`);

  // There are hundreds of buttons. They are built from one string, and one listener serves them all.
  box.innerHTML = data.matrices
    .map((matrix, number) => {
      const tabStop = focused !== null && focusedMatrix === number ? focusedCell : (matrix.selected ?? 0);
      return table(matrix, number, tabStop);
    })
    .join("");
  // Without preventScroll, this would end the scrolling to the digits below.
  if (focused !== null) button(focusedMatrix, focusedCell)?.focus({ preventScroll: true });
  // The page may have been too short to scroll so far when the cell was pressed. By now the server has answered.
  if (box.dataset.pointed) scrollTo(data.leads_to);
  delete box.dataset.pointed;

  box.onclick = (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    setTriggerValue("picked", pressed.dataset.at.split(":").map(Number));
    // The digits stand below all matrices. A pointer is taken there; the keyboard (detail 0) stays in the table.
    if (event.detail === 0) return;
    box.dataset.pointed = "yes";
    scrollTo(data.leads_to);
  };

  box.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return; // The browser's own, such as Alt and Left for Back.
    if (!event.target.dataset.at) return;
    const [number, at] = event.target.dataset.at.split(":").map(Number);
    const step = steps(at % CLASSES)[event.key];
    const next = step === undefined ? null : button(number, at + step);
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

function steps(column) {
  return {
    ArrowRight: column < CLASSES - 1 ? 1 : 0,
    ArrowLeft: column > 0 ? -1 : 0,
    ArrowDown: CLASSES,
    ArrowUp: -CLASSES,
    Home: -column,
    End: CLASSES - 1 - column,
  };
}

function table(matrix, number, tabStop) {
  const heads = Array.from({ length: CLASSES }, (_, digit) => `<th scope="col">${digit}</th>`).join("");
  const rows = matrix.cells.map((cells, digit) => {
    const row = cells.map((one, column) => cell(matrix, number, one, digit * CLASSES + column, tabStop)).join("");
    return `<tr><th scope="row">${digit}</th>${row}</tr>`;
  });
  return `<div class="one"><table>
    <caption>${escaped(matrix.title)}<small>${escaped(matrix.note)}</small></caption>
    <thead>
      <tr><td class="corner"></td><th colspan="${CLASSES}" class="axis">true digit ↓ \u2003 predicted →</th></tr>
      <tr><td class="corner"></td>${heads}</tr>
    </thead>
    <tbody>${rows.join("")}</tbody>
  </table></div>`;
}

function cell(matrix, number, { text, heat, zero, spoken }, at, tabStop) {
  const tone = matrix.tones[heat < 0 ? 1 : 0];
  return `<td><button type="button" data-at="${number}:${at}" tabindex="${at === tabStop ? 0 : -1}"
    aria-pressed="${at === matrix.selected}" aria-label="${escaped(spoken)}" title="${escaped(spoken)}"
    class="${zero ? "zero" : ""}" style="--heat:${Math.abs(heat)};--tone:${tone}">${escaped(text)}</button></td>`;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
