/**
 * Shows a number in the panel while the pen is down, with the parts of the server's panel (number_panel.html.j2).
 *
 *     showNumber([{ digit, probabilities: { left, right } }, ...]);     // from left to right
 */

import { asText, SIDE, taken, UNSURE } from "./live_panel.js";

/**
 * Show the digits of a number.
 *
 * @param {Array<{digit: Float32Array, probabilities: {left: Float32Array, right: Float32Array}}>} digits
 */
export function showNumber(digits) {
  const panel = taken(prepare);
  if (!panel) return;
  panel.classList.add("number");
  panel.style.setProperty("--digits", digits.length);
  const read = digits.map(({ probabilities }) => ({ left: best(probabilities.left), right: best(probabilities.right) }));
  const differ = read.map(({ left, right }) => left.digit !== right.digit);
  for (const side of ["left", "right"]) {
    const texts = read.map((each, place) => element("span", differ[place] ? "differs" : "", each[side].digit));
    panel.querySelector(`.side[data-side=${side}] .answer`).replaceChildren(...texts);
  }
  panel.querySelector(".rows").replaceChildren(
    ...digits.map(({ digit }, place) => {
      const row = element("div", differ[place] ? "row differs" : "row");
      const [left, right] = ["left", "right"].map((side) => cells(read[place][side], side));
      row.append(...left, picture(digit), ...right.reverse());
      return row;
    }),
  );
  const text = read.map(({ left }) => left.digit).join("");
  panel.querySelector(".verdict").textContent = differ.some(Boolean) ? "They differ so far." : `Both read ${text} so far.`;
}

/** Give the panel of one digit the parts of a number's. */
function prepare(panel) {
  // Screen readers read the server's verdict, and not one for each move of the pen.
  panel.querySelector("[role=status]")?.setAttribute("aria-busy", "true");
  panel.querySelector(".top .seen")?.remove();
  const note = panel.querySelector(".note");
  if (note) note.textContent = "\u00a0";
  for (const side of panel.querySelectorAll(".side")) {
    side.classList.remove("unsure", "waiting");
    const time = element("p", "time", "\u00a0");
    side.replaceChildren(element("p", "answer"), time);
  }
}

function cells({ digit, probability }, side) {
  const unsure = probability < UNSURE;
  const bar = element("span", "bar won");
  bar.dataset.side = side;
  const fill = element("i", "");
  fill.style.width = `${100 * probability}%`;
  bar.append(fill);
  const percent = element("span", unsure ? "percent" : "percent won", asText(probability));
  const answer = element("b", "", unsure ? `${digit}?` : digit);
  percent.dataset.side = answer.dataset.side = side;
  return [percent, bar, answer];
}

function best(probabilities) {
  const probability = Math.max(...probabilities);
  return { digit: probabilities.indexOf(probability), probability };
}

function picture(digit) {
  const canvas = element("canvas", "");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const pixels = new ImageData(SIDE, SIDE);
  for (let k = 0; k < digit.length; k++) {
    pixels.data.fill(Math.round(255 * digit[k]), 4 * k, 4 * k + 3);
    pixels.data[4 * k + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
