export type { AlertSink, PostableAlert } from "./alert-sink.ts";
export {
  type Appendable,
  type Appender,
  type AppendStatus,
  appendRowOneByOne,
  appendStatus,
  appendStatusText,
  SampleLimitError,
  type SampleRow,
  SeriesLimitError,
  type SeriesRef,
  StorageWriteError,
} from "./appendable.ts";
export { AssertionError, assert } from "./assert.ts";
export { bucketCountOf, bucketIndexesOf, spansOf } from "./bucket-spans.ts";
export { type Clock, SystemClock, sleepOn, type TimerHost } from "./clock.ts";
export { type Diagnostic, formatDiagnostic, lineAndColumn, type SourcePosition, type Span } from "./diagnostic.ts";
export { formatDurationMs, parseDurationMs } from "./duration.ts";
export { DurationSyntaxError, RegexSyntaxError } from "./errors.ts";
export {
  type EventLog,
  type EventRange,
  eventLine,
  firstEventPrev,
  type LoggedEvent,
  type NewEvent,
} from "./event-log.ts";
export type { Exemplar, ExemplarQuery, ExemplarQueryable, SeriesExemplars } from "./exemplar.ts";
export { type BucketSpan, type CounterResetHint, customBucketsSchema, type Histogram } from "./histogram.ts";
export { bucketsOf, formatHistogram, type HistogramBucket } from "./histogram-buckets.ts";
export { areSameHistograms } from "./histogram-equality.ts";
export { histogramProblem } from "./histogram-problem.ts";
export { reduceResolution } from "./histogram-resolution.ts";
export {
  bodySizeMaxBytesDefault,
  bodyText,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  HttpTransportError,
  type HttpTransportErrorCode,
} from "./http-transport.ts";
export {
  compareLabels,
  compareStrings,
  emptyLabels,
  formatLabels,
  isLegacyLabelName,
  isLegacyMetricName,
  type Label,
  type Labels,
  labelsEqual,
  labelsKey,
  labelsOf,
  labelsToObject,
  labelValue,
  metricNameLabel,
  onlyLabels,
  quote,
  textsKey,
  withLabel,
  withoutLabels,
} from "./labels.ts";
export { type Log, silentLog, stackOf } from "./log.ts";
export {
  accepts,
  formatMatcher,
  type Matcher,
  type MatchOperator,
  makeMatcher,
  matcherOperator,
  matcherValue,
} from "./matcher.ts";
export { MemoryStore, type MemoryStoreLimits } from "./memory-store.ts";
export { editDistance, nearestName } from "./nearest-name.ts";
export type { Queryable, SelectHints, SeriesQuery, SeriesSelection } from "./queryable.ts";
export { type AnchoredRegex, compileAnchoredRegex } from "./regex.ts";
export { type Md5, type RelabelRule, relabel } from "./relabel.ts";
export {
  growSampleColumn,
  isStaleMarker,
  newSampleColumn,
  type SampleColumn,
  type SampleColumnParts,
  writeStaleMarker,
} from "./sample.ts";
export { compileSearchRegex, type SearchRegex } from "./search-regex.ts";
export type { MetricType, SeriesMetadata } from "./series-metadata.ts";
export { SteadyClock } from "./steady-clock.ts";
export { untilAborted } from "./until-aborted.ts";
export { VirtualClock } from "./virtual-clock.ts";
