/**
 * Draws the layers of both models: the same figure for both, from the digit to the ten outputs.
 */

import { blockStage } from "./blocks.js";
import { gradient } from "./colours.js";
import { outputs, sum } from "./decision.js";
import { make, number } from "./elements.js";
import { read } from "./payload.js";
import { alikeTable } from "./stages.js";
import { Pointing } from "./pointing.js";
import { unitsStage } from "./units.js";

let messages = 0;

/** Draw a message (see payload.js) into an element. What was open or chosen before stays so. */
export async function show(box, message) {
  const turn = (box.turn = messages += 1);
  const content = await read(message);
  if (box.turn !== turn) return; // a later message has overtaken this one
  box.memory ??= new Map();
  const pointing = new Pointing();
  box.replaceChildren(
    legend(content.nudge),
    make(
      "div",
      { className: "sides" },
      ...content.sides.map((side, place) => sideOf(side, { content, place, pointing, memory: box.memory })),
    ),
  );
  box.dataset.nudge = content.nudge;
}

function legend(nudge) {
  const bar = (palette, ...words) =>
    make(
      "li",
      {},
      make("span", {}, words[0]),
      make("i", { style: { background: gradient(palette) } }),
      make("span", {}, words[1]),
    );
  return make(
    "div",
    { className: "legend" },
    make(
      "ul",
      {},
      bar("activation", "Activation: none", "the strongest of its layer"),
      bar("signed", "Weight or sum: negative", "positive"),
      make(
        "li",
        {},
        make("i", { className: "frame" }),
        make("span", {}, "what you point at, and all that depends on it or that it sees"),
      ),
    ),
    make(
      "p",
      {},
      "Point at any picture, or go there with the Tab key and move with the arrow keys.",
      nudge ? ` Each picture is shown before and after the nudge by ${inWords(nudge)}.` : "",
    ),
  );
}

function sideOf(side, { content, place, pointing, memory }) {
  const context = {
    digits: content.digits,
    nudge: content.nudge,
    pointing,
    memory,
    side: place,
    alike: (layer) => (side.alike[layer] ? { ...side.alike[layer], layer } : null),
  };
  return make(
    "section",
    { className: "side", style: { "--family": side.colour }, attributes: { "aria-label": `Layers of ${side.run}` } },
    make("h3", {}, side.title, " ", make("small", {}, side.run)),
    make("p", { className: "idea" }, ...idea(side)),
    content.nudge ? make("p", { className: "verdict" }, ...verdict(side, content.nudge)) : null,
    content.nudge ? alikeTable(layersOf(side)) : null,
    ...side.blocks.map((block, stage) => blockStage(block, { ...context, stage, number: stage + 1 })),
    ...side.units.map((units, index) =>
      unitsStage(units, side, { ...context, stage: side.blocks.length + index, isFirst: index === 0 }),
    ),
    sum(side, content.nudge),
    outputs(side, content.nudge),
  );
}

/** What a student should see in the figure, in one sentence. */
function idea(side) {
  if (side.readsPlaces) {
    return [
      make("strong", {}, `The ${side.title} looks at fixed places`),
      ": each hidden unit has its own weight for each of the 784 pixels, so a digit that moves meets other weights.",
    ];
  }
  if (side.blocks.some(({ filters }) => filters)) {
    return [
      make("strong", {}, `The ${side.title} looks for shapes, wherever they are`),
      ": each filter visits every place of the digit, so its map moves along with the digit.",
    ];
  }
  return [`The ${side.title} has other layers than the MLP and the CNN of this project. Here they are, one by one.`];
}

/** Each layer with its correlations, first to last. */
function layersOf(side) {
  return [
    ["The digit itself", side.alike.digit],
    ...side.blocks.flatMap((block, place) => [
      [`Block ${place + 1}: maps`, side.alike[block.name]],
      [`Block ${place + 1}: pooled`, side.alike[block.pooledName]],
    ]),
    ...side.units.map(({ name }) => ["Hidden layer", side.alike[name]]),
    ["The ten outputs", side.alike.probabilities],
  ];
}

/** How far and in which direction a nudge moves the digit. */
function inWords(nudge) {
  return `${Math.abs(nudge)} pixels to the ${nudge < 0 ? "left" : "right"}`;
}

/** What the nudge has changed, in words and figures. */
function verdict(side, nudge) {
  const [before, after] = side.predictions;
  const strong = (text) => make("strong", {}, text);
  const parts = [
    `Moved ${inWords(nudge)}, the ${side.title} `,
    before === after ? strong(`still predicts ${before}`) : strong(`predicts ${after} instead of ${before}`),
    ". ",
  ];
  const [block] = side.blocks;
  if (block) {
    const { same, moved } = side.alike[block.name];
    parts.push(
      "Its first maps ",
      strong("move along"),
      `: cell by cell they correlate by ${number(same)}, moved along by ${number(moved)}. `,
    );
    const last = side.alike[side.blocks.at(-1).pooledName];
    if (last && last.same > same) {
      parts.push("Pooling makes the maps ", strong("coarser"), `: after the last one it is ${number(last.same)} cell by cell. `);
    }
  }
  const deciding = side.units.at(-1);
  if (deciding?.contributions.length) {
    const still = deciding.shown[1].filter((unit) => deciding.shown[0].includes(unit)).length;
    const all = deciding.shown[0].length;
    parts.push(
      `Of the ${all} hidden units that decided most, `,
      strong(`${still} ${still === 1 ? "is" : "are"} still among the ${all}`),
      `; the activations of the hidden layer correlate by ${number(side.alike[deciding.name].same)}.`,
    );
  }
  return parts;
}
