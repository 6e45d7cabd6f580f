/**
 * Recursive descent over the tokens. Each {{define}} and {{block}} becomes a definition of its own with its own
 * variables; the text outside of them is the main definition. Messages, and the lines in them, are Go's.
 */
import { quote } from "@tatou/model";
import { TemplateSyntaxError } from "../errors.ts";
import { parseNumberLiteral, unquote } from "./literal.ts";
import type { Branch, Command, NumberOperand, Operand, Pipeline, Statement } from "./node.ts";
import type { TemplateSource } from "./source.ts";
import type { Token, TokenKind } from "./token.ts";
import { TokenStream } from "./token-stream.ts";

/** Parentheses and blocks inside each other: far more than people write, far less than the stack holds. */
const nestingDepthMax = 300;

type Ending = { readonly kind: "end" | "else" };
type Parsed = Statement | Ending;

/**
 * @param isFunction tells whether a function of this name may be called
 * @returns the bodies of all definitions by name, the main one under the name of the source
 * @throws {TemplateSyntaxError}
 */
export function parseDefinitions(
  source: TemplateSource,
  isFunction: (name: string) => boolean,
): ReadonlyMap<string, readonly Statement[]> {
  const definitions = new Map<string, readonly Statement[]>();
  const stream = new TokenStream(source, isFunction);
  new Parser({ stream, isFunction, definitions }).parseMain(source.name);
  return definitions;
}

interface ParserContext {
  readonly stream: TokenStream;
  readonly isFunction: (name: string) => boolean;
  readonly definitions: Map<string, readonly Statement[]>;
}

/** Parses one definition. */
class Parser {
  readonly #context: ParserContext;
  readonly #stream: TokenStream;
  #variables: string[] = ["$"];
  #rangeDepth = 0;

  constructor(context: ParserContext) {
    this.#context = context;
    this.#stream = context.stream;
  }

  parseMain(name: string): void {
    const statements: Statement[] = [];
    while (this.#stream.peek().kind !== "end-of-text") {
      if (this.#takeDefine()) continue;
      const parsed = this.#statement();
      if (isEnding(parsed)) throw this.#error(`unexpected {{${parsed.kind}}}`);
      statements.push(parsed);
    }
    this.#define(name, statements);
  }

  /** {{define "name"}} is known at the top level only. */
  #takeDefine(): boolean {
    if (this.#stream.peek().kind !== "leftDelimiter") return false;
    const mark = this.#stream.mark();
    this.#stream.next();
    if (this.#stream.nextNonSpace().kind !== "define") {
      this.#stream.reset(mark);
      return false;
    }
    const name = this.#definitionName("define clause");
    this.#expect("rightDelimiter", "define clause");
    new Parser(this.#context).#parseDefinition(name, "define clause");
    return true;
  }

  #parseDefinition(name: string, context: string): void {
    const { statements, ending } = this.#statements();
    if (ending.kind !== "end") throw this.#error(`unexpected {{${ending.kind}}} in ${context}`);
    this.#define(name, statements);
  }

  /** A definition of nothing but white space gives way to one with content. */
  #define(name: string, statements: readonly Statement[]): void {
    const existing = this.#context.definitions.get(name);
    if (existing === undefined || isEmpty(existing)) this.#context.definitions.set(name, statements);
    else if (!isEmpty(statements)) throw this.#error(`template: multiple definition of template ${quote(name)}`);
  }

