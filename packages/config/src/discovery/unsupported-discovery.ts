/**
 * Service discoveries that Prometheus has and nothing here runs. Files with them must load, and files that Prometheus
 * refuses must not: what it requires of each kind stands in a table. Keys beyond those are not checked.
 */
import { readHttpClient } from "../http/read-http-client.ts";
import { type Fields, type Located, listOf, readFields } from "../yaml/fields.ts";
import { parseGoUrl } from "../yaml/go-url.ts";
import { boolean, text, url } from "../yaml/scalars.ts";

interface Requirements {
  /** Keys that must not be empty. */
  readonly required?: readonly string[];
  /** Exactly one of each pair must be given. */
  readonly exactlyOne?: readonly (readonly [string, string])[];
  /** What a key may hold when it is given. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** A URL that must be http or https with a host. */
  readonly httpUrl?: string;
  readonly check?: (fields: Fields) => void;
}

const requirements: Readonly<Record<string, Requirements>> = {
  aws_sd_configs: { required: ["role"] },
  azure_sd_configs: { required: ["subscription_id"], check: checkAzure },
  consul_sd_configs: {},
  digitalocean_sd_configs: {},
  docker_sd_configs: { required: ["host"] },
  dockerswarm_sd_configs: { required: ["host", "role"], values: { role: ["services", "nodes", "tasks"] } },
  ec2_sd_configs: {},
  ecs_sd_configs: {},
  eureka_sd_configs: { required: ["server"], httpUrl: "server" },
  gce_sd_configs: { required: ["project", "zone"] },
  hetzner_sd_configs: { required: ["role"], values: { role: ["hcloud", "robot"] } },
  ionos_sd_configs: { required: ["datacenter_id"] },
  kubernetes_sd_configs: { required: ["role"], check: checkKubernetes },
  kuma_sd_configs: { required: ["server"] },
  lightsail_sd_configs: {},
  linode_sd_configs: {},
  marathon_sd_configs: { required: ["servers"], check: checkMarathon },
  nerve_sd_configs: { required: ["servers", "paths"] },
  nomad_sd_configs: { required: ["server"] },
  oci_sd_configs: { values: { auth: ["api_key", "instance_principal", "workload_identity", "resource_principal"] } },
  openstack_sd_configs: {
    required: ["role", "region"],
    values: { role: ["hypervisor", "instance", "loadbalancer"], availability: ["public", "internal", "admin"] },
  },
  outscale_sd_configs: { required: ["region", "access_key"], exactlyOne: [["secret_key", "secret_key_file"]] },
  ovhcloud_sd_configs: {
    required: ["service", "endpoint", "application_key", "application_secret", "consumer_key"],
    values: { service: ["vps", "dedicated_server"] },
  },
  puppetdb_sd_configs: { required: ["url", "query"], httpUrl: "url" },
  scaleway_sd_configs: {
    required: ["role", "project_id", "access_key"],
    exactlyOne: [["secret_key", "secret_key_file"]],
    values: { role: ["instance", "baremetal"] },
  },
  serverset_sd_configs: { required: ["servers", "paths"] },
  stackit_sd_configs: { required: ["project"] },
  triton_sd_configs: { required: ["account", "dns_suffix", "endpoint"] },
  uyuni_sd_configs: { required: ["server", "username", "password"] },
  vultr_sd_configs: {},
};

/** The keys of prometheus.yml that are accepted as data. */
export const unsupportedDiscoveryKinds: readonly string[] = Object.keys(requirements);

export function checkUnsupportedDiscovery(kind: string, fields: Fields): void {
  const { required = [], exactlyOne = [], values = {}, httpUrl, check } = requirements[kind]!;
  fields.acceptUnknown();
  readHttpClient(fields, { enableHttp2: true });
  for (const key of required) if (!isGiven(fields, key)) fields.fault(`${kind} requires ${key}`);
  for (const [one, other] of exactlyOne) {
    if (isGiven(fields, one) && isGiven(fields, other))
      fields.fault(`at most one of ${one} & ${other} must be configured`);
    if (!isGiven(fields, one) && !isGiven(fields, other)) fields.fault(`one of ${one} & ${other} must be configured`);
  }
  for (const [key, allowed] of Object.entries(values)) refuseOtherValues(fields, key, allowed);
  if (httpUrl !== undefined && isGiven(fields, httpUrl)) refuseOtherUrls(fields, httpUrl);
  check?.(fields);
}

function isGiven(fields: Fields, key: string): boolean {
  const node = fields.value(key)?.node;
  if (node === undefined || node.kind === "null") return false;
  return node.kind === "list" ? node.items.length > 0 : node.kind === "map" || node.text !== "";
}

