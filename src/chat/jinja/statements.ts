import { isEqual } from "./comparison.js";
import { Expressions } from "./expressions.js";
import { requirePublic } from "./globals.js";
import { Output } from "./output.js";
import { Scope } from "./scope.js";
import { textOf } from "./shown-value.js";
import { type CallBlockNode, isGeneration, type MacroNode, type Node } from "./syntax.js";
import {
  type Arguments,
  Callable,
  found,
  isTrue,
  Namespace,
  TemplateError,
  Tuple,
  Undefined,
  UnsupportedError,
  type Value,
} from "./values.js";

/** Where the text of a block of `generation` begins and ends, in units of JavaScript's. */
export type Span = readonly [begin: number, end: number];

/** How a block ends: to its end, or by `break` or `continue`. */
type Ending = "end" | "break" | "continue";

/** Runs the statements of a template. */
export class Statements {
  readonly #expressions: Expressions;
  readonly #root: Output;
  readonly spans: Span[] = [];

  constructor(root: Output) {
    this.#root = root;
    this.#expressions = new Expressions(root.allowance);
  }

  run(nodes: readonly Node[], scope: Scope, output: Output): Ending {
    for (const node of nodes) {
      const ending = this.#statement(node, scope, output);
      if (ending !== "end") return ending;
    }
    return "end";
  }

