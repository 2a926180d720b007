import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const trained = fileURLToPath(new URL("../embed-search/model", import.meta.url));

/**
 * Makes a folder of the small model of `../embed-search` as transformers.js wants it: it takes the model's class from
 * `config.json`, and leaves out each step of the image processor that its configuration does not name.
 */
export async function prepareSmallModel(folder: string): Promise<void> {
  await cp(trained, folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify({ model_type: "clip" }));
  const file = join(folder, "preprocessor_config.json");
  const processor = JSON.parse(await readFile(file, "utf8")) as object;
  const steps = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };
  await writeFile(file, JSON.stringify({ ...processor, ...steps }));
}
