import { type Random, seededRandom } from "./random.js";

const side = 1024;

/** A square of brightness changes, −127 to 127, that windows are taken from. */
export type Texture = Int8Array;

/** Clouds of several sizes with film grain over them: what makes a drawing as rich as a photo. */
export function makeTexture(seed: number): Texture {
  const random = seededRandom(seed);
  const texture = new Float32Array(side * side);
  addClouds(texture, random, 64, 16);
  addClouds(texture, random, 16, 10);
  addClouds(texture, random, 4, 11);
  for (let index = 0; index < texture.length; index += 1) {
    texture[index] = (texture[index] ?? 0) + (random() + random() - 1) * 15;
  }
  return Int8Array.from(texture, (change) => Math.round(Math.min(Math.max(change, -127), 127)));
}

/** Adds a window of the texture to the brightness, and a fainter one to the warmth, in place. */
export function applyTexture(
  rgb: Uint8Array,
  width: number,
  texture: Texture,
  random: Random,
): void {
  const changed = new Uint8ClampedArray(rgb.buffer, rgb.byteOffset, rgb.byteLength);
  const brightnessStart = Math.floor(random() * texture.length);
  const warmthStart = Math.floor(random() * texture.length);
  for (let pixel = 0; pixel * 3 < changed.length; pixel += 1) {
    const step = Math.floor(pixel / width) * side + (pixel % width);
    const brightness = texture[(brightnessStart + step) % texture.length] ?? 0;
    const warmth = (texture[(warmthStart + step) % texture.length] ?? 0) / 4;
    const red = pixel * 3;
    changed[red] = (changed[red] ?? 0) + brightness + warmth;
    changed[red + 1] = (changed[red + 1] ?? 0) + brightness;
    changed[red + 2] = (changed[red + 2] ?? 0) + brightness - warmth;
  }
}

/** Random values on a grid, blended smoothly between; the texture's edges meet. */
function addClouds(texture: Float32Array, random: Random, cell: number, strength: number): void {
  const cells = side / cell;
  const grid = Float32Array.from({ length: cells * cells }, () => (random() * 2 - 1) * strength);
  const at = (column: number, row: number) => grid[(row % cells) * cells + (column % cells)] ?? 0;
  for (let y = 0; y < side; y += 1) {
    const row = Math.floor(y / cell);
    const down = smooth((y % cell) / cell);
    for (let x = 0; x < side; x += 1) {
      const column = Math.floor(x / cell);
      const across = smooth((x % cell) / cell);
      const above = blend(at(column, row), at(column + 1, row), across);
      const below = blend(at(column, row + 1), at(column + 1, row + 1), across);
      const index = y * side + x;
      texture[index] = (texture[index] ?? 0) + blend(above, below, down);
    }
  }
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}

function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
