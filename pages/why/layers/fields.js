/**
 * Receptive fields: which pixels a cell depends on, and which cells depend on a pixel. The rule is that of
 * mnist_core/explanations/receptive_fields.py; the fields come from there. Ranges are [first, end), along one axis.
 */

export const SIDE = 28;

/** The pixels of a cell, cut off at the digit's edge. */
export function pixels({ size, stride, start }, cell) {
  const first = start + cell * stride;
  return [Math.max(first, 0), Math.min(first + size, SIDE)];
}

/** The cells that depend on a pixel. */
export function cells({ size, stride, start }, pixel, count) {
  const first = Math.ceil((pixel - start - size + 1) / stride);
  return [Math.max(first, 0), Math.min(Math.floor((pixel - start) / stride) + 1, count)];
}

/** The square that pooling reads for a cell. */
export function square([size, stride], cell) {
  return [cell * stride, cell * stride + size];
}

/** The cell of the pooling that reads this cell; an empty range for a last row or column that it leaves out. */
export function pooledCell([, stride], cell, count) {
  const pooled = Math.floor(cell / stride);
  return pooled < count ? [pooled, pooled + 1] : [0, 0];
}

/**
 * Maximum pooling of one map: the map that it gives, and which cells it keeps.
 *
 * @returns {{picture: object, kept: Set<number>}} kept: places in the map, one for each square with ink in it
 */
export function pool(map, [rows, columns], [size, stride]) {
  const values = new Float32Array(rows * columns);
  const kept = new Set();
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let best = row * stride * map.columns + column * stride;
      for (let y = 0; y < size; y += 1) {
        for (let x = 0; x < size; x += 1) {
          const place = (row * stride + y) * map.columns + column * stride + x;
          if (map.values[place] > map.values[best]) best = place;
        }
      }
      values[row * columns + column] = map.values[best];
      if (map.values[best] > 0) kept.add(best);
    }
  }
  return { picture: { ...map, rows, columns, values }, kept };
}
