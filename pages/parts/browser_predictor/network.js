/**
 * A trained network in the browser: reads what mnist_core/models/browser_format.py writes, and predicts digits with it.
 *
 *     const network = await Network.load("mlp-robust.network");
 *     const probabilities = network.predict(digit);   // Float32Array(784) -> Float32Array(10), index is the digit
 *
 * The layers are those of mnist_core/models/network.py: convolution 3x3 with ReLU, 2x2 maximum pooling, flatten, dense
 * with ReLU or softmax. Anything else is refused with an Error.
 *
 * All numbers of a network are float32 in one memory, which a kernel owns (kernel.js): weights first, then the output
 * of each layer. An output that a convolution takes lies in a frame of zeros, one pixel wide: that is padding 'same',
 * and the three pixels that a row of a 3x3 kernel covers are then neighbours in memory:
 *
 *     frame  (height + 2, width + 2, channels), channels run fastest
 *     kernel (3 rows, 3 columns, inputs, outputs), outputs run fastest
 *
 * So a pixel of a convolution is three weighted sums of 3 * inputs numbers each, one for each row of the kernel, and a
 * dense layer is one weighted sum.
 */

import { plainKernel } from "./kernel.js";

const MAGIC = "DDN1";
const HEADER_START = 8;
const BYTES = { float16: 2, float32: 4 };

