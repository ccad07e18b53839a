/** A hidden dense layer: the units that decided, with what each of them reads, its activation and its contribution. */

import { cellPicture, digitPicture, sizeOf, valueOf } from "./blocks.js";
import { paint } from "./colours.js";
import { make, number, signedNumber } from "./elements.js";
import { alikeLine, PASSES, row, stageOf, tileGroup } from "./stages.js";

export function unitsStage(units, side, context) {
  const { pointing, memory, stage } = context;
  const key = `${context.side}:${units.name}`;
  const readout = make("p", { className: "readout", attributes: { "aria-live": "polite" } });
  const detail = make("div", { className: "detail" });
  const shared = { side: context.side, stage, readout, pointing };
  const [{ answer, other }] = side.decisions;
  const decides = units.contributions.length > 0;

  function showDetail(unit) {
    pointing.dropWithin(detail);
    const place = units.listed.indexOf(unit);
    const rows = units.activations.map((activations, pass) =>
      row(
        context.nudge ? `${PASSES[pass]}: activation ${number(activations[place])}` : null,
        units.kind === "none"
          ? []
          : picturesOf(units, place, pass, { context, shared, activation: activations[place] }),
      ),
    );
    detail.replaceChildren(...(units.kind === "none" ? [] : rows));
    pointing.show();
  }

  const peers = [];
  const groups = units.shown.map((shown, pass) => {
    const group = tileGroup({
      label: title(units, decides, pass, context.nudge),
      count: shown.length,
      few: shown.length,
      memory,
      key: `${key}:${pass}`,
      peers,
      isFirst: pass === 0,
      choose: (place) => showDetail(shown[place]),
      tile: (place) =>
        unitTile(units, shown[place], pass, { shared, isNew: pass > 0 && !units.shown[0].includes(shown[place]) }),
    });
    return make("div", { className: "units" }, make("h5", {}, title(units, decides, pass, context.nudge)), group);
  });
  const sum = `, and what it adds to ${answer} against ${other}: activation × the difference of its two weights`;
  const what = `Under each unit: its activation${decides ? sum : ""}.`;
  return stageOf(
    `Hidden layer: ${units.count} units`,
    make("p", { className: "note" }, what, " ", reads(units)),
    alikeLine([["same units", context.alike(units.name)]]),
    detail,
    units.kind === "none" ? null : readout,
    ...groups,
  );
}

function reads(units) {
  if (units.kind === "weights") return "A picture shows the unit's 784 weights, each at its pixel.";
  if (units.kind === "places") return "A picture shows how much each place of the last block adds to the unit.";
  return "";
}

function title(units, decides, pass, nudge) {
  const most = decides ? "decided most" : "were most active";
  return `The ${units.shown[pass].length} units that ${most}${nudge ? `, ${PASSES[pass]}` : ""}`;
}

function picturesOf(units, place, pass, { context, shared, activation }) {
  const unit = units.listed[place] + 1;
  const digit = digitPicture(context.digits[pass], {
    ...context,
    readout: shared.readout,
    of: context.nudge ? `, ${PASSES[pass]}` : "",
  });
  if (units.kind === "places") {
    const places = units.pictures[pass].picture(place);
    return [
      digit,
      cellPicture(places, {
        ...shared,
        role: "places",
        field: units.field,
        palette: "signed",
        value: valueOf(places, "adds "),
        name: `What each place adds to unit ${unit}`,
        caption: `what each place adds to unit ${unit}`,
      }),
      result(activation),
    ];
  }
  const weights = units.pictures[0].picture(place);
  const ink = context.digits[pass].picture(0);
  const product = { ...weights, values: weights.values.map((weight, pixel) => weight * ink.values[pixel]) };
  const options = { ...shared, role: "weights", palette: "signed" };
  return [
    digit,
    cellPicture(weights, {
      ...options,
      value: valueOf(weights, "weight "),
      name: `Weights of unit ${unit}`,
      caption: `weights of unit ${unit}`,
    }),
    cellPicture(product, {
      ...options,
      value: valueOf(product, "weight × ink "),
      name: `Weights of unit ${unit} times the ink`,
      caption: "weights × ink",
    }),
    result(activation),
  ];
}

function result(activation) {
  return make(
    "figure",
    { className: "result" },
    make("output", {}, number(activation)),
    make("figcaption", {}, "activation"),
  );
}

function unitTile(units, unit, pass, { shared, isNew }) {
  const place = units.listed.indexOf(unit);
  const activation = `${number(units.activations[pass][place])}`;
  const contribution = units.contributions[pass]?.[place];
  const button = make("button", { type: "button", className: `tile unit${isNew ? " new" : ""}` });
  if (units.kind !== "none") {
    const picture = units.pictures[units.kind === "weights" ? 0 : pass].picture(place);
    const canvas = make("canvas");
    paint(canvas, picture, "signed");
    const frame = make("span", { className: "picture" }, canvas);
    shared.pointing.add(frame, {
      ...shared,
      ...sizeOf(picture),
      role: units.kind,
      field: units.field,
      value: valueOf(picture, units.kind === "weights" ? "weight " : "adds "),
    });
    button.append(frame);
  }
  const line = (text, className = "") => make("span", { className }, text);
  button.append(line(`unit ${unit + 1}`), line(activation, "quiet"));
  if (contribution !== undefined) button.append(line(signedNumber(contribution), contribution < 0 ? "against" : "for"));
  if (isNew) button.append(line("new"));
  return button;
}
