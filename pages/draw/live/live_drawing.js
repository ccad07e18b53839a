/**
 * Predicts while the pen is down: listens to the pen, draws the strokes as the canvas does, and shows what two
 * networks say of them.
 *
 *     const networks = { left: url, right: url };
 *     const stop = followPen({ networks, canvasClass, canvasSide, brushWidth });
 *
 * The strokes that the server knows are in the predictions panel. This sends nothing, and only listens to the events
 * with which the canvas draws. See streamlit_seam.py, canvas_class.
 */

import { Predictor } from "../../parts/browser_predictor/predictor.js";
import { addPosition, strokePoints } from "./fabric_pencil.js";
import { showNumber } from "./live_number.js";
import * as panel from "./live_panel.js";

/** For so long after a touch, the canvas ignores the mouse; browsers imitate one. In milliseconds. */
const MOUSE_PAUSE = 400;
/** Strokes that span no more than this fraction of the brush width are a dot, as in rasterizer.py. */
const DOT_FRACTION = 0.5;
const LISTENING = { capture: true, passive: true };

/** What the server said last; null while the canvas is not on the page. */
let given = null;
/** The panel that was taken up last, see live_panel.js. */
let record = null;
/** The strokes that the server knows, and those that it has not confirmed yet. */
let known = [];
let unconfirmed = [];
/** The stroke under the pen: {canvas, touch, positions}. */
let current = null;
let mouseFrom = 0;
let frame = 0;
let predictor = null;
let predictorKey = "";

/** While the pen is down, an answer to an earlier stroke may replace the panel. */
const lateAnswers = new MutationObserver(() => {
  if (!panel.isLive()) frame ||= requestAnimationFrame(atFrame);
});

/**
 * Begin to follow the pen, or take up other networks.
 *
 * @param {{networks: Object<string, string>, canvasClass: string, canvasSide: number, brushWidth: number}} data
 *     networks: addresses by side of the panel. canvasClass: of the element that takes the pen. canvasSide, brushWidth:
 *     in canvas pixels
 * @returns {() => void} stops following
 */
export function followPen(data) {
  if (!given) {
    for (const [type, listener] of Object.entries(LISTENERS)) document.addEventListener(type, listener, LISTENING);
  }
  given = data;
  loadPredictor(data.networks);
  return () => {
    if (given !== data) return;
    given = null;
    liftPen();
    unconfirmed = [];
    delete document.body.dataset.begun;
    for (const [type, listener] of Object.entries(LISTENERS)) document.removeEventListener(type, listener, LISTENING);
  };
}

/** Take up which strokes the server knows, if it has shown a new panel. */
function takeUpRecord() {
  const newest = panel.record();
  if (!newest || newest.number === record?.number) return;
  known = newest.strokes.map(parseStroke);
  if (newest.version !== record?.version) unconfirmed = []; // The server has replaced the drawing.
  const confirmed = unconfirmed.findLastIndex((stroke) => known.some((other) => isSame(stroke, other)));
  unconfirmed = unconfirmed.slice(confirmed + 1);
  record = newest;
}

/** Fetch the networks, unless they are here. A stroke that is drawn meanwhile is predicted at pen-up only. */
async function loadPredictor(networks) {
  const key = JSON.stringify(networks);
  if (key === predictorKey) return;
  predictorKey = key;
  predictor = null;
  try {
    const loaded = await Predictor.load(networks);
    if (key === predictorKey) predictor = loaded;
  } catch {
    // The server predicts at pen-up, as it does anyway.
  }
}

const LISTENERS = {
  mousedown: (event) => {
    if (event.button === 0 && performance.now() >= mouseFrom) penDown(event, event, null);
  },
  mousemove: (event) => {
    if (current?.touch === null) penMove(event, event);
  },
  mouseup: (event) => {
    if (current?.touch === null && event.button === 0) penUp();
  },
  touchstart: (event) => {
    const [touch] = event.changedTouches;
    if (!current) penDown(event, touch, touch.identifier);
  },
  touchmove: (event) => {
    const [touch] = event.changedTouches;
    if (current && touch.identifier === current.touch) penMove(event, touch);
  },
  touchend: (event) => {
    if (!current || current.touch === null || event.touches.length) return;
    mouseFrom = performance.now() + MOUSE_PAUSE;
    penUp();
  },
  touchcancel: () => {
    if (!current || current.touch === null) return;
    liftPen();
    cancelAnimationFrame(frame);
    frame = 0;
    tellBegun();
    panel.restore();
  },
};

function penDown(event, pointer, touch) {
  const [canvas] = event.composedPath(); // The canvas is in a shadow root.
  if (!(canvas instanceof HTMLCanvasElement) || !canvas.classList.contains(given.canvasClass)) return;
  takeUpRecord();
  current = { canvas, touch, positions: [] };
  tellBegun();
  lateAnswers.observe(document.body, { childList: true, subtree: true });
  penMove(event, pointer);
}

function penMove(event, pointer) {
  const box = current.canvas.getBoundingClientRect();
  const { canvasSide } = given;
  const position = [
    ((pointer.clientX - box.left) * canvasSide) / box.width,
    ((pointer.clientY - box.top) * canvasSide) / box.height,
  ];
  addPosition(current.positions, position, event.shiftKey);
  frame ||= requestAnimationFrame(atFrame);
}

function penUp() {
  unconfirmed.push(strokePoints(current.positions, given.brushWidth));
  liftPen();
}

function liftPen() {
  current = null;
  lateAnswers.disconnect();
}

/** Tell the page how many strokes the drawing has with those that the server does not know: presses wait for the panel
 *  that has them all, see guarded_buttons.js. */
function tellBegun() {
  const strokes = known.length + unconfirmed.length + (current ? 1 : 0);
  if (record) document.body.dataset.begun = `${record.version} ${strokes}`;
}

/** In a frame in which the pen has moved, or a late answer of the server has replaced the panel. */
function atFrame() {
  frame = 0;
  if (given && predictor) predict();
}

/** Predict the drawing as it is now, and show it. */
function predict() {
  takeUpRecord();
  const strokes = [...known, ...unconfirmed];
  if (current) strokes.push(strokePoints(current.positions, given.brushWidth));
  if (isDot(strokes, given.brushWidth)) return;
  const number = predictor.predictNumber(strokes, { brushWidth: given.brushWidth });
  if (number.length > 1) showNumber(number);
  else panel.show(number[0].digit, number[0].probabilities);
}

function parseStroke(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  return Array.from({ length: numbers.length / 2 }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]]);
}

/** Whether two strokes are one, as seen here and by the server. */
function isSame(stroke, other) {
  const near = (a, b) => Math.abs(a[0] - b[0]) < 0.01 && Math.abs(a[1] - b[1]) < 0.01;
  return stroke.length === other.length && near(stroke[0], other[0]) && near(stroke.at(-1), other.at(-1));
}

function isDot(strokes, brushWidth) {
  const [x, y] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const span = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity) -
    values.reduce((least, value) => Math.min(least, value), Infinity);
  return Math.max(span(x), span(y)) <= DOT_FRACTION * brushWidth;
}
