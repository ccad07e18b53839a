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
 * of each layer, which is a frame: (height, width, channels), channels run fastest. What a convolution takes has a margin
 * of zeros, one pixel wide: that is padding 'same'. A row of numbers, such as what a dense layer takes, is a frame of a
 * single pixel.
 */

import { pixel, plainKernel, rowLength } from "./kernel.js";

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
      const frame = { height, width, channels, margin };
      return { ...frame, start: reserve(frameLength(frame)) };
    });

    const summed = frames.filter((_, number) => ["convolution", "dense"].includes(planned[number]?.kind));
    const kernel = makeKernel(floats, Math.max(...summed.map(frameLength)));
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
    this._steps = planned.flatMap((layer, number) => steps(layer, kernel, frames[number], frames[number + 1]));
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

/** The functions that compute a layer's output frame from its input frame, one after the other. */
function steps({ kind, activation, places }, kernel, source, target) {
  const { memory } = kernel;
  const sums = (window, lowest) => () =>
    kernel.convolution(source, target, { window, weights: places.kernel, bias: places.bias, lowest });
  switch (kind) {
    case "convolution":
      return [sums(3, 0)];
    case "pooling":
      return [() => kernel.pooling(source, target)];
    case "flatten":
      return [() => memory.copyWithin(target.start, source.start, source.start + target.channels)];
    default:
      if (activation === "relu") return [sums(1, 0)];
      return [sums(1, -Infinity), () => softmax(memory, target.start, target.channels)];
  }
}

function softmax(memory, start, count) {
  let largest = -Infinity,
    total = 0;
  for (let k = start; k < start + count; k++) largest = Math.max(largest, memory[k]);
  for (let k = start; k < start + count; k++) total += Math.exp(memory[k] - largest);
  for (let k = start; k < start + count; k++) memory[k] = Math.exp(memory[k] - largest) / total;
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

/** How many numbers a frame holds, margin included. */
function frameLength(frame) {
  return (frame.height + 2 * frame.margin) * rowLength(frame);
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
    dense: (inputs, { kernel, bias }) =>
      inputs.length === 1 && String(kernel.shape) === String([...inputs, ...bias.shape]) && [...bias.shape],
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
    const computed = fits && size(shape) > 0 && shapes[layer.kind](shape, layer.weights);
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
