import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idleBlocks } from "../../src/native/idle-blocks.js";

const block = (size: number, name = `${size}`) => ({ buffer: new ArrayBuffer(size), name });

/** Idle blocks, and the names of those that are left in order of their sizes, the one kept last first. */
function pool(bytes = 1000, blocks = 100) {
  const idle = idleBlocks<ReturnType<typeof block>>({ bytes, blocks });
  const left = () => {
    const names: string[] = [];
    for (let one = idle.take(1, bytes); one !== undefined; one = idle.take(1, bytes)) {
      names.push(one.name);
    }
    return names;
  };
  return { ...idle, left };
}

describe("of idle blocks", () => {
  test("the smallest is taken that is large enough, and none that is too large", () => {
    const idle = pool();
    for (const size of [90, 40, 60, 50]) idle.keep(block(size));
    assert.equal(idle.take(45, 90)?.name, "50");
    assert.equal(idle.take(45, 90)?.name, "60");
    assert.equal(idle.take(45, 89), undefined);
    assert.equal(idle.take(85, 90)?.name, "90");
    idle.keep(block(90));
    assert.equal(idle.take(90, 90)?.name, "90");
    assert.equal(idle.take(41, 1000), undefined);
    assert.deepEqual(idle.left(), ["40"]);
  });

  test("the one that was used last is taken of those of a size", () => {
    const idle = pool();
    for (const name of ["a", "b", "c"]) idle.keep(block(8, name));
    assert.equal(idle.take(8, 8)?.name, "c");
    idle.keep(block(8, "d"));
    assert.deepEqual(idle.left(), ["d", "b", "a"]);
  });
});

describe("where idle blocks are too many", () => {
  test("those of another use go first, the one that was used longest ago before the others", () => {
    const idle = pool(100);
    for (const size of [10, 40, 11, 20]) idle.keep(block(size));
    idle.keep(block(25)); // 106: of at most twice its size, and half, are 40 and 20
    assert.deepEqual(idle.left(), ["11", "20", "25", "40"]);
  });

  test("those of the same use go where there are no others, and four stay however large they are", () => {
    const idle = pool(100);
    for (const name of ["a", "b", "c", "d", "e", "f"]) idle.keep(block(60, name));
    const taken = ["f", "e", "d", "c"].map(() => idle.take(60, 60)?.name);
    assert.deepEqual(taken, ["f", "e", "d", "c"]);
    assert.equal(idle.take(60, 60), undefined);
  });

  test("so many are kept, and no more", () => {
    const idle = pool(1000, 5);
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) idle.keep(block(8, name));
    assert.deepEqual(idle.left(), ["g", "f", "e", "d", "c"]);
  });

  test("what has been taken or dropped does not count any more", () => {
    const idle = pool(100);
    for (let round = 0; round < 5; round += 1) {
      idle.keep(block(90));
      assert.equal(idle.take(90, 90)?.name, "90");
    }
    idle.keep(block(90));
    idle.dropAll();
    for (const size of [10, 20, 60]) idle.keep(block(size));
    assert.deepEqual(idle.left(), ["10", "20", "60"]);
  });
});
