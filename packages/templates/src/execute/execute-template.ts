/** Walks the statements of a template and writes what they give. */
import { compareStrings, quote } from "@tatou/model";
import { TemplateExecutionError } from "../errors.ts";
import { sprint } from "../format/printer.ts";
import type { Statement } from "../parse/node.ts";
import type { Definition, Template } from "../template.ts";
import { type GoValue, isTrue, sortedKeys, typeNameOf } from "../values/go-value.ts";
import { Evaluator } from "./evaluator.ts";
import { type ExecuteOptions, type Execution, newExecution } from "./execution.ts";

/**
 * Carries out a template on data. Asynchronous because functions may be.
 * @returns the output; nothing of it is given when an error happens on the way
 * @throws {TemplateExecutionError} with Go's wording
 * @throws {TemplateLimitError} the template is too greedy
 * @throws the signal's reason when it is aborted
 * @example await executeTemplate(parseTemplate("Hello {{ . }}"), "world") // "Hello world"
 */
export async function executeTemplate(
  template: Template,
  data: GoValue,
  options: ExecuteOptions = {},
): Promise<string> {
  const name = options.definition ?? template.name;
  const definition = template.definitions.get(name);
  if (definition === undefined) {
    const message = `template: no template ${quote(name)} associated with template ${quote(template.name)}`;
    throw new TemplateExecutionError(message, { span: { start: 0, end: 0 }, line: 1, column: 1 });
  }
  const execution = newExecution(template, options);
  await new Walker({ execution, definition, dot: data, depth: 0 }).walk(data, definition.statements);
  return execution.out.toString();
}

/** How a list of statements ended. */
type Outcome = "done" | "break" | "continue";

type Range = Extract<Statement, { kind: "if" | "with" | "range" }>;

interface Invocation {
  readonly execution: Execution;
  readonly definition: Definition;
  readonly dot: GoValue;
  readonly depth: number;
}

/** Walks one definition once. */
class Walker {
  readonly #execution: Execution;
  readonly #evaluator: Evaluator;
  readonly #depth: number;

  constructor({ execution, definition, dot, depth }: Invocation) {
    this.#execution = execution;
    this.#evaluator = new Evaluator(execution, definition, dot);
    this.#depth = depth;
  }

  async walk(dot: GoValue, statements: readonly Statement[]): Promise<Outcome> {
    for (const statement of statements) {
      const outcome = await this.#statement(dot, statement);
      if (outcome !== "done") return outcome;
    }
    return "done";
  }

  async #statement(dot: GoValue, statement: Statement): Promise<Outcome> {
    this.#evaluator.at(statement);
    switch (statement.kind) {
      case "text":
        this.#execution.out.write(statement.text);
        return "done";
      case "action": {
        const value = await this.#evaluator.pipeline(dot, statement.pipeline);
        if (statement.pipeline.declared.length === 0) this.#print(statement, value);
        return "done";
      }
      case "if":
      case "with":
        return await this.#branch(dot, statement);
      case "range":
        return await this.#range(dot, statement);
      case "template":
        await this.#template(dot, statement);
        return "done";
      case "break":
      case "continue":
        return statement.kind;
    }
  }

  #print(statement: Statement, value: GoValue): void {
    this.#evaluator.at(statement);
    const { out, escape, limits } = this.#execution;
    if (value === undefined || value === null) return this.#write("<no value>");
    if (typeof value === "object" && value.kind === "html") return out.write(value.text);
    if (typeof value === "object" && value.kind === "function")
      throw this.#evaluator.error(`can't print ${typeNameOf(value)} of type ${typeNameOf(value)}`);
    const text = sprint([value], limits.textLengthMax);
    out.write(escape === null ? text : escape(text));
  }

  #write(text: string): void {
    const { out, escape } = this.#execution;
    out.write(escape === null ? text : escape(text));
  }

  async #branch(dot: GoValue, statement: Range): Promise<Outcome> {
    const mark = this.#evaluator.variableMark();
    const value = await this.#evaluator.pipeline(dot, statement.pipeline);
    const outcome = isTrue(value)
      ? await this.walk(statement.kind === "with" ? value : dot, statement.body)
      : await this.walk(dot, statement.otherwise ?? []);
    this.#evaluator.popVariables(mark);
    return outcome;
  }

  async #range(dot: GoValue, statement: Range): Promise<Outcome> {
    const mark = this.#evaluator.variableMark();
    const value = await this.#evaluator.pipeline(dot, statement.pipeline);
    const bodyMark = this.#evaluator.variableMark();
    let isEmpty = true;
    for (const [index, element] of this.#elements(value, statement)) {
      isEmpty = false;
      this.#evaluator.at(statement);
      this.#setRangeVariables(statement, index, element);
      const outcome = await this.walk(element, statement.body);
      this.#evaluator.popVariables(bodyMark);
      if (outcome === "break") break;
    }
    const outcome = isEmpty ? await this.walk(dot, statement.otherwise ?? []) : "done";
    this.#evaluator.popVariables(mark);
    return outcome;
  }

  /** Index or key, and element. */
  *#elements(value: GoValue, statement: Range): Iterable<[GoValue, GoValue]> {
    if (value === undefined || value === null) return;
    if (typeof value === "bigint") {
      if (statement.pipeline.declared.length > 1)
        throw this.#evaluator.error(`can't use ${value} to iterate over more than one variable`);
      for (let index = 0n; index < value; index++) yield [undefined, index];
    } else if (typeof value === "object" && value.kind === "list") {
      for (const [index, item] of value.items.entries()) yield [BigInt(index), item];
    } else if (typeof value === "object" && value.kind === "map") {
      for (const key of sortedKeys(value, compareStrings)) yield [key, value.entries.get(key)];
    } else {
      throw this.#evaluator.error(`range can't iterate over ${sprint([value], this.#execution.limits.textLengthMax)}`);
    }
  }

  /** One variable holds the element; of two, the first holds the index. */
  #setRangeVariables(statement: Range, index: GoValue, element: GoValue): void {
    const { declared, isAssignment } = statement.pipeline;
    const values = declared.length > 1 ? [index, element] : [element];
    for (const [place, name] of declared.entries()) {
      if (isAssignment) this.#evaluator.setVariable(name, values[place]);
      else this.#evaluator.setRecentVariable(declared.length - place, values[place]);
    }
  }

  async #template(dot: GoValue, statement: Extract<Statement, { kind: "template" }>): Promise<void> {
    const execution = this.#execution;
    const definition = execution.template.definitions.get(statement.name);
    if (definition === undefined) throw this.#evaluator.error(`template ${quote(statement.name)} not defined`);
    if (this.#depth === execution.limits.callDepthMax)
      throw this.#evaluator.error(`exceeded maximum template depth (${execution.limits.callDepthMax})`);
    const data = statement.pipeline === null ? undefined : await this.#evaluator.pipeline(dot, statement.pipeline);
    const callee = new Walker({ execution, definition, dot: data, depth: this.#depth + 1 });
    await callee.walk(data, definition.statements);
  }
}
