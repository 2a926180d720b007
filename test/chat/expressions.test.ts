// What expressions of chat templates become in Python: test/goldens/make_expressions.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { chatTemplate } from "../../src/chat/chat-template.js";
import { fixture } from "../support/fixtures.js";

type Result = string | null;

interface Goldens {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly values: readonly string[];
  /** Right values of operators. */
  readonly right: readonly string[];
  /** For each left value those for each right one. */
  readonly operators: Readonly<Record<string, readonly (readonly Result[])[]>>;
  readonly filters: Readonly<Record<string, readonly Result[]>>;
  readonly choices: Readonly<Record<string, readonly Result[]>>;
  readonly tests: Readonly<Record<string, readonly Result[]>>;
  readonly sources: Readonly<Record<string, Result>>;
}

const goldens: Goldens = JSON.parse(readFileSync(fixture("goldens/expressions.json"), "utf8"));
const { variables, values, right } = goldens;

/** What a template becomes; null: it is refused. */
async function rendered(source: string): Promise<Result> {
  const template = await chatTemplate(source, {}, "test");
  try {
    return template.render([], { template_kwargs: variables }).text;
  } catch (fault) {
    assert.ok(fault instanceof PixtokError, String(fault));
    return fault.code === "INVALID_CONVERSATION" ? null : fault.message;
  }
}

async function compare(expected: Readonly<Record<string, Result>>): Promise<void> {
  const given: Record<string, Result> = {};
  for (const source of Object.keys(expected)) given[source] = await rendered(source);
  assert.deepEqual(given, expected);
}

const ofValues = (
  results: readonly Result[],
  source: (value: string) => string,
  all: readonly string[] = values,
) => compare(Object.fromEntries(results.map((one, at) => [source(all[at] as string), one])));

describe("an operator gives what it gives in Python, of values of every type", () => {
  for (const [name, rows] of Object.entries(goldens.operators)) {
    test(name, async () => {
      for (const [at, results] of rows.entries()) {
        await ofValues(results, (other) => `{{ ${values[at]} ${name} ${other} }}`, right);
      }
    });
  }
});

describe("a filter gives what it gives in Python, of values of every type", () => {
  for (const [name, results] of Object.entries(goldens.filters)) {
    test(name, () => ofValues(results, (value) => `{{ ${value}|${name} }}`));
  }
});

describe("a test says what it says in Python, of values of every type", () => {
  for (const [name, results] of Object.entries(goldens.tests)) {
    test(name, () => ofValues(results, (value) => `{{ ${value} is ${name} }}`));
  }
});

describe("select leaves what it leaves in Python, of values of every type", () => {
  for (const [name, results] of Object.entries(goldens.choices)) {
    test(name, () => ofValues(results, (value) => `{{ [${value}]|select(${name})|list }}`));
  }
});

describe("a template becomes what it becomes in Python", () => {
  for (const [source, expected] of Object.entries(goldens.sources)) {
    test(JSON.stringify(source), () => compare({ [source]: expected }));
  }
});
