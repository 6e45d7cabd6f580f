/** The parsed form of a template, and how Go writes each part of it in an error message. */
import { quote } from "@tatou/model";

/** Every node knows where it starts: a UTF-16 offset into the whole text. */
interface Placed {
  readonly start: number;
}

export type Statement =
  | (Placed & { readonly kind: "text"; readonly text: string })
  | (Placed & { readonly kind: "action"; readonly pipeline: Pipeline })
  | (Placed & { readonly kind: "if" | "with" | "range" } & Branch)
  | (Placed & { readonly kind: "template"; readonly name: string; readonly pipeline: Pipeline | null })
  | (Placed & { readonly kind: "break" | "continue" });

export interface Branch {
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | null;
}

/** `$a, $b := command | command`. */
export interface Pipeline extends Placed {
  readonly kind: "pipeline";
  readonly declared: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

/** A function, method or value with its arguments; never empty. */
export interface Command extends Placed {
  readonly kind: "command";
  readonly operands: readonly Operand[];
}

export type Operand =
  | Pipeline
  | (Placed & { readonly kind: "dot" | "nil" })
  | (Placed & { readonly kind: "boolean"; readonly value: boolean })
  | (Placed & { readonly kind: "string"; readonly quoted: string; readonly value: string })
  | NumberOperand
  | (Placed & { readonly kind: "identifier"; readonly name: string })
  | (Placed & { readonly kind: "field"; readonly names: readonly string[] })
  /** names[0] is the variable with its dollar sign, the rest are fields of it. */
  | (Placed & { readonly kind: "variable"; readonly names: readonly string[] })
  | (Placed & { readonly kind: "chain"; readonly operand: Operand; readonly names: readonly string[] });

/** A number before it is known whether an integer or a float is wanted: null where it cannot be one. */
export interface NumberOperand extends Placed {
  readonly kind: "number";
  readonly text: string;
  readonly integer: bigint | null;
  readonly float: number | null;
}

export type Node = Statement | Pipeline | Command | Operand;

/** A node in Go's spelling, as error messages quote it. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "action":
      return `{{${nodeText(node.pipeline)}}}`;
    case "if":
    case "with":
    case "range":
      return branchText(node.kind, node);
    case "template":
      return `{{template ${quote(node.name)}${node.pipeline === null ? "" : ` ${nodeText(node.pipeline)}`}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "pipeline":
      return pipelineText(node);
    case "command":
      return node.operands.map(operandText).join(" ");
    default:
      return simpleOperandText(node);
  }
}

function branchText(keyword: string, branch: Branch): string {
  const otherwise = branch.otherwise === null ? "" : `{{else}}${branch.otherwise.map(nodeText).join("")}`;
  return `{{${keyword} ${nodeText(branch.pipeline)}}}${branch.body.map(nodeText).join("")}${otherwise}{{end}}`;
}

function pipelineText(pipeline: Pipeline): string {
  const declared = pipeline.declared.join(", ");
  const sign = pipeline.isAssignment ? " = " : " := ";
  return `${declared}${declared === "" ? "" : sign}${pipeline.commands.map(nodeText).join(" | ")}`;
}

function operandText(operand: Operand): string {
  return operand.kind === "pipeline" ? `(${pipelineText(operand)})` : simpleOperandText(operand);
}

function simpleOperandText(operand: Exclude<Operand, Pipeline>): string {
  switch (operand.kind) {
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "boolean":
      return String(operand.value);
    case "string":
      return operand.quoted;
    case "number":
      return operand.text;
    case "identifier":
      return operand.name;
    case "field":
      return `.${operand.names.join(".")}`;
    case "variable":
      return operand.names.join(".");
    case "chain":
      return `${operandText(operand.operand)}.${operand.names.join(".")}`;
  }
}
