import { payloads } from "./payloads/registry.ts";
import { multipartBody } from "./request-multipart.ts";
import type { DrillRequest } from "./request-sender.ts";
import type { RequestBody, RequestStep, RequestTemplate } from "./scenario.ts";
import { fillTemplate, parseTemplate, type Template, type VariableValues } from "./variables.ts";

/** A request whose texts were read once, to be filled for every sending. */
export interface CompiledRequest {
  /** Whom its texts speak of; they must have signed up. */
  readonly users: readonly string[];
  readonly make: (values: VariableValues) => DrillRequest;
}

/** Those of a step, which take turns: one for each of its users. */
export function compileRequests({ request, userCount }: Pick<RequestStep, "request" | "userCount">): CompiledRequests {
  const { as } = request;
  if (as === null || userCount === 1) return [compileRequest(request)];
  const first = compileRequest({ ...request, as: `${as}-1` });
  const others = Array.from({ length: userCount - 1 }, (_, index) =>
    compileRequest({ ...request, as: `${as}-${index + 2}` }),
  );
  return [first, ...others];
}

export type CompiledRequests = readonly [CompiledRequest, ...CompiledRequest[]];

/** @throws {VariableError} a text holds a variable that there is not */
function compileRequest(template: RequestTemplate): CompiledRequest {
  const texts: Template[] = [];
  const compile: CompileText = (text) => {
    const parts = parseTemplate(text);
    texts.push(parts);
    return (values) => fillTemplate(parts, values);
  };
  const path = compile(template.path);
  const headers = Object.entries(template.headers).map(([name, value]) => [name, compile(value)] as const);
  if (template.as !== null) headers.push(["authorization", compile(`Bearer \${token:${template.as}}`)]);
  const body = template.body === null ? null : compileBody(template.body, compile);
  const make = (values: VariableValues): DrillRequest => {
    const filled = body?.(values);
    const own = Object.fromEntries(headers.map(([name, value]) => [name, value(values)]));
    return {
      method: template.method,
      path: path(values),
      headers: { ...(filled && { "content-type": filled.contentType }), ...own },
      ...(filled && { body: filled.body }),
    };
  };
  const users = texts.flat().flatMap((part) => ("name" in part && part.kind !== "kept" ? [part.name] : []));
  return { users: [...new Set(users)], make };
}

type FillText = (values: VariableValues) => string;
type CompileText = (text: string) => FillText;

interface FilledBody {
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

function compileBody(body: RequestBody, compile: CompileText): (values: VariableValues) => FilledBody {
  switch (body.kind) {
    case "json": {
      const fill = compileJson(body.value, compile);
      return (values) => ({ contentType: "application/json", body: JSON.stringify(fill(values)) });
    }
    case "text": {
      const fill = compile(body.value);
      return (values) => ({ contentType: "text/plain; charset=utf-8", body: fill(values) });
    }
    case "upload": {
      const fileName = compile(body.fileName);
      const payload = payloads.get(body.payload);
      if (payload === undefined) throw new RangeError(`Cannot upload "${body.payload}": there is no such payload`);
      return (values) => {
        const file = { field: "file", fileName: fileName(values), type: "application/pdf", content: payload(values.n) };
        return multipartBody(file);
      };
    }
  }
}

function compileJson(value: unknown, compile: CompileText): (values: VariableValues) => unknown {
  if (typeof value === "string") return compile(value);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => compileJson(item, compile));
    return (values) => items.map((fill) => fill(values));
  }
  if (typeof value !== "object" || value === null) return () => value;
  const fields = Object.entries(value).map(([name, field]) => [name, compileJson(field, compile)] as const);
  return (values) => Object.fromEntries(fields.map(([name, fill]) => [name, fill(values)]));
}