  #value(node: Node, scope: Scope): Value {
    return this.#expressions.value(node, scope);
  }

  #text(value: Value): string {
    return textOf(value, this.#root.allowance);
  }

  /** What a block writes, as a text. */
  #captured(nodes: readonly Node[], scope: Scope): string {
    const output = new Output(this.#root.allowance);
    this.run(nodes, scope, output);
    return output.text;
  }

  #statement(node: Node, scope: Scope, output: Output): Ending {
    switch (node.type) {
      case "Comment":
        return "end";
      case "Break":
        return "break";
      case "Continue":
        return "continue";
      case "If":
        return this.run(
          isTrue(this.#value(node.test, scope)) ? node.body : node.alternate,
          scope,
          output,
        );
      case "For":
        return this.#loop(node, scope, output);
      case "Set":
        this.#assign(
          node.assignee,
          node.value === null || node.value === undefined
            ? this.#captured(node.body, new Scope(scope))
            : this.#value(node.value, scope),
          scope,
        );
        return "end";
      case "Macro":
        scope.set(node.name.value, this.#macro(node.name.value, node, scope));
        return "end";
      case "CallStatement":
        output.write(this.#callBlock(node, scope));
        return "end";
      case "FilterStatement": {
        const text = this.#captured(node.body, new Scope(scope));
        output.write(this.#text(this.#expressions.filtered(text, node.filter, scope)));
        return "end";
      }
      default:
        output.write(this.#text(this.#value(node, scope)));
        return "end";
    }
  }

  #loop(node: Extract<Node, { type: "For" }>, scope: Scope, output: Output): Ending {
    const { iterable } = node;
    const isFiltered = iterable.type === "SelectExpression";
    const all = this.#root.allowance.items(
      this.#value(isFiltered ? iterable.lhs : iterable, scope),
    );
    const items = isFiltered
      ? all.filter((item) => {
          const own = new Scope(scope);
          this.#assign(node.loopvar, item, own);
          return isTrue(this.#value(iterable.test, own));
        })
      : all;
    if (items.length === 0) return this.run(node.defaultBlock, new Scope(scope), output);
    let changed: readonly Value[] | undefined;
    const hasChanged = new Callable("changed", ({ positional }) => {
      const isSame =
        changed?.length === positional.length &&
        positional.every((value, at) =>
          isEqual(value, (changed as Value[])[at] as Value, this.#root.allowance),
        );
      changed = positional;
      return !isSame;
    });
    for (const [at, item] of items.entries()) {
      this.#root.allowance.turn();
      const own = new Scope(scope);
      const cycle = new Callable("cycle", ({ positional }) => {
        if (positional.length === 0) throw new TemplateError("no items for cycling given");
        return positional[at % positional.length] as Value;
      });
      own.set(
        "loop",
        new Map<string, Value>([
          ["index", at + 1],
          ["index0", at],
          ["revindex", items.length - at],
          ["revindex0", items.length - at - 1],
          ["first", at === 0],
          ["last", at === items.length - 1],
          ["length", items.length],
          // of loops that are recursive, which the library does not read, these are others
          ["depth", 1],
          ["depth0", 0],
          ["previtem", found(items[at - 1], () => "there is no previous item")],
          ["nextitem", found(items[at + 1], () => "there is no next item")],
          ["cycle", cycle],
          ["changed", hasChanged],
        ]),
      );
      this.#assign(node.loopvar, item, own);
      if (this.run(node.body, own, output) === "break") break;
    }
    return "end";
  }

  #assign(target: Node, value: Value, scope: Scope): void {
    if (target.type === "Identifier") scope.set(target.value, value);
    else if (target.type === "TupleLiteral") {
      const items = this.#root.allowance.items(value);
      if (items.length !== target.value.length) {
        throw new TemplateError(
          `cannot unpack ${items.length} values into ${target.value.length} names`,
        );
      }
      for (const [at, one] of target.value.entries()) this.#assign(one, items[at] as Value, scope);
    } else if (target.type === "MemberExpression" && target.property.type === "Identifier") {
      const object = this.#value(target.object, scope);
      if (!(object instanceof Namespace)) {
        throw new TemplateError("cannot assign attribute on non-namespace object");
      }
      requirePublic(target.property.value);
      object.values.set(target.property.value, value);
    } else throw new UnsupportedError("this kind of assignment");
  }

  #macro(name: string, { args, body }: Pick<MacroNode, "args" | "body">, around: Scope): Callable {
    return new Callable(name, (given) => {
      const scope = new Scope(around);
      this.#bind(args, given, scope);
      return this.#captured(body, scope);
    });
  }

  /** Names of a macro's parameters, and what is left over. */
  #bind(parameters: readonly Node[], given: Arguments, scope: Scope): void {
    const left = new Map(given.named);
    for (const [at, parameter] of parameters.entries()) {
      const name =
        parameter.type === "KeywordArgumentExpression"
          ? parameter.key.value
          : (parameter as Extract<Node, { type: "Identifier" }>).value;
      const own = given.positional[at];
      const value = own === undefined ? left.get(name) : own;
      if (own === undefined) left.delete(name);
      if (value !== undefined) scope.set(name, value);
      else if (parameter.type === "KeywordArgumentExpression") {
        scope.set(name, this.#value(parameter.value, scope));
      } else {
        scope.set(name, new Undefined(`parameter '${name}' was not provided`));
      }
    }
    const caller = left.get("caller");
    left.delete("caller");
    scope.set("caller", caller ?? new Undefined("No caller defined"));
    scope.set("varargs", Tuple.from(given.positional.slice(parameters.length)));
    scope.set("kwargs", new Map(left));
  }

  #callBlock(block: CallBlockNode, scope: Scope): string {
    const { call, callerArgs, body } = block;
    const caller = this.#macro("caller", { args: callerArgs ?? [], body }, scope);
    if (isGeneration(block)) {
      // as transformers counts it: from what the template itself has written, whatever macro this is in
      const begin = this.#root.length;
      const text = this.#text(caller.call({ positional: [], named: new Map() }));
      this.spans.push([begin, begin + text.length]);
      return text;
    }
    const called = this.#value(call.callee, scope);
    const { positional, named } = this.#expressions.arguments(call.args, scope);
    const given = { positional, named: new Map([...named, ["caller", caller as Value]]) };
    return this.#text(this.#expressions.call(called, given));
  }
}
