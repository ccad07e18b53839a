/**
 * The nudge bench: follows the drag of a digit and its sliders, nudges and predicts in the browser, and reports the
 * amounts to the server when the digit is let go. The server's answer then replaces what the browser has shown.
 *
 *     showBench(root, data, send)      // at each answer of the server
 *
 * `data` is what pages/why/nudge_bench.py gives, with the addresses of the networks made absolute. While the bench
 * shows predictions of the browser, its data-from is "browser"; with the server's answer it is "server".
 */

import { NEUTRAL, nudgeDigit } from "../../parts/browser_predictor/nudge.js";
import { Predictor } from "../../parts/browser_predictor/predictor.js";
import { asText, nearest, valuesOf } from "./amounts.js";
import { drawChart, drawTable } from "./chart.js";
import { showWeakest } from "./weakest.js";
import { answerOf, asProbability, failuresOf, lineOf, said } from "./words.js";

const SIDE = 28;
const SIDES = ["left", "right"];
/** After a key, the server is asked when no other key has followed for so long, in milliseconds. */
const KEY_PAUSE = 350;
/** So long the browser computes a chart's curves at a time, in milliseconds, so that frames are not late. */
const SLICE = 5;
/** The other axis becomes the slider in hand when the digit moves so many times as far along it. */
const MORE = 1.5;
/** While the digit moves, its curves wait until it has been still for so long, in milliseconds. */
const STILL = 100;
/** What the arrow keys do on the digit, in pixels. */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Without a missing patch, its place means nothing and its sliders are hidden. */
const PLACES = ["patch_right", "patch_down"];

const benches = new WeakMap();

/** Show what the server says on the bench in `root`. send(name, value) reports to the server. */
export function showBench(root, data, send) {
  const element = root.querySelector(".bench");
  if (!benches.has(element)) benches.set(element, new Bench(element, data));
  benches.get(element).take(data, send);
}

/** The predictor of the pair that was loaded last. Pages come and go, the networks stay. */
let loaded = { key: "", predictor: null };

