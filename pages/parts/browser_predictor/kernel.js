/**
 * The layers that take time in a network: convolution, dense and pooling.
 *
 * A kernel owns the memory that a network lives in: weights and outputs of layers, all float32. An output is a frame in
 * it: rows of pixels with several channels each, channels run fastest, and around the picture a margin of zeros.
 *
 *     convolution(source, target, { window, weights, bias, lowest })
 *
 *         target[y, x, j] = max(lowest, bias[j] + sum over row, column < window and channel k of
 *                                       source[y + row, x + column, k] * weights[row, column, k, j])
 *
 *     Here source counts its pixels from the corner of its margin, target from the corner of its picture. So a window of
 *     3 and a margin of 1 is a convolution 3x3 with padding 'same'. A window of 1 on a single pixel is a dense layer.
 *     lowest: 0 is ReLU, -Infinity changes nothing.
 *
 *     pooling(source, target)      the largest of 2x2 pixels, by channel
 *
 * Inputs that are 0 are skipped: most of a digit is paper, and ReLU leaves half to three quarters of a layer at 0.
 *
 * There are two kernels with the same results but for rounding: plain JavaScript, the reference, and WebAssembly with
 * SIMD (kernel.wat), about eight times as fast, where the browser allows it.
 */

const FLOAT_BYTES = 4;
/** WebAssembly lists the inputs that are not 0, with the place of their weights; and where each pixel's inputs begin. */
const ENTRY_BYTES = 8;
const START_BYTES = 4;
/** WebAssembly's memory comes in pages. */
const PAGE_BYTES = 65536;

/**
 * @typedef {{start: number, height: number, width: number, channels: number, margin: number}} Frame
 *     start: of the margin, in floats from the start of the memory. height, width: of the picture without its margin.
 *     margin: pixels around the picture
 * @typedef {{window: number, weights: number, bias: number, lowest: number}} Sums
 *     weights, bias: in floats from the start of the memory
 * @typedef {{name: string, memory: Float32Array, convolution: (source: Frame, target: Frame, sums: Sums) => void,
 *     pooling: (source: Frame, target: Frame) => void}} Kernel
 * @typedef {(floats: number, longest: number) => Kernel} MakeKernel
 *     floats: size of the memory. longest: the most floats of a frame, margin included, of which sums are made
 */

/** Where a pixel of a frame's picture begins. */
export function pixel(frame, y, x) {
  return frame.start + (y + frame.margin) * rowLength(frame) + (x + frame.margin) * frame.channels;
}

/** How many floats a row of a frame has, margin included. */
export function rowLength({ width, margin, channels }) {
  return (width + 2 * margin) * channels;
}

/**
 * A kernel in plain JavaScript.
 *
 * @param {number} floats size of its memory
 * @param {number} longest the most floats of a frame of which sums are made
 * @returns {Kernel}
 */
export function plainKernel(floats, longest) {
  const memory = new Float32Array(floats);
  const places = new Int32Array(longest);
  return { name: "JavaScript", memory, convolution, pooling };

  function convolution(source, target, { window, weights, bias, lowest }) {
    const { channels } = target;
    const count = window * source.channels; // The pixels of a row of the window lie one after the other.
    for (let y = 0; y < target.height; y++) {
      for (let x = 0; x < target.width; x++) {
        const outputs = pixel(target, y, x);
        const corner = source.start + y * rowLength(source) + x * source.channels;
        memory.copyWithin(outputs, bias, bias + channels);
        for (let row = 0; row < window; row++) {
          accumulate(corner + row * rowLength(source), count, weights + row * count * channels, outputs, channels);
        }
        for (let k = outputs; k < outputs + channels; k++) if (memory[k] < lowest) memory[k] = lowest;
      }
    }
  }

  /** outputs[j] += sum over k < count of inputs[k] * weights[k * width + j], for all j < width */
  function accumulate(inputs, count, weights, outputs, width) {
    // First the inputs that are not 0, then four of them at a time: each output is loaded and stored once for the four.
    let found = 0;
    for (let k = 0; k < count; k++) {
      places[found] = k;
      if (memory[inputs + k] !== 0) found++;
    }
    let n = 0;
    for (; n + 4 <= found; n += 4) {
      const inputA = memory[inputs + places[n]];
      const inputB = memory[inputs + places[n + 1]];
      const inputC = memory[inputs + places[n + 2]];
      const inputD = memory[inputs + places[n + 3]];
      const rowA = weights + places[n] * width;
      const rowB = weights + places[n + 1] * width;
      const rowC = weights + places[n + 2] * width;
      const rowD = weights + places[n + 3] * width;
      for (let j = 0; j < width; j++) {
        memory[outputs + j] +=
          inputA * memory[rowA + j] + inputB * memory[rowB + j] + inputC * memory[rowC + j] + inputD * memory[rowD + j];
      }
    }
    for (; n < found; n++) {
      const input = memory[inputs + places[n]];
      const row = weights + places[n] * width;
      for (let j = 0; j < width; j++) memory[outputs + j] += input * memory[row + j];
    }
  }

  function pooling(source, target) {
    const across = source.channels;
    const down = rowLength(source);
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
}

/**
 * What makes kernels in this browser: WebAssembly if kernel.wasm can be fetched and run, else plain JavaScript. A
 * page's Content-Security-Policy may forbid WebAssembly, and old browsers have no SIMD; neither is an error.
 *
 * @param {string | URL} url of kernel.wasm
 * @returns {Promise<MakeKernel>}
 */
export async function fastestKernel(url = new URL("kernel.wasm", import.meta.url)) {
  try {
    const response = await fetch(url);
    if (!response.ok) return plainKernel;
    const module = await WebAssembly.compile(await response.arrayBuffer());
    return (floats, longest) => wasmKernel(module, floats, longest);
  } catch {
    return plainKernel;
  }
}

/** A kernel in WebAssembly, one call a layer. Its lists lie at the start of its memory, the network after them. */
function wasmKernel(module, floats, longest) {
  const starts = longest * ENTRY_BYTES;
  const network = starts + (longest + 1) * START_BYTES;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((network + floats * FLOAT_BYTES) / PAGE_BYTES) });
  const layers = new WebAssembly.Instance(module, { kernel: { memory } }).exports;
  const place = (float) => network + float * FLOAT_BYTES;
  const rowBytes = (frame) => rowLength(frame) * FLOAT_BYTES;
  return {
    name: "WebAssembly",
    memory: new Float32Array(memory.buffer, network, floats),
    convolution: (source, target, { window, weights, bias, lowest }) =>
      layers.convolution(
        place(source.start),
        source.height + 2 * source.margin,
        source.width + 2 * source.margin,
        source.channels,
        window,
        place(weights),
        place(bias),
        lowest,
        place(pixel(target, 0, 0)),
        rowBytes(target),
        target.channels,
        starts,
      ),
    pooling: (source, target) =>
      layers.pooling(
        place(pixel(source, 0, 0)),
        rowBytes(source),
        place(pixel(target, 0, 0)),
        rowBytes(target),
        target.height,
        target.width,
        target.channels,
      ),
  };
}
