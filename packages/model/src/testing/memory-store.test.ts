import { describeAppendable } from "./describe-appendable.ts";
import { describeQueryable } from "./describe-queryable.ts";
import { MemoryStore } from "./memory-store.ts";

describeQueryable("MemoryStore", (series) => ({ queryable: new MemoryStore(series) }));

describeAppendable("MemoryStore", () => {
  const store = new MemoryStore();
  return { appendable: store, queryable: store };
});
