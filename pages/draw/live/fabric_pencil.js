/**
 * The pencil of the drawing canvas, point by point, so that a stroke under the pen has the points which the server gets
 * after pen-up.
 *
 * The canvas draws with the PencilBrush of Fabric.js 7.4. Its stroke is a curve through the middles between the pointer
 * positions, and the server reads that curve (mnist_core/data/fabric_paths.py). This file does both.
 * tests/browser/test_live.py compares the points with those of the server.
 */

/** Positions nearer than this to the one before are left out, in canvas pixels. */
const NEAR = 0.4;
/** The ends of a stroke reach out by the brush's width divided by this. */
const END_FRACTION = 1000;
/** Points on each of the short curves, as in fabric_paths.py. */
const CURVE_STEPS = 4;

/** @typedef {[number, number]} Point x to the right and y down, in canvas pixels */

/**
 * Take up a pointer position into a stroke.
 *
 * @param {Point[]} positions of the stroke so far; changed
 * @param {Point} position
 * @param {boolean} straight whether the stroke goes straight from the position before the last one: the shift key
 */
export function addPosition(positions, position, straight) {
  if (!positions.length) {
    positions.push(position, position); // The brush takes the first position twice.
    return;
  }
  const last = positions.at(-1);
  if (last[0] === position[0] && last[1] === position[1]) return;
  if (straight) positions.pop();
  positions.push(position);
}

/**
 * The points of a stroke, as the server reads them if the pen is lifted now.
 *
 * @param {Point[]} positions at least two, see addPosition
 * @param {number} brushWidth in canvas pixels
 * @returns {Point[]}
 */
export function strokePoints(positions, brushWidth) {
  const kept = withoutNear(positions);
  const reach = brushWidth / END_FRACTION;
  const last = kept.length - 1;
  const [start, next] = kept;
  // The ends reach out along each axis by itself, away from their neighbours; a stroke without length reaches sideways.
  const isLong = kept.length > 2;
  const before = isLong ? Math.sign(kept[2][0] - next[0]) : 1;
  const above = isLong ? Math.sign(kept[2][1] - next[1]) : 0;
  const points = [[start[0] - before * reach, start[1] - above * reach]];
  let from = points[0];
  for (let k = 0; k < last; k++) {
    const [through, after] = [kept[k], kept[k + 1]];
    if (through[0] === after[0] && through[1] === after[1]) continue;
    const middle = [(through[0] + after[0]) / 2, (through[1] + after[1]) / 2];
    for (let step = 1; step <= CURVE_STEPS; step++) points.push(onCurve(from, through, middle, step / CURVE_STEPS));
    from = middle;
  }
  const end = kept[last];
  const beyond = isLong ? Math.sign(end[0] - kept[last - 1][0]) : 1;
  const below = isLong ? Math.sign(end[1] - kept[last - 1][1]) : 0;
  points.push([end[0] + beyond * reach, end[1] + below * reach]);
  return points;
}

/** Fabric's decimation. It always leaves out the position before the last one. */
function withoutNear(positions) {
  if (positions.length <= 2) return positions;
  const kept = [positions[0]];
  for (const position of positions.slice(1, -2)) {
    const [x, y] = kept.at(-1);
    if ((x - position[0]) ** 2 + (y - position[1]) ** 2 >= NEAR ** 2) kept.push(position);
  }
  kept.push(positions.at(-1));
  return kept;
}

/** A point on a quadratic Bézier curve; t goes from 0 to 1. */
function onCurve(from, through, to, t) {
  const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
  return [a * from[0] + b * through[0] + c * to[0], a * from[1] + b * through[1] + c * to[1]];
}