export class Network {
  /**
   * Fetch and parse a network.
   *
   * @param {string | URL} url of the bytes that browser_format.py wrote
   * @param {MakeKernel} makeKernel see kernel.js
   * @returns {Promise<Network>}
   */
  static async load(url, makeKernel = plainKernel) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The network ${url} could not be fetched: status ${response.status}.`);
    return Network.parse(await response.arrayBuffer(), makeKernel);
  }

  /**
   * Parse a network.
   *
   * @param {ArrayBuffer} content the bytes that browser_format.py wrote
   * @param {MakeKernel} makeKernel see kernel.js
   * @returns {Network}
   */
  static parse(content, makeKernel = plainKernel) {
    const bytes = new Uint8Array(content);
    const text = new TextDecoder();
    if (text.decode(bytes.subarray(0, 4)) !== MAGIC) {
      throw new Error(`Received no network; expected one that begins with ${MAGIC}.`);
    }
    const bodyStart = HEADER_START + new DataView(content).getUint32(4, true);
    const { layers } = JSON.parse(text.decode(bytes.subarray(HEADER_START, bodyStart)));
    return new Network(layers, content, bodyStart, makeKernel);
  }

  /** Use `load` or `parse`. */
  constructor(layers, content, bodyStart, makeKernel) {
    checkChain(layers);
    let floats = 0;
    const reserve = (count) => (floats += count) - count;
    /** The input as the output of a layer before the first. */
    const input = { ...layers[0], outputShape: layers[0].inputShape };
    const planned = layers.map((layer) => ({
      ...layer,
      places: Object.fromEntries(
        Object.entries(layer.weights ?? {}).map(([name, { shape }]) => [name, reserve(size(shape))]),
      ),
    }));
    const frames = [input, ...planned].map((layer, number) => {
      const margin = planned[number]?.kind === "convolution" ? 1 : 0;
      const [height, width, channels] = threeAxes(layer.outputShape);
      return {
        height,
        width,
        channels,
        margin,
        start: reserve((height + 2 * margin) * (width + 2 * margin) * channels),
      };
    });

    const longest = Math.max(...frames.map(({ width, channels, margin }) => (margin ? 3 : width) * channels));
    const kernel = makeKernel(floats, longest);
    for (const { weights = {}, places } of planned) {
      for (const [name, { type, offset, shape }] of Object.entries(weights)) {
        decode(content, bodyStart + offset, type, kernel.memory.subarray(places[name], places[name] + size(shape)));
      }
    }
    this.kernelName = kernel.name;
    /** The layers' names, kinds and shapes. */
    this.layers = layers.map(({ name, kind, inputShape, outputShape }) => ({ name, kind, inputShape, outputShape }));
    this._kernel = kernel;
    this._frames = frames;
    this._steps = planned.map((layer, number) => step(layer, kernel, frames[number], frames[number + 1]));
  }

  /**
   * The probabilities of the ten digits.
   *
   * @param {Float32Array} digit 784 values in 0..1, row by row
   * @returns {Float32Array} ten values that sum to 1; index is the digit. A new array at each call.
   */
  predict(digit) {
    if (digit.length !== size(this.layers[0].inputShape)) {
      throw new Error(`Received ${digit.length} pixels, expected ${size(this.layers[0].inputShape)}.`);
    }
    writeFrame(this._kernel.memory, this._frames[0], digit);
    for (const run of this._steps) run();
    return readFrame(this._kernel.memory, this._frames.at(-1));
  }

  /**
   * The output of one layer for the digit that was predicted last.
   *
   * @param {string} name of the layer
   * @returns {Float32Array} in the order of its outputShape, last axis fastest
   */
  output(name) {
    const number = this.layers.findIndex((layer) => layer.name === name);
    if (number < 0)
      throw new Error(
        `There is no layer ${name}; expected one of ${this.layers.map((layer) => layer.name).join(", ")}.`,
      );
    return readFrame(this._kernel.memory, this._frames[number + 1]);
  }
}

/** The function that computes a layer's output frame from its input frame. */
function step(layer, kernel, source, target) {
  switch (layer.kind) {
    case "convolution":
      return () => convolve(kernel, source, target, layer.places);
    case "pooling":
      return () => pool(kernel.memory, source, target);
    case "flatten":
      return () => kernel.memory.copyWithin(target.start, source.start, source.start + target.channels);
    default:
      return layer.activation === "relu"
        ? () => dense(kernel, source, target, layer.places, relu)
        : () => dense(kernel, source, target, layer.places, softmax);
  }
}

function convolve({ memory, accumulate }, source, target, places) {
  const count = 3 * source.channels;
  const sourceRow = (source.width + 2) * source.channels;
  const bias = memory.subarray(places.bias, places.bias + target.channels);
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++) {
      const output = pixel(target, y, x);
      memory.set(bias, output);
      // The frame's pixel (y, x) is the upper left neighbour of the picture's pixel (y, x).
      const corner = source.start + y * sourceRow + x * source.channels;
      for (let row = 0; row < 3; row++) {
        accumulate(
          corner + row * sourceRow,
          count,
          places.kernel + row * count * target.channels,
          output,
          target.channels,
        );
      }
      relu(memory, output, target.channels);
    }
  }
}

function dense({ memory, accumulate }, source, target, places, activate) {
  memory.copyWithin(target.start, places.bias, places.bias + target.channels);
  accumulate(source.start, source.channels, places.kernel, target.start, target.channels);
  activate(memory, target.start, target.channels);
}

function pool(memory, source, target) {
  const across = source.channels;
  const down = (source.width + 2 * source.margin) * source.channels;
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++) {
      const from = pixel(source, 2 * y, 2 * x);
      const to = pixel(target, y, x);
      for (let channel = 0; channel < target.channels; channel++) {
        const place = from + channel;
        const upper = Math.max(memory[place], memory[place + across]);
        const lower = Math.max(memory[place + down], memory[place + down + across]);
        memory[to + channel] = Math.max(upper, lower);
      }
    }
  }
}

function relu(memory, start, count) {
  for (let k = start; k < start + count; k++) if (memory[k] < 0) memory[k] = 0;
}

function softmax(memory, start, count) {
  let largest = -Infinity,
    total = 0;
  for (let k = start; k < start + count; k++) largest = Math.max(largest, memory[k]);
  for (let k = start; k < start + count; k++) total += Math.exp(memory[k] - largest);
  for (let k = start; k < start + count; k++) memory[k] = Math.exp(memory[k] - largest) / total;
}

/** Where a pixel's channels begin. */
function pixel({ start, width, channels, margin }, y, x) {
  return start + ((y + margin) * (width + 2 * margin) + x + margin) * channels;
}

/** Put (height, width, channels) values into a frame, inside of its margin. */
function writeFrame(memory, frame, values) {
  const row = frame.width * frame.channels;
  for (let y = 0; y < frame.height; y++) memory.set(values.subarray(y * row, (y + 1) * row), pixel(frame, y, 0));
}

/** The values of a frame without its margin, in a new array. */
function readFrame(memory, frame) {
  const row = frame.width * frame.channels;
  const values = new Float32Array(frame.height * row);
  for (let y = 0; y < frame.height; y++) {
    const start = pixel(frame, y, 0);
    values.set(memory.subarray(start, start + row), y * row);
  }
  return values;
}

/** Height, width and channels; a row of numbers is one pixel with that many channels. */
function threeAxes(shape) {
  return shape.length === 3 ? shape : [1, 1, size(shape)];
}

/** How many numbers an array of that shape holds. */
function size(shape) {
  return shape.reduce((product, length) => product * length, 1);
}

/** Throw an Error unless the layers are of the four kinds, fit together, and end in ten probabilities. */
function checkChain(layers) {
  const shapes = {
    convolution: ([height, width, channels], { kernel, bias }) =>
      String(kernel.shape) === String([3, 3, channels, ...bias.shape]) && [height, width, ...bias.shape],
    pooling: ([height, width, channels]) => [height >> 1, width >> 1, channels],
    flatten: (shape) => [size(shape)],
    dense: ([inputs], { kernel, bias }) => String(kernel.shape) === String([inputs, ...bias.shape]) && [...bias.shape],
  };
  const activations = { convolution: ["relu"], pooling: [undefined], flatten: [undefined], dense: ["relu", "softmax"] };
  let shape = layers[0]?.inputShape;
  for (const layer of layers) {
    if (!Object.hasOwn(shapes, layer.kind)) {
      throw new Error(
        `The network has a layer of kind ${layer.kind}, expected one of ${Object.keys(shapes).join(", ")}.`,
      );
    }
    const fits = String(layer.inputShape) === String(shape) && activations[layer.kind].includes(layer.activation);
    const computed = fits && shapes[layer.kind](shape, layer.weights);
    if (!computed || String(computed) !== String(layer.outputShape)) {
      throw new Error(
        `The layer ${layer.name} does not fit: it takes ${layer.inputShape} and gives ${layer.outputShape}, ` +
          `after ${shape}.`,
      );
    }
    shape = computed;
  }
  if (String(shape) !== "10" || layers.at(-1).activation !== "softmax") {
    throw new Error(`The network gives ${shape}, expected ten probabilities.`);
  }
}

/** Read little-endian numbers of a type into `target`, as many as it holds. */
function decode(content, start, type, target) {
  if (!Object.hasOwn(BYTES, type))
    throw new Error(`The network has weights of type ${type}, expected float16 or float32.`);
  if (start + target.length * BYTES[type] > content.byteLength)
    throw new Error("The network ends before its last weights.");
  const view = new DataView(content, start);
  if (type === "float32") {
    for (let k = 0; k < target.length; k++) target[k] = view.getFloat32(4 * k, true);
  } else {
    for (let k = 0; k < target.length; k++) target[k] = fromHalf(view.getUint16(2 * k, true));
  }
}

/** What the fraction counts for, by the exponent. */
const HALF_SCALES = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The number that 16 bits of half precision stand for: sign, 5 bits exponent, 10 bits fraction (IEEE 754-2008). */
function fromHalf(bits) {
  const exponent = (bits >> 10) & 0x1f;
  if (exponent === 31) throw new Error("The network has weights that are not finite.");
  const fraction = exponent === 0 ? bits & 0x3ff : (bits & 0x3ff) + 0x400;
  return (bits & 0x8000 ? -fraction : fraction) * HALF_SCALES[exponent];
}
