/** A block of the CNN: one map in detail, from the digit through the filter to the pooling, and all maps. */

import { paint, paintKept } from "./colours.js";
import { alikeLine, isStill, PASSES, pictureFrame, row, stageOf, tileGroup } from "./stages.js";
import { make, number } from "./elements.js";
import { pool } from "./fields.js";

const FEW = 16;

export function blockStage(block, context) {
  const { digits, pointing, memory, side, stage } = context;
  const [maps] = block.maps;
  const key = `${side}:${block.name}`;
  const readout = make("p", { className: "readout", attributes: { "aria-live": "polite" } });
  const shared = { side, stage, window: block.window, readout };
  const detail = make("div", { className: "detail" });
  const numberOf = (place) => block.channels[place] + 1;

  function showDetail(place) {
    pointing.dropWithin(detail);
    const rows = block.maps.map((arrays, pass) => {
      const map = arrays.picture(place);
      const pooled = block.pooled && pool(map, block.pooled, block.window);
      const of = isStill(block.maps) ? "" : `, ${PASSES[pass]}`;
      return row(context.nudge ? PASSES[pass] : null, [
        digitPicture(digits[pass], { ...context, readout, of }),
        block.filters && filterPicture(block.filters.picture(place), numberOf(place)),
        cellPicture(map, {
          ...shared,
          pointing,
          role: "map",
          field: block.field,
          name: `Map ${numberOf(place)}${of}`,
          caption: `map ${numberOf(place)}, ${map.rows} × ${map.columns}`,
          kept: pooled?.kept,
        }),
        pooled &&
          cellPicture(pooled.picture, {
            ...shared,
            pointing,
            role: "pooled",
            field: block.pooledField,
            name: `Map ${numberOf(place)} after pooling${of}`,
            caption: `pooled, ${pooled.picture.rows} × ${pooled.picture.columns}`,
          }),
      ]);
    });
    detail.replaceChildren(...rows);
    pointing.show();
  }

  const tiles = tileGroup({
    label: `Maps of block ${context.number}, the strongest first`,
    count: maps.count,
    few: FEW,
    more: `Show all ${maps.count} maps`,
    memory,
    key,
    choose: showDetail,
    tile: (place) => {
      const button = make("button", {
        type: "button",
        className: "tile",
        attributes: { "aria-label": `Map ${numberOf(place)}` },
        title: `Map ${numberOf(place)}`,
      });
      if (block.filters) {
        const canvas = make("canvas", { className: "filter" });
        paint(canvas, block.filters.picture(place), "signed");
        button.append(canvas);
      }
      for (const arrays of block.maps) {
        const picture = arrays.picture(place);
        const canvas = make("canvas");
        paint(canvas, picture, "activation");
        const frame = make("span", { className: "picture" }, canvas);
        pointing.add(frame, {
          ...shared,
          ...sizeOf(picture),
          role: "map",
          field: block.field,
          value: valueOf(picture),
        });
        button.append(frame);
      }
      return button;
    },
  });
  const small = block.pooled ? `, pooled to ${block.pooled.join(" × ")}` : "";
  return stageOf(
    `Block ${context.number}: ${maps.count} maps of ${maps.rows} × ${maps.columns}${small}`,
    make("p", { className: "note" }, note(block, context.nudge)),
    alikeLine([
      ["same cells", context.alike(block.name)],
      ["after pooling", block.pooled ? context.alike(block.pooledName) : null],
    ]),
    detail,
    readout,
    tiles,
  );
}

function note(block, nudge) {
  const { size } = block.field;
  const filters = block.filters ? "Above each map is its filter of 3 × 3 weights. " : "";
  const pooling = block.pooled
    ? "Pooling keeps the largest of each 2 × 2 cells: those are drawn full, the others small."
    : "";
  const passes = nudge ? " The upper map is from before the nudge, the lower one from after it." : "";
  return `A cell sees ${size} × ${size} pixels. ${filters}${pooling}${passes}`;
}

export function digitPicture(digit, { pointing, side, readout, of = "" }) {
  const picture = digit.picture(0);
  const canvas = make("canvas");
  paint(canvas, picture, "ink");
  const frame = pictureFrame(canvas, `The digit${of}`, picture);
  pointing.add(frame, {
    side,
    readout,
    ...sizeOf(picture),
    role: "digit",
    value: (r, c) => `ink ${valueOf(picture, "")(r, c)}`,
    isStop: true,
  });
  return make("figure", {}, frame, make("figcaption", {}, "the digit"));
}

export function cellPicture(picture, { pointing, name, caption, kept = null, palette = "activation", ...options }) {
  const canvas = make("canvas");
  if (kept) paintKept(canvas, picture, kept, palette);
  else paint(canvas, picture, palette);
  const frame = pictureFrame(canvas, name, picture);
  pointing.add(frame, { ...sizeOf(picture), value: valueOf(picture), isStop: true, ...options });
  return make("figure", {}, frame, make("figcaption", {}, caption));
}

function filterPicture(picture, channel) {
  const canvas = make("canvas", {
    attributes: { role: "img", "aria-label": `Filter ${channel}, ${picture.rows} by ${picture.columns} weights` },
  });
  paint(canvas, picture, "signed");
  return make(
    "figure",
    { className: "small" },
    make("span", { className: "picture" }, canvas),
    make("figcaption", {}, "its filter"),
  );
}

export function sizeOf({ rows, columns }) {
  return { rows, columns };
}

export function valueOf(picture, word = "activation ") {
  return (r, c) => `${word}${number(picture.values[r * picture.columns + c] * picture.largest)}`;
}
