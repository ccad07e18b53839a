/** The table of weakest spots: the smallest nudge of each kind that breaks each model. A press goes there. */

import { asText } from "./amounts.js";
import { when } from "./words.js";

/**
 * Draw the table.
 *
 * @param {HTMLElement} box
 * @param {?Array<Object<string, {amount: string, nudge: Object, fraction: number, answer: number}>>} spots of each
 *     model, by the name of the amount; null before they were looked for
 * @param {{sides: Array<{name: string, colour: string}>, sliders: Object<string, Object>}} names
 * @param {(spot: Object) => void} go is called with the spot that was pressed
 */
export function showWeakest(box, spots, { sides, sliders }, go) {
  const drawn = JSON.stringify([spots, sides]);
  if (box.dataset.drawn === drawn) return;
  box.dataset.drawn = drawn;
  if (!spots) {
    box.replaceChildren();
    return;
  }
  const title = document.createElement("h3");
  title.textContent = "The weakest spots";
  const summary = document.createElement("p");
  summary.textContent = sides.map(({ name }, number) => soonest(name, Object.values(spots[number]), sliders)).join(" ");
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const text of ["Smallest nudge that breaks it", ...sides.map(({ name }) => name)]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    head.append(cell);
  }
  const body = table.createTBody();
  const nearest = (name) => Math.min(...spots.map((each) => each[name]?.fraction ?? 2));
  const names = Object.keys(sliders).filter((name) => !["patch_right", "patch_down"].includes(name));
  for (const name of names.sort((one, other) => nearest(one) - nearest(other))) {
    const row = body.insertRow();
    const first = document.createElement("th");
    first.scope = "row";
    first.textContent = sliders[name].title;
    row.append(first);
    spots.forEach((each, number) => row.append(cellOf(each[name], sliders[name], sides[number], go)));
  }
  const note = document.createElement("p");
  note.className = "note";
  note.textContent =
    "A bar's length is the way from no nudge to the end of the slider, so rows can be compared. Press one to go " +
    "there. A missing patch is tried at 49 places.";
  box.replaceChildren(title, summary, table, note);
}

function cellOf(spot, slider, side, go) {
  const cell = document.createElement("td");
  if (!spot) {
    cell.textContent = "holds everywhere";
    cell.className = "holds";
    return cell;
  }
  if (spot.fraction === 0) {
    cell.textContent = `says ${spot.answer} without a nudge`;
    return cell;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.style.setProperty("--ink", side.colour);
  button.style.setProperty("--fraction", spot.fraction);
  const more = document.createElement("span");
  more.className = "unseen";
  more.textContent = `, ${Math.round(100 * spot.fraction)} % of the range, ${side.name}`;
  const [how, falls, bar] = ["b", "span", "i"].map((tag) => document.createElement(tag));
  how.textContent = asText(slider, spot.nudge[spot.amount]);
  falls.textContent = ` falls for ${spot.answer}`;
  button.append(how, falls, more, bar);
  button.onclick = () => go(spot);
  cell.append(button);
  return cell;
}

function soonest(name, spots, sliders) {
  if (!spots.length) return `The ${name} holds against every single nudge.`;
  const spot = spots.reduce((one, other) => (other.fraction < one.fraction ? other : one));
  if (spot.fraction === 0) return `The ${name} says ${spot.answer} without a nudge.`;
  const where = when(sliders[spot.amount], spot.nudge[spot.amount]);
  return `The ${name} breaks soonest ${where}: it falls for ${spot.answer}.`;
}
