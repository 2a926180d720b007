import type { AnyProcessor } from "../image/image-processor.js";
import type { Processor } from "../vision-language/processor.js";

/** What rows go through: their images alone, or images and what is said about them together. */
export type RowProcessor = AnyProcessor | Processor;
