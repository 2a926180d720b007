// What the environment may choose, as long as nothing is in use, and what this platform is called. A choice that is
// refused leaves all others open, so that these tests follow each other in one process.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { nativeAddon } from "../../src/native/load-addon.js";
import { runtimeInfo } from "../../src/native/runtime-info.js";

const built = (file: string) => new URL(`../../dist/native/${file}`, import.meta.url).href;

/** What is in use with these variables, or why nothing is. */
function chosen(environment: Record<string, string>) {
  for (const name of ["KERNEL", "DECODER", "THREADS"]) delete process.env[`PIXTOK_${name}`];
  Object.assign(process.env, environment);
  return runtimeInfo();
}

describe("a variable of the environment", () => {
  const addon = nativeAddon();
  const kernels = addon.supportedKernels();

  test("is refused where it is no choice", () => {
    const other = ["avx2", "neon"].find((name) => !kernels.includes(name)) as string;
    const cases: [environment: Record<string, string>, message: RegExp][] = [
      [
        { PIXTOK_KERNEL: "sse9" },
        /PIXTOK_KERNEL: expected scalar, avx2, avx512, avx512vnni or neon, got "sse9"/,
      ],
      [
        { PIXTOK_KERNEL: other },
        new RegExp(`expected a kernel this CPU and build can run \\(${kernels.join(", ")}\\)`),
      ],
      [
        { PIXTOK_KERNEL: "scalar", PIXTOK_DECODER: "turbo" },
        /PIXTOK_DECODER: expected one of "auto", "native", "sharp"/,
      ],
      ...["0", "1025", "1.5", "many", "-1"].map((threads): [Record<string, string>, RegExp] => [
        { PIXTOK_KERNEL: "scalar", PIXTOK_THREADS: threads },
        /PIXTOK_THREADS: expected an integer from 1 to 1024/,
      ]),
    ];
    for (const [environment, message] of cases) {
      assert.throws(() => chosen(environment), { name: "RangeError", message });
    }
  });

  test("that is empty chooses nothing, as one that is not set", () => {
    // the number of threads is looked at last
    const empty = { PIXTOK_KERNEL: "scalar", PIXTOK_DECODER: "", PIXTOK_THREADS: "0" };
    assert.throws(() => chosen(empty), { message: /^PIXTOK_THREADS/ });
  });

  test("chooses a kernel once", () => {
    assert.throws(() => chosen({ PIXTOK_KERNEL: "scalar", PIXTOK_THREADS: "0" }), /THREADS/);
    const another = kernels.find((name) => name !== "scalar");
    if (another === undefined) return;
    assert.throws(() => chosen({ PIXTOK_KERNEL: another }), {
      message: /PIXTOK_KERNEL: expected scalar, which this process already uses, got /,
    });
    assert.deepEqual(addon.selectKernel(""), { chosen: "scalar" });
  });

  test("leaves everything to sharp, and gives kernel and threads", () => {
    const { kernel, decoder, sharp, threads } = chosen({
      PIXTOK_KERNEL: "scalar",
      PIXTOK_DECODER: "sharp",
      PIXTOK_THREADS: "1024",
    });
    assert.deepEqual([kernel, threads], ["scalar", 1024]);
    assert.deepEqual(decoder, { own: false, name: "sharp", version: sharp });
  });
});

describe("this platform", () => {
  const { report } = process;
  const { getReport } = report;
  const platform = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
  afterEach(() => {
    report.getReport = getReport;
    Object.defineProperty(process, "platform", platform);
  });
  let fresh = 0;
  const nameOn = async (system: string, header: object | undefined) => {
    Object.defineProperty(process, "platform", { ...platform, value: system });
    report.getReport = () => ({ header }) as ReturnType<typeof getReport>;
    fresh += 1;
    const { missingAddon } = await import(built(`platform-package.js?${fresh}`));
    return /@pixtok\/([\w-]+)|native addon for ([\w-]+),/.exec(missingAddon())?.slice(1).join("");
  };

  test("has musl in its name where Linux has no glibc", async () => {
    const { arch } = process;
    assert.equal(await nameOn("linux", { glibcVersionRuntime: "2.36" }), `linux-${arch}`);
    assert.equal(await nameOn("linux", {}), `linux-${arch}-musl`);
    assert.equal(await nameOn("linux", undefined), `linux-${arch}-musl`);
    assert.equal(await nameOn("darwin", {}), `darwin-${arch}`);
  });

  test("is found out without a look at the network, and that setting is left as it was", async () => {
    const settings = report as { excludeNetwork?: boolean };
    for (const before of [true, false]) {
      settings.excludeNetwork = before;
      let during: boolean | undefined;
      Object.defineProperty(process, "platform", { ...platform, value: "linux" });
      report.getReport = () => {
        during = settings.excludeNetwork;
        return {} as ReturnType<typeof getReport>;
      };
      fresh += 1;
      (await import(built(`platform-package.js?${fresh}`))).missingAddon();
      assert.deepEqual([during, settings.excludeNetwork], [true, before]);
    }
  });
});
