import { coreOfProcessor } from "../image/image-processor.js";
import type { PackedConversations } from "../sources/packed/pack-conversations.js";
import { invalidPack, type Pack } from "../sources/packed/pack-format.js";
import { processorOfPictures } from "../sources/packed/packed-pictures.js";
import { modelCore } from "../vision-language/model-core.js";
import { readPretrainedModel } from "../vision-language/pretrained-model.js";
import { modelProcessorOfCore, type Processor } from "../vision-language/processor.js";

/**
 * The processor that a pack's conversations went through, of the files beside it.
 *
 * @throws {PixtokError} as Processor.fromPretrained().
 */
export async function processorOfPack(
  { folder, tokenizerFolder, config }: Pack,
  { paddingSide }: PackedConversations,
): Promise<Processor> {
  const { pictures } = config;
  if (pictures === null) throw invalidPack(folder, "it has no processor of its images");
  const image = coreOfProcessor(await processorOfPictures(folder, config, pictures));
  const given = { revision: undefined, image, tokenizer: {}, chatTemplate: undefined };
  const model = await readPretrainedModel(tokenizerFolder, given);
  return modelProcessorOfCore(modelCore(model, paddingSide));
}
