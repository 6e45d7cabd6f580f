import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
} from "kysely";
import type { QueryOperation } from "../metrics/usage-metrics.ts";

/** Learns how long statements took. */
export interface QueryObserver {
  readonly monotonicMs: () => number;
  readonly observe: (operation: QueryOperation, durationSeconds: number) => void;
}

const operationOf: Readonly<Record<string, QueryOperation>> = {
  SelectQueryNode: "select",
  InsertQueryNode: "insert",
  UpdateQueryNode: "update",
  DeleteQueryNode: "delete",
};

interface RunningQuery {
  readonly operation: QueryOperation;
  readonly startedMs: number;
}

/** Times every statement that gives a result; a failed one is counted elsewhere, as an error. */
export class QueryTimer implements KyselyPlugin {
  readonly #observer: QueryObserver;
  /** By the object that names a query; those that fail are forgotten with it. */
  readonly #running = new WeakMap<object, RunningQuery>();

  constructor(observer: QueryObserver) {
    this.#observer = observer;
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    const operation = operationOf[node.kind] ?? "other";
    this.#running.set(queryId, { operation, startedMs: this.#observer.monotonicMs() });
    return node;
  }

  async transformResult({ queryId, result }: PluginTransformResultArgs): Promise<QueryResult<Record<string, unknown>>> {
    const query = this.#running.get(queryId);
    if (query !== undefined) {
      this.#observer.observe(query.operation, (this.#observer.monotonicMs() - query.startedMs) / 1_000);
    }
    return result;
  }
}
