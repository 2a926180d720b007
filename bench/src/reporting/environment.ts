/** Where and with what a benchmark was run. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { fromBench } from "../setup/paths.js";
import { publicText } from "./public-text.js";

export type Versions = Readonly<Record<string, string>>;

export interface RunEnvironment {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryMiB: number;
    readonly system: string;
  };
  readonly versions: Versions;
  readonly python: Versions;
  readonly pixtok: unknown;
}

const MEBIBYTE = 1024 * 1024;

const packages = ["sharp", "tokenizers", "@huggingface/tokenizers", "jpeg-js", "pngjs"];
const optionalPackages = ["@huggingface/transformers", "imgkit", "@napi-rs/image"];

function packageVersion(name: string, importer: URL): string {
  const require = createRequire(importer);
  // Not by `require.resolve`: not every package exports its package.json.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const contents = readFileSync(join(folder, name, "package.json"), "utf8");
      return (JSON.parse(contents) as { version: string }).version;
    } catch {
      // Not installed in this one of the folders.
    }
  }
  return "not installed";
}

async function pythonVersions(interpreter: string | undefined): Promise<Versions> {
  if (interpreter === undefined) return {};
  const program = fromBench("python/versions.py");
  try {
    const { stdout } = await promisify(execFile)(interpreter, [program]);
    return JSON.parse(stdout) as Versions;
  } catch (error) {
    return { python: publicText(error instanceof Error ? error.message : String(error)) };
  }
}

/** What pixtok says is in use, less the paths. */
async function pixtokInUse(): Promise<unknown> {
  try {
    const { runtimeInfo } = await import("pixtok");
    return JSON.parse(JSON.stringify(runtimeInfo()), (_, value: unknown) =>
      typeof value === "string" && isAbsolute(value) ? basename(value) : value,
    );
  } catch (error) {
    return `not available: ${publicText(error instanceof Error ? error.message : String(error))}`;
  }
}

export async function describeEnvironment(python: string | undefined): Promise<RunEnvironment> {
  const versionsFrom = (names: readonly string[], importer: string) => {
    const url = pathToFileURL(fromBench(importer));
    return Object.fromEntries(names.map((name) => [name, packageVersion(name, url)]));
  };
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
      memoryMiB: Math.round(totalmem() / MEBIBYTE),
      system: `${platform()} ${arch()}`,
    },
    versions: {
      node: process.versions.node,
      ...versionsFrom(packages, "package.json"),
      ...versionsFrom(optionalPackages, "node/package.json"),
    },
    python: await pythonVersions(python),
    pixtok: await pixtokInUse(),
  };
}
