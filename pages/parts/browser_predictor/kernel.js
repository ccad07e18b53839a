/**
 * The one computation that takes time in a network: weighted sums of many inputs.
 *
 * A kernel owns the memory that a network lives in (weights, outputs of layers, all float32) and one function on it:
 *
 *     accumulate(inputs, count, weights, outputs, width)
 *
 *     outputs[j] += sum over k < count of inputs[k] * weights[k * width + j]     for all j < width
 *
 * The three places are numbers of floats from the start of the memory. Inputs that are 0 are skipped: most of a digit
 * is paper, and ReLU leaves half to three quarters of a layer at 0.
 *
 * There are two kernels with the same results but for rounding: plain JavaScript, the reference, and WebAssembly with
 * SIMD (kernel.wat), about six times as fast, where the browser allows it.
 */

const FLOAT_BYTES = 4;
/** For each input, WebAssembly lists the place of its weights and its value. */
const ENTRY_BYTES = 8;
/** WebAssembly's memory comes in pages. */
const PAGE_BYTES = 65536;

/**
 * @typedef {{name: string, memory: Float32Array, accumulate: Function}} Kernel
 * @typedef {(floats: number, longest: number) => Kernel} MakeKernel
 *     floats: size of the memory. longest: the largest `count`.
 */

/**
 * A kernel in plain JavaScript.
 *
 * @param {number} floats size of its memory
 * @param {number} longest the largest `count` of its `accumulate`
 * @returns {Kernel}
 */
export function plainKernel(floats, longest) {
  const memory = new Float32Array(floats);
  const places = new Int32Array(longest);
  return { name: "JavaScript", memory, accumulate };

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

/** A kernel in WebAssembly; its list of inputs lies at the start of its memory, the network after it. */
function wasmKernel(module, floats, longest) {
  const start = longest * ENTRY_BYTES;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((start + floats * FLOAT_BYTES) / PAGE_BYTES) });
  const { accumulate } = new WebAssembly.Instance(module, { kernel: { memory } }).exports;
  const place = (float) => start + float * FLOAT_BYTES;
  return {
    name: "WebAssembly",
    memory: new Float32Array(memory.buffer, start, floats),
    accumulate: (inputs, count, weights, outputs, width) =>
      accumulate(place(inputs), count, place(weights), place(outputs), width, 0),
  };
}
