import {
  escapeHtml,
  executeTemplate,
  type FunctionTable,
  type GoValue,
  goStringMap,
  goZeroTimeMs,
  notificationData,
  notificationFunctions,
  parseTemplate,
  type Template,
  TemplateSyntaxError,
} from "@tatou/templates";
import { NotificationTemplateError } from "../errors.ts";
import { defaultTemplates } from "./default-templates.ts";
import type { Renderer } from "./renderer.ts";
import type { TemplateData } from "./template-data.ts";

/** A file of templates. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
}

/** The default templates with the user's on top; a definition of the user wins over a default of the same name. */
export class NotificationTemplates implements Renderer {
  readonly #base: Template;
  readonly #functions: FunctionTable;
  /** By text: as many as the configuration holds. */
  readonly #parsed = new Map<string, Template>();

  private constructor(base: Template, functions: FunctionTable) {
    this.#base = base;
    this.#functions = functions;
  }

  /**
   * @param nowMs for templates that ask for the time
   * @throws {NotificationTemplateError} a file is no template; names file, line and column
   */
  static parse(files: readonly TemplateFile[], nowMs: () => number): NotificationTemplates {
    const functions = notificationFunctions(nowMs);
    let base = parseTemplate(defaultTemplates, { name: "default", functions });
    for (const { path, text } of files) base = parseFile({ path, text }, base, functions);
    return new NotificationTemplates(base, functions);
  }

  text(template: string, data: TemplateData): Promise<string> {
    return this.#render(template, data);
  }

  html(template: string, data: TemplateData): Promise<string> {
    return this.#render(template, data, escapeHtml);
  }

  async #render(template: string, data: TemplateData, escape?: (text: string) => string): Promise<string> {
    // Most texts of a configuration are empty or plain.
    if (!template.includes("{{")) return template;
    try {
      const parsed = this.#parse(template);
      const options = { functions: this.#functions, ...(escape !== undefined && { escape }) };
      return await executeTemplate(parsed, toGoValue(data), options);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const shown = JSON.stringify(template.slice(0, shownLengthMax));
      throw new NotificationTemplateError(message, `Correct the template ${shown}`, { cause: error });
    }
  }

  #parse(template: string): Template {
    const known = this.#parsed.get(template);
    if (known !== undefined) return known;
    const parsed = parseTemplate(template, { functions: this.#functions, base: this.#base });
    this.#parsed.set(template, parsed);
    return parsed;
  }
}

/** So much of a template stands in a hint. */
const shownLengthMax = 80;

function parseFile({ path, text }: TemplateFile, base: Template, functions: FunctionTable): Template {
  try {
    return parseTemplate(text, { name: path, functions, base });
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error;
    const place = `${path}:${error.line}:${error.column}`;
    throw new NotificationTemplateError(`${place}: ${error.message}`, error.hint, { cause: error });
  }
}

function toGoValue(data: TemplateData): GoValue {
  const alerts = data.alerts.map((alert) => ({ ...alert, endsAtMs: alert.endsAtMs ?? goZeroTimeMs }));
  const known = notificationData({ ...data, alerts });
  const added: readonly (readonly [string, GoValue])[] = [
    ["NotificationReason", data.notificationReason],
    ["RouteLabels", goStringMap([], { typeName: "template.KV" })],
  ];
  return { ...known, fields: new Map<string, GoValue>([...known.fields, ...added]) };
}
