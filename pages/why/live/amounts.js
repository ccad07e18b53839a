/**
 * The amounts of a nudge as numbers on the page: steps of a slider, and how they are written.
 *
 * A slider is what pages/why/sliders.py describes: name, title, unit, more, less, times, is_signed, low, high, step,
 * neutral.
 */

/** The value of the slider's range that is nearest to a number, as mnist_core/distortions/nudges.py has it. */
export function nearest(slider, value) {
  const steps = Math.round((slider.high - slider.low) / slider.step);
  const number = Math.min(Math.max(Math.round((value - slider.low) / slider.step), 0), steps);
  return valueOf(slider, number);
}

/** All values of a slider, low to high. */
export function valuesOf(slider) {
  const steps = Math.round((slider.high - slider.low) / slider.step);
  return Array.from({ length: steps + 1 }, (_, number) => valueOf(slider, number));
}

function valueOf(slider, number) {
  return Number((slider.low + number * slider.step).toFixed(6));
}

/** How far a value is from neutral, as a fraction of the way to that end of the range. */
export function fractionOf({ low, high, neutral }, value) {
  if (value === neutral) return 0;
  return (value - neutral) / ((value > neutral ? high : low) - neutral);
}

/** A value as the slider shows it: "+3 px", "−10°", "120 %". */
export function asText(slider, value) {
  const sign = value < 0 ? "−" : slider.is_signed && value > 0 ? "+" : "";
  return sign + howMuch(slider, value);
}

/** A value without its sign. */
function howMuch({ times, unit }, value) {
  const number = Number((Math.abs(value) * times).toFixed(2));
  return `${number}${unit === "°" ? "" : "\u00a0"}${unit}`;
}

/** What a value does to the digit: "shifted right by 3 px". */
export function asPhrase(slider, value) {
  const phrase = value < slider.neutral ? slider.less : slider.more;
  return phrase.replace("{}", howMuch(slider, value));
}
