/** Images of more pixels are refused, here and by Pillow, so that a case stays small. */
export const MOST_PIXELS = 1 << 18;

/** Images are compared on a black square of this side; larger ones are not. */
export const CANVAS_SIDE = 512;
