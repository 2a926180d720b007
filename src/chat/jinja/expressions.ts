import { characters } from "../characters.js";
import type { Allowance } from "./allowance.js";
import { applyFilter } from "./filters.js";
import { methodOf } from "./methods.js";
import { operators, signed } from "./operators.js";
import type { Scope } from "./scope.js";
import type { KeywordNode, Node, SliceNode } from "./syntax.js";
import { testNamed } from "./template-tests.js";
import {
  type Arguments,
  Callable,
  defined,
  found,
  isTrue,
  keyOf,
  Namespace,
  PythonFloat,
  possibleKey,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  UnsupportedError,
  type Value,
  whole,
} from "./values.js";

/** Computes the values of expressions. */
export class Expressions {
  constructor(readonly allowance: Allowance) {}

  /** @throws {TemplateError} for what Python refuses as well, and for what is not computed here. */
  value(node: Node, scope: Scope): Value {
    this.allowance.steps(1);
    switch (node.type) {
      case "StringLiteral":
        return node.value;
      case "IntegerLiteral":
        return whole(node.value);
      case "FloatLiteral":
        return new PythonFloat(node.value);
      case "Identifier":
        return scope.get(node.value);
      case "ArrayLiteral":
        return node.value.map((one) => this.value(one, scope));
      case "TupleLiteral":
        return Tuple.from(node.value.map((one) => this.value(one, scope)));
      case "ObjectLiteral":
        return new Map(
          [...node.value].map(([key, one]) => [
            keyOf(this.value(key, scope)),
            this.value(one, scope),
          ]),
        );
      case "MemberExpression": {
        const object = this.value(node.object, scope);
        if (node.property.type === "SliceExpression")
          return this.#slice(object, node.property, scope);
        if (node.computed) return this.#item(object, this.value(node.property, scope));
        const { type, value } = node.property as Extract<Node, { type: "Identifier" }>;
        return type === "Identifier" ? this.#attribute(object, value) : this.#item(object, value);
      }
      case "CallExpression": {
        const called = this.value(node.callee, scope);
        return this.call(called, this.arguments(node.args, scope));
      }
      case "BinaryExpression":
        return this.#binary(node, scope);
      case "UnaryExpression": {
        const argument = this.value(node.argument, scope);
        return node.operator.value === "not"
          ? !isTrue(argument)
          : signed(node.operator.value, argument);
      }
      case "FilterExpression":
        return this.filtered(this.value(node.operand, scope), node.filter, scope);
      case "TestExpression": {
        const { value: name } = node.test;
        const result = testNamed(name)(this.value(node.operand, scope), null, this.allowance);
        return result !== node.negate;
      }
      case "Ternary":
        return isTrue(this.value(node.condition, scope))
          ? this.value(node.trueExpr, scope)
          : this.value(node.falseExpr, scope);
      case "SelectExpression":
        return isTrue(this.value(node.test, scope))
          ? this.value(node.lhs, scope)
          : new Undefined(
              "the inline if-expression evaluated to false and no else section was defined.",
            );
      default:
        throw new UnsupportedError(`${node.type} as an expression`);
    }
  }

  /** A value after a filter with its arguments. */
  filtered(value: Value, filter: Node, scope: Scope): Value {
    const isCall = filter.type === "CallExpression";
    const named = isCall ? filter.callee : filter;
    if (named.type !== "Identifier") throw new UnsupportedError("a filter without a name");
    const given = this.arguments(isCall ? filter.args : [], scope);
    return applyFilter(named.value, value, given, this.allowance);
  }

  arguments(nodes: readonly Node[], scope: Scope): Arguments {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    for (const node of nodes) {
      if (node.type === "SpreadExpression") {
        for (const one of this.allowance.items(this.value(node.argument, scope))) {
          positional.push(one);
        }
      } else if (node.type === "KeywordSpreadExpression") {
        const more = this.value(node.argument, scope);
        if (!(more instanceof Map)) throw new TemplateError("argument after ** must be a mapping");
        for (const [key, one] of more) named.set(String(key), one);
      } else if (node.type === "KeywordArgumentExpression") {
        const { key, value } = node as KeywordNode;
        named.set(key.value, this.value(value, scope));
      } else positional.push(this.value(node, scope));
    }
    return { positional, named };
  }

