export type { ConfigurationProblem } from "./configuration/configuration-problem.ts";
export type { ConfigurationFiles } from "./configuration/load-configuration.ts";
export type { GettableAlert } from "./http/alerts-api.ts";
export type { OwnStatus } from "./http/status-api.ts";
export type { InboxMessage } from "./inbox/inbox.ts";
export { type AlertsApp, type AlertsOptions, startAlerts, type WatchOptions } from "./start-alerts.ts";
export { type InboxApp, type InboxOptions, startInbox } from "./start-inbox.ts";
export { engineSilentName, watchdogName } from "./watch/engine-watch.ts";
