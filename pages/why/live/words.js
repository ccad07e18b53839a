/** What the page says about a nudge, in sentences. */

import { asPhrase, fractionOf } from "./amounts.js";

/** A prediction with a lower probability is a guess, as in mnist_core/reporting/agreement.py. */
const UNSURE = 0.7;

/** The digit with the highest probability. */
export function answerOf(probabilities) {
  let best = 0;
  for (let digit = 1; digit < 10; digit++) if (probabilities[digit] > probabilities[best]) best = digit;
  return best;
}

/** What has happened to one model: "The MLP now says 4." */
export function said(name, before, now, isNudged) {
  const answer = answerOf(now);
  const adverb = !isNudged ? "" : answer === answerOf(before) ? "still " : "now ";
  return `The ${name} ${adverb}${now[answer] < UNSURE ? "guesses" : "says"} ${answer}.`;
}

/**
 * Where a model does not predict its target.
 *
 * @param {{neutral: number}} slider
 * @param {number[]} values of the slider, low to high
 * @param {number[]} answers of the model at each value
 * @param {number} target
 * @returns {{below: ?Failure, above: ?Failure, atNeutral: ?Failure}} the failure nearest to neutral on each side;
 *     a failure is {value, answer}
 */
export function failuresOf({ neutral }, values, answers, target) {
  const failures = { below: null, above: null, atNeutral: null };
  values.forEach((value, k) => {
    if (answers[k] === target) return;
    const failure = { value, answer: answers[k] };
    if (value < neutral) failures.below = failure;
    else if (value > neutral) failures.above ??= failure;
    else failures.atNeutral = failure;
  });
  return failures;
}

/**
 * The sentence about the slider in hand.
 *
 * @param {Object} slider
 * @param {number} value its value now
 * @param {Array<{name: string, answer: number, target: number, failures: ?Object}>} sides answer: now. failures: null
 *     while they are not known
 */
export function lineOf(slider, value, sides) {
  const says = ({ name, answer }) => `the ${name} predicts ${answer}`;
  if (sides.some(({ failures }) => !failures)) {
    const begin = value === slider.neutral ? "" : `${asPhrase(slider, value)}: `;
    return `${capital(begin + sides.map(says).join("; "))}.`;
  }
  const parts = sides.map((side) =>
    value === slider.neutral ? firstFailure(slider, side) : here(slider, value, side),
  );
  if (value === slider.neutral) return `${capital(parts.join("; "))}.`;
  return `${capital(asPhrase(slider, value))}: ${parts.join("; ")}.`;
}

function here(slider, value, { name, answer, target, failures }) {
  const failure = value < slider.neutral ? failures.below : failures.above;
  const says = `the ${name} predicts ${answer}`;
  const until = failure && amountOf(slider, failure.value);
  if (failures.atNeutral)
    return answer === target ? `${says}, which is correct only now` : `${says}, and fails without a nudge too`;
  if (answer !== target)
    return failure && failure.value !== value ? `${says}, and fails from ${until} on` : `${says}, and first fails here`;
  if (!failure) return `${says} and holds to the end`;
  const isBeyond = Math.abs(value - slider.neutral) > Math.abs(failure.value - slider.neutral);
  return isBeyond ? `${says} again, after failing at ${until}` : `${says} and holds until ${until}`;
}

function firstFailure(slider, { name, failures }) {
  if (failures.atNeutral) return `the ${name} falls for ${failures.atNeutral.answer} without a nudge`;
  const sides = [failures.below, failures.above].filter(Boolean);
  if (!sides.length) return `the ${name} holds over the whole range`;
  const nearest = sides.reduce((one, other) =>
    fractionOf(slider, other.value) < fractionOf(slider, one.value) ? other : one,
  );
  return `the ${name} falls for ${nearest.answer} ${when(slider, nearest.value)}`;
}

/** "when shifted right by 3 px", "with noise of 20 %" */
export function when(slider, value) {
  const phrase = asPhrase(slider, value);
  return phrase.startsWith("with ") ? phrase : `when ${phrase}`;
}

/** How much alone: "6 px" of "shifted right by 6 px". */
function amountOf(slider, value) {
  return asPhrase({ ...slider, more: "{}", less: "{}" }, value);
}

export function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** As mnist_core/formatting.py writes a probability. */
export function asProbability(probability) {
  if (probability > 0.999) return "> 99.9 %";
  if (probability < 0.001) return "< 0.1 %";
  return `${(100 * probability).toFixed(1)} %`;
}
