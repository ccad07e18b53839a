/**
 * Predictions in the browser: strokes or a 28x28 digit in, the probabilities of one or several networks out.
 *
 *     const predictor = await Predictor.load({ mlp: "mlp-robust.network", cnn: "cnn-robust.network" });
 *     const { digit, probabilities } = predictor.predictStrokes(strokes, { brushWidth: 17.5 });
 *     probabilities.cnn;                      // Float32Array(10), index is the digit
 *     predictor.predictDigit(digit).cnn;      // the same, from the 784 pixels
 *
 * preprocessing.js makes digits of strokes, network.js predicts, kernel.js computes. Nothing here knows of a page.
 */

import { fastestKernel, plainKernel } from "./kernel.js";
import { Network } from "./network.js";
import { drawDigit } from "./preprocessing.js";
import { splitDrawing, strokeBox } from "./segmentation.js";

/** So many predictions of parts of a number are kept. Most strokes stay as they are while the next one is drawn. */
const KEPT = 200;

export class Predictor {
  /**
   * Fetch several networks at the same time.
   *
   * @param {Object<string, string | URL>} urls of networks (see network.js), by the names under which results are given
   * @param {{kernelUrl?: string | URL, webAssembly?: boolean}} options kernelUrl: of kernel.wasm, if it does not lie
   *     beside this file. webAssembly: false for plain JavaScript
   * @returns {Promise<Predictor>}
   */
  static async load(urls, { kernelUrl, webAssembly = true } = {}) {
    const makeKernel = webAssembly ? await fastestKernel(kernelUrl) : plainKernel;
    const names = Object.keys(urls);
    const networks = await Promise.all(names.map((name) => Network.load(urls[name], makeKernel)));
    return new Predictor(Object.fromEntries(names.map((name, index) => [name, networks[index]])));
  }

  /** @param {Object<string, Network>} networks by name */
  constructor(networks) {
    this.networks = networks;
    this.kept = new Map();
  }

  /**
   * Predict a drawing.
   *
   * @param {Array<Array<[number, number]>>} strokes points [x, y], x to the right and y down, in one common unit
   * @param {{brushWidth?: number, penWidth?: number}} options see drawDigit
   * @returns {{digit: Float32Array, probabilities: Object<string, Float32Array>}} digit: the 28x28 that the networks
   *     were given
   */
  predictStrokes(strokes, options = {}) {
    const digit = drawDigit(strokes, options);
    return { digit, probabilities: this.predictDigit(digit) };
  }

  /**
   * Predict a drawing of one digit or of several beside each other.
   *
   * @param {Array<Array<[number, number]>>} strokes as for predictStrokes, none of them empty
   * @param {{brushWidth?: number, penWidth?: number}} options see drawDigit
   * @returns {Array<{digit: Float32Array, probabilities: Object<string, Float32Array>, marks: number[]}>} the digits from
   *     left to right; marks: the indices of their strokes
   */
  predictNumber(strokes, options = {}) {
    const hashes = strokes.map(hash);
    const read = (marks) => {
      const key = [...marks.map((mark) => hashes[mark]), options.brushWidth, options.penWidth].join(" ");
      if (this.kept.size > KEPT) this.kept.clear();
      if (!this.kept.has(key)) this.kept.set(key, this.predictStrokes(marks.map((mark) => strokes[mark]), options));
      return this.kept.get(key);
    };
    const confidencesOf = (marks) => Object.values(read(marks).probabilities).map((each) => Math.max(...each));
    return splitDrawing(strokes.map(strokeBox), confidencesOf).map((marks) => ({ ...read(marks), marks }));
  }

  /**
   * Predict a digit.
   *
   * @param {Float32Array} digit 784 values in 0..1, row by row
   * @returns {Object<string, Float32Array>} ten probabilities for each network
   */
  predictDigit(digit) {
    return Object.fromEntries(Object.entries(this.networks).map(([name, network]) => [name, network.predict(digit)]));
  }
}

/** What tells a stroke from others: how many points it has, and 64 bits that depend on all of them. */
function hash(stroke) {
  const point = new Float64Array(2);
  const words = new Int32Array(point.buffer);
  let one = 0x2dcaf00d;
  let other = 0x51ed270b;
  for (let k = 0; k < stroke.length; k++) {
    point.set(stroke[k]);
    for (let word = 0; word < 4; word++) {
      one = Math.imul(one ^ words[word], 0x9e3779b1);
      other = Math.imul(other ^ words[word], 0x5f356495);
      one ^= one >>> 15;
      other ^= other >>> 13;
    }
  }
  return `${stroke.length} ${one} ${other}`;
}
