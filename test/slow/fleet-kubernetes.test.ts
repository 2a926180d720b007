// examples/fleet/kubernetes: the manifests are held to the types of Kubernetes' interface, which are made from its OpenAPI
// description. They are installed by `npm ci --prefix test/kubernetes`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { manifestNames, readManifest } from "../support/kubernetes.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const models = "test/kubernetes/node_modules/@kubernetes/client-node/dist/gen/models";
const skip =
  !existsSync(join(root, models)) &&
  "its packages are not installed: npm ci --prefix test/kubernetes";

const out = join(root, "build/kubernetes-manifests");
after(() => rmSync(out, { recursive: true, force: true }));

/** The types of what there is, by version and kind. */
const types: Record<string, string> = {
  "batch/v1 Job": "V1Job",
  "v1 PersistentVolumeClaim": "V1PersistentVolumeClaim",
};

interface Kind {
  apiVersion: string;
  kind: string;
}

/** What the compiler has against values: a field that a type does not have is an error, as is one that is missing. */
function faultsOf(values: readonly unknown[]): string[] {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const lines = values.map((value, i) => {
    const { apiVersion, kind } = value as Kind;
    const type = types[`${apiVersion} ${kind}`];
    assert.ok(type, `${apiVersion} ${kind}`);
    return `import type { ${type} as Type${i} } from "../../${models}/${type}.js";
export const value${i}: Type${i} = ${JSON.stringify(value)};`;
  });
  writeFileSync(join(out, "manifests.ts"), lines.join("\n"));
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, types: [] };
  const options = { ...compilerOptions, module: "nodenext", target: "es2022", rootDir: "../.." };
  writeFileSync(
    join(out, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["manifests.ts"] }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const parameters = [tsc, "-p", out, "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, parameters, { cwd: out, encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}

describe("the manifests of examples/fleet/kubernetes", { skip }, () => {
  const manifests = manifestNames.map(readManifest);

  test("are of the interface of Kubernetes", () => {
    assert.deepEqual(faultsOf(manifests), []);
  });

  test("would not be with a field that there is not, of another type, or without one that has to be", () => {
    const [, job] = manifests;
    const changed = (change: (spec: Record<string, unknown>) => void) => {
      const copy = structuredClone(job) as { spec: Record<string, unknown> };
      change(copy.spec);
      return copy;
    };
    const wrong = [
      changed((spec) => {
        spec.backoffLimitForIndex = 5;
      }),
      changed((spec) => {
        spec.completions = "64";
      }),
      changed((spec) => {
        spec.podFailurePolicy = { rules: [{ onPodConditions: [] }] };
      }),
      changed((spec) => {
        const { spec: pod } = spec.template as { spec: { containers: Record<string, unknown>[] } };
        Object.assign(pod.containers[0] as object, { arguments: [] });
      }),
    ];
    const faults = faultsOf(wrong);
    assert.equal(faults.length, wrong.length, faults.join("\n"));
    assert.match(faults.join("\n"), /backoffLimitForIndex/);
  });
});
