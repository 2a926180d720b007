import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { estimateBatchSize, gpuMemory } from "pixtok";

const folder = mkdtempSync(join(tmpdir(), "pixtok-gpu-"));
const environment = { ...process.env };
after(() => {
  Object.assign(process.env, environment);
  rmSync(folder, { recursive: true });
});

/** Puts a program in nvidia-smi's place that prints this and ends with this code. */
function fakeNvidiaSmi(stdout: string, code = 0, stderr = ""): void {
  const file = join(folder, "nvidia-smi");
  const script = `#!/bin/sh
printf '%s\\n' "$@" > '${folder}/parameters'
cat <<'END'
${stdout}
END
printf '%s' '${stderr}' >&2
exit ${code}
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}${delimiter}${environment.PATH}`;
  delete process.env.CUDA_VISIBLE_DEVICES;
}

const MEBIBYTE = 1024 * 1024;
const uuids = [
  "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",
  "GPU-89e1c1f2-0000-4106-c12f-20bd9faed9f6",
  "GPU-e8a9b4d4-1f3c-52a1-9c55-2b6f3a7d2c11",
];
const threeGpus = `0, ${uuids[0]}, NVIDIA H100 80GB HBM3, 81559, 80994, 84
1, ${uuids[1]}, NVIDIA H100 80GB HBM3, 81559, 1024, 79970
2, ${uuids[2]}, NVIDIA T400, 4GB, 3904, 3900, 4`;

describe("gpuMemory", () => {
  test("gives index, name and bytes of each GPU", async () => {
    fakeNvidiaSmi(threeGpus);
    const gpus = await gpuMemory();
    assert.deepEqual(gpus[0], {
      index: 0,
      uuid: uuids[0],
      name: "NVIDIA H100 80GB HBM3",
      totalBytes: 81559 * MEBIBYTE,
      freeBytes: 80994 * MEBIBYTE,
      usedBytes: 84 * MEBIBYTE,
    });
    assert.deepEqual(
      gpus.map(({ name, freeBytes }) => [name, freeBytes / MEBIBYTE]),
      [
        ["NVIDIA H100 80GB HBM3", 80994],
        ["NVIDIA H100 80GB HBM3", 1024],
        ["NVIDIA T400, 4GB", 3900],
      ],
    );
  });

  test("asks nvidia-smi for numbers without units", async () => {
    fakeNvidiaSmi(threeGpus);
    await gpuMemory();
    assert.deepEqual(readFileSync(join(folder, "parameters"), "utf8").trim().split("\n"), [
      "--query-gpu=index,uuid,name,memory.total,memory.free,memory.used",
      "--format=csv,noheader,nounits",
    ]);
  });

  test("feeds estimateBatchSize", async () => {
    fakeNvidiaSmi(threeGpus);
    const freeBytes = (await gpuMemory())[1]?.freeBytes ?? 0;
    const bytesPerSample = 8 * MEBIBYTE;
    assert.equal(estimateBatchSize({ freeBytes, bytesPerSample, margin: 0 }), 128);
  });
});

describe("CUDA_VISIBLE_DEVICES", () => {
  const visible: [string, number[]][] = [
    ["2,0", [2, 0]],
    [" 1 , 2 ", [1, 2]],
    [`${uuids[2]},${uuids[0]}`, [2, 0]],
    ["GPU-e8a9,GPU-8932", [2, 0]],
    ["1,-1,0", [1]],
    ["1,7,0", [1]],
    ["0,1,0,2", [0, 1]],
    ["2,GPU-89", [2]],
  ];
  for (const [setting, indices] of visible) {
    test(`${JSON.stringify(setting)} shows ${indices.join(", ")}`, async () => {
      fakeNvidiaSmi(threeGpus);
      process.env.CUDA_VISIBLE_DEVICES = setting;
      assert.deepEqual(
        (await gpuMemory()).map(({ index }) => index),
        indices,
      );
    });
  }

  for (const setting of ["", "-1", "NoDevFiles", "3"]) {
    test(`${JSON.stringify(setting)} shows none`, async () => {
      fakeNvidiaSmi(threeGpus);
      process.env.CUDA_VISIBLE_DEVICES = setting;
      await assert.rejects(gpuMemory(), {
        code: "GPU_NOT_FOUND",
        message: new RegExp(`CUDA_VISIBLE_DEVICES="${setting}" shows none of the 3 GPUs`),
      });
    });
  }

  test("that is empty shows none of one GPU either", async () => {
    fakeNvidiaSmi(threeGpus.split("\n")[0] as string);
    process.env.CUDA_VISIBLE_DEVICES = "";
    await assert.rejects(gpuMemory(), { code: "GPU_NOT_FOUND" });
  });

  test("that names a part of a GPU is refused", async () => {
    fakeNvidiaSmi(threeGpus);
    process.env.CUDA_VISIBLE_DEVICES = "MIG-5c89852c-d268-c3f3-1b07-005d5ae1dc3f";
    await assert.rejects(gpuMemory(), { code: "GPU_QUERY_FAILED", message: /a part of a GPU/ });
  });
});

describe("an error says", () => {
  test("that there is no nvidia-smi", async () => {
    fakeNvidiaSmi(threeGpus);
    process.env.PATH = join(folder, "nowhere");
    await assert.rejects(gpuMemory(), {
      code: "GPU_NOT_FOUND",
      message: /there is no nvidia-smi on PATH/,
    });
  });

  test("that there is no GPU", async () => {
    for (const code of [0, 6]) {
      fakeNvidiaSmi("No devices were found", code);
      await assert.rejects(gpuMemory(), { code: "GPU_NOT_FOUND", message: /finds no GPU/ });
    }
  });

  test("what nvidia-smi said when it failed", async () => {
    fakeNvidiaSmi("NVIDIA-SMI has failed because it could not communicate with the driver.", 9);
    await assert.rejects(gpuMemory(), {
      code: "GPU_QUERY_FAILED",
      message: /nvidia-smi failed: NVIDIA-SMI has failed because it could not communicate/,
    });
    fakeNvidiaSmi("", 18, "Failed to initialize NVML");
    await assert.rejects(gpuMemory(), { message: /nvidia-smi failed: Failed to initialize NVML/ });
  });

  test("that a GPU's memory is not reported", async () => {
    fakeNvidiaSmi(`0, ${uuids[0]}, NVIDIA GB10, [N/A], [N/A], [N/A]`);
    await assert.rejects(gpuMemory(), {
      code: "GPU_QUERY_FAILED",
      message: /does not report the memory of GPU 0 \(NVIDIA GB10\): \[N\/A\]/,
    });
  });

  test("that an answer is not understood", async () => {
    fakeNvidiaSmi("name, 1, 2");
    await assert.rejects(gpuMemory(), { code: "GPU_QUERY_FAILED", message: /"name, 1, 2"/ });
  });
});
