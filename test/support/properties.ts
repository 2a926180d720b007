// fast-check: a property that fails is shown for a small case, with the seed that found it.
// PIXTOK_TEST_SEED runs all properties by that seed.

import fc from "fast-check";

const seed = process.env.PIXTOK_TEST_SEED;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

export { fc };
