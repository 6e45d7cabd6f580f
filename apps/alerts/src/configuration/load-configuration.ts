import {
  buildReceivers,
  NotificationTemplates,
  type ReceiverTools,
  type RoutingConfig,
  type SendMail,
} from "@tatou/alerting";
import { type AlertmanagerConfig, type HttpClientConfig, loadAlertmanagerConfig } from "@tatou/config";
import type { Clock, EventLog, HttpTransport, Log } from "@tatou/model";
import { ConfigurationFileError } from "../errors.ts";
import { hideSecrets } from "./hide-secrets.ts";

/** Files of the configuration: on disk, or in memory for tests. */
export interface ConfigurationFiles {
  /** @throws there is none, or it cannot be read */
  read(path: string): Promise<string>;
  /** The paths that a pattern stands for (its last element may hold `*`), sorted. */
  glob(pattern: string): Promise<readonly string[]>;
}

export interface ConfigurationTools {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly log: Log;
  readonly files: ConfigurationFiles;
  readonly externalUrl: string;
  readonly sendMail: SendMail;
  readonly openTransport: OpenTransport;
}

/** A transport with an http_config; `close` ends its connections. */
export type OpenTransport = (config: HttpClientConfig) => {
  readonly transport: HttpTransport;
  readonly close: () => Promise<void>;
};

/** A configuration that is in force, or about to be. */
export interface LoadedConfiguration extends RoutingConfig {
  readonly file: string;
  /** The text of the file without its secrets. */
  readonly shownText: string;
  readonly loadedMs: number;
  readonly warnings: readonly string[];
  /** What its receivers are made with, once more: for a test of them. */
  readonly openReceiverTools: () => OpenedReceiverTools;
  /** Ends the connections of its receivers. */
  close(): Promise<void>;
}

/** `close` ends the connections of the receivers that were made with the tools. */
export interface OpenedReceiverTools {
  readonly tools: ReceiverTools;
  readonly close: () => Promise<void>;
}

/**
 * Reads a configuration file and the templates it names, and makes the receivers.
 * @throws {ConfigurationFileError} it, or a template file, cannot be read
 * @throws {ConfigError} the file is wrong
 * @throws {NotificationTemplateError} a template file is wrong
 */
export async function loadConfiguration(file: string, tools: ConfigurationTools): Promise<LoadedConfiguration> {
  const text = await readFile(tools.files, "configuration", file);
  const config = loadAlertmanagerConfig(text, file);
  const templates = NotificationTemplates.parse(await readTemplates(config, tools.files), () => tools.clock.nowMs());
  const openReceiverTools = (): OpenedReceiverTools => {
    const opened: (() => Promise<void>)[] = [];
    const transportFor = (httpClient: HttpClientConfig): HttpTransport => {
      const { transport, close } = tools.openTransport(httpClient);
      opened.push(close);
      return transport;
    };
    const close = async (): Promise<void> => void (await Promise.all(opened.map((closeOne) => closeOne())));
    return { tools: { ...tools, renderer: templates, transportFor }, close };
  };
  const own = openReceiverTools();
  const integrations = buildReceivers(config.receivers, own.tools);
  return {
    config,
    integrations,
    file,
    shownText: hideSecrets(text),
    loadedMs: tools.clock.nowMs(),
    warnings: unsupportedParts(config),
    openReceiverTools,
    close: own.close,
  };
}

/** @throws {ConfigurationFileError} */
async function readFile(files: ConfigurationFiles, kind: "configuration" | "template", path: string): Promise<string> {
  try {
    return await files.read(path);
  } catch (error) {
    throw new ConfigurationFileError(kind, path, error);
  }
}

async function readTemplates(
  config: AlertmanagerConfig,
  files: ConfigurationFiles,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const found = [];
  for (const pattern of config.templates) {
    for (const path of await files.glob(pattern)) found.push({ path, text: await readFile(files, "template", path) });
  }
  return found;
}

function unsupportedParts(config: AlertmanagerConfig): readonly string[] {
  return config.receivers.flatMap((receiver) =>
    receiver.unsupported.map(
      ({ kind, position: { line } }) =>
        `Receiver ${JSON.stringify(receiver.name)}: ${kind} (line ${line}) is not supported here, its notifications will fail`,
    ),
  );
}
