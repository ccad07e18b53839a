/**
 * Pictures that can be pointed at, and what pointing at one marks on all the others.
 *
 * A place is {picture, row, column}. A picture is made with a role:
 *
 *     digit, weights   28 × 28 pixels; every picture of both models answers to a pixel
 *     map, pooled      cells of a block, before and after its pooling
 *     places           cells of the last block, as the dense layer reads them
 */

import { cells, pixels, pooledCell, square } from "./fields.js";
import { counted, make } from "./elements.js";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export class Pointing {
  constructor() {
    this.pictures = new Set();
    this.place = null;
  }

  /**
   * Make an element one can point at.
   *
   * @param {HTMLElement} frame has the canvas in it, and nothing else
   * @param {object} options role, rows, columns, side, and of a block or layer: stage, field, window; readout: the
   *   element that says what is pointed at; value(row, column): what stands there, in words; isStop: whether the
   *   keyboard can move in it
   */
  add(frame, options) {
    const mark = make("i", { className: "mark", hidden: true });
    frame.append(mark);
    const picture = { frame, mark, at: null, ...options };
    this.pictures.add(picture);
    const point = (event) => {
      const box = frame.getBoundingClientRect();
      const share = (from, length) => Math.min(Math.max(from / length, 0), 0.9999);
      const row = Math.floor(share(event.clientY - box.top, box.height) * picture.rows);
      const column = Math.floor(share(event.clientX - box.left, box.width) * picture.columns);
      this.pointAt({ picture, row, column });
    };
    frame.addEventListener("pointermove", point);
    frame.addEventListener("pointerdown", point);
    if (options.isStop) this.#listenToKeys(picture);
    return picture;
  }

  /** Forget the pictures inside an element that is about to show others. */
  dropWithin(element) {
    for (const picture of this.pictures) if (element.contains(picture.frame)) this.pictures.delete(picture);
  }

  pointAt(place) {
    const { picture, row, column } = place;
    const before = this.place;
    if (before && before.picture === picture && before.row === row && before.column === column) return;
    this.place = place;
    picture.at = [row, column];
    this.show();
  }

  show() {
    if (!this.place) return;
    const { picture: from, row, column } = this.place;
    for (const picture of this.pictures) {
      const [rows, columns] = [rangeOn(picture, from, row, "rows"), rangeOn(picture, from, column, "columns")];
      const isMarked = rows !== null && rows[0] < rows[1] && columns[0] < columns[1];
      picture.mark.hidden = !isMarked;
      if (!isMarked) continue;
      Object.assign(picture.mark.style, {
        top: `${(100 * rows[0]) / picture.rows}%`,
        height: `${(100 * (rows[1] - rows[0])) / picture.rows}%`,
        left: `${(100 * columns[0]) / picture.columns}%`,
        width: `${(100 * (columns[1] - columns[0])) / picture.columns}%`,
      });
      picture.frame.dataset.marked = [...rows, ...columns].join();
    }
    for (const picture of this.pictures) if (picture.mark.hidden) delete picture.frame.dataset.marked;
    for (const { readout } of this.pictures) if (readout !== from.readout) readout.textContent = "";
    from.readout.textContent = this.#words();
  }

  #listenToKeys(picture) {
    const { frame } = picture;
    frame.tabIndex = 0;
    frame.addEventListener("focus", () => {
      if (!frame.matches(":focus-visible")) return; // a pointer says itself where it is
      const [row, column] = picture.at ?? [Math.floor(picture.rows / 2), Math.floor(picture.columns / 2)];
      this.pointAt({ picture, row, column });
    });
    frame.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const [row, column] = picture.at ?? [0, 0];
      const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
      this.pointAt({
        picture,
        row: within(row + step[0], picture.rows),
        column: within(column + step[1], picture.columns),
      });
    });
  }

  /** What is pointed at, and what it sees or is seen by. */
  #words() {
    const { picture, row, column } = this.place;
    const where = `row ${row + 1}, column ${column + 1}`;
    const value = picture.value(row, column);
    if (isOfPixels(picture)) {
      const seen = [...this.pictures].find(({ role, side }) => role === "map" && side === picture.side);
      if (!seen) return `Pixel in ${where}: ${value}. Each unit has its own weight for it.`;
      const [top, bottom] = rangeOn(seen, picture, row, "rows");
      const [left, right] = rangeOn(seen, picture, column, "columns");
      const count = (bottom - top) * (right - left);
      return `Pixel in ${where}: ${value}. In each first map, ${counted(count, "cell sees it", "cells see it")}.`;
    }
    const [[top, bottom], [left, right]] = [pixels(picture.field, row), pixels(picture.field, column)];
    return `Cell in ${where}: ${value}. It sees rows ${top + 1}–${bottom}, columns ${left + 1}–${right}.`;
  }
}

function isOfPixels({ role }) {
  return role === "digit" || role === "weights";
}

/** What pointing at this row (or column) of one picture marks on another one: [first, end), or null. */
function rangeOn(picture, from, at, axis) {
  if (isOfPixels(from)) return isOfPixels(picture) ? [at, at + 1] : cells(picture.field, at, picture[axis]);
  if (picture.side !== from.side) return null;
  if (isOfPixels(picture)) return pixels(from.field, at);
  if (sameField(picture.field, from.field)) return [at, at + 1];
  if (picture.stage !== from.stage || !picture.window) return null;
  return picture.role === "map" ? square(picture.window, at) : pooledCell(picture.window, at, picture[axis]);
}

function sameField(one, other) {
  return one.size === other.size && one.stride === other.stride && one.start === other.start;
}
