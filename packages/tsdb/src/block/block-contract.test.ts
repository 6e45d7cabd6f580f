import { join } from "node:path";
import type { Queryable } from "@tatou/model";
import { describeQueryable, storeOf, type TestSeries } from "@tatou/model/testing";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { chunkedSeries, writeTestBlock } from "./testing/test-blocks.ts";

describeQueryable("a block", (series) => open(series, 120));
describeQueryable("a block of tiny chunks", (series) => open(series, 3));

function open(series: readonly TestSeries[], samplesMax: number): { queryable: Queryable; close(): void } {
  const directory = temporaryDirectory();
  const meta = writeTestBlock(directory.path, chunkedSeries(series, samplesMax));
  // A block without samples is not written.
  if (meta === null) return { queryable: storeOf([]), close: directory.remove };
  const block = Block.open(join(directory.path, meta.ulid));
  return {
    queryable: block,
    close() {
      block.close();
      directory.remove();
    },
  };
}
