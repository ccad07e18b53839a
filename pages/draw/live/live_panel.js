/**
 * Shows predictions in the predictions panel that the server has made (predictions_panel.html.j2), without the server.
 *
 * The panel is the server's: this file changes texts, widths and classes in it, and the server's next panel replaces
 * all of it. What it finds there:
 *
 *     .duel[data-strokes]                          the panel. data-number: tells it from all others of this visitor.
 *                                                  data-version: of the canvas' content. data-known: the strokes in it
 *       .seen                                      the 28x28
 *       [role=status] .verdict                     the sentence
 *       .side[data-side=left|right]                .answer b and .confidence span of each network
 *       .row[data-digit=0...9]                     .bar[data-side] i and .percent[data-side] span
 */

const PANEL = ".duel[data-strokes]";
export const SIDE = 28;
/** A prediction with a lower probability is called unsure, as in mnist_core/reporting/agreement.py. */
export const UNSURE = 0.7;
const VERDICT_WHILE_DRAWING = { agree: (digit) => `Both say ${digit} so far.`, differ: () => "They disagree so far." };

/** The parts of each panel, found once; and what a panel held before. */
const partsOf = new WeakMap();

/**
 * Show predictions.
 *
 * @param {Float32Array} digit 784 values in 0..1
 * @param {{left: Float32Array, right: Float32Array}} probabilities ten each
 */
export function show(digit, probabilities) {
  const panel = document.querySelector(PANEL);
  if (!panel) return;
  if (panel.classList.contains("number")) restore(); // A stroke has joined two digits that were shown a moment ago.
  if (panel.classList.contains("number")) {
    panel.classList.add("outdated"); // It is about a number that is no longer there. The server tells in a moment.
    return;
  }
  const parts = partsOf.get(panel) ?? begin(panel);
  const digits = Object.entries(probabilities).map(([side, values]) => showSide(parts.sides[side], values));
  showDigit(parts.seen, digit);
  const words = digits.every((each) => each === digits[0]) ? VERDICT_WHILE_DRAWING.agree : VERDICT_WHILE_DRAWING.differ;
  setText(parts.verdict, words(digits[0]));
}

/**
 * What the server's panel is about; null if there is none.
 *
 * @returns {?{number: string, version: string, strokes: string[]}} number: another one in each panel. version: of the
 *     canvas' content; it changes when the server replaces the drawing. strokes: see live_prediction.py, for_browser
 */
export function record() {
  const data = document.querySelector(PANEL)?.dataset;
  return data ? { number: data.number, version: data.version, strokes: data.known.split(" ").filter(Boolean) } : null;
}

/** Whether the panel shows what `show` has put there, and not what the server says. */
export function isLive() {
  const panel = document.querySelector(PANEL);
  return panel !== null && partsOf.has(panel);
}

/** Bring back what the server said, for a stroke that the server never gets. */
export function restore() {
  const panel = document.querySelector(PANEL);
  panel?.classList.remove("outdated");
  const parts = panel && partsOf.get(panel);
  if (!parts) return;
  panel.replaceChildren(...parts.before);
  panel.className = parts.className;
  panel.style.cssText = parts.style;
  partsOf.delete(panel);
}

/**
 * The panel for `live_number.js`, with what the server said put aside for `restore`; null if there is none. When it is
 * taken for the first time, prepare(panel) makes it ready.
 */
export function taken(prepare) {
  const panel = document.querySelector(PANEL);
  if (panel && !partsOf.get(panel)?.isNumber) {
    restore();
    const before = [...panel.cloneNode(true).childNodes];
    partsOf.set(panel, { before, className: panel.className, style: panel.style.cssText, isNumber: true });
    prepare(panel);
  }
  return panel;
}

/** Find a panel's parts and make them ready. */
function begin(panel) {
  const before = [...panel.cloneNode(true).childNodes];
  // Screen readers read the server's verdict, and not one for each move of the pen.
  panel.querySelector("[role=status]")?.setAttribute("aria-busy", "true");
  for (const time of panel.querySelectorAll(".time")) time.textContent = "\u00a0";
  const sides = {};
  for (const side of ["left", "right"]) {
    const head = panel.querySelector(`.side[data-side=${side}]`);
    const rows = [...Array(10).keys()].map((digit) => panel.querySelectorAll(`.row[data-digit="${digit}"]`));
    const inRows = (selector) => rows.map((row) => [...row].map((each) => each.querySelector(selector)).find(Boolean));
    sides[side] = {
      head,
      answer: head?.querySelector(".answer b"),
      confidence: head?.querySelector(".confidence span"),
      bars: inRows(`.bar[data-side=${side}]`),
      fills: inRows(`.bar[data-side=${side}] i`),
      percents: inRows(`.percent[data-side=${side}]`),
      texts: inRows(`.percent[data-side=${side}] span`),
      best: null,
    };
    head?.classList.remove("waiting");
  }
  const seen = liveDigit(panel.querySelector(".seen"));
  const { className, style } = panel;
  const verdict = panel.querySelector(".verdict");
  const parts = { before, className, style: style.cssText, sides, seen, verdict };
  partsOf.set(panel, parts);
  return parts;
}

/** A canvas of 28x28 pixels in the place of the server's picture; what is drawn on it appears in the same frame. */
function liveDigit(seen) {
  if (!seen) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.className = "seen";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The 28 by 28 pixels that both models get");
  seen.replaceWith(canvas);
  const context = canvas.getContext("2d");
  const picture = new ImageData(SIDE, SIDE);
  picture.data.fill(255);
  return { context, picture };
}

function showDigit(seen, digit) {
  if (!seen) return;
  const { data } = seen.picture;
  for (let k = 0; k < digit.length; k++) data[4 * k] = data[4 * k + 1] = data[4 * k + 2] = Math.round(255 * digit[k]);
  seen.context.putImageData(seen.picture, 0, 0);
}

/** Show one network's probabilities; returns its digit. */
function showSide(side, probabilities) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  side.head?.classList.toggle("unsure", probabilities[best] < UNSURE);
  setText(side.answer, String(best));
  setText(side.confidence, asText(probabilities[best]));
  for (let digit = 0; digit < 10; digit++) {
    if (side.fills[digit]) side.fills[digit].style.width = `${100 * probabilities[digit]}%`;
    setText(side.texts[digit], asText(probabilities[digit]));
    if (best === side.best) continue;
    for (const part of [side.bars[digit], side.percents[digit]]) part?.classList.toggle("won", digit === best);
  }
  side.best = best;
  return best;
}

/** As mnist_core/formatting.py writes a probability. */
export function asText(probability) {
  if (probability > 0.999) return "> 99.9 %";
  if (probability < 0.001) return "< 0.1 %";
  return `${(100 * probability).toFixed(1)} %`;
}

/**
 * Change a text. Where there is one already, the text node stays: style sheets with :has() make a browser look at all
 * styles of the page again when a node comes or goes.
 */
function setText(element, text) {
  if (!element || element.textContent === text) return;
  if (element.childNodes.length === 1 && element.firstChild.nodeType === Node.TEXT_NODE) element.firstChild.data = text;
  else element.textContent = text;
}