function refuseOtherValues(fields: Fields, key: string, allowed: readonly string[]): void {
  if (!isGiven(fields, key)) return;
  const value = fields.get(key, text);
  if (value !== undefined && !allowed.includes(value))
    fields.fault(`found ${JSON.stringify(value)}, expected one of ${allowed.join(", ")}`, key);
}

function refuseOtherUrls(fields: Fields, key: string): void {
  const written = fields.get(key, url);
  if (written === undefined) return;
  const { scheme, host } = parseGoUrl(written);
  if ((scheme !== "http" && scheme !== "https") || host === "")
    fields.fault(`found ${JSON.stringify(written)}, expected a URL with http or https and a host`, key);
}

function checkAzure(fields: Fields): void {
  const methods = ["OAuth", "ManagedIdentity", "SDK", "WorkloadIdentity"];
  refuseOtherValues(fields, "authentication_method", methods);
  const method = fields.get("authentication_method", text) ?? "OAuth";
  if (method !== "OAuth") return;
  for (const key of ["tenant_id", "client_id", "client_secret"])
    if (!isGiven(fields, key)) fields.fault(`azure SD configuration requires ${key}`);
}

/** auth_token is Marathon's own way to say who asks, and excludes the ways of http_config. */
function checkMarathon(fields: Fields): void {
  const own = ["auth_token", "auth_token_file"].filter((key) => isGiven(fields, key));
  if (own.length > 1) fields.fault("marathon_sd: at most one of auth_token & auth_token_file must be configured");
  const others = ["basic_auth", "bearer_token", "bearer_token_file", "authorization"].filter((key) =>
    isGiven(fields, key),
  );
  if (own.length > 0 && others.length > 0)
    fields.fault(
      "marathon_sd: at most one of basic_auth, auth_token, auth_token_file, bearer_token & bearer_token_file must be configured",
    );
}

/** Which kinds of objects a role may select. */
const selectorRoles: Readonly<Record<string, readonly string[]>> = {
  pod: ["pod"],
  service: ["service"],
  endpoints: ["endpoints", "pod", "service", "node"],
  endpointslice: ["endpointslice", "pod", "service", "node"],
  node: ["node"],
  ingress: ["ingress"],
};

function checkKubernetes(fields: Fields): void {
  refuseOtherValues(fields, "role", Object.keys(selectorRoles));
  const withServer = isGiven(fields, "api_server");
  const withKubeconfig = isGiven(fields, "kubeconfig_file");
  const httpKeys = [
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
    "tls_config",
    "proxy_url",
  ];
  const withHttp = httpKeys.some((key) => isGiven(fields, key));
  if (withServer && withKubeconfig) fields.fault("cannot use 'kubeconfig_file' and 'api_server' simultaneously");
  if (withKubeconfig && withHttp)
    fields.fault("cannot use a custom HTTP client configuration together with 'kubeconfig_file'");
  if (!withServer && !withKubeconfig && withHttp)
    fields.fault("to use custom HTTP client configuration please provide the 'api_server' URL explicitly");
  const ownNamespace = fields.get("namespaces", (at) => readFields(at, readOwnNamespace)) ?? false;
  if (withServer && ownNamespace) fields.fault("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
  const role = fields.get("role", text) ?? "";
  const allowed = selectorRoles[role];
  if (allowed !== undefined) checkSelectors(fields, role, allowed);
}

function readOwnNamespace(fields: Fields): boolean {
  fields.get("names", listOf(text));
  return fields.get("own_namespace", boolean) ?? false;
}

function checkSelectors(fields: Fields, role: string, allowed: readonly string[]): void {
  const seen = new Set<string>();
  const read = (at: Located) => readFields(at, (selector) => readSelectorRole(selector));
  for (const selectorRole of fields.get("selectors", listOf(read)) ?? []) {
    if (seen.has(selectorRole)) fields.fault(`duplicated selector role: ${selectorRole}`, "selectors");
    seen.add(selectorRole);
    if (!allowed.includes(selectorRole))
      fields.fault(`${role} role supports only ${allowed.join(", ")} selectors`, "selectors");
  }
}

function readSelectorRole(selector: Fields): string {
  const terms = (selector.get("field", text) ?? "").split(",").filter((term) => term !== "");
  const bad = terms.find((term) => !/^[^=!]+(=|==|!=)[^=!]*$/.test(term));
  if (bad !== undefined) selector.fault(`invalid selector: ${JSON.stringify(bad)}; can't understand it`, "field");
  selector.get("label", text);
  return selector.get("role", text) ?? "";
}
