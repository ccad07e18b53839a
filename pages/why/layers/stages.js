/** What the stages have in common: their frame, rows of pictures, groups of tiles, what a nudge changes. */

import { make, number } from "./elements.js";

export const PASSES = ["before", "nudged"];

export function isStill(passes) {
  return passes.length === 1;
}

export function stageOf(title, ...parts) {
  return make("section", { className: "stage" }, make("h4", {}, title), ...parts);
}

/** Pictures in a row, with an arrow between each two. title: of the row, or null. */
export function row(title, figures) {
  const shown = figures.filter(Boolean);
  const parts = shown.flatMap((figure, place) =>
    place ? [make("span", { className: "arrow", attributes: { "aria-hidden": "true" } }, "→"), figure] : [figure],
  );
  return make(
    "div",
    { className: "row" },
    title && make("h5", {}, title),
    make("div", { className: "pictures" }, ...parts),
  );
}

/** A picture that the keyboard can move in. */
export function pictureFrame(canvas, name, { rows, columns }) {
  return make(
    "span",
    {
      className: "picture",
      attributes: { role: "application", "aria-label": `${name}, ${rows} by ${columns}. Arrow keys move in it.` },
    },
    canvas,
  );
}

/**
 * Pictures to choose one from. Tab enters the group, arrow keys move in it, Enter chooses.
 *
 * @param {object} options label; count; few: how many are shown at first; more: the text that shows all; tile(place): a
 *   button; choose(place); memory, key: where the choice is kept from one message to the next; peers: the buttons of
 *   all groups that share one choice; isFirst: whether this group has the choice at first
 */
export function tileGroup({ label, count, few, more, memory, key, tile, choose, peers = [], isFirst = true }) {
  const group = make("div", { className: "tiles", attributes: { role: "group", "aria-label": label } });
  const remembered = memory.get(key) ?? {};
  const chosen = Math.min(remembered.chosen ?? 0, count - 1);
  const buttons = [];
  const remember = (facts) => memory.set(key, { ...memory.get(key), ...facts });

  function addUntil(end) {
    while (buttons.length < end) {
      const button = tile(buttons.length);
      button.tabIndex = -1;
      button.setAttribute("aria-pressed", "false");
      buttons.push(button);
      peers.push(button);
      group.append(button);
    }
  }

  function press(place) {
    for (const button of peers) button.setAttribute("aria-pressed", "false");
    buttons[place].setAttribute("aria-pressed", "true");
    enterAt(place);
    remember({ chosen: place });
    choose(place);
  }

  function enterAt(place) {
    for (const button of buttons) button.tabIndex = -1;
    buttons[place].tabIndex = 0;
  }

  group.addEventListener("click", (event) => {
    const place = buttons.indexOf(event.target.closest("button"));
    if (place >= 0) press(place);
  });
  group.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = buttons.indexOf(event.target);
    const columns = getComputedStyle(group).gridTemplateColumns.split(" ").length;
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      Home: -at,
      End: buttons.length - 1 - at,
    };
    const next = buttons[at + steps[event.key]];
    if (at < 0 || !next) return;
    event.preventDefault();
    enterAt(at + steps[event.key]);
    next.focus();
  });

  addUntil(Math.min(remembered.isOpen || chosen >= few ? count : few, count));
  if (isFirst) press(chosen);
  else enterAt(chosen);
  if (buttons.length === count) return group;
  const button = make("button", { type: "button", className: "more" }, more);
  button.onclick = () => {
    addUntil(count);
    remember({ isOpen: true });
    buttons[few].focus();
    button.remove();
  };
  return make("div", {}, group, button);
}

/** How alike a layer is before and after the nudge, in a line below its title. lines: [[name, {same, moved, cells}]] */
export function alikeLine(lines) {
  const told = lines
    .filter(([, alike]) => alike)
    .map(
      ([name, { same, moved, cells }]) =>
        `${name} ${number(same)}${moved === null ? "" : `, or ${number(moved)} moved along by ${cellsOf(cells)}`}`,
    );
  return told.length
    ? make("p", { className: "note" }, `Correlation before and after the nudge: ${told.join("; ")}.`)
    : null;
}

/** The same for all layers, as a table with bars. */
export function alikeTable(lines) {
  const shown = lines.filter(([, alike]) => alike);
  const hasPlaces = shown.some(([, { moved }]) => moved !== null);
  const head = (text) => make("th", { attributes: { scope: "col" } }, text);
  return make(
    "table",
    { className: "alike" },
    make("caption", {}, "How alike is each layer before and after the nudge? Correlation of its activations."),
    make("thead", {}, make("tr", {}, make("td"), head("same place"), hasPlaces ? head("moved along") : null)),
    make(
      "tbody",
      {},
      ...shown.map(([name, { same, moved, cells }]) =>
        make(
          "tr",
          {},
          make("th", { attributes: { scope: "row" } }, name),
          bar(same, ""),
          hasPlaces ? (moved === null ? make("td", {}, "no map") : bar(moved, ` (${cellsOf(cells)})`)) : null,
        ),
      ),
    ),
  );
}

function cellsOf(cells) {
  return `${Number(cells.toFixed(2))} ${cells === 1 ? "cell" : "cells"}`;
}

function bar(share, note) {
  const length = `${100 * Math.max(share, 0)}%`;
  return make(
    "td",
    {},
    make("span", { className: "track" }, make("i", { style: { width: length } })),
    make("span", {}, number(share) + note),
  );
}
