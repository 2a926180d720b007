import type { Allowance } from "./allowance.js";
import type { GivenArguments } from "./call-arguments.js";
import type { Value } from "./values.js";

/** What a filter makes of a value. */
type Filter = (value: Value, given: GivenArguments, allowance: Allowance) => Value;

/** A filter and the names of its parameters. */
export type DeclaredFilter = readonly [parameters: string, filter: Filter];
