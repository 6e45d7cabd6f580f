/**
 * Evaluates pipelines: what stands inside {{ }}. Keeps the node it is at, so that an error names it as Go does. Everything
 * is awaited, because a function such as `query` may have to wait.
 */
import { AssertionError, quote } from "@tatou/model";
import { TemplateExecutionError, TemplateLimitError } from "../errors.ts";
import { specialFunctionNames } from "../functions/builtins.ts";
import { type Command, type Node, type NumberOperand, nodeText, type Operand, type Pipeline } from "../parse/node.ts";
import { goLocation, placeOf } from "../parse/source.ts";
import type { Definition } from "../template.ts";
import { durationMethods } from "../values/go-duration.ts";
import { timeMethods } from "../values/go-time.ts";
import { type GoFunction, type GoValue, goDuration, goFunction, isTrue, typeNameOf } from "../values/go-value.ts";
import { callValue, parameterType } from "./call-value.ts";
import type { Execution } from "./execution.ts";
import { canBeNil, isAssignable } from "./go-type.ts";

/** A command that is not behind a pipe gets no last argument. */
const absent = Symbol("absent");
type Final = GoValue | typeof absent;

interface Variable {
  readonly name: string;
  value: GoValue;
}

interface Call {
  readonly dot: GoValue;
  /** What an error of the function is said to be at. */
  readonly node: Node;
  readonly name: string;
  readonly args: readonly Operand[];
  readonly final: Final;
}

export class Evaluator {
  readonly #execution: Execution;
  readonly #definition: Definition;
  readonly #variables: Variable[];
  #node: Node | null = null;

  constructor(execution: Execution, definition: Definition, dot: GoValue) {
    this.#execution = execution;
    this.#definition = definition;
    this.#variables = [{ name: "$", value: dot }];
  }

  /** Notes where the execution is, and takes a step. */
  at(node: Node): void {
    this.#node = node;
    this.#execution.budget.spend(1);
  }

  /** An error at the current node. */
  error(message: string, options?: ErrorOptions): TemplateExecutionError {
    const { source, name } = this.#definition;
    const start = this.#node?.start ?? 0;
    const context = this.#node === null ? "" : nodeText(this.#node);
    const place = placeOf(source, start, start + context.length);
    const location = goLocation(source, start);
    const full = `template: ${location}: executing ${quote(name)} at <${context}>: ${message}`;
    return new TemplateExecutionError(full, place, options);
  }

  variableMark(): number {
    return this.#variables.length;
  }

  popVariables(mark: number): void {
    this.#variables.length = mark;
  }

  /** Sets the variable pushed `back` places ago; 1 is the last. */
  setRecentVariable(back: number, value: GoValue): void {
    this.#variables[this.#variables.length - back]!.value = value;
  }

  setVariable(name: string, value: GoValue): void {
    this.#variable(name).value = value;
  }

