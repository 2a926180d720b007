/**
 * Most pixels of a side of an image, and farthest place in one. The native resize counts with numbers
 * of 32 bits, which a side times its channels has to fit into with room to spare.
 */
export const MAX_SIDE = 1 << 20;
