import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { StorageBlock, StorageFacts, StorageStatusAnswer, UnusableBlock } from "@tatou/api";
import { formatDateTime } from "../../shared/format/time.ts";
import { requestPrometheus } from "../../shared/http/api-client.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { FetchProblem } from "../../shared/states/FetchProblem.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import engineClasses from "../engine.module.css";
import { sizeText } from "./size-text.ts";
import classes from "./storage.module.css";
import { useStorageStatus } from "./use-storage-status.ts";

/** What the storage holds: head, blocks, what is damaged, and what has many series. */
export function StoragePage() {
  usePageTitle("Storage");
  const status = useStorageStatus();
  return (
    <>
      <PageHeader title="Storage" subtitle={status.data?.storage && subtitleOf(status.data.storage)} />
      {status.isPending && <TableSkeleton />}
      {status.isError && <FetchProblem query={status} />}
      {status.data?.storage && (
        <>
          <Facts storage={status.data.storage} replay={status.data.replay} />
          <Unusable blocks={status.data.storage.unusableBlocks} />
          <Blocks blocks={status.data.storage.blocks} />
          <Cardinality />
        </>
      )}
    </>
  );
}

function subtitleOf({ head, blocks }: StorageFacts): string {
  const count = blocks.length === 1 ? "1 block" : `${blocks.length} blocks`;
  return `${numberText(head.seriesCount)} series in the head, ${count}`;
}

interface FactsProps {
  readonly storage: StorageFacts;
  readonly replay: StorageStatusAnswer["replay"];
}

function Facts({ storage, replay }: FactsProps) {
  const { head, seriesCountMax, seriesFolded, blockBytes, retention, writeProblem } = storage;
  const limit = seriesCountMax === null ? "no limit" : `limit ${numberText(seriesCountMax)}`;
  const facts = [
    ["Writing", writeProblem === null ? "every sample reaches the disk" : `in memory only: ${writeProblem.reason}`],
    ["Head", `${numberText(head.seriesCount)} series, ${numberText(head.chunkCount)} chunks, ${limit}`],
    ["Newest samples", rangeText(head.minTime, head.maxTime)],
    ["Memory", `${sizeText(head.memoryBytes)} for series and young samples`],
    ["On disk", `${sizeText(blockBytes)} blocks, ${sizeText(head.logBytes)} log, ${sizeText(head.chunkBytes)} chunks`],
    ["Retention", retention],
    ["Folded series", seriesFolded === 0 ? "none" : `${numberText(seriesFolded)} since the start`],
    ["Repairs at start", repairsText(replay.repairs)],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function rangeText(minTime: string | null, maxTime: string | null): string {
  if (minTime === null || maxTime === null) return "none yet";
  return `${formatDateTime(Date.parse(minTime))} to ${formatDateTime(Date.parse(maxTime))}`;
}

function repairsText(repairs: StorageStatusAnswer["replay"]["repairs"]): string {
  if (repairs === null) return "none needed";
  const { segmentCount, cutBytes, problem } = repairs;
  const segments = segmentCount === 1 ? "one segment" : `${segmentCount} segments`;
  return `${sizeText(cutBytes)} were taken out of ${segments} of the log${problem === null ? "" : `: ${problem}`}`;
}

function Unusable({ blocks }: { readonly blocks: readonly UnusableBlock[] }) {
  if (blocks.length === 0) return null;
  return (
    <section className={engineClasses.group} aria-label="Blocks that cannot be read">
      <div className={engineClasses.groupHead}>
        <h2 className={engineClasses.groupName}>Blocks that cannot be read</h2>
        <span className={engineClasses.muted}>
          Restore them from a snapshot or another copy; nothing else is touched
        </span>
      </div>
      {blocks.map(({ ulid, reason, movedTo }) => (
        <div key={ulid} className={engineClasses.rule} data-state="err">
          <div className={engineClasses.mono}>{ulid}</div>
          <div className={engineClasses.error}>{reason}</div>
          {movedTo !== null && <div className={engineClasses.muted}>set aside as {movedTo}</div>}
        </div>
      ))}
    </section>
  );
}

function Blocks({ blocks }: { readonly blocks: readonly StorageBlock[] }) {
  if (blocks.length === 0)
    return <Hint title="No blocks yet">The first one is written when the head holds three hours.</Hint>;
  return (
    <section className={engineClasses.group} aria-label="Blocks">
      <div className={engineClasses.groupHead}>
        <h2 className={engineClasses.groupName}>Blocks</h2>
      </div>
      <div className={engineClasses.scroll}>
        <Table aria-label="Blocks">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Block</Table.Th>
              <Table.Th>From</Table.Th>
              <Table.Th>To</Table.Th>
              <Table.Th>Level</Table.Th>
              <Table.Th>Series</Table.Th>
              <Table.Th>Samples</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {blocks.map((block) => (
              <Table.Tr key={block.ulid}>
                <Table.Td className={engineClasses.mono}>{block.ulid}</Table.Td>
                <Table.Td className={engineClasses.nowrap}>{formatDateTime(Date.parse(block.minTime))}</Table.Td>
                <Table.Td className={engineClasses.nowrap}>{formatDateTime(Date.parse(block.maxTime))}</Table.Td>
                <Table.Td>{block.level}</Table.Td>
                <Table.Td>{numberText(block.seriesCount)}</Table.Td>
                <Table.Td>{numberText(block.sampleCount)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

interface NamedCount {
  readonly name: string;
  readonly value: number;
}

interface CardinalityData {
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

/** Looks at every series, so not too often. */
const cardinalityEveryMs = 60_000;

function Cardinality() {
  const cardinality = useQuery({
    queryKey: ["cardinality"],
    queryFn: ({ signal }) => requestPrometheus<CardinalityData>("/api/v1/status/tsdb", { signal }),
    refetchInterval: cardinalityEveryMs,
  });
  if (cardinality.isError) return <FetchProblem query={cardinality} />;
  if (cardinality.data === undefined) return <TableSkeleton />;
  const { data } = cardinality;
  return (
    <div className={classes.lists}>
      <CountList title="Metrics with the most series" counts={data.seriesCountByMetricName} />
      <CountList title="Labels with the most values" counts={data.labelValueCountByLabelName} />
      <CountList title="Pairs in the most series" counts={data.seriesCountByLabelValuePair} />
      <CountList title="Labels with the longest values" counts={data.memoryInBytesByLabelName} write={sizeText} />
    </div>
  );
}

interface CountListProps {
  readonly title: string;
  readonly counts: readonly NamedCount[];
  readonly write?: (count: number) => string;
}

function CountList({ title, counts, write = numberText }: CountListProps) {
  return (
    <section className={engineClasses.group} aria-label={title}>
      <div className={engineClasses.groupHead}>
        <h2 className={engineClasses.groupName}>{title}</h2>
      </div>
      <Table aria-label={title}>
        <Table.Tbody>
          {counts.map(({ name, value }) => (
            <Table.Tr key={name}>
              <Table.Td className={engineClasses.mono}>{name}</Table.Td>
              <Table.Td className={engineClasses.number}>{write(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function numberText(count: number): string {
  return count.toLocaleString("en");
}