  #variable(name: string): Variable {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) throw this.error(`undefined variable: ${name}`);
    return variable;
  }

  async pipeline(dot: GoValue, pipeline: Pipeline): Promise<GoValue> {
    this.at(pipeline);
    let value: Final = absent;
    for (const command of pipeline.commands) {
      value = await this.#command(dot, command, value);
      // A nil interface has nothing in it: behind a pipe it is no value.
      if (value === null) value = undefined;
    }
    const result = value === absent ? undefined : value;
    for (const name of pipeline.declared) {
      if (pipeline.isAssignment) this.setVariable(name, result);
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  async #command(dot: GoValue, command: Command, final: Final): Promise<GoValue> {
    const [first, ...args] = command.operands as readonly [Operand, ...Operand[]];
    switch (first.kind) {
      case "field":
        this.at(first);
        return await this.#fieldChain({ dot, node: first, name: "", args, final }, dot, first.names);
      case "chain":
        return await this.#chain({ dot, node: first, name: "", args, final }, first);
      case "variable":
        return await this.#variableChain({ dot, node: first, name: "", args, final }, first.names);
      case "identifier":
        return await this.#function({ dot, node: command, name: first.name, args, final }, first);
      case "pipeline":
        this.#refuseArguments(first, args, final);
        return await this.pipeline(dot, first);
      default:
        this.at(first);
        this.#refuseArguments(first, args, final);
        return this.#constant(dot, first);
    }
  }

  #refuseArguments(first: Operand, args: readonly Operand[], final: Final): void {
    if (args.length > 0 || final !== absent) throw this.error(`can't give argument to non-function ${nodeText(first)}`);
  }

  #constant(
    dot: GoValue,
    operand: Extract<Operand, { kind: "dot" | "nil" | "boolean" | "string" | "number" }>,
  ): GoValue {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        throw this.error("nil is not a command");
      case "boolean":
      case "string":
        return operand.value;
      case "number":
        return this.#untypedNumber(operand);
    }
  }

  /** A number where any type will do: its spelling decides. */
  #untypedNumber(operand: NumberOperand): GoValue {
    this.at(operand);
    const { text, integer, float } = operand;
    const isHexInteger = /^0[xX]/.test(text) && !/[pP]/.test(text);
    if (float !== null && !isHexInteger && !text.startsWith("'") && /[.eEpP]/.test(text)) return float;
    if (integer === null || integer >= 2n ** 63n) throw this.error(`${text} overflows int`);
    return integer;
  }

  async #chain(call: Call, chain: Extract<Operand, { kind: "chain" }>): Promise<GoValue> {
    this.at(chain);
    const receiver = await this.#untypedArgument(call.dot, chain.operand);
    return await this.#fieldChain(call, receiver, chain.names);
  }

  async #variableChain(call: Call, names: readonly string[]): Promise<GoValue> {
    this.at(call.node);
    const { value } = this.#variable(names[0]!);
    if (names.length > 1) return await this.#fieldChain(call, value, names.slice(1));
    if (call.args.length > 0 || call.final !== absent)
      throw this.error(`can't give argument to non-function ${nodeText(call.node)}`);
    return value;
  }

  /** Fields of fields; the last one may be a method that takes the arguments. */
  async #fieldChain(call: Call, receiver: GoValue, names: readonly string[]): Promise<GoValue> {
    let value = receiver;
    for (const name of names.slice(0, -1)) value = await this.#field({ ...call, name, args: [], final: absent }, value);
    return await this.#field({ ...call, name: names.at(-1)! }, value);
  }

  async #field(call: Call, receiver: GoValue): Promise<GoValue> {
    const { name } = call;
    if (receiver === undefined) return undefined;
    if (receiver === null) throw this.error(`nil pointer evaluating interface {}.${name}`);
    const method = methodOf(receiver, name);
    if (method !== undefined) return await this.#call(call, method);
    const hasArguments = call.args.length > 0 || call.final !== absent;
    if (typeof receiver === "object" && receiver.kind === "struct" && receiver.fields.has(name)) {
      if (hasArguments) throw this.error(`${name} has arguments but cannot be invoked as function`);
      return receiver.fields.get(name);
    }
    if (typeof receiver === "object" && receiver.kind === "map") {
      if (hasArguments) throw this.error(`${name} is not a method but has arguments`);
      return receiver.entries.has(name) ? receiver.entries.get(name) : this.#missing(receiver.zero, name);
    }
    throw this.error(`can't evaluate field ${name} in type ${typeNameOf(receiver)}`);
  }

  #missing(zero: GoValue, key: string): GoValue {
    switch (this.#execution.missingKey) {
      case "zero":
        return zero;
      case "default":
        return undefined;
      case "error":
        throw this.error(`map has no entry for key ${quote(key)}`);
    }
  }

  async #function(call: Call, identifier: Operand): Promise<GoValue> {
    this.at(identifier);
    const { name } = call;
    const found = this.#execution.functions.get(name);
    if (found !== undefined) return await this.#call(call, found);
    if (!specialFunctionNames.has(name)) throw this.error(`${quote(name)} is not a defined function`);
    const argumentCount = call.args.length + (call.final === absent ? 0 : 1);
    if (argumentCount === 0) throw this.error(`wrong number of args for ${name}: want at least 1 got 0`);
    return name === "call" ? await this.#callValue(call) : await this.#firstDeciding(call);
  }

  /** `and` and `or` give the first argument that settles the question, and evaluate no further. */
  async #firstDeciding(call: Call): Promise<GoValue> {
    let value: GoValue;
    for (const arg of call.args) {
      value = await this.#argument(call.dot, "any", arg);
      if (isTrue(value) === (call.name === "or")) return value;
    }
    return call.final === absent ? value : call.final;
  }

  /** `call` takes a function value and its arguments; what is wrong with them is an error of calling it. */
  async #callValue(call: Call): Promise<GoValue> {
    const values: GoValue[] = [];
    for (const arg of call.args) values.push(await this.#argument(call.dot, "any", arg));
    if (call.final !== absent) values.push(call.final);
    const calleeName = call.args[0] === undefined ? call.name : nodeText(call.args[0]);
    const target = goFunction([], (given, run) => callValue(given, calleeName, run));
    return await this.#run(call, target, values);
  }

  async #call(call: Call, target: GoFunction): Promise<GoValue> {
    const { parameters } = target;
    const isVariadic = parameters.at(-1)?.startsWith("...") === true;
    const givenCount = call.args.length + (call.final === absent ? 0 : 1);
    const fixedCount = parameters.length - (isVariadic ? 1 : 0);
    if (isVariadic && givenCount < fixedCount)
      throw this.error(`wrong number of args for ${call.name}: want at least ${fixedCount} got ${call.args.length}`);
    if (!isVariadic && givenCount !== fixedCount)
      throw this.error(`wrong number of args for ${call.name}: want ${fixedCount} got ${givenCount}`);
    const values: GoValue[] = [];
    for (const [index, arg] of call.args.entries())
      values.push(await this.#argument(call.dot, parameterType(parameters, index), arg));
    if (call.final !== absent) values.push(this.#validated(call.final, parameterType(parameters, values.length)));
    return await this.#run(call, target, values);
  }

  async #run(call: Call, target: GoFunction, values: readonly GoValue[]): Promise<GoValue> {
    const { run } = this.#execution;
    try {
      run.spend(textCost(values));
      const result = await target.call(values, run);
      if (typeof result === "string" && result.length > run.textLengthMax)
        throw new TemplateLimitError(`text is longer than ${run.textLengthMax} characters`);
      return result;
    } catch (error) {
      run.signal?.throwIfAborted();
      if (error instanceof TemplateLimitError || error instanceof AssertionError) throw error;
      this.#node = call.node;
      const message = error instanceof Error ? error.message : String(error);
      throw this.error(`error calling ${call.name}: ${message}`, { cause: error });
    }
  }

  /** An argument for a parameter of a type. */
  async #argument(dot: GoValue, typeName: string, operand: Operand): Promise<GoValue> {
    this.at(operand);
    switch (operand.kind) {
      case "nil":
        if (!canBeNil(typeName)) throw this.error(`cannot assign nil to ${typeName}`);
        return null;
      case "boolean":
      case "string":
      case "number":
        return this.#typedConstant(typeName, operand);
      default:
        return this.#validated(await this.#untypedArgument(dot, operand), typeName);
    }
  }

  async #untypedArgument(dot: GoValue, operand: Operand): Promise<GoValue> {
    const call = { dot, node: operand, name: "", args: [], final: absent } as const;
    switch (operand.kind) {
      case "field":
        this.at(operand);
        return await this.#fieldChain(call, dot, operand.names);
      case "variable":
        return await this.#variableChain(call, operand.names);
      case "chain":
        return await this.#chain(call, operand);
      case "identifier":
        return await this.#function({ ...call, name: operand.name }, operand);
      case "pipeline":
        return await this.pipeline(dot, operand);
      case "nil":
        throw this.error("indirection through explicit nil in nil");
      default:
        return this.#constant(dot, operand);
    }
  }

  #typedConstant(typeName: string, operand: Extract<Operand, { kind: "boolean" | "string" | "number" }>): GoValue {
    const isNumber = operand.kind === "number";
    switch (typeName) {
      case "any":
        return isNumber ? this.#untypedNumber(operand) : operand.value;
      case "bool":
        if (operand.kind === "boolean") return operand.value;
        throw this.error(`expected bool; found ${nodeText(operand)}`);
      case "string":
        if (operand.kind === "string") return operand.value;
        throw this.error(`expected string; found ${nodeText(operand)}`);
      case "int":
      case "time.Duration":
        if (!isNumber || operand.integer === null) throw this.error(`expected integer; found ${nodeText(operand)}`);
        return typeName === "int" ? operand.integer : goDuration(Number(operand.integer) / 1e6);
      case "float64":
        if (isNumber && operand.float !== null) return operand.float;
        throw this.error(`expected float; found ${nodeText(operand)}`);
      default:
        throw this.error(`can't handle ${nodeText(operand)} for arg of type ${typeName}`);
    }
  }

  #validated(value: GoValue, typeName: string): GoValue {
    if (value === undefined || value === null) {
      if (canBeNil(typeName)) return null;
      throw this.error(
        value === null
          ? `wrong type for value; expected ${typeName}; got interface {}`
          : `invalid value; expected ${typeName}`,
      );
    }
    if (isAssignable(value, typeName)) return value;
    throw this.error(`wrong type for value; expected ${typeName}; got ${typeNameOf(value)}`);
  }
}

function methodOf(receiver: Exclude<GoValue, null | undefined>, name: string): GoFunction | undefined {
  if (typeof receiver !== "object") return undefined;
  switch (receiver.kind) {
    case "time":
      return timeMethods.get(name)?.(receiver);
    case "duration":
      return durationMethods.get(name)?.(receiver);
    case "list":
    case "map":
    case "struct":
      return receiver.methods.get(name);
    case "html":
    case "function":
      return undefined;
  }
}

/** Functions go through their texts once or a few times. */
function textCost(values: readonly GoValue[]): number {
  let length = 0;
  for (const value of values) if (typeof value === "string") length += value.length;
  return Math.ceil(length / 256);
}
