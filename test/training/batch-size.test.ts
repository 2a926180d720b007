import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type EstimateBatchSizeOptions,
  estimateBatchSize,
  type FindBatchSizeOptions,
  findBatchSize,
  isOutOfMemoryError,
  PixtokError,
} from "pixtok";
import { randomIntegers, seed } from "../support/pairs.js";

const memoryError = new Error("CUDA failure 2: out of memory");

/** A device with room for `room` samples. */
const device = (room: number) => async (size: number) => {
  if (size > room) throw memoryError;
};

async function triedSizes(room: number, options: FindBatchSizeOptions): Promise<number[]> {
  const { trials } = await findBatchSize(device(room), options);
  return trials.map(({ size }) => size);
}

describe("findBatchSize", () => {
  test('"power" doubles until memory is at an end', async () => {
    const result = await findBatchSize(device(20));
    assert.equal(result.size, 16);
    assert.equal(result.largest, 16);
    assert.deepEqual(result.trials, [
      ...[1, 2, 4, 8, 16].map((size) => ({ size, fits: true })),
      { size: 32, fits: false, error: memoryError },
    ]);
  });

  test('"binary" then halves the interval', async () => {
    assert.deepEqual(
      await triedSizes(20, { mode: "binary" }),
      [1, 2, 4, 8, 16, 32, 24, 20, 22, 21],
    );
    const { largest } = await findBatchSize(device(20), { mode: "binary" });
    assert.equal(largest, 20);
  });

  test("goes no further than max", async () => {
    assert.deepEqual(await triedSizes(1000, { max: 20 }), [1, 2, 4, 8, 16]);
    assert.deepEqual(await triedSizes(1000, { max: 20, mode: "binary" }), [1, 2, 4, 8, 16, 20]);
  });

  test("goes below a start that does not fit", async () => {
    assert.deepEqual(await triedSizes(5, { start: 48 }), [48, 24, 12, 6, 3]);
    assert.deepEqual(await triedSizes(5, { start: 48, mode: "binary" }), [48, 24, 12, 6, 3, 4, 5]);
  });

  test("leaves the margin free, 5 % of it with binary and none with power", async () => {
    const sizeOf = async (options: FindBatchSizeOptions) =>
      (await findBatchSize(device(100), options)).size;
    assert.equal(await sizeOf({ mode: "binary" }), 95);
    assert.equal(await sizeOf({ mode: "binary", margin: 0.07 }), 93);
    assert.equal(await sizeOf({ mode: "power" }), 64);
    assert.equal(await sizeOf({ mode: "power", margin: 0.25 }), 48);
    assert.equal(await sizeOf({ max: 1, margin: 0.9 }), 1);
  });

  test(`"binary" finds the room exactly, whatever start and max are (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let round = 0; round < 300; round += 1) {
      const room = 1 + random(3000);
      const max = 1 + random(4000);
      const start = 1 + random(max);
      const options = { start, max, mode: "binary", margin: 0 } as const;
      const { size, trials } = await findBatchSize(device(room), options);
      assert.equal(size, Math.min(room, max), JSON.stringify({ room, ...options }));
      const sizes = trials.map((trial) => trial.size);
      assert.equal(new Set(sizes).size, sizes.length, "no size is tried twice");
    }
  });

  test("passes on what is no error of memory", async () => {
    const mine = new Error("dimensions do not match");
    await assert.rejects(
      findBatchSize((size) => {
        if (size === 4) throw mine;
      }),
      mine,
    );
  });

  test("takes errors that the user's own predicate knows", async () => {
    const full = (size: number) => {
      if (size > 3) throw new Error("the accelerator is full");
    };
    await assert.rejects(findBatchSize(full), /full/);
    const isOutOfMemory = (error: unknown) => /full/.test(String(error));
    assert.equal((await findBatchSize(full, { isOutOfMemory })).size, 2);
  });

  test("says so where not even one sample fits", async () => {
    for (const mode of ["power", "binary"] as const) {
      await assert.rejects(findBatchSize(device(0), { mode, start: 8 }), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, "NO_BATCH_FITS");
        assert.equal(error.cause, memoryError);
        assert.match(
          error.message,
          /not even a batch of one sample fits into memory \(use smaller/,
        );
        return true;
      });
    }
  });

  test("has the error of that sample for its cause, not that of a larger batch", async () => {
    const errors = new Map<number, Error>();
    const full = (size: number) => {
      errors.set(size, new Error(`out of memory for ${size}`));
      throw errors.get(size);
    };
    await assert.rejects(findBatchSize(full, { start: 4 }), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.cause, errors.get(1));
      return errors.size === 3;
    });
  });

  const refused: [unknown, RegExp][] = [
    [{ start: 0 }, /start: expected an integer from 1 to 8192, got 0/],
    [{ start: 9, max: 8 }, /start: expected an integer from 1 to 8, got 9/],
    [{ max: 0 }, /max: expected an integer from 1 to/],
    [{ mode: "binsearch" }, /mode: expected one of "power", "binary", got "binsearch"/],
    [{ margin: 1 }, /margin: expected a number from 0 to below 1, got 1/],
    [{ margin: Number.NaN }, /margin: expected a number from 0 to below 1, got NaN/],
    [{ margin: "5%" }, /margin: expected a number from 0 to below 1, got "5%"/],
    [{ isOutOfMemory: /full/ }, /isOutOfMemory: expected a function of an error/],
    [{ maximum: 8 }, /findBatchSize: unknown option "maximum"; expected one of start, max/],
  ];
  for (const [options, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      await assert.rejects(findBatchSize(device(1), options as FindBatchSizeOptions), { message });
    });
  }

  test("a tryBatch that is no function is refused", async () => {
    const tryBatch = 8 as unknown as (size: number) => void;
    await assert.rejects(findBatchSize(tryBatch), /tryBatch: expected a function of a size, got 8/);
  });
});

describe("isOutOfMemoryError", () => {
  const allocationFailure = (): unknown => {
    try {
      return new ArrayBuffer(Number.MAX_SAFE_INTEGER);
    } catch (error) {
      return error;
    }
  };
  const tooLong = (): unknown => {
    try {
      return new Float32Array(2 ** 40);
    } catch (error) {
      return error;
    }
  };

  const known: [string, unknown][] = [
    [
      "onnxruntime's arena",
      new Error(
        "Non-zero status code returned while running Conv node. Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 939524096",
      ),
    ],
    [
      "onnxruntime's arena with a limit",
      new Error(
        "BFCArena::AllocateRawInternal Available memory of 12 is smaller than requested bytes of 9000",
      ),
    ],
    [
      "onnxruntime's CUDA",
      new Error(
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=a ; expr=cudaMalloc((void**)&p, size);",
      ),
    ],
    ["cuBLAS", new Error("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0")],
    [
      "DirectML",
      new Error("Exception(3) tid(1) 8007000E Not enough memory resources are available"),
    ],
    ["onnxruntime on the CPU", new Error("std::bad_alloc")],
    ["the same on Windows", new Error("bad allocation")],
    [
      "TensorFlow.js",
      new Error(
        "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1,3688,3688,3]",
      ),
    ],
    ["TensorFlow's status alone", new Error("Invalid TF_Status: 8\nMessage: ")],
    ["TensorFlow's name", new Error("RESOURCE_EXHAUSTED: no more")],
    ["V8, an ArrayBuffer", allocationFailure()],
    ["V8, a typed array", tooLong()],
    ["pixtok", new PixtokError("OUT_OF_MEMORY", "no memory for the image")],
    ["an error that wraps one", new Error("step 3 failed", { cause: memoryError })],
    ["a text", "CUDA out of memory"],
  ];
  for (const [name, error] of known) {
    test(`knows that of ${name}`, () => assert.equal(isOutOfMemoryError(error), true));
  }

  const circular = new Error("a");
  circular.cause = new Error("b", { cause: circular });
  const others: [string, unknown][] = [
    ["a failed operation", new Error("Non-zero status code returned while running Conv node.")],
    [
      "another CUDA failure",
      new Error("CUDA failure 700: an illegal memory access was encountered"),
    ],
    ["another TF_Status", new Error("Invalid TF_Status: 80")],
    ["a negative length", new RangeError("Invalid typed array length: -1")],
    ["a length that somebody else refuses", new Error("Invalid typed array length: 5")],
    ["a bad sample", new PixtokError("TRUNCATED_IMAGE", "the file ends early")],
    ["errors that are each other's cause", circular],
    ["undefined", undefined],
  ];
  for (const [name, error] of others) {
    test(`is false for ${name}`, () => assert.equal(isOutOfMemoryError(error), false));
  }
});

describe("estimateBatchSize", () => {
  test("divides what is free, less margin and fixed bytes, among samples", () => {
    const options = { freeBytes: 1000, bytesPerSample: 7, fixedBytes: 200, margin: 0.1 };
    assert.equal(estimateBatchSize(options), 100);
    assert.equal(estimateBatchSize({ ...options, bytesPerSample: 7.01 }), 99);
  });

  test("keeps 10 % free and fixes nothing by default", () => {
    assert.equal(estimateBatchSize({ freeBytes: 100, bytesPerSample: 1 }), 90);
  });

  test("says so where there is no room for one sample", () => {
    assert.throws(() => estimateBatchSize({ freeBytes: 100, bytesPerSample: 5, fixedBytes: 86 }), {
      code: "NO_BATCH_FITS",
      message: /of 100 bytes, less a margin of 0.1 and 86 fixed ones, there is no room/,
    });
  });

  const refused: [object, RegExp][] = [
    [{ bytesPerSample: 0 }, /bytesPerSample: expected more than 0, got 0/],
    [{ freeBytes: -1 }, /freeBytes: expected a number of bytes, at least 0, got -1/],
    [{ freeBytes: "8GB" }, /freeBytes: expected a number of bytes, got "8GB"/],
    [{ fixedBytes: Infinity }, /fixedBytes: expected a number of bytes, at least 0, got Infinity/],
    [{ margin: -0.1 }, /margin: expected a number from 0 to below 1, got -0.1/],
    [{ sampleBytes: 1 }, /estimateBatchSize: unknown option "sampleBytes"/],
  ];
  for (const [options, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, () => {
      const whole = { freeBytes: 100, bytesPerSample: 1, ...options };
      assert.throws(() => estimateBatchSize(whole as EstimateBatchSizeOptions), { message });
    });
  }
});
