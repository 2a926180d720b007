// A small model with eyes, of which tests change what they are about.

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Processor, type ProcessorPretrainedOptions } from "pixtok";
import { writeChatModel } from "./chat-model.js";

const root = await mkdtemp(join(tmpdir(), "pixtok-chat-"));
process.on("exit", () => rmSync(root, { recursive: true }));

const files = {
  "tokenizer_config.json": { bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>" },
  "preprocessor_config.json": {
    image_processor_type: "Qwen2VLImageProcessor",
    min_pixels: 56 * 56,
    max_pixels: 112 * 112,
  },
  "processor_config.json": { processor_class: "Qwen2VLProcessor" },
};

/** Tokens of Qwen's. */
const tokens = ["<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>"];

/** A template that marks nothing. */
export const plainTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}{% if part.type == 'image' %}<|image_pad|>{% elif part.type == 'video' %}<|video_pad|>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** A folder of a model like Qwen2-VL. */
export async function chatFolder(more: Readonly<Record<string, object>> = {}): Promise<string> {
  const folder = await mkdtemp(join(root, "model-"));
  return writeChatModel(folder, { tokens, files: { ...files, ...more } });
}

export async function chatProcessor(options: ProcessorPretrainedOptions = {}): Promise<Processor> {
  return Processor.fromPretrained(await chatFolder(), {
    chat_template: plainTemplate,
    ...options,
  });
}
