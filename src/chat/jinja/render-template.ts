import { Allowance } from "./allowance.js";
import { setGlobals } from "./globals.js";
import { Output } from "./output.js";
import { Scope } from "./scope.js";
import { type Span, Statements } from "./statements.js";
import type { Node } from "./syntax.js";
import type { Value } from "./values.js";

/** What a template makes of its variables. */
export interface Rendered {
  readonly text: string;
  /** Blocks of `generation`, in their order. */
  readonly spans: readonly Span[];
}

/**
 * Runs a template as Jinja's sandbox does it in Python, within bounds of time and memory.
 *
 * @throws {TemplateError} for what the template refuses, and for what it must not do.
 * @throws {RangeError} where macros call each other without end, or values are too deep.
 */
export function renderTemplate(
  nodes: readonly Node[],
  variables: Readonly<Record<string, Value>>,
  now: () => Date,
): Rendered {
  const scope = new Scope();
  const allowance = new Allowance();
  setGlobals(scope, now, allowance);
  for (const [name, value] of Object.entries(variables)) scope.set(name, value);
  const output = new Output(allowance);
  const statements = new Statements(output);
  statements.run(nodes, scope, output);
  return { text: output.text, spans: statements.spans };
}
