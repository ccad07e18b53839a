/**
 * Splits a drawing into its digits, by the same rule as the server's mnist_core/data/segmentation.py.
 *
 *     const pieces = joinedMarks(boxes);          // boxes [left, top, right, bottom] of the strokes
 *     const digits = splitDrawing(boxes, confidencesOf);    // [[0, 1], [2]]: the strokes of each digit
 *
 * The rule stands in segmentation.py. Change both files or neither; tests/browser/test_browser_predictor.py compares them.
 */

const MOST_MARKS = 120;
export const MOST_DIGITS = 12;
const JOINED_OVERLAP = 0.5;
const JOINED_DEPTH = 0.22;
const FLAT = 0.2;
const FARTHEST = 0.6;
const WIDEST = 1.7;
const TALLNESS = 5;
const GAP = 3;
const WIDTH = 3;
const DEPTH = 3;
const BOTH = 5;
const ALONE = 1;
const LEAST_CONFIDENCE = 0.02;

/**
 * The strokes of each digit, from left to right.
 *
 * @param {number[][]} boxes [left, top, right, bottom] of each stroke
 * @param {(marks: number[]) => number[]} confidencesOf the confidence of each model, 0..1, for the digit of some strokes
 * @returns {number[][]} the indices of the strokes of each digit
 */
export function splitDrawing(boxes, confidencesOf) {
  const whole = boxes.map((_, index) => index);
  if (boxes.length > MOST_MARKS) return [whole];
  const pieces = joinedMarks(boxes);
  if (pieces.length > 2 * MOST_DIGITS) return [whole];
  const hulls = pieces.map((piece) => hull(piece.map((mark) => boxes[mark])));
  const spans = candidates(hulls);
  const marksOf = ([start, stop]) => pieces.slice(start, stop).flat().sort((a, b) => a - b);
  let chosen = spans;
  if (spans.length > pieces.length) {
    const costs = spans.map((span) => {
      const isAlone = span[0] === 0 && span[1] === pieces.length;
      return cost(hulls.slice(...span), confidencesOf(marksOf(span)), isAlone);
    });
    chosen = bestSplit(spans, costs, pieces.length);
  }
  return chosen.length > MOST_DIGITS ? [whole] : chosen.map(marksOf);
}

/** The pieces from left to right, each as the indices of its strokes. */
export function joinedMarks(boxes) {
  const order = boxes.map((_, index) => index);
  order.sort((a, b) => boxes[a][0] - boxes[b][0] || boxes[a][2] - boxes[b][2] || a - b);
  const pieces = [];
  for (const index of order) {
    let piece = { marks: [index], box: boxes[index] };
    for (;;) {
      const other = pieces.findIndex((each) => areJoined(each.box, piece.box));
      if (other < 0) break;
      piece = merged(...pieces.splice(other, 1), piece);
    }
    pieces.push(piece);
  }
  const middle = ({ box }) => box[0] + box[2];
  pieces.sort((a, b) => middle(a) - middle(b) || a.marks[0] - b.marks[0]);
  for (let first = oneDigit(pieces); first >= 0; first = oneDigit(pieces)) {
    pieces.splice(first, 2, merged(pieces[first], pieces[first + 1]));
  }
  return pieces.map(({ marks }) => [...marks].sort((a, b) => a - b));
}

function merged(one, other) {
  return { marks: [...one.marks, ...other.marks], box: hull([one.box, other.box]) };
}

function areJoined(one, other) {
  const overlap = -gap(one, other);
  if (overlap < 0) return false;
  if (overlap >= JOINED_DEPTH * Math.max(height(one), height(other))) return true;
  const narrower = Math.min(one[2] - one[0], other[2] - other[0]);
  return overlap > 0 ? overlap >= JOINED_OVERLAP * narrower : isWithin(one, other) || isWithin(other, one);
}

function isWithin(one, other) {
  return other[0] < one[0] && one[2] < other[2];
}

/** The first piece that is one digit with the next one in any case, or -1. */
function oneDigit(pieces) {
  if (pieces.length < 2) return -1;
  for (let index = 0; index < pieces.length; index++) {
    const { box } = pieces[index];
    const distance = (other) => (pieces[other] ? gap(box, pieces[other].box) : Infinity);
    const nearest = distance(index + 1) < distance(index - 1) ? index + 1 : index - 1;
    if (height(box) < FLAT * height(pieces[nearest].box)) return Math.min(index, nearest);
  }
  return pieces.findIndex((piece, index) => index + 1 < pieces.length && areJoined(piece.box, pieces[index + 1].box));
}

/** What may be a digit: [first piece, one after the last]. */
export function candidates(boxes) {
  const single = boxes.map((_, index) => [index, index + 1]);
  const pairs = single.slice(0, -1).filter(([index]) => mayBeOne(boxes[index], boxes[index + 1]));
  return [...single, ...pairs.map(([index]) => [index, index + 2])];
}

function mayBeOne(one, other) {
  const whole = hull([one, other]);
  return (
    gap(one, other) <= FARTHEST * Math.max(height(one), height(other)) &&
    whole[2] - whole[0] <= WIDEST * height(whole)
  );
}

function cost(boxes, confidences, isAlone) {
  const logs = confidences.map((confidence) => Math.log(Math.max(confidence, LEAST_CONFIDENCE)));
  const unsure = -logs.reduce((sum, each) => sum + each, 0) / logs.length;
  if (boxes.length === 1) return unsure;
  const [one, other] = boxes;
  const whole = hull(boxes);
  const lower = Math.min(height(one), height(other));
  const deeper = (other[1] - one[1] + other[3] - one[3]) / 2;
  const shape = TALLNESS * lower + GAP * gap(one, other) + WIDTH * (whole[2] - whole[0]) - DEPTH * deeper;
  return 2 * unsure + shape / height(whole) - BOTH - (isAlone ? ALONE : 0);
}

function bestSplit(spans, costs, pieces) {
  const cheapest = [{ cost: 0, spans: [] }, ...Array.from({ length: pieces }, () => ({ cost: Infinity, spans: [] }))];
  const order = spans.map((span, index) => ({ span, cost: costs[index] }));
  order.sort((a, b) => a.span[1] - b.span[1] || a.span[0] - b.span[0]);
  for (const { span, cost: own } of order) {
    const total = cheapest[span[0]].cost + own;
    if (total < cheapest[span[1]].cost) cheapest[span[1]] = { cost: total, spans: [...cheapest[span[0]].spans, span] };
  }
  return cheapest[pieces].spans;
}

/** The box around the points of a stroke. */
export function strokeBox(stroke) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of stroke) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

function hull(boxes) {
  const each = (index, choose) => boxes.map((box) => box[index]).reduce((a, b) => choose(a, b));
  return [each(0, Math.min), each(1, Math.min), each(2, Math.max), each(3, Math.max)];
}

function height(box) {
  return box[3] - box[1];
}

function gap(one, other) {
  return Math.max(one[0], other[0]) - Math.min(one[2], other[2]);
}
