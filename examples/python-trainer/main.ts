// node --import tsx examples/python-trainer/main.ts [FOLDER]
//
// Draws scenes, packs them, and has train.py train on the packed files. PYTHON names a Python with numpy, pyarrow, torch.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ImageProcessor, MultimodalDataset, packDataset, Tokenizer } from "pixtok";
import { makeTemporaryFolder } from "../demo/temporary-folder.js";
import { drawTrainingScenes } from "../training-scenes.js";

/** A Python that can train. Nothing is drawn for one that cannot. */
function findPython(): string {
  const python = process.env.PYTHON ?? "python3";
  const needed = ["numpy", "pyarrow", "torch"];
  // without importing them, which takes seconds
  const code = `import importlib.util, sys
print(*[name for name in sys.argv[1:] if importlib.util.find_spec(name) is None])`;
  const { error, status, stdout, stderr } = spawnSync(python, ["-c", code, ...needed], {
    encoding: "utf8",
  });
  const cure = `set PYTHON to a Python 3 with ${needed.join(", ")} (test/goldens/requirements.txt has them)`;
  if (error !== undefined || status !== 0) {
    throw new Error(`${python} cannot be run: ${cure}`, { cause: error ?? stderr });
  }
  const missing = stdout.trim().split(" ").filter(Boolean);
  if (missing.length > 0) throw new Error(`${python} has no ${missing.join(", ")}: ${cure}`);
  return python;
}

const python = findPython();
const folder = process.argv[2] ?? makeTemporaryFolder("pixtok-trainer-");
const { train, heldOut, vocabulary } = await drawTrainingScenes(join(folder, "scenes"));
const tokenizer = await Tokenizer.fromPretrained(vocabulary);
const image = new ImageProcessor({ resize: { width: 64, height: 64 } });

// on the command line: npx pixtok pack train.jsonl --tokenizer vocab.txt --size 64 --out packed/train
const packed = { train: join(folder, "packed/train"), heldOut: join(folder, "packed/held-out") };
for (const [manifest, out] of [
  [train, packed.train],
  [heldOut, packed.heldOut],
] as const) {
  const dataset = await MultimodalDataset.from(manifest, { tokenizer, image });
  const { pairs } = await packDataset(dataset, out);
  console.log(`${out}: ${pairs} pairs`);
}

const program = join(import.meta.dirname, "train.py");
const save = join(folder, "towers.pt");
const run = spawnSync(python, [program, packed.train, packed.heldOut, "--save", save], {
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;
