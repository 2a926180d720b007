// The mistakes that can be made in a TypeScript file, by the compiler's syntax tree.

import { SyntaxKind } from "typescript/unstable/ast";
import { isTypeNode } from "typescript/unstable/ast/is";

/** What an operator is taken for. */
const MISTAKEN = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&&": "||",
  "||": "&&",
  "&": "|",
  "|": "&",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "+=": "-=",
  "-=": "+=",
};

/** What a method is taken for. */
const OTHER_METHOD = {
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  trunc: "ceil",
  every: "some",
  some: "every",
  startsWith: "endsWith",
  endsWith: "startsWith",
};

/** Methods of which the result is like what they are called on: the call is forgotten. */
const FORGOTTEN = /^(slice|subarray|filter|sort|trim|toLowerCase|reverse)$/;

/** Only the compiler reads these, or they say no more than where things are. */
const NOT_RUN = new Set([
  SyntaxKind.ImportDeclaration,
  SyntaxKind.ExportDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
]);

const isFunction = ({ kind }) =>
  kind === SyntaxKind.ArrowFunction ||
  kind === SyntaxKind.FunctionExpression ||
  kind === SyntaxKind.FunctionDeclaration;

const isCall = ({ kind }) =>
  kind === SyntaxKind.CallExpression || kind === SyntaxKind.NewExpression;

/** How a message is worded is nobody's mistake. */
const startsMessage = (node) =>
  node.kind === SyntaxKind.TemplateExpression ||
  node.kind === SyntaxKind.ThrowStatement ||
  (isCall(node) && /error|fault|refus|fail/i.test(nameOf(node.expression) ?? ""));

const nameOf = (node) => node.name?.text ?? node.text;

const isText = (node) =>
  node.kind === SyntaxKind.StringLiteral ||
  node.kind === SyntaxKind.NoSubstitutionTemplateLiteral ||
  node.kind === SyntaxKind.TemplateExpression ||
  (node.kind === SyntaxKind.BinaryExpression && (isText(node.left) || isText(node.right)));

/**
 * The mistakes, each once: { begin, end, replacement }, offsets into the text of the tree.
 *
 * @param {import("typescript/unstable/ast").SourceFile} tree
 */
export function mistakesIn(tree) {
  const found = new Map();
  const startOf = (node) => node.getStart(tree);
  const textOf = (node) => tree.text.slice(startOf(node), node.end);
  const put = (begin, end, replacement) =>
    found.set(`${begin} ${end} ${replacement}`, { begin, end, replacement });
  const replace = (node, replacement) => put(startOf(node), node.end, replacement);

  function operator({ left, operatorToken, right }) {
    const written = textOf(operatorToken);
    if (written === "??") put(left.end, right.end, "");
    const joinsTexts = /^\+=?$/.test(written) && (isText(left) || isText(right));
    if (MISTAKEN[written] !== undefined && !joinsTexts) replace(operatorToken, MISTAKEN[written]);
  }

  function statement(node) {
    const { expression } = node;
    const done =
      expression.kind === SyntaxKind.AwaitExpression ? expression.expression : expression;
    const isAssignment =
      done.kind === SyntaxKind.BinaryExpression && /^[^=!<>]*=$/.test(textOf(done.operatorToken));
    const isStep =
      done.kind === SyntaxKind.PostfixUnaryExpression ||
      done.kind === SyntaxKind.PrefixUnaryExpression;
    if (isCall(done) || isAssignment || isStep) replace(node, ";");
  }

  function call({ expression, arguments: given = [] }) {
    const name = nameOf(expression);
    const [first, second] = given;
    const areNames =
      first?.kind === SyntaxKind.Identifier && second?.kind === SyntaxKind.Identifier;
    if (areNames && first.text !== second.text && !/^(min|max)$/.test(name)) {
      put(startOf(first), second.end, `${textOf(second)}, ${textOf(first)}`);
    }
    if (expression.kind !== SyntaxKind.PropertyAccessExpression) return;
    if (Object.hasOwn(OTHER_METHOD, name)) replace(expression.name, OTHER_METHOD[name]);
  }

  function mistake(node, inMessage) {
    switch (node.kind) {
      case SyntaxKind.BinaryExpression:
        return inMessage ? undefined : operator(node);
      case SyntaxKind.NumericLiteral:
        return inMessage ? undefined : replace(node, String(Number(node.text) + 1));
      case SyntaxKind.StringLiteral:
        return inMessage || node.text === "" ? undefined : replace(node, '""');
      case SyntaxKind.TrueKeyword:
        return replace(node, "false");
      case SyntaxKind.FalseKeyword:
        return replace(node, "true");
      case SyntaxKind.IfStatement:
        replace(node.expression, `!(${textOf(node.expression)})`);
        return replace(node.expression, `false && (${textOf(node.expression)})`);
      case SyntaxKind.ConditionalExpression: {
        const swapped = `${textOf(node.whenFalse)} : ${textOf(node.whenTrue)}`;
        return put(startOf(node.whenTrue), node.whenFalse.end, swapped);
      }
      case SyntaxKind.ExpressionStatement:
        return statement(node);
      case SyntaxKind.CallExpression: {
        const { expression } = node;
        if (
          expression.kind === SyntaxKind.PropertyAccessExpression &&
          FORGOTTEN.test(nameOf(expression))
        )
          put(expression.expression.end, node.end, "");
        return call(node);
      }
      case SyntaxKind.NewExpression:
        return call(node);
      case SyntaxKind.PrefixUnaryExpression:
        return node.operator === SyntaxKind.ExclamationToken
          ? put(startOf(node), startOf(node.operand), "")
          : undefined;
      case SyntaxKind.PostfixUnaryExpression:
        return node.parent?.kind === SyntaxKind.ForStatement ||
          node.parent?.kind === SyntaxKind.ExpressionStatement
          ? undefined
          : replace(node, textOf(node.operand));
      case SyntaxKind.SpreadAssignment:
        return replace(node, "");
      case SyntaxKind.ContinueStatement:
      case SyntaxKind.BreakStatement:
        return replace(node, ";");
      default:
        return undefined;
    }
  }

  function visit(node, inMessage) {
    if (NOT_RUN.has(node.kind) || isTypeNode(node)) return;
    const message = inMessage || startsMessage(node);
    mistake(node, message);
    if (node.kind === SyntaxKind.TryStatement && node.finallyBlock?.statements.length > 0)
      replace(node.finallyBlock, "{}");
    node.forEachChild((child) => {
      visit(child, message && !isFunction(child));
    });
  }
  visit(tree, false);
  return [...found.values()];
}
