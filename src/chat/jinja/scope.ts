import { Undefined, type Value } from "./values.js";

/** Names and what they stand for, within those around them. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #around: Scope | undefined;

  constructor(around?: Scope) {
    this.#around = around;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  get(name: string): Value {
    const own = this.#values.get(name);
    if (own !== undefined) return own;
    return this.#around === undefined
      ? new Undefined(`'${name}' is undefined`)
      : this.#around.get(name);
  }
}
