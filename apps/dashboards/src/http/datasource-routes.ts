import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { RefusedRequest } from "../errors.ts";
import type { Datasource, DatasourceInput, DatasourceStore } from "../store/datasources.ts";
import { isUid } from "../store/slug.ts";
import { readBody } from "./body.ts";
import type { DatasourceProxy } from "./datasource-proxy.ts";
import { datasourceShape } from "./grafana-shapes.ts";

const datasourceBody = z.object({
  name: z.string().trim().min(1).max(190),
  type: z.literal("prometheus", { error: 'expected "prometheus", the kind of data source that can be queried here' }),
  uid: z.string().max(40).optional(),
  access: z.enum(["proxy", "direct"]).optional(),
  url: z.string().max(2048).optional(),
  isDefault: z.boolean().optional(),
  basicAuth: z.boolean().optional(),
  basicAuthUser: z.string().max(256).optional(),
  jsonData: z.record(z.string(), z.unknown()).nullish(),
  secureJsonData: z.record(z.string(), z.string()).nullish(),
});

export function addDatasourceRoutes(app: FastifyInstance, datasources: DatasourceStore, proxy: DatasourceProxy): void {
  app.get("/api/datasources", async () => (await datasources.list()).map(datasourceShape));

  app.post("/api/datasources", async (request) =>
    changed(await datasources.add(inputOf(request.body)), "Datasource added"),
  );

  app.get<{ Params: { uid: string } }>("/api/datasources/uid/:uid", async (request) =>
    datasourceShape(await datasources.byUid(request.params.uid)),
  );

  app.get<{ Params: { name: string } }>("/api/datasources/name/:name", async (request) => {
    const found = (await datasources.list()).find(({ name }) => name === request.params.name);
    if (found === undefined) throw new RefusedRequest(404, "Data source not found");
    return datasourceShape(found);
  });

  app.put<{ Params: { uid: string } }>("/api/datasources/uid/:uid", async (request) => {
    const updated = await datasources.update(request.params.uid, inputOf(request.body));
    return changed(updated, "Datasource updated");
  });

  app.delete<{ Params: { uid: string } }>("/api/datasources/uid/:uid", async (request) => {
    const { id } = await datasources.remove(request.params.uid);
    return { id, message: "Data source deleted" };
  });

  app.get<{ Params: { uid: string } }>("/api/datasources/uid/:uid/health", async (request, reply) => {
    const health = await proxy.check(await datasources.byUid(request.params.uid));
    return reply.code(health.status === "OK" ? 200 : 400).send(health);
  });

  app.route<{ Params: { uid: string; "*": string } }>({
    method: ["GET", "POST"],
    url: "/api/datasources/proxy/uid/:uid/*",
    handler: async (request, reply) =>
      proxy.forward(await datasources.byUid(request.params.uid), request.params["*"], request, reply),
  });
}

function changed(datasource: Datasource, message: string) {
  return { datasource: datasourceShape(datasource), id: datasource.id, message, name: datasource.name };
}

/** @throws {RefusedRequest} 400 */
function inputOf(body: unknown): DatasourceInput {
  const input = readBody(datasourceBody, body);
  if (input.uid !== undefined && input.uid !== "" && !isUid(input.uid)) {
    throw new RefusedRequest(400, "uid contains illegal characters");
  }
  const url = (input.url ?? "").trim().replace(/\/+$/, "");
  if (url !== "" && !/^https?:\/\/[^/\s]+/.test(url)) {
    throw new RefusedRequest(400, `Data source URL is ${JSON.stringify(url)}, expected http:// or https:// and a host`);
  }
  return {
    uid: input.uid ?? "",
    name: input.name,
    type: input.type,
    access: input.access ?? "proxy",
    url,
    isDefault: input.isDefault ?? false,
    basicAuth: input.basicAuth ?? false,
    basicAuthUser: input.basicAuthUser ?? "",
    jsonData: input.jsonData ?? {},
    secureJsonData: input.secureJsonData ?? {},
    readOnly: false,
  };
}
