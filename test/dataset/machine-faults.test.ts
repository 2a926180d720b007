import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  checkDataset,
  computeStats,
  DataLoader,
  fitTfidf,
  MultimodalDataset,
  PixtokError,
  packDataset,
  type Texts,
} from "pixtok";
import { runtime } from "../../src/native/runtime.js";
import { onWindows } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-faults-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();

/** What Node says where a file cannot be read for this reason. */
function systemError(code: string, message = "what the system says"): Error {
  return Object.assign(new Error(`${code}: ${message}, read`), { code, syscall: "read" });
}

/** Numbered pairs of which one cannot be read. */
function failing(error: unknown, bad = 3, length = 12): MultimodalDataset {
  const pairs = numberedPairs(length);
  const source = {
    length,
    get(index: number) {
      if (index === bad) throw error;
      return pairs.get(index);
    },
  };
  return new MultimodalDataset({ source, tokenizer, image: tinyImage, text: { maxLength: 12 } });
}

let folders = 0;
/** Everything that goes through a dataset's pairs. */
const walks: Record<string, (dataset: MultimodalDataset) => Promise<unknown>> = {};
for (const onError of ["throw", "skip", "replace"] as const) {
  walks[`a loader with onError "${onError}"`] = async (dataset) => {
    for await (const _ of new DataLoader(dataset, { batchSize: 4, onError }));
  };
}
walks.computeStats = (dataset) => computeStats(dataset);
walks.checkDataset = (dataset) => checkDataset(dataset, { batchSize: 4 });
for (const onError of ["throw", "skip"] as const) {
  walks[`packDataset with onError "${onError}"`] = (dataset) =>
    packDataset(dataset, join(root, `pack-${folders++}`), { onError, retries: 0 });
}
walks["a loader in buckets of length"] = async (dataset) => {
  const lengthBuckets = { window: 12, size: 4 };
  for await (const _ of new DataLoader(dataset, { onError: "skip", lengthBuckets }));
};

const codes = {
  EMFILE: "OUT_OF_FILE_DESCRIPTORS",
  ENFILE: "OUT_OF_FILE_DESCRIPTORS",
  EIO: "STORAGE_FAILED",
  ESTALE: "STORAGE_FAILED",
  ENOTCONN: "STORAGE_FAILED",
  ENOMEM: "OUT_OF_MEMORY",
} as const;

