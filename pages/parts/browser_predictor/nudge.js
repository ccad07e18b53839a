/**
 * Nudges: small changes of a finished digit, by the same rule as the server's mnist_core/distortions/nudges.py.
 *
 *     const moved = nudgeDigit(digit, { ...NEUTRAL, shift_right: 2.5 });     // Float32Array(784), row by row
 *
 * The rule stands in nudges.py. Change both files or neither; tests/browser/test_browser_predictor.py compares them.
 */

import { SIDE } from "./preprocessing.js";

/** Row and column of the point that turning and scaling leave where it is. */
const CENTRE = 14;
const BLUR_REACH = 9;
const PIXELS = SIDE * SIDE;

/** The amounts that change nothing. */
export const NEUTRAL = Object.freeze({
  shift_right: 0,
  shift_down: 0,
  rotation: 0,
  scale: 1,
  slant: 0,
  thickness: 0,
  noise: 0,
  blur: 0,
  contrast: 1,
  patch_size: 0,
  patch_right: 14,
  patch_down: 14,
  noise_seed: 1,
});

/** Work space, kept so that nothing is allocated while the digit moves. */
let ink = new Float64Array(PIXELS);
let spare = new Float64Array(PIXELS);

/**
 * Change a digit.
 *
 * @param {Float32Array} digit 784 values in 0..1, row by row; not changed
 * @param {Object<string, number>} nudge all amounts of NEUTRAL
 * @param {Float32Array} into where to put the result; a new array without it
 * @returns {Float32Array} 784 values in 0..1
 */
export function nudgeDigit(digit, nudge, into = new Float32Array(PIXELS)) {
  ink.set(digit);
  if (nudge.shift_right || nudge.shift_down || nudge.rotation || nudge.scale !== 1 || nudge.slant) warp(nudge);
  if (nudge.thickness) thicken(nudge.thickness);
  if (nudge.blur) blur(nudge.blur);
  if (nudge.patch_size) removePatch(nudge);
  if (nudge.contrast !== 1) for (let k = 0; k < PIXELS; k++) ink[k] = clip(0.5 + nudge.contrast * (ink[k] - 0.5));
  if (nudge.noise) addNoise(nudge.noise, nudge.noise_seed);
  into.set(ink);
  return into;
}

function clip(value) {
  return Math.min(Math.max(value, 0), 1);
}

/** What was put into `spare` becomes the ink. */
function swap() {
  [ink, spare] = [spare, ink];
}

/** The ink of a pixel; paper outside. */
function at(row, column) {
  return row < 0 || row >= SIDE || column < 0 || column >= SIDE ? 0 : ink[row * SIDE + column];
}

function warp({ shift_right, shift_down, rotation, scale, slant }) {
  const slope = Math.tan((slant * Math.PI) / 180);
  const [cosine, sine] = [Math.cos((rotation * Math.PI) / 180), Math.sin((rotation * Math.PI) / 180)];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const across = column - CENTRE - shift_right;
      const along = row - CENTRE - shift_down;
      const turnedX = cosine * across + sine * along;
      const turnedY = cosine * along - sine * across;
      const x = CENTRE + (turnedX + slope * turnedY) / scale;
      const y = CENTRE + turnedY / scale;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [rightPart, lowerPart] = [x - left, y - top];
      const upper = (1 - rightPart) * at(top, left) + rightPart * at(top, left + 1);
      const lower = (1 - rightPart) * at(top + 1, left) + rightPart * at(top + 1, left + 1);
      spare[row * SIDE + column] = (1 - lowerPart) * upper + lowerPart * lower;
    }
  }
  swap();
}

function thicken(thickness) {
  const isThicker = thickness > 0;
  const reach = Math.ceil(Math.abs(thickness));
  const offsets = [];
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) {
      const weight = Math.min(Math.abs(thickness) + 1 - Math.hypot(down, right), 1);
      if (weight > 0) offsets.push([down, right, weight]);
    }
  }
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      let grown = 0;
      for (const [down, right, weight] of offsets) {
        const near = at(row + down, column + right);
        grown = Math.max(grown, weight * (isThicker ? near : 1 - near));
      }
      spare[row * SIDE + column] = isThicker ? grown : 1 - grown;
    }
  }
  swap();
}

function blur(deviation) {
  const weights = [];
  for (let offset = -BLUR_REACH; offset <= BLUR_REACH; offset++) {
    weights.push(Math.exp(-(offset ** 2) / (2 * deviation ** 2)));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Along rows, then along columns: `step` is from a pixel to the next one of the line, `line` from a line to the next.
  for (const [line, step] of [
    [SIDE, 1],
    [1, SIDE],
  ]) {
    for (let number = 0; number < SIDE; number++) {
      for (let k = 0; k < SIDE; k++) {
        let sum = 0;
        const first = Math.max(k - BLUR_REACH, 0);
        const last = Math.min(k + BLUR_REACH, SIDE - 1);
        for (let n = first; n <= last; n++) sum += weights[n - k + BLUR_REACH] * ink[number * line + n * step];
        spare[number * line + k * step] = sum / total;
      }
    }
    swap();
  }
}

function removePatch({ patch_size, patch_right, patch_down }) {
  const half = patch_size / 2;
  const covered = (pixel, middle) => clip(Math.min(pixel + 0.5, middle + half) - Math.max(pixel - 0.5, middle - half));
  for (let row = 0; row < SIDE; row++) {
    const down = covered(row, patch_down);
    for (let column = 0; column < SIDE; column++) ink[row * SIDE + column] *= 1 - down * covered(column, patch_right);
  }
}

function addNoise(amount, seed) {
  const start = Math.imul(seed, 0x9e3779b9);
  for (let k = 0; k < PIXELS; k++) {
    let sum = 0;
    for (let draw = 0; draw < 4; draw++) sum += mix(start + 4 * k + draw) / 2 ** 32;
    ink[k] = clip(ink[k] + amount * Math.sqrt(3) * (sum - 2));
  }
}

/** The finalizer of MurmurHash3, on 32 bits. */
function mix(number) {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
