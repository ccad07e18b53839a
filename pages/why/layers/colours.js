/** Palettes, and pictures painted with them. They are dark at 0 in both themes, like the digits. */

const INK = [
  [16, 18, 24],
  [255, 255, 255],
];
const ACTIVATION = [
  [16, 18, 24],
  [98, 60, 160],
  [150, 100, 225],
  [196, 158, 246],
  [252, 245, 255],
];
const POSITIVE = [
  [16, 18, 24],
  [22, 120, 72],
  [84, 226, 150],
];
const NEGATIVE = [
  [16, 18, 24],
  [150, 24, 92],
  [255, 110, 180],
];

/** Few weights are large. An exponent below 1 lets the many small ones be seen; the legend has it too. */
const WEAK_SHOWN = 0.6;

/** The colour of a share in -1..1: of ink, of an activation, or of something signed. */
function colour(share, palette) {
  const stops = palette === "signed" ? (share < 0 ? NEGATIVE : POSITIVE) : palette === "ink" ? INK : ACTIVATION;
  const strength = Math.min(Math.abs(share), 1) ** (palette === "signed" ? WEAK_SHOWN : 1);
  const at = strength * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return stops[low].map((from, channel) => Math.round(from + (at - low) * (stops[low + 1][channel] - from)));
}

/** Paint one cell as one pixel; CSS enlarges it. */
export function paint(canvas, picture, palette) {
  canvas.width = picture.columns;
  canvas.height = picture.rows;
  const image = new ImageData(picture.columns, picture.rows);
  picture.values.forEach((share, place) => image.data.set([...colour(share, palette), 255], 4 * place));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Paint the cells that are kept whole, and all others as small squares. */
export function paintKept(canvas, picture, kept, palette) {
  const side = 8;
  canvas.width = picture.columns * side;
  canvas.height = picture.rows * side;
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${colour(0, palette)})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  picture.values.forEach((share, place) => {
    const gap = kept.has(place) ? 0 : 2;
    const [x, y] = [(place % picture.columns) * side, Math.floor(place / picture.columns) * side];
    context.fillStyle = `rgb(${colour(share, palette)})`;
    context.fillRect(x + gap, y + gap, side - 2 * gap, side - 2 * gap);
  });
}

/** A palette as a CSS gradient, for the legend. */
export function gradient(palette) {
  const shares = palette === "signed" ? [-1, -0.5, 0, 0.5, 1] : [0, 0.33, 0.67, 1];
  return `linear-gradient(to right, ${shares.map((share) => `rgb(${colour(share, palette)})`).join(", ")})`;
}
