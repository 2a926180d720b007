import { shownProcessor } from "../image/shown-processor.js";
import { shownLines } from "../shared/shown-as.js";
import { shownTokenizer } from "../text/shown-tokenizer.js";
import type { PretrainedModel } from "./pretrained-model.js";

/** A model's processor: its class, and what images and texts go through. */
export function shownModel({
  className,
  images,
  tokenizer,
  template,
}: Pick<PretrainedModel, "className" | "images" | "tokenizer" | "template">): string {
  return shownLines(`Processor of ${className}`, [
    ["image", shownProcessor(images)],
    ["text", shownTokenizer(tokenizer)],
    ["template", template === undefined ? "none" : `${template.source.length} characters`],
  ]);
}