  #statements(): { statements: Statement[]; ending: Ending } {
    return this.#nested(() => {
      const statements: Statement[] = [];
      while (this.#stream.peekNonSpace().kind !== "end-of-text") {
        const parsed = this.#statement();
        if (isEnding(parsed)) return { statements, ending: parsed };
        statements.push(parsed);
      }
      throw this.#error("unexpected EOF");
    });
  }

  #nested<T>(parse: () => T): T {
    if (this.#stream.nestingDepth >= nestingDepthMax) throw this.#error("max expression depth exceeded");
    this.#stream.nestingDepth++;
    const parsed = parse();
    this.#stream.nestingDepth--;
    return parsed;
  }

  #statement(): Parsed {
    const token = this.#stream.nextNonSpace();
    if (token.kind === "text") return { kind: "text", start: token.start, text: token.text };
    if (token.kind !== "leftDelimiter") throw this.#unexpected(token, "input");
    this.#stream.actionLine = token.line;
    const parsed = this.#action();
    this.#stream.actionLine = 0;
    return parsed;
  }

  #action(): Parsed {
    const token = this.#stream.nextNonSpace();
    switch (token.kind) {
      case "if":
      case "with":
      case "range":
        return this.#control(token.kind);
      case "template":
        return this.#templateCall();
      case "block":
        return this.#block();
      case "break":
      case "continue":
        return this.#jump(token.kind, token);
      case "else":
        return this.#else();
      case "end":
        this.#expect("rightDelimiter", "end");
        return { kind: "end" };
      default: {
        this.#stream.back();
        const pipeline = this.#pipeline("command", "rightDelimiter");
        return { kind: "action", start: pipeline.start, pipeline };
      }
    }
  }

  #else(): Parsed {
    const next = this.#stream.peekNonSpace().kind;
    // What follows "else" is left for the statement that the else belongs to.
    if (next !== "if" && next !== "with") this.#expect("rightDelimiter", "else");
    return { kind: "else" };
  }

  #jump(kind: "break" | "continue", token: Token): Statement {
    const next = this.#stream.nextNonSpace();
    if (next.kind !== "rightDelimiter") throw this.#unexpected(next, `{{${kind}}}`);
    if (this.#rangeDepth === 0) throw this.#error(`{{${kind}}} outside {{range}}`);
    return { kind, start: token.start };
  }

  #control(kind: "if" | "with" | "range"): Statement {
    const variableCount = this.#variables.length;
    const pipeline = this.#pipeline(kind, "rightDelimiter");
    if (kind === "range") this.#rangeDepth++;
    const { statements, ending } = this.#statements();
    if (kind === "range") this.#rangeDepth--;
    const branch: Branch = {
      pipeline,
      body: statements,
      otherwise: ending.kind === "else" ? this.#otherwise(kind) : null,
    };
    this.#variables.length = variableCount;
    return { kind, start: pipeline.start, ...branch };
  }

  /** {{else if}} and {{else with}} are an {{if}} or {{with}} inside the else, ended by the same {{end}}. */
  #otherwise(kind: "if" | "with" | "range"): readonly Statement[] {
    const next = this.#stream.peek().kind;
    if (kind !== "range" && next === kind) {
      this.#stream.next();
      return [this.#nested(() => this.#control(kind))];
    }
    const { statements, ending } = this.#statements();
    if (ending.kind !== "end") throw this.#error(`expected end; found {{${ending.kind}}}`);
    return statements;
  }

  #templateCall(): Statement {
    const token = this.#stream.peekNonSpace();
    const name = this.#definitionName("template clause");
    const isBare = this.#stream.nextNonSpace().kind === "rightDelimiter";
    if (!isBare) this.#stream.back();
    const pipeline = isBare ? null : this.#pipeline("template clause", "rightDelimiter");
    return { kind: "template", start: token.start, name, pipeline };
  }

  #block(): Statement {
    const token = this.#stream.peekNonSpace();
    const name = this.#definitionName("block clause");
    const pipeline = this.#pipeline("block clause", "rightDelimiter");
    new Parser(this.#context).#parseDefinition(name, "block clause");
    return { kind: "template", start: token.start, name, pipeline };
  }

  #definitionName(context: string): string {
    const token = this.#stream.nextNonSpace();
    if (token.kind !== "string" && token.kind !== "rawString") throw this.#unexpected(token, context);
    return this.#unquoted(token);
  }

  #pipeline(context: string, closing: TokenKind): Pipeline {
    const start = this.#stream.peekNonSpace().start;
    const { declared, isAssignment } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#stream.nextNonSpace();
      if (token.kind === closing) break;
      if (!operandStarts.has(token.kind)) throw this.#unexpected(token, context);
      this.#stream.back();
      commands.push(this.#command());
    }
    if (commands.length === 0) throw this.#error(`missing value for ${context}`);
    for (const [index, command] of commands.entries())
      if (index > 0 && notExecutable.has(command.operands[0]!.kind))
        throw this.#error(`non executable command in pipeline stage ${index + 1}`);
    return { kind: "pipeline", start, declared, isAssignment, commands };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  #declarations(context: string): { declared: readonly string[]; isAssignment: boolean } {
    const declared: string[] = [];
    while (this.#stream.peekNonSpace().kind === "variable") {
      const mark = this.#stream.mark();
      const name = this.#stream.next().text;
      const next = this.#stream.peekNonSpace();
      if (next.kind === "assign" || next.kind === "declare") {
        this.#stream.nextNonSpace();
        this.#declare(declared, name);
        return { declared, isAssignment: next.kind === "assign" };
      }
      if (next.kind !== "comma") {
        this.#stream.reset(mark);
        break;
      }
      this.#stream.nextNonSpace();
      this.#declare(declared, name);
      if (context !== "range" || declared.length >= 2) throw this.#error(`too many declarations in ${context}`);
      if (!afterComma.has(this.#stream.peekNonSpace().kind)) throw this.#error("range can only initialize variables");
    }
    return { declared, isAssignment: false };
  }

  #declare(declared: string[], name: string): void {
    declared.push(name);
    this.#variables.push(name);
  }

  #command(): Command {
    const start = this.#stream.peekNonSpace().start;
    const operands: Operand[] = [];
    for (;;) {
      this.#stream.peekNonSpace();
      const operand = this.#operand();
      if (operand !== null) operands.push(operand);
      const token = this.#stream.next();
      if (token.kind === "space") continue;
      if (token.kind === "pipe") break;
      if (token.kind !== "rightDelimiter" && token.kind !== "rightParenthesis")
        throw this.#unexpected(token, "operand");
      this.#stream.back();
      break;
    }
    if (operands.length === 0) throw this.#error("empty command");
    return { kind: "command", start, operands };
  }

  /** A term and the fields behind it; null when there is no term. */
  #operand(): Operand | null {
    const term = this.#term();
    const first = this.#stream.peek();
    if (term === null || first.kind !== "field") return term;
    const names: string[] = [];
    while (this.#stream.peek().kind === "field") names.push(this.#stream.next().text.slice(1));
    switch (term.kind) {
      case "field":
      case "variable":
        return { kind: term.kind, start: first.start, names: [...term.names, ...names] };
      case "boolean":
      case "string":
      case "number":
      case "nil":
      case "dot":
        throw this.#error(`unexpected . after term ${quote(this.#stream.textBetween(term.start, first.start))}`);
      case "identifier":
      case "pipeline":
      case "chain":
        return { kind: "chain", start: first.start, operand: term, names };
    }
  }

  #term(): Operand | null {
    const token = this.#stream.nextNonSpace();
    const { start } = token;
    switch (token.kind) {
      case "identifier":
        if (!this.#context.isFunction(token.text)) throw this.#error(`function ${quote(token.text)} not defined`);
        return { kind: "identifier", start, name: token.text };
      case "dot":
      case "nil":
        return { kind: token.kind, start };
      case "variable":
        if (!this.#variables.includes(token.text)) throw this.#error(`undefined variable ${quote(token.text)}`);
        return { kind: "variable", start, names: [token.text] };
      case "field":
        return { kind: "field", start, names: [token.text.slice(1)] };
      case "boolean":
        return { kind: "boolean", start, value: token.text === "true" };
      case "charConstant":
      case "number":
        return this.#number(token);
      case "leftParenthesis":
        return this.#nested(() => this.#pipeline("parenthesized pipeline", "rightParenthesis"));
      case "string":
      case "rawString":
        return { kind: "string", start, quoted: token.text, value: this.#unquoted(token) };
      default:
        this.#stream.back();
        return null;
    }
  }

  #number(token: Token): NumberOperand {
    const literal = parseNumberLiteral(token.text);
    if (literal === null) throw this.#error(badNumberMessage(token));
    return { kind: "number", start: token.start, text: token.text, ...literal };
  }

  #unquoted(token: Token): string {
    const text = unquote(token.text);
    if (text === null) throw this.#error("invalid syntax");
    return text;
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#stream.nextNonSpace();
    if (token.kind !== kind) throw this.#unexpected(token, context);
  }

  #unexpected(token: Token, context: string): TemplateSyntaxError {
    return this.#stream.unexpected(token, context);
  }

  #error(message: string): TemplateSyntaxError {
    return this.#stream.error(message);
  }
}

function badNumberMessage(token: Token): string {
  if (token.kind === "charConstant") return `malformed character constant: ${token.text}`;
  return /^[+-]?\d+$/.test(token.text)
    ? `integer overflow: ${quote(token.text)}`
    : `illegal number syntax: ${quote(token.text)}`;
}

const operandStarts: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "boolean",
  "charConstant",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "rawString",
  "string",
  "variable",
  "leftParenthesis",
]);

const notExecutable: ReadonlySet<Operand["kind"]> = new Set<Operand["kind"]>([
  "boolean",
  "dot",
  "nil",
  "number",
  "string",
]);

const afterComma: ReadonlySet<TokenKind> = new Set<TokenKind>(["variable", "rightDelimiter", "rightParenthesis"]);

function isEnding(parsed: Parsed): parsed is Ending {
  return parsed.kind === "end" || parsed.kind === "else";
}

function isEmpty(statements: readonly Statement[]): boolean {
  return statements.every((statement) => statement.kind === "text" && statement.text.trim() === "");
}
