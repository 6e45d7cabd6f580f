import type { KyselyPlugin, PluginTransformResultArgs, QueryResult, RootOperationNode } from "kysely";
import type { ServerFaults } from "./server-faults.ts";

/** Fails every statement while the database is meant to be gone, where the driver would. */
export class FailingStatements implements KyselyPlugin {
  readonly #faults: ServerFaults;

  constructor(faults: ServerFaults) {
    this.#faults = faults;
  }

  transformQuery({ node }: { readonly node: RootOperationNode }): RootOperationNode {
    if (this.#faults.isActive("database_gone"))
      throw Object.assign(new Error("A drill took the database away"), { code: "DRILL" });
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<Record<string, unknown>>> {
    return result;
  }
}