class Bench {
  constructor(element, data) {
    this.element = element;
    this.sliders = Object.fromEntries(data.sliders.map((slider) => [slider.name, slider]));
    this.turn = null;
    this.isHeld = false;
    this.frame = 0;
    this.pause = 0;
    this.nudged = new Float32Array(SIDE * SIDE);
    this.context = this.find("canvas").getContext("2d");
    this.picture = new ImageData(SIDE, SIDE);
    this.picture.data.fill(255);
    this.build();
    this.listen();
    new ResizeObserver(() => this.drawChart()).observe(this.find(".plot"));
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  /** Make the rows of the bars and of the sliders. */
  build() {
    this.rows = Array.from({ length: 10 }, (_, digit) => {
      const row = document.createElement("div");
      row.className = "row";
      row.dataset.digit = digit;
      row.innerHTML = SIDES.map(
        (side) =>
          `<span class="percent" data-side="${side}"></span><span class="bar" data-side="${side}"><i></i></span>`,
      ).join(`<b>${digit}</b>`);
      const parts = SIDES.map((side) => ({
        percent: row.querySelector(`.percent[data-side=${side}]`),
        bar: row.querySelector(`.bar[data-side=${side}]`),
        fill: row.querySelector(`.bar[data-side=${side}] i`),
      }));
      return { row, parts };
    });
    this.find(".rows").replaceChildren(...this.rows.map(({ row }) => row));

    this.inputs = {};
    const list = Object.values(this.sliders).map((slider) => {
      const label = document.createElement("label");
      label.className = "slider";
      label.dataset.name = slider.name;
      const title = document.createElement("span");
      title.textContent = slider.title;
      const input = document.createElement("input");
      Object.assign(input, { type: "range", min: slider.low, max: slider.high, step: slider.step });
      const output = document.createElement("output");
      label.append(title, input, output);
      this.inputs[slider.name] = { label, input, output };
      return label;
    });
    this.find(".list").replaceChildren(...list);
  }

  listen() {
    for (const [name, { input }] of Object.entries(this.inputs)) {
      const take = () => this.takeInHand(name);
      input.addEventListener("pointerdown", take);
      input.addEventListener("focus", take);
      input.addEventListener("input", () => this.change({ [name]: nearest(this.sliders[name], input.valueAsNumber) }));
      input.addEventListener("change", () => this.reportSoon());
      input.addEventListener("dblclick", () => {
        this.change({ [name]: this.sliders[name].neutral });
        this.report();
      });
    }
    this.find(".reset").onclick = () => {
      this.change({ ...NEUTRAL, noise_seed: this.amounts.noise_seed });
      this.report();
    };
    this.find(".reseed").onclick = () => {
      const { noise_seed } = this.amounts;
      this.takeInHand("noise");
      this.change({ noise_seed: (noise_seed % 9999) + 1 });
      this.report();
    };
    this.find(".find").onclick = () => {
      this.find(".find").disabled = true;
      this.send("weakest", true);
    };
    this.find(".values").addEventListener("toggle", () => this.drawTable());
    this.listenToPad(this.find(".pad"));
  }

  /** The digit is moved by mouse, pen or finger, and by arrow keys. */
  listenToPad(pad) {
    let from = null;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pad.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY, amounts: this.amounts };
      this.isHeld = true;
      pad.classList.add("held");
    });
    pad.addEventListener("pointermove", (event) => {
      if (!from) return;
      const pixel = pad.getBoundingClientRect().width / SIDE;
      this.move(from.amounts, (event.clientX - from.x) / pixel, (event.clientY - from.y) / pixel);
    });
    const letGo = () => {
      if (!from) return;
      from = null;
      this.isHeld = false;
      pad.classList.remove("held");
      if (!this.isSettled) this.report();
    };
    pad.addEventListener("pointerup", letGo);
    pad.addEventListener("pointercancel", letGo);
    pad.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const pixels = event.shiftKey ? 0.25 : 1;
      this.move(this.amounts, step[0] * pixels, step[1] * pixels);
      this.reportSoon();
    });
  }

  /** Shift the digit from where it was, in pixels of the digit. The axis that moves more is the slider in hand. */
  move(from, right, down) {
    const other = this.hand === "shift_right" ? [down, right, "shift_down"] : [right, down, "shift_right"];
    const isShift = this.hand === "shift_right" || this.hand === "shift_down";
    if (!isShift) this.takeInHand(Math.abs(right) >= Math.abs(down) ? "shift_right" : "shift_down");
    else if (Math.abs(other[0]) > MORE * Math.abs(other[1])) this.takeInHand(other[2]);
    this.change({
      shift_right: nearest(this.sliders.shift_right, from.shift_right + right),
      shift_down: nearest(this.sliders.shift_down, from.shift_down + down),
    });
  }

  takeInHand(name) {
    if (this.hand === name) return;
    this.hand = name;
    this.showHand();
    this.drawSoon();
  }

  change(amounts) {
    this.amounts = { ...this.amounts, ...amounts };
    this.isSettled = false;
    this.drawSoon();
  }

  drawSoon() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Tell the server, unless another change follows at once. */
  reportSoon() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.report(), KEY_PAUSE);
  }

  report() {
    clearTimeout(this.pause);
    this.turn = Date.now();
    this.send("nudge", { amounts: this.amounts, slider: this.hand, turn: this.turn });
  }

  /** What the server says. It stands, unless the digit has been moved since the server was asked. */
  take(data, send) {
    const isNew = data.digit !== this.data?.digit;
    const isLate = this.turn !== null && data.turn !== this.turn && !isNew;
    this.data = data;
    this.send = send;
    this.digit = floats(data.digit);
    this.loadPredictor();
    this.showPair();
    this.showNote();
    this.showWeakest();
    if (!this.amounts || !(isLate || this.isHeld)) {
      clearTimeout(this.pause);
      this.amounts = data.amounts;
      this.hand = data.slider;
      this.showHand();
      this.curves = this.curvesOf(data.slider, data.sweep);
      this.curvesKey = this.key();
      this.isSettled = true;
      this.show(data.now);
      this.drawChart();
    } else if (isNew) {
      this.drawSoon();
    }
  }

  loadPredictor() {
    const { networks } = this.data;
    const key = JSON.stringify(networks);
    if (!networks || loaded.key === key) return;
    loaded = { key, predictor: null };
    Predictor.load(networks).then(
      (predictor) => {
        if (loaded.key === key) loaded.predictor = predictor;
        this.element.dataset.predicts = "browser";
      },
      () => {}, // The server predicts when the digit is let go, as it does anyway.
    );
  }

  /** One frame: nudge, predict, show. */
  draw() {
    if (this.isSettled) {
      this.tell();
      this.updateCurves();
      return;
    }
    const { predictor } = loaded;
    nudgeDigit(this.digit, this.amounts, this.nudged);
    if (predictor)
      this.show(
        SIDES.map((side) => predictor.networks[side].predict(this.nudged)),
        "browser",
      );
    else this.showDigit();
    clearTimeout(this.stillness);
    const isNewSlider = this.curves.slider !== this.hand && !this.isHeld;
    this.stillness = setTimeout(() => this.updateCurves(), isNewSlider ? 0 : STILL);
  }

  /** Show the digit and what both models say of it. */
  show(probabilities, from = "server") {
    this.now = probabilities;
    if (from === "server") nudgeDigit(this.digit, this.amounts, this.nudged);
    this.element.dataset.from = from;
    this.find(".story").setAttribute("aria-busy", from === "browser");
    this.showDigit();
    for (const [name, { input, output, label }] of Object.entries(this.inputs)) {
      const value = this.amounts[name];
      if (input.valueAsNumber !== value) input.value = value;
      const text = asText(this.sliders[name], value);
      setText(output, text);
      input.setAttribute("aria-valuetext", text);
      label.classList.toggle("neutral", value === this.sliders[name].neutral);
      label.classList.toggle("idle", PLACES.includes(name) && !this.amounts.patch_size && this.hand !== name);
    }
    probabilities.forEach((values, number) => {
      const best = answerOf(values);
      this.rows.forEach(({ parts }, digit) => {
        const { percent, bar, fill } = parts[number];
        setText(percent, asProbability(values[digit]));
        fill.style.width = `${(100 * values[digit]).toFixed(2)}%`;
        bar.classList.toggle("won", digit === best);
        percent.classList.toggle("won", digit === best);
      });
      if (from === "server") {
        const words = [...values].map((value, digit) => `${digit}: ${asProbability(value)}`).join(", ");
        this.find(`.spoken[data-side=${SIDES[number]}]`).setAttribute(
          "aria-label",
          `${this.data.sides[number].name}. ${words}`,
        );
      }
    });
    this.find(".reseed").hidden = !this.amounts.noise;
    this.tell();
  }

  showDigit() {
    const { data } = this.picture;
    for (let k = 0; k < this.nudged.length; k++)
      data[4 * k] = data[4 * k + 1] = data[4 * k + 2] = Math.round(255 * this.nudged[k]);
    this.context.putImageData(this.picture, 0, 0);
  }

  /** The heading, the line below it, and the mark in the chart. */
  tell() {
    const isNudged =
      Object.keys(this.sliders).some((name) => !name.startsWith("patch_") && this.amounts[name] !== NEUTRAL[name]) ||
      this.amounts.patch_size > 0;
    this.data.sides.forEach(({ name }, number) => {
      setText(
        this.find(`.said[data-side=${SIDES[number]}]`),
        said(name, this.data.before[number], this.now[number], isNudged),
      );
    });
    const slider = this.sliders[this.hand];
    if (this.curves?.slider === this.hand) this.moveMark?.(this.amounts[this.hand]);
    // The curves of another slider, or of the digit as it was, say nothing about this one.
    const isCurrent = this.curvesKey === this.key();
    this.element.dataset.curves = isCurrent ? "current" : "late";
    const sides = this.data.sides.map(({ name }, number) => {
      const { failures = null } = (isCurrent && this.curves.sides[number]) || {};
      return { name, target: this.data.targets[number], failures, answer: answerOf(this.now[number]) };
    });
    setText(this.find(".line"), lineOf(slider, this.amounts[this.hand], sides));
  }

  showPair() {
    this.data.sides.forEach(({ name, colour }, number) => {
      this.element.style.setProperty(`--${SIDES[number]}`, colour);
      setText(this.find(`.heads [data-side=${SIDES[number]}]`), name);
    });
  }

  showNote() {
    setText(this.find(".note"), this.data.note);
    this.find(".pad").setAttribute(
      "aria-label",
      `${this.data.note} Arrow keys move it by a pixel, with Shift by a quarter.`,
    );
    const { label, targets, sides } = this.data;
    const known = label === null ? "which both models predict without a nudge" : "the true digit";
    const each = sides.map(({ name }, number) => `${name} ${targets[number]}`).join(", ");
    this.whose =
      targets[0] === targets[1]
        ? `Probability of ${targets[0]}, ${known}`
        : `Probability of what each predicts without a nudge: ${each}`;
  }

  showHand() {
    for (const [name, { label }] of Object.entries(this.inputs)) label.classList.toggle("in-hand", name === this.hand);
  }

  showWeakest() {
    const { weakest, sides } = this.data;
    this.find(".find").disabled = false;
    this.find(".find").hidden = weakest !== null;
    showWeakest(this.find(".weakest"), weakest, { sides, sliders: this.sliders }, (spot) => {
      this.takeInHand(spot.amount);
      this.change(spot.nudge);
      this.report();
    });
  }

  /** What the curves depend on: the slider in hand, and all other amounts. */
  key() {
    return JSON.stringify([this.data.digit, this.data.networks, this.hand, { ...this.amounts, [this.hand]: null }]);
  }

  curvesOf(name, sweep) {
    const slider = this.sliders[name];
    const values = valuesOf(slider);
    const sides = this.data.sides.map((side, number) => {
      const target = this.data.targets[number];
      const probabilities = sweep[number];
      return {
        ...side,
        target,
        probabilities,
        failures: failuresOf(slider, values, probabilities.map(answerOf), target),
      };
    });
    return { slider: name, values, sides };
  }

  /** Compute the curves of the slider in hand, a few values at a time, unless they are there. */
  async updateCurves() {
    const { predictor } = loaded;
    if (!predictor || this.isComputing || this.curvesKey === this.key()) return;
    this.isComputing = true;
    const [key, name, amounts, digit] = [this.key(), this.hand, this.amounts, this.digit];
    const sweep = SIDES.map(() => []);
    let ends = performance.now() + SLICE;
    for (const value of valuesOf(this.sliders[name])) {
      const nudged = nudgeDigit(digit, { ...amounts, [name]: value });
      SIDES.forEach((side, number) => sweep[number].push(predictor.networks[side].predict(nudged)));
      if (performance.now() < ends) continue;
      await nextTask();
      if (key !== this.key()) break; // The digit has been changed meanwhile, which asks for the curves again.
      ends = performance.now() + SLICE;
    }
    this.isComputing = false;
    if (key !== this.key()) {
      this.drawSoon();
      return;
    }
    this.curves = this.curvesOf(name, sweep);
    this.curvesKey = key;
    this.drawChart();
    this.tell();
  }

  drawChart() {
    if (!this.curves) return;
    const slider = this.sliders[this.curves.slider];
    setText(this.find("figcaption"), `${slider.title}. ${this.whose}`);
    this.moveMark = drawChart(this.find(".plot"), slider, this.curves);
    this.moveMark(this.amounts[this.curves.slider]);
    this.drawTable();
  }

  /** The table is long, so it is there only while it is open. */
  drawTable() {
    if (this.find(".values").open && this.curves)
      drawTable(this.find(".table"), this.sliders[this.curves.slider], this.curves);
    else this.find(".table").replaceChildren();
  }
}

/** Let the browser handle what has happened meanwhile. Unlike a timeout, a message does not wait. */
function nextTask() {
  return new Promise((resume) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = resume;
    channel.port2.postMessage(null);
  });
}

function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}

/** Change a text and keep its text node, which spares the browser work. */
function setText(element, text) {
  if (element.textContent === text) return;
  if (element.firstChild) element.firstChild.data = text;
  else element.textContent = text;
}
