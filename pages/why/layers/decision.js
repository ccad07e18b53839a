/** From the hidden layer to the answer: the sum between the answer and the other digit, and the ten outputs. */

import { make, number, signedNumber } from "./elements.js";
import { PASSES, stageOf } from "./stages.js";

const TERMS = 6;

export function sum(side, nudge) {
  const [{ answer, other }] = side.decisions;
  return stageOf(
    `Why ${answer} and not ${other}: the sum`,
    make("p", { className: "note" }, "Each bar begins where the one above it ends. The sum is exact."),
    ...side.decisions.map((decision, pass) =>
      make(
        "div",
        { className: "sum" },
        nudge ? make("h5", {}, PASSES[pass]) : null,
        waterfall(decision, side.units.at(-1), pass),
      ),
    ),
  );
}

function waterfall(decision, units, pass) {
  const { answer, other, bias, difference, count } = decision;
  const listed = units?.contributions.length ? units.shown[pass].slice(0, TERMS) : [];
  const terms = listed.map((unit) => [`unit ${unit + 1}`, units.contributions[pass][units.listed.indexOf(unit)]]);
  const rest = decision.sum - terms.reduce((total, [, value]) => total + value, 0);
  terms.push(
    [listed.length ? `the other ${count - listed.length} units together` : `all ${count} inputs together`, rest],
    ["bias", bias],
  );

  let total = 0;
  const bars = terms.map(([name, value]) => ({ name, value, from: total, to: (total += value) }));
  bars.push({
    name: `logit of ${answer} − logit of ${other}`,
    value: difference,
    from: 0,
    to: difference,
    isTotal: true,
  });
  const [low, high] = [Math.min(...bars.map(({ to }) => to), 0), Math.max(...bars.map(({ to }) => to), 0)];
  const share = (value) => (100 * (value - low)) / (high - low || 1);
  const lines = bars.map(({ name, value, from, to, isTotal }) =>
    make(
      "tr",
      { className: isTotal ? "total" : "" },
      make("th", { attributes: { scope: "row" } }, name),
      make(
        "td",
        { className: "course" },
        make("i", { className: "zero", style: { left: `${share(0)}%` } }),
        make("i", {
          className: isTotal ? "" : value < 0 ? "against" : "for",
          style: { left: `${Math.min(share(from), share(to))}%`, width: `${Math.abs(share(to) - share(from))}%` },
        }),
      ),
      make("td", { className: "value" }, signedNumber(value)),
    ),
  );
  return make(
    "div",
    {},
    make("table", { className: "waterfall" }, make("tbody", {}, ...lines)),
    make("p", { className: "ratio" }, ratio(decision)),
  );
}

/** What the difference of the logits means for the two probabilities. */
function ratio({ answer, other, difference }) {
  const [more, less] = difference < 0 ? [other, answer] : [answer, other];
  const factor = Math.exp(Math.abs(difference));
  const times =
    factor > 1e6 ? "more than a million" : factor < 10 ? number(factor, 1) : Math.round(factor).toLocaleString("en");
  return `So ${more} is ${times} times as probable as ${less} (e to the power of ${number(Math.abs(difference))}).`;
}

export function outputs(side, nudge) {
  const columns = Array.from({ length: 10 }, (_, digit) => {
    const probabilities = side.decisions.map(({ probabilities }) => probabilities[digit]);
    const bars = probabilities.map((probability, pass) =>
      make("i", { className: nudge && pass === 0 ? "before" : "", style: { height: `${100 * probability}%` } }),
    );
    const shown = probabilities.some((probability) => probability >= 0.005);
    const told = probabilities.map((probability) => `${Math.round(100 * probability)}%`);
    return make(
      "li",
      { className: side.predictions.at(-1) === digit ? "answer" : "" },
      make("span", { className: shown ? "percent" : "percent none" }, ...told.map((text) => make("span", {}, text))),
      make("span", { className: "column" }, ...bars),
      make("b", {}, digit),
    );
  });
  return stageOf(
    "The ten outputs",
    nudge ? make("p", { className: "note" }, "Pale: before. Full: nudged.") : null,
    make("ol", { className: "outputs", attributes: { "aria-label": "Probability of each digit" } }, ...columns),
  );
}