describe("a fault of the machine behind what a source throws", () => {
  for (const [errno, code] of Object.entries(codes)) {
    for (const [name, walk] of Object.entries(walks)) {
      test(`${errno} ends ${name} as ${code}`, async () => {
        await assert.rejects(walk(failing(systemError(errno))), (error) => {
          assert.ok(error instanceof PixtokError, String(error));
          assert.equal(error.code, code);
          assert.match(error.message, new RegExp(errno));
          return true;
        });
      });
    }
  }

  for (const [what, error] of Object.entries({
    "is the cause of another error": new Error("no image", { cause: systemError("EIO") }),
    "is the cause of an error of pixtok's": new PixtokError("CORRUPT_IMAGE", "not read", {
      cause: systemError("EIO"),
    }),
    "is one of several errors": new AggregateError([new Error("one"), systemError("EIO")], "all"),
    "is only named in a message": new Error("cannot read a.jpg: EIO: i/o error, read"),
    "is an error of libvips": new Error("a.jpg: unable to read\nunix error: Input/output error"),
  })) {
    test(`is found where it ${what}`, async () => {
      const loader = new DataLoader(failing(error), { batchSize: 4, onError: "skip" });
      await assert.rejects(
        async () => {
          for await (const _ of loader);
        },
        { code: "STORAGE_FAILED", index: 3 },
      );
    });
  }

  test("is found where memory cannot be had", async () => {
    const errors = [
      new RangeError("Array buffer allocation failed"),
      new Error("std::bad_alloc"),
      new Error("vips_malloc: out of memory -- size == 12MB"),
    ];
    for (const error of errors) {
      await assert.rejects(walks.computeStats?.(failing(error)) as Promise<unknown>, {
        code: "OUT_OF_MEMORY",
      });
    }
  });

  test("says what to do about it", async () => {
    const messages: Record<string, RegExp> = {
      EMFILE: /sample 3: EMFILE: .*raise the limit of open files \(ulimit -n\)/,
      ESTALE: /sample 3: ESTALE: .*check the disk or the mount, and try again/,
      ENOMEM: /sample 3: ENOMEM: .*use smaller batches, less prefetch or fewer threads/,
    };
    for (const [errno, message] of Object.entries(messages)) {
      await assert.rejects(failing(systemError(errno)).get(3), { message });
    }
  });

  test("is none where a source opens a socket", {
    skip: onWindows("sockets are no files there"),
  }, async () => {
    const socket = join(root, "socket");
    const server = createServer().listen(socket).unref();
    const error = await open(socket).catch((cause) => cause);
    await assert.rejects(failing(error).get(3), { code: "SAMPLE_FAILED" });
    server.close();
  });

  test("is found where a check looks at a pair for the second time", async () => {
    const { get, ...pairs } = numberedPairs(8);
    let reads = 0;
    const source = {
      ...pairs,
      get(index: number) {
        reads += 1;
        if (reads > 8 && index === 5) throw systemError("EIO");
        return get(index);
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    await assert.rejects(checkDataset(dataset), { code: "STORAGE_FAILED", index: 5 });
    assert.ok(reads > 8);
  });

  // reading it is an error of the device
  const unreadable = "/proc/self/mem";
  test("is found where a check looks into the file of a pair that has become a row", {
    skip: existsSync(unreadable) ? false : `there is no ${unreadable}`,
  }, async () => {
    const { get, ...pairs } = numberedPairs(4);
    let reads = 0;
    const source = {
      ...pairs,
      get(index: number) {
        reads += 1;
        return reads > 4 && index === 2 ? { image: unreadable, text: "2" } : get(index);
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    await assert.rejects(checkDataset(dataset), { code: "STORAGE_FAILED", index: 2 });
  });

  test("is found in text.clean", async () => {
    const clean = () => {
      throw systemError("EMFILE");
    };
    const dataset = await numberedDataset(4, { text: { clean } });
    for (const walk of Object.values(walks)) {
      await assert.rejects(walk(dataset), { code: "OUT_OF_FILE_DESCRIPTORS" });
    }
  });

  test("is found where texts alone are read", async () => {
    const source = {
      ...numberedPairs(8),
      texts(index: number): Texts {
        if (index === 5) throw systemError("EIO");
        return String(index);
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    await assert.rejects(fitTfidf(dataset), { code: "STORAGE_FAILED" });
    await assert.rejects(walks["a loader in buckets of length"]?.(dataset) as Promise<unknown>, {
      code: "STORAGE_FAILED",
    });
  });
});

describe("a fault of one sample", () => {
  for (const error of [
    Object.assign(new Error("connect ETIMEDOUT 10.0.0.1:443"), {
      code: "ETIMEDOUT",
      syscall: "connect",
    }),
    Object.assign(new Error("ENOENT: no such file or directory, open 'out of memory.jpg'"), {
      code: "ENOENT",
      syscall: "open",
    }),
    new TypeError("fetch failed", {
      cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    }),
  ]) {
    test(`is ${error.message}`, async () => {
      const loader = new DataLoader(failing(error), { batchSize: 4, onError: "skip" });
      let rows = 0;
      for await (const batch of loader) rows += batch.indices.length;
      assert.equal(rows, 11);
      assert.equal(loader.errors.list[0]?.code, "SAMPLE_FAILED");
    });
  }
});

test("a fault of the machine at an image ends an epoch, also behind a bad image of its batch", async (t) => {
  const failures = [
    [0, "CORRUPT_IMAGE", "no image"],
    [1, "STORAGE_FAILED", "EIO"],
  ];
  const { addon } = runtime();
  const startBatch = () => ({ done: Promise.resolve([failures, []]), cancel() {} });
  Object.assign(runtime(), { addon: Object.create(addon, { startBatch: { value: startBatch } }) });
  t.after(() => Object.assign(runtime(), { addon }));
  const loader = new DataLoader(await numberedDataset(4), { batchSize: 4, onError: "skip" });
  await assert.rejects(
    async () => {
      for await (const _ of loader);
    },
    { code: "STORAGE_FAILED", index: 1 },
  );
});

test("threads for which there is no memory end a loader as OUT_OF_MEMORY", async (t) => {
  t.mock.method(runtime(), "engine", () => {
    throw new Error("std::bad_alloc");
  });
  const loader = new DataLoader(await numberedDataset(4), { batchSize: 2 });
  await assert.rejects(
    async () => {
      for await (const _ of loader);
    },
    (error) => error instanceof PixtokError && error.code === "OUT_OF_MEMORY",
  );
});
