import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { coreOfTokenizer, Tokenizer, tokenizerOfCore } from "../text/tokenizer.js";
import type { ModelCore } from "../vision-language/model-core.js";
import { coreOfModelProcessor } from "../vision-language/processor.js";

type Settings = Readonly<Record<string, unknown>>;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Files by name that stand beside a set's: what its texts go through. None where that cannot be read from files. */
export function modelFiles({ text, processor }: DatasetPipeline): Record<string, string> {
  if (processor !== undefined) return filesOfModel(coreOfModelProcessor(processor));
  return text?.tokenizer instanceof Tokenizer ? tokenizerFiles(text.tokenizer, {}) : {};
}

/** @param others what its own file says beside. */
function tokenizerFiles(tokenizer: Tokenizer, others: Settings): Record<string, string> {
  const { json: definition, padToken, defaultMaxLength } = coreOfTokenizer(tokenizer).files;
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    ...others,
    pad_token: padToken,
    padding_side: tokenizer.paddingSide,
    truncation_side: tokenizer.truncationSide,
    model_max_length: defaultMaxLength,
  };
  return { "tokenizer.json": definition, "tokenizer_config.json": json(config) };
}

/**
 * What Processor.fromPretrained() and AutoProcessor read. The image processor has a file of its own, from which transformers
 * makes that of videos, too. Classes that no file names follow from the model's type.
 */
function filesOfModel(core: ModelCore): Record<string, string> {
  const { settings, className, origin, tokenizer } = core.model;
  const { chat_template: _, ...ofTokenizer } = settings.tokenizer;
  const { chat_template: __, image_processor: ___, ...ofProcessor } = settings.processor;
  return {
    ...tokenizerFiles(tokenizerOfCore(tokenizer), ofTokenizer),
    "processor_config.json": json({ ...ofProcessor, processor_class: `${className}Processor` }),
    "preprocessor_config.json": json(origin.keys),
    ...(origin.modelType !== undefined && {
      "config.json": json({ model_type: origin.modelType }),
    }),
    "chat_template.jinja": core.requireTemplate().source,
  };
}
