/** Whose resize of bytes is followed: its fixed point, and the order of its passes. */
export type Resampler = "pillow13" | "pillow12" | "torch";

export const resamplers = ["pillow13", "pillow12", "torch"] as const satisfies Resampler[];

/** The standard preset's: the newest Pillow. */
export const STANDARD_RESAMPLER: Resampler = "pillow13";
