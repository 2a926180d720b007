import type { Allowance } from "./allowance.js";

/** A text that grows. */
export class Output {
  #text = "";

  constructor(readonly allowance: Allowance) {}

  get text(): string {
    return this.#text;
  }

  get length(): number {
    return this.#text.length;
  }

  write(text: string): void {
    this.allowance.text(text.length);
    this.#text += text;
  }
}
