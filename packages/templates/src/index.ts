export { TemplateExecutionError, TemplateLimitError, type TemplatePlace, TemplateSyntaxError } from "./errors.ts";
export { type TemplateLimits, templateLimitsDefault } from "./execute/budget.ts";
export { executeTemplate } from "./execute/execute-template.ts";
export type { ExecuteOptions, MissingKey } from "./execute/execution.ts";
export { notificationFunctions } from "./functions/alertmanager.ts";
export { escapeHtml, escapeQuery } from "./functions/escape.ts";
export { type NotificationAlert, type NotificationInput, notificationData } from "./functions/notification-data.ts";
export {
  type AlertTemplateContext,
  type AlertTemplateData,
  alertTemplateFunctions,
  executeAlertTemplate,
  parseAlertTemplate,
  type TemplateSample,
} from "./functions/prometheus.ts";
export { type ParseOptions, parseTemplate, type Template } from "./template.ts";
export { goZeroTimeMs } from "./values/go-time.ts";
export {
  type FunctionRun,
  type FunctionTable,
  type GoFunction,
  type GoList,
  type GoMap,
  type GoMethods,
  type GoStruct,
  type GoValue,
  goAnyMap,
  goDuration,
  goFunction,
  goList,
  goStringMap,
  goStruct,
  goTime,
} from "./values/go-value.ts";
