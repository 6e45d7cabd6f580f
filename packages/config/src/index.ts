export type {
  AlertmanagerConfig,
  AlertmanagerGlobalConfig,
  InhibitRuleConfig,
  RouteConfig,
} from "./alertmanager/alertmanager-config.ts";
export { loadAlertmanagerConfig } from "./alertmanager/load-alertmanager-config.ts";
export { AlertMatcherSyntaxError, parseAlertMatchers } from "./alertmanager/parse-alert-matchers.ts";
export type {
  EmailConfig,
  ReceiverConfig,
  SlackAction,
  SlackConfig,
  SlackField,
  UnsupportedReceiver,
  WebhookConfig,
} from "./alertmanager/receiver-config.ts";
export type { InclusiveRange, TimeInterval, TimeIntervalConfig } from "./alertmanager/time-interval-config.ts";
export type { ConfigFiles } from "./config-files.ts";
export { loadTargetGroups } from "./discovery/load-target-groups.ts";
export { ConfigError } from "./errors.ts";
export type {
  HttpClientConfig,
  HttpCredentials,
  HttpHeaderConfig,
  OAuth2Config,
  ProxyConfig,
  SecretSource,
  TlsConfig,
  TlsVersion,
} from "./http/http-client-config.ts";
export { loadHttpClientConfig } from "./http/load-http-client-config.ts";
export { checkReferencedFiles } from "./prometheus/check-referenced-files.ts";
export { type LoadPrometheusConfigOptions, loadPrometheusConfig } from "./prometheus/load-prometheus-config.ts";
export type {
  AlertingConfig,
  AlertmanagerTargetConfig,
  GlobalConfig,
  PrometheusConfig,
  RemoteReadConfig,
  RemoteWriteConfig,
  RemoteWriteQueueConfig,
  RuntimeConfig,
  StorageConfig,
  UnusedSection,
} from "./prometheus/prometheus-config.ts";
export type {
  DiscoveryConfig,
  DnsDiscoveryConfig,
  FileDiscoveryConfig,
  HttpDiscoveryConfig,
  NameEscapingScheme,
  NameValidationScheme,
  ScrapeConfig,
  ScrapeLimits,
  ScrapeProtocol,
  ScrapeSettings,
  StaticTargetGroup,
  UnsupportedDiscovery,
} from "./prometheus/scrape-config.ts";
export type {
  DashboardProvider,
  GrafanaDashboardProvisioning,
  GrafanaDatasourceProvisioning,
  ProvisionedDatasource,
} from "./provisioning/grafana-provisioning.ts";
export {
  type Environment,
  loadDashboardProvisioning,
  loadDatasourceProvisioning,
} from "./provisioning/load-provisioning.ts";
export { redactConfig } from "./redact-config.ts";
export { type LoadRuleFileOptions, loadRuleFile } from "./rules/load-rule-file.ts";
export { loadRuleTestFile } from "./rules/load-rule-test-file.ts";
export type { RuleConfig, RuleExpression, RuleFile, RuleGroupConfig } from "./rules/rule-file.ts";
export type {
  AlertTestConfig,
  ExpectedAlertConfig,
  ExpectedSampleConfig,
  ExprTestConfig,
  InputSeriesConfig,
  RuleFilePattern,
  RuleTestConfig,
  RuleTestFile,
} from "./rules/rule-test-file.ts";
export { formatBase2Bytes, parseBase2Bytes } from "./yaml/base2-bytes.ts";
export { ConfigSource } from "./yaml/config-source.ts";
export {
  type Decode,
  type Fields,
  fault,
  found,
  type Located,
  listOf,
  mapOf,
  positionOf,
  readFields,
} from "./yaml/fields.ts";
export { openDocument } from "./yaml/open-document.ts";
export { durationMs, oneOf, text } from "./yaml/scalars.ts";
export type { YamlNode } from "./yaml/yaml-node.ts";
