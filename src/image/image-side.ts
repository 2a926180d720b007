/**
 * Most pixels of a side of an image, and farthest place in one. The native resize counts with numbers
 * of 32 bits, which a side times its channels has to fit into with room to spare.
 */
export const MAX_SIDE = 1 << 20;

/** Most pixels of a side that a processor makes: more than any model takes, so more is a mistake. */
export const MAX_OUTPUT_SIDE = 1 << 16;
