export { type AlertSinkUnderTest, describeAlertSink } from "./describe-alert-sink.ts";
export { type AppendableUnderTest, describeAppendable } from "./describe-appendable.ts";
export { type ClockUnderTest, describeClock } from "./describe-clock.ts";
export { describeEventLog, type EventLogUnderTest, readEvents } from "./describe-event-log.ts";
export { describeHttpTransport, type HttpTransportUnderTest } from "./describe-http-transport.ts";
export { describeQueryable, type QueryableUnderTest } from "./describe-queryable.ts";
export { storeOf } from "./store-of.ts";
export { readAll, type TestSample, type TestSeries, type TestValue, testBaseMs } from "./test-series.ts";
