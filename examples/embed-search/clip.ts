import { existsSync } from "node:fs";
import { join } from "node:path";
import { downloadFileToCacheDir } from "@huggingface/hub";
import * as ort from "onnxruntime-node";
import { ImageProcessor, type Tensor, Tokenizer, toOrt } from "pixtok";

/** A model whose embeddings of an image, and of a text that is true of it, point the same way. */
export interface Clip {
  processor: ImageProcessor;
  /** @returns an embedding for each image, one after the other. */
  embedImages(pixel_values: Tensor): Promise<Float32Array>;
  embedText(text: string): Promise<Float32Array>;
}

/**
 * Opens a folder or a model of the hub that has `onnx/vision_model.onnx` and `onnx/text_model.onnx`, such as
 * "Xenova/clip-vit-base-patch32", with its image processor and its tokenizer.
 */
export async function openClip(model: string): Promise<Clip> {
  const [processor, tokenizer, vision, language] = await Promise.all([
    ImageProcessor.fromPretrained(model),
    Tokenizer.fromPretrained(model),
    openSession(model, "onnx/vision_model.onnx"),
    openSession(model, "onnx/text_model.onnx"),
  ]);
  return {
    processor,
    embedImages: (pixel_values) => embed(vision, { pixel_values }, "image_embeds"),
    async embedText(text) {
      const tokens = await tokenizer.encode([text], { padding: true, truncation: true });
      return embed(language, tokens, "text_embeds");
    },
  };
}

async function openSession(model: string, path: string): Promise<ort.InferenceSession> {
  const { HF_ENDPOINT: hubUrl = "https://huggingface.co", HF_TOKEN: accessToken } = process.env;
  const file = existsSync(model)
    ? join(model, path)
    : await downloadFileToCacheDir({
        repo: model,
        path,
        hubUrl,
        ...(accessToken && { accessToken }),
      });
  return ort.InferenceSession.create(file);
}

async function embed(
  session: ort.InferenceSession,
  tensors: object,
  output: string,
): Promise<Float32Array> {
  // some models take no attention mask, and others token types
  const wanted = Object.entries(toOrt(ort, tensors)).filter(([name]) =>
    session.inputNames.includes(name),
  );
  const { [output]: embeddings } = await session.run(Object.fromEntries(wanted));
  if (embeddings === undefined) {
    throw new Error(`the model has no output ${output}, but ${session.outputNames.join(", ")}`);
  }
  return embeddings.data as Float32Array;
}
