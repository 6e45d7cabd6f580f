/** Texts with variables: `${n}`, `${random:8}`; `$${` stands for `${` itself. */

/** What the variables stand for in one request. */
export interface VariableValues {
  /** The number of the request within its step, from 0. */
  readonly n: number;
  readonly source: string;
  readonly run: string;
  /** So many hexadecimal digits. */
  readonly random: (digitCount: number) => string;
  /** The bearer token of a user. */
  readonly token: (user: string) => string;
  /** With which a user signed up; so is the password. */
  readonly email: (user: string) => string;
  readonly password: (user: string) => string;
  /** Of what was kept under a name, the one whose turn it is. */
  readonly kept: (name: string) => string;
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "n" | "source" | "run" }
  | { readonly kind: "random"; readonly digitCount: number }
  | { readonly kind: "token" | "email" | "password" | "kept"; readonly name: string };

/** A text that was read once, to be filled for every request. */
export type Template = readonly TemplatePart[];

/** How variables are written, for messages and for finding the nearest. */
export const variableNames = ["n", "source", "run", "random", "token", "email", "password", "kept"] as const;

const digitCountMax = 64;
/** Of users and of what is kept. */
export const memberNamePattern = /^[a-z][a-z0-9-]{0,19}$/;

/** A variable that there is not; `at` is its offset in the text. */
export class VariableError extends SyntaxError {
  override readonly name = "VariableError";
  readonly variable: string;
  readonly at: number;

  constructor(message: string, { variable, at }: { readonly variable: string; readonly at: number }) {
    super(message);
    this.variable = variable;
    this.at = at;
  }
}

/** @throws {VariableError} */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let literal = "";
  let place = 0;
  for (const match of text.matchAll(/\$\$\{|\$\{([^{}]*)\}?/g)) {
    literal += text.slice(place, match.index);
    place = match.index + match[0].length;
    if (match[1] === undefined) {
      literal += "${";
      continue;
    }
    if (literal !== "") parts.push({ kind: "text", text: literal });
    literal = "";
    if (!match[0].endsWith("}")) throw new VariableError("it does not end", { variable: match[1], at: match.index });
    parts.push(parseVariable(match[1], match.index));
  }
  literal += text.slice(place);
  if (literal !== "") parts.push({ kind: "text", text: literal });
  return parts;
}

function parseVariable(variable: string, at: number): TemplatePart {
  const [name = "", argument] = variable.split(/:(.*)/s);
  switch (name) {
    case "n":
    case "source":
    case "run":
      if (argument !== undefined) throw new VariableError(`${name} takes nothing behind a colon`, { variable, at });
      return { kind: name };
    case "random": {
      const digitCount = /^\d{1,3}$/.test(argument ?? "") ? Number(argument) : 0;
      if (digitCount < 1 || digitCount > digitCountMax)
        throw new VariableError(`expected 1 to ${digitCountMax} digits, as in random:8`, { variable, at });
      return { kind: "random", digitCount };
    }
    case "token":
    case "email":
    case "password":
    case "kept":
      if (!memberNamePattern.test(argument ?? ""))
        throw new VariableError(`expected a name of small letters, as in ${name}:mallory`, { variable, at });
      return { kind: name, name: argument! };
    default:
      throw new VariableError("there is no such variable", { variable: name, at });
  }
}

export function fillTemplate(template: Template, values: VariableValues): string {
  let text = "";
  for (const part of template) text += valueOf(part, values);
  return text;
}

function valueOf(part: TemplatePart, values: VariableValues): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "n":
      return String(values.n);
    case "source":
      return values.source;
    case "run":
      return values.run;
    case "random":
      return values.random(part.digitCount);
    case "token":
      return values.token(part.name);
    case "email":
      return values.email(part.name);
    case "password":
      return values.password(part.name);
    case "kept":
      return values.kept(part.name);
  }
}
