import type { Diagnostic, Span } from "@tatou/model";

/** Where in a template: line and column count from 1, the column in UTF-16 code units. */
export interface TemplatePlace {
  readonly span: Span;
  readonly line: number;
  readonly column: number;
}

/** The text is not a template. The message has the wording of Go's text/template, such as: template: x:1: unclosed action */
export class TemplateSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "TemplateSyntaxError";
  readonly code = "template_syntax";
  readonly span: Span;
  readonly line: number;
  readonly column: number;
  readonly hint = 'Templates follow Go text/template, as in {{ $labels.instance }} or {{ printf "%.2f" $value }}';

  constructor(message: string, place: TemplatePlace) {
    super(message);
    this.span = place.span;
    this.line = place.line;
    this.column = place.column;
  }
}

/** A template could not be carried out on its data. The message has the wording of Go's text/template. */
export class TemplateExecutionError extends Error implements Diagnostic {
  override readonly name = "TemplateExecutionError";
  readonly code = "template_execution";
  readonly span: Span;
  readonly line: number;
  readonly column: number;

  constructor(message: string, place: TemplatePlace, options?: ErrorOptions) {
    super(message, options);
    this.span = place.span;
    this.line = place.line;
    this.column = place.column;
  }
}

/** A template asked for more than a template may use: output, steps or depth. */
export class TemplateLimitError extends RangeError implements Diagnostic {
  override readonly name = "TemplateLimitError";
  readonly code = "template_limit";
  readonly hint = "Shorten the template, or give it less data to go through";

  constructor(what: string) {
    super(`Cannot execute template: ${what}`);
  }
}
