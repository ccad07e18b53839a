/**
 * The chart of one slider: each model's probability of its target over the whole range, and below it, as a strip for
 * each model, which digit it predicts where. A dashed line marks the value now.
 */

import { asText } from "./amounts.js";
import { answerOf, asProbability, failuresOf } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 132;
/** Room on the left for percentages and short names; long names get more, and as many letters as fit. */
const LEFT = 46;
const LONG_NAME = 5;
const NARROW = 420;
const RIGHT = 12;
const TOP = 22;
const STRIP = 22;
/** A run of one answer in a strip gets its digit if it is at least so wide, in pixels. */
const WIDE = 12;

/**
 * Draw the chart.
 *
 * @param {HTMLElement} box
 * @param {Object} slider see amounts.js
 * @param {{values: number[], sides: Array<{name: string, colour: string, target: number, probabilities: number[][]}>}}
 *     curves
 * @returns {(value: number) => void} moves the mark of the value now
 */
export function drawChart(box, slider, { values, sides }) {
  const width = Math.max(box.clientWidth, 240);
  const height = TOP + HEIGHT + 24 + sides.length * (STRIP + 6) + 6;
  const letters = width < NARROW ? 8 : 14;
  const isLong = sides.some(({ name }) => name.length > LONG_NAME);
  const left = isLong ? LEFT + 4.5 * letters : LEFT;
  const across = (value) => left + ((value - slider.low) / (slider.high - slider.low)) * (width - left - RIGHT);
  const down = (probability) => TOP + (1 - probability) * HEIGHT;
  const svg = element("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": spoken(slider, values, sides),
  });

  for (const [probability, text] of [
    [1, "100 %"],
    [0.5, "50 %"],
    [0, "0 %"],
  ]) {
    svg.append(
      element("line", { class: "grid", x1: left, x2: width - RIGHT, y1: down(probability), y2: down(probability) }),
      label(text, { x: left - 8, y: down(probability) + 5, "text-anchor": "end" }),
    );
  }
  const ends = [
    [slider.low, "start"],
    [slider.high, "end"],
  ];
  const middle = [slider.neutral, "middle"];
  for (const [value, anchor] of slider.neutral > slider.low && slider.neutral < slider.high
    ? [...ends, middle]
    : ends) {
    svg.append(label(asText(slider, value), { x: across(value), y: TOP + HEIGHT + 17, "text-anchor": anchor }));
  }

  sides.forEach((side, number) => {
    const points = values.map(
      (value, k) => `${across(value).toFixed(1)},${down(side.probabilities[k][side.target]).toFixed(1)}`,
    );
    const line = element("polyline", { class: `curve side-${number}`, points: points.join(" ") });
    line.style.stroke = side.colour;
    svg.append(line);
  });
  sides.forEach((side, number) => {
    const answers = side.probabilities.map(answerOf);
    const failures = failuresOf(slider, values, answers, side.target);
    const first = failures.atNeutral ? [] : [failures.below, failures.above].filter(Boolean);
    for (const failure of first) {
      const probability = side.probabilities[values.indexOf(failure.value)][side.target];
      const dot = element("circle", { class: "fails", cx: across(failure.value), cy: down(probability), r: 5 });
      dot.style.stroke = side.colour;
      svg.append(dot);
    }
    svg.append(
      strip(side, answers, values, across, TOP + HEIGHT + 26 + number * (STRIP + 6), {
        low: left,
        high: width - RIGHT,
        letters,
      }),
    );
  });

  const mark = element("line", { class: "mark", y1: TOP - 2, y2: height - 6 });
  const here = label("", { class: "here", y: TOP - 8 });
  svg.append(mark, here);
  box.replaceChildren(svg);

  return (value) => {
    const x = across(value);
    mark.setAttribute("x1", x);
    mark.setAttribute("x2", x);
    here.textContent = asText(slider, value);
    const room = 34;
    here.setAttribute("text-anchor", x > width - room ? "end" : x < left + room ? "start" : "middle");
    here.setAttribute("x", x > width - room ? width - RIGHT : x);
  };
}

/** Which digit a model predicts where: a cell for each run of one answer. */
function strip(side, answers, values, across, y, { low, high, letters }) {
  const group = element("g", { class: "strip" });
  const name = label(side.name.slice(0, letters), {
    x: low - 8,
    y: y + STRIP / 2 + 5,
    "text-anchor": "end",
    class: "name",
  });
  name.style.fill = side.colour;
  group.append(name);
  const half = (across(values[1]) - across(values[0])) / 2;
  let start = 0;
  for (let k = 1; k <= answers.length; k++) {
    if (k < answers.length && answers[k] === answers[start]) continue;
    const from = Math.max(across(values[start]) - half, low);
    const to = Math.min(across(values[k - 1]) + half, high);
    const isTarget = answers[start] === side.target;
    const cell = element("rect", {
      x: from,
      y,
      width: Math.max(to - from - 1, 0.5),
      height: STRIP,
      rx: 3,
      class: isTarget ? "holds" : "falls",
    });
    cell.style.fill = side.colour;
    group.append(cell);
    if (to - from >= WIDE) {
      group.append(
        label(String(answers[start]), {
          x: (from + to) / 2,
          y: y + STRIP / 2 + 5,
          "text-anchor": "middle",
          class: isTarget ? "on-holds" : "on-falls",
        }),
      );
    }
    start = k;
  }
  return group;
}

/** The chart in words. */
function spoken(slider, values, sides) {
  const parts = sides.map((side) => {
    const { below, above, atNeutral } = failuresOf(slider, values, side.probabilities.map(answerOf), side.target);
    const points = [below, above]
      .filter(Boolean)
      .map(({ value, answer }) => `${asText(slider, value)} (falls for ${answer})`);
    const fails = atNeutral
      ? "fails without a nudge"
      : points.length
        ? `first fails at ${points.join(" and ")}`
        : "never fails";
    return `${side.name}, probability of ${side.target}: ${fails}`;
  });
  return `${slider.title} from ${asText(slider, slider.low)} to ${asText(slider, slider.high)}. ${parts.join(". ")}.`;
}

/** All values of the chart as a table. */
export function drawTable(box, slider, { values, sides }) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const text of [
    slider.title,
    ...sides.flatMap((side) => [`${side.name} predicts`, `${side.name}, probability of ${side.target}`]),
  ]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    head.append(cell);
  }
  const body = table.createTBody();
  values.forEach((value, k) => {
    const row = body.insertRow();
    const texts = sides.flatMap(({ probabilities, target }) => [
      answerOf(probabilities[k]),
      asProbability(probabilities[k][target]),
    ]);
    const first = document.createElement("th");
    first.scope = "row";
    first.textContent = asText(slider, value);
    row.append(first);
    for (const text of texts) row.insertCell().textContent = text;
  });
  box.replaceChildren(table);
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function label(text, attributes) {
  const made = element("text", attributes);
  made.textContent = text;
  return made;
}
