/**
 * Reads the message of pages/why/layer_payload.py, which describes the format.
 */

/**
 * @param {Uint8Array} message compressed
 * @returns {Promise<object>} the header, in which every array has become an `Arrays`
 */
export async function read(message) {
  const stream = new Blob([message]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const header = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  const begin = 4 + length;
  return JSON.parse(header, (_, value) => (value?.offset === undefined ? value : new Arrays(bytes, begin, value)));
}

/** Several pictures of one size: feature maps, filters, weights. Values are shares of `largest`, in -1..1. */
export class Arrays {
  constructor(bytes, begin, { offset, shape, largest, signed }) {
    [this.count, this.rows, this.columns] = shape;
    this.largest = largest;
    this.signed = signed;
    const size = this.count * this.rows * this.columns;
    this.numbers = new (signed ? Int8Array : Uint8Array)(bytes, begin + offset, size);
  }

  /** The picture at this place: {rows, columns, largest, signed, values}, values as Float32Array of shares. */
  picture(place) {
    const { rows, columns, largest, signed } = this;
    const size = rows * columns;
    const numbers = this.numbers.subarray(place * size, (place + 1) * size);
    const values = Float32Array.from(numbers, (number) => number / (signed ? 127 : 255));
    return { rows, columns, largest, signed, values };
  }
}
