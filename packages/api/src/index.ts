export { type AlertmanagerAlert, type AlertmanagerClient, alertmanagerClient } from "./alertmanager-client.ts";
export type {
  CheckedAlertAnswer,
  CheckFindingAnswer,
  CheckReportFile,
  DetectionPart,
} from "./check-report.ts";
export {
  type ApiErrorType,
  apiErrorStatus,
  type ErrorEnvelope,
  errorEnvelope,
  type SuccessEnvelope,
  successEnvelope,
} from "./envelope.ts";
export { AnswerShapeError, isNoAnswer, ParameterError } from "./errors.ts";
export { exemplarAnswerText } from "./exemplar-answer.ts";
export { type InboxMessage, readInbox } from "./inbox-client.ts";
export { postableAlertsBody, readPostableAlerts } from "./postable-alerts.ts";
export {
  type ActiveTarget,
  type InstantPoint,
  type PrometheusClient,
  prometheusClient,
  type QueryRange,
  type QueryRangeAnswer,
  type RangeSeries,
  type RuleAlertAnswer,
  type RuleAnswer,
  type RuleGroupAnswer,
} from "./prometheus-client.ts";
export { type QueryStats, queryAnswerText } from "./query-answer.ts";
export type {
  StorageBlock,
  StorageFacts,
  StorageRepairs,
  StorageStatusAnswer,
  StorageWriteProblem,
  UnusableBlock,
} from "./storage-status.ts";
export { parseDurationParameter, parseTimeParameter, rfc3339Text, timestampText } from "./time-parameter.ts";
