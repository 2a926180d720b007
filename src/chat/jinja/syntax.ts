import { PixtokError } from "../../shared/errors.js";
import { requireSupported } from "./supported-tokens.js";

/** A node of the library's syntax tree, by its type. */
export type Node =
  | { readonly type: "Comment" | "Break" | "Continue" }
  | { readonly type: "If"; readonly test: Node; readonly body: Node[]; readonly alternate: Node[] }
  | {
      readonly type: "For";
      readonly loopvar: Node;
      readonly iterable: Node;
      readonly body: Node[];
      readonly defaultBlock: Node[];
    }
  | {
      readonly type: "Set";
      readonly assignee: Node;
      readonly value: Node | null;
      readonly body: Node[];
    }
  | MacroNode
  | CallBlockNode
  | { readonly type: "FilterStatement"; readonly filter: Node; readonly body: Node[] }
  | {
      readonly type: "MemberExpression";
      readonly object: Node;
      readonly property: Node;
      readonly computed: boolean;
    }
  | CallNode
  | { readonly type: "Identifier"; readonly value: string }
  | { readonly type: "IntegerLiteral"; readonly value: number }
  | { readonly type: "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | { readonly type: "ArrayLiteral" | "TupleLiteral"; readonly value: Node[] }
  | { readonly type: "ObjectLiteral"; readonly value: Map<Node, Node> }
  | {
      readonly type: "BinaryExpression";
      readonly operator: { readonly value: string };
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly type: "FilterExpression"; readonly operand: Node; readonly filter: Node }
  | { readonly type: "SelectExpression"; readonly lhs: Node; readonly test: Node }
  | {
      readonly type: "TestExpression";
      readonly operand: Node;
      readonly negate: boolean;
      readonly test: { readonly value: string };
    }
  | {
      readonly type: "UnaryExpression";
      readonly operator: { readonly value: string };
      readonly argument: Node;
    }
  | SliceNode
  | {
      readonly type: "Ternary";
      readonly condition: Node;
      readonly trueExpr: Node;
      readonly falseExpr: Node;
    }
  | { readonly type: "SpreadExpression" | "KeywordSpreadExpression"; readonly argument: Node }
  | KeywordNode;

export interface CallNode {
  readonly type: "CallExpression";
  readonly callee: Node;
  readonly args: Node[];
}

export interface MacroNode {
  readonly type: "Macro";
  readonly name: { readonly value: string };
  readonly args: Node[];
  readonly body: Node[];
}

export interface CallBlockNode {
  readonly type: "CallStatement";
  readonly call: CallNode;
  readonly callerArgs: Node[] | null;
  readonly body: Node[];
}

export interface SliceNode {
  readonly type: "SliceExpression";
  readonly start?: Node;
  readonly stop?: Node;
  readonly step?: Node;
}

export interface KeywordNode {
  readonly type: "KeywordArgumentExpression";
  readonly key: { readonly value: string };
  readonly value: Node;
}

/** The largest that people use have 20 thousand. */
const MOST_SOURCE = 1 << 20;
/** The library's time grows with the square of it. */
const MOST_SPACE = 1 << 12;

/** What a block of `generation` is called by: no template has a macro of this name. */
const GENERATION = "__pixtok_generation__";

const generationTag = /\{%(-?)\s*(end)?generation\s*(-?)%\}/g;

/** Whether what an assistant says is marked in a template. */
export function hasGeneration(nodes: readonly Node[]): boolean {
  return nodes.some((node) => {
    switch (node.type) {
      case "CallStatement":
        return isGeneration(node) || hasGeneration(node.body);
      case "If":
        return hasGeneration([...node.body, ...node.alternate]);
      case "For":
        return hasGeneration([...node.body, ...node.defaultBlock]);
      case "Set":
      case "Macro":
      case "FilterStatement":
        return hasGeneration(node.body);
      default:
        return false;
    }
  });
}

/** Whether it is a block of `generation`. */
export function isGeneration({ call: { callee } }: CallBlockNode): boolean {
  return callee.type === "Identifier" && callee.value === GENERATION;
}

/**
 * The statements of a template. A block of `generation`, which the library leaves out, is one of `call`, as it is in
 * transformers.
 *
 * @throws {PixtokError} INVALID_CHAT_TEMPLATE
 */
export async function parseTemplate(source: string, path: string): Promise<readonly Node[]> {
  const invalid = (message: string, cause?: unknown) =>
    new PixtokError("INVALID_CHAT_TEMPLATE", message, { source: path, cause });
  if (source.length > MOST_SOURCE) {
    throw invalid(`it has ${source.length} characters; at most ${MOST_SOURCE} are read`);
  }
  if (new RegExp(`\\s{${MOST_SPACE}}`).test(source)) {
    throw invalid(`it has more than ${MOST_SPACE} spaces in a row`);
  }
  // as Jinja reads lines, whatever they end by
  const lines = source.replace(/\r\n?/g, "\n");
  const called = lines.replace(generationTag, (_, before, end, after) =>
    end === undefined
      ? `{%${before} call ${GENERATION}() ${after}%}`
      : `{%${before} endcall ${after}%}`,
  );
  // only who has a template needs it
  const { parse, tokenize } = await import("@huggingface/jinja");
  try {
    const tokens = tokenize(called, { lstrip_blocks: true, trim_blocks: true });
    requireSupported(tokens);
    return parse(tokens).body as unknown as readonly Node[];
  } catch (cause) {
    throw invalid(`it is not read: ${(cause as Error).message}`, cause);
  }
}
