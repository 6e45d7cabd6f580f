export {
  type Alert,
  alertName,
  compareAlerts,
  compareLabelSets,
  type ReceivedAlert,
} from "./alert/alert.ts";
export { AlertStore } from "./alert/alert-store.ts";
export { fingerprintOf } from "./alert/fingerprint.ts";
export {
  AlertRouter,
  type AlertRouterOptions,
  type AlertStatus,
  type ReceiveResult,
  type RoutingConfig,
} from "./alert-router.ts";
export {
  InvalidSilenceError,
  NotificationTemplateError,
  NotificationTestError,
  SilenceNotFoundError,
  SilenceStorageError,
} from "./errors.ts";
export type { AlertGroup } from "./notify/alert-group.ts";
export type { GroupAlert, Notification, NotifyReason } from "./notify/group-alert.ts";
export type { NotificationEntry, NotificationStorage } from "./notify/notification-log.ts";
export type { AlertingObserver, SuppressionReason } from "./notify/observer.ts";
export type { NotificationTestReport, TestDelivery, TestedRoute } from "./notify-test/notification-test-report.ts";
export type { NotificationTestSubject } from "./notify-test/plan-test.ts";
export { type NotificationTestOptions, testNotifications } from "./notify-test/test-notifications.ts";
export { buildReceivers } from "./receivers/build-receivers.ts";
export { type Delivery, type FailureReason, failureReasons, type Integration } from "./receivers/integration.ts";
export type { ReceiverTools } from "./receivers/receiver-tools.ts";
export { type MailServer, type OutgoingMail, type SendMail, sendMailBySmtp } from "./receivers/send-mail.ts";
export type { WebhookAlert, WebhookPayload } from "./receivers/webhook.ts";
export {
  compareSilences,
  type Silence,
  type SilenceRequest,
  type SilenceState,
  silenceState,
} from "./silence/silence.ts";
export type { SilenceStorage } from "./silence/silences.ts";
export { NotificationTemplates, type TemplateFile } from "./template/notification-templates.ts";
export type { Renderer } from "./template/renderer.ts";
