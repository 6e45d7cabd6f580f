import { builtinFunctions, specialFunctionNames } from "./functions/builtins.ts";
import type { Statement } from "./parse/node.ts";
import { parseDefinitions } from "./parse/parser.ts";
import type { TemplateSource } from "./parse/source.ts";

/** A parsed template with everything it can call by {{template}}. Immutable; execute it as often as wanted. */
export interface Template {
  readonly name: string;
  readonly definitions: ReadonlyMap<string, Definition>;
}

/** One {{define}}d body, or the main one. */
export interface Definition {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** The text it stands in, for places in errors. */
  readonly source: TemplateSource;
}

export interface ParseOptions {
  /** As error messages call the template; default "". */
  readonly name?: string;
  /** The functions that may be called besides Go's own; only the names count here. */
  readonly functions?: { has(name: string): boolean };
  /**
   * Text in front of the user's, such as {{$value := .Value}}. Lines and columns in Go's messages count it, as Prometheus
   * does; `span`, `line` and `column` of errors do not.
   */
  readonly prelude?: string;
  /** A template whose definitions can be called too; definitions of the text win over those of the same name. */
  readonly base?: Template;
}

/**
 * Parses a Go text/template.
 * @throws {TemplateSyntaxError} with Go's wording and the place in the text
 * @example parseTemplate("{{ if . }}yes{{ end }}", { name: "answer" })
 */
export function parseTemplate(text: string, options: ParseOptions = {}): Template {
  const { name = "", prelude = "", functions, base } = options;
  const source: TemplateSource = { name, text: prelude + text, preludeLength: prelude.length };
  const isFunction = (candidate: string): boolean =>
    functions?.has(candidate) === true || builtinFunctions.has(candidate) || specialFunctionNames.has(candidate);
  const definitions = new Map(base?.definitions);
  for (const [definedName, statements] of parseDefinitions(source, isFunction))
    definitions.set(definedName, { name: definedName, statements, source });
  return { name, definitions };
}
