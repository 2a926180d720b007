// Alpha that is put beside the pixels that it is of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withAlpha } from "../../src/image/decode/image-alpha.js";

const size = { width: 2, height: 1 };
const alpha = Uint8Array.of(8, 9);

test("alpha stands behind the colours of its pixel", () => {
  const grey = { data: Uint8Array.of(1, 2), ...size, format: "grey" } as const;
  const rgb = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), ...size, format: "rgb" } as const;
  const shown = ({ data, ...rest }: ReturnType<typeof withAlpha>) => ({ ...rest, data: [...data] });
  assert.deepEqual(shown(withAlpha(grey, alpha)), {
    ...size,
    format: "grey-alpha",
    data: [1, 8, 2, 9],
  });
  assert.deepEqual(shown(withAlpha(rgb, alpha)), {
    ...size,
    format: "rgba",
    data: [1, 2, 3, 8, 4, 5, 6, 9],
  });
});

test("pixels that have no place for it stay what they are", () => {
  const cmyk = { data: new Uint8Array(8), ...size, format: "cmyk" } as const;
  assert.equal(withAlpha(cmyk, alpha), cmyk);
});
