/**
 * Strokes become a digit: 28x28 ink values, by the same rule as the server's mnist_core/data/rasterizer.py.
 *
 *     const one = [[[140, 60], [140, 220]]];     // a vertical line on a 280x280 canvas
 *     const digit = drawDigit(one);              // Float32Array(784), row by row, 0 for paper to 1 for full ink
 *
 * The rule stands in rasterizer.py: size, ink, place. Change both files or neither;
 * tests/browser/test_browser_predictor.py compares them. This file differs only in how it gets there: it visits the
 * samples near each segment in loops, and the server cuts segments into equal pieces to handle all of them at once. The
 * distances are the same.
 */

/** Pixels along each side of a digit. */
export const SIDE = 28;
/** Pixels along the longer side of the digit's ink. */
const LONGER_SIDE = 20;
/** Row and column of the centre of mass. */
const CENTRE = 14;
/** Width of the pen in digit pixels. */
export const PEN_WIDTH = 2.5;
/** Strokes that span no more than this fraction of the brush width are a dot. */
const DOT_FRACTION = 0.5;
/** Sample points along each side of a pixel, and of the whole field. */
const SAMPLES = 2;
const WIDE = SIDE * SAMPLES;
/** Squared distance of a sample that no stroke is near to. */
const FAR = 1e9;
/** Stands for a squared length of 0, so that nothing is divided by 0. */
const TINY = 1e-300;

/** Work space of drawDigit, kept so that nothing is allocated while the pen moves. */
const nearest = new Float64Array(WIDE * WIDE);
const ink = new Float64Array(SIDE * SIDE);

/**
 * Draw strokes as a digit.
 *
 * @param {Array<Array<[number, number]>>} strokes points [x, y] in one common unit, x to the right and y down
 * @param {{brushWidth?: number, penWidth?: number, into?: Float32Array}} options brushWidth: of the canvas brush, in
 *     the strokes' unit: strokes that span no more than half of it are a dot. penWidth: in digit pixels. into: where to
 *     put the digit; a new array without it.
 * @returns {Float32Array} 784 values in 0..1, row by row; all 0 where there are no strokes
 */
export function drawDigit(
  strokes,
  { brushWidth = 0, penWidth = PEN_WIDTH, into = new Float32Array(SIDE * SIDE) } = {},
) {
  const { middleX, middleY, span } = boundingBox(strokes);
  if (span < 0) return into.fill(0);
  const isDot = span <= DOT_FRACTION * brushWidth || span === 0;
  const place = isDot ? () => 0 : (value, middle) => ((value - middle) / span) * (LONGER_SIDE - penWidth);
  const sized = [];
  for (const stroke of strokes) {
    const points = new Float64Array(2 * stroke.length);
    for (let k = 0; k < stroke.length; k++) {
      points[2 * k] = place(stroke[k][0], middleX);
      points[2 * k + 1] = place(stroke[k][1], middleY);
    }
    sized.push(points);
  }
  drawInk(sized, CENTRE, CENTRE, penWidth);
  const { x, y } = centreOfMass();
  drawInk(sized, 2 * CENTRE - x, 2 * CENTRE - y, penWidth);
  into.set(ink);
  return into;
}

/** The middle of the box around all points, and its longer side, which is -1 if there are none. */
function boundingBox(strokes) {
  let lowX = Infinity,
    lowY = Infinity,
    highX = -Infinity,
    highY = -Infinity;
  for (const stroke of strokes) {
    for (const [x, y] of stroke) {
      lowX = Math.min(lowX, x);
      lowY = Math.min(lowY, y);
      highX = Math.max(highX, x);
      highY = Math.max(highY, y);
    }
  }
  if (lowX > highX) return { middleX: 0, middleY: 0, span: -1 };
  return { middleX: (lowX + highX) / 2, middleY: (lowY + highY) / 2, span: Math.max(highX - lowX, highY - lowY) };
}

/** Fill `ink` from strokes in pixels, whose origin lies at pixel (originX, originY). */
function drawInk(sized, originX, originY, penWidth) {
  const reach = (SAMPLES * penWidth) / 2 + 0.5;
  // The first sample of pixel 0 is at -1/4 pixel, with two samples a pixel.
  const shiftX = SAMPLES * (originX + 0.5) - 0.5;
  const shiftY = SAMPLES * (originY + 0.5) - 0.5;
  nearest.fill(FAR);
  for (const points of sized) {
    let fromX = SAMPLES * points[0] + shiftX;
    let fromY = SAMPLES * points[1] + shiftY;
    if (points.length === 2) visitSegment(fromX, fromY, fromX, fromY, reach);
    for (let k = 2; k < points.length; k += 2) {
      const toX = SAMPLES * points[k] + shiftX;
      const toY = SAMPLES * points[k + 1] + shiftY;
      visitSegment(fromX, fromY, toX, toY, reach);
      fromX = toX;
      fromY = toY;
    }
  }
  ink.fill(0);
  for (let row = 0; row < WIDE; row++) {
    for (let column = 0; column < WIDE; column++) {
      const squared = nearest[row * WIDE + column];
      if (squared >= reach * reach) continue;
      ink[(row >> 1) * SIDE + (column >> 1)] += Math.min(reach - Math.sqrt(squared), 1) / (SAMPLES * SAMPLES);
    }
  }
}

/** Lower `nearest` where a segment is nearer than what was drawn before. Units are steps between samples. */
function visitSegment(fromX, fromY, toX, toY, reach) {
  const stepX = toX - fromX;
  const stepY = toY - fromY;
  const length = Math.max(stepX * stepX + stepY * stepY, TINY);
  const alongX = stepX / length;
  const alongY = stepY / length;
  const firstRow = Math.max(Math.ceil(Math.min(fromY, toY) - reach), 0);
  const lastRow = Math.min(Math.floor(Math.max(fromY, toY) + reach), WIDE - 1);
  const firstColumn = Math.max(Math.ceil(Math.min(fromX, toX) - reach), 0);
  const lastColumn = Math.min(Math.floor(Math.max(fromX, toX) + reach), WIDE - 1);
  for (let row = firstRow; row <= lastRow; row++) {
    const y = row - fromY;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const x = column - fromX;
      const along = Math.min(Math.max(x * alongX + y * alongY, 0), 1); // 0 at the segment's start, 1 at its end
      const asideX = x - along * stepX;
      const asideY = y - along * stepY;
      const squared = asideX * asideX + asideY * asideY;
      if (squared < nearest[row * WIDE + column]) nearest[row * WIDE + column] = squared;
    }
  }
}

/** Of `ink`, in pixels. */
function centreOfMass() {
  let total = 0,
    x = 0,
    y = 0;
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const weight = ink[row * SIDE + column];
      total += weight;
      x += weight * column;
      y += weight * row;
    }
  }
  return { x: x / total, y: y / total };
}
