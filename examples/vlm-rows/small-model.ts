import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const special = ["<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|pad|>"];

/** ChatML, with marks around what an assistant says: that is what is learned. */
const template = `{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.role == "assistant" %}{% generation %}{{ message.content }}<|im_end|>{% endgeneration %}
{% elif message.content is string %}{{ message.content }}<|im_end|>
{% else %}{% for part in message.content %}{{ "<|image_pad|>" if part.type == "image" else part.text }} {% endfor %}<|im_end|>
{% endif %}
{%- endfor -%}`;

/**
 * Writes the files of a model like Qwen2-VL whose vocabulary is a few words: in place of those that are downloaded for a
 * model that is trained.
 */
export async function writeSmallModel(folder: string, words: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const vocabulary = [...special, "[UNK]", ...new Set(["user", "assistant", ...words])];
  const added = special.map((content, id) => ({
    ...{ id, content, special: true, normalized: false },
    ...{ single_word: false, lstrip: false, rstrip: false },
  }));
  const files = {
    "tokenizer.json": {
      version: "1.0",
      added_tokens: added,
      pre_tokenizer: { type: "WhitespaceSplit" },
      model: {
        type: "WordLevel",
        unk_token: "[UNK]",
        vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      },
    },
    "tokenizer_config.json": { pad_token: "<|pad|>", processor_class: "Qwen2VLProcessor" },
    "preprocessor_config.json": {
      image_processor_type: "Qwen2VLImageProcessor",
      min_pixels: 56 * 56,
      max_pixels: 112 * 112,
    },
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  await writeFile(join(folder, "chat_template.jinja"), template);
  return folder;
}