  call(called: Value, given: Arguments): Value {
    const callable = defined(called);
    if (!(callable instanceof Callable)) {
      throw new TemplateError(`'${typeName(callable)}' object is not callable`);
    }
    return callable.call(given);
  }

  #binary({ operator, left, right }: Extract<Node, { type: "BinaryExpression" }>, scope: Scope) {
    const one = this.value(left, scope);
    if (operator.value === "and") return isTrue(one) ? this.value(right, scope) : one;
    if (operator.value === "or") return isTrue(one) ? one : this.value(right, scope);
    const operation = operators[operator.value];
    if (operation === undefined) throw new UnsupportedError(`the operator ${operator.value}`);
    return operation(one, this.value(right, scope), this.allowance);
  }

  /** `object.name`: a method before a key of the same name. */
  #attribute(object: Value, name: string): Value {
    if (defined(object) instanceof Namespace) {
      return found((object as Namespace).values.get(name), missing(object, name));
    }
    const method = methodOf(object, name, this.allowance);
    if (method !== undefined) return method;
    return found(object instanceof Map ? object.get(name) : undefined, missing(object, name));
  }

  /** `object[key]`: a key before a method of the same name. */
  #item(object: Value, key: Value): Value {
    defined(object);
    if (object instanceof Map) {
      const known = possibleKey(key);
      const value = known === undefined ? undefined : object.get(known);
      if (value !== undefined) return value;
    } else if (typeof key === "number" || typeof key === "boolean") {
      const at = Number(key);
      const character = typeof object === "string" ? this.#character(object, at) : undefined;
      const item = Array.isArray(object) ? object.at(at) : character;
      return found(item, () => `${typeName(object)} object has no element ${at}`);
    }
    if (typeof key !== "string") return found(undefined, missing(object, String(key)));
    const value = object instanceof Namespace ? object.values.get(key) : undefined;
    return found(value ?? methodOf(object, key, this.allowance), missing(object, key));
  }

  #character(text: string, at: number): string | undefined {
    this.allowance.scan(text.length);
    const isPlain = at >= 0 && text.length === characters(text);
    if (isPlain) return text[at];
    this.allowance.steps(text.length);
    return [...text].at(at);
  }

  #slice(object: Value, node: SliceNode, scope: Scope): Value {
    const isText = typeof defined(object) === "string";
    if (!isText && !Array.isArray(object)) {
      throw new TemplateError(`'${typeName(object)}' object is not subscriptable`);
    }
    this.allowance.steps((object as string | Value[]).length);
    const items = isText ? [...(object as string)] : (object as Value[]);
    const read = (one: Node | undefined): number | null => {
      const value = one === undefined ? null : this.value(one, scope);
      if (value === null || typeof value === "number") return value;
      throw new TemplateError("slice indices must be integers or None");
    };
    const bounds = sliceBounds(
      items.length,
      read(node.start),
      read(node.stop),
      read(node.step) ?? 1,
    );
    if (object instanceof Range) {
      const [start, , step] = object.bounds;
      const [begin, end, by] = bounds;
      return Range.between(start + begin * step, start + end * step, by * step);
    }
    const kept = sliced<Value>(items, ...bounds);
    if (isText) return kept.join("");
    return object instanceof Tuple ? Tuple.from(kept) : kept;
  }
}

const missing = (object: Value, name: string) => () => {
  const what = object === null ? "'None'" : `'${typeName(object)} object'`;
  return `${what} has no attribute '${name}'`;
};

function sliceBounds(
  length: number,
  start: number | null,
  stop: number | null,
  step: number,
): [begin: number, end: number, step: number] {
  if (step === 0) throw new TemplateError("slice step cannot be zero");
  const least = step > 0 ? 0 : -1;
  const most = step > 0 ? length : length - 1;
  const bounded = (at: number) => Math.max(least, Math.min(at < 0 ? at + length : at, most));
  const begin = start === null ? (step > 0 ? 0 : most) : bounded(start);
  const end = stop === null ? (step > 0 ? length : -1) : bounded(stop);
  return [begin, end, step];
}

function sliced<T>(items: readonly T[], begin: number, end: number, step: number): T[] {
  const kept: T[] = [];
  for (let at = begin; step > 0 ? at < end : at > end; at += step) kept.push(items[at] as T);
  return kept;
}
