// node --import tsx examples/urls.ts LIST.csv TOKENIZER_FOLDER CACHE_FOLDER
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";

const [list = "", tokenizerFolder = "", cacheDir = "cache"] = process.argv.slice(2);
const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
// columns url and caption, as img2dataset takes them; lists of the web have servers that are gone
const dataset = await MultimodalDataset.from(list, {
  tokenizer,
  cacheDir,
  cacheBytes: 20 * 2 ** 30,
  timeoutSeconds: 10,
  remoteRetries: 1,
  unreachableImages: "bad",
});
const loader = new DataLoader(dataset, { batchSize: 64, onError: "skip" });

// the second epoch finds the images in the cache
for (const epoch of [0, 1]) {
  let pairs = 0;
  for await (const { image, release } of loader) {
    pairs += image.dims[0] ?? 0;
    release();
  }
  console.log(`epoch ${epoch}: ${pairs} of ${dataset.length} pairs`);
}
for (const { index, code } of loader.errors.list) console.log(`pair ${index}: ${code}`);
