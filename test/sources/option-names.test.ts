// Options of sources that are of another type are named.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSource } from "pixtok";
import { fixture } from "../support/fixtures.js";

const NAMES = [
  ...["kind", "split", "config", "rows", "conversationColumns", "onProgress", "allowOutsideRoot"],
  ...["imageColumn", "textColumn", "columns", "imageColumns", "texts", "root"],
  ...["cacheDir", "cacheBytes", "timeoutSeconds", "remoteRetries"],
];

describe("an option of openSource() that is a symbol is refused by its name:", () => {
  for (const name of NAMES) {
    test(name, () =>
      assert.rejects(
        openSource(fixture("columns/rows.csv"), { [name]: Symbol("one") }),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.ok(error.message.startsWith(`${name}: expected `), error.message);
          return true;
        },
      ),
    );
  }
});
