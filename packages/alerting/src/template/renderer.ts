import type { TemplateData } from "./template-data.ts";

/** Renders the templates of the configuration. */
export interface Renderer {
  /** Rejects with NotificationTemplateError. */
  text(template: string, data: TemplateData): Promise<string>;
  /** The same with values escaped for HTML. */
  html(template: string, data: TemplateData): Promise<string>;
}

/** Renders one template with data that is known. */
export type Render = (template: string) => Promise<string>;

/** Renders several texts under the same names. */
export async function renderEach<Name extends string>(
  render: Render,
  templates: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const rendered = {} as Record<Name, string>;
  for (const name of Object.keys(templates) as Name[]) rendered[name] = await render(templates[name]);
  return rendered;
}
