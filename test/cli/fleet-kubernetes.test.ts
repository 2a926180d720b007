// The manifests of examples/fleet/kubernetes say what pixtok has: options, exit codes, variables. test/slow holds them to
// the interface of Kubernetes.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { exitCodeOf, TRY_AGAIN } from "../../src/cli/exit-code.js";
import { hubEnvironment } from "../../src/hub/environment.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";
import { actionOn, type Job, readContainerfile, readManifest } from "../support/kubernetes.js";
import { indexedJob, type Variables } from "../support/launchers.js";

const packJob = readManifest("pack.yaml") as Job;
const verifyJob = readManifest("verify.yaml") as Job;
const claim = readManifest("volume.yaml") as { metadata: { name: string } };
const jobs = { pack: packJob, verify: verifyJob };

const containerOf = ({ spec }: Job) => spec.template.spec.containers[0];
const rulesOf = ({ spec }: Job) => spec.podFailurePolicy.rules;

/** Files of the machine of a pod. */
const root = mkdtempSync(join(tmpdir(), "pixtok-kubernetes-"));
after(() => rmSync(root, { recursive: true }));

const variables = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, variables);
});

/** What the pod of a job does, with its volumes below `root`, and what is fetched from the hub as a folder. */
function runPod(job: Job, ofPod: Variables = {}) {
  const { args, env = [], volumeMounts } = containerOf(job);
  const here = (text: string) => {
    const isMounted = volumeMounts.some(({ mountPath }) => text.startsWith(`${mountPath}/`));
    return isMounted ? join(root, text) : text;
  };
  for (const { name, value } of env) process.env[name] = join(root, value);
  Object.assign(process.env, ofPod);
  const fetched = { "google-bert/bert-base-uncased": fixture("wordpiece") } as Variables;
  return runCommand(...args.map((text) => fetched[text] ?? here(text)));
}

describe("the jobs of examples/fleet/kubernetes", () => {
  before(() => {
    mkdirSync(join(root, "shared"));
    const row = JSON.stringify({ image: "a.png", text: "a" });
    writeFileSync(join(root, "shared/pairs.jsonl"), `${row}\n${row}\n`);
    copyFileSync(fixture("images/png-rgb.png"), join(root, "shared/a.png"));
  });

  test("pack each part of the set in the pod with its index, and verify it", async () => {
    const pods = indexedJob(packJob.spec.completions as number);
    // all of the two pairs are in the one file of the last part
    const last = pods.at(-1) as Variables;
    const first = await runPod(packJob, pods[0] as Variables);
    assert.equal(first.code, 0, first.stderr);
    const missing = await runPod(verifyJob);
    assert.deepEqual([missing.code, missing.stdout], [1, `0-${pods.length - 1}\n`], missing.stderr);
    const whole = await runPod(packJob, last);
    assert.match(whole.stdout, /^2 pairs in 1 files, 0 files kept, of 1 in the set; 0 pairs left/);
    const verified = await runPod(verifyJob);
    assert.deepEqual([verified.code, verified.stdout], [0, ""], verified.stderr);
  });

  test("have as many parts as the first has completions", () => {
    const { completions } = packJob.spec;
    const { args } = containerOf(packJob);
    assert.equal(args[args.indexOf("--part") + 1], `environment/${completions}`);
    const verify = containerOf(verifyJob).args;
    assert.equal(verify[verify.indexOf("--missing") + 1], `${completions}`);
  });

  test("keep what is fetched in a volume that can be written to", async () => {
    const { env = [], volumeMounts } = containerOf(packJob);
    for (const { name, value } of env) process.env[name] = value;
    const { cacheFolder } = await hubEnvironment();
    for (const folder of [cacheFolder, remoteReaders.cacheDir("cacheDir", undefined)]) {
      assert.ok(
        volumeMounts.some(({ mountPath }) => folder.startsWith(`${mountPath}/`)),
        folder,
      );
    }
  });

  for (const [name, job] of Object.entries(jobs)) {
    test(`have the volumes that ${name} mounts`, () => {
      const { volumes, containers } = job.spec.template.spec;
      const names = volumes.map((volume) => volume.name);
      assert.deepEqual(containers[0].volumeMounts.map((mount) => mount.name).sort(), names.sort());
      const claims = volumes.flatMap(({ persistentVolumeClaim: of }) => of?.claimName ?? []);
      assert.deepEqual(claims, [claim.metadata.name]);
    });

    test(`never count a pod of ${name} that was taken away, whatever its code`, () => {
      const conditions = [{ type: "DisruptionTarget", status: "True" }];
      for (const code of [1, TRY_AGAIN, 137, 143]) {
        const pod = { container: containerOf(job).name, code, conditions };
        assert.equal(actionOn(rulesOf(job), pod), "Ignore");
      }
    });

    test(`try ${name} again after what may pass and after a signal, and never after what will not`, () => {
      const after = (code: number) =>
        actionOn(rulesOf(job), { container: containerOf(job).name, code });
      assert.deepEqual([TRY_AGAIN, 134, 137, 143].map(after), Array(4).fill("Count"));
      const never = [new TypeError("size"), new PixtokError("PACK_MISMATCH", "other options")];
      const ended = name === "pack" ? "FailIndex" : "FailJob";
      assert.deepEqual(never.map(exitCodeOf).map(after), [ended, ended]);
    });
  }

  test("are tried again some times, and by new pods, as their rules want it", () => {
    assert.ok((packJob.spec.backoffLimitPerIndex as number) > 0);
    assert.ok((verifyJob.spec.backoffLimit as number) > 0);
    for (const job of Object.values(jobs)) {
      assert.equal(job.spec.template.spec.restartPolicy, "Never");
    }
  });

  test("run pixtok, in the image of the Containerfile", () => {
    const lines = readContainerfile().trim().split("\n");
    assert.equal(lines.at(-1), 'ENTRYPOINT ["pixtok"]');
    assert.match(
      lines.find((line) => line.startsWith("RUN")) ?? "",
      /npm install --global pixtok /,
    );
    assert.equal(containerOf(packJob).image, containerOf(verifyJob).image);
  });
});
